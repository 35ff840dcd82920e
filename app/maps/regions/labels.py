"""Which names of regions are drawn where: none over another, and more of them as one zooms in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QPainter

from app.core import theme
from app.maps.drawing.camera import Camera
from app.maps.drawing.layers import depth_at
from app.maps.drawing.overlay import draw_words

_GAP = 3.0  # logical pixels between two names
_SHARE = 0.55  # of the width of a map, that a name takes at most
NONE = "No region stands out on this map"


@dataclass(frozen=True, slots=True)
class RegionLabel:
    """The name of a region.

    Attributes:
        words: the most distinctive first.
        x, y: the place, in the coordinates of the map.
        count: sentences in the region.
        depth: how close one has to look; 0 for names of the whole map.
        parts: how close, where it is parted into others with names; None where it is not.
    """

    words: tuple[str, ...]
    x: float
    y: float
    count: int
    depth: int = 0
    parts: int | None = None


def placed(
    labels: Sequence[RegionLabel], camera: Camera, zoom: float, metrics: QFontMetricsF, taken: Sequence[QRectF] = ()
) -> list[tuple[str, QRectF]]:
    """The names that are drawn, and where, in pixels of the camera; larger regions come first.

    Args:
        labels: of the map.
        camera: where it looks.
        zoom: how much larger than the view that shows everything.
        metrics: of the font.
        taken: places of other words.
    """
    made: list[tuple[str, QRectF]] = []
    depth = depth_at(zoom)
    view = QRectF(0, 0, camera.width, camera.height)
    there = [each for each in labels if each.depth <= depth and (each.parts is None or each.parts > depth)]
    for label in sorted(there, key=lambda each: (-each.count, each.x, each.y)):
        at = QPointF(*camera.to_pixel(label.x, label.y))
        if not view.contains(at):
            continue
        words = list(label.words)
        while len(words) > 1 and metrics.horizontalAdvance(", ".join(words)) > _SHARE * camera.width:
            words.pop()
        text = ", ".join(words)
        box = QRectF(0, 0, metrics.horizontalAdvance(text), metrics.height())
        box.moveCenter(at)
        box.moveLeft(min(max(box.left(), _GAP), camera.width - _GAP - box.width()))
        box.moveTop(min(max(box.top(), _GAP), camera.height - _GAP - box.height()))
        room = box.adjusted(-_GAP, -_GAP, _GAP, _GAP)
        if not any(room.intersects(other) for other in (*taken, *(each for _, each in made))):
            made.append((text, box))
    return made


class LabelPainter:
    """Paints the names between the points of a map and what is marked on it."""

    def __init__(self, labels: Sequence[RegionLabel]) -> None:
        self.labels = tuple(labels)

    def __call__(self, painter: QPainter, camera: Camera, zoom: float, taken: list[QRectF]) -> None:
        """Paint them, as a `Beneath`."""
        font = theme.font(theme.SMALL_SIZE, strong=True)
        made = placed(self.labels, camera, zoom, QFontMetricsF(font), taken)
        for text, box in made:
            draw_words(painter, text, box, font)
        taken += [box for _, box in made]


def paint_no_names(painter: QPainter, camera: Camera, zoom: float, taken: list[QRectF]) -> None:
    """Say at the top of a map that none of its regions has a name, as a `Beneath`; nothing where words lie there.

    What lies over a map, its verdict and how far a point is from the sentences, lies at its foot.
    """
    font = theme.font(theme.SMALL_SIZE)
    metrics = QFontMetricsF(font)
    box = QRectF(0, 0, metrics.horizontalAdvance(NONE), metrics.height())
    box.moveCenter(QPointF(camera.width / 2, 0))
    box.moveTop(_GAP)
    if box.left() > _GAP and not any(box.intersects(other) for other in taken):
        draw_words(painter, NONE, box, font)
        taken.append(box)
