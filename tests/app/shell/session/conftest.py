"""Windows that begin where the one before has ended."""

from __future__ import annotations

import shutil

import pytest

from app.shell.explorer import Explorer
from engine.workspace import Workspace
from tests.app.looking import shown


@pytest.fixture
def begin(make_explorer, qtbot):
    """Begins a window and waits until it has begun; the run is the one of the last time, or `run`."""

    def begun(run: str | None = None, **options) -> Explorer:
        explorer = make_explorer(**options)
        with qtbot.waitSignal(explorer.session.began, timeout=20_000):
            explorer.begin(run)
        shown(explorer)
        return explorer

    return begun


@pytest.fixture
def own_workspace(mapped_workspace, tmp_path) -> Workspace:
    """A copy that may be changed."""
    shutil.copytree(mapped_workspace.root, tmp_path / "own")
    return Workspace(tmp_path / "own")
