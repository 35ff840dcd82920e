"""Maps changed from the window by the program's own command, on the tiny run's real ones."""

from __future__ import annotations

import shutil

from app.shell.explorer import Explorer
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace
from tests.app.looking import shown


def names(explorer: Explorer) -> list[str]:
    """Of the maps as the file has them."""
    with LatentCache.open(explorer.context.atlas.cache.path) as cache:
        return list(cache.projections("vae"))


def test_a_renamed_map_is_called_as_before_after_undo(make_explorer, mapped_workspace, tmp_path, qtbot):
    shutil.copytree(mapped_workspace.root, tmp_path / "own")
    explorer = make_explorer(workspace=Workspace(tmp_path / "own"))
    explorer.open("tiny")
    shown(explorer)
    explorer.maps.making._rename()
    explorer.maps.making.dialog.name.setText("axes")
    explorer.maps.making.dialog.rename.click()
    qtbot.waitUntil(lambda: explorer.maps.making.shown == "axes", timeout=60_000)
    assert names(explorer) == ["axes"]
    assert explorer.actions.undo.text() == "Undo: rename the map “PCA”"
    explorer.actions.undo.trigger()
    qtbot.waitUntil(lambda: explorer.maps.making.shown == "pca", timeout=60_000)
    assert names(explorer) == ["pca"]
    shown(explorer)
    assert explorer.window.toolbar.chooser.open.accessibleName() == "Map pca"
    assert explorer.window.banner.message == "Undone: rename the map “PCA”"
    explorer.open("other")
    assert explorer.actions.undo.text() == "Undo"  # its maps are not those
