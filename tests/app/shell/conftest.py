"""Windows on the tiny run with its real models, one after the other on the same settings, as a person starts them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication

from app.core import theme
from app.core.picks import Pick
from app.core.settings import AppSettings
from app.run.run_controller import RunController
from app.shell.explorer import Explorer
from engine.config import ProjectionConfig
from engine.maps.projection import project
from engine.storage.maps.map_list import folder_of
from engine.workspace import Workspace
from tests.app.fakes import DirectWorker, FakeJob, at_once
from tests.app.looking import shown

MakeWindow = Callable[..., Explorer]


@pytest.fixture(scope="session")
def mapped_workspace(tiny_workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The workspace of the run `tiny`, with its maps, not to be written to; beside it `other`, a copy of the run."""
    root = tmp_path_factory.mktemp("mapped") / "workspace"
    shutil.copytree(tiny_workspace.root, root)
    workspace = Workspace(root)
    list(project(workspace.cache("tiny"), None, ProjectionConfig(method="pca")))
    shutil.copytree(workspace.run("tiny"), root / "runs" / "other")
    shutil.copy(workspace.cache("tiny"), workspace.cache("other"))
    shutil.copytree(folder_of(workspace.cache("tiny")), folder_of(workspace.cache("other")))
    return workspace


@pytest.fixture
def make_explorer(qtbot, tmp_path, mapped_workspace, monkeypatch) -> Iterator[MakeWindow]:
    """Makes a window whose run opens at once; whoever wants it closed closes it."""
    theme.apply(QApplication.instance(), "dark")
    monkeypatch.setattr(
        "app.shell.explorer.RunController",
        lambda context, workspace, **_: RunController(context, workspace, DirectWorker, FakeJob, after_paint=at_once),
    )
    made: list[Explorer] = []

    def make(workspace: Workspace = mapped_workspace) -> Explorer:
        explorer = Explorer(workspace, AppSettings(tmp_path / "window.ini"))
        made.append(explorer)
        explorer.window.resize(1100, 700)
        explorer.window.show()
        qtbot.waitExposed(explorer.window)
        return explorer

    yield make
    for explorer in made:
        explorer.window.close()
        explorer.window.deleteLater()


@pytest.fixture
def full(explorer):
    """The window with a clicked sentence and something in every tab."""
    explorer.open("demo")
    explorer.maps.controller.select(2)
    bench = explorer.bench
    bench.tab("Reconstruct").take(Pick("The cat sleeps"))
    bench.tab("Reconstruct").ask()  # without the pause after the last key
    interpolate = bench.tab("Interpolate")
    interpolate.set_end("A", Pick("one"))
    interpolate.set_end("B", Pick("two"))
    explorer.exchange.gather_clicked()
    shown(explorer)
    return explorer
