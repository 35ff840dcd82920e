"""What the window asks of the models, as generators of small results.

They run in the live worker's thread; between two results the worker may give a request up for a newer one, so each
yields as soon as one variant has answered. Nothing here knows Qt or the state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.state import STEPS, Choice, Reading
from engine.errors import LoomError

if TYPE_CHECKING:
    from engine.session import Session

Place = Callable[[str, NDArray[np.float32]], "NDArray[np.float32] | None"]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class TypedWords:
    """How the models read the sentence that was asked about."""

    words: tuple[str, ...]
    unknown: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one variant makes of one request: one reading, or several of a series."""

    variant: str
    readings: tuple[Reading, ...]
    path: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """One variant could not answer; the others go on."""

    variant: str
    reason: str


Result = TypedWords | Answer | Failure


def reconstruct(
    session: Session, text: str, variants: Sequence[str], choice: Choice, place: Place | None = None
) -> Iterator[Result]:
    """Encode and decode one sentence with every variant: quickly first, then as chosen.

    Raises:
        LoomError: the text holds no words.
    """
    typed = session.typed(text)
    yield TypedWords(typed.words, typed.unknown)
    drafts = [choice.greedy()] if choice.method == "beam" else []
    for attempt in [*drafts, choice]:
        for variant in variants:
            try:
                made = session.reconstruct(text, [variant], _options(attempt), sample=choice.sample, seed=choice.seed)[
                    0
                ]
                reading = _reading(made.decoded, attempt, made.latent.kl, draft=attempt is not choice)
                yield Answer(variant, (reading,), _spots(place, variant, made.latent.z[None]))
            except LoomError as error:
                yield Failure(variant, error.message)


def interpolate(
    session: Session,
    text_a: str,
    text_b: str,
    variants: Sequence[str],
    choice: Choice,
    slerp: bool,
    place: Place | None = None,
) -> Iterator[Result]:
    """The sentences from A to B of every variant, and their way over the map.

    Raises:
        LoomError: one of the texts holds no words.
    """
    for variant in variants:
        try:
            made = session.interpolate(
                text_a,
                text_b,
                [variant],
                steps=STEPS,
                slerp=slerp,
                options=_options(choice),
                sample=choice.sample,
                seed=choice.seed,
            )[variant]
            path = _spots(place, variant, np.stack([step.z for step in made]))
            yield Answer(variant, tuple(_reading(step, choice) for step in made), path)
        except LoomError as error:
            yield Failure(variant, error.message)


def sample(session: Session, count: int, seed: int, variants: Sequence[str], choice: Choice) -> Iterator[Result]:
    """`count` sentences of every variant from z ~ N(0, I); the same z for each of them."""
    for variant in variants:
        try:
            made = session.sample([variant], count, _options(choice), seed=seed)[variant]
            yield Answer(variant, tuple(_reading(one, choice) for one in made))
        except LoomError as error:
            yield Failure(variant, error.message)


def _options(choice: Choice) -> Any:
    from engine.decoding_options import DecodeOptions

    return DecodeOptions(method=choice.method, beam=choice.beam, seed=choice.seed)


def _reading(decoded: Any, choice: Choice, kl: float | None = None, draft: bool = False) -> Reading:
    return Reading(
        words=tuple(decoded.words),
        text=decoded.text,
        log_probability=float(decoded.log_probability),
        kl=None if kl is None else float(kl),
        how=choice.how,
        draft=draft,
        ended=bool(decoded.ended),
        z=tuple(decoded.z.tolist()),
    )


def _spots(place: Place | None, variant: str, z: NDArray[np.float32]) -> tuple[Point, ...]:
    placed = place(variant, np.asarray(z, dtype=np.float32)) if place is not None else None
    return () if placed is None else tuple((float(x), float(y)) for x, y in placed)
