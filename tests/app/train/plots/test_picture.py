"""Plots and heat maps as figures: as many lines and points as were logged, where they belong, with axes and legend."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from app.core import theme
from app.core.theme import DARK, PRINT
from app.core.values import Column
from app.train.plots.axes import M_TICKS
from app.train.plots.card import PlotCard
from app.train.plots.curves import KEYS, Curve, Curves, Heat
from app.train.plots.heat import HeatRow, scale_end
from app.train.plots.others import OtherLine
from app.train.plots.panels import PANELS
from app.train.plots.picture import Line, Plot, PlotPart, _ticks, heat_image, plots_figure
from app.widgets.colour_scale import above_colour, ramp
from app.widgets.pictures.figure import MARGIN
from app.widgets.pictures.text import Grid
from app.widgets.pictures.writing import Style, draw
from tests.app.reading import pdf_contents, pdf_text, svg_colours, svg_images, svg_lines, svg_text

COLUMNS = (Column("vae", "VAE", "#56B4E9"), Column("autogen-m1", "AutoGen m=1", "#1BB58A", 1.0))
STEPS = np.arange(100, 1300, 100)


def curve(start: float, slope: float) -> Curve:
    values = np.full((len(STEPS), len(KEYS)), np.nan, np.float32)
    values[:, KEYS.index("elbo")] = start + slope * np.arange(len(STEPS))
    values[:, KEYS.index("implied_m")] = [math.inf, *np.linspace(9, 0, len(STEPS) - 1)]
    return Curve(STEPS.astype(np.int64), values)


NO_HEAT = Heat(np.empty(0, np.int64), np.empty((0, 0), np.float32))
CURVES = {
    "vae": Curves(curve(-60, 1.0), curve(-55, 1.5), NO_HEAT),
    "autogen-m1": Curves(curve(-70, 2.0), curve(-65, 2.5), NO_HEAT),
}


@pytest.fixture
def card(qtbot):
    theme.apply(QApplication.instance(), "dark")
    made = PlotCard(PANELS[0])
    qtbot.addWidget(made)
    made.resize(420, 260)
    made.plot.getViewBox().setXRange(0, 1300, padding=0)
    made.show_curves(COLUMNS, CURVES, "elbo")
    return made


def svg(figure, tmp_path, for_print=False) -> bytes:
    draw(figure, Style("svg", for_print=for_print))(tmp_path / "plot.svg")
    return (tmp_path / "plot.svg").read_bytes()


def test_a_plot_has_a_line_for_each_variant_and_split_with_all_its_points(card, tmp_path):
    data = svg(card.figure(), tmp_path)
    lines = [line for line in svg_lines(data) if len(line) == len(STEPS)]
    assert len(lines) == 4
    for line, logged in zip(lines, (curve(-60, 1), curve(-70, 2), curve(-55, 1.5), curve(-65, 2.5)), strict=True):
        x, y = np.array(line).T
        heights = logged.of("elbo")
        assert np.allclose(x, np.interp(STEPS, (STEPS[0], STEPS[-1]), (x[0], x[-1])), atol=0.01)
        assert np.allclose(y, np.interp(heights, (heights[0], heights[-1]), (y[0], y[-1])), atol=0.01)
        assert x[0] < x[-1]
        assert y[0] > y[-1]  # a higher ELBO lies higher
    # all lie on the same axes: equal heights are equally high
    first, third = np.array(lines[0]), np.array(lines[2])
    slope = (first[-1, 1] - first[0, 1]) / 11.0
    assert third[0, 1] == pytest.approx(first[0, 1] + 5 * slope, abs=0.02)


def test_a_plot_names_axes_variants_and_last_values(card, tmp_path):
    text = svg_text(svg(card.figure(), tmp_path))
    for words in (
        "ELBO",
        "nats",
        "step",
        "500",
        "1,000",
        "VAE  −38.50",
        "AutoGen m=1  −37.50",
        "Thick: the whole test",
    ):
        assert words in text


def test_the_numbers_on_the_axis_stand_at_their_heights(card, tmp_path):
    """A grid line for each of them, evenly apart."""
    data = svg(card.figure(), tmp_path)
    grid = [line for line in svg_lines(data) if len(line) == 2 and line[0][1] == line[1][1]]
    heights = sorted({line[0][1] for line in grid})
    gaps = np.diff(heights[:-1])  # the last one is the axis
    assert len(gaps) >= 2
    assert np.allclose(gaps, gaps[0], atol=0.02)


def test_for_print_the_curves_have_the_colours_of_the_light_theme_and_the_window_keeps_its_own(card, tmp_path):
    pens = [line.opts["pen"].color().name() for line in card._lines.values()]
    found = svg_colours(svg(card.figure(), tmp_path, for_print=True))
    for column in COLUMNS:
        assert PRINT.readable(column.colour) in found
    assert DARK.panel not in found
    assert [line.opts["pen"].color().name() for line in card._lines.values()] == pens


def test_curves_of_another_run_are_dashed_and_named(card, tmp_path):
    curve = CURVES[COLUMNS[0].name].test
    card.show_others([OtherLine("longer/vae", COLUMNS[0].colour, 0, curve)], card.key)
    data = svg(card.figure(), tmp_path)
    assert "longer/vae" in svg_text(data)
    assert "stroke-dasharray" in (data if isinstance(data, str) else data.decode())
    card.show_others([], card.key)
    assert "longer/vae" not in svg_text(svg(card.figure(), tmp_path))


def test_a_long_training_is_drawn_with_as_many_points_as_are_seen_and_keeps_its_peaks(card, tmp_path):
    steps = np.arange(0, 200_000, 10)
    values = np.full((len(steps), len(KEYS)), np.nan, np.float32)
    values[:, KEYS.index("elbo")] = -60 + 0.1 * np.sin(steps)
    values[777, KEYS.index("elbo")] = -30  # of one batch
    long = Curves(Curve(steps, values), CURVES["vae"].test, NO_HEAT)
    card.plot.getViewBox().setXRange(0, 200_000, padding=0)
    card.show_curves(COLUMNS[:1], {"vae": long}, "elbo")
    line = max(svg_lines(svg(card.figure(), tmp_path)), key=len)
    x, y = np.array(line).T
    assert 500 < len(line) <= 3 * (x[-1] - x[0]) + 1
    assert np.argmin(y) == pytest.approx(len(line) * 777 / len(steps), abs=3)
    assert y.min() < np.median(y) - 20


def test_only_what_is_in_view_is_pictured(card, tmp_path):
    card.plot.getViewBox().setXRange(450, 850, padding=0)
    lines = [line for line in svg_lines(svg(card.figure(), tmp_path)) if len(line) > 2]
    assert {len(line) for line in lines} == {6}  # those within, and one beside them on either side


def test_the_axis_of_m_grows_downwards_from_infinity(qtbot, tmp_path):
    made = PlotCard(next(panel for panel in PANELS if panel.name == "implied_m"))
    qtbot.addWidget(made)
    made.plot.getViewBox().setXRange(0, 1300, padding=0)
    made.show_curves(COLUMNS, CURVES, "implied_m")
    data = svg(made.figure(), tmp_path)
    assert "∞" in svg_text(data)
    assert len(M_TICKS) == 8
    line = next(line for line in svg_lines(data) if len(line) == len(STEPS))
    assert line[0][1] == min(y for _, y in line)  # infinite at the top


def test_all_plots_have_the_values_beneath_them(card, tmp_path):
    figure = plots_figure([card.shown] * 5, 1200, 120, card_values(), "Step 1,200, test text")
    text = svg_text(svg(figure, tmp_path))
    assert text.count("ELBO") >= 5
    assert "Step 1,200, test text" in text
    draw(figure, Style("pdf"))(tmp_path / "plots.pdf")
    assert pdf_text((tmp_path / "plots.pdf").read_bytes()).count("AutoGen m=1  −37.50") == 5


@pytest.mark.parametrize("thick", [False, True])
def test_a_line_is_a_line_in_a_pdf_and_not_the_outline_of_one(tmp_path, thick):
    x = np.arange(300.0)
    line = Line("VAE", "#56B4E9", x, np.sin(x), thick)
    plot = Plot("ELBO", "nats", (line,), (0.0, 300.0), (-1.0, 1.0))
    draw(plots_figure([plot], 600, 200), Style("pdf"))(tmp_path / "line.pdf")
    drawn = b"".join(pdf_contents((tmp_path / "line.pdf").read_bytes()))
    assert 299 <= drawn.count(b" l\n") < 350  # those of the axes and of the grid too


def card_values():
    return Grid(["ELBO"], [("#56B4E9", "VAE", ["−38.50"])])


def test_a_plot_without_lines_is_none(qtbot):
    made = PlotCard(PANELS[0])
    qtbot.addWidget(made)
    assert made.figure() is None


def test_a_line_of_no_points_and_one_of_equal_ends_do_no_harm(qapp, tmp_path):
    empty = Line("VAE", "#56B4E9", np.empty(0), np.empty(0), thick=True)
    plot = Plot("KL", "nats", (empty,), (0.0, 0.0), (1.0, 1.0))
    assert "VAE" in svg_text(svg(plots_figure([plot], 400, 200), tmp_path))
    assert PlotPart(plot, 200).height(400) > 200


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [
        (0.0, 30.0, ["0", "5", "10", "15", "20", "25", "30"]),
        (-51.8, -34.7, ["−50", "−45", "−40", "−35"]),
        (0.0, 0.41, ["0.0", "0.1", "0.2", "0.3", "0.4"]),
        (0.0, 1_200_000.0, ["0", "200,000", "400,000", "600,000", "800,000", "1,000,000", "1,200,000"]),
    ],
)
def test_the_numbers_of_an_axis_are_round(low, high, wanted):
    assert [text for _, text in _ticks(low, high, 6)] == wanted


def test_steps_are_whole_and_not_negative():
    assert [text for _, text in _ticks(-0.5, 2.5, 10, whole=True)] == ["0", "1", "2"]


# heat maps

KL = np.array([[0.0, 1.0, 2.0], [0.0, 0.5, 4.0]], np.float32)  # (evaluations, dimensions)


@pytest.fixture
def heat(qtbot):
    theme.apply(QApplication.instance(), "dark")
    row = HeatRow()
    qtbot.addWidget(row)
    row.resize(900, 200)
    row.set_columns(COLUMNS)
    there = Heat(np.array([100, 200]), KL)
    row.show_curves({"vae": Curves(curve(0, 1), curve(0, 1), there)})
    return row


@pytest.mark.parametrize("for_print", [False, True])
def test_a_heat_map_has_the_colour_of_each_value(heat, tmp_path, for_print):
    figure = heat.maps["vae"].figure()
    draw(figure, Style("png", 1, for_print))(tmp_path / "heat.png")
    image = QImage(str(tmp_path / "heat.png"))
    with theme.lent(PRINT if for_print else DARK):
        part = heat.maps["vae"].part
        inner = figure.width - 2 * MARGIN
        top = figure.size().height() - MARGIN - 22 - 10 - part.height(inner) + 22
        high = part.height(inner) - 58
    colours = ramp("light" if for_print else "dark")
    for i, dimension in enumerate((2, 1, 0)):  # most KL at the last step first
        for j in range(2):
            x = round(MARGIN + 30 + (j + 0.5) / 2 * (inner - 34))
            y = round(top + (i + 0.5) / 3 * high)
            wanted = colours[int(KL[j, dimension] / 4 * 255)]
            found = image.pixelColor(x, y)
            assert (found.red(), found.green(), found.blue()) == pytest.approx(tuple(map(int, wanted)), abs=3)


def test_the_pixels_of_a_heat_map_are_whole_in_an_svg(heat, tmp_path):
    (image,) = svg_images(svg(heat.maps["vae"].figure(), tmp_path))
    least, most = ramp("dark")[0], ramp("dark")[255]
    for at, wanted in (((image.width() - 1, 0), most), ((0, image.height() - 1), least)):
        found = image.pixelColor(*at)
        assert (found.red(), found.green(), found.blue()) == tuple(map(int, wanted))


def test_a_heat_map_names_dimensions_steps_and_scale(heat, tmp_path):
    text = svg_text(svg(heat.figure(), tmp_path))
    for words in ("VAE", "AutoGen m=1", "Not measured yet", "z2", "z1", "z0", "100", "200", "KL, nats", "4.0"):
        assert words in text


def test_no_heat_map_without_a_measurement(qtbot):
    row = HeatRow()
    qtbot.addWidget(row)
    row.set_columns(COLUMNS)
    assert row.figure() is None
    assert row.maps["vae"].figure() is None


def test_one_huge_variant_leaves_the_others_their_colours(heat, tmp_path):
    huge = np.full((2, 3), 400.0, np.float32)
    there = {"vae": KL, "autogen-m1": huge}
    heat.show_curves(
        {name: Curves(curve(0, 1), curve(0, 1), Heat(np.array([100, 200]), kl)) for name, kl in there.items()}
    )
    usual = np.quantile([2.0, 4.0], 0.95)
    assert heat.maps["vae"].part._high == pytest.approx(4 * usual)
    assert heat._scale.texts() == ("KL, nats", "0.0", "15.6")
    assert "above, up to 400" in heat._scale.accessibleName()
    assert "above, up to 400" in svg_text(svg(heat.figure(), tmp_path))
    image = heat_image(there["autogen-m1"].T, 4 * usual, "dark")
    assert image.pixelColor(0, 0).getRgb()[:3] == above_colour("dark")
    assert list(above_colour("dark")) not in ramp("dark").tolist()
    calm = heat_image(KL.T, 4 * usual, "dark")
    assert calm.pixelColor(1, 2).getRgb()[:3] == tuple(ramp("dark")[int(4.0 / (4 * usual) * 255)])
    assert heat.maps["vae"].text_at(QPointF(1, 1)).endswith("nats")


@pytest.mark.parametrize(
    ("tops", "end"),
    [
        ([0.01, 0.02], 0.5),  # nothing glows
        ([0.05, 3.0], 3.0),  # a collapsed one beside one that is not
        ([3.0], 3.0),
        ([2.0, 2.5, 6.0], 6.0),
        ([2.0, 2.5, 90.0], 10.0),
        ([0.1, 90.0], 4.0),
    ],
)
def test_the_colours_end_where_most_variants_do(tops, end):
    heats = [Heat(np.arange(3), np.full((3, 4), top, np.float32)) for top in tops]
    assert scale_end(heats) == (pytest.approx(end), pytest.approx(max(tops)))


def test_a_spike_in_one_step_does_not_set_the_scale():
    kl = np.full((100, 4), 1.5, np.float32)
    kl[40, 2] = 800.0
    assert scale_end([Heat(np.arange(100), kl)]) == (pytest.approx(6.0), 800.0)
    assert scale_end([]) == (0.5, 0.0)


def test_a_long_line_has_its_colour_in_pixels_though_it_is_drawn_in_pieces(qtbot, tmp_path):
    steps = np.arange(400, dtype=np.float64)
    line = Line("VAE", "#56B4E9", steps, 50 + 40 * np.sin(steps / 9), thick=True)
    figure = plots_figure([Plot("KL", "nats", (line,), (0, 399), (0, 100))], 600, 200)
    draw(figure, Style("png"))(tmp_path / "plot.png")
    image = QImage(str(tmp_path / "plot.png"))
    wanted = theme.current().readable("#56B4E9").lower()
    seen = {image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}
    assert wanted in seen
