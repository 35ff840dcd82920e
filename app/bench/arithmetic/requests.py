"""Moving a point and decoding where it went, for every variant: the requests of the Arithmetic tab.

Generators that run in the live worker's thread, as in `app/core/requests.py`. Encoded sentences and directions are kept
between requests in a `Memory`, so that a slider that is dragged costs no more than the decoding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.bench.arithmetic.state import MOST, Evidence, GroupName, Interval, Member
from app.core.choice import Choice
from app.core.picks import Pick, Point
from app.core.requests import decode_options, decode_rows, point_of, reading_of, sweeps
from app.core.values import Reading
from app.run.atlas import Atlas, Opened
from engine.errors import LoomError

if TYPE_CHECKING:
    from engine.session import Session
    from engine.storage.latent_cache import LatentCache

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Groups = Mapping[GroupName, tuple[Member, ...]]

POOL = 10_000
"""Test sentences that random groups are drawn from, evenly spread where there are more."""

_KEPT = 4_000  # points and sentences in a memory; a few megabytes
_NEAR = 256  # rows of a cache that are read in one go for the sake of some of them
_SEARCH_CHUNK = 4_000  # sentences; other requests have their turn between two chunks


@dataclass
class Memory:
    """What is kept between requests about one run. Used in the worker's thread only."""

    points: dict[tuple[object, ...], Floats] = field(default_factory=dict)
    befores: dict[tuple[object, ...], Reading] = field(default_factory=dict)
    directions: dict[str, tuple[Groups, Doubles]] = field(default_factory=dict)

    def tidy(self) -> None:
        """Begin anew where a long session has filled it."""
        for kept in (self.points, self.befores):
            if len(kept) > _KEPT:
                kept.clear()


@dataclass(frozen=True, slots=True)
class Moved:
    """What some of the variants write: `before` and `after` the move, or why they cannot.

    `others` are the points of the other operands, `unknown` the words of the sentences that the models do not know.
    """

    before: Mapping[str, Reading]
    after: Mapping[str, Reading]
    failed: Mapping[str, str]
    unknown: tuple[str, ...] = ()
    others: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """What speaks for one variant's direction, or why that cannot be said."""

    variant: str
    evidence: Evidence | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """How many test sentences hold a phrase, as far as they were looked through; at the end, those for a group."""

    phrase: str
    count: int
    members: tuple[Member, ...] | None = None


@dataclass(frozen=True, slots=True)
class Ways:
    """How to decode: in each of `choices` in turn, all variants at once where that is quick, one by one for a beam.

    `choice` is the one whose sentences stay, which may be left to a later request; those of others are drafts.
    """

    choices: tuple[Choice, ...]
    choice: Choice
    variants: tuple[str, ...]


Target = Callable[[str], tuple[Floats, ...]]
"""Gives a variant's point before and after the move, then those of the other operands, each (latent,)."""


def analogy(
    session: Session, memory: Memory, a: Pick, b: Pick, c: Pick, share: float, ways: Ways, source: str
) -> Iterator[Moved]:
    """a + share (c - b), decoded. With a share of 1 that is a - b + c.

    With samples, b and c have the next two seeds, as equal noise would cancel out. `source` says in short how the point
    is made.
    """
    from engine.latents.paths import along

    def target(variant: str) -> tuple[Floats, ...]:
        start, minus, plus = (
            _point(session, memory, pick, variant, ways.choice, extra) for extra, pick in enumerate((a, b, c))
        )
        return start, along(start, plus.astype(np.float64) - minus, share), minus, plus

    yield from _moves(session, memory, (a, b, c), target, ways, source)


def concept(
    session: Session,
    cache: LatentCache | None,
    memory: Memory,
    subject: Pick,
    groups: Groups,
    strength: float,
    ways: Ways,
    source: str,
) -> Iterator[Moved]:
    """subject + strength (mean of mu with - mean of mu without), decoded."""
    from engine.latents.paths import along

    def target(variant: str) -> tuple[Floats, ...]:
        start = _point(session, memory, subject, variant, ways.choice)
        return start, along(start, _direction(session, cache, memory, variant, groups), strength)

    yield from _moves(session, memory, (subject,), target, ways, source)


