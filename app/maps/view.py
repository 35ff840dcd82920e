"""One map under the hand: pan, zoom, hover, click, the same by keys, and the menu that picks the ends of an
interpolation.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAction,
    QColor,
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
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
from app.widgets.picture_area import add_saving
from app.widgets.send_menu import add_sending

_DRAG = 4  # logical pixels of movement that turn a click into a drag
_STEP = 1.35  # zoom of one key press
_MARGIN = 8  # logical pixels that a point reached by keys keeps from the edges
_WAYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
_CHOOSING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_LEAVING = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.MenuBarFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
_KEYS = (
    "Arrow keys go from point to point, Enter or Space clicks the point. "
    "Shift with the arrow keys moves the map, plus and minus zoom, Home shows everything."
)


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
        escaped: Escape was pressed.
    """

    hovered = Signal(int)
    clicked = Signal(int)
    mark_requested = Signal(str, int)
    enclosed = Signal(object, QPoint)
    panned = Signal(float, float)
    zoomed = Signal(float, int, float, float)
    went_home = Signal()
    escaped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pressed: QPointF | None = None
        self._dragging = False
        self._corner: QPointF | None = None
        self._rectangle = QRectF()
        self._under_pointer = -1
        self._by_keys = False
        self._wanted: Callable[[], object] | None = None
        self._sentence: Callable[[int], str] = lambda _: ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleDescription(_KEYS)
        self.finder.ready.connect(self._do_wanted)

    @property
    def selected(self) -> str:
        """The clicked point in words, "" for none."""
        text = self._sentence(self._selection) if self._selection >= 0 else ""
        return f"test sentence {self._selection + 1:,}, “{text}”" if text else ""

    def set_sentences(self, sentence: Callable[[int], str]) -> None:
        """Where the menu finds the sentence of a point, "" for none, so that it can be sent on."""
        self._sentence = sentence

    def set_points(self, coords: NDArray[np.floating] | None) -> None:
        self._under_pointer, self._by_keys, self._wanted = -1, False, None
        super().set_points(coords)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self._zoom(1.0 + event.value(), event.position())
            return True
        if event.type() == QEvent.Type.WindowBlocked and not self._by_keys:
            self._leave()  # a dialog takes the pointer, and nobody tells where that goes meanwhile
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
            self._look_at(event.position())
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
        self.unsetCursor()
        if was_drag:
            self._look_at(event.position())
        else:
            self._when_findable(partial(self._click, event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._go_home()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._zoom(1.0015 ** event.angleDelta().y(), event.position())
        self._look_at(event.position())
        event.accept()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.finder.prepare()  # a large map takes a moment until it can be pointed at

    def leaveEvent(self, event: QEvent) -> None:
        self._leave()

    def _leave(self) -> None:
        self._wanted = None
        self._point_at(-1)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.finder.prepare()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What the keys pointed at is let go, unless they come back."""
        super().focusOutEvent(event)
        if self._by_keys and event.reason() not in _LEAVING:
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
        key, keys = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        middle = QPointF(self.width() / 2, self.height() / 2)
        target = self._reached if self._reached >= 0 else self._selection
        if key in _WAYS and keys in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
            x, y = _WAYS[Qt.Key(key)]
            if keys:
                self._pan(-0.1 * x * self.width(), 0.1 * y * self.height())
            else:
                self._when_findable(lambda: self._go((x, y)))
        elif key in _CHOOSING and not keys:
            if self._reached >= 0:
                self.clicked.emit(self._reached)
        elif key == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom(_STEP, self._aim(middle))
        elif key == Qt.Key.Key_Minus:
            self._zoom(1 / _STEP, self._aim(middle))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_0):
            self._go_home()
        elif key in (Qt.Key.Key_A, Qt.Key.Key_B) and not event.modifiers() and target >= 0:
            self.mark_requested.emit("A" if key == Qt.Key.Key_A else "B", target)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        by_keys = self._reached if self._reached >= 0 else self._selection
        index = self.index_at(QPointF(event.pos())) if by_mouse else by_keys
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
        add_saving(menu, self)
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

    # finding points, at once or as soon as that is possible

    def _when_findable(self, action: Callable[[], object]) -> None:
        if self.finder.prepare():
            action()
        else:
            self._wanted = action

    def _do_wanted(self) -> None:
        action, self._wanted = self._wanted, None
        if action is not None:
            action()

    def _look_at(self, at: QPointF) -> None:
        self._when_findable(lambda: self._point_at(self.index_at(at)))

    def _click(self, at: QPointF) -> None:
        index = self.index_at(at)
        if index >= 0:
            self.clicked.emit(index)
        self._point_at(index)

    def _go(self, way: tuple[int, int]) -> None:
        """Point at the next point in a direction, from the one that is pointed at, or clicked, or in the middle."""
        now = self._reached if self._shows(self._reached) else self._selection
        index = self.index_toward(now, way) if self._shows(now) else self.index_in_middle()
        if index < 0:
            return
        self._bring_into_view(index)
        self._point_at(index, by_keys=True)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self._sentence(index)))

    @property
    def _reached(self) -> int:
        """What is pointed at, here or else in another map; -1 for nothing."""
        return self._under_pointer if self._under_pointer >= 0 else self._hover

    def _bring_into_view(self, index: int) -> None:
        at, room = self.position_of(index), QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        if not room.contains(at):
            x = min(max(at.x(), room.left()), room.right())
            y = min(max(at.y(), room.top()), room.bottom())
            self._pan(x - at.x(), y - at.y())

    def _aim(self, middle: QPointF) -> QPointF:
        """What the keys zoom about: the point that they have reached, or the middle."""
        return self.position_of(self._under_pointer) if self._by_keys else middle

    def _point_at(self, index: int, by_keys: bool = False) -> None:
        self._by_keys = by_keys and index >= 0
        if index != self._under_pointer:
            self._under_pointer = index
            if not self._dragging and not by_keys:
                self.setCursor(Qt.CursorShape.PointingHandCursor if index >= 0 else Qt.CursorShape.ArrowCursor)
            self.hovered.emit(index)
