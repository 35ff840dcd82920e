"""What is imported after Qt is not read as text, and what uses Qt works as before."""

from __future__ import annotations

import subprocess
import sys

from app.core.pyside.feature_check import skip_feature_check

_COUNTS = """
import linecache
{first}
import PySide6.QtWidgets
import mailbox, netrc, wave  # which nothing else here imports
print(sum(module.__file__ in linecache.cache for module in (mailbox, netrc, wave)))
"""


def counted(first: str) -> int:
    """Of three modules, how many are kept as text after they were imported, in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-c", _COUNTS.format(first=first)], capture_output=True, text=True, check=True
    )
    return int(run.stdout)


def test_sources_are_kept_without_the_window_and_not_with_it() -> None:
    assert counted("") == 3  # PySide6 does so; where it does not, this module is needed no more
    assert counted("import app") == 0


def test_this_pyside_is_one_that_is_known() -> None:
    assert skip_feature_check()
