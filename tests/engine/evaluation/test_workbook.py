"""Texts of a workbook are read back as they were, and what Excel cannot hold is told."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.evaluation.cell_text import MOST_IN_A_CELL
from engine.evaluation.tables import Table, write_table

openpyxl = pytest.importorskip("openpyxl")


def written(path: Path, texts: list[str], heading: str = "text") -> tuple[list[Any], list[str], tuple[str, ...]]:
    """The cells of a column as they are read back, the lines of the other sheet, and what was told."""
    table = Table("any", (heading, "number"), tuple((text, 1) for text in texts))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # openpyxl warns of texts that it cuts
        told = write_table(table, path / "t.xlsx", "xlsx")
    book = openpyxl.load_workbook(path / "t.xlsx")
    column = [row[0] for row in book["table"].iter_rows()]
    return column, [row[0].value for row in book["about"].iter_rows()][1:], told


FORMULAS = ["=1+1", "+49 30", "-1", "- no", "@home", " =1+1", '=HYPERLINK("http://x.y")']
ERRORS = ["#N/A", "#DIV/0!", "#REF!", "#NAME?", "#NULL!", "#NUM!", "#VALUE!"]


def test_no_text_becomes_a_formula_an_error_a_number_or_a_date(tmp_path: Path) -> None:
    texts = [*FORMULAS, *ERRORS, "007", "1e5", "12%", "2020-01-01", "TRUE", "nan", "None", "NA", "'quoted'"]
    (heading, *cells), about, told = written(tmp_path, texts, "#N/A")
    assert [cell.value for cell in cells] == texts
    assert {cell.data_type for cell in (heading, *cells)} == {"s"}
    assert [cell.value for cell in cells if cell.quotePrefix] == FORMULAS  # stays a text when it is edited
    assert (heading.value, about, told) == ("#N/A", [], ())


def test_spaces_tabs_and_ends_of_lines_are_kept(tmp_path: Path) -> None:
    texts = ["  before", "after  ", " ", "a\tb", "two\nlines", "\n", "two\r\nlines", "old\rmac", "a  b"]
    (_, *cells), _, told = written(tmp_path, texts)
    assert [cell.value for cell in cells] == [text.replace("\r\n", "\n").replace("\r", "\n") for text in texts]
    assert told == ()


def test_characters_that_no_workbook_can_hold_are_replaced_and_told(tmp_path: Path) -> None:
    texts = ["a\ufffeb", "a\uffffb", "bell\a", "nul\0", "half \ud83d", "whole \U0001f642", "next \U0001fffe"]
    (heading, *cells), about, told = written(tmp_path, texts, "odd\x01\ufffe")
    assert heading.value == "odd\ufffd\ufffd"
    said = ["a\ufffdb", "a\ufffdb", "bell\ufffd", "nul\ufffd", "half \ufffd", "whole \U0001f642", "next \U0001fffe"]
    assert [cell.value for cell in cells] == said
    assert told == ("Characters that no workbook can hold were replaced by \ufffd in 6 cells.",)
    assert about == list(told)


def test_cells_that_are_too_long_are_cut_and_told(tmp_path: Path) -> None:
    texts = ["x" * MOST_IN_A_CELL, "y" * (MOST_IN_A_CELL + 1), "\U0001f642" * 20_000]
    (_, *cells), about, told = written(tmp_path, texts)
    assert cells[0].value == texts[0]
    assert cells[1].value == "y" * (MOST_IN_A_CELL - 1) + "…"
    assert cells[2].value == "\U0001f642" * (MOST_IN_A_CELL // 2) + "…"  # which counts two of them for each
    assert "32,767 characters a cell" in told[0]
    assert "2 cells" in told[0]
    assert about == list(told)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=20))
def test_any_text_at_all_makes_a_workbook_that_can_be_read(tmp_path: Path, texts: list[str]) -> None:
    (_, *cells), _, told = written(tmp_path, texts)
    assert all(cell.data_type == "s" for cell in cells)
    if not told:
        assert [cell.value for cell in cells] == [text.replace("\r\n", "\n").replace("\r", "\n") for text in texts]
