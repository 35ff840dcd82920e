"""What the monkey compares of a path: nothing wrong where all is as it should be, and whatever is planted."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from app.core.choice import Choice
from app.maps.row import MapRow
from app.maps.tracing.tracing import Tracing
from engine.config import ProjectionConfig
from engine.maps.projection import project
from engine.runs.run import Run
from engine.session import Session
from engine.workspace import Workspace
from tests.app.latents import tiny_context
from tests.monkey.comparing_paths import path
from tests.monkey.looking import Case
from tests.monkey.truth import Truth


@pytest.fixture
def case(qtbot, tiny_workspace, tmp_path):
    """A path across the map of the VAE of the run `tiny`, in a row of maps of its own."""
    workspace = Workspace(tmp_path / "workspace")
    shutil.copytree(tiny_workspace.root, workspace.root)
    list(project(workspace.cache("tiny"), None, ProjectionConfig(method="pca")))
    with tiny_context(workspace, "Reconstruct") as context:
        row = MapRow()
        qtbot.addWidget(row)
        row.resize(800, 700)
        tracing = Tracing(context, row)
        row.set_columns(context.state.columns)
        for name, panel in row.panels.items():
            panel.map.set_points(context.atlas.numbers[name].coords)
        x, y = row.panels["vae"].map.places
        ends = [int(x.argmin()), int(x.argmax())]
        tracing.draw("vae", np.column_stack([x[ends], y[ends]]))
        maps = SimpleNamespace(tracing=tracing)
        explorer = SimpleNamespace(state=context.state, maps=maps, window=SimpleNamespace(maps=row))
        session, latents = Session.load(Run.open(workspace.run("tiny")), device="cpu"), Truth(workspace)
        yield Case(explorer, Choice(), session, latents.latents("tiny", None), Counter())  # type: ignore[arg-type]
        tracing.forget()
        tracing.show()


def shown(case: Case) -> Tracing:
    """Its path, as it is shown once all has been answered."""
    tracing: Tracing = case.explorer.maps.tracing
    for _ in range(2):
        tracing.show()
    return tracing


@pytest.mark.parametrize("way", ["drawn", "sentences"])
def test_a_path_is_right_until_something_is_planted(case, way):
    case.explorer.maps.tracing.read(way)
    tracing = shown(case)
    assert list(path(case)) == []
    assert (case.seen["paths"], case.seen["steps of a path"] > 3) == (1, True)

    steps, readings = tracing.steps, tracing._readings["vae"]
    tracing._readings["vae"] = (*readings[:-1], replace(readings[-1], text="Planted", words=("planted",)))
    shown(case)
    (found,) = path(case)
    assert (found.place, found.shown) == (f"a path, VAE, step {len(readings)}", "Planted")
    tracing._readings["vae"] = readings

    tracing.steps = replace(steps, texts=("Planted", *steps.texts[1:]))
    shown(case)
    assert [found.place for found in path(case)] == ["the sentence of step 1 of a path"]

    moved = (steps.spots["vae"][0], (9.0, 9.0), *steps.spots["vae"][2:])
    tracing.steps = replace(steps, spots={**steps.spots, "vae": moved})
    shown(case)
    assert "the place of step 2 of a path" in [found.place for found in path(case)]

    tracing.steps = steps
    tracing.show()
    tracing.window.hide()
    assert [found.place for found in path(case)] == ["the window of a path"]
