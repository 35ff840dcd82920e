"""What a view shows, derived from state and atlas by pure functions. No Qt, nothing remembered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from app.atlas import Atlas, VariantNumbers
from app.state import ColourBy, Column, Decoded, ExplorerState, GatheredRow, Reading, Series

COLOUR_LABELS: Mapping[ColourBy, str] = {"KL": "KL, nats", "nll": "nll, nats", "length": "words"}

AXES = (
    "Each point is one test sentence, the same in all maps. Near points have a similar z.\n"
    "The axes mean nothing by themselves: this is a flat drawing of a space with more directions."
)

_KL = "Mean KL in nats per test sentence: how much z tells about a sentence. 0 is nothing."
_AU = "Active units: dimensions of z in use. Their mean μ has a variance above 0.01 over the test sentences."
_NLL = "Mean of -log p(x|z) in nats per test sentence, end of sentence counted, with one z ~ q(z|x)."

Mark = tuple[str, tuple[float, float]]


def colour_values(atlas: Atlas, variant: str, by: ColourBy) -> NDArray[np.float32]:
    """The value (n,) that colours each sentence on a variant's map."""
    if by == "length":
        return atlas.words.astype(np.float32)
    numbers = atlas.numbers[variant]
    return numbers.kl if by == "KL" else numbers.nll


def map_numbers(numbers: VariantNumbers | None, latent: int) -> list[tuple[str, str, str]]:
    """Name, value and explanation of the numbers in the head of a map."""
    if numbers is None:
        return []
    return [
        ("KL", f"{numbers.mean_kl:.1f}", _KL),
        ("AU", f"{numbers.active_units}/{latent}", _AU),
        ("nll", f"{numbers.mean_nll:.1f}", _NLL),
    ]


def marks(state: ExplorerState, atlas: Atlas, variant: str) -> list[Mark]:
    """The marked places of a map, those that the open tab speaks of: "typed", or A and B."""
    if state.tab == "Reconstruct":
        spot = state.reconstructed.spots.get(variant)
        return [("typed", spot)] if spot is not None else []
    if state.tab != "Interpolate":
        return []
    result: list[Mark] = []
    path = state.path.paths.get(variant, ())
    coords = atlas.numbers[variant].coords if variant in atlas.numbers else None
    for label, end, spots in (("A", state.a, path[:1]), ("B", state.b, path[-1:])):
        if end.index >= 0 and coords is not None:
            result.append((label, (float(coords[end.index, 0]), float(coords[end.index, 1]))))
        elif end.text and spots:
            result.append((label, spots[0]))
    return result


def numbers_line(reading: Reading) -> str:
    """The numbers under a decoded sentence and how it was made."""
    parts = [f"log p(x|z) {signed(reading.log_probability)}"]
    if reading.kl is not None:
        parts.append(f"KL {reading.kl:.1f}")
    return "  ·  ".join([*parts, reading.how])


def signed(value: float) -> str:
    """A number with one decimal and a proper minus sign."""
    return f"{value:.1f}".replace("-", "−")


def repeats(readings: Sequence[Reading]) -> list[bool]:
    """For each step of an interpolation, whether it says the same as the step before."""
    return [i > 0 and readings[i].words == readings[i - 1].words for i in range(len(readings))]


def duplicates(readings: Sequence[Reading]) -> list[int]:
    """For each sample, how often its sentence occurs in the column."""
    counts = Counter(reading.words for reading in readings)
    return [counts[reading.words] for reading in readings]


def distinct_note(readings: Sequence[Reading]) -> str:
    """How varied a column of sentences is, in words."""
    return f"{len({reading.words for reading in readings})} of {len(readings)} different"


def decoded_row(source: str, decoded: Decoded) -> GatheredRow | None:
    """A decoded sentence as a row of the table; None while no variant has answered."""
    if not decoded.readings:
        return None
    how = _common_how(decoded.readings.values())
    return GatheredRow(source, {name: r.text for name, r in decoded.readings.items()}, how, decoded.words)


def series_rows(series: Series, label: str, first: int = 0) -> tuple[GatheredRow, ...]:
    """The rows of a series, one for each step or sample; "{}" in `label` is its number, from `first`."""
    length = max((len(readings) for readings in series.readings.values()), default=0)
    return tuple(
        GatheredRow(
            label.replace("{}", str(i + first)),
            {name: readings[i].text for name, readings in series.readings.items() if i < len(readings)},
            series.how,
        )
        for i in range(length)
    )


def table_cells(columns: Sequence[Column], rows: Sequence[GatheredRow]) -> tuple[list[str], list[list[str]]]:
    """The gathered rows as the header and cells of a table: the input, a column a variant, how made."""
    present = [c for c in columns if any(c.name in row.sentences for row in rows)]
    header = ["Input", *(column.label for column in present), "How"]
    return header, [[row.source, *(row.sentences.get(c.name, "") for c in present), row.how] for row in rows]


def time_left(fraction: float | None, seconds: float) -> str:
    """How long a stage still takes, in words; "" while that is a guess.

    Args:
        fraction: share done, 0 to 1.
        seconds: since the stage began.
    """
    if not fraction or fraction < 0.02 or seconds < 1:
        return ""
    left = seconds * (1 - fraction) / fraction
    if left < 10:
        return "a few seconds left"
    if left < 90:
        return f"about {round(left / 5) * 5} s left"
    return f"about {round(left / 60)} min left"


def _common_how(readings: object) -> str:
    return "; ".join(dict.fromkeys(reading.how for reading in cast("Sequence[Reading]", readings)))
