"""What a path asks: of the cache, which sentences lie along it; of the models, what they say at each of its steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from app.core.choice import Choice
from app.core.requests import Place, Result, drafts_and_answers
from app.core.values import Spot
from app.maps.guess.requests import SOURCE
from app.maps.tracing.state import Line, Way
from app.run.atlas import Atlas, Opened

OF_SENTENCE = "z = μ of the test sentence"
_SOME = 500  # places by which a map is known


@dataclass(frozen=True, slots=True)
class Question:
    """Which line is to be read how, and for which variants."""

    line: Line
    way: Way
    places: int
    variants: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Steps:
    """The steps of a path.

    Attributes:
        asked: what was asked.
        indices, texts: the test sentence of each step: the one that it is, or the nearest on the map.
        spots: where the steps lie on the map of each variant, as far as that is known without the models.
        z: what is decoded at each step, (steps, latent) of each variant.
        distances: along sentences, |mu - mu'| in the line's variant between each and the next.
        among: along sentences, how many were looked at.
    """

    asked: Question
    indices: tuple[int, ...]
    texts: tuple[str, ...]
    spots: Mapping[str, tuple[Spot, ...]]
    z: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    distances: tuple[float, ...] = ()
    among: int = 0


def known_by(atlas: Atlas, variant: str) -> str:
    """What the shown map of a variant is known by: its name and some of its places; "" where there is none.

    A map that is made anew has its name, but other places, where a line would lie over other sentences.
    """
    coords = atlas.numbers[variant].coords if variant in atlas.numbers else None
    if coords is None:
        return ""
    some = np.ascontiguousarray(coords[:: max(1, len(coords) // _SOME)])
    return f"{atlas.map} {crc32(some.tobytes()):08x}"


def read_along(opened: Opened, asked: Question) -> Iterator[Steps | None]:
    """The steps of a path; None after every moment's work before them.

    Raises:
        LoomError: the map is not there, the line has no length, or no way along sentences follows it.
    """
    from engine.errors import LoomError

    atlas = opened.atlas
    if atlas is None or known_by(atlas, asked.line.variant) != asked.line.map:
        raise LoomError("The map that this line was drawn on is not there any more.")
    coords = atlas.numbers[asked.line.variant].coords
    read = _as_drawn if asked.way == "drawn" else _along_sentences
    yield from read(atlas, np.asarray(coords), asked)


def _as_drawn(atlas: Atlas, coords: NDArray[np.float32], asked: Question) -> Iterator[Steps | None]:
    """Guesses at places of the line, as a click on an empty place makes one."""
    from engine.maps.telling.guess import around_each, guesses
    from engine.maps.telling.polyline import evenly

    places = evenly(np.array(asked.line.corners), asked.places)
    nearest: list[int] = []
    z: dict[str, list[NDArray[np.float32]]] = {name: [] for name in asked.variants if name in atlas.numbers}
    for near in around_each(coords, places):
        nearest.append(int(near.indices[0]))
        for name, rows in z.items():
            rows.append(guesses(atlas.cache, name, near, draws=0)[0])
        yield None
    texts = tuple(atlas.sentence(index) for index in nearest)
    spots = {asked.line.variant: _spots(places)}
    yield Steps(asked, tuple(nearest), texts, spots, {name: np.array(rows) for name, rows in z.items()})


def _along_sentences(atlas: Atlas, coords: NDArray[np.float32], asked: Question) -> Iterator[Steps | None]:
    """The test sentences of the shortest way over neighbours in z that follows the line."""
    from engine.maps.telling.sentence_path import path_along

    for path in path_along(atlas.cache, asked.line.variant, coords, np.array(asked.line.corners)):
        if path is None:
            yield None
            continue
        indices = path.indices.tolist()
        z = {
            name: np.concatenate([atlas.cache.mu(name, slice(index, index + 1)) for index in indices])
            for name in asked.variants
            if name in atlas.numbers
        }
        spots = {
            name: _spots(numbers.coords[path.indices])
            for name, numbers in atlas.numbers.items()
            if numbers.coords is not None
        }
        texts = tuple(atlas.sentence(index) for index in indices)
        yield Steps(asked, tuple(indices), texts, spots, z, tuple(path.distances.tolist()), path.among)


def _spots(places: NDArray[np.floating]) -> tuple[Spot, ...]:
    return tuple((float(x), float(y)) for x, y in places)


def decode(session: object, steps: Steps, choice: Choice, place: Place | None) -> Iterator[Result]:
    """The sentences of the steps, by variant: quickly first, then as chosen."""
    source = SOURCE if steps.asked.way == "drawn" else OF_SENTENCE
    yield from drafts_and_answers(session, steps.z, choice, source, place)  # type: ignore[arg-type]
