"""A path as it lies on a map: the line that was drawn, and the numbered steps on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from app.core import theme
from app.core.values import Spot
from app.maps.drawing.camera import Camera
from app.maps.drawing.line import draw_line
from app.maps.drawing.overlay import Mark, draw_dot


@dataclass(frozen=True, slots=True)
class PathLayer:
    """Paints a path.

    Attributes:
        steps: their places, in the coordinates of the map.
        line: the corners of the line through them.
        meant: those of the line that was drawn, where another one follows it.
        role: the colour of the steps, by its name in the theme.
        at: the step that stands out; -1 for none.
    """

    steps: tuple[Spot, ...]
    line: tuple[Spot, ...] = ()
    meant: tuple[Spot, ...] = ()
    role: str = "accent"
    at: int = -1

    def __call__(self, painter: QPainter, camera: Camera, zoom: float, _taken: list[QRectF]) -> None:
        """Paint it where a camera sees it."""
        now, bounds = theme.current(), QRectF(0, 0, camera.width, camera.height)
        colour = getattr(now, self.role)
        if len(self.meant) > 1:
            draw_line(painter, _pixels(self.meant, camera), now.text, dashed=True)
        if len(self.line) > 1:
            draw_line(painter, _pixels(self.line, camera), colour)
        places = _pixels(self.steps, camera)
        order = [step for step in range(len(places) - 1, -1, -1) if step != self.at]  # the first lies on top ...
        for step in [*order, self.at] if 0 <= self.at < len(places) else order:  # ... but for the one in view
            mark = Mark(str(step + 1), self.steps[step], now.text if step == self.at else colour)
            draw_dot(painter, mark, places[step], bounds)


def _pixels(places: tuple[Spot, ...], camera: Camera) -> list[QPointF]:
    return [QPointF(float(x), float(y)) for x, y in camera.pixels(np.array(places, np.float64).reshape(-1, 2))]
