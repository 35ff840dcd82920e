"""The tour through the real window with real, tiny models: process, threads, maps, decoding, tables."""

from __future__ import annotations

import shutil

import pytest
from PySide6.QtGui import QImage

from app.tour import run_tour
from engine.config import ProjectionConfig
from engine.maps.projection import project
from engine.workspace import Workspace


@pytest.fixture
def workspace(tiny_workspace, tmp_path):
    """A copy of the tiny run with its cache and quick maps."""
    for name in ("runs", "corpora", "cached_latents"):
        shutil.copytree(tiny_workspace.root / name, tmp_path / name)
    made = Workspace(tmp_path)
    list(project(made.cache("tiny"), None, ProjectionConfig(method="pca")))
    return made


def test_the_tour_leaves_its_pictures_and_tables(workspace, tmp_path, qapp, capsys):
    out = tmp_path / "out"
    assert run_tour(workspace, "tiny", out) == 0
    pictures = ["1-maps.png", "2-reconstruct.png", "3-interpolate.png", "4-samples.png"]
    pictures += ["5-token-credit.png", "6-traverse.png", "7-arithmetic.png"]
    pictures += ["8-neighbours.png", "9-table.png"]
    tables = ["comparison.csv", "comparison.md", "comparison.tex"]
    later = ["10-train.png", "11-new-training.png", "12-diagnosis.png"]
    assert [line.split("/")[-1] for line in capsys.readouterr().out.splitlines()] == pictures + tables + later
    for name in pictures + later:
        image = QImage(str(out / name))
        assert (image.width(), image.height()) == (1440, 900)
    assert len((out / "comparison.csv").read_text(encoding="utf-8").splitlines()) == 1 + 2 * (1 + 1 + 8 + 11)


def test_a_tour_without_a_run_ends_with_a_reason(tmp_path, qapp, capsys, monkeypatch):
    monkeypatch.setattr(Workspace, "run", Workspace.new_run)
    assert run_tour(Workspace(tmp_path), "nothing", tmp_path / "out") == 1
    assert "error:" in capsys.readouterr().out
