"""The diagnosis over a plain window, and what is known of the models."""

from __future__ import annotations

import pytest

from app.core.requester import Requester
from app.core.state import ExplorerState
from app.core.values import Stage
from app.diagnosis import requests
from app.diagnosis.diagnosis import Diagnosis
from app.run.context import Context
from engine.workspace import Workspace
from tests.app.diagnosis.results import KNOWN
from tests.app.fakes import COLUMNS, FakeJob, answering


@pytest.fixture
def looks(monkeypatch):
    """What is known of the models that are shown next."""
    answers = [KNOWN]
    monkeypatch.setattr(requests, "look", lambda opened, workspace, name, step, broken: iter([answers[-1]]))
    return answers


@pytest.fixture
def diagnosis(qtbot, tmp_path, looks):
    """The feature over a plain window, with a command that a test leads."""
    from PySide6.QtWidgets import QWidget

    FakeJob.made.clear()
    window = QWidget()
    window.resize(1100, 640)
    qtbot.addWidget(window)
    state = ExplorerState()
    context = Context(state, Requester(), archive=answering(object()), workspace=Workspace(tmp_path))
    made = Diagnosis(context, window, FakeJob)
    made.explorer, made.window = state, window  # type: ignore[attr-defined]
    state.run, state.shown_step, state.columns = "demo", 40, COLUMNS
    state.maps = Stage("ready")
    yield made
    made.close()
    if made.view is not None:
        made.view.close()
