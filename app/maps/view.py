"""One map under the hand: pan, zoom, hover, click, the same by keys, and its menu."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAction,
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QWidget

from app.core.picks import Pick
from app.maps.drawing.canvas import REACH, ZOOM_IN, ZOOM_OUT, MapCanvas
from app.maps.drawing.pen import Pen, Taking, Tool
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
    "X takes it into the selection or out of it. "
    "Shift with the arrow keys moves the map, plus and minus zoom, Home shows everything."
)


class MapView(MapCanvas):
    """A map that can be explored; what it shows is set by the methods of `MapCanvas`.

    Signals:
        hovered: the index under the pointer (within `REACH` pixels) whenever it changes; -1 for none.
        clicked: the index that was clicked; a click on empty ground says nothing.
        mark_requested: "A" or "B" and the index, from the context menu or the keys A and B.
        drawn: a box or a lasso was drawn round points (`Drawn`).
        traced: corners (k, 2), in data coordinates, of a path that was drawn, or chosen in the menu.
        ground_clicked: x and y, in data coordinates, of an empty place that was clicked, and not for a double click, or
            chosen in the menu.
        looked: how many points are within `REACH` of the pointer; -1 where it is not on the map, or drags.
        picked: the index that was clicked, or reached with X, and what is to become of it: "add", "subtract", "within",
            or "turn" for the other of the first two.
        panned: a person moved the view by (dx, dy), shares of its width and height.
        zoomed: a person zoomed by a factor; with the index under the pointer (-1 for none) and where the pointer was,
            (x, y) in shares of width and height.
        went_home: a person asked for everything to be shown. No setter emits one of these three.
        escaped: Escape was pressed.
    """

    hovered = Signal(int)
    clicked = Signal(int)
    mark_requested = Signal(str, int)
    drawn = Signal(object)
    traced = Signal(object)
    ground_clicked = Signal(float, float)
    looked = Signal(int)
    picked = Signal(int, str)
    panned = Signal(float, float)
    zoomed = Signal(float, int, float, float)
    went_home = Signal()
    escaped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pressed: QPointF | None = None
        self._dragging = False
        self._held = Qt.MouseButton.NoButton
        self._pen = Pen()
        self._under_pointer = -1
        self._by_keys = False
        self._sentence: Callable[[int], str] = lambda _: ""
        self._ground_at: tuple[float, float] = (0.0, 0.0)
        self._ground = QTimer(self, singleShot=True, interval=QGuiApplication.styleHints().mouseDoubleClickInterval())
        self._ground.timeout.connect(lambda: self.ground_clicked.emit(*self._ground_at))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleDescription(_KEYS)

    @property
    def selected(self) -> str:
        """The clicked point in words, "" for none."""
        text = self._sentence(self._selection) if self._selection >= 0 else ""
        return f"test sentence {self._selection + 1:,}, “{text}”" if text else ""

    @property
    def places(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """x (n,) and y (n,) of the points, in data coordinates; nobody changes them."""
        return self._x, self._y

    def set_tool(self, tool: Tool) -> None:
        """What the mouse does when it is dragged: look around, or draw a box, a lasso or a path."""
        if tool != self._pen.tool:
            self._put_pen_away()
            self._pen.tool = tool
            self._rest_cursor()

    def set_sentences(self, sentence: Callable[[int], str]) -> None:
        """Where the menu finds the sentence of a point, "" for none, so that it can be sent on."""
        self._sentence = sentence

    def set_points(self, coords: NDArray[np.floating] | None) -> None:
        self._under_pointer, self._by_keys = -1, False
        for menu in self.findChildren(QMenu):
            menu.close()  # its places are those of the map before
        self._ground.stop()
        self._put_pen_away()
        super().set_points(coords)

    def change_map(self, coords: NDArray[np.float32]) -> NDArray[np.float32]:
        """Show the same points on another map, all of it; where they were seen until now (n, 2), in its coordinates."""
        seen, image = self._camera.pixels(np.column_stack(self.places)), self._image
        self.set_points(coords)
        self._image, self._image_camera = image, self._camera  # seen until the points are drawn anew
        return self._camera.places(seen)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self._zoom(1.0 + event.value(), event.position())
            return True
        if event.type() == QEvent.Type.WindowBlocked and not self._by_keys:
            self._leave()  # a dialog takes the pointer, and nobody tells where that goes meanwhile
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        button = event.button()
        if button not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton) or self._pressed is not None:
            return
        self._pressed, self._held, self._dragging = event.position(), button, False
        if button == Qt.MouseButton.LeftButton and self._pen.begin(event.position(), event.modifiers(), self._camera):
            self._point_at(-1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            self._look_at(event.position())
            return
        if self._pen.drawing:
            self._pen.move(event.position(), self._camera)
            self.update()
            return
        moved = event.position() - self._pressed
        if self._dragging or moved.manhattanLength() >= _DRAG:
            if not self._dragging:
                self._dragging = True
                self._point_at(-1)
                self.looked.emit(-1)
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._pressed = event.position()
            self._pan(moved.x(), moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != self._held or self._pressed is None:
            return
        was_drag, self._pressed, self._dragging = self._dragging, None, False
        taking = self._pen.taking if self._pen.drawing else "new"
        drawn = self._pen.end(self._camera) if self._pen.drawing else None
        self._rest_cursor()
        self.update()
        if drawn is not None and drawn.shape == "path":
            self.traced.emit(drawn.corners)
        elif drawn is not None:
            self.drawn.emit(drawn)
        elif was_drag:
            self._look_at(event.position())
        elif event.button() == Qt.MouseButton.LeftButton:
            place = np.array([self._camera.to_data(event.position().x(), event.position().y())])
            self.finder.do(lambda: self._click(QPointF(*self._camera.pixels(place)[0]), taking))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._ground.stop()
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
        self.finder.look_away(partial(self._point_at, -1))
        self._point_at(-1)
        self.looked.emit(-1)

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
        if self._pen.drawing:
            with QPainter(self) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                self._pen.paint(painter, self._camera)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, keys = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        middle = QPointF(self.width() / 2, self.height() / 2)
        target = self._reached if self._reached >= 0 else self._selection
        if key in _WAYS and keys in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
            x, y = _WAYS[Qt.Key(key)]
            if keys:
                self._pan(-0.1 * x * self.width(), 0.1 * y * self.height())
            else:
                self.finder.do(lambda: self._go((x, y)))
        elif key in _CHOOSING and not keys:
            if self._reached >= 0:
                self.clicked.emit(self._reached)
        elif key == Qt.Key.Key_Escape:
            if self._pen.drawing:
                self._put_pen_away()
            else:
                self.escaped.emit()
        elif key == Qt.Key.Key_X and not event.modifiers() and target >= 0:
            self.picked.emit(target, "turn")
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom(_STEP, self._aim(middle))
        elif key == Qt.Key.Key_Minus:
            self._zoom(1 / _STEP, self._aim(middle))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_0):
            self._go_home()
        elif key in (Qt.Key.Key_A, Qt.Key.Key_B) and not event.modifiers() and target >= 0:
            self.mark_requested.emit("A" if key == Qt.Key.Key_A else "B", target)
        elif key == Qt.Key.Key_G and not event.modifiers() and len(self._x):
            self.ground_clicked.emit(self._camera.x, self._camera.y)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        by_keys = self._reached if self._reached >= 0 else self._selection
        index = self.index_at(QPointF(event.pos())) if by_mouse else by_keys
        place = self._camera.to_data(event.pos().x(), event.pos().y()) if by_mouse and index < 0 else None
        self.context_menu(index, place).popup(event.globalPos() if by_mouse else self.mapToGlobal(QPoint(12, 12)))

    def context_menu(self, index: int, place: tuple[float, float] | None = None) -> QMenu:
        """The menu for the point `index`, or for empty ground (-1) at a place. It deletes itself when closed."""
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
        if place is not None and len(self._x):
            menu.addAction("Guess a sentence here").triggered.connect(lambda: self.ground_clicked.emit(*place))
        goal = (float(self._x[index]), float(self._y[index])) if self._shows(index) else place
        if goal is not None and index != self._selection and self._shows(self._selection):
            path = np.array([(self._x[self._selection], self._y[self._selection]), goal], np.float64)
            menu.addAction("Path from the clicked sentence").triggered.connect(lambda: self.traced.emit(path))
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
        self._zoom_about(factor, at)

    def _pan(self, dx: float, dy: float) -> None:
        if self._move_to(self._camera.panned(dx, dy)):
            self.panned.emit(dx / self.width(), dy / self.height())

    def _go_home(self) -> None:
        self.reset_view()
        self.went_home.emit()

    def _zoom(self, factor: float, at: QPointF) -> None:
        index = self.index_at(at)
        if self._zoom_about(factor, at):
            self.zoomed.emit(factor, index, at.x() / self.width(), at.y() / self.height())

    def _zoom_about(self, factor: float, at: QPointF) -> bool:
        ratio = self._camera.scale / self._home.scale
        factor = min(max(factor, ZOOM_OUT / ratio), ZOOM_IN / ratio)
        return self._move_to(self._camera.zoomed(factor, at.x(), at.y()))

    # finding points, at once or as soon as that is possible

    def _look_at(self, at: QPointF) -> None:
        self.finder.look(partial(self._look_here, at))

    def _look_here(self, at: QPointF) -> None:
        self._point_at(self.index_at(at))
        reach = REACH / self._camera.scale
        self.looked.emit(self.finder.count(*self._camera.to_data(at.x(), at.y()), reach) if len(self._x) else -1)

    def _click(self, at: QPointF, taking: Taking) -> None:
        index = self.index_at(at)
        if index >= 0 and taking == "new":
            self.clicked.emit(index)
        elif index >= 0:
            self.picked.emit(index, taking)
        elif taking == "new" and self._pen.tool == "look" and len(self._x):
            self._ground_at = self._camera.to_data(at.x(), at.y())
            self._ground.start()  # unless it becomes a double click
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

    def _put_pen_away(self) -> None:
        """What is being drawn is not to be, and the button that is held means nothing any more."""
        if self._pen.drawing:
            self._pen.give_up()
            self._pressed = None
            self.update()

    def _rest_cursor(self) -> None:
        """The pointer over a map while no button is held."""
        resting = Qt.CursorShape.ArrowCursor if self._pen.tool == "look" else Qt.CursorShape.CrossCursor
        self.setCursor(Qt.CursorShape.PointingHandCursor if self._under_pointer >= 0 else resting)

    def _point_at(self, index: int, by_keys: bool = False) -> None:
        self._by_keys = by_keys and index >= 0
        if index != self._under_pointer:
            self._under_pointer = index
            if not self._dragging and not by_keys:
                self._rest_cursor()
            self.hovered.emit(index)
