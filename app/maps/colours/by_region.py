"""The regions of one variant's map as the colours of all maps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from app.maps.colours.read import Read
from app.widgets.categories.colours import MOST, Entry

if TYPE_CHECKING:
    from engine.maps.telling.names import Named
    from engine.maps.telling.regions import Found

NONE = "none"
"""What the legend calls the sentences that are in no region."""


def coloured(found: Found, names: tuple[Named, ...], variants: tuple[str, ...]) -> Iterator[Read]:
    """The regions that are seen of a whole map as colours of all maps, the largest with one of their own each."""
    depth = min((region.depth for region in found.regions), default=0)
    of_point = found.of_point[depth]
    first = [at for at, region in enumerate(found.regions) if region.depth == depth]
    first.sort(key=lambda at: (-found.regions[at].count, at))
    values = np.full(len(of_point), np.nan, np.float32)
    entries = []
    own = MOST + (len(first) == MOST + 1)  # one other is no worse than "1 other"
    for place, at in enumerate(first):
        values[of_point == at] = min(place, MOST)
        if place < own:
            text = ", ".join(names[at].words) or f"region {place + 1}"
            entries.append(Entry(text, found.regions[at].count, place))
    if rest := sum(found.regions[at].count for at in first[own:]):
        entries.append(Entry(f"{len(first) - own:,} others", rest, MOST))
    missing = int(np.isnan(values).sum())
    if missing and entries:
        entries.append(Entry(NONE, missing, -1))
    for variant in variants:
        yield Read(variant, values, tuple(entries))
