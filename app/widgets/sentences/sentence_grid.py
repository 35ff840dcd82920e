"""Rows of sentences under the hand and the keyboard: steps of an interpolation, samples, the table."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAccessibleEvent,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
)
from PySide6.QtWidgets import QMenu, QToolTip

from app.core.picks import Pick, Place
from app.widgets.pick_drag import drag, is_drag
from app.widgets.picture_area import add_saving
from app.widgets.send_menu import add_sending, area_of, carried, send, send_menu
from app.widgets.sentences.sentence_list import SentenceList
from app.widgets.sentences.sentence_row import BUTTON

_SENDING = {
    Qt.Key.Key_A: Place("Interpolate", "A"),
    Qt.Key.Key_B: Place("Interpolate", "B"),
    Qt.Key.Key_T: Place("Table"),
}
"""Keys that send the keyboard's row on at once; S opens the menu with all places."""


class SentenceGrid(SentenceList):
    """A list that can be pointed at and walked through; what it shows is set by the methods of `SentenceList`.

    Up, Down, Page Up, Page Down, Home and End move the keyboard's row, Copy copies it, Delete removes it where the
    rows have headings; a screen reader is told what it says. What rows and cells can be sent on as goes by the
    menu, by dragging (a sentence; with Shift the point of its row) and by the keys S, A, B and T. The keys 1, 2, ...
    choose the sentence of that column.

    Signals:
        row_pressed: a row was clicked or reached with the keys.
        cell_chosen: the row and column of a sentence that was clicked, or whose column's number was pressed.
        remove_requested: the button of a row's heading was pressed, or Delete.
    """

    row_pressed = Signal(int)
    cell_chosen = Signal(int, int)
    remove_requested = Signal(int)

    def __init__(self, name: str) -> None:
        """Args: name: what the rows are, for assistive technology."""
        super().__init__(name)
        self._grabbed: QPointF | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard begins at the row at the top."""
        super().focusInEvent(event)
        if self._cursor < 0 and self._rows and event.reason() != Qt.FocusReason.MouseFocusReason:
            self._move_to(max(0, self._heights.row_at(self._offset)))
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The outline goes."""
        super().focusOutEvent(event)
        self.viewport().update()

    def event(self, event: QEvent) -> bool:
        """The keys that send a row are the list's while it has the keyboard, although the window has some of them."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._sends(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move along the rows, copy, remove or send one. Left and Right are the window's."""
        page = max(1, len(self._heights.between(self._offset, self.viewport().height())) - 1)
        moves = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -page, Qt.Key.Key_PageDown: page}
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: len(self._rows) - 1}
        key = Qt.Key(event.key())
        if self._sends(event):
            self._send(key)
        elif self._rows and key in moves:
            self._press(min(max(0, self._cursor + moves[key]), len(self._rows) - 1))
        elif self._rows and key in ends:
            self._press(ends[key])
        elif self._cursor >= 0 and event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self._rows[self._cursor].text)
        elif self._cursor >= 0 and key == Qt.Key.Key_Delete and self._rows[self._cursor].heading is not None:
            self.remove_requested.emit(self._cursor)
        elif self._cursor >= 0 and 0 <= key - Qt.Key.Key_1 < self._width:
            self.cell_chosen.emit(self._cursor, key - Qt.Key.Key_1)
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The button of a heading removes its row; a click elsewhere makes the row the current one."""
        row = self._row_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or row < 0:
            return
        if self._button_at(event.position()) == row:
            self.remove_requested.emit(row)
            self._point_at(event.position())
        else:
            self._grabbed = event.position()
            self._press(row)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what is under the pointer, or carry what was under it when it was pressed."""
        if self._grabbed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            self._point_at(event.position())
        elif is_drag(self._grabbed, event.position()):
            at, self._grabbed = self._grabbed, None
            picks = self.picks(self._row_at(at), self._columns().at(at.x()))
            if picks:
                drag(self, carried(self, picks, event.modifiers()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """It was a click, unless something was carried away."""
        at, self._grabbed = self._grabbed, None
        super().mouseReleaseEvent(event)
        column = self._columns().at(at.x()) if at is not None else -1
        if at is not None and column >= 0 and self._row_at(at) >= 0:
            self.cell_chosen.emit(self._row_at(at), column)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tooltips, and the pointer that leaves."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text, rect = self._tooltip(QPointF(event.pos()))
            if text:
                QToolTip.showText(event.globalPos(), text, self.viewport(), rect)
            else:
                QToolTip.hideText()
            return True
        if event.type() == QEvent.Type.Leave:
            self._point_at(QPointF(-1, -1))
        return super().viewportEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with a row."""
        at = QPointF(event.pos())
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        row = self._row_at(at) if by_mouse else self._cursor
        if row >= 0:
            place = event.globalPos() if by_mouse else self.viewport().mapToGlobal(self.row_rect(row).topLeft())
            self.row_menu(row, self._columns().at(at.x()) if by_mouse else -1).popup(place)
        else:
            event.ignore()

    def row_menu(self, row: int, column: int) -> QMenu:
        """The menu of a row, and of its sentence in `column` (-1: of none). It deletes itself when closed."""
        menu, said = QMenu(self), self._rows[row]
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        clipboard = QGuiApplication.clipboard()
        if column >= 0 and said.cells[column].text:
            menu.addAction("Copy this sentence").triggered.connect(lambda: clipboard.setText(said.cells[column].said))
        menu.addAction("Copy the row").triggered.connect(lambda: clipboard.setText(said.text))
        add_sending(menu, self, self.picks(row, column))
        if said.heading is not None:
            menu.addAction("Remove this row").triggered.connect(lambda: self.remove_requested.emit(row))
        add_saving(menu, self, column)
        return menu

    def picks(self, row: int, column: int = -1) -> list[Pick]:
        """What can be sent of a row: its sentence in `column`, or in every column (-1), and what the row itself is."""
        if not 0 <= row < len(self._rows):
            return []
        said = self._rows[row]
        cells = said.cells if column < 0 else said.cells[column : column + 1]
        found = [*(cell.pick for cell in cells), said.pick]
        return [pick for i, pick in enumerate(found) if pick is not None and pick not in found[:i]]

    # the pointer and the keyboard

    def _sends(self, event: QKeyEvent) -> bool:
        """Whether a key sends something from the keyboard's row."""
        keys = {Qt.Key.Key_S, *_SENDING}
        return (
            event.key() in keys
            and not event.modifiers()
            and bool(self.picks(self._cursor))
            and area_of(self) is not None
        )

    def _send(self, key: Qt.Key) -> None:
        row = self._cursor
        if key == Qt.Key.Key_S:
            place = self.viewport().mapToGlobal(self.row_rect(row).topLeft())
            send_menu(self, self.picks(row)).popup(place)
        else:
            send(self, self._rows[row].pick or self.picks(row)[0], _SENDING[key])

    def _row_at(self, at: QPointF) -> int:
        return self._heights.row_at(round(at.y()) + self._offset) if at.y() >= 0 else -1

    def _button_at(self, at: QPointF) -> int:
        row = self._row_at(at)
        return row if row >= 0 and self.button_rect(row).contains(at) else -1

    def _point_at(self, at: QPointF) -> None:
        hot = self._button_at(at)
        if hot != self._hot:
            self._hot = hot
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if hot >= 0 else Qt.CursorShape.ArrowCursor)
            self.viewport().update()

    def _tooltip(self, at: QPointF) -> tuple[str, QRect]:
        row = self._row_at(at)
        if row < 0:
            return "", QRect()
        said, rect = self._rows[row], self.row_rect(row)
        if said.heading is not None and at.y() < rect.top() + self._row(row).heading_height:
            if self._button_at(at) == row:
                return "Remove this row (Delete)", self.button_rect(row).toRect()
            return said.heading.tooltip, QRect(rect.topLeft(), QSize(rect.width(), BUTTON))
        column = self._columns().at(at.x())
        return (said.cells[column].tooltip, self.cell_rect(row, column).toRect()) if column >= 0 else ("", QRect())

    def _press(self, row: int) -> None:
        self._move_to(row)
        self.row_pressed.emit(row)

    def _move_to(self, row: int) -> None:
        """The keyboard's row is another; say what it says."""
        self._cursor = row
        self._reveal(row)
        text = self._rows[row].text.replace("\t", ". ")
        self.setAccessibleDescription(text)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))
        self.viewport().update()
