"""Regions as colours."""

from __future__ import annotations

import numpy as np

from app.maps.colours.by_region import coloured
from app.widgets.categories.colours import MOST
from engine.maps.telling.names import Named
from engine.maps.telling.regions import Found, Region


def test_the_largest_regions_have_a_colour_of_their_own_on_every_map():
    sizes = [5, *range(30, 30 - MOST - 1, -1)]
    regions = tuple(Region(at, 0, size, 1) for at, size in enumerate(sizes))
    of_point = np.concatenate([np.repeat(np.arange(len(sizes)), sizes), [-1, -1]]).astype(np.int32)
    found = Found(regions, np.stack([np.full(len(of_point), -1, np.int32), of_point]))
    names = tuple(Named(region, (f"w{at}", "x") if at != 2 else ()) for at, region in enumerate(regions))
    first, second = coloured(found, names, ("vae", "autogen-m1"))
    assert (first.variant, second.variant) == ("vae", "autogen-m1")
    assert first.entries == second.entries
    assert [each.text for each in first.entries[:2]] == ["w1, x", "region 2"]
    assert [each.count for each in first.entries] == [*sizes[1 : MOST + 1], sizes[MOST + 1] + 5, 2]
    assert first.entries[-2].text == "2 others"
    assert [each.place for each in first.entries] == [*range(MOST + 1), -1]
    for entry in first.entries[:-1]:
        assert (first.values == entry.place).sum() == entry.count
    assert np.isnan(first.values[-2:]).all()


def test_one_cloud_has_no_legend():
    (read,) = coloured(Found((), np.full((3, 4), -1, np.int32)), (), ("vae",))
    assert read.entries == ()
    assert np.isnan(read.values).all()
