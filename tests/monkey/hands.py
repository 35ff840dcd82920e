"""What a hand can do to a window: Qt's own events, given to whatever is in sight where it is.

A click goes to the window at a place, as from the platform, so that Qt itself finds out who gets it, closes a popup and
moves the focus.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QWheelEvent,
    QWindow,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSlider, QApplication, QSlider, QStyle, QStyleOptionSlider, QWidget

LEFT, NO_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
PLAIN, SHIFT, CONTROL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
_MOST = 4000  # widgets that are looked through

W = TypeVar("W", bound=QWidget)


def front() -> QWidget | None:
    """The popup, or else the dialog, that lies over everything and must be answered first; None without one."""
    return QApplication.activePopupWidget() or QApplication.activeModalWidget()


def in_sight(widget: QWidget) -> bool:
    """Whether a person could use a widget: shown, enabled, and some of it not hidden by what it lies in."""
    return widget.isVisible() and widget.isEnabled() and not widget.visibleRegion().isEmpty()


def sight(within: QWidget, kind: type[W]) -> list[W]:
    """The widgets of a kind within another that a person could use, as they lie: from the top, from the left."""
    found = [each for each in within.findChildren(kind)[:_MOST] if in_sight(each)]
    return sorted(found, key=lambda each: each.mapTo(each.window(), QPoint(0, 0)).toTuple()[::-1])


def place_in(widget: QWidget, x: float, y: float) -> QPoint:
    """A place in the part of a widget that is in sight; x and y in shares of it."""
    seen = widget.visibleRegion().boundingRect()
    left, top = seen.left() + x * max(0, seen.width() - 1), seen.top() + y * max(0, seen.height() - 1)
    return QPoint(round(left), round(top))


def move(widget: QWidget, at: QPoint) -> None:
    """The pointer goes to a place of a widget."""
    window, place = _window(widget, at)
    if window is not None:
        QTest.mouseMove(window, place)


def press(widget: QWidget, at: QPoint, keys: Qt.KeyboardModifier = PLAIN) -> None:
    """The left button goes down."""
    window, place = _window(widget, at)
    if window is not None:
        QTest.mousePress(window, LEFT, keys, place)


def release(widget: QWidget, at: QPoint, keys: Qt.KeyboardModifier = PLAIN) -> None:
    """And up."""
    window, place = _window(widget, at)
    if window is not None:
        QTest.mouseRelease(window, LEFT, keys, place)


def drag_to(widget: QWidget, at: QPoint, keys: Qt.KeyboardModifier = PLAIN) -> None:
    """The pointer moves with the left button down; `QTest` can only move it without."""
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(at), QPointF(widget.mapToGlobal(at)), NO_BUTTON, LEFT, keys)
    QCoreApplication.sendEvent(widget, event)


def press_again(widget: QWidget, at: QPoint) -> None:
    """The second press of a double click, and its end."""
    for kind, held in ((QEvent.Type.MouseButtonDblClick, LEFT), (QEvent.Type.MouseButtonRelease, NO_BUTTON)):
        event = QMouseEvent(kind, QPointF(at), QPointF(widget.mapToGlobal(at)), LEFT, held, PLAIN)
        QCoreApplication.sendEvent(widget, event)


def wheel(widget: QWidget, at: QPoint, turn: int, keys: Qt.KeyboardModifier = PLAIN) -> None:
    """The wheel turns, 120 a notch."""
    event = QWheelEvent(
        QPointF(at), QPointF(widget.mapToGlobal(at)), QPoint(), QPoint(0, turn), NO_BUTTON, keys,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QCoreApplication.sendEvent(widget, event)


def ask_menu(widget: QWidget, at: QPoint) -> None:
    """The right button: its menu is wanted."""
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, widget.mapToGlobal(at))
    QCoreApplication.sendEvent(widget, event)


def key(window: QWidget, which: Qt.Key, keys: Qt.KeyboardModifier = PLAIN) -> None:
    """A key, to whoever has the keyboard."""
    handle = (QApplication.activePopupWidget() or window.window()).windowHandle()
    if handle is not None:
        QTest.keyClick(handle, which, keys)


def letter(window: QWidget, sign: str) -> None:
    """A sign is typed to whoever has the keyboard."""
    focused = QApplication.focusWidget() or window
    if sign.isascii():
        QTest.keyClicks(focused, sign)
        return
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):  # `QTest` knows the signs of ASCII only
        QCoreApplication.sendEvent(focused, QKeyEvent(kind, Qt.Key.Key_unknown, PLAIN, sign))


def copy_of(data: QMimeData) -> QMimeData:
    """What a drag carries, apart from it."""
    made = QMimeData()
    for name in data.formats():
        made.setData(name, data.data(name))
    return made


def drop(target: QWidget, data: QMimeData, way: Sequence[QPoint], let_go: bool = True) -> None:
    """Carry something over a widget along a way, and let go of it there or leave again."""
    actions, buttons = Qt.DropAction.CopyAction, LEFT
    entered = QDragEnterEvent(way[0], actions, data, buttons, PLAIN)
    QCoreApplication.sendEvent(target, entered)
    accepted = entered.isAccepted()
    for place in way:
        moved = QDragMoveEvent(place, actions, data, buttons, PLAIN)
        moved.setAccepted(accepted)
        QCoreApplication.sendEvent(target, moved)
        accepted = moved.isAccepted()
    if accepted and let_go:
        QCoreApplication.sendEvent(target, QDropEvent(QPointF(way[-1]), actions, data, buttons, PLAIN))
    else:
        QCoreApplication.sendEvent(target, QDragLeaveEvent())


def handle_of(slider: QAbstractSlider) -> float:
    """Where the handle of a slider is, in shares of its width."""
    if not isinstance(slider, QSlider):
        return (slider.value() - slider.minimum()) / max(1, slider.maximum() - slider.minimum())
    told = QStyleOptionSlider()
    slider.initStyleOption(told)
    part = QStyle.ComplexControl.CC_Slider, told, QStyle.SubControl.SC_SliderHandle
    return slider.style().subControlRect(*part, slider).center().x() / max(1, slider.width())


def _window(widget: QWidget, at: QPoint) -> tuple[QWindow | None, QPoint]:
    """The platform's window that a widget lies in, if the place of the widget is in it, and that place."""
    top = widget.window()
    place = widget.mapTo(top, at)
    return top.windowHandle() if top.isVisible() and top.rect().contains(place) else None, place
