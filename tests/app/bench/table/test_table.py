"""Gathering rows and writing them out."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from unittest.mock import create_autospec

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit

from app.bench.rows import GatheredRow
from app.bench.table.table import Table
from app.bench.table.view import FORMATS
from app.core.picks import Pick
from app.core.requester import Requester
from app.core.settings import AppSettings
from app.core.values import Stage
from engine.errors import LoomError
from engine.evaluation.tables import TABLE_FORMATS
from tests.app.bench.table.rows import NUMBERED, ROWS
from tests.app.fakes import DirectWorker, FakeSession, HaltingWorker
from tests.app.looking import shown


def test_the_table_gathers_each_row_once_and_lets_go_of_it(context):
    table = Table(context)
    told = []
    table.told.connect(told.append)
    row = GatheredRow("It is late.", {"vae": "It is."}, "greedy")
    table.add_rows((row,))
    table.add_rows((row,))
    assert [gathered.source for gathered in table.state.gathered] == ["It is late."]
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


def read(path: Path) -> list[dict[str, object]]:
    """The lines of an exported table, read as a researcher reads them."""
    import pandas as pd

    if path.suffix == ".json":
        return json.loads(path.read_text(encoding="utf-8"))["rows"]
    readers = {
        ".csv": pd.read_csv,
        ".tsv": lambda file: pd.read_csv(file, sep="\t"),
        ".xlsx": pd.read_excel,
        ".parquet": pd.read_parquet,
        ".html": lambda file: pd.read_html(file)[0],
    }
    if path.suffix in readers:
        return [
            {name: None if pd.isna(cell) else cell for name, cell in line.items()}
            for line in readers[path.suffix](path).to_dict("records")
        ]
    text, between, end = path.read_text(encoding="utf-8"), " & ", " \\\\"
    if path.suffix == ".md":
        between, end = " | ", " |"
    lines = [line for line in text.splitlines() if between in line and line.endswith(end) and ":--" not in line]
    cells = [[cell.strip() for cell in line.removesuffix(end).removeprefix("|").split(between)] for line in lines]
    return [dict(zip(cells[0], line, strict=True)) for line in cells[1:]]


def test_every_format_can_be_chosen():
    assert {name for name, *_ in FORMATS} == set(TABLE_FORMATS)


@pytest.mark.parametrize("name", [name for name in TABLE_FORMATS if name != "html"])
def test_the_numbers_are_in_columns_of_their_own_in_every_format(context, tmp_path, name):
    context.state.step = 2000
    table, path = Table(context), tmp_path / f"table.{name}"
    table.add_rows((NUMBERED,))
    assert table.export(path, name)
    (line,) = read(path)
    if name in ("md", "tex"):
        heading = "log p(xhat\\|z)" if name == "md" else r"log p(xhat\textbar{}z)"
        assert [line[each] for each in ("Input", "Model", "Sentence", heading, "KL", "How")] == [
            *("Is it late?", "VAE", "Yes.", "-3.25", "1.5", "z = mu, greedy"),
        ]
        assert [line[each] for each in ("Test sentence", "Run", "Step")] == ["18", "demo", "2000"]
    else:
        assert line == {
            "row": 1,
            "input": "Is it late?",
            "variant": "vae",
            "model": "VAE",
            "sentence": "Yes.",
            "log_p_xhat_given_z": -3.25,
            "log_p_x_given_z": -8.5,
            "log_p_x": None,
            "kl": 1.5,
            "credit": None,
            "distance": None,
            "neighbour": None,
            "how": "z = mu, greedy",
            "test_sentence": 18,
            "run": "demo",
            "step": 2000,
        }


@pytest.mark.parametrize("name", TABLE_FORMATS)
def test_sentences_alone_stay_a_choice(context, tmp_path, name):
    table, told = Table(context), []
    table.told.connect(told.append)
    table.add_rows((NUMBERED,))
    table.view.text_only.trigger()
    assert table.export(tmp_path / f"table.{name}", name)
    assert told[-1] == f"Wrote the sentences of 1 row to {tmp_path}/table.{name}."
    if name == "csv":
        assert (tmp_path / "table.csv").read_text(encoding="utf-8") == (
            'Input,VAE,How\nIs it late?,Yes.,"z = mu, greedy"\n'
        )
    elif name == "html":
        text = (tmp_path / "table.html").read_text(encoding="utf-8")
        assert "<td>Yes.</td>" in text
        assert "3.25" not in text


def test_html_has_the_numbers_in_columns_of_their_own(context, tmp_path):
    table = Table(context)
    table.add_rows((NUMBERED,))
    assert table.export(tmp_path / "table.html", "html")
    text = (tmp_path / "table.html").read_text(encoding="utf-8")
    cells = [part.split("</td>")[0] for part in text.split("<td>")[1:]]
    assert cells == ["Is it late?", "VAE", "Yes.", "-3.25", "-8.5", "1.5", "z = mu, greedy", "18", "demo"]


def test_what_a_format_does_to_the_sentences_is_told(context, tmp_path):
    table, told = Table(context), []
    table.told.connect(told.append)
    table.add_rows((replace(NUMBERED, sentences={"vae": "#N/A"}), replace(NUMBERED, sentences={"vae": "=1+1\uffff"})))
    assert table.export(tmp_path / "t.xlsx", "xlsx")
    assert [line["sentence"] for line in read_as_text(tmp_path / "t.xlsx")] == ["#N/A", "=1+1\ufffd"]
    assert told[-1].startswith("Wrote 2 rows to ")
    table.add_rows((replace(NUMBERED, sentences={"vae": "Yes.", "autogen-m1": "No."}),))
    assert table.export(tmp_path / "t.xlsx", "xlsx")
    assert told[-1].startswith("Wrote 3 rows (4 lines, one a model) to ")
    assert told[-1].endswith("were replaced by \ufffd in 1 cell.")


def read_as_text(path: Path) -> list[dict[str, object]]:
    import pandas as pd

    return pd.read_excel(path, keep_default_na=False).to_dict("records")


def test_the_dialog_begins_where_the_last_export_went_and_in_its_format(context, tmp_path, qtbot):
    context.settings = AppSettings(tmp_path / "window.ini")
    table = Table(context)
    qtbot.addWidget(table.view)
    table.add_rows((NUMBERED,))
    (tmp_path / "tables").mkdir()
    table.export_as(tmp_path / "tables" / "mine.tsv", "csv")
    table.choose_text_only(True)
    again = Table(replace(context, settings=AppSettings(tmp_path / "window.ini")))
    qtbot.addWidget(again.view)
    assert (again.state.folder, again.state.format, again.state.text_only) == (tmp_path / "tables", "tsv", True)
    again.state.gathered = table.state.gathered
    again.ask_where()
    dialog = again.view.findChild(QFileDialog)
    assert dialog.directory().absolutePath() == str(tmp_path / "tables")
    assert dialog.selectedNameFilter() == "TSV (*.tsv)"
    assert [Path(file).name for file in dialog.selectedFiles()] == ["comparison.tsv"]
    dialog.reject()


def test_a_name_without_the_ending_of_a_format_gets_the_chosen_one(context, tmp_path, qtbot):
    table = Table(context)
    qtbot.addWidget(table.view)
    table.add_rows((NUMBERED,))
    told, failed = [], []
    table.told.connect(told.append)
    table.failed.connect(lambda *what: failed.append(" ".join(what)))
    table.export_as(tmp_path / "results of v1.2", "tsv")
    assert [each.name for each in tmp_path.iterdir()] == ["results of v1.2.tsv"]
    assert told[-1].endswith("results of v1.2.tsv.")
    before = (tmp_path / "results of v1.2.tsv").read_bytes()
    table.clear()
    table.add_rows((replace(NUMBERED, source="another"),))
    table.export_as(tmp_path / "results of v1.2", "tsv")
    assert "results of v1.2.tsv is there already." in failed[-1]
    assert (tmp_path / "results of v1.2.tsv").read_bytes() == before


def test_a_remembered_format_that_is_gone_is_forgotten(context, tmp_path):
    settings = AppSettings(tmp_path / "window.ini")
    settings.export = (tmp_path / "gone", "ods", False)
    assert Table(replace(context, settings=settings)).state.format == "csv"


def halting(session: FakeSession, rows: int) -> Requester:
    """Models that make so many rows of each request and go on with it for ever."""
    requester, worker = Requester(), HaltingWorker(lambda tell: session, rows)
    worker.start()
    requester.attach(worker)
    requester.kept = worker
    return requester


def test_what_is_made_of_many_sentences_comes_although_their_run_is_left(context, session):
    table, told = Table(replace(context, models=halting(session, 2))), []
    context.history.watch("Table", table)
    table.told.connect(told.append)
    table.take_rows([0, 1, 2, 3], "")
    assert table.state.gathered == ()
    assert table.under_way == (
        "Sentences are being decoded for the table: 2 of 4 sentences came so far, and only these stay in it."
    )
    table.settle()
    assert [(row.index, row.origin.run) for row in table.state.gathered] == [(0, "demo"), (1, "demo")]
    assert told[-1] == "The run was left while it decoded for the table: 2 of 4 sentences came"
    assert table.under_way == ""
    table.settle()
    assert (len(told), context.history.undoes) == (3, "add 2 rows to the table")


def test_of_one_sentence_nothing_comes_before_it_is_whole(context, session):
    table, told = Table(replace(context, models=halting(session, 0))), []
    table.told.connect(told.append)
    table.take(Pick("It is late."))
    table.settle()
    assert told == ["The run was left while it decoded for the table: 0 of 1 sentence came"]


def test_nothing_is_under_way_of_what_has_come_or_never_will(context, session):
    table = Table(context)
    table.take_rows([0, 1], "")
    table.take(Pick("It is late."))
    assert (len(table.state.gathered), table.under_way) == (3, "")
    table = Table(replace(context, models=Requester()))
    table.take_rows([0, 1], "")
    assert table.under_way != ""
    context.state.models = Stage("failed", "No models here.")
    assert table.under_way == ""


def sources(table: Table) -> list[str]:
    return [row.source for row in table.state.gathered]


def test_removed_and_cleared_rows_come_back_in_their_places(context):
    table, told, history = Table(context), [], context.history
    history.watch("Table", table)
    table.told.connect(told.append)
    table.add_rows(ROWS)
    table.remove(1)
    table.clear()
    assert sources(table) == []
    assert told[-1] == "Removed 2 rows; Undo (Ctrl+Z) brings them back"
    assert history.undoes == "clear the table"
    history.undo()
    assert sources(table) == ["sentence 0", "sentence 2"]
    assert (history.undoes, history.redoes) == ("remove a row", "clear the table")
    history.undo()
    assert sources(table) == ["sentence 0", "sentence 1", "sentence 2"]
    history.redo()
    assert sources(table) == ["sentence 0", "sentence 2"]
    history.undo()
    assert history.undoes == "add 3 rows to the table"
    history.undo()
    assert (sources(table), history.undoes) == ([], "")
    history.undo()
    history.redo()
    assert len(sources(table)) == 3


def test_what_is_gathered_after_an_undo_is_not_undone_by_doing_again(context):
    table, history = Table(context), context.history
    history.watch("Table", table)
    table.add_rows(ROWS)
    table.clear()
    history.undo()
    table.add_rows((replace(ROWS[0], source="another"),))
    history.redo()
    assert len(sources(table)) == 4
    table.clear()
    table.clear()  # of an empty table: nothing to undo
    table.remove(7)
    history.undo()
    assert len(sources(table)) == 4


def test_the_keys_undo_wherever_no_field_has_the_cursor(explorer, qtbot):
    explorer.open("demo")
    explorer.table.add_rows(ROWS)
    window, view = explorer.window, explorer.table.view
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    ctrl, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    for tab in ("Reconstruct", "Table"):
        explorer.table.clear()
        window.bench.show_tab(tab)
        shown(explorer)
        assert sources(explorer.table) == []
        qtbot.keyClick(window.focusWidget() or window, Qt.Key.Key_Z, ctrl)
        assert len(sources(explorer.table)) == 3
        assert window.banner.message == "Undone: clear the table"
        assert explorer.state.tab == tab
    shown(explorer)
    qtbot.keyClick(view, Qt.Key.Key_Z, ctrl | shift)
    assert len(sources(explorer.table)) == 0
    shown(explorer)
    assert not view._clear.isEnabled()
    view._undo.click()
    assert len(sources(explorer.table)) == 3
    shown(explorer)
    search = window.toolbar.findChild(QLineEdit)
    search.setFocus()
    qtbot.keyClicks(search, "cat")
    qtbot.keyClick(search, Qt.Key.Key_Z, ctrl)
    assert (search.text(), len(sources(explorer.table))) == ("", 3)


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


def test_what_is_sent_before_the_models_are_known_is_made_by_those_that_come(context):
    """The columns may be those of no run, or of the one before."""
    table = Table(context)
    context.models.detach()
    context.state.columns = ()
    table.take(Pick("It is late."), "")
    session = FakeSession()
    worker = DirectWorker(lambda tell: session)
    worker.start()
    context.models.attach(worker)
    (row,) = table.state.gathered
    assert set(row.sentences) == set(session.variants)


def test_where_the_models_could_not_be_loaded_nothing_is_said_to_be_under_way(context):
    table, told, failed = Table(context), [], []
    table.told.connect(told.append)
    table.failed.connect(lambda *words: failed.append(words))
    context.models.detach()
    context.state.models = Stage("failed", "No model could be read.", "Train anew.")
    table.take(Pick("It is late."), "")
    table.take_rows([0, 1], "")
    assert failed == [("No model could be read.", "Train anew.")] * 2
    assert told == []
