"""The pages beside Explore: made when they are wanted first, and what goes from one to another."""

from __future__ import annotations

import numpy as np
import pytest

from app.evaluate import requests
from app.evaluate.requests import Found
from app.evaluate.state import Choice, EvaluateWish, Known
from app.maps.colours import values
from app.maps.colours.read import Read
from tests.app.evaluate.desk import PARTIAL, STAGES
from tests.app.evaluate.results import differences, evaluation
from tests.app.fakes import SENTENCES, FakeJob
from tests.app.looking import shown


@pytest.fixture(autouse=True)
def kept(monkeypatch):
    """What lies on the disk: an evaluation of the run that is open."""
    found = Found(Known("demo", 40, ("vae", "autogen-m1"), sentences=4000), evaluation())
    monkeypatch.setattr(requests, "look", lambda *_, **__: iter([found]))
    monkeypatch.setattr(requests, "compare", lambda _, evaluation, baseline: iter([differences(evaluation, baseline)]))
    monkeypatch.setattr(requests, "open_number", lambda *_, **__: iter([]))


def test_no_page_is_made_before_it_is_wanted(explorer):
    explorer.open("demo")
    shown(explorer)
    assert explorer.pages._made == {}
    explorer.actions.evaluate.trigger()
    shown(explorer)
    assert list(explorer.pages._made) == ["Evaluate"]
    assert explorer.state.page == "Evaluate"
    assert explorer.evaluate.page.isVisible()
    assert explorer.pages.page("Explore") is None


def test_a_sentence_behind_a_number_is_clicked_on_the_maps(explorer):
    explorer.open("demo")
    explorer.actions.evaluate.trigger()
    shown(explorer)
    explorer.evaluate.sentence_chosen.emit(2)
    shown(explorer)
    assert explorer.state.page == "Explore"
    assert explorer.state.selection == 2
    assert explorer.context.history.undoes == "click a sentence"
    explorer.evaluate.sentence_chosen.emit(10_000)  # of other models than the maps are of
    assert explorer.state.selection == -1


def _go_on(job) -> None:
    for stage in STAGES[1:]:
        job.reported.emit({**PARTIAL, "stage": stage})


ENDS = {
    "another kind begins": _go_on,
    "it ends": lambda job: job.finished.emit({}),
    "it fails": lambda job: job.failed.emit("The disk is full.", "Free some space."),
}


@pytest.mark.parametrize("end", ENDS)
def test_points_coloured_by_what_comes_back_follow_what_the_evaluate_page_measures(explorer, monkeypatch, qtbot, end):
    scores = np.full(len(SENTENCES), np.nan, np.float32)
    read = lambda _, variants, **__: iter([Read(name, scores.copy()) for name in variants])  # noqa: E731
    monkeypatch.setattr(values, "read_values", read)
    explorer.open("demo")
    explorer.maps.controller.colour_by("score")
    shown(explorer)
    assert explorer.maps.colours.values.counts == (0, 0)
    explorer.actions.evaluate.trigger()
    evaluate = explorer.evaluate
    qtbot.waitUntil(lambda: evaluate.state.evaluation is not None, timeout=10_000)
    evaluate.measuring._make_job = FakeJob
    evaluate.refine()
    scores[:3] = 50.0
    ENDS[end](FakeJob.made[-1])
    assert explorer.maps.colours.values.counts == (3, 3)


def test_what_is_shown_of_the_numbers_is_remembered(explorer, qtbot):
    explorer.open("demo")
    explorer.actions.evaluate.trigger()
    wish = EvaluateWish(Choice(baseline="autogen-m1", every_row=True), key="nll")
    explorer.evaluate.want(wish)
    assert explorer.session._wishes()["Evaluate"] == wish
    qtbot.waitUntil(lambda: explorer.evaluate.state.evaluation is not None, timeout=10_000)
    shown(explorer)
    assert explorer.window.pictured.ask(explorer.evaluate.page.table)
    explorer.pages.everything()
    shown(explorer)
