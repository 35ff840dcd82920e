"""Helpers that look at a window."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget

from app.core.wish import Wish
from app.shell.explorer import Explorer


def shown(explorer: Explorer) -> None:
    for _ in range(3):
        QApplication.processEvents()
        explorer.flush()


def opened_tab(explorer: Explorer, name: str) -> QWidget:
    """The view of a tab of the bench, brought in view."""
    explorer.window.bench.show_tab(name)
    shown(explorer)
    return explorer.bench.tab(name).view


def wishes(explorer: Explorer) -> dict[str, Wish]:
    """What is wanted of every feature that is there."""
    return {name: feature.wish() for name, feature in explorer.context.history.features.items()}


def texts(widget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def dropped_file(text: str = "") -> QMimeData:
    """A file as file managers send it: some name it as text too."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/tmp/notes.txt")])
    if text:
        data.setText(text)
    return data


def fields_that_take_a_file(window: QWidget) -> list[str]:
    """The lines of text in a window that take a file which is dropped; none should. What is around them may."""
    fields = [field for field in window.findChildren(QLineEdit) if field.acceptDrops()]
    return [field.accessibleName() or field.placeholderText() for field in fields if _takes_a_file(field)]


def _takes_a_file(field: QLineEdit) -> bool:
    hand = dropped_file("notes"), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, *hand)
    field.event(entering)
    return entering.isAccepted()


def drop(target: QWidget, data: QMimeData, at: QPoint = QPoint(5, 5), anyway: bool = False) -> bool:
    """Drop something on a widget, if it is welcome there, or `anyway`; whether it was."""
    copy = Qt.DropAction.CopyAction
    hand = data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering, moving = QDragEnterEvent(at, copy, *hand), QDragMoveEvent(at, copy, *hand)
    QApplication.sendEvent(target, entering)
    QApplication.sendEvent(target, moving)
    welcome = entering.isAccepted() and moving.isAccepted()
    if welcome or anyway:
        dropping = QDropEvent(QPointF(at), copy, *hand)
        QApplication.sendEvent(target, dropping)
    else:
        QApplication.sendEvent(target, QDragLeaveEvent())  # Qt remembers what was entered
    return welcome
