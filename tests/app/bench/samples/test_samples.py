"""Prior samples in the window's own words: the filter, drawn words, and what training text they resemble."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from app.bench.samples import requests
from app.bench.samples.requests import Drawn
from app.bench.samples.samples import PriorSamples, _taken
from app.bench.samples.state import Draw, Memory, Near, Samples
from app.core.choice import Choice
from app.core.requester import Requester
from app.core.requests import Failure
from app.core.state import ExplorerState
from app.core.values import Column
from app.run.context import Context
from engine.corpus.store import Corpus
from engine.runs.run import Run
from engine.sentences.memorisation import nearest_training
from engine.session import Session
from engine.workspace import Workspace
from tests.app.fakes import DirectWorker, FakeSession
from tests.app.looking import shown

BOTH = ("vae", "autogen-m1")


@pytest.fixture(scope="module")
def session(tiny_run: Run) -> Session:
    return Session.load(tiny_run, device="cpu")


@pytest.fixture
def controller(qapp, session: Session, tiny_workspace: Workspace) -> PriorSamples:
    """The controller on the models of the tiny run, which answer at once."""
    columns = tuple(Column(name, name, "#56B4E9") for name in session.variants)
    state = ExplorerState(columns=columns, shown=session.variants, run="tiny", choice=Choice(beam=3))
    models = Requester()
    worker = DirectWorker(lambda tell: session)
    worker.start()
    models.attach(worker)
    models.kept = worker  # type: ignore[attr-defined]
    return PriorSamples(Context(state, models, workspace=tiny_workspace))


@pytest.fixture
def fakes(qapp) -> tuple[Context, FakeSession]:
    """A context whose models say what they were asked, and these models."""
    session, models = FakeSession(), Requester()
    worker = DirectWorker(lambda tell: session)
    worker.start()
    models.attach(worker)
    models.kept = worker  # type: ignore[attr-defined]
    columns = tuple(Column(name, name, "#56B4E9") for name in BOTH)
    return Context(ExplorerState(columns=columns, shown=BOTH), models), session


def test_quick_samples_come_first_and_those_of_the_beam_take_their_place(session):
    results = list(requests.sample(session, Draw(20, 3), BOTH, Choice(beam=3)))
    drafts = [all(reading.draft for reading in result.readings) for result in results]
    assert drafts[:4] == [True] * 4
    assert not any(reading.draft for result in results[-2:] for reading in result.readings)
    assert [len(result.readings) for result in results] == [16, 16, 20, 20, 20, 20, 20, 20]
    first = results[-2].readings[0]
    assert first.source == "z ~ N(0, I), seed 3, draw 0"
    assert first.how == "z ~ N(0, I), seed 3, draw 0, beam 3"
    assert results[-2].readings[5].z == results[-1].readings[5].z


def test_words_that_are_drawn_depend_on_the_seed_alone_and_say_how(session):
    draw = Draw(4, 7, sampled=True, temperature=0.8, top_p=0.9)
    one, two = (list(requests.sample(session, draw, ("vae",), Choice(beam=3))) for _ in range(2))
    assert one == two
    assert len(one) == 1  # nothing is quicker than drawing, so there is no draft
    assert "temperature 0.8, top-p 0.9, seed 7" in one[0].readings[0].how
    other = list(requests.sample(session, replace(draw, temperature=3.0, top_p=1.0), ("vae",), Choice()))
    assert [r.words for r in other[0].readings] != [r.words for r in one[0].readings]


def test_the_filter_tells_what_it_threw_away():
    class Short(FakeSession):
        def _decoded(self, variant, words, options):
            made = super()._decoded(variant, words, options)
            return replace(made, words=("we", "go", "home", ".") if float(words[0]) > 0 else ("no",))

    (drawn,) = requests.sample(Short(), Draw(5, filtered=True), ("vae",), Choice(method="greedy"))
    assert {reading.words for reading in drawn.readings} == {("we", "go", "home", ".")}
    assert (len(drawn.readings), drawn.drawn - drawn.rejected) == (5, 5)
    assert drawn.rejected > 0
    kept = [int(reading.source.rsplit(" ", 1)[1]) for reading in drawn.readings]
    assert kept == sorted(kept)
    assert kept[-1] == drawn.drawn - 1


def test_a_variant_that_cannot_answer_leaves_the_others_alone():
    results = list(requests.sample(FakeSession(silent=("vae",)), Draw(2), BOTH, Choice(beam=3)))
    assert [result.variant for result in results] == ["vae", "autogen-m1", "autogen-m1"]
    assert isinstance(results[0], Failure)
    assert isinstance(results[1], Drawn)


def test_what_was_drawn_goes_when_its_model_cannot_answer_and_a_reason_when_it_can():
    (drawn,) = requests.sample(FakeSession(), Draw(2, filtered=True), ("vae",), Choice(method="greedy"))
    refused = _taken(_taken(Samples(), drawn), Failure("vae", "overflow"))
    assert (refused.readings, refused.thrown, refused.failed) == ({}, {}, {"vae": "overflow"})
    answered = _taken(refused, drawn)
    assert (set(answered.readings), set(answered.thrown), answered.failed) == ({"vae"}, {"vae"}, {})


def test_every_sample_has_its_nearest_training_sentence(controller, tiny_corpus: Corpus):
    controller.set_draw(Draw(3, 1))
    state = controller.state
    assert state.memory == Memory()
    controller.show_nearest(True)
    said = {reading.words for readings in state.samples.readings.values() for reading in readings}
    assert set(state.memory.near) == said
    assert (state.memory.busy, state.memory.searched) == (False, len(tiny_corpus.train))
    words = next(iter(said))
    *_, expected = nearest_training(tiny_corpus, [words])
    assert state.memory.near[words].text == expected.nearest[0].text
    controller.new_seed()
    said = {reading.words for readings in state.samples.readings.values() for reading in readings}
    assert set(state.memory.near) == said  # looked for again, as it is still wanted
    controller.show_nearest(False)
    assert state.memory == Memory()


def test_a_corpus_that_is_not_there_is_told_with_the_command_that_prepares_it(controller, tmp_path):
    controller._context.workspace = Workspace(tmp_path)
    controller.draw()
    controller.show_nearest(True)
    memory = controller.state.memory
    assert "corpus" in memory.problem
    assert not memory.busy
    assert not controller.state.samples.problem


def test_the_tab_shows_what_is_nearest_beneath_each_sample(explorer):
    explorer.open("demo")
    explorer.window.bench.show_tab("Prior samples")
    readings = explorer.bench.tab("Prior samples").state.samples.readings["vae"]
    other = next(i for i, reading in enumerate(readings) if reading.words != readings[0].words)
    near = {readings[0].words: Near("Never said.", 0, 0.0), readings[other].words: Near("Said before.", 2, 0.5)}
    explorer.bench.tab("Prior samples").state.memory = Memory(True, near, 9, 9)
    shown(explorer)
    tab = explorer.bench.tab("Prior samples").view
    assert tab.nearest.isChecked()
    assert "verbatim in the training text" in tab.texts[0][0]
    first, second = tab._grid.rows[1].cells[0], tab._grid.rows[other + 1].cells[0]
    assert first.text.endswith("found verbatim in the training text")
    assert second.text.endswith("2 tokens from “Said before.”")
    assert first.said == readings[0].text
    assert "distance 0.50" in second.tooltip


def test_the_choices_of_the_tab_draw_anew(explorer):
    explorer.open("demo")
    explorer.window.bench.show_tab("Prior samples")
    shown(explorer)
    tab, state = explorer.bench.tab("Prior samples").view, explorer.bench.tab("Prior samples").state
    assert tab.temperature.isHidden()
    tab.filter.click()
    assert state.draw.filtered
    assert state.samples.how.endswith("4 to 20 tokens, none unknown")
    tab.words.chosen.emit("sample")
    shown(explorer)
    assert not tab.temperature.isHidden()
    tab.temperature.setValue(0.7)
    assert (state.draw.sampled, state.draw.temperature) == (True, 0.7)
    assert "words sampled with temperature 0.7" in state.samples.how
    tab.count.setValue(3)
    shown(explorer)
    assert state.draw.count == 3
    assert len(tab.texts) == 4


def test_samples_are_drawn_once_for_a_tab_that_is_opened_again_and_anew_for_a_new_seed(fakes):
    context, session = fakes
    controller = PriorSamples(context, random.Random(1))
    controller.ensure()
    controller.ensure()
    assert len(session.asked) == 4  # greedy and beam, each for both variants
    controller.new_seed()
    assert controller.state.draw.seed != 0
    assert controller.state.samples.how == f"z ~ N(0, I), seed {controller.state.draw.seed}, beam 10"
    controller.set_draw(replace(controller.state.draw, count=3))
    assert len(controller.state.samples.readings["vae"]) == 3


def test_requests_made_before_the_models_are_loaded_are_answered_afterwards(qapp):
    state = ExplorerState(columns=tuple(Column(name, name, "#56B4E9") for name in BOTH), shown=("vae",))
    context = Context(state, Requester())
    tab = PriorSamples(context)
    tab.draw()
    assert tab.state.samples.busy
    worker = DirectWorker(lambda tell: FakeSession())
    worker.start()
    context.models.attach(worker)
    assert not tab.state.samples.busy
    assert len(tab.state.samples.readings["vae"]) == 8
