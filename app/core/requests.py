"""What the window asks of the models, as generators of small results.

They run in the live worker's thread; between two results the worker may give a request up for a newer one, so each
yields as soon as one variant has answered. Nothing here knows Qt or the state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.core.choice import Choice
from app.core.picks import Origin, Pick
from app.core.values import Reading, Spot
from engine.errors import LoomError

if TYPE_CHECKING:
    from engine.decoding.options import DecodeOptions
    from engine.session import Decoded, Session

FARTHEST = 1000
"""The largest number in a point that is taken; the prior's standard deviation is 1."""

Place = Callable[[str, NDArray[np.float32]], "NDArray[np.float32] | None"]

_AT_ONCE = 64  # rows of z


@dataclass(frozen=True, slots=True)
class TypedWords:
    """How the models read the sentence that was asked about."""

    words: tuple[str, ...]
    unknown: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one variant makes of one request: one reading, or several of a series, and their places on its map."""

    variant: str
    readings: tuple[Reading, ...]
    spots: tuple[Spot, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """One variant could not answer; the others go on."""

    variant: str
    reason: str


Result = TypedWords | Answer | Failure


def reconstruct(
    session: Session, text: str, variants: Sequence[str], choice: Choice, place: Place | None = None
) -> Iterator[Result]:
    """Encode and decode one sentence with every variant: quickly first, then as chosen, then its own score.

    Raises:
        LoomError: the text holds no words.
    """
    typed = session.typed(text)
    yield TypedWords(typed.words, typed.unknown)
    last: dict[str, tuple[Answer, NDArray[np.float32]]] = {}
    for attempt in choice.searches:
        for variant in variants:
            try:
                options = decode_options(attempt)
                made = session.reconstruct(text, [variant], options, sample=choice.sample, seed=choice.seed)[0]
                reading = reading_of(made.decoded, attempt, made.latent.kl, draft=attempt is not choice)
                answer = Answer(variant, (replace(reading, scoring=True),), _spots(place, variant, made.latent.z[None]))
                last[variant] = answer, made.latent.z
                yield answer
            except LoomError as error:
                last.pop(variant, None)
                yield Failure(variant, error.message)
    for variant, (answer, z) in last.items():  # once all sentences are there, which nobody is to wait longer for
        try:
            score: float | None = session.score(variant, typed, z)
        except LoomError:  # the sentence stands without it
            score = None
        scored = replace(answer.readings[0], input_log_probability=score, scoring=False)
        yield replace(answer, readings=(scored,))


def decode_points(
    session: Session, pick: Pick, variants: Sequence[str], choice: Choice, place: Place | None = None
) -> Iterator[Result]:
    """The sentences of the points of a pick, one a variant: quickly first, then as chosen."""
    z: dict[str, NDArray[np.float32]] = {}
    for variant in variants:
        try:
            z[variant] = point_of(session, pick, variant)[None]
        except LoomError as error:
            yield Failure(variant, error.message)
    yield from drafts_and_answers(session, z, choice, pick.how, place)


def decode_options(choice: Choice) -> DecodeOptions:
    """The engine's options for a choice; `n_best` is left to those who show a list."""
    from engine.decoding.options import DecodeOptions

    return DecodeOptions(
        method=choice.method,
        beam=choice.beam,
        length_normalisation=choice.length_normalisation,
        allow_unknown=choice.allow_unknown,
        seed=choice.seed,
    )


def reading_of(
    decoded: Decoded, choice: Choice, kl: float | None = None, draft: bool = False, source: str = ""
) -> Reading:
    """A sentence that the engine decoded, as the window keeps it; `source` is how its z was made."""
    source = source or choice.source
    return Reading(
        words=tuple(decoded.words),
        text=decoded.text,
        log_probability=float(decoded.log_probability),
        kl=None if kl is None else float(kl),
        how=f"{source}, {choice.search}",
        draft=draft,
        ended=bool(decoded.ended),
        z=tuple(decoded.z.tolist()),
        source=source,
    )


