"""Regions of a cache's maps, found once, and none of a model that has collapsed."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import numpy as np

from app.maps.regions.finding import RegionFinder
from tests.app.latents import tiny_context


def last(steps):
    found = None
    for step in steps:
        found = step if step is not None else found
    return found


def test_regions_are_found_once_and_none_of_a_collapsed_model(qapp, tiny_workspace, monkeypatch):
    with tiny_context(tiny_workspace, "") as context:
        n = context.atlas.n
        corners = np.array(((0, 0), (9, 0), (0, 9), (9, 9)), np.float32)
        coords = corners[np.arange(n) % 4] * 30 + np.random.default_rng(0).normal(size=(n, 2)).astype(np.float32)
        numbers = {
            name: replace(each, coords=np.tile(coords, (1, 1)), carrying_units=2 if name == "vae" else 0)
            for name, each in context.atlas.numbers.items()
        }
        atlas = replace(context.atlas, numbers=numbers)
        monkeypatch.setattr("engine.maps.telling.regions.LEAST", 5)
        finder = RegionFinder()
        found, names = last(finder.find(atlas, "vae"))
        assert len(found.regions) == len(names)
        assert found.of_point.shape[1] == n
        steps = list(finder.find(atlas, "vae"))
        assert steps == [(found, names)]  # without reading anything
        assert list(finder.find(atlas, "autogen-m1")) == []
        assert list(finder.find(atlas, "none")) == []


def test_what_was_begun_for_a_map_is_never_kept_for_another(qapp, tiny_workspace, monkeypatch):
    monkeypatch.setattr("engine.maps.telling.regions.LEAST", 5)
    with tiny_context(tiny_workspace, "") as context:
        n = context.atlas.n
        corners = np.array(((0, 0), (9, 0), (0, 9), (9, 9)), np.float32)
        coords = corners[np.arange(n) % 4] * 30 + np.random.default_rng(0).normal(size=(n, 2)).astype(np.float32)

        def on(places):
            every = context.atlas.numbers.items()
            return replace(
                context.atlas, numbers={name: replace(each, coords=places, carrying_units=2) for name, each in every}
            )

        first, second = on(coords), on(coords[::-1].copy())
        finder = RegionFinder()
        begun = finder.find(first, "vae")
        next(begun)
        found = last(finder.find(second, "vae"))
        assert np.array_equal(last(begun)[0].of_point, last(RegionFinder().find(first, "vae"))[0].of_point)
        assert last(finder.find(second, "vae")) is found
        left = weakref.ref(first)
        del begun, first
        gc.collect()
        assert left() is None, "an atlas is as large as its run"
        assert len(finder._kept) == 1
