"""The axes of the plots: how their numbers are written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg

_M = (math.inf, 9.0, 4.0, 2.0, 1.0, 0.5, 0.0, -0.5)
M_TICKS = tuple((0.0 if math.isinf(m) else 1 / (1 + m), "∞" if math.isinf(m) else f"{m:g}") for m in _M)
"""Places and names on the axis of m."""


class _Axis(pg.AxisItem):
    """An axis that keeps what it draws as lines and texts: playing a QPicture looks its font up anew each time."""

    picture: Any

    def paint(self, painter: Any, option: Any, widget: Any) -> None:
        """Draw the axis; `picture` is set to None by pyqtgraph whenever it has changed."""
        painter.save()
        painter.setFont(self.style["tickFont"])
        if self.picture is None:
            self._specs = self.generateDrawSpecs(painter)
            self.picture = True
        if self._specs is not None:
            self.drawPicture(painter, *self._specs)
        painter.restore()


class StepAxis(_Axis):
    """Steps as whole numbers with commas."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return [f"{value:,.0f}" if float(value).is_integer() and value >= 0 else "" for value in values]


class ValueAxis(_Axis):
    """Numbers with a proper minus sign, in a fixed width, so that the plots below each other stay in line."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return [text.replace("-", "\N{MINUS SIGN}") for text in super().tickStrings(values, scale, spacing)]
