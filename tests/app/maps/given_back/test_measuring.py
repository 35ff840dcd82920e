"""Measuring what comes back, by the real command, and in the window by one that a test ends as it likes."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from app.maps.colours.values import Values, Wanted
from app.maps.given_back.measuring import GivingBack
from app.maps.regions.finding import RegionFinder
from app.run.atlas import Opened, columns_of, read_atlas
from engine.evaluation.measures.giving_back import give_back
from engine.evaluation.measures.request import Request
from engine.runs.run import Run
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace
from tests.app.fakes import FakeJob
from tests.app.latents import tiny_context
from tests.app.looking import shown

BOTH = ("vae", "autogen-m1")


@pytest.fixture
def workspace(mapped: Workspace, tmp_path: Path) -> Workspace:
    """A copy of the run `tiny` with maps, of which nothing is measured."""
    shutil.copytree(mapped.root, tmp_path, dirs_exist_ok=True)
    return Workspace(tmp_path)


def test_the_command_measures_all_and_is_read_again(workspace, qapp, qtbot):
    with tiny_context(workspace, "") as context:
        context.workspace = workspace
        values, going, told = Values(context, RegionFinder()), GivingBack(context), []
        going.failed.connect(told.append)
        going.advanced.connect(lambda: values.read_again("score"))
        values.want(Wanted("score"), BOTH)
        assert values.counts == (0, 0)
        going.start(BOTH)
        going.start(BOTH)  # one at a time
        qtbot.waitUntil(lambda: not going.running, timeout=120_000)
        assert told == []
        assert going.fraction == 1.0
        assert values.counts == (context.atlas.n,) * 2
        assert not np.isnan(values.of("vae")).any()


def test_what_goes_wrong_is_told(workspace, qapp, qtbot):
    with tiny_context(workspace, "") as context:
        context.workspace = Workspace(workspace.root / "elsewhere")
        going = GivingBack(context)
        with qtbot.waitSignal(going.failed, timeout=60_000) as said:
            going.start(BOTH)
        assert "tiny" in said.args[0]
        assert not going.running


@pytest.fixture
def window(explorer, opening, workspace):
    """The window on `tiny`, with its real cache, coloured by what comes back."""
    run = Run.open(workspace.run("tiny"))
    columns = columns_of(run)
    with LatentCache.open(workspace.cache("tiny")) as cache:
        opening.append(Opened(columns, "ready", atlas=read_atlas(cache)))
        explorer.open("tiny")
        explorer.maps.colours.given_back._make_job = FakeJob
        explorer.maps.controller.colour_by("score")
        shown(explorer)
        explorer.measure = lambda limit: list(give_back(run, workspace, Request(limit=limit), "cpu"))
        yield explorer
        explorer.close()


def tell(job: FakeJob, stage: str, done: int, total: int) -> None:
    job.reported.emit({"event": "progress", "stage": stage, "done": done, "total": total, "unit": "sentence"})


def test_points_are_coloured_as_they_are_measured(window, workspace):
    bar, n = window.window.toolbar, window.context.atlas.n
    tools = bar.colours.given_back
    assert tools.said == f"0 of {n:,} sentences measured"
    assert not bar.colours.scale.isVisible()
    assert bar.meaning[0] == ""
    assert tools.measure.isVisible()
    tools.measure.click()
    shown(window)
    job = FakeJob.made[-1]
    assert job.arguments == [
        *("evaluate", "tiny", "--workspace", str(workspace.root), "--given-back", "--limit", "0"),
        *("--variants", "vae,autogen-m1"),
    ]
    assert not tools.measure.isVisible()
    tell(job, "writing", n, n)  # of the text, which had to be prepared
    for stage in ("VAE: giving back", "AutoGen m=1: giving back"):
        tell(job, stage, 0, n)
    window.measure(10)
    tell(job, "VAE: giving back", 10, 10)
    tell(job, "AutoGen m=1: giving back", 5, 10)  # what is whole is kept by now
    shown(window)
    assert tools.said == f"10 of {n:,} sentences measured"
    assert tools.progress.text().endswith(f"{15 / (2 * n):.0%}")
    label, low, high, _ = bar.meaning
    assert (label, low, high) == (f"BLEU, 10 of {n:,} sentences measured", "0", "100")
    for panel in window.maps.row.panels.values():
        assert np.isfinite(panel.map.scene().points.values).nonzero()[0].tolist() == list(range(10))
    window.maps.controller.colour_by("KL")
    shown(window)
    assert tools.progress.isVisible()  # it goes on, and can be stopped here too
    assert tools.said == ""
    window.maps.controller.colour_by("score")
    window.measure(0)
    job.finished.emit({})
    shown(window)
    assert not tools.isVisible()
    assert bar.meaning[0] == "BLEU"


def test_it_ends_with_its_run_and_a_failure_is_told(window):
    tools, told = window.window.toolbar.colours.given_back, []
    window.maps.complained.connect(told.append)
    tools.measure.click()
    FakeJob.made[-1].failed.emit("The disk is full.", "Free some space.")
    shown(window)
    assert told == ["The disk is full. Free some space."]
    assert tools.measure.isVisible()
    tools.measure.click()
    tools.cancel.click()
    assert FakeJob.made[-1].stopped
    tools.measure.click()
    job = FakeJob.made[-1]
    assert not job.stopped
    window.open("tiny")
    assert job.stopped
    assert not window.maps.colours.given_back.running
