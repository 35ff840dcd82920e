"""The plots and heat maps of a training as figures: lines, axes and legends drawn from the numbers.

pyqtgraph's own export to SVG fails with this PySide6 (`findings/`), and takes the colours of the screen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPaintEngine, QPainter, QPen, QPolygonF

from app.core import theme
from app.train.plots.curves import thinned
from app.widgets.colour_scale import above_colour, ramp
from app.widgets.pictures.figure import MARGIN, Beside, Figure, Part, file_name, wide
from app.widgets.pictures.pixels import draw_pixels
from app.widgets.pictures.text import Grid, Note, dot

_LEFT, _RIGHT, _TOP, _BOTTOM = 58.0, 12.0, 24.0, 40.0  # around the lines of a plot
_TICK = 62.0  # logical pixels between two marks of an axis, about
_LEGEND = 18.0
_LINE = 5.5  # height of a dimension in a heat map, at least
_DOTS = 40
_A_PIXEL = 3  # points of a line to a logical pixel, at most
_MANY = 100  # points of a line that is drawn in pieces where it becomes pixels
_LEAST = 180.0  # height of the field of a plot
_A_ROW = 3
_HOW = (
    "Thin: batches of the training, averaged since the line before, with words dropped. "
    "Thick: the whole test text; its last value stands beside each name."
)
_OTHERS = "Dashed: other runs."

Floats = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Line:
    """A curve: its variant's label and colour, (n,) steps and heights, whether it is thick, and its last value.

    One of another run has `dashes`, in widths of the line.
    """

    label: str
    colour: str
    x: Floats
    y: Floats
    thick: bool
    last: str = ""
    dashes: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Plot:
    """One quantity over the steps.

    Attributes:
        title, unit: of the quantity.
        lines: the thin ones first.
        x, y: ends of the axes.
        ticks: places and names on the axis of the quantity; None to choose round numbers.
        downwards: whether that axis grows downwards.
        kept: the step of the chosen checkpoint; None for none.
    """

    title: str
    unit: str
    lines: tuple[Line, ...]
    x: tuple[float, float]
    y: tuple[float, float]
    ticks: tuple[tuple[float, str], ...] | None = None
    downwards: bool = False
    kept: int | None = None


class PlotPart:
    """Axes, grid, lines, and beneath them the names and last values of the variants."""

    def __init__(self, plot: Plot, height: float) -> None:
        """Args: height: of the field of the lines, logical pixels."""
        self._plot, self._field = plot, height

    def height(self, width: float) -> float:
        """Title, field, steps and legend."""
        return _TOP + self._field + _BOTTOM + _LEGEND * len(self._rows(width))

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """Draw it."""
        plot, now = self._plot, theme.current()
        painter.save()
        painter.setFont(theme.font(strong=True))
        painter.setPen(QColor(now.text))
        title = QRectF(area.left(), area.top(), area.width(), _TOP - 4)
        painter.drawText(title, Qt.AlignmentFlag.AlignVCenter, plot.title)
        after = QFontMetricsF(painter.font()).horizontalAdvance(plot.title) + 8
        painter.setFont(theme.font(theme.SMALL_SIZE))
        painter.setPen(QColor(now.muted))
        painter.drawText(title.adjusted(after, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, plot.unit)
        left, right = area.left() + _LEFT, area.right() - _RIGHT
        field = QRectF(left, area.top() + _TOP, right - left, self._field)
        self._paint_axes(painter, field)
        painter.setClipRect(field.adjusted(-1, -1, 1, 1))
        for line in plot.lines:
            self._paint_line(painter, field, line)
        if plot.kept is not None:
            painter.setPen(QPen(QColor(now.accent), 1, Qt.PenStyle.DashLine))
            x = self._x(field, plot.kept)
            painter.drawLine(QPointF(x, field.top()), QPointF(x, field.bottom()))
        painter.restore()
        self._paint_legend(painter, QRectF(left, field.bottom() + _BOTTOM, area.right() - left, 0))

    def _paint_axes(self, painter: QPainter, field: QRectF) -> None:
        plot, now = self._plot, theme.current()
        grid, ink = QPen(QColor(now.border), 1), QColor(now.muted)
        ticks = plot.ticks if plot.ticks is not None else _ticks(*plot.y, field.height() / (0.6 * _TICK))
        for value, text in ticks:
            y = self._y(field, value)
            if field.top() - 0.5 <= y <= field.bottom() + 0.5:
                painter.setPen(grid)
                painter.drawLine(QPointF(field.left(), y), QPointF(field.right(), y))
                painter.setPen(ink)
                place = QRectF(field.left() - _LEFT, y - 8, _LEFT - 8, 16)
                painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        for value, text in _ticks(*plot.x, field.width() / (1.4 * _TICK), whole=True):
            x = self._x(field, value)
            if field.left() - 0.5 <= x <= field.right() + 0.5:
                painter.setPen(QPen(QColor(now.border_strong), 1))
                painter.drawLine(QPointF(x, field.bottom()), QPointF(x, field.bottom() + 4))
                painter.setPen(ink)
                painter.drawText(QRectF(x - 50, field.bottom() + 5, 100, 15), Qt.AlignmentFlag.AlignCenter, text)
        painter.drawText(
            QRectF(field.left(), field.bottom() + 19, field.width(), 15), Qt.AlignmentFlag.AlignCenter, "step"
        )
        painter.setPen(QPen(QColor(now.border_strong), 1))
        painter.drawLine(field.bottomLeft(), field.bottomRight())
        painter.drawLine(field.topLeft(), field.bottomLeft())

    def _paint_line(self, painter: QPainter, field: QRectF, line: Line) -> None:
        if not len(line.x):
            return
        now = theme.current()
        colour = QColor(now.readable(line.colour))
        points = [QPointF(self._x(field, x), self._y(field, y)) for x, y in self._seen(field, line)]
        thin = QColor(colour)
        thin.setAlpha(100 if now.mode == "dark" else 70)
        pen = QPen(colour, 2) if line.thick else QPen(thin, 1)
        if line.dashes:
            pen = QPen(colour, 1.5)
            pen.setDashPattern(line.dashes)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        engine = painter.paintEngine().type()
        in_pieces = engine == QPaintEngine.Type.Raster and len(points) > _MANY and not line.dashes
        if in_pieces or engine == QPaintEngine.Type.Pdf:
            # One stroke that crosses itself takes two seconds; pieces take none, and must not shine through each other.
            # In a PDF what shines through is an outline that is filled, of nine times as many signs as the line has.
            pen.setColor(_over(pen.color(), QColor(now.panel)))
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if in_pieces:
            painter.drawLines([QLineF(*pair) for pair in pairwise(points)])
        else:
            painter.drawPolyline(QPolygonF(points))
        if line.thick and not line.dashes and len(points) <= _DOTS:
            painter.setPen(QPen(QColor(now.panel), 1))
            painter.setBrush(colour)
            for point in points:
                painter.drawEllipse(point, 3, 3)

    def _seen(self, field: QRectF, line: Line) -> list[tuple[float, float]]:
        """The points of a line between the ends of the axis, those beside them too, as many as there is room for."""
        first, last = np.searchsorted(line.x, self._plot.x[0]), np.searchsorted(line.x, self._plot.x[1], side="right")
        part = slice(max(0, int(first) - 1), int(last) + 1)
        x, y = thinned(line.x[part], line.y[part], int(_A_PIXEL * field.width()))
        return list(zip(x.tolist(), y.tolist(), strict=True))

    def _paint_legend(self, painter: QPainter, area: QRectF) -> None:
        painter.setFont(theme.font(theme.SMALL_SIZE))
        y = area.top()
        for row in self._rows(area.width() + _LEFT):
            x = area.left()
            for text, colour, width in row:
                dot(painter, x, y + _LEGEND / 2, colour)
                painter.setPen(QColor(theme.current().text))
                painter.drawText(QRectF(x + 15, y, width, _LEGEND), Qt.AlignmentFlag.AlignVCenter, text)
                x += width
            y += _LEGEND

    def _rows(self, width: float) -> list[list[tuple[str, str, float]]]:
        """The entries of the legend in rows: text, colour, width."""
        metrics, x = QFontMetricsF(theme.font(theme.SMALL_SIZE)), math.inf
        rows: list[list[tuple[str, str, float]]] = []
        for name, (colour, last) in self._named().items():
            text = f"{name}  {last}".strip()
            wide = metrics.horizontalAdvance(text) + 32
            if x + wide > width - _LEFT:
                rows.append([])
                x = 0.0
            rows[-1].append((text, colour, wide))
            x += wide
        return rows

    def _named(self) -> dict[str, tuple[str, str]]:
        found: dict[str, tuple[str, str]] = {}
        for line in self._plot.lines:
            found[line.label] = line.colour, line.last or found.get(line.label, ("", ""))[1]
        return found

    def _x(self, field: QRectF, value: float) -> float:
        low, high = self._plot.x
        return field.left() + (value - low) / (high - low or 1.0) * field.width()

    def _y(self, field: QRectF, value: float) -> float:
        low, high = self._plot.y
        share = (value - low) / (high - low or 1.0)
        return field.top() + (share if self._plot.downwards else 1 - share) * field.height()


class HeatPart:
    """KL per dimension of one variant: steps from left to right, dimensions from top to bottom."""

    def __init__(self, label: str, colour: str, steps: NDArray[np.int64], order: NDArray[np.int64], kl: Floats,
                 high: float, height: float) -> None:  # fmt: skip
        """Args: kl: (latent, n) nats in the order of the dimensions `order`; high: nats of the last colour."""
        self._label, self._colour, self._steps = label, colour, steps
        self._order, self._kl, self._high, self._least = order, kl, high, height

    @property
    def measured(self) -> bool:
        """Whether there is anything to see."""
        return bool(self._kl.size)

    def height(self, width: float) -> float:
        """Name, picture, numbers of the steps."""
        return 22 + max(self._least, _LINE * len(self._order)) + 36

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """Draw it. Each value is one pixel, stretched without smoothing."""
        now, font = theme.current(), theme.font(theme.SMALL_SIZE)
        dot(painter, area.left(), area.top() + 9, self._colour)
        painter.setFont(theme.font(strong=True))
        painter.setPen(QColor(now.text))
        head = QRectF(area.left() + 16, area.top(), area.width() - 16, 18)
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, self._label)
        painter.setFont(font)
        painter.setPen(QColor(now.muted))
        if not self._kl.size:
            painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), "Not measured yet")
            return
        field = QRectF(area.left() + 30, area.top() + 22, area.width() - 34, area.height() - 58)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        image = heat_image(self._kl, self._high, now.mode)
        draw_pixels(painter, field, image.scaled(image.width() * 4, image.height() * 4))
        painter.restore()
        painter.setPen(QPen(QColor(now.border_strong), 1))
        painter.drawRect(field)
        painter.setPen(QColor(now.muted))
        one = field.height() / len(self._order)
        every = max(1, math.ceil(13 / one))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for row in range(0, len(self._order), every):
            place = QRectF(area.left(), field.top() + (row + 0.5) * one - 8, 25, 16)
            painter.drawText(place, right, f"z{self._order[row]}")
        foot = QRectF(field.left(), field.bottom() + 3, field.width(), 15)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, f"{self._steps[0]:,}")
        if len(self._steps) > 1:
            painter.drawText(foot, Qt.AlignmentFlag.AlignRight, f"{self._steps[-1]:,}")
        painter.drawText(foot.translated(0, 14), Qt.AlignmentFlag.AlignCenter, "step")


def _over(colour: QColor, ground: QColor) -> QColor:
    """A colour that shines through, as it looks on a ground."""
    share = colour.alphaF()
    red, green, blue = (
        share * over + (1 - share) * under
        for over, under in (
            (colour.redF(), ground.redF()),
            (colour.greenF(), ground.greenF()),
            (colour.blueF(), ground.blueF()),
        )
    )
    return QColor.fromRgbF(red, green, blue)


def heat_image(kl: Floats, high: float, mode: theme.Mode) -> QImage:
    """The values (latent, n) as pixels on a scale from 0 to `high`, those beyond it in the colour for them."""
    levels = np.clip(np.nan_to_num(kl) / max(high, 1e-9) * 255, 0, 255).astype(np.uint8)
    pixels = np.ascontiguousarray(ramp(mode)[levels])
    pixels[np.nan_to_num(kl) > high * (1 + 1e-6)] = above_colour(mode)
    height, width, _ = pixels.shape
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def _ticks(low: float, high: float, about: float, whole: bool = False) -> list[tuple[float, str]]:
    """Round numbers between two ends, about so many, as they are written."""
    if not high > low:
        return []
    rough = (high - low) / max(1.0, about)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * each for each in (1, 2, 5, 10) if power * each >= rough * (1 - 1e-9))
    step = max(1.0, step) if whole else step
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    values = [i * step for i in range(first, last + 1)]
    return [(value, f"{value + 0.0:,.{digits}f}".replace("-", "\N{MINUS SIGN}")) for value in values
            if not whole or value >= 0]  # fmt: skip


def plots_figure(
    plots: Sequence[Plot], width: float, height: float, values: Grid | None = None, caption: str = ""
) -> Figure:
    """One plot, or all of them in rows of three with the table of values beneath.

    Args:
        width: of the view, logical pixels.
        height: of the field of one plot.
        values: of every variant at one step, which `caption` tells.
    """
    field = max(_LEAST, height)
    rows = [plots[i : i + _A_ROW] for i in range(0, len(plots), _A_ROW)]
    parts: list[Part] = [
        Beside([PlotPart(each, field) for each in row], _A_ROW if len(plots) > 1 else 1) for row in rows
    ]
    if values is not None:
        parts += [Note(caption, "text"), values]
    title = f"{plots[0].title}, {plots[0].unit}".rstrip(", ") if len(plots) == 1 else "Curves of the training"
    name = file_name(plots[0].title) if len(plots) == 1 else "curves"
    dashed = any(line.dashes for each in plots for line in each.lines)
    facts = (f"{_HOW} {_OTHERS}" if dashed else _HOW,)
    return Figure(name, title, tuple(parts), facts, width=wide(width + 2 * MARGIN))
