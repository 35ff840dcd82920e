"""One map under the hand: pan, zoom, hover, click, and the menu that picks the ends of an interpolation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QWidget

from app.core import theme
from app.core.picks import Pick
from app.maps.drawing.canvas import ZOOM_IN, ZOOM_OUT, MapCanvas
from app.widgets.send_menu import add_sending

_DRAG = 4  # logical pixels of movement that turn a click into a drag
_STEP = 1.35  # zoom of one key press


class MapView(MapCanvas):
    """A map that can be explored; what it shows is set by the methods of `MapCanvas`.

    Signals:
        hovered: the index under the pointer (within `REACH` pixels) whenever it changes; -1 for none.
        clicked: the index that was clicked; a click on empty ground says nothing.
        mark_requested: "A" or "B" and the index, from the context menu or the keys A and B.
        enclosed: the indices (k,) of the points inside a rectangle drawn with Shift, those that are not dimmed, and
            where the pointer was let go, on the screen.
        panned: a person moved the view by (dx, dy), shares of its width and height.
        zoomed: a person zoomed by a factor; with the index under the pointer (-1 for none) and where the pointer was,
            (x, y) in shares of width and height.
        went_home: a person asked for everything to be shown. No setter emits one of these three.
    """

    hovered = Signal(int)
    clicked = Signal(int)
    mark_requested = Signal(str, int)
    enclosed = Signal(object, QPoint)
    panned = Signal(float, float)
    zoomed = Signal(float, int, float, float)
    went_home = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pressed: QPointF | None = None
        self._dragging = False
        self._corner: QPointF | None = None
        self._rectangle = QRectF()
        self._under_pointer = -1
        self._sentence: Callable[[int], str] = lambda _: ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleDescription("Arrow keys move, plus and minus zoom, Home shows everything.")

    def set_sentences(self, sentence: Callable[[int], str]) -> None:
        """Where the menu finds the sentence of a point, "" for none, so that it can be sent on."""
        self._sentence = sentence

    def set_points(self, coords: NDArray[np.floating] | None) -> None:
        self._under_pointer = -1
        super().set_points(coords)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self._zoom(1.0 + event.value(), event.position())
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._corner = event.position()
            self._point_at(-1)
        else:
            self._pressed, self._dragging = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._corner is not None:
            self._rectangle = QRectF(self._corner, event.position()).normalized()
            self.update()
            return
        if self._pressed is None:
            self._point_at(self.index_at(event.position()))
            return
        moved = event.position() - self._pressed
        if self._dragging or moved.manhattanLength() >= _DRAG:
            if not self._dragging:
                self._dragging = True
                self._point_at(-1)
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._pressed = event.position()
            self._pan(moved.x(), moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._corner is not None:
            inside, self._corner, self._rectangle = self._inside(self._rectangle), None, QRectF()
            self.update()
            if len(inside):
                self.enclosed.emit(inside, event.globalPosition().toPoint())
            return
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        was_drag, self._pressed, self._dragging = self._dragging, None, False
        index = self.index_at(event.position())
        self.unsetCursor()
        if not was_drag and index >= 0:
            self.clicked.emit(index)
        self._point_at(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._go_home()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._zoom(1.0015 ** event.angleDelta().y(), event.position())
        self._point_at(self.index_at(event.position()))
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(-1)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._rectangle.isEmpty():
            painter, accent = QPainter(self), QColor(theme.current().accent)
            painter.setPen(QPen(accent, 1))
            accent.setAlphaF(0.15)
            painter.setBrush(accent)
            painter.drawRect(self._rectangle)
            painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        moves = {
            Qt.Key.Key_Left: (0.1, 0.0),
            Qt.Key.Key_Right: (-0.1, 0.0),
            Qt.Key.Key_Up: (0.0, 0.1),
            Qt.Key.Key_Down: (0.0, -0.1),
        }
        middle = QPointF(self.width() / 2, self.height() / 2)
        target = self._hover if self._hover >= 0 else self._selection
        if key in moves:
            dx, dy = moves[Qt.Key(key)]
            self._pan(dx * self.width(), dy * self.height())
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom(_STEP, middle)
        elif key == Qt.Key.Key_Minus:
            self._zoom(1 / _STEP, middle)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_0):
            self._go_home()
        elif key in (Qt.Key.Key_A, Qt.Key.Key_B) and not event.modifiers() and target >= 0:
            self.mark_requested.emit("A" if key == Qt.Key.Key_A else "B", target)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.index_at(QPointF(event.pos())) if by_mouse else self._selection
        self.context_menu(index).popup(event.globalPos() if by_mouse else self.mapToGlobal(QPoint(12, 12)))

    def context_menu(self, index: int) -> QMenu:
        """The menu for the point `index`, or for empty ground (-1). It deletes itself when closed."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for end in ("A", "B"):
            action = QAction(f"Use as {end}", menu)
            action.setEnabled(index >= 0)
            action.triggered.connect(lambda _checked=False, end=end: self.mark_requested.emit(end, index))
            menu.addAction(action)
        text = self._sentence(index) if index >= 0 else ""
        if text:
            add_sending(menu, self, [Pick(text, index=index)])
        menu.addSeparator()
        show_all = menu.addAction("Show all points")
        show_all.triggered.connect(self._go_home)
        return menu

    def pan_along(self, dx: float, dy: float) -> None:
        """Move as another map was moved (see `panned`)."""
        self._move_to(self._camera.panned(dx * self.width(), dy * self.height()))

    def zoom_along(self, factor: float, index: int, x: float, y: float) -> None:
        """Zoom as another map was zoomed (see `zoomed`): about the same sentence, or else about the same place."""
        at = QPointF(x * self.width(), y * self.height())
        if self._shows(index):
            at = self.position_of(index)
        self._zoom_about(factor, at, in_hand=False)

    def _inside(self, rectangle: QRectF) -> NDArray[np.int64]:
        """The points that are drawn in a rectangle, without those that are dimmed."""
        if rectangle.width() < _DRAG and rectangle.height() < _DRAG:
            return np.zeros(0, np.int64)  # a click
        left, bottom = self._camera.to_data(rectangle.left(), rectangle.bottom())
        right, top = self._camera.to_data(rectangle.right(), rectangle.top())
        inside = (self._x >= left) & (self._x <= right) & (self._y >= bottom) & (self._y <= top)
        if self._dimmed is not None:
            inside &= ~self._dimmed
        return np.flatnonzero(inside)

    def _pan(self, dx: float, dy: float) -> None:
        if self._move_to(self._camera.panned(dx, dy), in_hand=True):
            self.panned.emit(dx / self.width(), dy / self.height())

    def _go_home(self) -> None:
        self.reset_view()
        self.went_home.emit()

    def _zoom(self, factor: float, at: QPointF) -> None:
        index = self.index_at(at)
        if self._zoom_about(factor, at):
            self.zoomed.emit(factor, index, at.x() / self.width(), at.y() / self.height())

    def _zoom_about(self, factor: float, at: QPointF, in_hand: bool = True) -> bool:
        ratio = self._camera.scale / self._home.scale
        factor = min(max(factor, ZOOM_OUT / ratio), ZOOM_IN / ratio)
        return self._move_to(self._camera.zoomed(factor, at.x(), at.y()), in_hand)

    def _point_at(self, index: int) -> None:
        if index != self._under_pointer:
            self._under_pointer = index
            if not self._dragging:
                self.setCursor(Qt.CursorShape.PointingHandCursor if index >= 0 else Qt.CursorShape.ArrowCursor)
            self.hovered.emit(index)