def decode_rows(
    session: Session, z: Mapping[str, NDArray[np.float32]], options: DecodeOptions
) -> Iterator[tuple[str, list[Decoded] | LoomError]]:
    """The sentences of the rows of z (rows, latent) of each variant, all in one go; of a variant that fails, why."""
    try:
        yield from session.decode_all(z, options).items()
        return
    except LoomError as error:
        if len(z) == 1:
            yield next(iter(z)), error
            return
    for variant, rows in z.items():
        yield from decode_rows(session, {variant: rows}, options)


def sweeps(searches: Sequence[Choice], variants: Sequence[str]) -> Iterator[tuple[Choice, tuple[str, ...]]]:
    """Each search with the variants that are decoded in one go.

    For a greedy one, which is quick, these are all; a beam takes one by one, so that a newer request waits no longer.
    """
    for choice in searches:
        together = choice.method == "greedy" and variants
        for group in [tuple(variants)] if together else [(variant,) for variant in variants]:
            yield choice, group


def drafts_and_answers(
    session: Session, z: Mapping[str, NDArray[np.float32]], choice: Choice, source: str, place: Place | None
) -> Iterator[Result]:
    """The sentences of z: drafts first, where a beam is to follow.

    No more than `_AT_ONCE` rows of a variant are decoded in one go, so that a newer request need not wait for long.
    """
    spots = {variant: _spots(place, variant, rows) for variant, rows in z.items()}
    known: dict[str, tuple[Reading, ...]] = dict.fromkeys(z, ())
    for attempt, variants in sweeps(choice.searches, tuple(z)):
        length = max(len(z[variant]) for variant in variants)
        for start in range(0, length, _AT_ONCE):
            group = {variant: z[variant][start : start + _AT_ONCE] for variant in variants if variant in known}
            for variant, found in decode_rows(session, group, decode_options(attempt)) if group else ():
                if isinstance(found, LoomError):
                    known.pop(variant)
                    yield Failure(variant, found.message)
                    continue
                early = attempt is not choice
                fresh = tuple(reading_of(one, attempt, draft=early, source=source) for one in found)
                known[variant] = (*known[variant][:start], *fresh, *known[variant][start + len(fresh) :])
                yield Answer(variant, known[variant], spots[variant])


def point_of(session: Session, pick: Pick, variant: str) -> NDArray[np.float32]:
    """z (latent,) of a variant among the points of a pick, which may be of another run.

    Raises:
        LoomError: they are of another run or step, of other variants, or no points of this one.
    """
    if not _is_of(session, pick.origin):
        raise LoomError(
            f"“{pick.text}” is a point of {pick.origin.label}, which these models cannot decode. "
            "Open that run to use it, or send its sentence."
        )
    if variant not in pick.z:
        raise LoomError(f"“{pick.text}” was sent without a point of this model.")
    z, latent = np.array(pick.z[variant], np.float32), session.run.settings.model.latent
    if z.shape != (latent,) or not np.isfinite(z).all():
        raise LoomError(f"“{pick.text}” is no point of this model, whose z has {latent} finite numbers.")
    if np.abs(z).max() > FARTHEST:
        raise LoomError(f"“{pick.text}” lies too far out: z has numbers beyond ±{FARTHEST:,}, where sentences have ±5.")
    return z


def _is_of(session: Session, origin: Origin) -> bool:
    """Whether these are the models that points are of; points that say nothing of it are taken to be."""
    if not origin.run:
        return True
    if origin.step is None:  # the newest that all had, which other models are not that were asked for by their step
        same = session.step is None or bool(session.note)
    else:
        same = origin.step in session.steps.values()
    return same and origin.run == session.run.name


def _spots(place: Place | None, variant: str, z: NDArray[np.float32]) -> tuple[Spot, ...]:
    placed = place(variant, np.asarray(z, dtype=np.float32)) if place is not None else None
    return () if placed is None else tuple((float(x), float(y)) for x, y in placed)
