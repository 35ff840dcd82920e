"""The panel around a map: its numbers, its states, and the legend of the colours."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QProgressBar, QPushButton

from app.core import theme
from app.maps.panel import MapPanel
from app.widgets.colour_scale import ColourScale, ramp


@pytest.fixture
def panel(qtbot):
    """A shown panel of one variant."""
    theme.apply(QApplication.instance(), "dark")
    widget = MapPanel()
    qtbot.addWidget(widget)
    widget.resize(300, 400)
    widget.set_variant("autogen-m1", "AutoGen m=1", "#1BB58A")
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def shown_texts(panel: MapPanel) -> set[str]:
    return {label.text() for label in panel.findChildren(QLabel) if label.isVisible() and label.text()}


def shown_buttons(panel: MapPanel) -> list[QPushButton]:
    return [button for button in panel.findChildren(QPushButton) if button.isVisible()]


def test_the_numbers_say_how_they_were_computed_and_are_replaced_whole(panel):
    panel.set_numbers([("KL", "11.2 nats", "Mean over 7,012 test sentences."), ("Active units", "21/32", "Var > 0.01")])
    assert {"AutoGen m=1", "KL", "11.2 nats", "Active units", "21/32"} <= shown_texts(panel)
    tooltips = {label.parentWidget().toolTip() for label in panel.findChildren(QLabel) if label.text() == "11.2 nats"}
    assert tooltips == {"Mean over 7,012 test sentences."}
    panel.set_numbers([("KL", "4.2 nats", "")])
    assert "11.2 nats" not in shown_texts(panel)


def test_loading_shows_its_progress(panel):
    panel.set_state("loading", "Computing the map", "Neighbours, step 2 of 4", 0.25)
    (bar,) = (b for b in panel.findChildren(QProgressBar) if b.isVisible())
    assert bar.value() / bar.maximum() == pytest.approx(0.25)
    assert {"Computing the map", "Neighbours, step 2 of 4"} <= shown_texts(panel)
    panel.set_state("loading", "Computing the map")
    assert (bar.minimum(), bar.maximum()) == (0, 0)


@pytest.mark.parametrize("state", ["empty", "failed", "stale"])
def test_a_state_tells_its_name_when_its_button_is_pressed(qtbot, panel, state):
    panel.set_state(state, "Something to know", "A next step", action="Do it")
    (button,) = shown_buttons(panel)
    with qtbot.waitSignal(panel.action_requested) as said:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert said.args == [state]


def test_no_button_is_shown_without_an_action(panel):
    panel.set_state("failed", "The file is cut off", "Encode again")
    assert shown_buttons(panel) == []


def test_the_map_can_be_used_when_ready_or_stale_and_not_below_a_message(panel):
    expected = {"loading": False, "empty": False, "failed": False, "stale": True, "ready": True}
    for state, usable in expected.items():
        panel.set_state(state, "Words")
        assert panel.map.isEnabled() == usable
        assert ("Words" in shown_texts(panel)) == (state != "ready")


def test_every_state_can_be_painted_in_both_themes(panel):
    for mode in ("light", "dark"):
        theme.apply(QApplication.instance(), mode)
        for state in ("loading", "empty", "failed", "stale", "ready"):
            panel.set_state(state, "Words", "Hint", 0.5, "Act")
            assert not panel.grab().isNull()


def test_a_panel_can_be_as_narrow_as_a_quarter_of_a_small_window(panel):
    panel.set_variant("long", "A variant with quite a long name", "#1BB58A")
    panel.set_numbers([(f"Number {i}", "1,234,567 nats", "") for i in range(4)])
    panel.set_state("failed", "A long explanation of what went wrong with this map", "And a long hint", action="Renew")
    assert panel.minimumSizeHint().width() <= 250


def test_the_legend_shows_ends_with_as_many_figures_as_the_scale_needs(qtbot):
    scale = ColourScale()
    qtbot.addWidget(scale)
    assert not scale.isVisibleTo(None)
    scale.set_scale("KL, nats", -0.5, 24.25)
    assert scale.texts() == ("KL, nats", "\N{MINUS SIGN}0", "24")
    scale.set_scale("KL, nats", 0.0, 1.5)
    assert scale.texts()[1:] == ("0.00", "1.50")
    assert not scale.grab().isNull()
    scale.set_density()
    assert scale.texts()[1:] == ("few", "many")
    scale.clear()
    assert not scale.isVisibleTo(None)


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_the_ramp_grows_steadily_brighter_and_stays_off_the_background(mode):
    table = ramp(mode)
    assert table.shape == (256, 3)
    names = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in table.tolist()]
    against_black = [theme.contrast(name, "#000000") for name in names]
    assert all(later >= earlier for earlier, later in zip(against_black[::8], against_black[8::8], strict=False))
    background = (theme.DARK if mode == "dark" else theme.LIGHT).map
    assert min(theme.contrast(name, background) for name in names) > 1.4
