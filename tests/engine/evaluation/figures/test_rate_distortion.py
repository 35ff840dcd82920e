"""The plane of rate and distortion holds what the log and the evaluation say."""

from __future__ import annotations

from typing import Any

import pytest
from matplotlib.figure import Figure

from engine.evaluation.curves import curves
from engine.evaluation.figures.rate_distortion import End, rate_distortion
from engine.evaluation.figures.writing import drawn
from engine.runs.run import Run


def test_the_plane_holds_the_way_the_kept_checkpoints_and_the_ends(tiny_run: Run) -> None:
    data = curves(tiny_run)
    ends, kept = {}, {}
    for variant in tiny_run.variants:
        tests = data[(data["variant"] == variant.name) & (data["split"] == "test")]
        last = tests.iloc[-1]
        ends[variant.name] = End(variant.m, last["kl"], -last["reconstruction"], (last["kl"] - 1, last["kl"] + 1))
        kept[variant.name] = [int(last["step"])]
    drawing = rate_distortion("tiny", tiny_run.variants, data, kept, ends, "step 20")
    figure: Any = Figure()
    drawing.paint(figure)
    plane, terms = figure.axes
    ways, marks = plane.get_lines()[0 : 2 * len(ends) : 2], plane.get_lines()[1 : 2 * len(ends) : 2]
    for variant, way, mark in zip(tiny_run.variants, ways, marks, strict=True):
        tests = data[(data["variant"] == variant.name) & (data["split"] == "test")]
        assert way.get_xdata().tolist() == tests["kl"].tolist()
        assert way.get_ydata().tolist() == (-tests["reconstruction"]).tolist()
        assert len(mark.get_xdata()) == 1
    for line in plane.get_lines():
        if line.get_linestyle() == ":":  # of one ELBO: rate and distortion add up to the same at both ends
            (x0, x1), (y0, y1) = line.get_xdata(), line.get_ydata()
            assert x0 + y0 == pytest.approx(x1 + y1)
    assert {text.get_text() for text in terms.texts} == {"−ELBO", "rate", "distortion"}
    assert [tick.get_text() for tick in terms.get_xticklabels()] == [
        f"{m:g}" for m in sorted({v.m for v in tiny_run.variants})
    ]
    assert drawn(drawing, ("svg",))["svg"]


def test_a_run_that_was_not_evaluated_has_a_plane_without_ends(tiny_run: Run) -> None:
    assert drawn(rate_distortion("tiny", tiny_run.variants, curves(tiny_run), {}, {}, "none"), ("png",))["png"]
