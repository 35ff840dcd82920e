"""Tables of what was measured, as people read them."""

from __future__ import annotations

from dataclasses import replace

from engine.evaluation.measured import MEASURED, cell, measured_tables, sense_table, ways_table
from engine.evaluation.measures.definitions import DEFINITIONS, RECURRENT
from engine.evaluation.measures.result import Number
from tests.engine.evaluation.values import LABELS, evaluation


def test_table_4_has_short_and_long_samples_apart_with_their_intervals_and_n() -> None:
    made = evaluation()
    table = sense_table(made)
    assert table.columns[0] == "Model"
    assert [row[0] for row in table.rows] == list(LABELS)
    assert table.rows[1][1:] == ("2.0 [1.6, 2.4]", 100, "2.0 [1.6, 2.4]") * 2
    # A low perplexity of samples is no better: that of dull ones is below real text's.
    assert not [heading for heading in table.columns if heading.endswith(("↓", "↑"))]
    told = " ".join(table.notes)
    for wanted in ("120 samples of the prior", "seed 7", "41.5", "66.0", "37.2", "an LSTM"):
        assert wanted in told


def test_table_4_has_one_judge_where_a_run_has_one() -> None:
    made = evaluation()
    variants = tuple(
        replace(each, numbers={key: number for key, number in each.numbers.items() if not key.startswith(RECURRENT)})
        for each in made.variants
    )
    table = sense_table(replace(made, variants=variants))
    assert table.rows[1][1:] == ("2.0 [1.6, 2.4]", 100, "2.0 [1.6, 2.4]", 100)
    assert not [heading for heading in table.columns if "recurrent" in heading]


def test_table_5_over_many_pairs_has_every_number_of_the_ways() -> None:
    made = evaluation()
    table = ways_table(made)
    ways = [each for each in DEFINITIONS.values() if each.group == "interpolation"]
    assert list(table.columns[1:]) == [f"{each.title} {each.arrow}" for each in ways]
    assert table.rows[0] == (LABELS[0], *["10.0% [6.0%, 14.0%]"] * len(ways))
    assert "60 random pairs" in table.caption


def test_a_number_without_interval_or_value_says_so() -> None:
    definition = DEFINITIONS["exact_beam_z"]
    number = evaluation().variants[0].numbers["exact_beam_z"]
    assert cell(definition, replace(number, low=None, high=None)) == "10.0% (no interval)"
    none = Number(float("nan"), None, None, 0, "share", "", 0, "no sentence is that long")
    assert cell(definition, none) == "none: no sentence is that long"
    assert cell(definition, None) == "not measured"


def test_all_tables_have_the_names_by_which_they_are_asked_for() -> None:
    assert (*(each.name for each in measured_tables(evaluation())), "winners") == tuple(
        sorted(MEASURED, key=lambda name: name == "winners")
    )


def test_models_of_the_same_label_stand_in_columns_of_their_own() -> None:
    table = measured_tables(evaluation(("VAE", "VAE")))[0]
    assert table.columns[2:] == ("VAE", "VAE (2)")
