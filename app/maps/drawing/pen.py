"""What is drawn on a map with the mouse: a box or a lasso round points, with what the keys held meanwhile say of it, or
a path over them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.core import theme
from app.maps.drawing.camera import Camera
from app.maps.drawing.line import draw_line

Tool = Literal["look", "box", "lasso", "path"]
Shape = Literal["box", "lasso", "path"]
Taking = Literal["new", "add", "subtract", "within"]

LEAST = 4.0
"""Logical pixels that a line must be wide or high: a smaller one is a click of a hand that trembles."""
_STEP = 2.0  # logical pixels between two corners of a lasso or a path

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_OUT = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier


@dataclass(frozen=True, eq=False, slots=True)
class Drawn:
    """A line that was drawn on a map.

    Attributes:
        shape: a box between two corners, a line that closes by itself, or a path, which does not.
        corners: (k, 2) in data coordinates; of a box, two that lie across.
        taking: what becomes of the points inside; always "new" of a path.
    """

    shape: Shape
    corners: NDArray[np.float64]
    taking: Taking


def taking_of(keys: Qt.KeyboardModifier) -> Taking:
    """What the keys that are held say: Shift adds, Ctrl or Alt subtracts, both keep only what is chosen and inside."""
    if keys & _SHIFT:
        return "within" if keys & _OUT else "add"
    return "subtract" if keys & _OUT else "new"


class Pen:
    """One line at a time. Its corners are in data coordinates, so that a map may be zoomed while it is drawn on.

    Attributes:
        tool: what the mouse does; "look" and "path" draw a box while keys are held, and "look" else nothing.
    """

    def __init__(self) -> None:
        self.tool: Tool = "look"
        self._corners: list[tuple[float, float]] | None = None
        self._taking: Taking = "new"
        self._shape: Shape = "box"

    @property
    def drawing(self) -> bool:
        """Whether a line is being drawn."""
        return self._corners is not None

    def begin(self, at: QPointF, keys: Qt.KeyboardModifier, camera: Camera) -> bool:
        """The mouse was pressed; whether that begins a line."""
        taking = taking_of(keys)
        if self.tool == "look" and taking == "new":
            return False
        path = self.tool == "path" and taking == "new"
        self._shape = "path" if path else "lasso" if self.tool == "lasso" else "box"
        self._taking = taking
        self._corners = [camera.to_data(at.x(), at.y())]
        return True

    def move(self, at: QPointF, camera: Camera) -> None:
        """The mouse was moved with its button down."""
        if self._corners is None:
            return
        place = camera.to_data(at.x(), at.y())
        if self._shape == "box":
            self._corners[1:] = [place]
        elif np.abs(np.subtract(place, self._corners[-1])).max() * camera.scale >= _STEP:
            self._corners.append(place)

    def end(self, camera: Camera) -> Drawn | None:
        """The mouse was let go: what was drawn, or None for a click."""
        corners, self._corners = np.array(self._corners or [(0.0, 0.0)], np.float64), None
        if (np.ptp(corners, axis=0) * camera.scale).max() < LEAST:
            return None
        return Drawn(self._shape, corners, self._taking)

    @property
    def taking(self) -> Taking:
        """What becomes of the points inside the line, or of the one that was clicked instead."""
        return self._taking

    def give_up(self) -> None:
        """Nothing was drawn."""
        self._corners = None

    def paint(self, painter: QPainter, camera: Camera) -> None:
        """Show the line and what is within it."""
        if self._corners is None or len(self._corners) < 2:
            return
        corners = np.array(self._corners)
        if self._shape == "box":
            (left, bottom), (right, top) = corners
            corners = np.array([(left, bottom), (right, bottom), (right, top), (left, top)])
        places = [QPointF(float(x), float(y)) for x, y in camera.pixels(corners)]
        if self._shape == "path":
            draw_line(painter, places, theme.current().accent)
            return
        line = QPolygonF(places)
        accent, halo = QColor(theme.current().accent), QColor(theme.current().map)
        inside = QColor(accent)
        inside.setAlphaF(0.15)
        painter.setBrush(inside)
        painter.setPen(QPen(halo, 3))
        painter.drawPolygon(line)
        out = self._taking in ("subtract", "within")
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(accent, 1.5, Qt.PenStyle.DashLine if out else Qt.PenStyle.SolidLine))
        painter.drawPolygon(line)
