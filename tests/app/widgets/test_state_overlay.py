"""A message in the middle of a panel is read whole, however low the panel is."""

from __future__ import annotations

import pytest

from app.fitting import misfits
from app.widgets.state_overlay import StateOverlay


@pytest.mark.parametrize("size", [(262, 120), (262, 400), (1060, 130), (1060, 600)])
@pytest.mark.parametrize("words", [2, 60])
def test_a_message_fits_or_scrolls(qtbot, qapp, size, words):
    overlay = StateOverlay()
    qtbot.addWidget(overlay)
    overlay.resize(*size)
    overlay.show_message("failed", "It failed. " * words, "Do this. " * words, None, "Try again")
    overlay.show()
    qapp.processEvents()
    assert misfits(overlay) == []
    bar = overlay._area.verticalScrollBar()
    assert overlay._area.widget().height() == overlay._area.viewport().height() + bar.maximum()
    assert (bar.maximum() > 0) == (words == 60 and size != (1060, 600))
