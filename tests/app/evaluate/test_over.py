"""The numbers of the Evaluate page over some of the measured sentences."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.evaluate import requests
from app.evaluate.state import Choice
from engine.errors import LoomError, UsageError
from engine.evaluation.measures.recall import recall_or_evaluate
from engine.evaluation.measures.request import Request
from engine.runs.run import Run
from engine.selections.chosen import NONE, Chosen
from engine.workspace import Workspace
from tests.app.evaluate.desk import PARTIAL, made_late, seen, shown
from tests.app.evaluate.results import evaluation
from tests.app.fakes import FakeJob


def typed(page, text: str) -> str:
    page.page.over.selectAll()
    QTest.keyClicks(page.page.over, text)
    QTest.keyClick(page.page.over, Qt.Key.Key_Return)
    return seen(page)


def test_typed_conditions_choose_the_sentences_and_an_empty_field_takes_all(page, kept):
    shown(page, kept)
    typed(page, "the dog")
    assert kept.taken == [(kept.evaluation, "the dog")]
    assert "212 selected of the first 1,000 of 4,000 test sentences" in page.page._about.toolTip()
    assert page.state.shown.selected == 212
    assert page.state.evaluation.selected == 0
    assert len(kept.compared) == len(kept.opened) == 2  # of the other numbers
    assert page.page.measure.text() == "Measure again"  # all of them
    page.page.over.clear()
    assert "selected" not in seen(page)
    assert page.state.shown is page.state.evaluation
    assert page.wish().choice == Choice()


def test_what_is_being_typed_stays_while_numbers_arrive_and_gives_way_to_another_wish(page, kept):
    shown(page, kept, evaluation(keys=["elbo"], done=300, complete=False))
    typed(page, "the")
    before = page.wish()
    field = page.page.over
    QTest.keyClicks(field, " old dog")
    shown(page, kept)  # more of them
    page.choose(replace(page.state.choice, every_row=True))
    seen(page)
    assert (field.text(), page.state.choice.over) == ("the old dog", "the")
    QTest.keyClick(field, Qt.Key.Key_Return)
    seen(page)
    assert page.state.choice.over == "the old dog"
    QTest.keyClicks(field, " barks")
    page.want(before)
    seen(page)
    assert field.text() == "the"


def test_what_means_nothing_is_told_in_place_of_numbers_and_can_be_changed(page, kept):
    shown(page, kept)
    kept.problem = UsageError("'colour' is nothing that a sentence is chosen by.", "Choose by words.")
    said = typed(page, "colour:red")
    assert "There are no numbers over these sentences" in said
    assert "'colour' is nothing" in said
    assert not page.page.showing_numbers
    assert page.page.over.isVisible()
    assert not page.page.export.isVisible()
    kept.problem = None
    typed(page, "the")
    assert page.page.showing_numbers


def test_numbers_of_all_are_not_shown_for_those_of_a_selection_while_these_are_taken(page, kept):
    shown(page, kept)
    late = made_late(page, "over")
    assert "Taking the numbers over these sentences" in typed(page, "the")
    assert not page.page.showing_numbers
    page.choose(replace(page.state.choice, over=""))
    seen(page)
    assert page.page.showing_numbers
    late.late.clear()  # as a thread that is told to forget it
    typed(page, "a")
    late.answer()
    seen(page)
    assert page.state.shown.selection == {"containing": ["a"]}


def test_what_is_selected_on_the_maps_is_taken_as_it_is_then(page, kept):
    shown(page, kept)
    assert not page.page.selected.isEnabled()
    page.explorer.chosen = Chosen.of(np.arange(4000) < 7, "text")
    seen(page)
    assert "the 7 sentences that are selected" in page.page.selected.toolTip()
    page.page.selected.trigger()
    seen(page)
    assert kept.taken[-1][1] == page.page.over.text() == "maps:selected"
    assert page.wish().choice.picked.count == 7
    page.explorer.chosen = NONE
    seen(page)
    assert page.wish().choice.picked.count == 7  # until it is asked for again


def test_measuring_goes_on_beneath_a_selection(page, kept):
    shown(page, kept, evaluation(keys=["elbo"], done=300, complete=False))
    typed(page, "the")
    page.measure()
    (job,) = FakeJob.made
    late = made_late(page, "over")
    kept.evaluation = evaluation()
    job.reported.emit(PARTIAL)
    job.finished.emit({})
    seen(page)
    assert page.page.showing_numbers  # those of before, until the newer ones are taken
    assert set(page.state.shown.variant("vae").numbers) == {"elbo"}
    late.answer()
    seen(page)
    assert len(page.state.shown.variant("vae").numbers) > 1
    assert page.state.shown.selection


def test_the_thread_takes_them_of_a_real_evaluation(tiny_workspace, tmp_path):
    shutil.copytree(tiny_workspace.root, tmp_path, dirs_exist_ok=True)
    workspace = Workspace(tmp_path)
    small = Request(limit=60, samples=2, draws=25, pairs=10, beam=2)
    list(recall_or_evaluate(Run.open(workspace.run("tiny")), workspace, small, "cpu"))
    reader = requests.Reader(workspace)
    (found,) = requests.look(reader, "tiny", None)
    (over,) = requests.take_over(reader, found.evaluation, "the tokens:4-9", NONE)
    assert 0 < over.selected < 60
    assert over.variant("vae").numbers["elbo"].n == over.selected
    assert next(requests.compare(reader, over, "vae"))["autogen-m1"]["elbo"].n == over.selected
    _, items = requests.open_number(reader, over, "vae", "elbo", True)
    assert len(items) == min(over.selected, requests.MOST_ITEMS)
    assert all("the" in item.source.lower().split() for item in items)
    with pytest.raises(UsageError, match="tokens:'x' is no range"):
        next(requests.take_over(reader, found.evaluation, "tokens:x", NONE))
    mask = np.arange(found.evaluation.of) % 3 == 0
    picked = Chosen.of(mask, found.evaluation.corpus)
    (over,) = requests.take_over(reader, found.evaluation, "maps:selected", picked)
    assert over.selected == mask[:60].sum() == over.variant("vae").numbers["elbo"].n
    with pytest.raises(UsageError, match="Nothing is selected"):
        next(requests.take_over(reader, found.evaluation, "maps:selected", NONE))
    with pytest.raises(LoomError, match="of other sentences"):
        next(requests.take_over(reader, found.evaluation, "maps:selected", Chosen.of(mask, "another text")))
