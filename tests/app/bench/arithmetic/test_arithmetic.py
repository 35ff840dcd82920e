"""The Arithmetic tab's controller, with the tiny run's real models and cache."""

from __future__ import annotations

import numpy as np
import pytest

from app.bench.arithmetic.state import Outcome
from app.bench.arithmetic.words import sent, warning
from app.bench.table.latex_text import latex_text
from app.bench.table.words import table_notes
from app.core.choice import Choice
from app.core.picks import Pick
from app.core.values import Stage
from engine.decoding.options import DecodeOptions
from engine.errors import LoomError
from tests.app.bench.arithmetic.calculating import A, B, C, calculate, fill, point, words


@pytest.mark.parametrize("share", [1.0, 0.4, -1.5])
def test_a_minus_b_plus_c_is_that_point_decoded_in_every_column(bench, share):
    outcome = calculate(bench, share)
    assert set(outcome.after) == {"vae", "autogen-m1"}
    for variant, reading in outcome.after.items():
        a, b, c = (point(bench, variant, text) for text in (A, B, C))
        np.testing.assert_allclose(reading.z, a + share * (c - b), rtol=1e-5, atol=1e-6)
        assert reading.words == words(bench, variant, a + share * (c - b), DecodeOptions(beam=3))
        assert outcome.before[variant].words == words(bench, variant, a, DecodeOptions(beam=3))
        assert not reading.draft
    assert not outcome.busy


def test_the_quick_answer_of_all_variants_comes_first_and_then_each_beam(bench):
    calculate(bench)
    assert bench.asked == [(("vae", "autogen-m1"), "greedy"), (("vae",), "beam"), (("autogen-m1",), "beam")]


def test_a_slider_asks_for_quick_answers_and_for_beams_once_it_rests(bench, qtbot):
    calculate(bench)
    bench.asked.clear()
    for value in (0.5, 0.6, 0.7):
        bench.tab.set_strength(value)
    assert bench.asked == [(("vae", "autogen-m1"), "greedy")] * 3
    assert bench.state.analogy.busy
    assert all(reading.draft for reading in bench.state.analogy.after.values())
    qtbot.waitUntil(lambda: not bench.state.analogy.busy, timeout=2000)
    assert bench.asked[3:] == [(("vae",), "beam"), (("autogen-m1",), "beam")]
    assert "a + 0.70 × (c − b)" in bench.state.analogy.after["vae"].how


def test_the_beams_of_a_moved_slider_come_even_when_the_other_face_is_opened_meanwhile(bench, qtbot):
    fill(bench)
    calculate(bench)
    bench.tab.set_strength(0.5)
    assert bench.state.analogy.after["vae"].draft
    bench.tab.choose_face("concept")
    bench.tab.ask()
    bench.tab.choose_face("analogy")
    bench.tab.set_strength(0.6)
    bench.tab.choose_face("concept")
    qtbot.waitUntil(lambda: not bench.state.analogy.busy, timeout=2000)
    assert not bench.state.analogy.after["vae"].draft
    assert "a + 0.60 × (c − b)" in bench.state.analogy.after["vae"].how


def test_with_greedy_chosen_the_quick_answer_is_the_answer(bench):
    bench.explorer.choice = Choice(method="greedy")
    calculate(bench)
    bench.asked.clear()
    bench.tab.set_strength(0.5)
    assert len(bench.asked) == 1
    assert not bench.state.analogy.busy
    assert not bench.state.analogy.after["vae"].draft


def test_samples_of_a_b_and_c_are_different_draws_and_said_so(bench):
    bench.explorer.choice = Choice(sample=True, seed=7, beam=2)
    outcome = calculate(bench)
    for variant, reading in outcome.after.items():
        a, b, c = (point(bench, variant, t, sample=True, seed=7 + i) for i, t in enumerate((A, B, C)))
        np.testing.assert_allclose(reading.z, a - b + c, rtol=1e-5, atol=1e-6)
    assert "z ~ q(z|x), seeds 7, 8, 9 of a, b, c, beam 2" in outcome.how


def test_the_line_names_everything_that_is_needed_to_repeat_it(bench):
    how = calculate(bench).how
    for part in ("a − b + c", f"“{A}”", f"“{B}”", f"“{C}”", "z = μ", "beam 3"):
        assert part in how


def test_a_point_without_a_variant_fails_in_that_column_only(bench):
    calculate(bench)
    bench.tab.take(Pick("step 3", {"vae": (0.1, 0.2, 0.3, 0.4)}, "lerp, step 3"), "a")
    outcome = bench.state.analogy
    assert set(outcome.after) == {"vae"}
    assert "without a point of this model" in outcome.failed["autogen-m1"]
    assert "the point lerp, step 3" in outcome.how
    bench.tab.take(Pick("other", {"vae": (0.1, 0.2), "autogen-m1": (0.0, float("nan"), 0.0, 0.0)}), "a")
    assert all("no point of this model" in reason for reason in bench.state.analogy.failed.values())
    bench.tab.take(Pick(A), "a")
    assert set(bench.state.analogy.after) == {"vae", "autogen-m1"}
    assert bench.state.analogy.failed == {}


