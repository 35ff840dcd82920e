"""A closer look as it is on the screen."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from app.core import theme
from tests.app.fakes import COLUMNS


@pytest.fixture
def made(qtbot):
    def make(kind):
        theme.apply(QApplication.instance(), "dark")
        view = kind()
        qtbot.addWidget(view)
        if hasattr(view, "set_columns"):
            view.set_columns(COLUMNS)
        view.resize(900, 300)
        view.show()
        qtbot.waitExposed(view)
        return view

    return make
