"""A map on the screen."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from app.core import theme
from app.maps.view import MapView
from tests.app.maps.hand import POINTS


@pytest.fixture
def view(qtbot):
    """A shown map of six points, 400 by 400 pixels."""
    theme.apply(QApplication.instance(), "dark")
    widget = MapView()
    qtbot.addWidget(widget)
    widget.resize(400, 400)
    widget.set_points(POINTS)
    widget.show()
    qtbot.waitExposed(widget)
    return widget
