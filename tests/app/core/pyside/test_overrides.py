"""What is wrong in a method that Qt calls is told like any other error, and the process goes on."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtCore import QAbstractListModel, QModelIndex
from PySide6.QtWidgets import QWidget

from app.core.pyside.overrides import NEEDED
from app.evaluate.painting import NumbersModel
from engine.workspace import CHECKOUT

TOLD = """
import sys
import app
from PySide6.QtWidgets import QApplication, QWidget

class Broken(QWidget):
    def resizeEvent(self, event):
        {wrong}

application, widget = QApplication([]), Broken()
for width in (300, 400):
    try:
        widget.resize(width, 200)
        widget.show()
        application.processEvents()
    except Exception as error:
        print(type(error).__name__, str(error).split("(): ")[-1])
print("goes on")
"""


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("raise ValueError('too wide')", "ValueError too wide"),
        ("self.width().nothing", "AttributeError 'int' object has no attribute 'nothing'"),
    ],
)
def test_an_error_in_a_method_that_qt_calls_is_told_and_the_process_goes_on(wrong, told):
    program = [sys.executable, "-X", "faulthandler", "-c", TOLD.format(wrong=wrong)]
    ended = subprocess.run(program, cwd=CHECKOUT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert ended.stdout.splitlines()[0].startswith(told)
    assert ended.stdout.splitlines()[-1] == "goes on"


@pytest.mark.skipif(not NEEDED, reason="errors are whole in this Python")
def test_what_qt_calls_is_wrapped_and_nothing_else():
    class Below(QAbstractListModel):
        def __init__(self) -> None:
            super().__init__()

        def rowCount(self, parent=QModelIndex()) -> int:
            """As many as that."""
            return 7

        def own(self) -> int:
            return 8

    class Beside:
        def rowCount(self) -> int:
            return 9

    class Lower(Below, Beside):
        def rowCount(self, parent=QModelIndex()) -> int:
            return super().rowCount(parent) + 1

    assert (Lower().rowCount(), Below().own(), Below.rowCount.__doc__) == (8, 8, "As many as that.")
    wrapped = {name for name, each in vars(Below).items() if hasattr(each, "__wrapped__")}
    assert wrapped == {"rowCount"}
    assert not hasattr(Beside.rowCount, "__wrapped__")
    assert hasattr(NumbersModel.headerData, "__wrapped__")
    assert not hasattr(QWidget.show, "__wrapped__")
