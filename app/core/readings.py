"""What a view shows, derived from state and atlas by pure functions. No Qt, nothing remembered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from app.bench.interpolate import way as walk
from app.core.picks import NOTHING, Pick
from app.core.state import ColourBy, Column, Decoded, ExplorerState, Fact, GatheredRow, Memory, Near, Reading, Series
from app.run.atlas import Atlas, VariantNumbers

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
    """The marked places of a map, those that the open tab speaks of: "typed" or "sent", or the stops A to B."""
    if state.tab == "Reconstruct":
        spot = state.reconstructed.spots.get(variant)
        return [("sent" if state.point.is_point else "typed", spot)] if spot is not None else []
    if state.tab != "Interpolate":
        return []
    result: list[Mark] = []
    path = state.path.paths.get(variant, ())
    coords = atlas.numbers[variant].coords if variant in atlas.numbers else None
    given = [(name, stop) for name, stop in zip(walk.names(state.stops()), state.stops(), strict=True) if name]
    for i, (name, stop) in enumerate(given):
        at = len(path) - 1 if name == "B" else i * state.path.steps
        if stop.index >= 0 and coords is not None:
            result.append((name, (float(coords[stop.index, 0]), float(coords[stop.index, 1]))))
        elif stop != NOTHING and 0 <= at < len(path):
            result.append((name, path[at]))
    return result


def sentence_pick(reading: Reading) -> Pick | None:
    """A decoded sentence as it can be sent on; None if it has no words."""
    return Pick(reading.text) if reading.words else None


def decoded_pick(decoded: Decoded) -> Pick | None:
    """The points that were decoded, one a variant, with what was made of them; None while there are none."""
    return point_pick(decoded.text, decoded.readings)


def point_pick(text: str, readings: Mapping[str, Reading]) -> Pick | None:
    """Points that can be sent on; None where they are not known.

    Args:
        text: what they are, in short.
        readings: what each variant made of its point.
    """
    z = {name: reading.z for name, reading in readings.items() if reading.z}
    sentences = {name: reading.text for name, reading in readings.items()}
    source = _common(reading.source for reading in readings.values())
    search = _common(reading.how.removeprefix(reading.source).lstrip(", ") for reading in readings.values())
    return Pick(text, z, source, sentences=sentences, search=search) if z else None


def series_pick(series: Series, i: int) -> Pick | None:
    """A step of an interpolation or a prior sample as it can be sent on; None while it is not decoded."""
    pick = point_pick("", {name: all_[i] for name, all_ in series.readings.items() if i < len(all_)})
    if pick is None:
        return None
    if series.stops:
        return walk.step_pick(series, i, pick)
    return replace(pick, text=f"Prior sample {i + 1}")


def _length(series: Series) -> int:
    return max((len(readings) for readings in series.readings.values()), default=0)


def picked_row(pick: Pick) -> GatheredRow | None:
    """A row of the table from what was sent; None if it does not say what the models make of it."""
    how = ", ".join(part for part in (pick.how, pick.search) if part)
    return GatheredRow(pick.text, pick.sentences, how, pick=pick) if pick.sentences else None


def numbers_line(reading: Reading) -> str:
    """The numbers under a decoded sentence and how it was made."""
    parts = [f"log p(x|z) {signed(reading.log_probability)}"]
    if reading.kl is not None:
        parts.append(f"KL {reading.kl:.1f}")
    return " · ".join([*parts, reading.how])


def facts(reference: Sequence[str], reading: Reading, kl_scale: float) -> tuple[Fact, ...]:
    """What a reconstruction shows about its model: what came back, how much z told, how sure the decoder was."""
    if not reading.words:
        return ()
    log_probability = signed(reading.log_probability)
    result = [
        Fact(
            "certainty",
            f"{reading.certainty:.0%} a word",
            reading.certainty,
            f"how probable the decoder finds each word of its own sentence, on average (geometric mean). "
            f"Together that is log p(x|z) = {log_probability} nats.\n"
            "A decoder that ignores z can be sure as well: of the most ordinary sentences.",
        ),
    ]
    if reading.kl is not None:
        told = Fact(
            "told by z (KL)",
            f"{reading.kl:.1f} nats",
            reading.kl / kl_scale if kl_scale > 0 else 0.0,
            "how much z says about the sentence; 0 is nothing. The longest of these bars is full.",
        )
        result.insert(0, told)
    if reference:  # a decoded point has none
        kept = kept_words(reference, reading.words)
        back = Fact(
            "words kept",
            f"{kept} of {len(reference)}",
            kept / len(reference),
            "words of the sentence that came back, in their order; punctuation marks count.",
        )
        result.insert(0, back)
    return tuple(result)


def kept_words(reference: Sequence[str], words: Sequence[str]) -> int:
    """How many words of `reference` are not marked as changed or missing in `words`."""
    first, second = [word.casefold() for word in reference], [word.casefold() for word in words]
    return sum(block.size for block in SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks())


def signed(value: float) -> str:
    """A number with one decimal and a proper minus sign."""
    return f"{value:.1f}".replace("-", "−")


def no_answer(reason: str) -> str:
    """What stands in a column whose model failed."""
    return f"This model cannot answer: {reason}"


def duplicates(readings: Sequence[Reading]) -> list[int]:
    """For each sample, how often its sentence occurs in the column."""
    counts = Counter(reading.words for reading in readings)
    return [counts[reading.words] for reading in readings]


def samples_note(readings: Sequence[Reading], thrown: tuple[int, int], memory: Memory) -> str:
    """How varied a column of samples is, what the filter threw away of it, and what is found in the training text."""
    parts = [f"{len({reading.words for reading in readings})} of {len(readings)} different"]
    rejected, drawn = thrown
    if rejected:
        parts.append(f"{rejected} of {drawn} thrown away")
    if memory.near and not memory.busy:
        found = sum(memory.near[r.words].edits == 0 for r in readings if r.words in memory.near)
        parts.append(f"{found} of {len(readings)} verbatim in the training text")
    return "  ·  ".join(parts)


def near_words(near: Near) -> str:
    """The nearest training sentence, in words."""
    if near.edits == 0:
        return "found verbatim in the training text"
    return f"{near.edits} word{'s' * (near.edits != 1)} from “{near.text}”"


def memory_note(memory: Memory) -> str:
    """How far the search in the training text has come, or what it could not do."""
    if memory.problem:
        return memory.problem
    if memory.busy and memory.sentences:
        return f"searched {memory.searched:,} of {memory.sentences:,} training sentences …"
    return "searching the training text …" if memory.busy else ""


def decoded_row(source: str, decoded: Decoded) -> GatheredRow | None:
    """A decoded sentence as a row of the table; None while no variant has answered."""
    if not decoded.readings:
        return None
    how = _common(reading.how for reading in decoded.readings.values())
    sentences = {name: reading.text for name, reading in decoded.readings.items()}
    return GatheredRow(source, sentences, how, pick=decoded_pick(decoded))


def series_rows(series: Series) -> tuple[GatheredRow, ...]:
    """The rows of a series, one for each step of an interpolation or each prior sample."""
    return tuple(
        GatheredRow(
            "" if series.stops else f"Prior sample {i + 1}",
            {name: readings[i].text for name, readings in series.readings.items() if i < len(readings)},
            series.how,
            path=series.stops or None,
            step=i,
            steps=series.steps,
            pick=series_pick(series, i),
        )
        for i in range(_length(series))
    )


def inputs(rows: Sequence[GatheredRow]) -> list[str]:
    """What each row was made from. Of an interpolation only the first and the last row say a whole sentence."""
    numbers = {path: i for i, path in enumerate(_paths(rows), start=1)}
    return [
        row.source if row.path is None else walk.input_of(row.path, row.steps, row.step, numbers[row.path, row.steps])
        for row in rows
    ]


def table_cells(columns: Sequence[Column], rows: Sequence[GatheredRow]) -> tuple[list[str], list[list[str]]]:
    """The gathered rows as the header and cells of a table: the input, a column a variant, how made.

    Greek letters are written in words, which every spreadsheet and LaTeX can read.
    """
    present = [c for c in columns if any(c.name in row.sentences for row in rows)]
    header = ["Input", *(column.label for column in present), "How"]
    return header, [
        [source, *(row.sentences.get(c.name, "") for c in present), row.how.replace("μ", "mu")]
        for source, row in zip(inputs(rows), rows, strict=True)
    ]


def table_notes(run: str, rows: Sequence[GatheredRow]) -> tuple[str, ...]:
    """What the cells of the table do not say: where the sentences come from and what the last column means."""
    ways = [walk.way(path, i) for i, (path, _) in enumerate(_paths(rows), start=1)]
    parts = {part for row in rows for part in row.how.replace("; ", ", ").split(", ")}
    meanings: list[tuple[str | tuple[str, ...], str]] = [
        ("z = μ", "z = mu: the mean of q(z|x) is decoded"),
        ("z ~ q", "z ~ q(z|x): a sample of q(z|x) is decoded"),
        ("lerp", "lerp: z on the straight line from A to B, in even steps"),
        ("slerp", "slerp: z on the arc from A to B, in even steps"),
        (("a − ", "a + "), "a - b + c: the z of a, less that of b, plus that of c; or another share of c - b"),
        (("x − ", "x + "), "with - without: the mean mu of one group of sentences, less that of the other"),
        ("beam", "beam n: beam search of width n"),
        ("length normalisation", "length normalisation a: sentences compete by log p(x|z) / (words + 1)^a"),
        ("greedy", "greedy: the most probable word at each step"),
    ]
    said = [words for sign, words in meanings if any(part.startswith(sign) for part in parts)]
    if any(row.source.startswith("Prior sample") for row in rows):
        said.append("Prior sample: z ~ N(0, I); each draw of a seed is the same z for every variant")
        if any("none unknown" in row.how for row in rows):
            said.append("4 to 20 words, none unknown: draws whose sentence is not so are left out, variant by variant")
    return (f"run {run}", *ways, *said)


def _paths(rows: Sequence[GatheredRow]) -> list[tuple[tuple[str, ...], int]]:
    """The interpolations among the rows, stops and steps, in order."""
    return list(dict.fromkeys((row.path, row.steps) for row in rows if row.path is not None))


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


def _common(ways: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(ways))
