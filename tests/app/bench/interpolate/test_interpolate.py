"""The way through several sentences: its stops, its steps, what is folded, and how smooth it is."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.bench.interpolate import requests, way
from app.bench.interpolate.interpolate import Interpolate
from app.bench.interpolate.path_rows import PathRows
from app.bench.interpolate.state import InterpolateState, Path
from app.core.choice import Choice
from app.core.picks import NOTHING, Pick
from app.core.requests import Answer, Failure
from app.core.values import Column, Mark, Reading
from app.widgets.labels import ElidedLabel
from engine.errors import LoomError
from engine.latents.smoothness import Smoothness
from tests.app.fakes import COLUMNS, SENTENCES, FakeSession, answering
from tests.app.looking import shown

GREEDY = Choice(method="greedy")


@pytest.fixture
def controller(context) -> Interpolate:
    context.state.choice = GREEDY
    return Interpolate(context, random.Random(0))


def said(*texts: str) -> tuple[Reading, ...]:
    return tuple(Reading(tuple(text.split()), text, -1.0, how="lerp, z = μ, beam 4", z=(1.0,)) for text in texts)


def ended(controller: Interpolate, *texts: str) -> InterpolateState:
    controller.set_end("A", Pick(texts[0]))
    controller.set_end("B", Pick(texts[-1]))
    for text in texts[1:-1]:
        controller.add_stop(Pick(text))
    return controller.state


def test_the_way_leads_through_every_stop(controller):
    state = ended(controller, "a", "abcde", "abc")
    assert state.path.stops == ("a", "abcde", "abc")
    readings = state.path.readings["vae"]
    assert [readings[i].z[0] for i in (0, 10, 20)] == [1.0, 5.0, 3.0]  # the fake lays a sentence as far as it is long
    assert len(readings) == 21
    assert len(state.path.paths["vae"]) == 21
    controller.set_steps(4)
    assert len(state.path.readings["vae"]) == 9
    controller.remove_stop(0)
    assert state.path.stops == ("a", "abc")


def test_the_place_on_the_way_is_kept_when_the_steps_change(controller):
    state = ended(controller, "a", "abc")
    controller.move_to(8)
    controller.set_steps(50)
    assert state.position == 40
    controller.set_steps(1)
    assert (state.steps, state.position) == (2, 2)
    controller.set_steps(1000)
    assert state.steps == 50


def test_stops_change_places_with_their_neighbours_and_with_the_ends(controller):
    state = ended(controller, "a", "c", "d", "b")
    controller.move_stop(0, 1)
    assert [stop.text for stop in state.stops()] == ["a", "d", "c", "b"]
    controller.move_stop(0, -1)
    assert [stop.text for stop in state.stops()] == ["d", "a", "c", "b"]
    assert state.path.stops == ("d", "a", "c", "b")


@pytest.mark.parametrize("by", [-1, 1])
def test_an_end_that_changes_places_with_an_empty_stop_and_back_has_its_way_again(controller, by):
    """Both ways go through the same sentences, and one has an end too few."""
    state = ended(controller, "a", "b")
    controller.add_stop()
    before, decoded = state.wish, state.path.readings
    controller.move_stop(0, by)
    assert NOTHING in (state.a, state.b)
    assert (state.path.readings, state.path.stops) == ({}, ())
    without = state.wish
    controller.want(before)
    assert (state.wish, state.path.readings) == (before, decoded)
    controller.want(without)
    assert state.path.stops == ()


def test_an_empty_stop_is_passed_by_until_it_is_filled(controller, session):
    state = ended(controller, "a", "b")
    asked = len(session.asked)
    controller.add_stop()
    assert (state.through, len(session.asked)) == ((NOTHING,), asked)
    assert way.names(state.stops()) == ("A", "", "B")
    controller.take(Pick("sent"), "through")
    assert [stop.text for stop in state.through] == ["sent"]
    assert way.names(state.stops()) == ("A", "C", "B")
    controller.set_stop(0, NOTHING)
    assert state.path.stops == ("a", "b")


def test_there_are_six_stops_at_most_and_the_last_is_replaced_then(controller):
    state = ended(controller, "a", *"cdefgh", "b")
    controller.add_stop()
    assert len(state.through) == 6
    controller.add_stop(Pick("x"))
    assert [stop.text for stop in state.through] == [*"cdefg", "x"]
    controller.random_pair()
    assert state.through == ()


def test_a_long_way_comes_in_pieces_and_the_beam_takes_the_place_of_what_was_quick():
    session = FakeSession()
    stops = (Pick("a"), Pick("bb"), Pick("ccc"))
    answers = list(requests.interpolate(session, stops, ["vae"], Choice(beam=3), False, 50))
    assert [len(each.readings) for each in answers] == [64, 101, 101, 101]
    assert [sum(not reading.draft for reading in each.readings) for each in answers] == [0, 0, 64, 101]
    assert [each.smoothness is not None for each in answers] == [False, True, True, True]
    lies = np.array([reading.z for reading in answers[-1].readings])
    assert np.all(np.diff(lies[:, 0]) > 0)
    assert max(len(call[1]) for call in session.asked if call[0] == "decode") == 1


def test_a_variant_that_fails_half_way_does_not_stop_the_others():
    class HalfWay(FakeSession):
        def decode_all(self, z, options):
            if options.method == "greedy" and "vae" in z and z["vae"][0, 0] > 1.5:
                raise LoomError("vae is broken")
            return super().decode_all(z, options)

    stops = (Pick("a"), Pick("bb"), Pick("ccc"))
    results = list(requests.interpolate(HalfWay(), stops, ("vae", "autogen-m1"), Choice(beam=3), False, 50))
    assert [r.reason for r in results if isinstance(r, Failure)] == ["vae is broken"]
    assert [r.variant for r in results if isinstance(r, Answer)][-1] == "autogen-m1"
    assert not [r for r in results if isinstance(r, Answer)][-1].readings[-1].draft


def test_how_smooth_the_way_is_counts_the_ends_that_were_typed():
    class Says(FakeSession):
        def _decoded(self, variant, words, options):

            made = super()._decoded(variant, words, options)
            text = ("we go", "we go home", "they stay")[int(words[0])]
            return replace(made, words=tuple(text.split()), text=text)

        def encode(self, text, variants, sample=False, seed=0):
            made = super().encode("", variants, sample, 0)

            x = 0.0 if text == "we go" else 2.0
            return {v: replace(each, z=np.array([x, 0.0], np.float32)) for v, each in made.items()}

    stops = (Pick("we go"), Pick("we stay"))
    (answer,) = requests.interpolate(Says(), stops, ["vae"], GREEDY, False, 2)
    assert [reading.text for reading in answer.readings] == ["we go", "we go home", "they stay"]
    numbers = answer.smoothness
    assert (numbers.distinct, numbers.largest_jump, numbers.jump_after) == (1.0, 1.0, 1)
    assert numbers.similarity == pytest.approx((2 / 3 + 0) / 2)
    assert numbers.recovery == (1.0, 0.5)
    assert way.smoothness_line(numbers) == "differ 100% · alike 0.33 · jump 1.00 · ends 0.75"
    assert "edit distance in words" in way.smoothness_tip(numbers)


def test_repeats_are_folded_in_each_column_and_steps_that_say_nothing_new_have_no_row():
    path = Path(
        stops=("x", "y"),
        steps=4,
        readings={"vae": said("a", "a", "a", "b", "b"), "autogen-m1": said("c", "c", "d", "d", "d")},
    )
    rows = PathRows(COLUMNS, path, {}, fold=True)
    assert [[(cell.number, cell.text.lower()) for cell in row.cells] for row in rows] == [
        [("0–2", "a"), ("0–1", "c")],
        [("", ""), ("2–4", "d")],
        [("3–4", "b"), ("", "")],
    ]
    assert [rows.row_of(step) for step in range(5)] == [0, 0, 1, 2, 2]
    assert [rows.step_of(row) for row in range(3)] == [0, 2, 3]
    assert "Steps 0 to 2 say the same" in rows[0].cells[0].tooltip
    whole = PathRows(COLUMNS, path, {}, fold=False)
    assert [row.cells[0].number for row in whole] == list("01234")
    assert whole[4].pick.text == "step 4 of 4, x → y"


def test_rows_of_a_way_that_is_still_being_decoded():
    path = Path(stops=("x", "y"), steps=3, readings={"vae": said("a", "b")}, failed={"autogen-m1": "no z"}, busy=True)
    rows = PathRows(COLUMNS, path, {}, fold=False)
    assert [row.cells[0].text.lower() for row in rows] == ["a", "b", "", ""]
    assert [row.cells[1].text for row in rows] == ["This model cannot answer: no z", "", "", ""]
    assert len(PathRows(COLUMNS, Path(stops=("x", "y")), {}, fold=True)) == 0


def test_no_digit_of_a_note_is_cut_in_four_columns_of_the_smallest_window(explorer):
    explorer.window.resize(explorer.window.minimumWidth(), 640)
    explorer.window.bench.show_tab("Interpolate")
    explorer.open("demo")
    shown(explorer)
    notes = explorer.bench.tab("Interpolate").view.smoothness
    notes.set_columns(tuple(Column(str(i), str(i), "#808080") for i in range(4)))
    line = way.smoothness_line(Smoothness(1.0, 0.88, 0.88, 3, (0.88, 0.88), 0))
    assert line == "differ 100% · alike 0.88 · jump 0.88 · ends 0.88"
    notes.show_notes({str(i): (line, "") for i in range(4)})
    QApplication.processEvents()
    assert notes.width() == explorer.window.width()
    for each in notes.findChildren(ElidedLabel):
        assert each.fontMetrics().horizontalAdvance(line) <= each.contentsRect().width()


def test_stops_are_added_filled_and_removed_in_the_window(explorer, qtbot):
    explorer.open("demo")
    explorer.bench.tab("Interpolate").set_end("A", Pick("one"))
    explorer.bench.tab("Interpolate").set_end("B", Pick("three"))
    explorer.window.bench.show_tab("Interpolate")
    tab = explorer.bench.tab("Interpolate").view
    tab.more.click()
    shown(explorer)
    (field,) = tab.stops.fields
    qtbot.keyClicks(field, "through this")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    shown(explorer)
    assert explorer.bench.tab("Interpolate").state.path.stops == ("one", "through this", "three")
    assert len(tab.texts) == 21
    assert len(tab.smoothness.texts) == 2
    assert all(text.startswith("differ ") for text in tab.smoothness.texts)
    assert [mark.label for mark in explorer.state.on_maps.marks["vae"]] == ["A", "C", "B"]
    tab.steps.setValue(3)
    shown(explorer)
    assert (len(tab.texts), tab.slider.maximum()) == (7, 6)
    tab.fold.click()
    shown(explorer)
    assert explorer.bench.tab("Interpolate").state.fold
    tab.stops._stops[0].remove.click()
    shown(explorer)
    assert (explorer.bench.tab("Interpolate").state.path.stops, tab.stops.isHidden()) == (("one", "three"), True)
    for _ in range(7):
        tab.more.click()
    assert len(tab.stops.fields) == 6
    assert not tab.more.isEnabled()


def test_the_slider_stays_on_the_step_where_rows_are_folded(explorer):
    explorer.open("demo")
    explorer.bench.tab("Interpolate").state.fold = True
    explorer.bench.tab("Interpolate").set_end("A", Pick("same"))
    explorer.bench.tab("Interpolate").set_end("B", Pick("same"))
    explorer.window.bench.show_tab("Interpolate")
    shown(explorer)
    tab = explorer.bench.tab("Interpolate").view
    assert 1 <= len(tab.texts) < 11
    explorer.bench.tab("Interpolate").move_to(9)
    shown(explorer)
    assert tab.slider.value() == 9
    assert tab._grid._current == tab._rows.row_of(9)


def test_ends_come_from_points_and_from_typing_and_the_way_is_decoded_when_both_are_there(context, session):
    controller = Interpolate(context)
    controller.take(Pick(SENTENCES[3], index=3), "A")
    assert controller.state.path.readings == {}
    controller.set_end("B", Pick("typed by hand"))
    assert (controller.state.a, controller.state.b) == (Pick(SENTENCES[3], index=3), Pick("typed by hand"))
    assert {name: len(r) for name, r in controller.state.path.readings.items()} == {"vae": 11, "autogen-m1": 11}
    assert len(controller.state.path.paths["vae"]) == 11
    controller.set_slerp(True)
    assert controller.state.path.how == "slerp, z = μ, beam 10"
    controller.set_end("B", Pick(""))
    assert controller.state.path.readings == {}


def test_a_random_pair_is_two_different_sentences_and_moving_decodes_nothing(context, session):
    controller = Interpolate(context, random.Random(0))
    controller.random_pair()
    assert controller.state.a.index != controller.state.b.index
    asked = len(session.asked)
    controller.move_to(9)
    controller.step(5)
    assert controller.state.position == 10
    controller.step(-30)
    assert controller.state.position == 0
    assert len(session.asked) == asked


def test_the_maps_show_the_stops_and_the_way_while_the_tab_is_open(context):
    tab = Interpolate(context)
    context.state.tab = "Interpolate"
    tab.state.a, tab.state.b = Pick("x", index=1), Pick("typed b")
    way_ = ((5.0, 5.0), (6.0, 7.0))
    tab.state.path = Path(stops=("x", "typed b"), steps=1, paths={"vae": way_})
    tab.show_on_maps()
    shown_ = context.state.on_maps
    assert shown_.marks["vae"] == (Mark("A", (1.0, 0.0), "good"), Mark("B", (6.0, 7.0), "warning"))
    assert shown_.ways == {"vae": way_}


def test_repeats_are_found():
    assert [way.repeats(said("a", "a", "b", "a"), i) for i in range(4)] == [False, True, False, False]


def test_the_step_in_view_is_one_of_the_way_that_there_is(explorer):
    """Beside the slider stands where it stands, also when stops are taken away, ends emptied or another run opened."""
    explorer.open("demo")
    tab, view = explorer.bench.tab("Interpolate"), explorer.bench.tab("Interpolate").view
    explorer.window.bench.show_tab("Interpolate")

    def label() -> str:
        shown(explorer)
        assert view._step.text() == f"{view.slider.value()} / {view.slider.maximum()}"
        return view._step.text()

    ended(tab, "a", "b", "c", "d", "e")
    tab.move_to(40)
    assert label() == "40 / 40"
    for _ in range(3):
        tab.remove_stop(0)
    assert label() == "10 / 10"
    tab.add_stop(Pick("x"))
    assert label() == "20 / 20"
    tab.set_end("A", NOTHING)
    assert label() == "10 / 10"
    tab.set_end("A", Pick("a"))
    assert label() == "20 / 20"
    explorer.open("other")
    assert label() == "20 / 20"  # the same sentences
    tab.set_end("B", NOTHING)
    explorer.open("demo")
    assert label() == "10 / 10"


def test_a_random_pair_that_is_wanted_before_the_maps_comes_once_they_are_there(context):
    controller, atlas, archive = Interpolate(context, random.Random(0)), context.atlas, context.archive
    archive.detach()
    context.atlas = None
    controller.random_pair()
    assert controller.state.a == NOTHING
    context.atlas = atlas
    archive.attach(archive.kept)
    assert controller.state.a.index != controller.state.b.index
    assert controller.state.path.readings


def test_stops_that_are_gone_but_still_in_view_change_nothing(controller):
    state = ended(controller, "a", "c", "b")
    controller.remove_stop(0)
    row = controller.view.stops
    row.filled.emit(0, Pick("late"))
    row.moved.emit(0, 1)
    row.moved.emit(3, -1)
    row.removed.emit(0)
    assert [stop.text for stop in state.stops()] == ["a", "b"]


def test_a_stop_of_other_maps_has_no_mark_of_these(controller):
    ended(controller, "a", "b")
    controller.set_end("A", Pick("from elsewhere", index=4000))
    assert [mark.label for mark in controller.on_maps().marks["vae"]] == ["A", "B"]


def test_what_is_being_typed_stays_with_its_stop_when_another_is_removed(explorer, qtbot):
    explorer.open("demo")
    tab = explorer.bench.tab("Interpolate")
    explorer.window.bench.show_tab("Interpolate")
    for _ in range(2):
        tab.view.more.click()
    shown(explorer)
    first, second = tab.view.stops._stops[:2]
    second.field._rest.setInterval(100_000)
    qtbot.keyClicks(second.field, "half a sentence")
    first.remove.click()
    shown(explorer)
    assert tab.state.through == (Pick("half a sentence"),)
    assert [field.text() for field in tab.view.stops.fields] == ["half a sentence"]
    assert second.field.text() == ""


def test_a_variant_that_fails_by_the_chosen_search_has_no_way_on_the_maps(context):
    class Beamless(FakeSession):
        def decode_all(self, z, options):
            if options.method == "beam" and "vae" in z:
                raise LoomError("vae is broken")
            return super().decode_all(z, options)

    context.models = answering(Beamless())
    path = ended(Interpolate(context), "a", "abc").path
    assert set(path.failed) == {"vae"}
    assert set(path.readings) == set(path.paths) == set(path.smoothness) == {"autogen-m1"}
