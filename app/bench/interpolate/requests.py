"""What the Interpolate tab asks of the models; runs in the live worker's thread, as in `app.core.requests`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.core.choice import Choice
from app.core.picks import Pick
from app.core.requests import Answer, Failure, Place, Result, drafts_and_answers, point_of
from engine.errors import LoomError

if TYPE_CHECKING:
    from engine.latents.smoothness import Smoothness
    from engine.session import Session


@dataclass(frozen=True, slots=True)
class Steps(Answer):
    """The sentences of one variant on the way, as far as they are decoded; `smoothness` once all of them are."""

    smoothness: Smoothness | None = None


def interpolate(
    session: Session,
    stops: Sequence[Pick],
    variants: Sequence[str],
    choice: Choice,
    slerp: bool,
    steps: int = 10,
    place: Place | None = None,
) -> Iterator[Result]:
    """The sentences on the way through all stops for every variant, this way over the map, and how smooth it is.

    They come quickly first, then as chosen; a long way comes piece by piece.

    Raises:
        LoomError: one of the texts holds no words.
    """
    from engine.latents.paths import path
    from engine.latents.smoothness import smoothness

    z: dict[str, NDArray[np.float32]] = {}
    given = {i * steps: session.typed(stop.text).words for i, stop in enumerate(stops) if not stop.is_point}
    for variant in variants:
        try:
            points = np.stack([_point(session, stop, variant, choice, i) for i, stop in enumerate(stops)])
            z[variant] = path(points, steps, slerp)
        except LoomError as error:
            yield Failure(variant, error.message)
    source = f"{'slerp' if slerp else 'lerp'}, {choice.source}"
    for result in drafts_and_answers(session, z, choice, source, place):
        if isinstance(result, Answer):
            whole = len(result.readings) == len(z[result.variant])
            numbers = smoothness([reading.words for reading in result.readings], given) if whole else None
            yield Steps(result.variant, result.readings, result.spots, numbers)
        else:
            yield result


def _point(session: Session, stop: Pick, variant: str, choice: Choice, place: int) -> NDArray[np.float32]:
    """z (latent,) of a stop on the way. Samples of q(z|x) have a seed of their own at each stop.

    Raises:
        LoomError: it is a point of other variants, or its sentence cannot be encoded.
    """
    if not stop.is_point:
        return session.encode(stop.text, [variant], choice.sample, choice.seed + place)[variant].z
    return point_of(session, stop, variant)
