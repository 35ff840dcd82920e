"""The first paragraph says what the numbers say, and no more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.evaluation.measures.result import Difference, Evaluation, Number
from engine.evaluation.report.words import in_short, standing
from tests.engine.evaluation.values import evaluation

LABELS = ("A", "B", "C")


def with_numbers(key: str, *values: tuple[float, float | None, float | None]) -> Evaluation:
    """An evaluation of A, B, C with these values and intervals of a number."""
    made = evaluation(LABELS[: len(values)])
    variants = []
    for each, (value, low, high) in zip(made.variants, values, strict=True):
        number = replace(each.numbers[key], value=value, low=low, high=high)
        variants.append(replace(each, numbers={**each.numbers, key: number}))
    return replace(made, variants=tuple(variants))


def said(made: Evaluation, *words: str, paired: Any = None) -> str:
    found = [each for each in in_short(made, paired) if all(word in each for word in words)]
    assert len(found) == 1, in_short(made, paired)
    return found[0]


def test_one_that_is_clearly_ahead_is_called_so_with_its_interval() -> None:
    made = with_numbers("exact_beam_z", (0.1, 0.08, 0.12), (0.5, 0.45, 0.55), (0.3, 0.28, 0.33))
    text = said(made, "word for word")
    assert text == (
        "B keeps more of a sentence than the others: 50.0% (45.0% to 55.0%) of the test sentences come back word for "
        "word, ahead of C with 30.0% (28.0% to 33.0%)."
    )


def test_those_whose_intervals_meet_are_not_told_apart() -> None:
    made = with_numbers("exact_beam_z", (0.1, 0.08, 0.12), (0.5, 0.45, 0.55), (0.46, 0.41, 0.5))
    text = said(made, "word for word")
    assert "B and C keep more sentences word for word than the others" in text
    assert "do not tell them apart: B 50.0% (45.0% to 55.0%) and C 46.0% (41.0% to 50.0%)." in text
    assert "A" not in text


def test_paired_differences_tell_apart_what_intervals_do_not_and_the_other_way() -> None:
    made = with_numbers("exact_beam_z", (0.1, 0.08, 0.12), (0.5, 0.45, 0.55), (0.46, 0.41, 0.5))
    apart = {"v2": {"exact_beam_z": Difference(-0.04, -0.06, -0.02, 100, -1)}}
    assert "B keeps more of a sentence than the others" in said(made, "word for word", paired=lambda baseline: apart)
    assert said(made, "differences on the same sentences", paired=lambda baseline: apart)
    assert not [each for each in in_short(made) if "differences on the same" in each]
    open_ = {"v0": {"exact_beam_z": Difference(-0.4, -0.9, 0.1, 100, 0)}}
    assert {each.label for each in standing(made, "exact_beam_z", lambda baseline: open_).first} == {"A", "B", "C"}


def test_what_the_best_is_told_from_is_not_said_of_the_second() -> None:
    """A is told from C and not from B, and B from neither."""
    made = with_numbers("exact_beam_z", (0.433, 0.38, 0.49), (0.413, 0.36, 0.47), (0.4, 0.35, 0.45))

    def paired(baseline: str) -> Any:
        apart, open_ = Difference(-0.033, -0.057, -0.013, 300, -1), Difference(-0.02, -0.09, 0.06, 300, 0)
        return {
            name: {"exact_beam_z": apart if {name, baseline} == {"v0", "v2"} else open_}
            for name in ("v0", "v1", "v2")
            if name != baseline
        }

    text = said(made, "told from C", paired=paired)
    assert text == (
        "By Exact match (beam, z ~ q(z|x)) A with 43.3% (38.0% to 49.0%) comes first and is told from C with 40.0% "
        "(35.0% to 45.0%), but not from B with 41.3% (36.0% to 47.0%)."
    )
    assert "than the others" not in text


@pytest.mark.parametrize("none", [(0.5, None, None), (0.3, None, None)])
def test_without_intervals_nobody_is_called_better(none: tuple[float, None, None]) -> None:
    made = with_numbers("exact_beam_z", (0.1, None, None), none)
    assert said(made, "is told from").startswith("By Exact match")
    few = said(replace(made, sentences=5), "no intervals")
    assert "fewer than 20 sentences" in few


def test_a_lower_number_is_better_where_it_is_so() -> None:
    made = with_numbers("reverse_perplexity", (60.0, 58, 63), (50.0, 48, 52), (30.0, 29, 31))
    assert [each.label for each in standing(made, "reverse_perplexity").order] == ["C", "B", "A"]


def test_samples_are_held_against_real_text_and_not_called_better_for_being_dull() -> None:
    made = with_numbers("forward_perplexity", (30.0, 29, 31), (50.0, 48, 52), (41.0, 38, 43))
    text = said(made, "language model")
    assert "real sentences have a perplexity of 41.5" in text
    assert "A 30.0 (29.0 to 31.0), B 50.0 (48.0 to 52.0) and C 41.0 (38.0 to 43.0)." in text
    assert "What A writes is more usual than the text itself" in text
    above = with_numbers("forward_perplexity", (45.0, 44, 46), (50.0, 48, 52), (60.0, 58, 63))
    assert "more usual" not in said(above, "language model")


def test_both_judges_are_heard_each_beside_what_it_says_of_real_text() -> None:
    made = with_numbers("forward_perplexity_recurrent", (30.0, 29, 31), (50.0, 48, 52), (41.0, 38, 43))
    text = said(made, "recurrent network")
    assert text.startswith("To a recurrent network trained on the same text, real sentences have a perplexity of 37.2")
    order = [each[:20] for each in in_short(made)]
    assert order.index("To a language model ") + 1 == order.index("To a recurrent netwo")
    assert "What A writes is more usual than the text itself" in text
    alone = replace(made, language_model={"perplexity": 41.5})
    assert not [each for each in in_short(alone) if "recurrent network" in each]


def test_where_no_model_is_told_from_the_others_none_is_praised() -> None:
    made = unweighted(with_numbers("elbo", (-28.0, -30, -26), (-28.1, -30, -26), (-28.2, -30, -26)))
    text = said(made, "ELBO")
    assert text.startswith("By ELBO no model is told from the others")
    assert "best" not in text


def test_collapse_is_said_where_the_kl_is_near_0() -> None:
    text = said(with_numbers("kl", (0.02, 0.01, 0.03), (5.0, 4, 6), (0.5, 0.4, 0.6)), "collapsed")
    assert text.startswith("A and C have collapsed: with a KL below 1 nat")
    assert not [each for each in in_short(with_numbers("kl", (4.0, 3, 5))) if "collapsed" in each]


def test_where_no_sentence_comes_back_the_words_are_compared() -> None:
    made = with_numbers("exact_beam_z", (0.0, 0.0, 0.001), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    assert "C gives back more of the words than the others: BLEU 30.0" in said(made, "Hardly")


def test_where_few_words_come_back_nobody_is_said_to_give_them_back() -> None:
    none = with_numbers("exact_beam_z", (0.0, 0.0, 0.001), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    poor = with_numbers("bleu_beam_z", (1.0, 0.5, 1.5), (1.5, 1.0, 2.0), (0.5, 0.2, 0.8))
    variants = tuple(
        replace(each, numbers={**each.numbers, "bleu_beam_z": other.numbers["bleu_beam_z"]})
        for each, other in zip(none.variants, poor.variants, strict=True)
    )
    assert said(replace(none, variants=variants), "Hardly").endswith(
        "Few words do: the highest BLEU is 1.5 (1.0 to 2.0) of 100."
    )


def unweighted(made: Evaluation) -> Evaluation:
    """Without the importance-weighted likelihood."""
    variants = [
        replace(each, numbers={key: number for key, number in each.numbers.items() if key != "nll"})
        for each in made.variants
    ]
    return replace(made, variants=tuple(variants))


def test_who_explains_the_text_best_is_told_by_the_weighted_likelihood_where_there_is_one() -> None:
    """The ELBO, which favours those that do not use z, says the opposite here."""
    by_bound = with_numbers("elbo", (-25.7, -26.0, -25.4), (-26.0, -26.3, -25.7), (-26.9, -27.2, -26.6))
    by_weights = with_numbers("nll", (25.4, 25.3, 25.5), (24.4, 24.3, 24.5), (24.1, 24.0, 24.2))
    variants = tuple(
        replace(each, numbers={**each.numbers, "nll": other.numbers["nll"]})
        for each, other in zip(by_bound.variants, by_weights.variants, strict=True)
    )
    made = replace(by_bound, variants=variants)
    assert said(made, "explains the text best") == (
        "C explains the text best: its importance-weighted negative log likelihood is 24.10 (24.00 to 24.20) nats a "
        "sentence, ahead of B with 24.40 (24.30 to 24.50). A is 1.3 nats behind the best."
    )
    assert said(unweighted(made), "(ELBO)").startswith("A and B explain the text best, by their bound")


def test_the_price_in_elbo_is_named() -> None:
    made = unweighted(with_numbers("elbo", (-28.0, -28.3, -27.7), (-30.0, -30.3, -29.7), (-34.0, -34.3, -33.7)))
    assert said(made, "(ELBO)").endswith("ahead of B with -30.00 (-30.30 to -29.70). C is 6.0 nats behind the best.")
    values = (-28.0, -28.001, -27.999), (-28.02, -28.021, -28.019), (-28.04, -28.041, -28.039)
    near = unweighted(with_numbers("elbo", *values))
    assert said(near, "(ELBO)").endswith("C is less than 0.1 nats behind the best.")


def test_what_was_not_measured_is_not_spoken_of() -> None:
    made = evaluation(("A",))
    nothing = replace(made, variants=(replace(made.variants[0], numbers={}),))
    assert in_short(nothing) == ("The A was measured on 100 of 250 test sentences.",) or len(in_short(nothing)) == 1
    none = Number(float("nan"), None, None, 0, "nats", "", 0, "no checkpoint")
    assert standing(replace(made, variants=(replace(made.variants[0], numbers={"elbo": none}),)), "elbo").order == ()
    assert in_short(replace(made, variants=())) == ("No model was measured.",)
    assert "so far" in in_short(replace(made, complete=False))[0]


def test_a_label_from_right_to_left_does_not_turn_its_sentence_round() -> None:
    assert "\u2068שלום\u2069" in in_short(evaluation(("A", "שלום")))[1]
