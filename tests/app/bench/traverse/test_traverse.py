"""The Traverse tab with real models: what a person does, and what the state says afterwards."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.bench.traverse.state import VALUES, nothing_note
from app.bench.traverse.traverse import Traverse
from app.core.picks import NOTHING, Pick
from app.core.values import Stage
from app.run.atlas import Opened
from engine.latents.directions import Direction, informative, kl_terms
from engine.runs.run import Run
from engine.session import Session
from tests.app.bench.emptied import stays_empty_until_a_sentence_is_clicked
from tests.app.fakes import DirectWorker
from tests.app.latents import tiny_context

SENTENCE = "The cat sees the house today."


@pytest.fixture
def context(qapp, tiny_workspace):
    with tiny_context(tiny_workspace, "Traverse") as context:
        yield context


@pytest.fixture
def tab(context):
    tab = Traverse(context, rest=0)
    tab.refresh.stop()
    yield tab
    tab.view.deleteLater()


@pytest.fixture
def session(tiny_workspace) -> Session:
    return Session.load(Run.open(tiny_workspace.run("tiny")), device="cpu")


def test_a_sentence_gets_the_dimensions_of_most_kl_with_its_own_value_marked(context, tab, session):
    tab.take(Pick(SENTENCE), "")
    cache = context.atlas.cache
    for name in ("vae", "autogen-m1"):
        kl = kl_terms(cache.mu(name), cache.logvar(name)).mean(axis=0)
        order = informative(kl, 4)
        assert [slider.label.split(" ")[0] for slider in tab.state.sliders[name]] == [f"z{d}" for d in order]
        z = session.encode(SENTENCE, [name])[name].z
        for slider, d in zip(tab.state.sliders[name], order, strict=True):
            assert slider.own * slider.unit == pytest.approx(float(z[d]), abs=1e-5)
            assert slider.low <= slider.own <= slider.high
    assert set(tab.state.live.readings) == {"vae", "autogen-m1"}
    assert not tab.state.live.busy


def test_sliders_of_a_rank_move_together_by_as_much_and_the_sentence_is_that_of_the_moved_point(tab, session, qtbot):
    tab.take(Pick(SENTENCE), "")
    own = {name: sliders[1].own for name, sliders in tab.state.sliders.items()}
    tab.move("autogen-m1", 1, own["autogen-m1"] + 1.25)
    for name, slider in ((name, sliders[1]) for name, sliders in tab.state.sliders.items()):
        assert tab.state.position(name, 1) == pytest.approx(min(own[name] + 1.25, slider.high))
        z = session.encode(SENTENCE, [name])[name].z.copy()
        z[int(slider.label[1 : slider.label.index(" ")])] = tab.state.position(name, 1) * slider.unit
        assert np.allclose(tab.state.live.readings[name].z, z, atol=1e-5)
    assert tab.state.rank == 1
    assert all(reading.draft and reading.how.endswith("greedy") for reading in tab.state.live.readings.values())
    qtbot.waitUntil(lambda: not any(r.draft for r in tab.state.live.readings.values()), timeout=5000)
    assert all(reading.how.endswith("beam 10") for reading in tab.state.live.readings.values())


def test_the_sliders_in_view_hold_until_those_of_the_next_subject_are_known(context, tab):
    tab.take(Pick(SENTENCE), "")
    tab.move("vae", 0, 2.0)
    worker = context.models._worker
    context.models._worker = None  # the models are busy with something else
    tab.take(Pick("The dog hides a red boat at night."), "")
    assert tab.state.positions("vae") == tuple(slider.own for slider in tab.state.sliders["vae"])
    moved = 0.25
    tab.move("vae", 0, tab.state.position("vae", 0) + moved)
    context.models.attach(worker)
    assert tab.state.position("vae", 0) == pytest.approx(tab.state.sliders["vae"][0].own + moved)
    assert not tab.state.live.busy


def test_the_hand_may_rest_on_a_slider_before_the_points_of_the_next_subject_are_known(context, tab):
    tab.take(Pick(SENTENCE), "")
    tab.see_steps(True)
    worker = context.models._worker
    context.models._worker = None
    tab.take(Pick("The dog hides a red boat at night."), "")
    tab.go(0, 1.0)
    assert all(readings[0].draft for readings in tab.state.steps.readings.values())
    tab._decoding.decode_best()
    assert tab._points.along(tab.state) == {}
    context.models.attach(worker)
    tab._decoding.decode_best()
    assert set(tab.state.steps.readings) == {"vae", "autogen-m1"}
    assert not any(readings[0].draft for readings in tab.state.steps.readings.values())


def test_a_slider_alone_moves_alone_and_reset_brings_the_sentence_back(tab):
    tab.take(Pick(SENTENCE), "")
    home = dict(tab.state.live.readings)
    tab.set_together(False)
    tab.move("vae", 0, 2.0)
    assert tab.state.shifts["autogen-m1"] == (0.0,) * 4
    assert tab.state.live.readings["autogen-m1"] == home["autogen-m1"]
    assert tab.state.live.readings["vae"].z != home["vae"].z
    tab.reset()
    assert tab.state.shifts["vae"] == (0.0,) * 4
    assert tab.state.live.readings == home


def test_how_a_sentence_was_made_names_the_places_of_the_sliders(tab):
    tab.take(Pick(SENTENCE), "")
    tab.move("vae", 0, 1.5)
    name = tab.state.sliders["vae"][0].label.split(" ")[0]
    place = f"{1.5 * tab.state.sliders['vae'][0].unit:+.2f}"
    assert tab.state.live.readings["vae"].how == f"z = μ, {name} = {place}, greedy"


@pytest.mark.parametrize("kind", ["informative", "principal"])
def test_a_slider_says_the_number_of_its_card(context, kind, monkeypatch):
    monkeypatch.setattr(Direction, "reach", property(lambda direction: 3.3 + direction.weight))
    tab = Traverse(context, rest=0)
    tab.refresh.show(True)
    tab.take(Pick(SENTENCE), "")
    tab.choose_kind(kind)
    tab.set_together(False)
    for name in tab.state.sliders:
        for rank, position in enumerate((1.437, -0.004, -2.226)):
            tab.move(name, rank, position)
        tab.flush()
        how = tab.state.live.readings[name].how
        said = dict(part.split(" = ") for part in how.split(", ")[1:-1])
        beside = {
            slider.label.split(" ")[0]: tab.view.sliders.slider(name, rank).number
            for rank, slider in enumerate(tab.state.sliders[name][:3])
        }
        assert said == beside
    tab.refresh.stop()
    tab.view.deleteLater()


def test_the_way_along_a_slider_goes_through_its_values_with_the_other_sliders_as_they_stand(tab):
    tab.see_steps(True)
    tab.take(Pick(SENTENCE), "")
    tab.move("vae", 0, 1.0)
    tab.choose(1)
    slider = tab.state.sliders["vae"]
    numbers = [int(each.label[1 : each.label.index(" ")]) for each in slider]
    rows = np.array([reading.z for reading in tab.state.steps.readings["vae"]])
    assert rows[:, numbers[1]] == pytest.approx(np.array(VALUES) * slider[1].unit, abs=1e-5)
    assert rows[:, numbers[0]] == pytest.approx(slider[0].unit, abs=1e-5)
    tab.go(1, VALUES[-1])
    assert tab.state.position("autogen-m1", 1) == pytest.approx(VALUES[-1])


def test_which_sliders_are_chosen_is_undone_and_done_again_in_its_turn(context, tab):
    history = context.history
    history.watch("Traverse", tab)
    tab.take(Pick(SENTENCE), "")
    tab.move("vae", 2, 1.0)
    tab.choose(1)
    chosen = tab.wish()
    assert history.undoes == "choose other sliders of Traverse"
    history.undo()
    assert (tab.state.rank, tab.state.position("vae", 2)) == (2, pytest.approx(1.0))
    history.undo()
    assert tab.state.rank == 0
    history.redo()
    history.redo()
    assert tab.wish() == chosen


def test_principal_directions_say_how_much_they_explain(context, tab):
    tab.take(Pick(SENTENCE), "")
    tab.choose_kind("principal")
    mu = context.atlas.cache.mu("autogen-m1").astype(np.float64)
    shares = np.sort(np.linalg.eigvalsh(np.cov(mu.T)))[::-1]
    labels = [slider.label for slider in tab.state.sliders["autogen-m1"]]
    assert labels == [f"p{i + 1} · {share:.0%}" for i, share in enumerate(shares / shares.sum())]


def test_a_dimension_without_kl_says_that_it_carries_nothing(tab):
    tab.take(Pick(SENTENCE), "")
    statistics = tab._points.statistics["vae"]
    tab._points.statistics["vae"] = replace(statistics, kl_per_dimension=np.array([0.0, 0.0, 0.7, 0.0]))
    tab.set_count(3)
    sliders = tab.state.sliders["vae"]
    assert sliders[0].label == "z2 · KL 0.7"
    assert nothing_note(sliders, 0) == ""
    assert nothing_note(sliders, 1) == "z0: this dimension carries nothing (KL 0.00)"
    tab._points.statistics["vae"] = replace(statistics, kl_per_dimension=np.zeros(4))
    tab.set_count(2)
    assert nothing_note(tab.state.sliders["vae"], 0).endswith("nor does any other: nothing changes")


def test_the_clicked_sentence_is_followed_until_another_is_typed_and_again_when_the_field_is_emptied(context, tab):
    context.state.selection_text, context.state.selection = SENTENCE, 3
    assert tab.subject.state.pick == Pick(SENTENCE, index=3)
    assert tab.state.live.readings
    tab.subject.take(Pick("my old dog sees a red boat."))
    context.state.selection = 4
    assert tab.subject.state.pick.text == "my old dog sees a red boat."
    tab.subject.take(Pick(""))
    assert (tab.subject.state.pick, tab.state.live.readings) == (NOTHING, {})
    context.state.selection = 5
    assert tab.subject.state.pick.index == 5


def test_a_sent_point_is_traversed_where_it_is_given_and_the_other_column_says_why_not(tab):
    tab.take(Pick("there", {"vae": (0.5, -0.5, 1.0, 0.0)}, "draw 3"), "")
    assert set(tab.state.live.readings) == {"vae"}
    assert tab.state.live.readings["vae"].z == (0.5, -0.5, 1.0, 0.0)
    assert tab.state.live.readings["vae"].how.startswith("z sent here (draw 3)")
    assert "without a point of this model" in tab.state.live.failed["autogen-m1"]


@pytest.mark.parametrize(
    "text", ["...", "\x00\x07", "word " * 10_000, "ξένη γλώσσα", "xylophone zebra quux"], ids=lambda text: text[:8]
)
def test_odd_sentences_are_answered_in_words_or_moved_like_any_other(tab, text):
    tab.take(Pick(text), "")
    assert tab.state.live.problem or tab.state.live.readings
    assert not tab.state.live.busy


def test_what_is_out_of_sight_is_asked_only_when_the_tab_is_opened(context, tab):
    context.state.tab = "Table"
    tab.take(Pick(SENTENCE), "")
    assert tab.state.sliders == {}
    context.state.tab = "Traverse"
    tab.opened()
    assert set(tab.state.sliders) == {"vae", "autogen-m1"}


def test_another_choice_keeps_the_sliders_moved(context, tab):
    tab.take(Pick(SENTENCE), "")
    tab.move("vae", 0, 1.0)
    shift = tab.state.shifts["vae"][0]
    context.state.choice = replace(context.state.choice, sample=True, seed=5)
    tab.ask()
    assert tab.state.shifts["vae"][0] == shift
    assert "z ~ q(z|x), seed 5" in tab.state.live.readings["vae"].how


def test_rows_for_the_table_and_the_point_that_is_sent_on(tab):
    gathered = []
    tab.gathered.connect(gathered.append)
    tab.take(Pick(SENTENCE), "")
    tab.move("vae", 0, 1.0)
    tab.add_to_table()
    assert [row.source for row in gathered[-1]] == [SENTENCE]
    assert set(gathered[-1][0].sentences) == {"vae", "autogen-m1"}
    assert all(numbers.log_probability < 0 for numbers in gathered[-1][0].numbers.values())
    pick = gathered[-1][0].pick
    assert pick.z["vae"] == tab.state.live.readings["vae"].z
    tab.see_steps(True)
    tab.add_to_table()
    assert len(gathered[-1]) == len(VALUES)


def test_another_run_leaves_nothing_of_this_one(tab):
    tab.take(Pick(SENTENCE), "")
    tab.forget()
    assert (tab.state.sliders, tab.state.shifts, tab.state.live.readings) == ({}, {}, {})
    assert tab._points.statistics == {}


class HeldWorker(DirectWorker):
    """Answers a channel only when it is let to."""

    def __init__(self, *given) -> None:
        super().__init__(*given)
        self.held: list[tuple[str, object]] = []

    def request(self, channel, work) -> None:
        self.held.append((channel, work))

    def answer(self) -> str:
        channel, work = self.held.pop(0)
        super().request(channel, work)
        return channel


def test_while_a_slider_is_dragged_one_request_is_under_way_and_the_newest_position_follows(context, tab, session):
    tab.take(Pick(SENTENCE), "")
    worker = HeldWorker(lambda tell: session)
    worker.start()
    context.models.detach()
    context.models.attach(worker)
    for position in (0.5, 1.0, 1.5, 2.0):
        tab.move("vae", 0, position)
    assert [channel for channel, _ in worker.held] == ["traverse live"]
    slider = tab.state.sliders["vae"][0]
    dimension = int(slider.label[1 : slider.label.index(" ")])
    worker.answer()
    assert tab.state.live.readings["vae"].z[dimension] == pytest.approx(0.5 * slider.unit)
    worker.answer()
    assert tab.state.live.readings["vae"].z[dimension] == pytest.approx(2.0 * slider.unit)
    assert worker.held == []


def test_two_quick_clicks_leave_no_column_without_sliders(context, tab):
    """The second click comes when the latents of the first column are measured and those of the second are not."""
    archive = HeldWorker(lambda tell: Opened(context.state.columns, "ready", atlas=context.atlas))
    archive.start()
    context.archive.detach()
    context.archive.attach(archive)
    tab.take(Pick(SENTENCE), "")
    _, measuring = archive.held.pop()
    first = next(one for one in measuring(archive._resource) if one is not None)
    archive.answered.emit("traverse", first)
    tab.take(Pick("The dog sees the house."), "")
    assert tab.state.sliders == {}
    archive.answer()
    assert set(tab.state.sliders) == {"vae", "autogen-m1"}
    assert not tab.state.live.busy


def test_without_models_the_cards_say_what_is_waited_for_or_what_went_wrong(context, tab, qtbot):
    context.models.detach()
    tab.refresh.show(True)
    context.state.models = Stage("loading", "Loading the models")
    tab.take(Pick(SENTENCE), "")
    tab.refresh.flush()
    assert "Loading the models …" in tab.view.cards.card("vae").sentence.text()
    context.state.models = Stage("failed", "No model could be read.", "Train anew.")
    tab.refresh.flush()
    assert "No model could be read. Train anew." in tab.view.cards.card("vae").sentence.text()
    tab.refresh.stop()


def test_sliders_that_are_gone_but_still_in_view_move_nothing(context, tab):
    tab.take(Pick(SENTENCE), "")
    last = len(tab.state.sliders["vae"]) - 1
    tab.set_count(2)  # the view is told at the next turn
    before = tab.state.shifts, tab.state.rank
    tab.view.sliders.moved.emit("vae", last, 1.0)
    tab.view.sliders.taken.emit(last)
    tab.view.sliders.reset.emit("vae", last)
    tab.view.sliders.moved.emit("another run's", 0, 1.0)
    tab.go(last, 1.0)
    assert (tab.state.shifts, tab.state.rank) == before
    tab.move("vae", 1, tab.state.sliders["vae"][1].own + 0.5)
    assert tab.state.shifts["vae"][1] == pytest.approx(0.5)
    tab.forget()
    tab.view.sliders.moved.emit("vae", 0, 1.0)
    tab.view.sliders.taken.emit(1)
    tab.view.sliders.reset.emit("vae", 0)
    tab.view.step_pressed.emit(3)
    assert (tab.state.shifts, tab.state.sliders) == ({}, {})


def test_an_emptied_field_stays_empty_until_a_sentence_is_clicked(context, tab):
    stays_empty_until_a_sentence_is_clicked(context, tab)


def test_sentences_of_another_subject_are_not_gathered_under_the_name_of_this_one(context, tab):
    rows = []
    tab.gathered.connect(rows.extend)
    tab.take(Pick(SENTENCE), "")
    context.models.detach()  # the next answer is still to come
    tab.take(Pick("The dog sees the river."), "")
    assert tab.state.live.readings
    tab.add_to_table()
    assert rows == []
    tab.refresh.show(True)
    tab.refresh.flush()
    assert not tab.view._add.isEnabled()
