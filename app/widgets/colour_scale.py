"""The colour ramp of the maps and the thin legend that explains it."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core import theme

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DENSITY = "Points per pixel"
"""What the scale of the density is called."""

_BAR = 96  # logical pixels
_BAR_HEIGHT = 8
_STEPS = 256


def ramp(mode: theme.Mode) -> NDArray[np.uint8]:
    """(256, 3) colours from low to high: viridis, perceptually uniform and readable by colour-blind people.

    The end that would sink into the background of the map is cut off: low values on dark, high values on light.
    """
    return _ramp(0.24, 1.0) if mode == "dark" else _ramp(0.0, 0.90)


def density_ramp(mode: theme.Mode) -> NDArray[np.uint8]:
    """(256, 3) colours from few points to many: the same colours, so that few are nearest to the ground of the map."""
    return ramp(mode) if mode == "dark" else ramp(mode)[::-1]


def above_colour(mode: theme.Mode) -> tuple[int, int, int]:
    """The colour of what lies beyond the scale, which no value on it has."""
    return (255, 92, 70) if mode == "dark" else (190, 30, 20)


@cache
def _ramp(start: float, stop: float) -> NDArray[np.uint8]:
    # Not at the top: they take half a second that the first paint need not wait for.
    import numpy as np
    from pyqtgraph import colormap

    colours = colormap.get("viridis").getLookupTable(start, stop, _STEPS)
    return np.ascontiguousarray(colours[:, :3], dtype=np.uint8)


def number_text(value: float, span: float) -> str:
    """A value for a legend whose whole scale is `span` wide: as few figures as tell neighbours apart."""
    digits = 0 if span >= 20 else 1 if span >= 2 else 2 if span >= 0.2 else 3
    return f"{value:,.{digits}f}".replace("-", "\N{MINUS SIGN}")


class ColourScale(QWidget):
    """`label  low [gradient] high`, in the colours that `MapView.set_colours` uses. Empty until `set_scale`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = ""
        self._low = self._high = self._above = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setVisible(False)

    def set_scale(self, label: str, vmin: float, vmax: float, tooltip: str = "") -> None:
        """Show the legend for values from `vmin` to `vmax`, for example ("KL, nats", 0.0, 24.1)."""
        whole = float(vmin).is_integer() and float(vmax).is_integer()
        low, high = (number_text(end, math.inf if whole else abs(vmax - vmin)) for end in (vmin, vmax))
        self._show(label, low, high, tooltip)

    def set_above(self, words: str) -> None:
        """What the colour of values beyond the scale means, beside it; "" where there are none. After `set_scale`."""
        self._above = words
        if words:
            self.setAccessibleName(f"{self.accessibleName()}; {words}")
        self.updateGeometry()
        self.update()

    def set_density(self) -> None:
        """Show the legend of the density shading, which has no numbers: few points to many."""
        self._show(
            DENSITY,
            "few",
            "many",
            "Colour follows the logarithm of the number of points, on a scale of each map's own.",
        )

    def clear(self) -> None:
        """Nothing is coloured: take the legend away."""
        self._label = ""
        self.setVisible(False)

    def texts(self) -> tuple[str, str, str]:
        """What is written: label, low end, high end."""
        return self._label, self._low, self._high

    def bar(self) -> QRectF:
        """Where the colours are painted."""
        return _bar(QRectF(self.rect()), self._label, self._low)

    def sizeHint(self) -> QSize:
        label, number = _metrics()
        width = label.horizontalAdvance(self._label) + number.horizontalAdvance(self._low + self._high)
        if self._above:
            width += label.horizontalAdvance(self._above) + _BAR_HEIGHT + 3 * theme.SPACE
        return QSize(round(width) + _BAR + 3 * theme.SPACE, 24)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_scale(painter, QRectF(self.rect()), self._label, self._low, self._high, self._above)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()
            self.update()
        super().changeEvent(event)

    def _show(self, label: str, low: str, high: str, tooltip: str) -> None:
        self._label, self._low, self._high, self._above = label, low, high, ""
        self.setToolTip(tooltip)
        self.setAccessibleName(f"Colour scale: {label}, from {low} to {high}")
        self.setVisible(True)
        self.updateGeometry()
        self.update()


def paint_scale(painter: QPainter, area: QRectF, label: str, low: str, high: str, above: str = "") -> None:
    """Draw `label  low [gradient] high` from the left of an area on, then the colour of what is `above` it."""
    from PySide6.QtGui import QLinearGradient  # its enumerations take a while to make, and the first paint needs none

    colours = theme.current()
    names, numbers = _metrics()
    x = area.left()
    x = _write(painter, area, x, label, names, colours.muted) + theme.SPACE
    _write(painter, area, x, low, numbers, colours.text)
    bar = _bar(area, label, low)
    gradient = QLinearGradient(bar.topLeft(), bar.topRight())
    table = density_ramp(colours.mode) if label == DENSITY else ramp(colours.mode)
    for step in range(0, _STEPS, 15):
        gradient.setColorAt(step / (_STEPS - 1), QColor(*(int(c) for c in table[step])))
    path = QPainterPath()
    path.addRoundedRect(bar, 2, 2)
    painter.fillPath(path, gradient)
    x = _write(painter, area, bar.right() + theme.SPACE, high, numbers, colours.text)
    if above:
        mark = QRectF(x + 2 * theme.SPACE, bar.top(), _BAR_HEIGHT, _BAR_HEIGHT)
        painter.fillRect(mark, QColor(*above_colour(colours.mode)))
        _write(painter, area, mark.right() + theme.SPACE, above, names, colours.muted)


def _bar(area: QRectF, label: str, low: str) -> QRectF:
    names, numbers = _metrics()
    x = area.left() + names.horizontalAdvance(label) + numbers.horizontalAdvance(low) + 2 * theme.SPACE
    return QRectF(x, area.center().y() - _BAR_HEIGHT / 2, _BAR, _BAR_HEIGHT)


def _metrics() -> tuple[QFontMetricsF, QFontMetricsF]:
    return QFontMetricsF(theme.font(theme.SMALL_SIZE)), QFontMetricsF(theme.font(theme.SMALL_SIZE, strong=True))


def _write(painter: QPainter, area: QRectF, x: float, text: str, metrics: QFontMetricsF, colour: str) -> float:
    """Write at `x`, return where the text ends."""
    painter.setFont(theme.font(theme.SMALL_SIZE, strong=colour == theme.current().text))
    painter.setPen(QColor(colour))
    width = metrics.horizontalAdvance(text)
    painter.drawText(QRectF(x, area.top(), width + 2, area.height()), Qt.AlignmentFlag.AlignVCenter, text)
    return x + width
