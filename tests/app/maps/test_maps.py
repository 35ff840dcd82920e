"""The maps put together in the window: the names of regions come and go, and are never on a collapsed map."""

from __future__ import annotations

import pytest

from app.core.values import Finding
from app.maps.regions import naming
from app.maps.regions.labels import RegionLabel
from tests.app.looking import shown


@pytest.fixture
def named(explorer, monkeypatch):
    """The window on a run whose maps have one region each."""

    def names(opened, finder, variants):
        for variant in variants:
            yield variant, (RegionLabel(("dog", variant), 0.5, 0.5, 3),)

    monkeypatch.setattr(naming, "_names", names)
    explorer.open("demo")
    shown(explorer)
    return explorer


def on_maps(explorer) -> dict[str, tuple[str, ...]]:
    """The first name on each map."""
    shown(explorer)
    beneath = {name: panel.map.scene().beneath for name, panel in explorer.maps.row.panels.items()}
    return {name: each.names.labels[0].words for name, each in beneath.items() if each.names is not None}


def test_names_are_on_the_maps_while_they_are_wanted_which_is_undone(named):
    assert on_maps(named) == {}
    named.window.toolbar._names.click()
    assert on_maps(named) == {"vae": ("dog", "vae"), "autogen-m1": ("dog", "autogen-m1")}
    named.context.history.undo()
    assert on_maps(named) == {}
    assert not named.window.toolbar._names.isChecked()
    named.context.history.redo()
    assert len(on_maps(named)) == 2


def test_a_collapsed_map_has_no_names_and_is_no_legend_for_the_others(named):
    named.maps.controller.show_names(True)
    named.state.findings = {"vae": Finding("collapsed", "Collapsed", "z is ignored", "")}
    assert set(on_maps(named)) == {"autogen-m1"}
    named.maps.controller.colour_by("region")
    shown(named)
    assert named.window.toolbar.colours.note.text() == "collapsed, no regions"
    named.maps.controller.colour_of("autogen-m1")
    shown(named)
    assert named.window.toolbar.colours.note.text() == "one cloud, no regions"  # four sentences are none


def test_the_names_are_painted_between_the_points_and_the_marks(named):
    named.maps.controller.show_names(True)
    shown(named)
    view = named.maps.row.panels["vae"].map
    before = view.grab().toImage()
    view.set_beneath(names=None)
    assert view.grab().toImage() != before
