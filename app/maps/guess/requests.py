"""What a guess asks: of the cache, which sentences lie around a place; of the models, what they say from there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.core.choice import Choice
from app.core.requests import Place, Result, drafts_and_answers
from app.core.values import Spot
from app.run.atlas import Opened

SOURCE = "guess from the sentences around"


@dataclass(frozen=True, slots=True)
class Asked:
    """Where: a place on the map of a variant."""

    variant: str
    spot: Spot


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What lies around a place: test sentences, the nearest first, and z of every variant, the guess and draws."""

    asked: Asked
    indices: tuple[int, ...]
    z: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)


def look_around(opened: Opened, asked: Asked, variants: tuple[str, ...]) -> Iterator[Surroundings]:
    """The sentences around a place, and the latents that every variant has of them.

    Raises:
        LoomError: the map is not there, or has no sentence.
    """
    from engine.errors import LoomError
    from engine.maps.telling.guess import around, guesses

    atlas = opened.atlas
    numbers = atlas.numbers.get(asked.variant) if atlas is not None else None
    if atlas is None or numbers is None or numbers.coords is None:
        raise LoomError("This map is not there any more.")
    near = around(numbers.coords, *asked.spot)
    z = {name: guesses(atlas.cache, name, near) for name in variants if name in atlas.numbers}
    yield Surroundings(asked, tuple(near.indices.tolist()), z)


def decode(
    session: object, z: Mapping[str, NDArray[np.float32]], choice: Choice, place: Place | None
) -> Iterator[Result]:
    """The sentences of a guess and its draws, by variant: quickly first, then as chosen."""
    yield from drafts_and_answers(session, z, choice, SOURCE, place)  # type: ignore[arg-type]
