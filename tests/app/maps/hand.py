"""The hand over a map of six points, and what can be seen of the map."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QWheelEvent

from app.maps.view import MapView

POINTS = np.array([[0, 0], [10, 0], [0, 10], [10, 10], [5, 5], [5.02, 5]], np.float32)


def move(view: MapView, at: QPointF, buttons: Qt.MouseButton = Qt.MouseButton.NoButton) -> None:
    view.mouseMoveEvent(
        QMouseEvent(QEvent.Type.MouseMove, at, at, Qt.MouseButton.NoButton, buttons, Qt.KeyboardModifier.NoModifier)
    )


def drag(qtbot, view: MapView, start: QPoint, by: QPoint) -> None:
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    for step in (0.25, 0.5, 1.0):
        move(view, QPointF(start) + QPointF(by) * step, Qt.MouseButton.LeftButton)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + by)


def wheel(view: MapView, at: QPointF, turns: int) -> None:
    view.wheelEvent(
        QWheelEvent(
            at, at, QPoint(), QPoint(0, 120 * turns), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )
    )  # fmt: skip


def colour_at(view: MapView, at: QPointF) -> QColor:
    view.render_now()
    return view.grab().toImage().pixelColor(at.toPoint())


def differs(colour: QColor, other: str, by: int = 40) -> bool:
    reference = QColor(other)
    return sum(abs(a - b) for a, b in zip(colour.getRgb()[:3], reference.getRgb()[:3], strict=True)) > by
