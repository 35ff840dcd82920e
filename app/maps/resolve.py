"""What the maps show, derived from the atlas by pure functions. Nothing remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.run.atlas import Atlas, ColourBy, VariantNumbers
from app.run.kept import KeptValues
from app.widgets.categories.colours import MOST, Entry, title
from engine.storage.column_conditions import MISSING, is_missing

COLOUR_LABELS: Mapping[ColourBy, str] = {"KL": "KL, nats", "nll": "NLL, nats", "length": "tokens"}

AXES = (
    "Each point is one test sentence, the same in all maps. Near points have a similar z.\n"
    "The axes mean nothing by themselves: this is a flat drawing of a space with more directions."
)

_KL = "Mean KL in nats per test sentence: how much z tells about a sentence. 0 is nothing."
_AU = (
    "Active units: dimensions of z in use. Their mean μ has a variance above {active:g} over the test sentences.\n"
    "That does not say that they tell much: {carrying} of {latent} carry more than {nats:g} nats of KL each."
)
_NLL = "Mean of -log p(x|z) in nats per test sentence, end of sentence counted, with one z ~ q(z|x)."


@dataclass(frozen=True, slots=True)
class Colouring:
    """What the colours mean: a name with the ends of a scale, or with the entries of a legend.

    `kept` is the column that they are of, None for a number of the models; `by` is such a number's name.
    """

    label: str = ""
    low: float = 0.0
    high: float = 1.0
    entries: tuple[Entry, ...] = ()
    kept: KeptValues | None = None
    by: ColourBy = "KL"


def colouring(atlas: Atlas | None, by: ColourBy, column: str) -> Colouring:
    """What the colours mean. A column that the open maps do not have gives way to `by`."""
    if atlas is None:
        return Colouring(by=by)
    kept = atlas.kept.get(column)
    if kept is None:
        return Colouring(COLOUR_LABELS[by], *atlas.ranges[by], by=by)
    return Colouring(title(kept.name), *column_range(kept), legend(kept), kept, by)


def colour_values(atlas: Atlas, variant: str, by: ColourBy) -> NDArray[np.float32]:
    """The value (n,) that colours each sentence on a variant's map."""
    if by == "length":
        return atlas.words.astype(np.float32)
    numbers = atlas.numbers[variant]
    return numbers.kl if by == "KL" else numbers.nll


def column_values(kept: KeptValues) -> NDArray[np.float32]:
    """What colours each sentence (n,) by a column: a number, or a category's place in the palette; NaN: missing."""
    if kept.codes is None:
        return kept.numbers.astype(np.float32) if kept.numbers is not None else np.zeros(0, np.float32)
    values = np.minimum(kept.codes, MOST).astype(np.float32)
    values[kept.codes < 0] = np.nan
    return values


def column_range(kept: KeptValues) -> tuple[float, float]:
    """The ends of the scale of a column of numbers: their 2nd and 98th percentile, or all where these are the same."""
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


def map_numbers(numbers: VariantNumbers | None, latent: int) -> list[tuple[str, str, str]]:
    """Name, value and explanation of the numbers in the head of a map."""
    if numbers is None:
        return []
    from engine.storage.latent_cache import ACTIVE_UNIT_THRESHOLD, CARRYING_KL  # brings h5py, the first paint does not

    units = _AU.format(active=ACTIVE_UNIT_THRESHOLD, carrying=numbers.carrying_units, latent=latent, nats=CARRYING_KL)
    return [
        ("KL", f"{numbers.mean_kl:.1f}", _KL),
        ("AU", f"{numbers.active_units}/{latent}", units),
        ("NLL", f"{numbers.mean_nll:.1f}", _NLL),
    ]
