"""Surveys made from a real run: what they ask is what its models write, and nothing of it is chosen by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.decoding.options import DecodeOptions
from engine.errors import LoomError, UsageError
from engine.evaluation.surveys.making import make_and_keep, make_survey, pool_size
from engine.evaluation.surveys.place import Place
from engine.evaluation.surveys.request import SurveyRequest
from engine.evaluation.surveys.survey import Survey, read_survey
from engine.events import Done, Event, Note
from engine.runs.run import Run
from engine.session import Session
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace

PAIR = SurveyRequest("reconstruction", (("autogen-m1", "vae"),), 6, 2, 2, 2, beam=3)
SINGLE = SurveyRequest("generation", (("vae",), ("autogen-m1",)), 6, 2, 4, 2, beam=3)


@pytest.fixture(scope="module")
def session(tiny_run: Run) -> Session:
    return Session.load(tiny_run, "cpu")


@pytest.fixture
def cache(tiny_workspace: Workspace) -> Iterator[LatentCache]:
    with LatentCache.open(tiny_workspace.cache("tiny")) as opened:
        yield opened


def made(session: Session, cache: LatentCache, request: SurveyRequest) -> tuple[Survey, list[Event]]:
    *events, survey = make_survey(session, cache, request, "mine")
    assert isinstance(survey, Survey)
    return survey, [each for each in events if not isinstance(each, Survey)]


def test_questions_are_reconstructions_that_can_be_made_again(session: Session, cache: LatentCache) -> None:
    survey, _ = made(session, cache, PAIR)
    assert len(survey.questions) == pool_size(PAIR) == 4
    for question in survey.questions:
        number = int(question.how.split(",")[0].removeprefix("test sentence ")) - 1
        again = session.reconstruct(cache.sentence(number), None, DecodeOptions(beam=3), True, number)
        by_name = {each.variant: each.decoded.text for each in again}
        assert question.texts == (by_name["autogen-m1"], by_name["vae"])
        assert question.sentence == cache.sentence(number)
        assert question.tokens == cache.words()[number]
        assert question.texts[0] != question.texts[1]
    tried = survey.left_out["autogen-m1:vae"]
    assert tried.tried - tried.same == len(survey.questions)


def test_catch_trials_are_copies_of_sentences_that_no_question_shows(session: Session, cache: LatentCache) -> None:
    survey, _ = made(session, cache, PAIR)
    test = set(cache.sentences())
    asked = {question.sentence for question in survey.questions}
    assert 2 <= len(survey.trials) <= 4
    for trial in survey.trials:
        assert trial.texts[0] == trial.sentence != trial.texts[1]
        assert {*trial.texts} <= test - asked
        assert trial.expected == "first"


def test_single_sentences_are_draws_of_the_prior_and_their_trials_shuffled_words(
    session: Session, cache: LatentCache
) -> None:
    survey, _ = made(session, cache, SINGLE)
    assert Counter(question.group for question in survey.questions) == {("vae",): 4, ("autogen-m1",): 4}
    drawn = session.sample(["vae"], 16, DecodeOptions(beam=3), 0)["vae"]
    assert survey.of_group(("vae",))[0].texts[0] in {each.text for each in drawn}
    test = {frozenset(Counter(session.typed(text).words).items()): text for text in cache.sentences()}
    for trial in survey.trials:
        original = test[frozenset(Counter(session.typed(trial.texts[0]).words).items())]
        assert (trial.texts[0] == original) == (trial.trial == "real")
    assert Counter(trial.trial for trial in survey.trials) == dict.fromkeys(("shuffled", "real"), min(4, cache.n // 20))


@pytest.mark.parametrize("request_", [PAIR, SINGLE])
def test_the_same_seed_makes_the_same_survey_and_another_one_does_not(
    session: Session, cache: LatentCache, request_: SurveyRequest
) -> None:
    first, again = made(session, cache, request_)[0], made(session, cache, request_)[0]
    assert first.fingerprint == again.fingerprint
    other = made(session, cache, replace(request_, seed=1))[0]
    assert not {question.id for question in first.questions} & {question.id for question in other.questions}


def test_identical_models_are_told(session: Session, cache: LatentCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "model_fingerprint", lambda self, variant, step=None: "same")
    with pytest.raises(UsageError, match="the same model"):
        made(session, cache, PAIR)


def test_models_that_write_the_same_are_counted_and_told(session: Session, cache: LatentCache) -> None:
    class Parrot(Session):
        """Both models write their names, and the second that of the first one, but for every `every`-th sentence."""

        every = 4

        def reconstruct(self, text, variants=None, options=None, sample=False, seed=0):  # type: ignore[no-untyped-def]
            found = super().reconstruct(text, variants, options, sample, seed)
            names = [each.variant if self.every and seed % self.every == 0 else "same" for each in found]
            return [
                replace(each, decoded=replace(each.decoded, words=(name,), text=name))
                for each, name in zip(found, names, strict=True)
            ]

    parrot = Parrot(session.run, session._models, {}, session.device, None, "", session.steps)
    survey, events = made(parrot, cache, PAIR)
    left = survey.left_out["autogen-m1:vae"]
    assert left.tried - left.same == len(survey.questions) == 4
    assert {question.texts for question in survey.questions} == {("autogen-m1", "vae")}
    notes = [each.text for each in events if isinstance(each, Note)]
    assert any(f"wrote the same for {left.same} of {left.tried} sentences" in text for text in notes)
    parrot.every = 0
    with pytest.raises(LoomError, match="leaves 0 questions"):
        made(parrot, cache, PAIR)


def test_too_small_a_test_set_is_told(session: Session, cache: LatentCache) -> None:
    large = replace(PAIR, respondents=300, repeats=1)
    survey, events = made(session, cache, large)
    assert large.each <= len(survey.questions) < pool_size(large)
    assert any(isinstance(each, Note) and "instead of" in each.text for each in events)


def test_a_variant_without_a_checkpoint_is_told(session: Session, cache: LatentCache) -> None:
    lost = Session(session.run, {"vae": session.model("vae")}, {"autogen-m1": "No checkpoint."}, session.device)
    with pytest.raises(LoomError, match="No checkpoint"):
        made(lost, cache, PAIR)


def test_it_is_published_once(session: Session, cache: LatentCache, tmp_path: Path) -> None:
    place = Place(tmp_path / "mine")
    *_, done = make_and_keep(session, cache, PAIR, place)
    assert isinstance(done, Done)
    assert done.result["new"]
    survey = read_survey(place.survey_file)
    assert (survey.name, survey.fingerprint) == ("mine", done.result["fingerprint"])
    *_, again = make_and_keep(session, cache, PAIR, place)
    assert isinstance(again, Done)
    assert not again.result["new"]
    with pytest.raises(UsageError, match="another survey"):
        list(make_and_keep(session, cache, SINGLE, place))


def test_people_who_are_too_few_for_the_repeats_are_told(session: Session, cache: LatentCache) -> None:
    _, events = made(session, cache, replace(PAIR, questions=4, respondents=3))
    notes = [each.text for each in events if isinstance(each, Note)]
    assert any("for 2 to every question 4 people are needed" in note for note in notes)
    _, events = made(session, cache, PAIR)
    assert not any("people are needed" in each.text for each in events if isinstance(each, Note))
