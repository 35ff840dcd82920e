"""Operations on points of the latent space, answered by the loaded models: typed sentences or latents in, results out.

Each result has a line `how` from which it can be made again: run and variant, sentences, numbers, seeds, decoder. What
is asked of several variants is asked of each alike, with the same noise; a caller that wants one variant's failure to
leave the others undisturbed asks for one at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.decoding.options import DecodeOptions
from engine.errors import UsageError
from engine.latents.directions import Direction, Kind, LatentStatistics, chosen_direction, statistics
from engine.latents.neighbours import Distance, Neighbours, nearest
from engine.latents.paths import analogy, checked_steps, path, traversal
from engine.latents.smoothness import Fold, Smoothness, folds, smoothness
from engine.latents.starts import MOST_ROWS, Floats, Source, Start, checked_values, line, listed, model_name, starts
from engine.storage.latent_cache import LatentCache

if TYPE_CHECKING:
    from engine.session import Decoded, Session

VALUES = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
"""Positions of a traversal: as far as the prior reaches, by one standard deviation."""
MOST_GIVEN = 100
"""Sentences that a path is led through at most."""


@dataclass(frozen=True, slots=True)
class Traversal:
    """One sentence for each position along a direction.

    Attributes:
        values: the positions, in prior standard deviations.
        decoded: one sentence a position.
        here: the position of the start itself.
    """

    variant: str
    direction: Direction
    values: tuple[float, ...]
    decoded: tuple[Decoded, ...]
    here: float
    how: str


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """a - b + c decoded, and what a, b and c alone decode to, to see whether it is more than c again."""

    variant: str
    decoded: Decoded
    parts: tuple[Decoded, Decoded, Decoded]
    how: str


@dataclass(frozen=True, slots=True)
class NeighbourList:
    """The test sentences nearest to z (latent,), nearest first: their places and distances, and their texts."""

    variant: str
    z: Floats
    found: Neighbours
    texts: tuple[str, ...]
    how: str


@dataclass(frozen=True, slots=True)
class Interpolation:
    """The way through several sources.

    Attributes:
        steps: of each piece; source i is at step i * steps.
        decoded: the sentences in order.
        smoothness: numbers of this path.
        folds: its runs of equal sentences.
    """

    variant: str
    steps: int
    decoded: tuple[Decoded, ...]
    smoothness: Smoothness
    folds: tuple[Fold, ...]
    how: str


def traverse(
    session: Session,
    cache: LatentCache,
    source: Source,
    kind: Kind = "informative",
    number: int = 1,
    values: Sequence[float] = VALUES,
    variants: Sequence[str] | None = None,
    options: DecodeOptions | None = None,
    sample: bool = False,
    seed: int = 0,
    known: Mapping[str, LatentStatistics] | None = None,
) -> dict[str, Traversal]:
    """Move a source along one direction of each variant and decode every position.

    Args:
        session: the models.
        cache: of the same run; the direction and its numbers are those of the test set.
        source: a sentence, or a point.
        kind: `dimension` number (from 0), or the `informative` dimension or `principal` direction of that
            rank (from 1).
        number: see there.
        values: positions, in prior standard deviations.
        variants, sample, seed: as for `starts`.
        options: of the decoder.
        known: statistics of variants that have been computed before.

    Raises:
        LoomError: as `starts`, or the cache lacks a variant.
        UsageError: there is no such direction, or a value is not finite, or there are too many.
    """
    positions = checked_values(values, "position")
    begun = starts(session, source, variants, sample, seed)
    chosen = {
        name: chosen_direction(known[name] if known and name in known else statistics(cache, name), kind, number)
        for name in begun
    }
    rows = {name: traversal(begun[name].z, each.vector, positions, each.origin) for name, each in chosen.items()}
    decoder = options or DecodeOptions()
    return {
        name: Traversal(
            name,
            chosen[name],
            positions,
            tuple(decoded),
            chosen[name].position(begun[name].z),
            line(session, name, f"{begun[name].how}, {_at(chosen[name], positions)}", decoder),
        )
        for name, decoded in session.decode_all(rows, decoder).items()
    }


def arithmetic(
    session: Session,
    a: Source,
    b: Source,
    c: Source,
    variants: Sequence[str] | None = None,
    options: DecodeOptions | None = None,
    sample: bool = False,
    seed: int = 0,
) -> dict[str, Arithmetic]:
    """Decode a - b + c with each variant; with `sample`, a, b and c are drawn with seeds seed, seed + 1, seed + 2.

    Raises:
        LoomError, UsageError: as `starts`.
    """
    begun = [starts(session, each, variants, sample, seed + i) for i, each in enumerate((a, b, c))]
    decoder = options or DecodeOptions()
    rows = {}
    for name in begun[0]:
        points = [each[name].z for each in begun]
        rows[name] = np.stack([analogy(points[0], points[1], points[2]), *points])
    return {
        name: Arithmetic(
            name,
            decoded[0],
            (decoded[1], decoded[2], decoded[3]),
            line(session, name, f"a - b + c, {_letters([each[name] for each in begun])}", decoder),
        )
        for name, decoded in session.decode_all(rows, decoder).items()
    }


def neighbours(
    session: Session,
    cache: LatentCache,
    source: Source,
    k: int = 10,
    distance: Distance = "euclidean",
    variants: Sequence[str] | None = None,
    sample: bool = False,
    seed: int = 0,
) -> dict[str, NeighbourList]:
    """The k test sentences nearest to a source, in each variant.

    A sentence at its mean has its whole q(z|x) compared by `posterior-kl`; a draw or a point is a bare z and has only
    -log q(z|x_i), see `engine.latents.neighbours.nearest`.

    Raises:
        LoomError, UsageError: as `starts` and `nearest`.
    """
    result = {}
    for name, start in starts(session, source, variants, sample, seed).items():
        found = nearest(cache, name, start.z, k, distance, None if sample else start.logvar)
        how = f"{model_name(session, name)}: {start.how}, {k} nearest of {cache.n:,} test sentences by {distance}, "
        result[name] = NeighbourList(
            name,
            start.z,
            found,
            tuple(cache.sentence(index) for index in found.indices.tolist()),
            how + found.definition,
        )
    return result


def interpolate(
    session: Session,
    sources: Sequence[Source],
    steps: int = 10,
    slerp: bool = False,
    variants: Sequence[str] | None = None,
    options: DecodeOptions | None = None,
    sample: bool = False,
    seed: int = 0,
) -> dict[str, Interpolation]:
    """The sentences on the way through several sources, with each variant; source i is drawn with seed seed + i.

    Args:
        session: the models.
        sources: two or more, in order.
        steps: even steps from each to the next.
        slerp: along the sphere instead of the line.
        variants, sample, seed: as for `starts`.
        options: of the decoder.

    Raises:
        LoomError, UsageError: as `starts` and `paths.path`; or the path is too long.
    """
    check_way(len(sources), steps)
    begun = [starts(session, source, variants, sample, seed + i) for i, source in enumerate(sources)]
    names = tuple(variants or session.variants)
    rows = {name: path(np.stack([start[name].z for start in begun]), steps, slerp) for name in names}
    decoder = options or DecodeOptions()
    shape = "slerp" if slerp else "lerp"
    result = {}
    for name, decoded in session.decode_all(rows, decoder).items():
        words = [each.words for each in decoded]
        given = {i * steps: typed.words for i, start in enumerate(begun) if (typed := start[name].typed) is not None}
        way = ", ".join(start[name].how for start in begun)
        each = " each" if len(begun) > 2 else ""
        result[name] = Interpolation(
            name,
            steps,
            tuple(decoded),
            smoothness(words, given),
            folds(words),
            line(session, name, f"{shape} in {steps} even steps{each} through {way}", decoder),
        )
    return result


def check_way(given: int, steps: int) -> None:
    """Refuse a way through so many sources with so many steps from each to the next.

    Raises:
        UsageError: there are too few or too many of either.
    """
    if given < 2:
        raise UsageError("An interpolation needs two sentences or more.", "Give a start and an end.")
    checked_steps(steps)
    if given > MOST_GIVEN or (given - 1) * steps >= MOST_ROWS:
        raise UsageError(
            f"A path through {given} sentences with {steps} steps each is too long.",
            f"Choose {MOST_GIVEN} sentences and {MOST_ROWS - 1} steps in all at most.",
        )


def _named(direction: Direction) -> str:
    """A direction's name; a principal one depends on the test set too."""
    return f"{direction.name} of the test set's mu" if direction.name.startswith("principal") else direction.name


def _at(direction: Direction, values: Sequence[float]) -> str:
    return f"{_named(direction)} set to {listed(values)}"


def _letters(begun: Sequence[Start]) -> str:
    return ", ".join(f"{letter} = {start.how}" for letter, start in zip("abc", begun, strict=True))
