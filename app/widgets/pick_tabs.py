"""The names of the tabs, onto which sentences and points can be dropped."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QTabBar

from app.widgets.pick_drag import pick_of
from app.widgets.send_menu import dropped

_HOVER_MS = 400


class PickTabs(QTabBar):
    """Opens the tab that a drag rests on, and takes what is dropped there.

    Signals:
        dropped: a `Pick` and the name of the tab that it was dropped on.
    """

    dropped = Signal(object, str)

    def __init__(self) -> None:
        super().__init__()
        self._takers: frozenset[str] = frozenset()
        self._over = -1
        self.setAcceptDrops(True)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_HOVER_MS)
        self._rest.timeout.connect(self._open)

    def set_takers(self, names: Collection[str]) -> None:
        """The tabs that take something."""
        self._takers = frozenset(names)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Which tab it is about is seen when it moves."""
        event.setAccepted(pick_of(event.mimeData()) is not None)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Welcome over the tabs that take something; the one that is rested on opens."""
        over = self._taker_at(event.position().toPoint()) if pick_of(event.mimeData()) is not None else -1
        if over != self._over:
            self._over = over
            self._rest.stop()
            if over >= 0 and over != self.currentIndex():
                self._rest.start()
        if over >= 0:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """No tab is rested on any more."""
        self._over = -1
        self._rest.stop()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped on a tab."""
        self._rest.stop()
        over, self._over = self._taker_at(event.position().toPoint()), -1
        pick = dropped(self, event.mimeData())
        if over >= 0 and pick is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.dropped.emit(pick, self.tabText(over))

    def _taker_at(self, at: QPoint) -> int:
        index = self.tabAt(at)
        return index if self.tabText(index) in self._takers else -1

    def _open(self) -> None:
        if self._over >= 0:
            self.setCurrentIndex(self._over)
