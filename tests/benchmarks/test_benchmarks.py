"""What the benchmarks print are measurements. No test looks at a speed."""

from __future__ import annotations

import math
import re

import pytest

from tests.benchmarks.timing import line


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
