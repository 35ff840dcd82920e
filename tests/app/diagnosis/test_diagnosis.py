"""The Diagnosis window: what is known at once, what is measured, and to which models it belongs."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from io import BytesIO

import pandas as pd
import pytest
from openpyxl import load_workbook
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app.core import theme
from app.core.values import Stage
from app.diagnosis import requests
from app.diagnosis.page import estimated_page, measured_page
from app.diagnosis.state import Estimate, Known
from app.run.atlas import open_atlas
from app.widgets.pictures.writing import Style, draw
from engine.config import ProjectionConfig
from engine.diagnostics import kept
from engine.evaluation.tables import TABLE_FORMATS
from engine.maps.projection import project
from engine.runs.run import Run
from engine.workspace import Workspace
from tests.app.diagnosis.results import ESTIMATES, KNOWN, MODELS, SOURCES, result
from tests.app.fakes import COLUMNS, FakeJob
from tests.app.looking import shown
from tests.app.reading import svg_colours, svg_text


def page(diagnosis) -> str:
    diagnosis.refresh.flush()
    return diagnosis.view.text.toPlainText()


def test_the_maps_have_a_verdict_as_soon_as_they_are_there(diagnosis):
    findings = diagnosis.explorer.findings
    assert (findings["vae"].verdict, findings["vae"].title) == ("weak", "Weak (estimate)")
    assert findings["autogen-m1"].verdict == "healthy"


def test_without_a_diagnosis_the_window_says_what_is_known_and_offers_to_measure(diagnosis):
    diagnosis.open()
    text = page(diagnosis)
    assert "Weak (estimate)" in text
    assert "posterior collapse" in text
    view = diagnosis.view
    assert (view.measure.text(), view.measure.isVisible(), view.stop.isVisible()) == ("Measure", True, False)
    assert not view.copy.isEnabled()
    assert "estimate" in view._said.text()


def test_measuring_is_a_command_about_just_the_shown_models(diagnosis, tmp_path):
    diagnosis.open()
    diagnosis.view.measure.click()
    (job,) = FakeJob.made
    assert job.started
    assert job.arguments == [
        "diagnose", "demo", "--workspace", str(tmp_path), "--step", "40", "--variants", "vae,autogen-m1",
        "--sentences", "1000",
    ]  # fmt: skip
    diagnosis.measure()
    assert len(FakeJob.made) == 1
    job.reported.emit({"event": "progress", "stage": "AutoGen m=1: swapping z", "done": 0, "total": 1000, "unit": ""})
    page(diagnosis)
    assert diagnosis.state.job.fraction == pytest.approx(0.5)
    assert diagnosis.under_way == "The diagnosis of demo, step 40 is being measured (50% done)."
    assert diagnosis.view._said.text().startswith("AutoGen m=1: reading every sentence from other z")
    assert (diagnosis.view.stop.isVisible(), diagnosis.view.measure.isVisible()) == (True, False)
    job.finished.emit(result(sentences=1000))
    assert diagnosis.under_way == ""
    text = page(diagnosis)
    assert "One finding of VAE." in text
    assert "15.50" in text
    assert diagnosis.explorer.findings["vae"].title == "Weak"
    assert (diagnosis.view.measure.text(), diagnosis.view.copy.isEnabled()) == ("Measure again", True)
    diagnosis.measure()
    assert FakeJob.made[-1].arguments[-1] == "--anew"
    diagnosis.choose(False)
    diagnosis.stop()
    diagnosis.measure()
    assert FakeJob.made[-1].arguments[-2:] == ["--sentences", "8000"]


def test_the_picture_has_all_of_the_page_and_takes_its_colours_from_the_print(diagnosis, qtbot, tmp_path):
    theme.apply(QApplication.instance(), "dark")
    diagnosis.open()
    assert "Weak (estimate)" in svg_text(saved(diagnosis, tmp_path))
    diagnosis.measure()
    FakeJob.made[0].finished.emit(result(sentences=1000))
    text = page(diagnosis)
    data = saved(diagnosis, tmp_path)
    drawn = svg_text(data)
    for words in ("Diagnosis", "One finding of VAE.", "15.50", "What to try", "AutoGen m=1"):
        assert words in text or words == "Diagnosis"
        assert words in drawn
    assert diagnosis.figure().subject == "Run demo, step 40"
    found = svg_colours(data)
    assert theme.PRINT.muted in found
    assert not {theme.DARK.text, theme.DARK.muted} & found
    with qtbot.waitSignal(diagnosis.pictured) as asked:
        diagnosis.view.menu().actions()[-1].trigger()
    assert asked.args[0].title == "Diagnosis"


def saved(diagnosis, tmp_path) -> bytes:
    draw(diagnosis.figure(), Style("svg", for_print=True))(tmp_path / "diagnosis.svg")
    return (tmp_path / "diagnosis.svg").read_bytes()


def test_what_goes_on_behind_the_closed_window_is_told_and_how_it_ends(diagnosis):
    told, failed = [], []
    diagnosis.told.connect(told.append)
    diagnosis.failed.connect(lambda *what: failed.append(what))
    diagnosis.open()
    diagnosis.view.reject()
    assert told == []
    diagnosis.open()
    diagnosis.measure()
    diagnosis.view.reject()
    assert told == ["The diagnosis goes on being measured; Ctrl+I shows it."]
    assert diagnosis.under_way
    FakeJob.made[-1].failed.emit("It broke.", "Look.")
    assert failed == [("The diagnosis was not measured: It broke.", "Look.")]
    diagnosis.open()
    assert diagnosis.view._said.text() == "It broke. Look."
    diagnosis.measure()
    FakeJob.made[-1].failed.emit("It broke.", "Look.")
    assert len(failed) == 1
    diagnosis.measure()
    diagnosis.view.reject()
    FakeJob.made[-1].finished.emit(result(sentences=1000))
    assert told[2:] == ["The diagnosis is there: press the verdict beneath a map, or Ctrl+I."]


def test_it_can_be_given_up_and_a_failure_is_told_in_the_window(diagnosis):
    diagnosis.open()
    diagnosis.measure()
    diagnosis.view.stop.click()
    assert FakeJob.made[0].stopped
    assert diagnosis.state.job == Stage()
    diagnosis.measure()
    FakeJob.made[1].failed.emit("The corpus is missing.", "Prepare it again.")
    page(diagnosis)
    assert diagnosis.view._said.text() == "The corpus is missing. Prepare it again."
    assert diagnosis.view.measure.isVisible()


def test_what_is_measured_of_other_models_is_not_shown(diagnosis):
    diagnosis.measure()
    FakeJob.made[0].finished.emit(result(models={**MODELS, "vae": "trained on"}))
    assert diagnosis.state.result is None
    assert diagnosis.state.job.kind == "failed"
    assert diagnosis.explorer.findings["vae"].title == "Weak (estimate)"


def test_another_run_or_step_drops_all_of_it_and_stops_the_command(diagnosis, looks, qtbot):
    diagnosis.open()
    diagnosis.measure()
    looks.append(replace(KNOWN, estimates={"vae": Estimate("collapsed", 0.1)}, sources={**SOURCES, "step": 20}))
    with qtbot.waitSignal(diagnosis.told) as told:
        diagnosis.explorer.shown_step = None  # that is read first
    diagnosis.explorer.maps = Stage("loading", "Opening the run")
    assert "given up" in told.args[0]
    assert FakeJob.made[0].stopped
    assert diagnosis.explorer.findings == {}
    assert page(diagnosis) == "Opening the run …"
    diagnosis.explorer.shown_step = 20
    diagnosis.explorer.maps = Stage("ready")
    assert diagnosis.explorer.findings["vae"].title == "Collapsed (estimate)"
    diagnosis.measure()
    assert FakeJob.made[-1].arguments[4:6] == ["--step", "20"]


def test_what_was_kept_is_there_with_the_maps(diagnosis, looks):
    looks.append(replace(KNOWN, result=result(), created="2026-11-29T00:41:00+00:00"))
    diagnosis.explorer.maps = Stage("loading")
    diagnosis.explorer.maps = Stage("ready")
    assert diagnosis.explorer.findings["vae"].title == "Weak"
    diagnosis.open()
    assert "One finding of VAE." in page(diagnosis)
    assert "60 test sentences" in diagnosis.view._about.text()
    assert (diagnosis.view.measure.text(), diagnosis.view.sentences.currentIndex()) == ("Measure", 0)


def test_a_kept_diagnosis_of_all_sentences_can_be_measured_again(diagnosis, looks):
    looks.append(replace(KNOWN, result=result(sentences=8000)))
    diagnosis.explorer.maps = Stage("loading")
    diagnosis.explorer.maps = Stage("ready")
    diagnosis.open()
    page(diagnosis)
    assert (diagnosis.view.measure.text(), diagnosis.view.sentences.currentText()) == (
        "Measure again",
        "8,000 sentences",
    )


def test_what_a_command_has_kept_since_is_found_when_the_window_is_opened(diagnosis, looks):
    diagnosis.open()
    diagnosis.view.close()
    looks.append(replace(KNOWN, result=result()))
    diagnosis.open()
    assert "One finding of VAE." in page(diagnosis)
    assert diagnosis.explorer.findings["vae"].title == "Weak"


def test_opening_the_window_again_keeps_how_many_sentences_were_chosen(diagnosis):
    diagnosis.open()
    diagnosis.choose(False)
    diagnosis.view.close()
    diagnosis.open()
    page(diagnosis)
    assert diagnosis.view.sentences.currentText() == "8,000 sentences"


def test_models_that_are_not_here_cannot_be_measured_and_it_says_why(diagnosis, looks):
    looks.append(Known(ESTIMATES, None, "Its models are not here.", 8000))
    diagnosis.explorer.maps = Stage("loading")
    diagnosis.explorer.maps = Stage("ready")
    diagnosis.open()
    page(diagnosis)
    assert not diagnosis.view.measure.isVisible()
    assert diagnosis.view._said.text() == "Its models are not here."
    diagnosis.measure()
    assert FakeJob.made == []


def test_the_numbers_can_be_copied_and_written(diagnosis, tmp_path, qtbot):
    diagnosis.state.result = result()
    diagnosis.copy()
    assert "One finding of VAE." in QGuiApplication.clipboard().text()
    with qtbot.waitSignal(diagnosis.told) as told:
        diagnosis.export(tmp_path / "d.json")
    assert str(tmp_path / "d.json") in told.args[0]
    assert json.loads((tmp_path / "d.json").read_text(encoding="utf-8")) == result()
    diagnosis.export(tmp_path / "d.csv")
    lines = (tmp_path / "d.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "run,step,variant,model,number,value,low,high,n,how,verdict"
    assert "demo,40,vae,VAE,kl,3.5,3.4,3.6,60,made up,weak" in lines
    with qtbot.waitSignal(diagnosis.failed):
        diagnosis.export(tmp_path / "d.json" / "x.json")
    diagnosis.export(tmp_path / "of v1.2", "json")
    assert json.loads((tmp_path / "of v1.2.json").read_text(encoding="utf-8")) == result()
    with qtbot.waitSignal(diagnosis.failed) as failed:
        diagnosis.export(tmp_path / "of v1.2", "json")
    assert failed.args[0].endswith("of v1.2.json is there already.")


@pytest.mark.parametrize("format", [each for each in TABLE_FORMATS if each != "json"])
def test_the_numbers_can_be_written_in_every_format_of_tables(diagnosis, tmp_path, format):
    diagnosis.state.result = result()
    diagnosis.export(tmp_path / f"d.{format}")
    content = (tmp_path / f"d.{format}").read_bytes()
    if format == "xlsx":
        (sheet,) = load_workbook(BytesIO(content)).worksheets[:1]
        written = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    elif format == "parquet":
        written = [str(cell) for cell in pd.read_parquet(BytesIO(content)).to_numpy().ravel()]
    else:
        written = content.decode("utf-8-sig")
    assert all(each in written for each in ("3.5", "3.4", "3.6", "made up", "weak"))


@pytest.mark.parametrize("mode", [theme.DARK, theme.LIGHT])
def test_the_page_names_every_variant_and_takes_its_colours_from_the_theme(mode):
    html = measured_page(result(), COLUMNS, mode)
    assert html.count("AutoGen m=1") >= 2
    assert mode.warning in html
    assert mode.good in html
    assert "K = 10: 28.5" in html
    assert "1: 3.00" in html  # the dimension with most KL
    assert "Weak</span></b> (estimate)" in estimated_page(KNOWN, COLUMNS, mode)


def test_words_of_models_cannot_write_the_page():
    evil = result()
    evil["variants"]["vae"]["report"]["findings"] = ["<img src=x> & more"]
    assert "&lt;img src=x&gt; &amp; more" in measured_page(evil, COLUMNS, theme.DARK)


@pytest.fixture
def workspace(tiny_workspace, tmp_path):
    shutil.copytree(tiny_workspace.root, tmp_path / "workspace")
    made = Workspace(tmp_path / "workspace")
    list(project(made.cache("tiny"), None, ProjectionConfig(method="pca")))
    return made


def test_looking_finds_what_was_kept_of_the_very_models(workspace):
    run = Run.open(workspace.run("tiny"))
    opened = open_atlas(workspace, "tiny", lambda words: None)
    try:
        (known,) = requests.look(opened, workspace, "tiny", 40)
        assert (known.result, known.sentences) == (None, opened.atlas.n)
        assert set(known.estimates) == {"vae", "autogen-m1"}
        assert known.estimates["vae"].active_units == opened.atlas.numbers["vae"].active_units
        models = {name: run.model_fingerprint(name) for name in ("vae", "autogen-m1")}
        assert known.sources["models"] == models
        (without,) = requests.look(opened, workspace, "tiny", 40, broken=("vae",))
        assert set(without.sources["models"]) == {"autogen-m1"}
        made = result(run="tiny", models=models, corpus=run.settings.corpus.fingerprint)
        assert requests.belongs(made, known.sources)
        kept.keep(workspace.diagnosis("tiny"), run, made)
        (known,) = requests.look(opened, workspace, "tiny", 40)
        assert known.result == made
        workspace.diagnosis("tiny").write_text("{}", encoding="utf-8")
        (known,) = requests.look(opened, workspace, "tiny", 40)
        assert known.result is None
        assert "diagnosis.json" in known.problem
        (known,) = requests.look(opened, workspace, "tiny", None)
        assert (known.sources, "one step" in known.why_not) == (None, True)
        shutil.rmtree(workspace.run("tiny"))
        (known,) = requests.look(opened, workspace, "tiny", 40)
        assert (known.sources, "not here" in known.why_not) == (None, True)
    finally:
        opened.atlas.close()


def test_it_is_opened_from_the_map_by_key_and_from_the_menu(explorer, looks, qtbot):
    explorer.open("demo")
    shown(explorer)
    panels = explorer.window.maps.panels
    assert panels["vae"].badge.isVisible()
    assert not panels["autogen-m1"].badge.isVisible()
    panels["vae"].badge.click()
    view = explorer.diagnosis.view
    assert view.isVisible()
    view.close()
    explorer.actions.diagnosis.trigger()
    assert view.isVisible()
    explorer.toggle_theme()
    shown(explorer)
    assert theme.LIGHT.warning in explorer.diagnosis.view._written
    explorer.toggle_theme()
    explorer.window.close()
    assert not view.isVisible()
