"""The Evaluate page on the screen."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from app.core import theme
from app.core.requester import Requester
from app.core.state import ExplorerState
from app.evaluate import requests
from app.evaluate.evaluate import Evaluate
from app.run.context import Context
from engine.workspace import Workspace
from tests.app.evaluate.desk import Kept
from tests.app.fakes import COLUMNS, DirectWorker, FakeJob


@pytest.fixture
def kept(monkeypatch) -> Kept:
    made = Kept()
    for name in ("look", "compare", "hold", "open_number", "take_over"):
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
