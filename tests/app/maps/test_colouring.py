"""The colours of the maps in the window: what they are of, which points are grey, and that it can be undone."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.storage.kept_values import KeptValues
from tests.app.fakes import opened
from tests.app.looking import shown


@pytest.fixture
def window(explorer, opening):
    label = KeptValues("label", ("good", "bad"), (2, 1), np.array([0, 0, 1, -1], np.int32))
    ready = opened()
    opening.append(replace(ready, atlas=replace(ready.atlas, kept={"label": label})))
    explorer.open("demo")
    shown(explorer)
    return explorer


def grey(explorer) -> dict[str, list[bool] | None]:
    """Which points of each map are grey."""
    shown(explorer)
    found = {}
    for name, panel in explorer.maps.row.panels.items():
        points = panel.map.scene().points
        found[name] = None if points.dimmed is None else points.dimmed.tolist()
    return found


def test_a_span_of_the_scale_keeps_its_colour_on_every_map_and_is_undone(window):
    window.maps.controller.colour_span((2.0, 3.0))
    window.maps.controller.colour_span((1.5, 3.0))  # the hand goes on
    assert grey(window)["vae"] == grey(window)["autogen-m1"] == [True, False, False, True]
    assert window.window.toolbar.colours.scale.span == (1.5, 3.0)
    window.context.history.undo()
    assert grey(window)["vae"] is None
    window.context.history.redo()
    window.maps.controller.colour_span((-math.inf, 2.0))
    window.maps.controller.search("love")  # sentences 0 and 2
    window.maps.controller.hasten()
    assert grey(window)["vae"] == [False, True, True, True]
    window.maps.controller.colour_by("length")
    assert grey(window)["vae"] == [False, True, False, True]  # another scale, the whole of it


def test_the_colours_say_which_text_matches_and_an_entry_greys_the_others(window):
    controller = window.maps.controller
    controller.colour_by("search")
    assert grey(window)["vae"] is None
    assert not window.window.toolbar.legend.isVisible()
    assert window.window.toolbar.colours.note.text() == "nothing searched"
    controller.search("love | cat | you")
    controller.hasten()
    assert grey(window)["vae"] == [False, False, False, True]
    legend = window.window.toolbar.legend
    found = [("love", 2, 0), ("cat", 1, 1), ("you", 0, 2), ("not found", 1, -1)]  # a sentence counts once
    assert [(each.text, each.count, each.place) for each in legend.entries] == found
    points = window.maps.row.panels["vae"].map.scene().points
    assert points.categories
    assert points.t.tolist()[:3] == [0, 1, 0]
    assert np.isnan(points.t[3])
    legend.entry_chosen.emit("cat")
    assert grey(window)["vae"] == [True, False, True, True]
    assert [one.isChecked() for one in legend._buttons] == [False, True, False, False]
    legend.entry_chosen.emit("cat")
    assert grey(window)["vae"] == [False, False, False, True]
    legend.entry_chosen.emit("cat")
    controller.search("love | you")  # whose legend has no such entry
    controller.hasten()
    assert grey(window)["vae"] == [False, True, False, True]
    assert not any(one.isChecked() for one in legend._buttons)
    controller.search("you | cat")  # in another place
    controller.hasten()
    assert grey(window)["vae"] == [True, False, True, True]
    assert [one.isChecked() for one in legend._buttons] == [False, True, False]
    controller.search("")
    assert grey(window)["vae"] is None
    assert not legend.isVisible()


def test_an_entry_that_can_be_searched_for_is_and_missing_ones_keep_their_grey(window):
    window.maps.controller.colour_by_column("label")
    shown(window)
    window.window.toolbar.legend.chosen.emit("bad")
    window.maps.controller.hasten()
    assert window.maps.state.search == "label:bad"
    assert grey(window)["vae"] == [True, True, False, True]


def test_what_is_pointed_at_says_what_colours_it(window):
    colours = window.maps.colours
    assert colours.told(2, "vae") == "KL 3 nats"
    window.maps.controller.colour_by("length")
    assert colours.told(2, "vae") == "6 tokens"
    window.maps.controller.colour_by_column("label")
    assert colours.told(2, "vae") == ""  # it stands beside the sentence anyway
    assert colours.told(99, "vae") == ""


def test_the_variant_that_the_drift_is_from_is_asked_for(window):
    window.maps.controller.colour_by("drift")
    shown(window)
    chooser = window.window.toolbar.colours
    assert chooser.of.isVisible()
    assert chooser.of.currentData() == "vae"
    window.maps.controller.colour_of("autogen-m1")
    shown(window)
    assert chooser.of.currentData() == "autogen-m1"
    assert window.maps.row.panels["vae"].map.scene().points.t.tolist() == [0.0] * 4  # the fake maps are the same
    assert window.maps.row.panels["vae"]._meaning[0] == "drift of AutoGen m=1"  # a picture of this map says so
    window.context.history.undo()
    assert window.maps.colours.of == "vae"
