"""Lines of the table from neighbours: pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from app.bench.neighbours.state import Neighbourhoods
from app.bench.rows import GatheredRow
from app.core.picks import Numbers, Pick


def neighbour_rows(subject: Pick, found: Neighbourhoods, shown: Sequence[str]) -> tuple[GatheredRow, ...]:
    """The neighbours of these variants as rows of the table, nearest first; each is another test sentence in each."""
    nearest = {name: found.nearest[name] for name in shown if name in found.nearest}
    made = []
    for rank in range(max((len(near.found) for near in nearest.values()), default=0)):
        there = {name: near.found[rank] for name, near in nearest.items() if rank < len(near.found)}
        hows = {name: f"neighbour {rank + 1} of {nearest[name].how}" for name in there}
        alike = len(set(hows.values())) == 1
        made.append(
            GatheredRow(
                subject.label,
                {name: each.text for name, each in there.items()},
                next(iter(hows.values())),
                numbers={
                    name: Numbers(distance=each.distance, neighbour=each.index, how="" if alike else hows[name])
                    for name, each in there.items()
                },
                index=subject.index,
            )
        )
    return tuple(made)
