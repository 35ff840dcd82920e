"""What the Neighbours tab shows. No Qt, no models, no arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import ClassVar, Literal

from psygnal import SignalGroupDescriptor

from app.core.picks import NOTHING, Pick
from app.core.values import Column
from app.core.wish import Wish, plain

Distance = Literal["euclidean", "cosine", "posterior-kl"]
MOST = 50
"""Neighbours at most."""
NOTHING_KL = 0.05
"""Nats of KL a sentence below which a variant's latents are all but the same for every sentence."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A test sentence near the subject: its number, its distance, its text."""

    index: int
    distance: float
    text: str


@dataclass(frozen=True, slots=True)
class Nearest:
    """The neighbours of one variant, nearest first.

    `how` they were found; `mean_kl` of the variant (nats); `on_map` says how many of them are as near on its map, among
    as many of the subject's nearest there, None where the subject is no test sentence or there is no map.
    """

    found: tuple[Neighbour, ...]
    how: str
    mean_kl: float = 0.0
    on_map: int | None = None


@dataclass(frozen=True, slots=True)
class Neighbourhoods:
    """What was found: by variant, or why not.

    `words` are those of the subject, where it is a sentence; `typed` are its tokens as the models read it, where they
    were asked to, and `unknown` marks those outside the vocabulary.
    """

    words: frozenset[str] = frozenset()
    nearest: Mapping[str, Nearest] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    busy: bool = False
    typed: tuple[str, ...] = ()
    unknown: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class NeighboursWish(Wish):
    """Whose neighbours, whether that is the clicked sentence, and which neighbours."""

    subject: Pick = NOTHING
    following: bool = True
    distance: Distance = "euclidean"
    count: int = 10

    def elsewhere(self) -> NeighboursWish:
        """The sentence, unless it is whichever is clicked."""
        subject = NOTHING if self.following else plain(self.subject)
        return replace(self, subject=subject, following=subject == NOTHING)


@dataclass
class NeighboursState:
    """What the tab shows."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    distance: Distance = "euclidean"
    count: int = 10
    found: Neighbourhoods = field(default_factory=Neighbourhoods)


def shared(first: Nearest, second: Nearest) -> int:
    """How many test sentences two neighbourhoods have in common."""
    return len({each.index for each in first.found} & {each.index for each in second.found})


def overlap_line(columns: Sequence[Column], nearest: Mapping[str, Nearest]) -> str:
    """The overlap of the neighbourhoods in one line; "" for fewer than two."""
    known = [column for column in columns if column.name in nearest]
    if len(known) < 2:
        return ""
    k = max(len(nearest[column.name].found) for column in known)
    pairs = [(shared(nearest[a.name], nearest[b.name]), f"{a.label} and {b.label}") for a, b in combinations(known, 2)]
    if len(pairs) == 1:
        return f"in common of {k}: {pairs[0][0]}"
    every = set.intersection(*({each.index for each in nearest[column.name].found} for column in known))
    best = max(pairs, key=lambda pair: pair[0])
    if best[0] == 0:
        return f"in common of {k}: none between any two models"
    return f"in common of {k}: most {best[0]} ({best[1]}), all models {len(every)}"


def on_maps_line(columns: Sequence[Column], nearest: Mapping[str, Nearest]) -> str:
    """How many neighbours each map keeps near, in the order of the columns, in one line; "" where none is known."""
    there = [nearest[column.name] for column in columns if column.name in nearest]
    kept = [str(near.on_map) for near in there if near.on_map is not None]
    k = max((len(near.found) for near in there), default=0)
    return f"near on {'its map' if len(kept) == 1 else 'their maps'} too: {', '.join(kept)} of {k}" if kept else ""


def overlap_table(columns: Sequence[Column], nearest: Mapping[str, Nearest]) -> str:
    """The overlap of every two neighbourhoods, a line each."""
    known = [column for column in columns if column.name in nearest]
    return "\n".join(
        f"{a.label} and {b.label}: {shared(nearest[a.name], nearest[b.name])}" for a, b in combinations(known, 2)
    )
