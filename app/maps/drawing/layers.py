"""What is painted between the points of a map and what is marked on it, and how much of it is seen at a zoom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from app.maps.drawing.camera import Camera

CLOSER = 1.7
"""How much larger than the whole map one looks for each further depth."""

Beneath = Callable[[QPainter, Camera, float, list[QRectF]], None]
"""Paints with a camera, in its pixels, and how much larger it sees than the view that shows everything.

The list has the places of the words that are on the map already; it leaves them free, and adds those of its own.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """What is painted beneath the marks of a map, from below; None for what is not.

    None of it is while points are `moving` to the places that it is of.
    """

    contours: Beneath | None = None
    spokes: Beneath | None = None
    names: Beneath | None = None
    shares: Beneath | None = None
    path: Beneath | None = None
    moving: bool = False

    def __call__(self, painter: QPainter, camera: Camera, zoom: float) -> None:
        """Paint it, with a camera and how much larger it sees than the view that shows everything."""
        if self.moving:
            return
        taken: list[QRectF] = []
        for paint in (self.contours, self.spokes, self.names, self.shares, self.path):
            if paint is not None:
                paint(painter, camera, zoom, taken)


def depth_at(zoom: float) -> int:
    """How deep one looks into what has depths: 0 for the whole map; one more for each time that one is `CLOSER`."""
    depth = 0
    while zoom >= CLOSER ** (depth + 1):
        depth += 1
    return depth
