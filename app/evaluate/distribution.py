"""How a number spreads over single items: counted for all variants in the same bins, and drawn as a strip each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.core import theme
from app.core.values import Column

BINS = 40
"""Bins of a number that can be anything; one of few values has a bin for each."""
_FEW = 12
_TAIL = 0.005  # share of the values beyond each end of the axis, which stand in the last bins
_STRIP, _LEAST_STRIP = 34.0, 13.0  # logical pixels
_AXIS = 18.0
_LINE = 14.0  # of a name
_WIDEST = 56.0  # of a bar
_GAP = 4.0
_NAMES = 108.0  # of the names at the left
_LEAST_GAP = 14.0  # between two numbers of the axis

Say = Callable[[float], str]
"""A value as it is read."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """The values of the items of each variant, counted.

    Attributes:
        edges: (bins + 1,) of the bins; what lies beyond them is in the first and the last.
        counts: (bins,) by variant.
        means: of all values, by variant; NaN of none.
        low, high: the smallest and the largest value by variant.
        left_out: items without a value of their own, by variant.
        discrete: whether each bin is one value, in its middle.
    """

    edges: tuple[float, ...] = ()
    counts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    means: Mapping[str, float] = field(default_factory=dict)
    low: Mapping[str, float] = field(default_factory=dict)
    high: Mapping[str, float] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    discrete: bool = False

    @property
    def most(self) -> float:
        """The largest share of the items of a variant that is in one bin."""
        return max((max(counts) / sum(counts) for counts in self.counts.values() if sum(counts)), default=1.0)

    def bin_at(self, share: float) -> int:
        """The bin at a place of the axis, 0 at its left end to 1; -1 beside it."""
        count = len(self.edges) - 1
        return min(count - 1, int(share * count)) if 0 <= share <= 1 and count > 0 else -1

    def bin_text(self, i: int, say: Say) -> str:
        """Which values a bin holds."""
        low, high, last = self.edges[i], self.edges[i + 1], len(self.edges) - 2
        if self.discrete:
            return say((low + high) / 2)
        if i == 0 and min(self.low.values()) < low:
            return f"below {say(high)}"
        if i == last and max(self.high.values()) > high:
            return f"above {say(low)}"
        return f"{say(low)} to {say(high)}"


def histogram(values: Mapping[str, NDArray[np.float64]]) -> Histogram:
    """Count values of items in bins that are the same for all variants.

    Args:
        values: (n,) by variant; NaN where an item has none.
    """
    whole = {name: each[np.isfinite(each)] for name, each in values.items()}
    pooled = np.concatenate([*whole.values(), np.empty(0)])
    left_out = {name: len(values[name]) - len(each) for name, each in whole.items()}
    if not len(pooled):
        return Histogram(left_out=left_out)
    different = np.unique(pooled)
    discrete = len(different) == 1 or (len(different) <= _FEW and _evenly(different))
    if discrete:
        step = float(np.diff(different).min()) if len(different) > 1 else max(1.0, abs(float(different[0])))
        count = round((different[-1] - different[0]) / step) + 1
        edges = different[0] - step / 2 + step * np.arange(count + 1)
    else:
        low, high = np.quantile(pooled, (_TAIL, 1 - _TAIL))
        if low == high:
            low, high = different[0], different[-1]
        edges = np.linspace(low, high, BINS + 1)
    return Histogram(
        tuple(float(edge) for edge in edges),
        {name: _counts(each, edges) for name, each in whole.items()},
        {name: float(each.mean()) if len(each) else float("nan") for name, each in whole.items()},
        {name: float(each.min()) for name, each in whole.items() if len(each)},
        {name: float(each.max()) for name, each in whole.items() if len(each)},
        left_out,
        discrete,
    )


def _evenly(different: NDArray[np.float64]) -> bool:
    """Whether a few values lie on a grid, as counts and yes or no do."""
    steps = np.diff(different)
    times = steps / steps.min()
    return bool(np.allclose(times, np.round(times), atol=1e-6)) and float(times.sum()) <= BINS


def _counts(values: NDArray[np.float64], edges: NDArray[np.float64]) -> tuple[int, ...]:
    inside = np.clip(values, edges[0], edges[-1])
    return tuple(int(count) for count in np.histogram(inside, bins=edges)[0])


@dataclass(frozen=True, eq=False)
class HistogramPart:
    """The strips of a histogram, for the window and for a figure. `columns` are in their order, one is `current`."""

    spread: Histogram
    shown: tuple[Column, ...]
    current: str
    say: Say

    def height(self, width: float) -> float:
        """A strip for each variant, and the axis."""
        return len(self.shown) * (_STRIP + _GAP) + _AXIS if self.spread.edges else 0.0

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """Draw it; the strips share the height that there is."""
        if not self.spread.edges or not self.shown:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for i, column in enumerate(self.shown):
            self._strip(painter, self.strip(area, i), column)
        self._axis(painter, area)
        painter.restore()

    def strip(self, area: QRectF, i: int) -> QRectF:
        """Where the bars of a variant stand."""
        pitch = (area.height() - _AXIS) / len(self.shown)
        left = area.left() + _NAMES
        return QRectF(left, area.top() + i * pitch + _GAP, area.right() - left, max(4.0, pitch - _GAP))

    def _strip(self, painter: QPainter, place: QRectF, column: Column) -> None:
        now, spread = theme.current(), self.spread
        counts = spread.counts.get(column.name, ())
        chosen = column.name == self.current
        painter.setPen(QColor(now.text if chosen else now.muted))
        font = theme.font(theme.SMALL_SIZE, strong=chosen)
        painter.setFont(font)
        name = QFontMetricsF(font).elidedText(column.label, Qt.TextElideMode.ElideRight, _NAMES - 10)
        high = max(place.height(), _LINE)
        left = QRectF(place.left() - _NAMES, place.bottom() - high, _NAMES - 8, high)
        painter.drawText(left, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, name)
        painter.fillRect(QRectF(place.left(), place.bottom(), place.width(), 1), QColor(now.border))
        if not sum(counts):
            return
        width, most = place.width() / len(counts), spread.most * sum(counts)
        colour = QColor(now.readable(column.colour or now.muted))
        colour.setAlphaF(1.0 if chosen else 0.65)
        inset = max(min(1.0, width * 0.1), (width - _WIDEST) / 2)
        for i, count in enumerate(counts):
            if count:
                height = max(1.0, place.height() * count / most)  # of the same share for all variants
                bar = QRectF(place.left() + i * width + inset, place.bottom() - height, width - 2 * inset, height)
                painter.fillRect(bar, colour)
        mean = spread.means[column.name]
        x = place.left() + place.width() * (mean - spread.edges[0]) / (spread.edges[-1] - spread.edges[0])
        if place.left() <= x <= place.right():
            painter.fillRect(QRectF(x - 1, place.top() - 2, 2, place.height() + 3), QColor(now.text))

    def _axis(self, painter: QPainter, area: QRectF) -> None:
        spread, font = self.spread, theme.font(theme.SMALL_SIZE)
        painter.setFont(font)
        painter.setPen(QColor(theme.current().muted))
        metrics, place = QFontMetricsF(font), self.strip(area, 0)
        span, right = spread.edges[-1] - spread.edges[0], -1.0
        foot = area.bottom() - _AXIS + 2
        places = ticks(spread)
        for at, text in zip(places, without_zeros([self.say(at) for at in places]), strict=True):
            width = metrics.horizontalAdvance(text) + 2
            middle = place.left() + place.width() * (at - spread.edges[0]) / span
            left = min(max(place.left(), middle - width / 2), place.right() - width)
            if left >= right + _LEAST_GAP or right < 0:
                painter.drawText(QRectF(left, foot, width, _AXIS - 2), Qt.AlignmentFlag.AlignCenter, text)
                right = left + width


def ticks(spread: Histogram) -> list[float]:
    """Values that are written beneath the strips: each of a few, else five or so round ones."""
    low, high = spread.edges[0], spread.edges[-1]
    if spread.discrete:
        return [(a + b) / 2 for a, b in zip(spread.edges, spread.edges[1:], strict=False)]
    rough = (high - low) / 4
    power = 10.0 ** np.floor(np.log10(rough))
    step = float(next(power * times for times in (1, 2, 5, 10) if power * times >= rough * 0.999))
    first = np.ceil(low / step) * step
    return [float(first + i * step) for i in range(int((high - first) / step + 1e-9) + 1)]


def without_zeros(texts: Sequence[str]) -> list[str]:
    """Numbers of an axis without the zeros at the end that say nothing, as all have them."""
    found = [re.fullmatch(r"(.*)\.(\d*?)(0*)(\D*)", text) for text in texts]
    parts = [each.groups() for each in found if each is not None]
    if len(parts) < len(texts):
        return list(texts)
    less = min((len(zeros) for _, _, zeros, _ in parts), default=0)
    kept = [(whole, digits + zeros[: len(zeros) - less], unit) for whole, digits, zeros, unit in parts]
    return [f"{whole}{'.' * bool(digits)}{digits}{unit}" for whole, digits, unit in kept]


class Distribution(QWidget):
    """The histogram in the window; tells what is under the pointer."""

    def __init__(self) -> None:
        super().__init__()
        self.part: HistogramPart | None = None
        self._said = ""
        self.setMouseTracking(True)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setSizePolicy(policy)

    def show_spread(self, part: HistogramPart | None, said: str) -> None:
        """Show a histogram, or why there is none."""
        self.part, self._said = part, said
        self.setAccessibleName(summary(part) if part is not None else said)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As the strips would like it."""
        return QSize(240, round(self.part.height(240)) if self.part is not None else 60)

    def minimumSizeHint(self) -> QSize:
        """As they can be read."""
        count = len(self.part.shown) if self.part is not None else 2
        return QSize(200, round(count * (_LEAST_STRIP + _GAP) + _AXIS))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            if self.part is not None and self.part.spread.edges:
                self.part.paint(painter, QRectF(self.rect()), 1.0)
                return
            painter.setPen(QColor(theme.current().muted))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._said)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell how many items are in the bin under the pointer."""
        text = self.text_at(event.position())
        QToolTip.showText(event.globalPosition().toPoint() + QPoint(8, 8), text, self) if text else QToolTip.hideText()

    def changeEvent(self, event: QEvent) -> None:
        """Another theme has other colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)

    def text_at(self, at: QPointF) -> str:
        """The bin at a place in words, "" beside the bars."""
        part = self.part
        if part is None or not part.spread.edges:
            return ""
        place = part.strip(QRectF(self.rect()), 0)
        i = part.spread.bin_at((at.x() - place.left()) / max(1.0, place.width()))
        if i < 0:
            return ""
        lines = [
            f"{column.label}: {part.spread.counts[column.name][i]:,}"
            for column in part.shown
            if part.spread.counts.get(column.name)
        ]
        return "\n".join([part.spread.bin_text(i, part.say), *lines])


def summary(part: HistogramPart) -> str:
    """A histogram for those who do not see it."""
    spread, said = part.spread, part.say
    parts = [
        f"{column.label}: mean {said(spread.means[column.name])}, from {said(spread.low[column.name])} "
        f"to {said(spread.high[column.name])}"
        for column in part.shown
        if column.name in spread.low
    ]
    return "; ".join(["Distribution over single items", *parts])


def left_out_line(spread: Histogram, columns: Sequence[Column]) -> str:
    """Which items have no value of their own; "" where all have one."""
    told = [
        f"{column.label} {spread.left_out[column.name]:,}" for column in columns if spread.left_out.get(column.name)
    ]
    return f"Without a value of their own: {', '.join(told)}." if told else ""
