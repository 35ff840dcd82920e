"""What the page says of an evaluation: rows, cells, marks and lines."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import pytest

from app.evaluate import words
from app.evaluate.measuring import is_same, of_same_models, says_more
from app.evaluate.state import Choice, Known
from app.evaluate.traps import stem, trap
from engine.evaluation.measures.definitions import DEFINITIONS, HEADLINE_WAY, RECURRENT, WAYS
from engine.evaluation.measures.result import Difference, Number
from tests.app.evaluate.results import differences, evaluation, number, with_number, without_second_judge


def cell(of, variant: str, key: str, found=None, choice=Choice(every_row=True, way="", by_length=True)):
    table = words.table(of, found or {}, choice)
    row = next(row for row in table.rows if row.key == key)
    return row.cells[[column.name for column in table.columns].index(variant)]


def test_the_first_sight_is_short_and_grouped():
    table = words.table(evaluation(), {}, Choice())
    assert [row.title for row in table.rows if not row.key] == [
        "Likelihood", "Use of z", "Reconstruction", "Generation", "Interpolation",
    ]  # fmt: skip
    assert len(table.keys) < 15
    assert all(DEFINITIONS[key].headline for key in table.keys)
    assert [column.label for column in table.columns] == ["VAE", "AutoGen m=1"]
    assert table.baseline == "vae"


@pytest.mark.parametrize("way", WAYS)
def test_a_headline_of_reconstruction_is_one_in_every_way(way):
    keys = words.shown_keys(evaluation(), Choice(way=way))
    assert f"bleu_{way}" in keys
    assert not [key for key in keys if DEFINITIONS[key].way not in ("", way)]


def test_all_rows_all_ways_and_all_lengths_are_every_number():
    assert words.shown_keys(evaluation(), Choice(every_row=True, way="", by_length=True)) == tuple(DEFINITIONS)
    by_length = words.shown_keys(evaluation(), Choice(by_length=True))
    assert f"bleu_{HEADLINE_WAY}_short" in by_length
    assert "forward_perplexity_long" in by_length


def test_a_cell_has_its_value_its_interval_and_all_that_is_known_of_it():
    shown = cell(evaluation(), "vae", "elbo")
    assert (shown.value, shown.beneath, shown.mark) == ("−35.20", "−36.26 to −34.14", 0)
    assert "n = 1,000, nats, seed 0" in shown.tooltip
    assert shown.spoken == "ELBO, VAE: −35.20, 95% interval −36.26 to −34.14"
    assert cell(evaluation(), "vae", "exact_beam_z").value == "62.0%"


def test_what_is_significant_is_marked_by_a_sign_and_said():
    of = evaluation()
    found = differences(of, "vae")
    worse, better = cell(of, "autogen-m1", "elbo", found), cell(of, "autogen-m1", "bleu_beam_z", found)
    assert (worse.mark, better.mark) == (-1, 1)
    assert (words.SIGNS[worse.mark], words.SIGNS[better.mark]) == ("−", "+")
    assert worse.spoken.endswith("worse than VAE")
    assert "AutoGen m=1 − VAE: −3.52 (−5.28 to −1.76) over the same 1,000 sentences: worse" in worse.tooltip
    assert cell(of, "autogen-m1", "kl", found).mark == 0
    assert "they differ" in cell(of, "autogen-m1", "kl", found).tooltip
    assert cell(of, "vae", "elbo", found).mark == 0  # the baseline itself


def test_over_what_a_difference_is_said_of_what_it_is_made_of():
    def paired(key: str) -> str:
        return words.difference_line(Difference(3.0, 1.0, 5.0, 930, -1), DEFINITIONS[key], "B", "A")

    assert "over the same 930 samples" in paired("distinct_1")
    assert "over the same 930 sentences" in paired("reverse_perplexity")
    short = paired("forward_perplexity_short")
    assert "over the samples of up to 10 tokens among the same draws, 930 or more of each" in short


def test_identical_models_differ_by_nothing_and_are_not_marked():
    same = {"autogen-m1": {"elbo": Difference(0.0, 0.0, 0.0, 1000, 0)}}
    shown = cell(evaluation(), "autogen-m1", "elbo", same)
    assert shown.mark == 0
    assert "0.00 (0.00 to 0.00) over the same 1,000 sentences: not significant" in shown.tooltip


def test_too_few_for_an_interval_is_said_in_the_cell_and_not_faked():
    why = "Too few for an interval: 12, where 20 or more are needed."
    few = Number(-35.2, None, None, 12, "nats", "Mean", 0, why)
    shown = cell(with_number(evaluation(), "vae", "elbo", few), "vae", "elbo")
    assert (shown.value, shown.beneath) == ("−35.20", "n = 12, too few")
    assert why in shown.tooltip
    assert why in shown.spoken
    silent = replace(few, why="")
    assert (
        "n = 12, too few for an interval"
        in cell(with_number(evaluation(), "vae", "elbo", silent), "vae", "elbo").tooltip
    )
    told = words.difference_line(Difference(1.0, None, None, 12, 0), DEFINITIONS["elbo"], "B", "A")
    assert told == "B − A: +1.00, too few for an interval (over the same 12 sentences)"
    told = words.difference_line(Difference(1.0, None, None, 1, 0), DEFINITIONS["largest_jump"], "B", "A")
    assert told.endswith("(over the same pair)")


def test_a_number_that_cannot_be_had_says_why():
    none = Number(nan, None, None, 0, "points", "BLEU", 0, "no sentence is that long")
    shown = cell(with_number(evaluation(), "vae", "bleu_beam_z_long", none), "vae", "bleu_beam_z_long")
    assert (shown.value, shown.beneath, shown.missing) == ("–", "none to measure", True)
    assert "BLEU, over 10 tokens, VAE: no sentence is that long" in shown.tooltip.replace(" (beam, z ~ q(z|x))", "")
    assert "no sentence is that long" in shown.spoken
    undefined = cell(
        with_number(evaluation(), "vae", "bleu_beam_z_long", replace(none, n=30)), "vae", "bleu_beam_z_long"
    )
    assert undefined.beneath == "no value"


def test_numbers_still_to_come_keep_their_place_while_it_goes_on():
    part = evaluation(keys=["elbo", "nll", "kl"], done=300, complete=False)
    table = words.table(part, {}, Choice())
    assert table.keys == words.shown_keys(evaluation(), Choice())
    assert cell(part, "vae", "bleu_beam_z").beneath == "not measured yet"
    said = words.so_far(part)
    assert said.startswith("So far: 300 of 1,000 sentences.")
    # The likelihood and the use of z have more numbers than these three.
    assert said.endswith(
        "Still to come: more of Likelihood, more of Use of z, Reconstruction, Generation, Interpolation."
    )
    uneven = with_number(part, "vae", "nll", replace(part.variant("vae").numbers["nll"], n=20))
    assert words.so_far(uneven).startswith("So far: 20 to 300, by number, of 1,000 sentences. Grey ones are of fewer.")
    assert words.so_far(evaluation()) == ""
    assert words.shown_keys(replace(part, complete=True), Choice()) == ("elbo", "nll", "kl")


def test_hidden_variants_have_no_column_and_hiding_all_hides_none():
    of = evaluation()
    assert [column.name for column in words.shown_columns(of, Choice(hidden=("vae",)))] == ["autogen-m1"]
    assert len(words.shown_columns(of, Choice(hidden=("vae", "autogen-m1")))) == 2
    table = words.table(of, {}, Choice(baseline="autogen-m1", hidden=("autogen-m1",)))
    assert table.baseline == "autogen-m1"
    assert words.baseline_of(of, Choice(baseline="gone")).name == "vae"


def test_the_open_number_is_the_first_of_another_variant_than_the_baseline_unless_one_is_wanted():
    of, choice = evaluation(), Choice()
    assert words.opened(of, choice, "", "") == ("autogen-m1", "elbo")
    assert words.opened(of, choice, "vae", "bleu_beam_z") == ("vae", "bleu_beam_z")
    assert words.opened(of, choice, "gone", "gone") == ("autogen-m1", "elbo")
    assert words.opened(of, Choice(hidden=("autogen-m1",)), "", "") == ("vae", "elbo")
    assert words.opened(replace(of, variants=()), choice, "vae", "elbo") == ("", "")


def test_a_partial_refinement_takes_no_number_away():
    whole = evaluation()
    part = evaluation(keys=["elbo"], sentences=4000, complete=False)
    assert not says_more(part, whole)
    assert says_more(part, None)
    assert says_more(evaluation(sentences=4000, complete=False), whole)
    assert says_more(replace(part, models={"vae": "another", "autogen-m1": "two"}), whole)


def test_fewer_items_and_older_results_do_not_take_the_place_of_what_is_measured_again():
    whole = evaluation()
    assert not says_more(evaluation(done=40, complete=False), whole)  # every number, of its first items
    assert says_more(evaluation(complete=False), whole)
    assert not says_more(replace(evaluation(sentences=50), created="2026-11-28T12:00:00+00:00"), whole)
    assert says_more(replace(evaluation(sentences=50), created="2026-11-30T12:00:00+00:00"), whole)


def test_an_evaluation_that_is_read_again_is_the_same_although_a_number_cannot_be_had():
    one, other = (
        with_number(evaluation(), "vae", "elbo", Number(float("nan"), None, None, 0, "nats", "Mean", 0, "Nothing."))
        for _ in range(2)
    )
    assert one != other
    assert is_same(one, other)
    assert not is_same(one, evaluation())
    assert of_same_models(one, evaluation(sentences=50))
    assert not of_same_models(one, replace(one, step=80))


def test_what_the_buttons_offer():
    known, whole = Known("demo", 40, ("vae",), sentences=4000), evaluation()
    assert words.lead(known, None, False) == "Measure 1,000 sentences"
    assert words.lead(replace(known, sentences=120), None, False) == "Measure all 120 sentences"
    assert words.lead(known, whole, False) == "Measure again"
    assert words.lead(known, replace(whole, complete=False), False) == "Resume"
    assert words.lead(known, whole, True) == words.lead(replace(known, why_not="No."), None, False) == ""
    assert words.refine(known, whole, False) == "Refine to all 4,000"
    assert words.refine(known, replace(whole, sentences=4000), False) == ""
    assert words.refine(known, replace(whole, complete=False), False) == ""


def test_every_number_has_a_trap_and_a_sentence():
    assert [key for key, each in DEFINITIONS.items() if not trap(each) or not each.meaning] == []
    assert {stem(DEFINITIONS[key]) for key in ("bleu_beam_z_short", "bleu_greedy_mu")} == {"bleu"}


def test_the_lines_about_an_evaluation():
    assert words.about(evaluation()).startswith("The first 1,000 of 4,000 test sentences · 8,000 tokens")
    assert words.about(evaluation(sentences=4000)).startswith("All 4,000 test sentences")
    some = words.about(replace(evaluation(), selection="dog", selected=5))
    assert some.startswith("5 selected of the first 1,000 of 4,000 test sentences · 8,000 tokens of all of these")
    assert "perplexity 58.2 on the test sentences" in words.language_model(evaluation())
    assert "The second judge is an LSTM of 160 units; perplexity 49.7" in words.language_model(evaluation())
    assert "second judge" not in words.language_model(without_second_judge(evaluation()))
    assert words.language_model(replace(evaluation(), language_model={})) == ""
    assert "than VAE" in words.legend(evaluation(), Choice())
    one = evaluation([("vae", "VAE", "#56B4E9", 0.0)])
    assert "worse" not in words.legend(one, Choice())


def test_minus_signs_are_minus_signs():
    assert words.said(-0.001, DEFINITIONS["elbo"]) == "0.00"
    assert "-" not in cell(evaluation(), "vae", "elbo").tooltip.split("\n")[0]
    assert words.interval(number("elbo"), DEFINITIONS["elbo"]) == "−36.26 to −34.14"


def test_the_number_of_a_judge_that_is_not_there_is_not_waited_for():
    every = Choice(every_row=True, way="", by_length=True)
    plain = without_second_judge(evaluation(keys=["elbo"], complete=False))
    assert [key for key in words.shown_keys(plain, every) if key.startswith(RECURRENT)] == []
    assert "reverse_perplexity" in words.shown_keys(plain, every)
    assert RECURRENT in words.shown_keys(evaluation(keys=["elbo"], complete=False), every)


def test_who_judged_stands_beneath_the_name():
    rows = {row.key: row for row in words.table(evaluation(), {}, Choice(every_row=True, by_length=True)).rows}
    first, second = rows["forward_perplexity"], rows[RECURRENT]
    assert (first.title, first.unit) == ("Forward perplexity", "")
    assert (second.title, second.unit) == ("Forward perplexity", "by a recurrent network")
    assert rows[f"{RECURRENT}_long"].unit == "by a recurrent network · over 10 tokens"
    assert second.tooltip.startswith("Forward perplexity (recurrent)\n")


def test_a_second_judge_is_offered_where_there_is_none_and_all_else_is_measured():
    known, plain = Known("demo", 40, ("vae",), sentences=4000), without_second_judge(evaluation())
    assert words.second_judge(known, plain, False) == "Second judge"
    assert words.second_judge(known, plain, True) == ""
    assert words.second_judge(known, replace(plain, complete=False), False) == ""
    assert words.second_judge(known, evaluation(), False) == ""
    assert words.second_judge(known, None, False) == ""
    assert words.second_judge(replace(known, why_not="no checkpoint"), plain, False) == ""
    judgeless = replace(plain, language_model={})  # no test sentence without an unknown word: it would judge nothing
    assert words.second_judge(known, judgeless, False) == ""
