"""Rows of several runs, and of the same sentences, in one table."""

from __future__ import annotations

import json
from dataclasses import replace

from app.bench.rows import GatheredRow
from app.bench.table.table import Table
from app.core.picks import Origin, Pick
from app.core.values import Column
from tests.app.bench.table.rows import NUMBERED, ROWS
from tests.app.fakes import COLUMNS

NOVEL = (Column("plain", "VAE", "#56B4E9"), Column("beta", "beta-VAE", "#CC79A7"))


def of_two_runs(context) -> Table:
    table, state = Table(context), context.state
    z = {"vae": (0.5, 1.0)}
    table.add_rows((replace(NUMBERED, pick=Pick("Is it late?", z)),))
    state.run, state.step, state.columns, state.shown = "novel", 2000, NOVEL, ("plain", "beta")
    table.add_rows((GatheredRow("Is it late?", {"plain": "No.", "beta": "Well."}, "greedy"),))
    return table


def test_rows_of_two_runs_stand_in_one_table_each_with_run_and_step(context, tmp_path, qtbot):
    table = of_two_runs(context)
    qtbot.addWidget(table.view)
    table.show(True)
    table.flush()
    assert table.view.rows == ["Is it late?\tYes.\t—", "Is it late?\tNo.\tWell."]
    assert [row.heading.note for row in table.view._grid.rows] == [
        "z = μ, greedy · demo",
        "greedy · novel, step 2,000",
    ]
    assert table.view._count.text() == "2 rows of 2 runs"
    assert table.as_text().splitlines() == [
        "Input\tVAE\tbeta-VAE\tHow\tRun\tStep",
        "Is it late?\tYes.\t\tz = mu, greedy\tdemo\t",
        "Is it late?\tNo.\tWell.\tgreedy\tnovel\t2000",
    ]
    assert table.export(tmp_path / "t.json", "json")
    document = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))
    assert document["caption"] == "Sentences of runs demo and novel, step 2,000, side by side"
    assert [(row["model"], row["run"], row["step"]) for row in document["rows"]] == [
        ("VAE", "demo", None),
        ("VAE", "novel", 2000),
        ("beta-VAE", "novel", 2000),
    ]


def test_the_same_sentence_of_another_run_or_step_is_another_row(context):
    table = Table(context)
    for run, step in (("demo", None), ("demo", 2000), ("novel", None), ("demo", None)):
        context.state.run, context.state.step = run, step
        table.add_rows((ROWS[0],))
    assert [row.origin for row in table.state.gathered] == [Origin("demo"), Origin("demo", 2000), Origin("novel")]


def test_points_of_a_row_know_their_run_and_are_gathered_again_as_what_they_are(context):
    table = of_two_runs(context)
    pick = table.state.gathered[0].pick
    assert pick.origin == Origin("demo")
    table.take(replace(pick, sentences={"vae": "Yes."}, how="z = μ", search="greedy"))
    assert len(table.state.gathered) == 2  # it is the row that is there already
    failures = []
    table.failed.connect(lambda message, hint: failures.append(message))
    context.state.columns = COLUMNS
    table.take(replace(pick, sentences={}, origin=Origin("novel")))
    assert "is a point of novel, which these models cannot decode" in failures[0]


def test_a_row_of_a_window_elsewhere_is_called_by_its_names(context):
    table = Table(context)
    table.take(Pick("x", {"odd": (1.0,)}, sentences={"odd": "Hm."}, origin=Origin("elsewhere", 5)))
    (row,) = table.state.gathered
    assert [(column.name, column.label) for column in row.columns] == [("odd", "odd")]
    assert table.as_text().splitlines()[0] == "Input\todd\tHow"


def test_which_test_sentence_a_row_is_may_be_learned_later(context):
    table = Table(context)
    table.add_rows((replace(NUMBERED, index=-1),))
    table.add_rows((NUMBERED,))
    assert [row.index for row in table.state.gathered] == [17]
