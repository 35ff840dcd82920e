"""Making a survey from a run: sentences of the test set, what its models make of them, and catch trials.

Sentences are taken as the paper takes them: 4 to 20 tokens, none unknown, not cherry picked but drawn with a seed. Both
models of a pair are given the same sentence and the same noise. A pair whose reconstructions are the same word for word
is not asked about, and counted.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from engine.decoding.options import DecodeOptions
from engine.errors import LoomError, UsageError
from engine.evaluation.surveys.place import Place, keep_survey
from engine.evaluation.surveys.request import Group, SurveyRequest
from engine.evaluation.surveys.survey import (
    LeftOut,
    Question,
    Survey,
    fingerprint_of,
    group_name,
    opaque_id,
    secret_of,
    wanted_trials,
)
from engine.events import Done, Event, Note, Progress
from engine.runs.run import now
from engine.sentences.filters import FEWEST_WORDS, MOST_WORDS
from engine.sentences.prior_samples import PriorSamples, prior_samples
from engine.version import app_version

if TYPE_CHECKING:
    from engine.session import Session
    from engine.storage.latent_cache import LatentCache

PATIENCE = 20
"""Sentences that are tried at most for each question, as some come back alike from both models."""
_MOST_TRIALS = 100
"""Catch trials of a kind that are made at most, and no more than a twentieth of the test set has sentences."""


def make_survey(session: Session, cache: LatentCache, request: SurveyRequest, name: str) -> Iterator[Event | Survey]:
    """Make a survey; yields progress and notes, and the survey last.

    Args:
        session: with the models that are asked about.
        cache: the test sentences of the run.
        request: what it is to be.
        name: of the survey.

    Raises:
        LoomError: a model could not be loaded; too few sentences pass the filter; or two models write the same so often
            that there are not enough questions.
        UsageError: a pair names the same weights twice.
    """
    for variant in request.variants:
        session.model(variant)  # raises why it was not loaded
    models = {variant: session.run.model_fingerprint(variant, session.steps[variant]) for variant in request.variants}
    _check_different(request, models)
    secret = secret_of(request, models, cache.corpus_fingerprint)
    ids = (opaque_id(secret, number) for number in range(1 << 40))
    sentences = _Sentences(session, cache, request.seed)
    trials = _catch_trials(sentences, request, ids)
    questions: list[Question] = []
    left_out: dict[str, LeftOut] = {}
    made = _reconstructions if request.kind == "reconstruction" else _generations
    for each in made(session, sentences, request, ids):
        if isinstance(each, Question):
            questions.append(each)
        elif isinstance(each, tuple):
            left_out[each[0]] = each[1]
        else:
            yield each
    yield from _too_few_people(request, questions)
    options = DecodeOptions(beam=request.beam)
    z = (
        f"z ~ q(z|x), seeds from {request.seed}"
        if request.kind == "reconstruction"
        else f"z ~ N(0, I), seed {request.seed}"
    )
    survey = Survey(
        name=name,
        created=now(),
        app_version=app_version(),
        kind_of=request.kind,
        run=session.run.name,
        corpus=cache.corpus_fingerprint,
        models=models,
        steps={variant: session.steps[variant] for variant in request.variants},
        labels={variant: session.run.variant(variant).label for variant in request.variants},
        groups=request.groups,
        asked=request.asked,
        each=request.each,
        catch=request.catch,
        respondents=request.respondents,
        repeats=request.repeats,
        seed=request.seed,
        how=f"{z}, {options.describe()}; {FEWEST_WORDS} to {MOST_WORDS} tokens, none unknown",
        left_out=left_out,
        questions=tuple(questions),
        trials=tuple(trials),
    )
    yield survey.model_copy(update={"fingerprint": fingerprint_of(survey)})


def _check_different(request: SurveyRequest, models: dict[str, str]) -> None:
    for group in request.groups:
        if len(group) == 2 and models[group[0]] == models[group[1]]:
            raise UsageError(
                f"{group[0]} and {group[1]} are the same model: their weights are equal.", "Compare two that differ."
            )


def pool_size(request: SurveyRequest) -> int:
    """Questions of a group: as many as the respondents answer between them, each `repeats` times; whole hands."""
    return request.each * math.ceil(request.respondents / request.repeats)


def _too_few_people(request: SurveyRequest, questions: Sequence[Question]) -> Iterator[Note]:
    """A word where the last round of forms is not full, so that some questions get fewer answers than was asked for."""
    counts = Counter(question.group for question in questions)
    needed = request.repeats * max(count // request.each for count in counts.values())
    if needed > request.respondents:
        yield Note(
            f"With {request.respondents} respondents some questions get fewer than {request.repeats} answers; for "
            f"{request.repeats} to every question {needed} people are needed.",
            "warning",
        )


class _Sentences:
    """The test sentences that pass the paper's filter, in an order drawn with a seed, each given out once."""

    def __init__(self, session: Session, cache: LatentCache, seed: int) -> None:
        self._session, self._cache = session, cache
        self._lengths = cache.words()
        self._order = iter(np.random.default_rng([seed, cache.n]).permutation(cache.n).tolist())
        self._seen: set[str] = set()
        self.total = cache.n

    def next(self) -> tuple[int, str, tuple[str, ...]] | None:
        """Number of the sentence from 0, its text and its tokens; None when there are no more."""
        for index in self._order:
            if not FEWEST_WORDS <= self._lengths[index] <= MOST_WORDS:
                continue
            text = self._cache.sentence(index)
            typed = self._session.typed(text)
            if text not in self._seen and not any(typed.unknown):
                self._seen.add(text)
                return index, text, tuple(typed.words)
        return None

    def written(self, words: Sequence[str]) -> str:
        """Words as models write them, so that neither spaces nor capitals tell a sentence of the text from theirs."""
        return self._session.run.vocabulary.text(words)


