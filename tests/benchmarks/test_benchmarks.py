"""The benchmarks print measurements, or fail and are heard. No test looks at a speed."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.workspace import CHECKOUT
from tests.benchmarks.__main__ import benchmarks
from tests.benchmarks.apart import apart
from tests.benchmarks.timing import line


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
