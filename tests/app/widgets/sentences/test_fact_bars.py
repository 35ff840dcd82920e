"""Bars of a few numbers: how much of one is filled."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage

from app.core import theme
from app.core.values import Fact
from app.widgets.sentences.fact_bars import ROW, FactBars

COLOUR, WIDTH = "#ff0000", 400


def filled(share: float, qtbot, qapp) -> int:
    """Pixels along a bar that have the variant's colour."""
    theme.apply(qapp, "dark")
    bars = FactBars()
    qtbot.addWidget(bars)
    bars.set_colour(COLOUR)
    bars.set_limit(1)
    bars.show_facts([Fact("name", "value", share, "meaning")])
    bars.resize(WIDTH, ROW)
    image = bars.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    wanted = QColor(theme.current().readable(COLOUR)).rgb()
    return sum(image.pixelColor(x, image.height() // 2).rgb() == wanted for x in range(image.width()))


def test_a_bar_of_nothing_is_empty_and_a_little_is_seen(qtbot, qapp):
    whole = filled(1.0, qtbot, qapp)
    assert filled(0.0, qtbot, qapp) == 0
    assert 0 < filled(0.001, qtbot, qapp) < 0.05 * whole
    assert filled(0.5, qtbot, qapp) == pytest.approx(0.5 * whole, abs=4)