def measure(
    session: Session, cache: LatentCache | None, memory: Memory, groups: Groups, variants: Sequence[str]
) -> Iterator[Measured]:
    """What speaks for the direction between two groups, variant by variant."""
    from engine.latents.concepts import concept as weigh

    for variant in variants:
        try:
            if cache is None or variant not in cache.variants:
                raise LoomError("There are no latents of test sentences to compare with.")
            if min(len(members) for members in groups.values()) < 2:
                raise LoomError(
                    "To weigh this direction, each group needs two sentences or more that the other one has not."
                )
            first, second = (_latents(session, cache, memory, variant, groups[name]) for name in ("with", "without"))
            made = weigh(first, second, _pool(cache, variant))
        except LoomError as error:
            yield Measured(variant, reason=error.message)
            continue
        yield Measured(
            variant,
            Evidence(
                separation=_interval(made.separation),
                length=_interval(made.length),
                chance=Interval(made.baseline.median, 0.0, made.baseline.high),
                verdict=made.verdict,
                words=made.words,
                how=made.how,
            ),
        )


def search(opened: Opened, phrase: str) -> Iterator[Found]:
    """The test sentences that hold a phrase, or one of several between bars, as whole words.

    Of more than `MOST` those are given that are evenly spread among them. In the thread of the opened cache.

    Raises:
        LoomError: there are no test sentences.
    """
    from engine.storage.sentence_search import matcher
    from engine.storage.sentence_search import search as walk

    if opened.atlas is None:
        raise LoomError("The test sentences are not there.")
    cache = opened.atlas.cache
    for found in walk(cache, [matcher(phrase)], _SEARCH_CHUNK):
        yield Found(phrase, found.count())
    yield Found(phrase, found.count(), members_at(opened.atlas, found.places().tolist(), phrase))


def members_at(atlas: Atlas, indices: Sequence[int], phrase: str = "") -> tuple[Member, ...]:
    """Test sentences, given by sorted indices, as members of a group; of more than `MOST` those evenly spread."""
    many = len(indices) > MOST
    chosen = [indices[round(i)] for i in np.linspace(0, len(indices) - 1, MOST)] if many else indices
    matches = len(indices) if phrase else 0
    return tuple(Member(Pick(text, index=i), phrase, matches) for i, text in _texts(atlas, chosen))


