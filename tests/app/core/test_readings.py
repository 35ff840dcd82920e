"""What views show, derived from state and atlas."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.bench.interpolate import way as walk
from app.core import readings as resolve
from app.core.picks import Pick
from app.core.state import Decoded, ExplorerState, GatheredRow, Memory, Near, Reading, Series
from app.run.atlas import colour_ranges, search_sentences
from tests.app.fakes import COLUMNS, fake_atlas


def reading(text: str, how: str = "z = μ, beam 10") -> Reading:
    return Reading(tuple(text.split()), text, -1.0, None, how)


def test_colours_follow_what_was_chosen_on_one_scale_for_all_maps():
    atlas = fake_atlas()
    assert resolve.colour_values(atlas, "vae", "KL").tolist() == [1, 2, 3, 4]
    assert resolve.colour_values(atlas, "vae", "nll").tolist() == [10, 20, 30, 40]
    assert resolve.colour_values(atlas, "vae", "length").tolist() == [4, 5, 6, 4]
    assert atlas.ranges["KL"][0] == 0
    assert 3.9 < atlas.ranges["KL"][1] <= 4
    assert atlas.ranges["length"] == (4, 6)


def test_scales_of_a_collapsed_model_and_of_no_sentences_are_not_empty():
    for low, high in colour_ranges(np.zeros(0, np.int16), []).values():
        assert low < high


def test_search_finds_words_in_any_case():
    assert next(search_sentences(fake_atlas(), "LOVE")).tolist() == [True, False, True, False]


def test_marks_belong_to_the_open_tab():
    state = ExplorerState(a=Pick("x", index=1), b=Pick("typed b"))
    state.path = Series(paths={"vae": ((5.0, 5.0), (6.0, 7.0))}, stops=("x", "typed b"), steps=1)
    state.reconstructed = Decoded(spots={"vae": (2.0, 3.0)})
    assert resolve.marks(state, fake_atlas(), "vae") == [("typed", (2.0, 3.0))]
    state.tab = "Interpolate"
    assert resolve.marks(state, fake_atlas(), "vae") == [("A", (1.0, 0.0)), ("B", (6.0, 7.0))]
    state.tab = "Table"
    assert resolve.marks(state, fake_atlas(), "vae") == []


def test_repeats_and_duplicates_are_found():
    said = [reading("a"), reading("a"), reading("b"), reading("a")]
    assert [walk.repeats(said, i) for i in range(4)] == [False, True, False, False]
    assert resolve.duplicates(said) == [3, 3, 1, 3]
    assert resolve.samples_note(said, (0, 4), Memory()) == "2 of 4 different"


def test_a_column_of_samples_says_what_was_thrown_away_and_what_was_remembered():
    said = [reading("a"), reading("a"), reading("b")]
    near = {("a",): Near("A", 0, 0.0), ("b",): Near("B c", 1, 0.5)}
    searching = Memory(True, near, 10, 20, busy=True)
    assert resolve.samples_note(said, (1, 4), searching) == "2 of 3 different  ·  1 of 4 thrown away"
    assert resolve.memory_note(searching) == "searched 10 of 20 training sentences …"
    done = Memory(True, near, 20, 20)
    assert resolve.samples_note(said, (0, 3), done).endswith("2 of 3 verbatim in the training text")
    assert resolve.memory_note(done) == ""
    assert resolve.near_words(near["b",]) == "1 word from “B c”"


def test_numbers_say_how_a_sentence_was_made():
    shown = resolve.numbers_line(Reading(("a",), "A", -23.44, 11.2, "z = μ, beam 10"))
    assert shown == "log p(x|z) −23.4 · KL 11.2 · z = μ, beam 10"


def test_rows_of_a_series_are_numbered_and_short_columns_leave_gaps():
    series = Series(how="seed 1", readings={"vae": (reading("a"), reading("b")), "autogen-m1": (reading("c"),)})
    rows = resolve.series_rows(series)
    header, cells = resolve.table_cells(COLUMNS, rows)
    assert header == ["Input", "VAE", "AutoGen m=1", "How"]
    assert cells == [["Prior sample 1", "a", "c", "seed 1"], ["Prior sample 2", "b", "", "seed 1"]]
    assert resolve.table_notes("demo", rows)[-1].startswith("Prior sample: z ~ N(0, I)")


def test_rows_of_an_interpolation_say_each_end_once():
    how = "slerp, z = μ, beam 10"
    one = resolve.series_rows(Series(("Hi.", "Bye."), 10, how, {"vae": (reading("a"),) * 11}))
    two = resolve.series_rows(Series(("Bye.", "Hi."), 10, how, {"vae": (reading("b"),) * 11}))
    inputs = resolve.inputs([*one, *two])
    assert inputs[0] == "Interpolation 1, A: Hi."
    assert inputs[3] == "Interpolation 1, step 3 of 10"
    assert inputs[10] == "Interpolation 1, B: Bye."
    assert inputs[11] == "Interpolation 2, A: Bye."
    _, cells = resolve.table_cells(COLUMNS, one)
    assert cells[0][-1] == "slerp, z = mu, beam 10"
    notes = resolve.table_notes("demo", [*one, *two])
    assert "Interpolation 2 goes from A: Bye. to B: Hi." in notes
    assert any(note.startswith("slerp") for note in notes)
    assert not any(note.startswith("lerp") for note in notes)


def test_facts_of_a_reconstruction_are_told_in_plain_words():
    made = Reading(("i", "love", "it"), "I love it", 4 * math.log(0.5), 5.0)
    kept, told, certainty = resolve.facts(("I", "love", "you", "."), made, 20.0)
    assert (kept.value, kept.share) == ("2 of 4", 0.5)
    assert (told.value, told.share) == ("5.0 nats", 0.25)
    assert (certainty.value, certainty.share) == ("50% a word", pytest.approx(0.5))
    assert resolve.facts(("I",), Reading((), "", -1.0), 1.0) == ()


def test_a_sentence_without_answers_makes_no_row():
    assert resolve.decoded_row("x", Decoded()) is None
    row = resolve.decoded_row("x", Decoded(readings={"vae": reading("y")}))
    assert row == GatheredRow("x", {"vae": "y"}, "z = μ, beam 10")


@pytest.mark.parametrize(
    ("fraction", "seconds", "words"),
    [
        (None, 10, ""),
        (0.0, 10, ""),
        (0.5, 0.2, ""),
        (0.9, 30, "a few seconds left"),
        (0.5, 30, "about 30 s left"),
        (0.1, 60, "about 9 min left"),
    ],
)
def test_the_time_left_is_told_once_it_can_be_known(fraction, seconds, words):
    assert resolve.time_left(fraction, seconds) == words
