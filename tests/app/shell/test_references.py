"""A long session must not use up the references of None, True and False, which can die on Python 3.11.

PySide6 6.12.0 takes one with every call that returns nothing, some hundreds an action (see `findings/`), until the
interpreter ends the program; `requirements.txt` names the versions that do not.
"""

from __future__ import annotations

import gc
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.app.looking import shown

ACTIONS = 1000
_TABS = "Reconstruct", "Interpolate", "Prior samples", "Table"


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="the constants cannot die, and nobody counts")
def test_a_thousand_actions_lose_no_references_of_the_constants(explorer):
    explorer.open("demo")
    shown(explorer)
    window = explorer.window
    maps = [window.maps.panels[name].map for name in ("vae", "autogen-m1")]

    def act(number: int) -> None:
        point = maps[number % 2]
        place = point.position_of(number % 3).toPoint()
        QTest.mouseMove(point, place)
        if number % 3 == 0:
            QTest.mouseClick(point, Qt.MouseButton.LeftButton, pos=place)
        elif number % 3 == 1:
            explorer.state.tab = _TABS[number // 3 % len(_TABS)]
        else:
            QTest.keyClicks(window.toolbar.search, "a" if number % 2 else "\b")
        shown(explorer)

    def held() -> list[int]:
        gc.collect()
        return [sys.getrefcount(constant) for constant in (None, True, False)]

    for number in range(60):  # every tab is made
        act(number)
    before = held()
    for number in range(ACTIONS):
        act(number)
    lost = [was - now for was, now in zip(before, held(), strict=True)]
    assert max(lost) < ACTIONS, f"references of None, True and False lost by {ACTIONS} actions: {lost}"
