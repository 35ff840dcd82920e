"""The tour through the real window with real, tiny models: process, threads, maps, decoding, tables."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from app import fitting
from app.bench.tabs import KINDS
from app.maps.maps import Maps
from app.tour import run_tour
from app.walk import THEMES
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


def test_the_tour_leaves_its_pictures_and_tables_and_all_fits(workspace, tmp_path, qapp, capsys):
    out = tmp_path / "out"
    code = run_tour(workspace, "tiny", out, sizes=((1100, 640), (1280, 720)))
    printed = capsys.readouterr()
    assert (code, printed.err) == (0, "")
    pictures = ["1-maps.png", "2-reconstruct.png", "3-interpolate.png", "4-samples.png"]
    pictures += ["5-token-credit.png", "6-traverse.png", "7-arithmetic.png"]
    pictures += ["8-neighbours.png", "9-table.png"]
    tables = ["comparison.csv", "comparison.md", "comparison.tex"]
    later = ["10-train.png", "11-new-training.png", "12-diagnosis.png"]
    lines = [Path(line).relative_to(out).parts for line in printed.out.splitlines()]
    assert [parts[0] for parts in lines if len(parts) == 1] == pictures + tables + later
    places = {(parts[1], parts[2]) for parts in lines if len(parts) == 3}
    assert {where for where, _ in places} == {f"{size}-{mode}" for size in ("1100x640", "1280x720") for mode in THEMES}
    seen = sorted(name for where, name in places if where == "1280x720-light")
    assert len(seen) * 4 == len(places) == len(lines) - len(pictures + tables + later)
    for kind in KINDS:
        assert any(kind.name.lower().replace(" ", "-") in name for name in seen)
    image = QImage(str(out / "walk" / "1100x640-light" / seen[0]))
    assert (image.width(), image.height()) == (1100, 640)
    for name in pictures + later:
        image = QImage(str(out / name))
        assert (image.width(), image.height()) == (1440, 900)
    assert len((out / "comparison.csv").read_text(encoding="utf-8").splitlines()) == 1 + 2 * (1 + 1 + 8 + 11)


def test_a_tour_without_a_run_ends_with_a_reason(tmp_path, qapp, capsys, monkeypatch):
    monkeypatch.setattr(Workspace, "run", Workspace.new_run)
    assert run_tour(Workspace(tmp_path), "nothing", tmp_path / "out") == 1
    assert "error:" in capsys.readouterr().err


@pytest.mark.qt_no_exception_capture
def test_a_tour_on_which_a_slot_fails_ends_with_a_failure(workspace, tmp_path, qapp, capsys, monkeypatch):
    def fail(*_: object) -> None:
        raise IndexError("no such point")

    monkeypatch.setattr(Maps, "_hover", fail)
    assert run_tour(workspace, "tiny", tmp_path / "out", sizes=()) == 1
    printed = capsys.readouterr()
    assert "error: Something unforeseen went wrong" in printed.err
    assert "IndexError: no such point" in printed.err
    assert "11-new-training.png" in printed.out  # it went on


def test_a_tour_on_which_something_does_not_fit_ends_with_a_failure(workspace, tmp_path, qapp, capsys, monkeypatch):
    monkeypatch.setattr(fitting, "ROWS", 30)
    assert run_tour(workspace, "tiny", tmp_path / "out", sizes=((1100, 640),), themes=("dark",)) == 1
    told = capsys.readouterr().err.splitlines()
    assert any(line.startswith("error: 1100x640-dark, Table: SentenceGrid 'Gathered") for line in told)