def _reconstructions(
    session: Session, sentences: _Sentences, request: SurveyRequest, ids: Iterator[str]
) -> Iterator[Event | Question | tuple[str, LeftOut]]:
    options, wanted = DecodeOptions(beam=request.beam), pool_size(request)
    done = 0
    for group in request.groups:
        tried = same = found = 0
        while found < wanted and tried < PATIENCE * wanted:
            given = sentences.next()
            if given is None:
                break
            index, text, words = given
            tried += 1
            seed = request.seed + index
            made = {each.variant: each.decoded for each in session.reconstruct(text, group, options, True, seed)}
            first, second = (made[name] for name in group)
            if first.words == second.words:
                same += 1
                continue
            found, done = found + 1, done + 1
            yield Question(
                id=next(ids),
                group=group,
                sentence=sentences.written(words),
                texts=(first.text, second.text),
                tokens=len(words),
                how=f"test sentence {index + 1}, z ~ q(z|x) with seed {seed}, {options.describe()}",
            )
            yield Progress("reconstructing", done, wanted * len(request.groups), "questions")
        yield group_name(group), LeftOut(tried=tried, same=same)
        yield from _told(group, found, wanted, tried, same, request)


def _told(group: Group, found: int, wanted: int, tried: int, same: int, request: SurveyRequest) -> Iterator[Event]:
    """A word about a group that has fewer questions than wanted, or pairs that were left out.

    Raises:
        LoomError: there are too few for one form.
    """
    if found < request.each:
        raise LoomError(
            f"{' and '.join(group)} wrote the same for {same} of {tried} test sentences, which leaves {found} "
            f"questions; a respondent needs {request.each}.",
            "Ask fewer questions, compare models that differ more, or prepare the corpus from more text.",
        )
    if same:
        yield Note(f"{' and '.join(group)} wrote the same for {same} of {tried} sentences; those are not asked.")
    if found < wanted:
        yield Note(
            f"{' and '.join(group)}: {found} questions instead of {wanted}, so they are repeated sooner.", "warning"
        )


def _fewer(group: str, found: int, wanted: int) -> Note:
    return Note(f"{group}: {found} questions instead of {wanted}, so more people are asked the same.", "warning")


