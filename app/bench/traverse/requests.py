"""What the Traverse tab asks of the models and of the cache; runs in their workers' threads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.core.choice import Choice
from app.core.requests import Answer, Failure, decode_options, decode_rows, reading_of
from app.run.atlas import Opened
from engine.errors import LoomError

if TYPE_CHECKING:
    from engine.decoding.options import DecodeOptions
    from engine.latents.directions import LatentStatistics
    from engine.session import Session

Answers = tuple[Answer | Failure, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Points (rows, latent) of one variant to be decoded, and how each was made."""

    z: NDArray[np.float32]
    hows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """What the posteriors of a variant's test sentences are like together."""

    variant: str
    statistics: LatentStatistics


def measure(opened: Opened, variants: Sequence[str]) -> Iterator[Measured | Failure | None]:
    """The statistics of each variant's latents; None now and then, so that it can be given up there."""
    from engine.latents.directions import statistics_by_blocks

    for variant in variants:
        try:
            if opened.atlas is None:
                raise LoomError("The latents of the test sentences are not there.")
            for found in statistics_by_blocks(opened.atlas.cache, variant):
                yield None if found is None else Measured(variant, found)
        except LoomError as error:
            yield Failure(variant, error.message)


def decode(
    session: Session,
    points: Mapping[str, Rows],
    searches: Sequence[Choice],
    shortest: int | None = None,
    draft: bool = False,
) -> Iterator[Answers]:
    """Sentences of points of several variants, by one search after the other; all before the last are drafts.

    A greedy search answers for all variants in one go, a beam search for one after the other, so that it can be given
    up between them.

    Args:
        session: the models.
        points: by variant.
        searches: how, one after the other.
        shortest: words of the subject, if it is a sentence: one that is shorter than any of the corpus can come back.
        draft: whether the last search makes drafts, too.
    """
    for number, choice in enumerate(searches, start=1):
        options = _options(session, choice, shortest)
        names = [list(points)] if choice.method == "greedy" else [[name] for name in points]
        for group in names:
            chosen = {name: points[name] for name in group}
            yield tuple(_group(session, chosen, options, choice, draft or number < len(searches)))


def _group(
    session: Session, points: Mapping[str, Rows], options: DecodeOptions, choice: Choice, draft: bool
) -> Iterator[Answer | Failure]:
    for name, made in decode_rows(session, {name: rows.z for name, rows in points.items()}, options):
        if isinstance(made, LoomError):
            yield Failure(name, made.message)
        else:
            pairs = zip(made, points[name].hows, strict=True)
            yield Answer(name, tuple(reading_of(one, choice, draft=draft, source=how) for one, how in pairs))


def _options(session: Session, choice: Choice, shortest: int | None) -> DecodeOptions:
    usual = session.run.settings.corpus.min_words
    min_words = None if shortest is None or shortest >= usual else shortest
    return replace(decode_options(choice), min_words=min_words)
