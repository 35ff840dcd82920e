"""Beside the scale: how many sentences were measured, and measuring the rest."""

from __future__ import annotations

import pytest

from app.maps.given_back.tools import GivenBackTools, Measured


@pytest.fixture
def tools(qtbot):
    made = GivenBackTools()
    qtbot.addWidget(made)
    made.show_measured(Measured(1000, 10_066, offered=True))
    return made


def seen(tools: GivenBackTools) -> list[str]:
    parts = (tools.count, tools.measure, tools.progress, tools.cancel)
    return [part.text() or "x" for part in parts if part.isVisibleTo(tools)] if not tools.isHidden() else []


def test_it_is_offered_where_some_are_not_measured_and_shown_while_it_is_done(tools, qtbot):
    assert seen(tools) == ["1,000 of 10,066 sentences measured", "Measure the rest"]
    with qtbot.waitSignal(tools.wanted):
        tools.measure.click()
    tools.show_measured(Measured(1000, 10_066, True, running=True, fraction=0.34, said="VAE · about 3 min left"))
    assert seen(tools) == ["1,000 of 10,066 sentences measured", "measuring 34%", "x"]
    assert "about 3 min left" in tools.progress.toolTip()
    with qtbot.waitSignal(tools.cancelled):
        tools.cancel.click()
    tools.show_measured(Measured(0, 10_066, offered=True))
    assert seen(tools) == ["0 of 10,066 sentences measured", "Measure what comes back"]
    tools.show_measured(Measured(0, 10_066, offered=False))  # its models cannot be had
    assert seen(tools) == ["0 of 10,066 sentences measured"]
    tools.show_measured(Measured(10_066, 10_066, offered=True))
    assert seen(tools) == []
    tools.show_measured(Measured(running=True, fraction=0.5))  # something else colours the points meanwhile
    assert seen(tools) == ["measuring 50%", "x"]


def test_little_room_leaves_the_count_to_the_last(tools):
    tools.set_short(True)
    assert seen(tools) == ["1,000 of 10,066 measured", "Measure"]
    tools.set_short(True, tight=True)
    assert seen(tools) == ["10%", "Measure"]
    for part in (tools.count, tools.measure):
        assert "1,000 of 10,066 sentences measured" in part.toolTip()
    assert tools.measure.accessibleName() == "Measure the rest"
    tools.set_short(True, tight=True, bare=True)
    assert seen(tools) == ["Measure"]
    tools.show_measured(Measured(1000, 10_066, offered=False))
    assert seen(tools) == ["10%"]
    tools.show_measured(Measured(1000, 10_066, True, running=True, fraction=0.34))
    assert seen(tools) == ["34%", "x"]