def _generations(
    session: Session, sentences: _Sentences, request: SurveyRequest, ids: Iterator[str]
) -> Iterator[Event | Question | tuple[str, LeftOut]]:
    wanted = pool_size(request)
    options = DecodeOptions(beam=request.beam)
    found: dict[str, PriorSamples] = {}
    for made in prior_samples(session, wanted, options, request.seed, request.variants, filtered=True):
        if not isinstance(made, PriorSamples):
            raise LoomError(f"{made.variant} could not write sentences: {made.message}", made.hint)
        found[made.variant] = made
        done = sum(len(each.samples) for each in found.values())
        yield Progress("sampling", done, wanted * len(request.groups), "sentences")
    for (name,) in request.groups:
        samples = found[name].samples
        if len(samples) < request.each:
            raise LoomError(
                f"Only {len(samples)} of {found[name].drawn} sentences from {name} have {FEWEST_WORDS} to {MOST_WORDS} "
                f"tokens and none unknown; a respondent needs {request.each}.",
                "Ask fewer questions, or leave the model out with --variants.",
            )
        for each in samples:
            yield Question(
                id=next(ids), group=(name,), texts=(each.decoded.text,), tokens=len(each.decoded.words), how=each.how
            )
        yield name, LeftOut(tried=found[name].drawn, same=found[name].rejected)
        distinct = len({each.decoded.text for each in samples})
        if distinct < len(samples):
            yield Note(f"{name} wrote {distinct} different sentences in {len(samples)} draws; all draws are asked.")
        if len(samples) < wanted:
            yield _fewer(name, len(samples), wanted)


def _catch_trials(sentences: _Sentences, request: SurveyRequest, ids: Iterator[str]) -> list[Question]:
    """Catch trials for the forms, from test sentences that no question shows.

    Raises:
        LoomError: there are too few test sentences.
    """
    made: list[Question] = []
    random = np.random.default_rng([request.seed, 1])
    for trial, each in wanted_trials(request.kind, request.catch).items():
        wanted = max(each, min(each * request.respondents, _MOST_TRIALS, sentences.total // 20))
        kept: list[Question] = []
        while len(kept) < wanted:
            given = sentences.next()
            if given is None:
                break
            index, _, words = given
            how, sentence = f"test sentence {index + 1}", ""
            shown: tuple[str, ...] = (sentences.written(words),)
            if trial == "copy":
                other = sentences.next()
                if other is None:
                    break
                sentence, shown = shown[0], (*shown, sentences.written(other[2]))
                how = f"{how}, and {other[0] + 1} beside it"
            elif trial == "shuffled":
                mixed = _shuffled(words, random)
                if mixed is None:
                    continue  # of words that are all alike
                shown, how = (sentences.written(mixed),), f"the words of {how}, shuffled"
            kept.append(Question(id=next(ids), sentence=sentence, texts=shown, tokens=len(words), how=how, trial=trial))
        if len(kept) < each:
            raise LoomError(
                f"The test set has {len(kept)} sentences for catch trials; a respondent needs {each}.",
                "Ask with fewer catch trials, or prepare the corpus from more text.",
            )
        made += kept
    return made


def _shuffled(words: tuple[str, ...], random: np.random.Generator) -> list[str] | None:
    """The words in another order, but for the mark at the end; None if too few differ for an order without sense."""
    last = () if any(letter.isalnum() for letter in words[-1]) else words[-1:]
    body = words[: len(words) - len(last)]
    if len(set(body)) < 4:
        return None
    for _ in range(100):
        mixed = [body[place] for place in random.permutation(len(body))]
        # Neighbours of the sentence must not stay neighbours often, or it may still make sense.
        kept = set(pairwise(body)) & set(pairwise(mixed))
        if len(kept) <= len(body) // 4:
            return [*mixed, *last]
    return None


def make_and_keep(session: Session, cache: LatentCache, request: SurveyRequest, place: Place) -> Iterator[Event]:
    """Make a survey and publish it; where the very same one is there already, it is left as it is.

    Raises:
        LoomError, UsageError: as `make_survey` and `place.keep_survey`.
    """
    for each in make_survey(session, cache, request, place.folder.name):
        if not isinstance(each, Survey):
            yield each
            continue
        new = keep_survey(place, each)
        result = {
            "survey": each.name,
            "kind": each.kind_of,
            "run": each.run,
            "path": str(place.survey_file),
            "fingerprint": each.fingerprint,
            "new": new,
            "groups": [list(group) for group in each.groups],
            "questions": len(each.questions),
            "trials": len(each.trials),
            "asked": each.asked,
            "left_out": {name: left.model_dump() for name, left in each.left_out.items()},
        }
        yield Done(result)
