"""The Evaluate page: a number that is opened, what is chosen, copied and written, and whether all fits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from app.evaluate.state import Choice, EvaluateWish
from app.fitting import misfits
from app.widgets.pictures.writing import Style, draw
from tests.app.evaluate.desk import KNOWN, made_late, seen, shown
from tests.app.evaluate.results import evaluation
from tests.app.fakes import FakeJob


def test_a_number_is_opened_with_what_stands_behind_it(page, kept, qtbot):
    shown(page, kept)
    view = page.page
    view.table.number_chosen.emit("autogen-m1", "bleu_beam_z")
    said = seen(page)
    assert kept.opened[-1] == ("autogen-m1", "bleu_beam_z", True)
    assert "Runs of one to four tokens" in said
    assert "AutoGen m=1 − VAE: +4.8" in said
    assert "better" in said
    assert view.detail.behind.texts[0] == ["I love you.", "I like you."]
    chosen: list[int] = []
    page.sentence_chosen.connect(chosen.append)
    behind = view.detail.behind
    place = behind.cell_rect(1, 0).center().toPoint()
    qtbot.mouseClick(behind.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen == [3]
    behind.setFocus()
    qtbot.keyClick(behind, Qt.Key.Key_Down)
    assert chosen == [3]  # walking is not choosing
    qtbot.keyClick(behind, Qt.Key.Key_Return)
    assert chosen == [3, 6]
    view.detail.order._buttons["best"].click()
    seen(page)
    assert kept.opened[-1] == ("autogen-m1", "bleu_beam_z", False)
    assert view.detail.behind.texts[-1] == ["I love you.", "I like you."]


def test_what_was_asked_of_one_number_never_stands_behind_one_that_is_not_measured(page, kept):
    shown(page, kept, evaluation(keys=["elbo", "nll"], done=300, complete=False))
    late = made_late(page, "behind")
    page.open_number("vae", "nll")
    assert [channel for channel, _ in late.late] == ["behind"]
    page.open_number("vae", "bleu_beam_z")
    late.answer()
    said = seen(page)
    assert page.page.detail.behind.texts == []
    assert (page.state.behind.histogram, page.state.behind.items) == (None, None)
    assert "Not measured yet." in said
    assert "Reading" not in said
    page.open_number("vae", "nll")
    late.answer()
    seen(page)
    assert page.page.detail.behind.texts


def test_what_was_asked_of_a_number_is_not_taken_once_it_is_closed_and_others_are_there(page, kept):
    shown(page, kept, evaluation(keys=["elbo", "nll"], done=300, complete=False))
    late = made_late(page, "behind")
    page.open_number("vae", "nll")
    page.close_number()
    shown(page, kept)
    late.answer()
    assert (page.state.behind.key, page.state.behind.histogram) == ("", None)


def test_samples_of_the_prior_are_no_points_of_the_maps(page, kept):
    shown(page, kept)
    page.open_number("vae", "novelty")
    seen(page)
    chosen: list[int] = []
    page.sentence_chosen.connect(chosen.append)
    page.page.detail.row_chosen.emit(0)
    assert chosen == []
    assert page.page.detail.order._buttons["worst"].text() == "Highest first"  # neither way is better


def right_of(part, whole):
    """Pixels between the right edges of a part and of the whole."""
    return whole.width() - part.mapTo(whole, QPoint(part.width(), 0)).x()


def test_keys_walk_through_numbers_and_escape_closes(page, kept, qtbot):
    shown(page, kept)
    table, detail = page.page.table, page.page.detail
    left = table.mapTo(page.page, QPoint()).x()
    assert right_of(detail, page.page) == left
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Down)
    seen(page)
    assert kept.opened[-1] == ("autogen-m1", "nll", True)
    detail.behind.setFocus()
    qtbot.keyClick(detail.behind, Qt.Key.Key_Escape)
    seen(page)
    assert not detail.isVisible()
    assert right_of(table, page.page) == left  # as far from the edge as at the other side
    assert table.hasFocus()
    before = len(kept.opened)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert len(kept.opened) == before  # nothing is open
    qtbot.keyClick(table, Qt.Key.Key_Return)
    seen(page)
    assert detail.isVisible()
    assert kept.opened[-1] == ("autogen-m1", "kl", True)


def test_baseline_columns_rows_and_ways_are_chosen(page, kept):
    shown(page, kept)
    view = page.page
    view.baseline.setCurrentIndex(1)
    view.baseline.activated.emit(1)
    seen(page)
    assert kept.compared[-1] == "autogen-m1"
    assert view.table.numbers.shown.baseline == "autogen-m1"
    assert "worse than AutoGen m=1" in seen(page)
    view._fill_menu()
    view._menu.actions()[0].trigger()
    seen(page)
    assert [column.name for column in view.table.numbers.shown.columns] == ["autogen-m1"]
    assert view.variants.text() == "1 of 2 variants"
    view._fill_menu()
    assert not view._menu.actions()[1].isEnabled()  # the last one stays
    short = len(view.table.numbers.shown.keys)
    view.rows._buttons["all"].click()
    view.way.activated.emit(4)
    view.by_length.click()
    seen(page)
    assert len(view.table.numbers.shown.keys) > 2 * short
    wish = page.wish()
    assert wish == EvaluateWish(Choice("autogen-m1", ("vae",), True, "", True))
    page.want(EvaluateWish())
    seen(page)
    assert view.table.numbers.shown.baseline == "vae"
    assert len(view.table.numbers.shown.keys) == short
    page.want(wish)
    assert page.wish() == wish


def test_the_table_is_copied_as_text_and_as_html(page, kept):
    shown(page, kept)
    page.page.copy.click()
    data = QGuiApplication.clipboard().mimeData()
    assert data.text().splitlines()[0].split("\t") == ["Number", "Better", "VAE", "AutoGen m=1"]
    assert "<table" in data.html()
    assert page.said[-1] == "Copied the table"


@pytest.mark.parametrize("format", ["md", "tex", "html"])
def test_what_is_shown_is_written_for_people(page, kept, tmp_path, format):
    shown(page, kept)
    path = tmp_path / f"numbers.{format}"
    page.exports.export(path, "md")
    assert "ELBO" in path.read_text(encoding="utf-8")
    assert page.said[-1].startswith(f"Wrote the numbers that are shown to {path}.")
    page.exports.export(tmp_path / "gone" / "numbers", format)
    assert "gone" in page.said[-1]


def test_the_report_is_offered_only_where_there_is_the_command(page, kept, tmp_path):
    kept.known = replace(KNOWN, reports=True)
    shown(page, kept)
    assert page.page.report.isVisible()
    page.exports.report(tmp_path / "report")
    job = FakeJob.made[-1]
    assert job.arguments[:4] == ["report", "demo", "-o", str(tmp_path / "report")]
    assert (page.page.report.text(), page.page.report.isEnabled()) == ("Writing…", False)
    job.reported.emit({"event": "progress", "stage": "figures", "done": 2, "total": 9, "unit": "figure"})
    assert page.page.report.toolTip() == "The report is being written: figures, 2 of 9"
    page.exports.ask_folder()  # one at a time
    page.exports.report(tmp_path / "another")  # asked for before the first was chosen
    assert FakeJob.made[-1] is job
    assert page.said[-1] == "A report is being written already. Ask for the next one when it is there."
    job.finished.emit({})
    assert page.said[-1] == f"Wrote the report to {tmp_path / 'report'}."
    assert (page.page.report.text(), page.page.report.isEnabled()) == ("Report…", True)
    page.exports.report(tmp_path / "report")
    FakeJob.made[-1].failed.emit("It is there already.", "Choose another.")
    assert page.said[-1] == "The report was not written: It is there already. Choose another."


def test_table_and_number_are_saved_as_pictures(page, kept, tmp_path):
    assert page.page.in_view == ()
    shown(page, kept)
    for i, view in enumerate(page.page.in_view):
        draw(view.figure(), Style("svg", 1, False))(tmp_path / f"{i}.svg")
        assert (tmp_path / f"{i}.svg").stat().st_size > 1000


LONG = "The folder /home/somebody/with/a/long/name/latent-loom/runs/second/variants/vae cannot be read. " * 2


def _partial(page, kept):
    page.measure()
    shown(page, kept, evaluation(keys=["elbo", "nll"], done=300, complete=False))


def _failed(page, kept):
    shown(page, kept)
    page.measure()
    FakeJob.made[-1].failed.emit(LONG, LONG)


def _cannot(page, kept):
    kept.known = replace(KNOWN, why_not=LONG)
    page._look()


def _all(page, kept):
    shown(page, kept)
    page.choose(Choice(every_row=True, way="", by_length=True))
    page.open_number("autogen-m1", "edit_distance_greedy_mu")


STATES = {
    "nothing": lambda page, kept: None,
    "at the beginning": lambda page, kept: page.measure(),
    "partial": _partial,
    "whole": shown,
    "all rows": _all,
    "failed": _failed,
    "cannot": _cannot,
}


@pytest.mark.parametrize("size", [(1086, 516), (1440, 860), (2560, 1400)])
@pytest.mark.parametrize("state", STATES)
def test_everything_fits(page, kept, state, size):
    page.page.resize(*size)
    kept.longest = 40
    STATES[state](page, kept)
    seen(page)
    assert misfits(page.page) == []