def _texts(atlas: Atlas, indices: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Sentences with their indices: from memory where they are there, as many small reads of a file take long."""
    if atlas.texts is not None:
        yield from ((i, atlas.texts[i]) for i in indices)
        return
    for rows, kept in _reads(indices):
        sentences = atlas.cache.sentences(rows)
        yield from ((rows.start + row, sentences[row]) for row in kept)


def apart(groups: Groups) -> Groups:
    """The groups without the sentences that are in both, which say nothing of their difference."""
    keys = {name: {member.key for member in members} for name, members in groups.items()}
    shared = keys["with"] & keys["without"]
    return {name: tuple(each for each in members if each.key not in shared) for name, members in groups.items()}


def _moves(
    session: Session, memory: Memory, picks: Sequence[Pick], target: Target, ways: Ways, source: str
) -> Iterator[Moved]:
    """Decode where the first of the picks went in every variant: as quickly as can be first, then as chosen."""
    memory.tidy()
    unknown = _unknown(session, picks)
    points: dict[str, tuple[Floats, ...]] = {}
    failed: dict[str, str] = {}
    for variant in ways.variants:
        try:
            points[variant] = target(variant)
        except LoomError as error:
            failed[variant] = error.message
    if failed:
        yield Moved({}, {}, failed, unknown)
    for choice, variants in sweeps(ways.choices, tuple(points)):
        part = {name: points[name] for name in variants}
        draft = choice != ways.choice
        others = {name: tuple(tuple(z.tolist()) for z in each[2:]) for name, each in part.items()}
        moved = _decoded(session, memory, picks[0], part, choice, draft, source)
        yield replace(moved, unknown=unknown, others=others)


def _decoded(
    session: Session,
    memory: Memory,
    start: Pick,
    points: Mapping[str, tuple[Floats, ...]],
    choice: Choice,
    draft: bool,
    source: str,
) -> Moved:
    options = decode_options(choice)
    keys = {name: (name, Member(start).key, choice) for name in points}
    rows = {
        name: after[None] if keys[name] in memory.befores else np.stack([after, before])
        for name, (before, after, *_) in points.items()
    }
    after: dict[str, Reading] = {}
    failed: dict[str, str] = {}
    for name, made in decode_rows(session, rows, options) if rows else ():
        if isinstance(made, LoomError):
            failed[name] = made.message
            continue
        after[name] = reading_of(made[0], choice, draft=draft, source=source)
        if len(made) > 1:
            memory.befores[keys[name]] = reading_of(made[1], choice, draft=draft)
    return Moved({name: memory.befores[keys[name]] for name in after}, after, failed)


def _unknown(session: Session, picks: Sequence[Pick]) -> tuple[str, ...]:
    typed = [session.typed(pick.text) for pick in picks if not pick.is_point]
    pairs = [pair for one in typed for pair in zip(one.words, one.unknown, strict=True)]
    return tuple(dict.fromkeys(word for word, unknown in pairs if unknown))


def _point(session: Session, memory: Memory, pick: Pick, variant: str, choice: Choice, extra: int = 0) -> Floats:
    """The z (latent,) of a sentence or of sent points."""
    if pick.is_point:
        return point_of(session, pick, variant)
    sampled = (choice.seed + extra,) if choice.sample else ()
    key = (variant, pick.text, sampled)
    if key not in memory.points:
        seed = choice.seed + extra
        memory.points[key] = session.encode(pick.text, [variant], sample=choice.sample, seed=seed)[variant].z
    return memory.points[key]


def _direction(session: Session, cache: LatentCache | None, memory: Memory, variant: str, groups: Groups) -> Doubles:
    """mean of mu with - mean of mu without, (latent,)."""
    known = memory.directions.get(variant)
    if known is not None and known[0] is groups:
        return known[1]
    first, second = (
        _latents(session, cache, memory, variant, groups[name]).mean(axis=0, dtype=np.float64)
        for name in ("with", "without")
    )
    memory.directions[variant] = groups, first - second
    return memory.directions[variant][1]


def _latents(
    session: Session, cache: LatentCache | None, memory: Memory, variant: str, members: Sequence[Member]
) -> Floats:
    """The means mu (n, latent) of a group's sentences: read where they are cached, encoded where they were typed."""
    known = cache is not None and variant in cache.variants
    cached = sorted({m.pick.index for m in members if known and m.pick.index >= 0 and not m.pick.is_point})
    others = [m.pick for m in members if m.pick.is_point or not known or m.pick.index < 0]
    parts = [_point(session, memory, pick, variant, Choice())[None] for pick in others]
    if cache is not None and cached:
        parts += [cache.mu(variant, rows)[kept] for rows, kept in _reads(cached)]
    return np.concatenate(parts)


def _reads(indices: Sequence[int]) -> Iterator[tuple[slice, list[int]]]:
    """Slices of a cache that cover sorted indices, each with the rows of the slice that are wanted."""
    begin = 0
    for i, index in enumerate(indices):
        if i + 1 == len(indices) or indices[i + 1] >= indices[begin] + _NEAR:
            first = indices[begin]
            yield slice(first, index + 1), [one - first for one in indices[begin : i + 1]]
            begin = i + 1


def _pool(cache: LatentCache, variant: str) -> Floats:
    """The means of the test sentences, or of `POOL` of them in even distances."""
    if cache.n <= POOL:
        return cache.mu(variant)
    chosen = np.linspace(0, cache.n - 1, POOL).astype(np.int64).tolist()
    return np.concatenate([cache.mu(variant, rows)[kept] for rows, kept in _reads(chosen)])


def _interval(estimate: Any) -> Interval:
    return Interval(float(estimate.value), float(estimate.low), float(estimate.high))
