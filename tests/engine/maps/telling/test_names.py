"""Regions with their names, from a cache."""

from __future__ import annotations

import numpy as np

from engine.maps.telling import names
from engine.maps.telling.distinctive import WordCounts
from engine.maps.telling.names import Sample, named, sample
from engine.maps.telling.regions import Found, Region
from engine.storage.latent_cache import LatentCache


def test_many_sentences_are_read_in_runs_that_are_spread_evenly(tiny_workspace, monkeypatch):
    with LatentCache.open(tiny_workspace.cache("tiny")) as cache:
        *pauses, everything = sample(cache)
        assert pauses == [None] * len(pauses)
        assert everything.rows.tolist() == list(range(cache.n))
        monkeypatch.setattr(names, "READ", 12)
        monkeypatch.setattr(names, "_RUN", 4)
        *_, some = sample(cache)
    assert len(some.rows) <= 12
    assert some.rows[:4].tolist() == [0, 1, 2, 3]
    assert some.rows.max() >= cache.n - 4
    assert set(some.counts.words) <= set(everything.counts.words)


def test_a_region_is_compared_with_the_rest_of_what_it_is_a_part_of():
    texts = [f"{first} {second} thing" for first in ("red", "blue") for second in ("old", "new") for _ in range(150)]
    known = Sample(np.arange(600), WordCounts(texts))
    regions = (
        Region(0, 0, 300, 0), Region(9, 0, 300, 0), Region(0, 0, 150, 1, 0), Region(0, 1, 150, 1, 0),
    )  # fmt: skip
    coarse = np.repeat([0, 1], 300).astype(np.int32)
    fine = np.concatenate([np.repeat([2, 3], 150), np.ones(300)]).astype(np.int32)
    found = [each.words for each in named(Found(regions, np.stack([coarse, fine])), known)]
    assert found == [("red",), ("blue",), ("old",), ("new",)]


def test_what_is_the_rule_has_no_name():
    texts = ["red thing"] * 500 + ["blue thing"] * 100
    of_point = np.repeat([0, 1], (500, 100)).astype(np.int32)[None]
    found = named(
        Found((Region(0, 0, 500, 0), Region(9, 0, 100, 0)), of_point), Sample(np.arange(600), WordCounts(texts))
    )
    assert [each.words for each in found] == [(), ("blue",)]
