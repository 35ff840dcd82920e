"""The Train page in the window, on the run `tiny`."""

from __future__ import annotations

import json
import shutil
from unittest.mock import create_autospec

import pytest
from PySide6.QtWidgets import (
    QApplication,
)

from app.core import theme
from app.core.settings import AppSettings
from app.run import run_controller
from app.run.run_controller import RunController
from app.shell.explorer import Explorer
from app.train.controller import TrainController
from app.train.form.controller import TrainFormController
from app.train.form.state import FormState
from app.train.state import TrainingState
from engine.workspace import Workspace
from tests.app.fakes import DirectWorker, FakeJob, FakeSession, at_once, opened
from tests.app.train.looking import shown
from tests.app.train.processes import FakeProcess


@pytest.fixture
def workspace(tiny_workspace, tmp_path) -> Workspace:
    for name in ("runs", "corpora"):
        shutil.copytree(tiny_workspace.root / name, tmp_path / name)
    probes = tmp_path / "runs" / "tiny" / "variants" / "vae" / "probe.jsonl"
    first, second = (json.loads(line) for line in probes.read_text().splitlines())
    first.pop("digest")
    first["reconstructions"] = ["The cat hides."] * len(second["reconstructions"])
    probes.write_text(f"{json.dumps(first)}\n{json.dumps(second)}\n")
    return Workspace(tmp_path)


@pytest.fixture
def explorer(qtbot, workspace, tmp_path, monkeypatch):
    """The window on the run `tiny`, with maps that answer at once and a real follower of its files."""
    FakeJob.made.clear()
    theme.apply(QApplication.instance(), "dark")
    load = create_autospec(run_controller.load_session, return_value=FakeSession())
    monkeypatch.setattr(run_controller, "load_maps", lambda workspace, name, tell, step=None: opened())
    monkeypatch.setattr(
        "app.shell.explorer.RunController",
        lambda context, workspace, **_: RunController(
            context, workspace, DirectWorker, FakeJob, load, after_paint=at_once
        ),
    )
    made = Explorer(workspace, AppSettings(tmp_path / "window.ini"))
    made.load = load  # type: ignore[attr-defined]
    made.window.resize(1366, 768)
    made.window.show()
    qtbot.waitExposed(made.window)
    made.open("tiny")
    yield made
    made.window.leave()
    made.window.deleteLater()


@pytest.fixture
def train(explorer, qtbot):
    """The Train page on the run `tiny`, all of it shown."""
    explorer.actions.train.trigger()
    made = explorer.train
    qtbot.waitUntil(lambda: made.page.plots is not None and made.state.stage.kind == "ready", timeout=20_000)
    shown(explorer)
    return made


@pytest.fixture
def controller(qapp, workspace, tmp_path):
    FakeProcess.made.clear()
    made = TrainController(TrainingState(), workspace, AppSettings(tmp_path / "w.ini"), DirectWorker, FakeProcess)
    made.failures = []  # type: ignore[attr-defined]
    made.failed.connect(lambda *words: made.failures.append(words))  # type: ignore[attr-defined]
    yield made
    made.close()


@pytest.fixture
def form(controller, workspace) -> TrainFormController:
    made = TrainFormController(FormState(), workspace)
    made.open()
    return made
