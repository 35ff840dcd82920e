"""Every benchmark runs in its small size: it measures what it says, or fails and is heard. No test looks at a speed."""

from __future__ import annotations

import importlib
import json
import math
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from engine.config import ProjectionConfig
from engine.encoding.encode import encode
from engine.encoding.packaged import package_latents
from engine.maps.projection import project
from engine.runs.run import Run
from engine.storage.latent_cache import LatentCache
from engine.workspace import CHECKOUT, Workspace
from tests.benchmarks import bench_drag, bench_neighbours
from tests.benchmarks.__main__ import benchmarks
from tests.benchmarks.apart import apart
from tests.benchmarks.size import Size
from tests.benchmarks.timing import line

FIGURE = re.compile(
    r"(?P<what>\S.*?) +(?P<ours>\S+) (?P<unit>ms|s|MB|\w+/s)"
    r"(?: +(?P<ratio>\S+) x   reference (?P<reference>\S+) (?P=unit): .+)?"
)


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    """Fail a test that leaves a thread or a process; windows are in processes."""
    threads = set(threading.enumerate())
    children = set(psutil.Process().children(recursive=True))
    yield
    assert not set(threading.enumerate()) - threads
    assert not set(psutil.Process().children(recursive=True)) - children


@pytest.fixture(scope="module")
def small(tiny_workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Size:
    """The small size: a copy of the run `tiny` with maps, its latents packaged beside it as the demo's are."""
    workspace = Workspace(tmp_path_factory.mktemp("benchmarks"))
    shutil.copytree(tiny_workspace.corpus("tiny"), workspace.corpus("tiny"))
    shutil.copytree(tiny_workspace.run("tiny"), workspace.new_run("tiny"))
    run = Run.open(workspace.run("tiny"))
    maps = ProjectionConfig(method="pca", name="pca")
    list(encode(run, workspace, device="cpu"))
    list(project(workspace.cache("tiny"), None, maps))
    with LatentCache.open(workspace.cache("tiny")) as cache:
        package_latents(cache, run.path, maps.name)
    return Size(small=True, run="tiny", given=workspace)


@pytest.mark.parametrize("module", benchmarks())
def test_a_benchmark_prints_a_figure_for_each_of_its_cases(
    module: str, small: Size, capfd: pytest.CaptureFixture[str]
) -> None:
    benchmark = importlib.import_module(module)
    benchmark.main(small)
    figures = [found for each in capfd.readouterr().out.splitlines() if (found := FIGURE.fullmatch(each.strip()))]
    assert benchmark.CASES
    for case in benchmark.CASES:
        assert [figure for figure in figures if case in figure["what"]], f"no figure for {case!r}"
    for figure in figures:
        for number in ("ours", "ratio", "reference"):
            value = float((figure[number] or "1").replace(",", ""))
            assert 0 < value < math.inf, figure[0]


def test_every_benchmark_is_found() -> None:
    assert {f"tests.benchmarks.bench_{name}" for name in ("start", "map", "train")} <= set(benchmarks())


def test_one_that_fails_is_shown_and_the_others_go_on(tmp_path: Path) -> None:
    broken = "from engine.errors import LoomError\nraise LoomError('There is nothing to measure.')"
    (tmp_path / "bench_broken.py").write_text(broken)
    (tmp_path / "bench_sound.py").write_text("print('measured')")

    def bench(*modules: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tests.benchmarks", *modules]
        environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
        return subprocess.run(command, env=environment, cwd=CHECKOUT, capture_output=True, text=True, timeout=60)

    both, one = bench("bench_broken", "bench_sound"), bench("bench_sound")
    assert both.returncode == 1
    assert "LoomError: There is nothing to measure." in both.stderr
    assert both.stderr.splitlines()[-1] == "Failed, see above: bench_broken"
    assert both.stdout == "\nbench_broken\n\nbench_sound\nmeasured\n"
    assert one.returncode == 0


def test_what_fails_in_a_process_of_its_own_fails_here(capfd: pytest.CaptureFixture[str]) -> None:
    assert apart(json.loads, "[1, 2]") == [1, 2]
    with pytest.raises(subprocess.CalledProcessError):
        apart(json.loads, "no JSON")
    assert "JSONDecodeError" in capfd.readouterr().err


@pytest.mark.parametrize("value", [math.nan, math.inf, 0.0, -1.0])
def test_what_was_not_measured_is_no_figure(value: float, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="no measurement"):
        line("ours", value)
    with pytest.raises(ValueError, match="no measurement"):
        line("the reference", 1.0, value)
    assert capfd.readouterr().out == ""


def test_small_figures_keep_their_digits(capfd: pytest.CaptureFixture[str]) -> None:
    line("a look", 0.0123, 1234.5, "a stare")
    line("a slope", -2.0, unit="MB/hour", signed=True)
    look, slope = capfd.readouterr().out.splitlines()
    assert re.fullmatch(r"a look +0\.012 ms +100,365\.9 x   reference 1,234\.5 ms: a stare", look)
    assert re.fullmatch(r"a slope +-2\.0 MB/hour", slope)


def test_two_ways_that_differ_are_no_comparison(small: Size, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = bench_neighbours.at_once
    monkeypatch.setattr(bench_neighbours, "at_once", lambda *given: plain(*given)[::-1])
    with pytest.raises(AssertionError, match="other sentences are nearest"):
        bench_neighbours.main(small)


def test_the_slope_of_the_memory_is_in_megabytes_an_hour() -> None:
    memory = [(float(second), 500.0 + 3.6 * second / 3600) for second in range(2, 60)]
    assert bench_drag.slope([(0.0, 100.0), (1.0, 300.0), *memory]) == pytest.approx(3.6)
