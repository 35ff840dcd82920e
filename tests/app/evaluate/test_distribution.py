"""The histogram behind a number: counted against numpy, drawn, and told to those who do not see it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from app.evaluate.distribution import (
    BINS,
    Distribution,
    HistogramPart,
    histogram,
    left_out_line,
    summary,
    ticks,
    without_zeros,
)
from tests.app.fakes import COLUMNS


def said(value: float) -> str:
    return f"{value:.2f}"


def test_all_variants_are_counted_in_the_same_bins_and_nothing_is_lost():
    chance = np.random.default_rng(1)
    values = {"vae": chance.normal(0, 1, 900), "autogen-m1": chance.normal(2, 1, 900)}
    values["vae"][0] = 1e6  # far out, and counted in the last bin
    spread = histogram(values)
    assert len(spread.edges) == BINS + 1
    assert {name: sum(counts) for name, counts in spread.counts.items()} == {"vae": 900, "autogen-m1": 900}
    inside = np.clip(values["autogen-m1"], spread.edges[0], spread.edges[-1])
    assert spread.counts["autogen-m1"] == tuple(np.histogram(inside, spread.edges)[0])
    assert spread.means["vae"] == pytest.approx(values["vae"].mean())
    assert spread.edges[-1] < 10
    assert spread.bin_text(BINS - 1, said).startswith("above")


def test_yes_and_no_have_a_bin_each():
    spread = histogram({"vae": np.array([0.0, 1.0, 1.0, 1.0]), "autogen-m1": np.zeros(4)})
    assert spread.discrete
    assert spread.counts == {"vae": (1, 3), "autogen-m1": (4, 0)}
    assert ticks(spread) == [0.0, 1.0]
    assert spread.bin_text(1, said) == "1.00"


@pytest.mark.parametrize(
    ("said", "written"),
    [
        (["-60.00", "-40.00"], ["-60", "-40"]),
        (["0.00", "0.50", "1.00"], ["0.0", "0.5", "1.0"]),
        (["0.25", "0.50"], ["0.25", "0.50"]),
        (["0.0%", "50.0%"], ["0%", "50%"]),
        (["1,000", "2,000"], ["1,000", "2,000"]),
        ([], []),
    ],
)
def test_numbers_of_the_axis_have_no_zeros_that_say_nothing(said, written):
    assert without_zeros(said) == written


def test_one_value_and_none_at_all():
    same = histogram({"vae": np.full(5, 3.0)})
    assert same.counts == {"vae": (5,)}
    assert ticks(same) == [3.0]
    none = histogram({"vae": np.full(5, np.nan)})
    assert (none.edges, none.left_out) == ((), {"vae": 5})
    assert histogram({}).edges == ()


def test_items_without_a_value_are_left_out_and_told():
    spread = histogram({"vae": np.array([1.0, np.nan, 2.5, 7.25]), "autogen-m1": np.arange(4.0)})
    assert left_out_line(spread, COLUMNS) == "Without a value of their own: VAE 1."


def test_nearly_all_values_alike_still_have_an_axis():
    values = np.zeros(2000)
    values[:3] = (0.3, 0.77, 0.91)
    spread = histogram({"vae": values})
    assert sum(spread.counts["vae"]) == 2000
    assert spread.edges[0] < spread.edges[-1]


@pytest.mark.parametrize("size", [(200, 60), (900, 400)])
def test_it_is_drawn_and_told_at_any_size(qtbot, size):
    widget = Distribution()
    qtbot.addWidget(widget)
    chance = np.random.default_rng(2)
    spread = histogram({column.name: chance.normal(i, 1, 500) for i, column in enumerate(COLUMNS)})
    part = HistogramPart(spread, COLUMNS, "vae", said)
    widget.show_spread(part, "")
    widget.resize(*size)
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    part.paint(painter, QRectF(0, 0, *size), 1.0)
    painter.end()
    assert len({image.pixel(x, y) for x in range(0, size[0], 5) for y in range(0, size[1], 5)}) > 2
    assert widget.accessibleName() == summary(part)
    assert summary(part).startswith("Distribution over single items; VAE: mean")
    told = widget.text_at(QPointF(size[0] - 60, 5))
    assert "VAE: " in told
    assert "AutoGen m=1: " in told
    assert widget.text_at(QPointF(2, 5)) == ""


def test_without_a_histogram_the_reason_stands_there(qtbot):
    widget = Distribution()
    qtbot.addWidget(widget)
    widget.show_spread(None, "Not measured yet.")
    widget.grab()
    assert widget.accessibleName() == "Not measured yet."
    assert widget.text_at(QPointF(5, 5)) == ""
