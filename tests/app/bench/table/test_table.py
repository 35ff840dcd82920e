"""Gathering rows and writing them out."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import ModuleType
from unittest.mock import create_autospec

import pytest

from app.bench.rows import GatheredRow
from app.bench.table.table import Table
from engine.errors import LoomError


def test_the_table_gathers_each_row_once_and_lets_go_of_it(context):
    table = Table(context)
    told = []
    table.told.connect(told.append)
    row = GatheredRow("It is late.", {"vae": "It is."}, "greedy")
    table.add_rows((row,))
    table.add_rows((row,))
    assert table.state.gathered == (row,)
    assert told == ["Added 1 row to the table", "The table has these rows already"]
    others = tuple(replace(row, source=f"sentence {i}") for i in range(11))
    table.add_rows((row, *others))
    assert len(table.state.gathered) == 12
    table.add_rows(others)
    assert told[-1] == "The table has these rows already"
    table.remove(0)
    assert len(table.state.gathered) == 11
    assert table.as_text().splitlines()[0] == "Input\tVAE\tHow"
    table.clear()
    assert table.state.gathered == ()


def test_latex_gets_no_character_that_stops_it(context, tmp_path):
    row = GatheredRow("", {"vae": "café 🙂 α"}, "lerp, z = μ, beam 10", path=("one → two", "three"), step=10)
    table = Table(context)
    table.state.gathered = (row,)
    assert table.export(tmp_path / "t.tex", "tex")
    text = (tmp_path / "t.tex").read_text(encoding="utf-8")
    assert "café U+1F642 U+03B1" in text
    assert "z = mu" in text
    assert "Interpolation 1 goes from A: one U+2192 two to B: three" in text
    assert set(text) - {"é"} <= set(map(chr, range(128)))


@pytest.mark.parametrize("name", ["csv", "md", "tex"])
def test_the_table_is_exported(context, tmp_path, name):
    table = Table(context)
    table.state.gathered = (GatheredRow("Is it 5 % | more?", {"vae": "Yes & no."}, "greedy"),)
    path = tmp_path / f"table.{name}"
    assert table.export(path, name)
    assert "Yes" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device"), "The disk is full"),
        (LoomError("tabulate is missing.", "Install it."), "tabulate"),
    ],
)
def test_an_export_that_fails_is_told_in_words(context, tmp_path, monkeypatch, error, words):
    from engine.evaluation import tables

    fake = ModuleType("tables")
    fake.Table = tables.Table  # type: ignore[attr-defined]
    fake.write_table = create_autospec(tables.write_table, side_effect=error)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "engine.evaluation.tables", fake)
    table = Table(context)
    failures = []
    table.failed.connect(lambda message, hint: failures.append((message, hint)))
    assert not table.export(tmp_path / "x.csv", "csv")
    assert words in failures[0][0]
    assert failures[0][1]
