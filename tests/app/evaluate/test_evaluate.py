"""The Evaluate page: what was kept, what is measured, which number is open, and to which models all of it belongs."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app.core import theme
from app.core.requester import Requester
from app.core.state import ExplorerState
from app.core.values import Stage
from app.evaluate import requests
from app.evaluate.distribution import histogram
from app.evaluate.evaluate import Evaluate
from app.evaluate.requests import Found
from app.evaluate.state import Choice, EvaluateWish, Known
from app.fitting import misfits
from app.run.context import Context
from app.widgets.pictures.writing import Style, draw
from engine.errors import LoomError
from engine.evaluation.measures.result import Number
from engine.workspace import Workspace
from tests.app.evaluate.results import differences, distribution, evaluation, items, with_number
from tests.app.fakes import COLUMNS, DirectWorker, FakeJob
from tests.app.looking import texts

KNOWN = Known("demo", 40, ("vae", "autogen-m1"), sentences=4000)
STAGES = ("VAE: encoding", "AutoGen m=1: encoding", "VAE: giving back, beam, z = μ")
PARTIAL = {"event": "progress", "stage": STAGES[-1], "done": 1, "total": 1000, "unit": "sentence"}
"""Told when another kind of numbers begins: those before are on the disk then."""


class Kept:
    """What lies on the disk, as a test has it; and what was asked of it."""

    def __init__(self) -> None:
        self.known, self.evaluation = KNOWN, None
        self.problem: LoomError | None = None
        self.longest = 1000
        self.looked: list[tuple[str, int | None]] = []
        self.compared: list[str] = []
        self.opened: list[tuple[str, str, bool]] = []
        self.held: list[object] = []

    def look(self, reader, name, step, broken):
        self.looked.append((name, step))
        if self.problem is not None:
            raise self.problem
        yield Found(self.known, self.evaluation)

    def compare(self, reader, evaluation, baseline):
        self.compared.append(baseline)
        yield differences(evaluation, baseline)

    def hold(self, reader, evaluation):
        self.held.append(evaluation)
        yield "vae"

    def open_number(self, reader, evaluation, variant, key, worst):
        self.opened.append((variant, key, worst))
        yield histogram({each.name: distribution(key, i) for i, each in enumerate(evaluation.variants)})
        found = [item for item in items(key) if len(item.source) < self.longest]
        yield tuple(found if worst else found[::-1])


@pytest.fixture
def kept(monkeypatch) -> Kept:
    made = Kept()
    for name in ("look", "compare", "hold", "open_number"):
        monkeypatch.setattr(requests, name, getattr(made, name))
    return made


@pytest.fixture
def page(qtbot, tmp_path, kept):
    """The feature with its page on the screen, and a command that a test leads."""
    theme.apply(QApplication.instance(), "dark")
    FakeJob.made.clear()
    state = ExplorerState()
    made = Evaluate(Context(state, Requester(), workspace=Workspace(tmp_path)), FakeJob, DirectWorker)
    made.explorer, made.said = state, []  # type: ignore[attr-defined]
    made.told.connect(made.said.append)
    made.failed.connect(lambda *words: made.said.append(" ".join(words)))
    qtbot.addWidget(made.page)
    made.page.resize(1100, 600)
    made.page.show()
    state.run, state.shown_step, state.columns = "demo", 40, COLUMNS
    made.show(True)
    yield made
    made.close()


def seen(page) -> str:
    for _ in range(3):
        QApplication.processEvents()
        page.flush()
    return texts(page.page)


def options(job) -> dict[str, int]:
    """How much of everything a command was asked for."""
    given = dict(itertools.pairwise(job.arguments))
    return {name: int(given[f"--{name}"]) for name in ("limit", "samples", "draws", "pairs", "beam", "seed")}


OTHERS = {"samples": 5, "draws": 40, "pairs": 10, "beam": 2, "seed": 3}
"""Settings that are not the defaults."""


def shown(page, kept, of=None):
    """With an evaluation."""
    kept.evaluation = of or evaluation()
    page._read_again()
    return seen(page)


def test_without_anything_kept_it_says_so_and_offers_to_measure(page):
    said = seen(page)
    assert "Nothing of these models is measured yet" in said
    button = page.page._overlay._button
    assert button.text() == "Measure 1,000 sentences"
    assert not page.page.showing_numbers
    button.click()
    (job,) = FakeJob.made
    assert job.started
    assert job.arguments == [
        "evaluate", "demo", "--workspace", str(page._context.workspace.root), "--step", "40",
        "--variants", "vae,autogen-m1", "--limit", "1000",
        "--samples", "100", "--draws", "1000", "--pairs", "500", "--beam", "10", "--seed", "0",
    ]  # fmt: skip
    page.measure()
    assert len(FakeJob.made) == 1
    seen(page)
    assert page.page.stop.isVisible()


def test_what_was_kept_is_shown_at_once(page, kept):
    said = shown(page, kept)
    view = page.page
    assert view.showing_numbers
    assert "demo, step 40" in said
    assert view.table.numbers.shown.keys
    assert (view.measure.text(), view.refine.text()) == ("Measure again", "Refine to all 4,000")
    assert not view.report.isVisible()  # there is no such command
    assert kept.compared == ["vae"]
    assert kept.opened == [("autogen-m1", "elbo", True)]
    assert view.detail.behind.texts[0] == ["I love you."]
    assert "The bound that a VAE raises" in said
    assert "Too low by the gap" in said


def test_partial_results_are_shown_while_it_goes_on_and_marked(page, kept):
    seen(page)
    page.measure()
    (job,) = FakeJob.made
    kept.evaluation = evaluation(keys=["elbo", "nll"], done=300, complete=False)
    for stage in STAGES[:2]:
        job.reported.emit({"event": "progress", "stage": stage, "done": 1000, "total": 1000, "unit": "sentence"})
    assert page.state.evaluation is None  # that kind of numbers is not whole
    job.reported.emit(PARTIAL)
    assert 0 < page.state.job.fraction < 0.2
    said = seen(page)
    assert "So far: 300 of 1,000 sentences." in said
    assert page.page.stop.isVisible()
    assert not page.page.measure.isVisible()
    kept.evaluation = evaluation()
    job.finished.emit({})
    said = seen(page)
    assert "So far" not in said
    assert not page.page.stop.isVisible()
    assert page.page.measure.text() == "Measure again"


def test_stop_keeps_what_is_measured_and_resume_goes_on(page, kept):
    page.measure()
    kept.evaluation = evaluation(keys=["elbo"], done=300, complete=False)
    page.stop()
    assert FakeJob.made[0].stopped
    assert "So far: 300 of 1,000 sentences." in seen(page)
    assert page.page.measure.text() == "Resume"
    page.page.measure.click()
    assert options(FakeJob.made[1])["limit"] == 1000
    assert "--anew" not in FakeJob.made[1].arguments


def test_measuring_again_is_anew_and_refining_is_of_the_whole_test_set(page, kept):
    shown(page, kept)
    page.page.measure.click()
    assert options(FakeJob.made[-1])["limit"] == 1000
    assert FakeJob.made[-1].arguments[-1] == "--anew"
    page.stop()
    seen(page)
    page.page.refine.click()
    assert options(FakeJob.made[-1])["limit"] == 0
    assert "--anew" not in FakeJob.made[-1].arguments
    before = page.page.table.numbers.shown
    kept.evaluation = evaluation(keys=["elbo"], sentences=4000, complete=False)
    FakeJob.made[-1].reported.emit({**PARTIAL, "stage": STAGES[0]})
    FakeJob.made[-1].reported.emit(PARTIAL)
    said = seen(page)
    assert page.page.table.numbers.shown == before  # nothing is taken away while it is refined
    assert "shows what was measured before" in said
    kept.evaluation = evaluation(sentences=4000)
    FakeJob.made[-1].finished.emit({})
    seen(page)
    assert page.state.evaluation.sentences == 4000
    assert not page.page.refine.isVisible()


@pytest.mark.parametrize(("sentences", "limit"), [(120, 120), (1000, 1000), (4000, 0)])
def test_measuring_again_is_with_the_settings_that_are_shown(page, kept, sentences, limit):
    shown(page, kept, replace(evaluation(sentences=sentences), **OTHERS))
    page.measure()
    assert options(FakeJob.made[-1]) == {"limit": limit, **OTHERS}
    page.stop()
    if limit:
        page.refine()
        assert options(FakeJob.made[-1]) == {"limit": 0, **OTHERS}
        page.stop()
    part = replace(evaluation(sentences=sentences, complete=False), **OTHERS, created="2026-11-30T12:00:00+00:00")
    page.state.evaluation = part
    page.measure()
    assert options(FakeJob.made[-1]) == {"limit": limit, **OTHERS}
    assert "--anew" not in FakeJob.made[-1].arguments


def test_table_marks_and_panel_stay_until_what_is_measured_again_is_there(page, kept):
    nothing = Number(float("nan"), None, None, 0, "nats", "Mean", 0, "There is nothing to measure it on.")
    of = with_number(evaluation(sentences=120), "vae", "nll", nothing)
    shown(page, kept, of)
    page.open_number("autogen-m1", "bleu_beam_z")
    seen(page)
    view = page.page
    table, behind, asked = view.table.numbers.shown, page.state.behind, len(kept.opened)
    assert any(cell.mark for row in table.rows for cell in row.cells)
    page.measure()
    assert kept.held == [of]  # before the command takes the place of what stands behind it
    again = with_number(evaluation(sentences=120), "vae", "nll", replace(nothing, value=float("nan")))
    first = evaluation(sentences=120, done=40, complete=False)
    other = replace(evaluation(sentences=50), created="2026-11-28T12:00:00+00:00")
    for there in (again, first, other):  # read again, overwritten by the first numbers, an older one beneath
        kept.evaluation = there
        FakeJob.made[-1].reported.emit({**PARTIAL, "stage": STAGES[0]})
        FakeJob.made[-1].reported.emit(PARTIAL)
        page.show(False)
        page.show(True)
        seen(page)
        assert page.state.evaluation is of
        assert view.table.numbers.shown == table
        assert page.state.behind is behind
    assert len(kept.opened) == asked
    kept.evaluation = replace(evaluation(sentences=120), created="2026-11-30T12:00:00+00:00")
    FakeJob.made[-1].finished.emit({})
    seen(page)
    assert page.state.evaluation is kept.evaluation
    assert kept.opened[-1] == ("autogen-m1", "bleu_beam_z", True)
    assert page.said == []


class LateWorker(DirectWorker):
    """One that answers when the test says so, and tells what was refused."""

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self.late: list[tuple[str, object]] = []
        self.wait: tuple[str, ...] = ()

    def request(self, channel, work) -> None:
        if channel in self.wait:
            self.late.append((channel, work))
        else:
            super().request(channel, work)

    def answer(self) -> None:
        late, self.late = self.late, []
        for channel, work in late:
            super().request(channel, work)


def made_late(page, *channels: str) -> LateWorker:
    """The page with another thread, which waits on these channels."""
    page._requests.detach()
    late = page._worker = LateWorker(page._worker._load)
    late.start()
    page._requests.attach(late)
    late.wait = channels
    return late


def test_newer_numbers_come_with_their_marks_and_sentences(page, kept):
    shown(page, kept)
    page.open_number("autogen-m1", "bleu_beam_z")
    late = made_late(page, "differences", "behind")
    old, marks, behind = page.state.evaluation, page.state.differences, page.state.behind
    shown(page, kept, replace(evaluation(), created="2026-11-30T12:00:00+00:00"))
    assert page.state.evaluation is old
    assert page.state.differences is marks
    view = page.page
    view.baseline.activated.emit(1)  # another baseline meanwhile: neither the old marks nor the newer numbers are lost
    assert page.state.differences == {}
    late.late = late.late[1:]
    late.wait = ("behind",)
    late.answer()
    assert page.state.evaluation is kept.evaluation
    assert kept.compared[-1] == "autogen-m1"
    assert page.state.behind.histogram is behind.histogram  # until its own is read
    assert page.state.behind.items is behind.items
    assert "Reading" not in seen(page)
    late.wait = ()
    late.answer()
    assert page.state.behind.histogram is not behind.histogram


def test_a_command_that_was_stopped_is_read_once_more_when_it_has_ended(page, kept, qtbot):
    shown(page, kept)
    page.measure()
    page.stop()
    seen(page)
    kept.evaluation = replace(evaluation(), created="2026-11-30T12:00:00+00:00")
    looked = len(kept.looked)
    shiboken6.delete(FakeJob.made.pop())  # as a job goes that has ended
    qtbot.waitUntil(lambda: page.state.evaluation is kept.evaluation)
    assert len(kept.looked) == looked + 1
    page.measure()
    page.close()
    shiboken6.delete(FakeJob.made.pop())
    seen(page)
    assert page._worker is None  # a closed page reads nothing


def test_stopping_before_all_is_held_starts_nothing(page, kept):
    shown(page, kept)
    late = made_late(page, "hold")
    page.measure()
    seen(page)
    assert page.page.stop.isVisible()
    page.stop()
    late.answer()
    assert FakeJob.made == []
    page.measure()
    late.late = [("hold", _gone)]
    late.answer()  # what is gone cannot be held: all the more it is measured again
    assert FakeJob.made[-1].started


def _gone(_reader):
    raise LoomError("What was measured of vae is no longer there.")
    yield


def test_a_command_that_fails_says_why_and_leaves_what_is_there(page, kept):
    page.measure()
    FakeJob.made[-1].failed.emit("The disk is full.", "Make room.")
    assert "The disk is full." in seen(page)
    assert page.page._overlay._button.text() == "Try again"
    shown(page, kept)
    page.measure()
    FakeJob.made[-1].failed.emit("The disk is full.", "Make room.")
    assert "The disk is full. Make room." in seen(page)
    assert page.page.showing_numbers
    page.show(False)
    page.measure()
    FakeJob.made[-1].failed.emit("It was killed.", "Again.")
    assert page.said[-1] == "The evaluation was not measured: It was killed. Again."


@pytest.mark.parametrize("why", ["The corpus of run 'demo' is missing.", "None of its variants has a checkpoint yet."])
def test_what_cannot_be_measured_is_not_offered(page, kept, why):
    kept.known = replace(KNOWN, why_not=why)
    page._look()
    said = seen(page)
    assert "Nothing can be measured" in said
    assert why in said
    assert page.page._overlay._button.text() == "Try again"
    page.measure()
    assert FakeJob.made == []


def test_a_kept_file_that_is_damaged_is_told_and_a_variant_that_lacks_too(page, kept):
    kept.known = replace(KNOWN, problem="It is cut off.", without="Without AutoGen m=1: no checkpoint.")
    page._look()
    said = seen(page)
    assert "It is cut off." in said
    assert "Without AutoGen m=1: no checkpoint." in said
    kept.problem = LoomError("The folder cannot be read.")
    page._look()
    assert "The folder cannot be read." in seen(page)


def test_another_run_has_nothing_of_the_one_before(page, kept):
    shown(page, kept)
    page.measure()
    kept.evaluation = None
    page.explorer.run = "other"
    page.explorer.shown_step = 7
    assert FakeJob.made[-1].stopped
    assert kept.looked[-1] == ("other", 7)
    assert "what is measured is kept" in page.said[-1]
    kept.known = replace(KNOWN, run="other", step=7)
    page._look()
    assert "Nothing of these models is measured yet" in seen(page)
    assert page.state.differences == {}


def test_a_page_out_of_sight_looks_when_it_is_seen(page, kept):
    seen(page)
    page.show(False)
    before = len(kept.looked)
    page.explorer.run = "other"
    page.explorer.maps = Stage("ready")
    assert len(kept.looked) == before
    page.show(True)
    assert kept.looked[-1][0] == "other"
    kept.evaluation = evaluation()
    page.show(False)
    page.show(True)
    assert page.state.evaluation is kept.evaluation  # another process has measured meanwhile
    assert len(kept.looked) == before + 2


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


def test_samples_of_the_prior_are_no_points_of_the_maps(page, kept):
    shown(page, kept)
    page.open_number("vae", "novelty")
    seen(page)
    chosen: list[int] = []
    page.sentence_chosen.connect(chosen.append)
    page.page.detail.row_chosen.emit(0)
    assert chosen == []
    assert page.page.detail.order._buttons["worst"].text() == "Highest first"  # neither way is better


def test_keys_walk_through_numbers_and_escape_closes(page, kept, qtbot):
    shown(page, kept)
    table, detail = page.page.table, page.page.detail
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Down)
    seen(page)
    assert kept.opened[-1] == ("autogen-m1", "nll", True)
    detail.behind.setFocus()
    qtbot.keyClick(detail.behind, Qt.Key.Key_Escape)
    seen(page)
    assert not detail.isVisible()
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
    page.exports.ask_folder()  # one at a time
    job.finished.emit({})
    assert page.said[-1] == f"Wrote the report to {tmp_path / 'report'}."
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


def test_the_command_of_the_report_is_looked_for_among_the_commands():
    assert requests.has_command("diagnose")
    assert not requests.has_command("nothing")
