"""Contours in the window: they come and go with their switch, and are of the maps that are shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.core.values import Finding
from app.run.atlas import Opened
from tests.app.fakes import COLUMNS, fake_atlas, opened
from tests.app.looking import shown

N = 3000


def many(seed: int = 0) -> Opened:
    """What opening a run of many sentences brings, whose first model has one cloud and the second two."""
    random = np.random.default_rng(seed)
    atlas = fake_atlas()
    kl = np.linspace(1, 9, N, dtype=np.float32)
    numbers = {}
    for at, column in enumerate(COLUMNS):
        coords = random.normal(size=(N, 2)).astype(np.float32)
        coords[: at * N // 2] += 12
        places = replace(atlas.numbers[column.name].places, coords=coords)
        numbers[column.name] = replace(atlas.numbers[column.name], coords=coords, kl=kl, nll=kl, places=places)
    return replace(opened(), atlas=replace(atlas, n=N, words=np.full(N, 5, np.int16), numbers=numbers))


@pytest.fixture
def window(explorer, opening):
    opening[-1] = many()
    explorer.open("demo")
    shown(explorer)
    return explorer


def lines_on_maps(explorer) -> dict[str, int]:
    """How many lines there are around half of the sentences, on each map with contours."""
    shown(explorer)
    layers = {name: panel.map.scene().beneath.contours for name, panel in explorer.maps.row.panels.items()}
    return {name: len(each.by_depth[0][0].lines) for name, each in layers.items() if each is not None}


def test_contours_are_on_the_maps_while_they_are_wanted_which_is_undone(window):
    assert lines_on_maps(window) == {}
    window.window.toolbar._contours.click()
    there = lines_on_maps(window)
    assert there["vae"] == 1
    assert there["autogen-m1"] >= 2
    assert "lines: the densest places" in " ".join(window.window.maps.figure().facts)
    window.context.history.undo()
    assert lines_on_maps(window) == {}
    assert not window.window.toolbar._contours.isChecked()
    window.context.history.redo()
    assert lines_on_maps(window) == there


def test_they_are_painted_and_follow_a_drag_without_being_found_anew(window, qtbot):
    window.maps.controller.show_contours(True)
    shown(window)
    view = window.maps.row.panels["vae"].map
    painter = view.beneath.contours
    before = view.grab().toImage()
    view.set_beneath(contours=None)
    bare = view.grab().toImage()
    assert bare != before
    view.set_beneath(contours=painter)
    view._pan(30, 20)
    shown(window)
    assert view.beneath.contours is painter


def test_a_collapsed_map_has_none_nor_has_one_of_few_sentences(window, opening):
    window.maps.controller.show_contours(True)
    window.state.findings = {"vae": Finding("collapsed", "Collapsed", "z is ignored", "")}
    assert set(lines_on_maps(window)) == {"autogen-m1"}
    window.state.findings = {}
    assert set(lines_on_maps(window)) == {"vae", "autogen-m1"}
    opening.append(opened())
    window.open("few")
    assert lines_on_maps(window) == {}
    assert window.window.toolbar._contours.isChecked()


def test_hidden_maps_wait_until_they_are_shown_and_other_maps_have_others(window, opening):
    window.maps.controller.show_variant("vae", False)
    window.maps.controller.show_contours(True)
    assert set(lines_on_maps(window)) == {"autogen-m1"}
    window.maps.controller.show_variant("vae", True)
    assert lines_on_maps(window)["vae"] == 1
    before = window.maps.row.panels["vae"].map.beneath.contours
    opening.append(many(seed=5))
    window.open("demo")
    assert set(lines_on_maps(window)) == {"vae", "autogen-m1"}
    assert window.maps.row.panels["vae"].map.beneath.contours is not before


def test_what_was_found_of_maps_that_are_gone_is_not_kept_while_nothing_of_it_is_wanted(window, opening):
    maps = window.maps
    parts = {maps.contouring: window.window.toolbar._contours, maps.naming: window.window.toolbar._names}
    for part, switch in parts.items():
        switch.click()
        shown(window)
        assert part._found
        switch.click()
    opening[-1] = many(1)
    window.open("novel")
    shown(window)
    for part in parts:
        assert part._found == {}
        assert part._atlas is window.context.atlas