def test_a_variant_that_cannot_decode_leaves_the_others_their_answers(bench, monkeypatch):
    decode_all = bench.session.decode_all

    def broken(z, options):
        if "vae" in z:
            raise LoomError("the numbers overflow")
        return decode_all(z, options)

    monkeypatch.setattr(bench.session, "decode_all", broken)
    outcome = calculate(bench)
    assert set(outcome.after) == {"autogen-m1"}
    assert outcome.failed == {"vae": "the numbers overflow"}


def test_what_cannot_be_read_says_so_and_an_emptied_field_empties_the_columns(bench):
    calculate(bench)
    bench.tab.set_operand("b", Pick("word " * 300))
    assert "at most 200 are read" in bench.state.analogy.problem
    assert not bench.state.analogy.after
    assert warning(bench.state.analogy) == bench.state.analogy.problem
    bench.tab.set_operand("b", Pick("The zebra loves xylophones today."))
    assert bench.state.analogy.unknown == ("zebra", "xylophones")
    assert warning(bench.state.analogy) == "Not in the vocabulary: zebra, xylophones"
    bench.tab.set_operand("b", Pick(""))
    assert bench.state.analogy == Outcome()


def test_another_run_forgets_everything(bench):
    calculate(bench)
    fill(bench)
    bench.tab.forget()
    state = bench.state
    assert (state.a, state.subject, state.analogy, state.concept) == (Pick(""), Pick(""), Outcome(), Outcome())
    assert not any(group.members for group in state.groups.values())
    assert (state.evidence, bench.tab._memory.points) == ({}, {})


def test_another_choice_asks_for_both_faces_and_the_open_one_last(bench):
    calculate(bench)
    fill(bench)
    bench.asked.clear()
    bench.explorer.choice = Choice(beam=2, sample=True)
    bench.tab.ask()
    assert "z ~ q(z|x)" in bench.state.analogy.how
    assert "z ~ q(z|x)" in bench.state.concept.how
    for variant, reading in bench.state.concept.after.items():
        assert "beam 2" in reading.how
        assert variant in bench.state.evidence


def test_the_result_goes_to_the_table_and_on_as_points(bench):
    bench.tab.add()
    assert bench.gathered == []
    calculate(bench)
    bench.tab.add()
    (row,) = bench.gathered[0]
    assert row.source == f"{A} − {B} + {C}"
    assert row.sentences == {name: reading.text for name, reading in bench.state.analogy.after.items()}
    assert row.how == bench.state.analogy.how
    after = bench.state.analogy.after
    assert {v: each.log_probability for v, each in row.numbers.items()} == {
        v: r.log_probability for v, r in after.items()
    }
    assert any("the z of a, less that of b" in note for note in table_notes("tiny", [row]))
    point = sent(bench.state.analogy, row.source)
    assert point is not None
    assert (row.pick, point.sentences, point.search) == (point, row.sentences, "beam 3")
    bench.tab.take(point, "a")
    np.testing.assert_allclose(bench.state.analogy.before["vae"].z, point.z["vae"], rtol=1e-6)
    assert bench.state.analogy.before["vae"].words == words(
        bench, "vae", np.array(point.z["vae"]), DecodeOptions(beam=3)
    )
    assert latex_text(row.how).startswith("a - b + c; a: “The cat")


def test_an_example_fills_in_everything(bench):
    bench.tab.example()
    assert set(bench.state.analogy.after) == {"vae", "autogen-m1"}
    first = bench.state.a
    bench.tab.example()
    assert bench.state.a != first
    bench.tab.choose_face("concept")
    bench.tab.example()
    assert bench.state.groups["without"].text
    assert bench.state.subject.text


def test_a_result_of_other_sentences_is_neither_gathered_nor_sent_on_under_the_name_of_these(bench):
    calculate(bench)
    bench.tab._context.models.detach()  # the next answer is still to come
    bench.tab.set_operand("c", Pick("The dog sees the river."))
    assert bench.state.analogy.busy
    assert bench.state.analogy.after
    bench.tab.add()
    assert bench.gathered == []
    assert sent(bench.state.analogy, "another") is None


def test_nothing_is_weighed_for_ever_where_the_models_could_not_be_loaded(bench):
    fill(bench)
    bench.tab.show(True)
    bench.state.evidence, bench.state.measuring = {}, True
    bench.tab.flush()
    strip = bench.tab.view.evidence
    assert "Weighing" in strip.cells["vae"].verdict.text()
    bench.tab._explorer.models = Stage("failed", "No model could be read.", "Train anew.")
    bench.tab.flush()
    assert "Weighing" not in strip.cells["vae"].verdict.text()
