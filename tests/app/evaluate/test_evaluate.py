"""The Evaluate page: what was kept, what is measured, which number is open, and to which models all of it belongs."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shiboken6

from app.core.values import Stage
from app.evaluate import requests
from engine.errors import LoomError
from engine.evaluation.measures.definitions import RECURRENT
from engine.evaluation.measures.judge.recipe import STAGE
from engine.evaluation.measures.result import Number
from tests.app.evaluate.desk import KNOWN, OTHERS, PARTIAL, STAGES, made_late, options, seen, shown
from tests.app.evaluate.results import evaluation, with_number, without_second_judge
from tests.app.fakes import FakeJob


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


def test_the_second_judge_is_trained_where_there_is_none_and_the_table_stays_meanwhile(page, kept):
    plain = without_second_judge(replace(evaluation(sentences=120), **OTHERS))
    shown(page, kept, plain)
    view = page.page
    assert view.judge.isVisible()
    before = view.table.numbers.shown
    assert RECURRENT not in before.keys
    view.judge.click()
    job = FakeJob.made[-1]
    assert options(job) == {"limit": 120, **OTHERS}
    assert "--judge" in job.arguments
    assert "--anew" not in job.arguments
    job.reported.emit({"event": "progress", "stage": STAGE, "done": 10, "total": 240, "unit": "token"})
    assert "Recurrent language model: training" in seen(page)
    assert view.table.numbers.shown == before
    assert not view.judge.isVisible()
    kept.evaluation = replace(evaluation(sentences=120), **OTHERS, created="2026-11-30T12:00:00+00:00")
    job.finished.emit({})
    seen(page)
    assert RECURRENT in view.table.numbers.shown.keys
    assert not view.judge.isVisible()


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


def test_what_was_begun_before_the_step_was_known_goes_on_at_that_step(page, kept):
    page.explorer.shown_step = None
    seen(page)
    assert kept.looked[-1] == ("demo", None)  # the newest, which is step 40
    page.measure()
    page.explorer.shown_step = 40
    assert not FakeJob.made[-1].stopped
    assert page.state.known == KNOWN
    page.explorer.shown_step = 20
    assert FakeJob.made[-1].stopped


def test_a_model_that_could_not_be_loaded_is_left_out_from_then_on(page, kept, monkeypatch):
    seen(page)
    asked = []
    plain = requests.look

    def look(reader, name, step, broken):
        asked.append(broken)
        return plain(reader, name, step, broken)

    monkeypatch.setattr(requests, "look", look)
    page.explorer.broken = {"vae": "its checkpoint is cut off"}
    assert asked == [("vae",)]
    page.show(False)
    page.explorer.broken = {}
    assert asked == [("vae",)]


def test_numbers_are_taken_along_only_with_how_they_differ(page, kept, tmp_path):
    shown(page, kept)
    late = made_late(page, "differences")
    page.choose(replace(page.state.choice, baseline="autogen-m1"))
    page.exports.export(tmp_path / "numbers.md", "md")
    page.exports.copy()
    assert [said for said in page.said if "still being computed" in said] == page.said[-2:]
    assert not (tmp_path / "numbers.md").exists()
    late.answer()
    page.exports.export(tmp_path / "numbers.md", "md")
    assert (tmp_path / "numbers.md").exists()


def test_a_report_is_of_the_newest_step_and_refused_where_an_earlier_one_is_shown(page, kept, monkeypatch):
    shown(page, kept)
    asked = []
    monkeypatch.setattr("app.evaluate.exports.ask_new_folder", lambda *given: asked.append(given))
    page.explorer.newest_step = 4000
    page.exports.ask_folder()
    assert "newest step, 4,000" in page.said[-1]
    assert asked == []
    page.explorer.newest_step = None
    page.exports.ask_folder()
    assert len(asked) == 1
