"""The entry itself: Ctrl-C ends it without a traceback, whatever it was importing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from engine.errors import INTERRUPTED
from engine.workspace import CHECKOUT

INTERRUPTED_AT = """
import runpy, sys

class CtrlC:
    def find_spec(self, name, path=None, target=None):
        if name == at:
            raise KeyboardInterrupt

at, *arguments = sys.argv[1:]
sys.meta_path.insert(0, CtrlC())
sys.argv = ["main.py", *arguments]
runpy.run_path("main.py", run_name="__main__")
"""


@pytest.mark.parametrize(
    ("at", "arguments"),
    [
        ("argparse", ("--workspace", "nowhere")),
        ("engine.errors", ("doctor",)),
        ("engine.display", ("--workspace", "nowhere")),
        ("engine.cli.app", ("doctor",)),
        ("engine.doctor", ("doctor",)),
    ],
)
def test_ctrl_c_while_something_is_imported_is_told(at: str, arguments: tuple[str, ...]) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_AT, at, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=CHECKOUT,
        stdin=subprocess.DEVNULL,
    )
    assert ended.stderr.strip().endswith("Interrupted; what was published before is intact.")
    assert "Traceback" not in ended.stderr
    assert ended.returncode == INTERRUPTED
