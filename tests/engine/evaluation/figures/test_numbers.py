"""What the figures of numbers hold, read from the lines that they are made of."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from engine.evaluation.figures.drawing import Drawing
from engine.evaluation.figures.numbers import HEADLINES, dimensions, distribution, side_by_side
from engine.evaluation.figures.writing import drawn
from engine.evaluation.measures.result import Number, VariantResult
from tests.engine.evaluation.values import LABELS, evaluation


def painted(drawing: Drawing) -> Any:
    figure = Figure()
    drawing.paint(figure)
    return figure


def test_every_headline_has_a_panel_with_dots_and_intervals() -> None:
    made = evaluation()
    panels = [axes for axes in painted(side_by_side(made)).axes if axes.get_visible()]
    assert len(panels) == len(HEADLINES)
    elbo = panels[0]
    assert elbo.get_title(loc="left") == "ELBO ↑"
    whiskers = [line.get_xdata() for line in elbo.get_lines()[::2]]
    dots = [line.get_xdata()[0] for line in elbo.get_lines()[1::2]]
    assert dots == [1, 2, 3, 4]
    assert [tuple(each) for each in whiskers] == [(value - 0.4, value + 0.4) for value in dots]
    exact = next(axes for axes in panels if axes.get_title(loc="left").startswith("Exact match"))
    assert exact.get_xlabel() == "%"
    assert exact.get_lines()[1].get_xdata()[0] == pytest.approx(10)
    assert len({line.get_marker() for line in elbo.get_lines()[1::2]}) == 4


def test_a_number_without_an_interval_is_a_dot_and_one_that_is_missing_is_said() -> None:
    made = evaluation()
    few = replace(made.variants[0].numbers["elbo"], low=None, high=None, n=3)
    none = Number(float("nan"), None, None, 0, "nats", "", 0, "no checkpoint")
    first = _with(made.variants[0], {"elbo": few})
    second = _with(made.variants[1], {"elbo": none})
    axes = painted(side_by_side(replace(made, variants=(first, second)), ("elbo",))).axes[0]
    assert len(axes.get_lines()) == 1
    assert [text.get_text() for text in axes.texts] == ["none"]
    assert painted(side_by_side(replace(made, variants=()), ())).axes


def _with(variant: VariantResult, numbers: dict[str, Number]) -> VariantResult:
    return replace(variant, numbers={**variant.numbers, **numbers})


def test_a_distribution_counts_every_finite_item_of_every_variant() -> None:
    made = evaluation()
    values = {"v0": np.array([1.0, 1.0, np.nan, 3.0]), "v3": np.array([2.0, 5.0]), "v1": np.array([np.nan])}
    drawing = distribution(made, "kl", values)
    panels = painted(drawing).axes
    assert [axes.get_title(loc="left") for axes in panels] == [LABELS[0], LABELS[3]]
    for axes in panels:
        assert axes.patches[0].get_data().values.sum() == pytest.approx(100)
    assert "of 2 to 3 items" in drawing.caption
    assert panels[1].get_lines()[0].get_xdata()[0] == 4
    assert drawn(distribution(made, "kl", {}), ("svg",))["svg"]


def test_dimensions_stand_in_the_order_of_their_kl() -> None:
    lines = painted(dimensions(evaluation())).axes[0].get_lines()
    for position, line in enumerate(lines[:4]):
        assert line.get_ydata().tolist() == pytest.approx(np.linspace(1.0 + position, 0, 6).tolist())


def test_labels_of_any_text_stand_in_the_file_as_they_are() -> None:
    for drawing in (side_by_side(evaluation(), ("elbo", "kl")), dimensions(evaluation())):
        text = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", drawn(drawing, ("svg",))["svg"].decode()))
        for label in LABELS:
            assert label.replace("&", "&amp;") in text
