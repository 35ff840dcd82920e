"""The colours of categories."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor

from app.core.theme import DARK, LIGHT, Theme
from app.widgets.categories.colours import MOST, colours


@pytest.mark.parametrize("now", [DARK, LIGHT], ids=lambda now: now.mode)
def test_no_category_is_black_or_grey_next_to_the_grey_of_all_others(now: Theme) -> None:
    *own, others = colours(now)
    assert len(set(own)) == MOST
    assert others == now.muted
    for colour in map(QColor, own):
        assert colour.hsvSaturationF() > 0.3, colour.name()
        assert colour.valueF() > 0.4, colour.name()
