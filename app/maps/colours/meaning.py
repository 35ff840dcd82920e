"""What the colours of the points mean, derived from the atlas by pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from app.maps.colours.kinds import BY_NAME
from app.maps.state import Span
from app.run.atlas import Atlas, ColourBy
from app.widgets.categories.colours import MOST, Entry, title
from engine.storage.column_conditions import MISSING, is_missing
from engine.storage.kept_values import KeptValues

_RANGES: WeakKeyDictionary[KeptValues, tuple[float, float]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Colouring:
    """What the colours mean: a name with the ends of a scale, or with the entries of a legend.

    `kept` is the column that they are of, None for a number of the models; `by` is such a number's name. Where nothing
    is `known`, the name says why.
    """

    label: str = ""
    low: float = 0.0
    high: float = 1.0
    entries: tuple[Entry, ...] = ()
    kept: KeptValues | None = None
    by: ColourBy = "KL"
    known: bool = True

    def places(self, called: Sequence[str]) -> tuple[int, ...]:
        """The places in the palette of the entries that are called so, of those that the legend has."""
        return tuple(entry.place for entry in self.entries if entry.text in called)


def colouring(atlas: Atlas | None, by: ColourBy, column: str) -> Colouring:
    """What the colours mean. A column that the open maps do not have gives way to `by`.

    What is not kept in the atlas has no scale yet: that is known where its values are (`app.maps.colours.showing`).
    """
    if atlas is None:
        return Colouring(by=by)
    kept = atlas.kept.get(column)
    if kept is None:
        return Colouring(BY_NAME[by].label, *atlas.ranges.get(by, (0.0, 0.0)), by=by)
    return Colouring(title(kept.name), *column_range(kept), legend(kept), kept, by)


def colour_values(atlas: Atlas, variant: str, by: ColourBy) -> NDArray[np.float32]:
    """The value (n,) that colours each sentence on a variant's map."""
    if by == "length":
        return atlas.words.astype(np.float32)
    return atlas.numbers[variant].kl if by == "KL" else atlas.nll(variant)


def kept_coloured(
    values: NDArray[np.float32], meant: Colouring, span: Span, entries: tuple[int, ...]
) -> NDArray[np.bool_] | None:
    """Which sentences (n,) keep their colour: those of some entries of the legend, or within a span of the scale.

    None where that is all of them: a legend has no span, and a scale no entries.
    """
    if meant.entries:
        return np.isin(np.where(np.isnan(values), -1, values).astype(np.int64), entries) if entries else None
    return (values >= span[0]) & (values <= span[1]) if span is not None else None


def column_values(kept: KeptValues) -> NDArray[np.float32]:
    """What colours each sentence (n,) by a column: a number, or a category's place in the palette; NaN: missing."""
    if kept.codes is None:
        return kept.numbers.astype(np.float32) if kept.numbers is not None else np.zeros(0, np.float32)
    values = np.minimum(kept.codes, MOST).astype(np.float32)
    values[kept.codes < 0] = np.nan
    return values


def column_range(kept: KeptValues) -> tuple[float, float]:
    """The ends of the scale of a column of numbers: their 2nd and 98th percentile, or all where these are the same.

    Kept as long as the column, as they are asked for at every turn.
    """
    if kept not in _RANGES:
        _RANGES[kept] = _column_range(kept)
    return _RANGES[kept]


def _column_range(kept: KeptValues) -> tuple[float, float]:
    there = kept.numbers[~np.isnan(kept.numbers)] if kept.numbers is not None else np.zeros(0)
    if not len(there):
        return 0.0, 1.0
    low, high = (float(end) for end in np.percentile(there, (2, 98)))
    return (low, high) if low < high else (float(there.min()), float(there.max()))


def legend(kept: KeptValues) -> tuple[Entry, ...]:
    """The legend of a column of categories: the most common, the rest as one, and how many have none."""
    if kept.codes is None:
        return ()
    own = MOST + (len(kept.values) == MOST + 1)  # one other is no worse than "1 other"
    entries = [Entry(value, kept.counts[at], at, value) for at, value in enumerate(kept.values[:own])]
    rest = sum(kept.counts[own:])
    if rest:
        entries.append(Entry(f"{len(kept.values) - own:,} others", rest, MOST))
    missing = len(kept.codes) - sum(kept.counts)
    if missing:
        found_by = MISSING if is_missing(MISSING, kept.values) else None
        entries.append(Entry(MISSING, missing, -1, found_by))
    return tuple(entries)
