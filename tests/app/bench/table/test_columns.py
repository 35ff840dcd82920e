"""Which columns rows of several runs have."""

from __future__ import annotations

from app.bench.rows import GatheredRow
from app.bench.table.columns import columns_over, headings, sentence_in
from app.core.picks import Origin
from app.core.values import Column
from tests.app.fakes import COLUMNS

VAE, AUTOGEN = COLUMNS
HERE = GatheredRow("a", {"vae": "one", "autogen-m1": "two"}, "greedy", origin=Origin("demo"), columns=COLUMNS)
THERE = (Column("plain", "VAE", "#000000"), Column("beta", "beta-VAE", "#111111"), Column("idle", "Idle", "#222222"))
OTHER = GatheredRow("b", {"plain": "three", "beta": "four"}, "greedy", origin=Origin("novel", 9), columns=THERE)


def test_a_column_is_a_label_over_all_runs():
    columns = columns_over(COLUMNS, ["vae", "autogen-m1"], [HERE, OTHER])
    assert columns == (VAE, AUTOGEN, THERE[1])  # what no row says has no column
    assert [[sentence_in(row, column) for column in columns] for row in (HERE, OTHER)] == [
        ["one", "two", ""],
        ["three", "", "four"],
    ]


def test_a_hidden_variant_hides_its_label_in_other_runs_and_what_the_open_run_has_not_stays():
    assert columns_over(COLUMNS, ["autogen-m1"], [HERE, OTHER]) == (AUTOGEN, THERE[1])
    assert columns_over(THERE, ["plain", "beta", "idle"], [HERE, OTHER]) == (*THERE, AUTOGEN)


def test_two_variants_of_one_label_stay_apart():
    twins = (Column("a", "AE", "#000000"), Column("b", "AE", "#111111"))
    row = GatheredRow("x", {"a": "one", "b": "two"}, "greedy", columns=twins)
    columns = columns_over(twins, ["a", "b"], [row])
    assert [sentence_in(row, column) for column in columns] == ["one", "two"]
    assert headings(columns) == ["AE (a)", "AE (b)"]
