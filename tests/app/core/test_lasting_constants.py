"""A long session must not use up the references of None (see app/core/lasting_constants.py)."""

from __future__ import annotations

import subprocess
import sys

from engine.workspace import CHECKOUT

_PROGRAM = """
import app
from PySide6.QtCore import QObject, Signal

class Sender(QObject):
    sent = Signal()

sender = Sender()
sender.sent.connect(lambda: None)
for _ in range(100_000):
    sender.setObjectName("x")
    sender.sent.emit()
print("alive")
"""


def test_a_hundred_thousand_calls_of_qt_do_not_end_the_program():
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, cwd=CHECKOUT, timeout=60, check=False
    )
    assert (done.stdout, done.returncode) == ("alive\n", 0), done.stderr
