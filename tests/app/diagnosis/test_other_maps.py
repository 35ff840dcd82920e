"""A diagnosis is of models: what becomes of it when other maps of the same ones are shown, or the models change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.values import Stage
from tests.app.diagnosis.results import KNOWN, MODELS, SOURCES, result
from tests.app.fakes import FakeJob
from tests.app.looking import shown


def show_another_map(diagnosis) -> None:
    """As the maps tell of another one that has been read."""
    diagnosis.explorer.maps = Stage("loading", "Reading the map")
    diagnosis.explorer.maps = Stage("ready")


@pytest.fixture
def told(diagnosis):
    words: list[str] = []
    diagnosis.told.connect(words.append)
    return words


def test_a_diagnosis_goes_on_while_another_map_of_the_same_models_is_shown(diagnosis, told):
    diagnosis.open()
    diagnosis.choose(False)
    diagnosis.measure()
    (job,) = FakeJob.made
    job.reported.emit({"event": "progress", "stage": "AutoGen m=1: swapping z", "done": 0, "total": 8000, "unit": ""})
    show_another_map(diagnosis)
    assert (told, job.stopped, diagnosis.state.quick) == ([], False, False)
    assert "(50% done)" in diagnosis.under_way
    job.finished.emit(result(sentences=8000))
    assert diagnosis.state.result == result(sentences=8000)
    assert diagnosis.explorer.findings["vae"].title == "Weak"


def test_the_usual_map_that_comes_behind_a_coarse_one_does_not_end_a_diagnosis(explorer, looks):
    explorer.diagnosis._make_job = FakeJob
    explorer.open("demo")
    explorer.state.shown_step = 40
    explorer.diagnosis._look()
    explorer.diagnosis.measure()
    job = FakeJob.made[-1]
    assert job.arguments[0] == "diagnose"
    explorer.maps.making.controller._shown(replace(explorer.context.atlas, map="another"), None)
    shown(explorer)
    assert explorer.context.atlas.map == "another"
    assert not job.stopped
    assert explorer.diagnosis.under_way
    explorer.diagnosis.stop()  # or the window would ask before it closes


def test_a_result_is_not_lost_to_what_was_looked_for_before_it_was_kept(diagnosis, looks):
    diagnosis.measure()
    FakeJob.made[0].finished.emit(result(sentences=1000))
    show_another_map(diagnosis)  # the disk, which is read for it, has none of them
    assert diagnosis.state.result == result(sentences=1000)
    assert diagnosis.explorer.findings["vae"].title == "Weak"
    looks.append(replace(KNOWN, result=result(sentences=8000), created="2999-01-01T00:00:00+00:00"))
    show_another_map(diagnosis)
    assert diagnosis.state.result["sentences"] == 8000


def test_how_many_sentences_were_chosen_stays_with_another_map(diagnosis, looks):
    looks.append(replace(KNOWN, result=result(sentences=8000), created="2026-11-29T00:41:00+00:00"))
    show_another_map(diagnosis)
    assert not diagnosis.state.quick
    diagnosis.choose(True)
    show_another_map(diagnosis)
    assert diagnosis.state.quick


def test_a_diagnosis_of_models_that_have_been_trained_on_is_given_up(diagnosis, looks, told):
    diagnosis.measure()
    looks.append(replace(KNOWN, sources={**SOURCES, "models": {**MODELS, "vae": "trained on"}}))
    show_another_map(diagnosis)
    assert FakeJob.made[0].stopped
    assert told == ["The diagnosis was given up, as other models are to be shown"]
    assert diagnosis.state.known is looks[-1]


def test_another_run_ends_a_diagnosis_also_where_the_maps_are_being_read_already(diagnosis, told):
    diagnosis.measure()
    diagnosis.explorer.maps = Stage("loading", "Opening the run")
    assert not FakeJob.made[0].stopped
    diagnosis.explorer.run = "other"
    assert FakeJob.made[0].stopped
    assert told == ["The diagnosis was given up, as other models are to be shown"]
    assert (diagnosis.state.known.sources, diagnosis.explorer.findings) == (None, {})
