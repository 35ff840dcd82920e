"""The list of the hits, at the left of the maps or over them where they would become too narrow. It can be put away."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPoint,
    QPointF,
    QSignalBlocker,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QHeaderView, QMenu, QTableView, QVBoxLayout

from app.core.picks import Pick, Place
from app.maps.row import MapRow
from app.maps.search import words
from app.maps.search.model import HitModel, Index
from app.widgets.parts import EDGE, SPACING, label, tool_button
from app.widgets.pick_drag import drag, is_drag
from app.widgets.reading.direction import ReadingDelegate
from app.widgets.send_menu import add_sending, area_of, carried, send, send_menu

_ROW = 26  # logical pixels
_WIDEST, _SHARE, _NARROWEST = 340, 0.22, 264  # of the room of the maps
_LEAST_MAP = 170  # logical pixels that every map keeps beside it
_ABOVE = 36  # over the maps, it leaves the names of the variants in view
_MARGIN = 6
_SENDING = {
    Qt.Key.Key_A: Place("Interpolate", "A"),
    Qt.Key.Key_B: Place("Interpolate", "B"),
    Qt.Key.Key_T: Place("Table"),
}


class HitList(QTableView):
    """Sentences one below the other; the arrow keys choose, S, A, B and T send.

    Signals:
        chosen: a row was clicked, or reached or chosen with the keys.
        escaped: Escape was pressed.
    """

    chosen = Signal(int)
    escaped = Signal()

    def __init__(self, pick: Callable[[int], Pick | None], name: str = words.SEARCH.name) -> None:
        """Args: pick: a row as it can be sent on; name: for screen readers."""
        super().__init__()
        self._pick = pick
        self._pressed: QPointF | None = None
        self._entering = False
        self.setAccessibleName(name)
        self.setAccessibleDescription(
            "Up and Down choose a sentence, S sends it on, A and B make it an end of an interpolation, T keeps it."
        )
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setItemDelegate(ReadingDelegate(self))
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(_ROW)

    def show_row(self, row: int) -> None:
        """Make a row the current one and bring it into sight, or none (-1); tells nobody."""
        index = self.model().index(row, 0) if row >= 0 else QModelIndex()
        with QSignalBlocker(self.selectionModel()):
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if row >= 0:
            self.executeDelayedItemsLayout()  # or there is nowhere to scroll to where the rows are new
            self.scrollTo(index)
        self.viewport().update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard begins at the first row, which is not chosen by that."""
        self._entering = True
        super().focusInEvent(event)
        self._entering = False

    def currentChanged(self, current: Index, previous: Index) -> None:
        """The keys have reached another row."""
        super().currentChanged(current, previous)
        if current.isValid() and not self._entering:
            self.chosen.emit(current.row())

    def event(self, event: QEvent) -> bool:
        """The keys that send a row are the list's while it has the keyboard, although the window has some of them."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._sends(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose, send, copy or leave."""
        row = self.currentIndex().row()
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if row >= 0:
                self.chosen.emit(row)
        elif self._sends(event):
            self._send(Qt.Key(event.key()), row)
        elif event.matches(QKeySequence.StandardKey.Copy):
            if (pick := self._pick(row)) is not None:
                QGuiApplication.clipboard().setText(pick.text)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            event.ignore()  # they belong to the open tab
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are the window's keys here."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """It may become a drag; a click on the current row chooses it again."""
        self._pressed = event.position() if event.button() == Qt.MouseButton.LeftButton else None
        before = self.currentIndex()
        super().mousePressEvent(event)
        if self._pressed is not None and before.isValid() and self.indexAt(event.position().toPoint()) == before:
            self.chosen.emit(before.row())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Carry the sentence that was pressed."""
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        if is_drag(self._pressed, event.position()):
            at, self._pressed = self._pressed, None
            if (pick := self._pick(self.indexAt(at.toPoint()).row())) is not None:
                drag(self, carried(self, [pick], event.modifiers()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with a sentence."""
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        row = self.indexAt(event.pos()).row() if by_mouse else self.currentIndex().row()
        if (pick := self._pick(row)) is not None:
            self.menu(pick).popup(event.globalPos() if by_mouse else self._beneath(row))

    def menu(self, pick: Pick) -> QMenu:
        """The menu of a sentence. It deletes itself when closed."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy this sentence").triggered.connect(lambda: QGuiApplication.clipboard().setText(pick.text))
        add_sending(menu, self, [pick])
        return menu

    def _sends(self, event: QKeyEvent) -> bool:
        keys = {Qt.Key.Key_S, *_SENDING}
        return event.key() in keys and not event.modifiers() and self.currentIndex().isValid() and bool(area_of(self))

    def _send(self, key: Qt.Key, row: int) -> None:
        pick = self._pick(row)
        if pick is not None and key == Qt.Key.Key_S:
            send_menu(self, [pick]).popup(self._beneath(row))
        elif pick is not None:
            send(self, pick, _SENDING[key])

    def _beneath(self, row: int) -> QPoint:
        return self.viewport().mapToGlobal(self.visualRect(self.model().index(row, 0)).bottomLeft())


class HitDrawer(QFrame):
    """The list with a line above it: how many, to the next, keep them, put the list away.

    Signals:
        stepped: to the next hit (1) or the one before (-1).
        keep_wanted: all of them are to be kept.
        select_wanted: all of them are to be selected.
        put_away: the list is to go; the search stays.
    """

    stepped = Signal(int)
    keep_wanted = Signal()
    select_wanted = Signal()
    put_away = Signal()

    def __init__(self, over: MapRow, pick: Callable[[int], Pick | None], said: words.ListWords = words.SEARCH) -> None:
        """Args: over: what it lies on; pick: a row as it can be sent on; said: how it speaks of its sentences."""
        super().__init__(over)
        self._over, self._said = over, said
        self._hit = -1
        self.setProperty("role", "popup")
        self.model = HitModel(self)
        self.list = HitList(pick, said.name)
        self.list.setModel(self.model)
        self._heading = label(role="title")
        self._nothing = label(wrap=True)
        self._hint = label(words.NOTHING, role="muted", wrap=True)
        self.before = tool_button("chevron-left", said.before)
        self.next = tool_button("chevron-right", said.next)
        self.select = tool_button("box", said.select)
        self.keep = tool_button("plus", said.keep)
        self.close_button = tool_button("close", said.close)
        self._parts = [self.list, self.before, self.next, *([self.select] * bool(said.select)), self.keep]
        if not said.select:
            self.select.hide()
        self.before.clicked.connect(lambda: self.stepped.emit(-1))
        self.next.clicked.connect(lambda: self.stepped.emit(1))
        self.select.clicked.connect(self.select_wanted)
        self.keep.clicked.connect(self.keep_wanted)
        self.close_button.clicked.connect(self.put_away)
        top = QHBoxLayout()
        top.setSpacing(2)
        top.addWidget(self._heading, 1)
        for one in (self.before, self.next, self.select, self.keep, self.close_button):
            top.addWidget(one)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 4, 4)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        column.addWidget(self._nothing)
        column.addWidget(self._hint)
        column.addStretch()
        over.installEventFilter(self)

    def show_hits(self, text: str, count: int, hit: int) -> None:
        """Say what a search has found; `hit` is the row that is clicked, -1 for none."""
        self._heading.setText(words.heading(count, hit, self._said) if count else "Nothing found")
        self._nothing.setText(words.nothing(text))
        for one in (self._nothing, self._hint):
            one.setVisible(not count)
        for part in self._parts:
            part.setVisible(bool(count))
        if 0 <= hit != self.list.currentIndex().row() or hit < 0 <= self._hit:  # where none was, the keys may be at one
            self.list.show_row(hit)
        self._hit = hit
        self.place()

    def place(self) -> None:
        """Lie beside the maps where they keep enough room, else over the left edge, no larger than is needed."""
        room = self._over.rect().adjusted(EDGE, 0, -EDGE, 0)
        width = max(_NARROWEST, min(_WIDEST, round(_SHARE * room.width())))
        maps = sum(panel.isVisibleTo(self._over) for panel in self._over.panels.values())
        beside = room.width() - width >= maps * (_LEAST_MAP + SPACING)
        self._over.make_room(width + SPACING if beside and not self.isHidden() else 0)
        if beside:
            self.setGeometry(room.x(), room.y(), width, room.height())
            return
        room.adjust(_MARGIN, _ABOVE, 0, -_MARGIN)
        count, frame = self.model.rowCount(), 2 * self.list.frameWidth() + 2
        needed = (
            self.before.sizeHint().height() + 12 + min(count, 1000) * _ROW + frame
            if count
            else self.sizeHint().height()
        )
        self.setGeometry(room.x(), room.y(), min(width, room.width()), max(60, min(needed, room.height())))

    def showEvent(self, event: QShowEvent) -> None:
        """The maps make room."""
        super().showEvent(event)
        self.place()

    def hideEvent(self, event: QHideEvent) -> None:
        """The maps have their room again."""
        super().hideEvent(event)
        if self.isHidden():
            self._over.make_room(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep to the edge of what it lies on."""
        if watched is self._over and event.type() == QEvent.Type.Resize:
            self.place()
        return False
