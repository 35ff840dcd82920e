"""What every test of the app shares; nothing may outlive a test."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from unittest.mock import create_autospec

import psutil
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app.core import theme
from app.core.jobs.ending import wait_for_ends
from app.core.settings import AppSettings
from app.run import run_controller
from app.run.context import Context
from app.run.run_controller import RunController
from app.shell.explorer import Explorer
from engine.config import ProjectionConfig
from engine.maps.projection import project
from engine.workspace import Workspace
from tests.app.fakes import DirectWorker, FakeJob, FakeSession, at_once, opened

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def nothing_is_left_behind(qapp: QApplication) -> Iterator[None]:
    """Fail a test that leaves a thread, a process or a top-level widget."""
    threads = set(threading.enumerate())
    children = {child.pid for child in psutil.Process().children(recursive=True)}
    widgets = {id(widget) for widget in QApplication.topLevelWidgets()}
    yield
    qapp.processEvents()
    wait_for_ends()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left_threads = [thread.name for thread in threading.enumerate() if thread not in threads]
    left_processes = [child.name() for child in psutil.Process().children(recursive=True) if child.pid not in children]
    left_widgets = [
        type(widget).__name__
        for widget in QApplication.topLevelWidgets()
        if id(widget) not in widgets and widget.isVisible()
    ]
    assert not left_threads, f"threads left running: {left_threads}"
    assert not left_processes, f"processes left running: {left_processes}"
    assert not left_widgets, f"windows left open: {left_widgets}"


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left_on_the_clipboard(qapp: QApplication) -> Iterator[None]:
    """Offscreen, Qt's clipboard goes after Python has, and what Python made for it takes the process with it."""
    yield
    QGuiApplication.clipboard().clear()


@pytest.fixture(scope="module")
def mapped(tiny_workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The run `tiny` with maps."""
    made = Workspace(tmp_path_factory.mktemp("mapped") / "workspace")
    shutil.copytree(tiny_workspace.root, made.root)
    list(project(made.cache("tiny"), None, ProjectionConfig(method="pca")))
    return made


@pytest.fixture
def opening(monkeypatch):
    """What opening the run brings: a value, or an error."""
    answers: list[object] = [opened()]

    def load_maps(workspace, name, tell):
        if isinstance(answers[-1], Exception):
            raise answers[-1]
        return answers[-1]

    monkeypatch.setattr(run_controller, "load_maps", load_maps)
    return answers


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def explorer(qtbot, tmp_path, opening, session, monkeypatch):
    """The window on the run `demo`, not opened yet."""
    FakeJob.made.clear()
    theme.apply(QApplication.instance(), "dark")

    def make_controller(context: Context, workspace: Workspace, **_: object) -> RunController:
        load = create_autospec(run_controller.load_session, return_value=session)
        return RunController(context, workspace, DirectWorker, FakeJob, load, after_paint=at_once)

    monkeypatch.setattr("app.shell.explorer.RunController", make_controller)
    made = Explorer(Workspace(tmp_path), AppSettings(tmp_path / "window.ini"))
    made.window.resize(1100, 700)
    made.window.show()
    qtbot.waitExposed(made.window)
    yield made
    made.window.close()
    made.window.deleteLater()
