"""Decoded points are said to be off, or near, on every map."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from app.core.values import Made, OnMaps
from app.maps.honesty import farness
from app.maps.honesty.farness import Spacings
from engine.maps.telling.off_manifold import Spacing
from tests.app.latents import tiny_context
from tests.app.looking import shown


@pytest.fixture
def window(explorer, monkeypatch):
    """The window, where a point is as far off as its first number says."""
    asked: list[dict[str, tuple[Made, ...]]] = []

    def shares(opened, points, spacings):
        asked.append(points)
        for name, made in points.items():
            yield name, tuple(each.z[0] for each in made)

    monkeypatch.setattr(farness, "_shares", shares)
    explorer.open("demo")
    shown(explorer)
    explorer.asked = asked
    return explorer


def said(window) -> dict[str, str]:
    shown(window)
    return {name: panel.farness.text for name, panel in window.maps.row.panels.items()}


def test_the_step_in_view_is_told_of_and_nothing_once_it_is_gone(window):
    steps = tuple(Made("this step", (share, 0.0)) for share in (0.2, 0.99))
    window.state.on_maps = OnMaps(made={"vae": steps}, by_step=True)
    window.state.way_step = 1
    assert said(window)["vae"].startswith("this step: further from its nearest sentence than 99")
    assert said(window)["autogen-m1"] == ""
    window.state.way_step = 0
    assert said(window)["vae"].startswith("this step: nearer to a sentence")
    assert len(window.asked) == 1  # all steps at once
    window.state.on_maps = OnMaps()
    assert said(window)["vae"] == ""


def test_samples_are_told_of_together(window):
    window.state.on_maps = OnMaps(made={"vae": tuple(Made("samples", (share,), True) for share in (1.0, 1.0, 0.3))})
    assert said(window)["vae"].startswith("2 of 3 samples further")


def test_nothing_is_said_where_z_carries_nothing(window):
    atlas = window.context.atlas
    numbers = {**atlas.numbers, "vae": replace(atlas.numbers["vae"], carrying_units=0)}
    window.context.atlas = replace(atlas, numbers=numbers)
    both = {name: (Made("moved", (0.7,)),) for name in numbers}
    window.state.on_maps = OnMaps(made=both)
    found = said(window)
    assert found["vae"] == ""
    assert found["autogen-m1"].startswith("moved: further")


def test_the_sentences_under_the_pointer_are_counted(window):
    panel = window.maps.row.panels["vae"]
    panel.map._look_at(panel.map.position_of(2))
    assert panel.density.text == "1 sentence here"
    panel.map._look_at(QPointF(panel.map.width() / 2, panel.map.height() / 2))
    assert panel.density.text == "no sentence here"
    panel.map._leave()
    assert panel.density.text == ""


def test_shares_are_the_engines(qapp, tiny_workspace):
    with tiny_context(tiny_workspace, "") as context:
        atlas = context.atlas
        z = np.random.default_rng(0).normal(size=(3, atlas.latent))
        opened = type("Opened", (), {"atlas": atlas})
        for drawn in (False, True):
            made = {"vae": tuple(Made("some", tuple(row), drawn) for row in z.tolist())}
            ((name, shares),) = farness._shares(opened, made, Spacings())
            assert name == "vae"
            assert shares == pytest.approx(Spacing(atlas.cache, "vae").of(z, drawn).shares.tolist())


def test_distances_go_with_the_maps_that_they_are_of(qapp, mapped):
    with tiny_context(mapped, "") as context:
        spacings, atlas = Spacings(), replace(context.atlas)
        assert spacings.of(atlas, "vae") is spacings.of(atlas, "vae")
        left = weakref.ref(atlas)
        del atlas
        gc.collect()
        assert left() is None
        assert len(spacings._kept) == 0
