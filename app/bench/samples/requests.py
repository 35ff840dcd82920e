"""What the tab of prior samples asks: sentences out of nothing, and what training text they resemble.

As in `requests`, these run in the live worker's thread and yield small results, between which a newer request may
take their place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.bench.samples.state import Draw, Memory, Near
from app.core.choice import Choice
from app.core.requests import Failure, decode_options
from app.core.values import Reading

if TYPE_CHECKING:
    from engine.decoding.options import DecodeOptions
    from engine.sentences.prior_samples import Sample
    from engine.session import Session
    from engine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Drawn:
    """The samples of one variant so far; the filter threw `rejected` of `drawn` draws away."""

    variant: str
    readings: tuple[Reading, ...]
    drawn: int
    rejected: int


def sample(session: Session, draw: Draw, variants: Sequence[str], choice: Choice) -> Iterator[Drawn | Failure]:
    """Samples of every variant: quickly first where a beam is to follow, then as chosen.

    Where words are drawn, nothing is quicker, so there is one sweep.
    """
    from engine.sentences.prior_samples import prior_samples
    from engine.sentences.variant_answers import Refused

    drafts: dict[str, tuple[Reading, ...]] = {}
    sweeps = [decode_options(choice.greedy())] if choice.method == "beam" and not draw.sampled else []
    final = _word_options(draw) if draw.sampled else decode_options(choice)
    asked = list(variants)
    for options in [*sweeps, final]:
        early = options is not final
        for found in prior_samples(session, draw.count, options, draw.seed, tuple(asked), draw.filtered):
            if isinstance(found, Refused):
                asked.remove(found.variant)
                yield Failure(found.variant, found.message)
                continue
            readings = tuple(_reading(one, draw.seed, early) for one in found.samples)
            if early:
                drafts[found.variant] = readings
            elif not found.complete:
                readings = (*readings, *drafts.get(found.variant, ())[len(readings) :])
            yield Drawn(found.variant, readings, found.drawn, found.rejected)
        if not asked:
            return


def nearest(session: Session, workspace: Workspace, sentences: Sequence[tuple[str, ...]]) -> Iterator[Memory]:
    """The nearest training sentence of each sentence (as words), so far, block by block of the training text.

    Raises:
        LoomError: the corpus of the run is not there, or not the one it was trained on.
    """
    from engine.sentences.memorisation import nearest_training, training_corpus

    for found in nearest_training(training_corpus(session.run, workspace), sentences):
        near = {
            words: Near(one.text, one.edits, one.distance)
            for words, one in zip(sentences, found.nearest, strict=True)
            if one is not None
        }
        yield Memory(True, near, found.searched, found.sentences, found.how, busy=not found.complete)


def _word_options(draw: Draw) -> DecodeOptions:
    from engine.decoding.options import DecodeOptions

    return DecodeOptions(method="sample", temperature=draw.temperature, top_p=draw.top_p, seed=draw.seed)


def _reading(made: Sample, seed: int, draft: bool) -> Reading:
    found = made.decoded
    return Reading(
        words=tuple(found.words),
        text=found.text,
        log_probability=float(found.log_probability),
        how=made.how,
        draft=draft,
        ended=bool(found.ended),
        z=tuple(found.z.tolist()),
        source=f"z ~ N(0, I), seed {seed}, draw {made.draw}",
    )
