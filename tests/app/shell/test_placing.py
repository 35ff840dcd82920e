"""Where the window opens."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect

from app.shell import placing


@pytest.mark.parametrize(
    "free",
    [
        pytest.param(QRect(0, 0, 1100, 640), id="small"),
        pytest.param(QRect(0, 0, 1280, 720), id="large letters"),
        pytest.param(QRect(0, 48, 1440, 852), id="task bar at the top"),
        pytest.param(QRect(64, 0, 1376, 900), id="task bar at the left"),
        pytest.param(QRect(1920, 200, 2560, 1440), id="at the right of another"),
    ],
)
def test_the_window_opens_with_its_frame_on_what_is_free_of_the_screen(free):
    inner = placing.opened(free)
    sides, title = placing.FRAME.width() // 2, placing.FRAME.height() - placing.FRAME.width() // 2
    assert free.contains(inner.adjusted(-sides, -title, sides, sides))
    assert inner.width() == min(1440, free.width() - placing.FRAME.width())
    assert inner.height() == min(900, free.height() - placing.FRAME.height())
