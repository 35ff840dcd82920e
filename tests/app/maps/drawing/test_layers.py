"""What is painted beneath the marks of a map."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QRectF

from app.maps.drawing.camera import Camera
from app.maps.drawing.layers import CLOSER, Layers, depth_at


def test_layers_are_painted_from_below_and_those_that_are_not_there_are_not():
    painted: list[tuple[str, int]] = []

    def words(name: str):
        def paint(painter, camera, zoom, taken) -> None:
            painted.append((name, len(taken)))
            taken.append(QRectF())

        return paint

    one = Layers(shares=words("shares"), names=words("names"), contours=words("contours"))
    one(None, Camera(), 1.0)  # type: ignore[arg-type]
    assert painted == [("contours", 0), ("names", 1), ("shares", 2)]
    replace(one, names=None)(None, Camera(), 1.0)  # type: ignore[arg-type]
    Layers()(None, Camera(), 1.0)  # type: ignore[arg-type]
    assert painted[3:] == [("contours", 0), ("shares", 1)]


def test_one_looks_deeper_with_every_step_closer():
    assert [depth_at(zoom) for zoom in (0.25, 1.0, CLOSER - 0.01, CLOSER, CLOSER**2 + 0.01, CLOSER**3 + 0.01)] == [
        0, 0, 0, 1, 2, 3,
    ]  # fmt: skip
