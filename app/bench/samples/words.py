"""What the tab of prior samples says of them: pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from app.bench.rows import GatheredRow
from app.bench.samples.state import Memory, Near, Samples
from app.core.picks import Pick
from app.core.readings import numbers_of, point_pick
from app.core.values import Reading


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
    return f"{near.edits} token{'s' * (near.edits != 1)} from “{near.text}”"


def memory_note(memory: Memory) -> str:
    """How far the search in the training text has come, or what it could not do."""
    if memory.problem:
        return memory.problem
    if memory.busy and memory.sentences:
        return f"searched {memory.searched:,} of {memory.sentences:,} training sentences …"
    return "searching the training text …" if memory.busy else ""


def sample_pick(samples: Samples, i: int) -> Pick | None:
    """The points of a draw as they can be sent on; None while it is not decoded."""
    pick = point_pick("", {name: all_[i] for name, all_ in samples.readings.items() if i < len(all_)})
    return replace(pick, text=f"Prior sample {i + 1}") if pick is not None else None


def sample_rows(samples: Samples) -> tuple[GatheredRow, ...]:
    """The samples as rows of the table, one a draw."""
    made = []
    for i in range(max((len(readings) for readings in samples.readings.values()), default=0)):
        there = {name: readings[i] for name, readings in samples.readings.items() if i < len(readings)}
        sentences = {name: reading.text for name, reading in there.items()}
        pick = sample_pick(samples, i)
        made.append(GatheredRow(f"Prior sample {i + 1}", sentences, samples.how, numbers=numbers_of(there), pick=pick))
    return tuple(made)
