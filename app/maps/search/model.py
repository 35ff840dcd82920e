"""The hits of a search as Qt's lists take them: as many rows as there are, of which those looked at are read."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

_KEPT = 2000  # texts
_AROUND = 20  # rows before and after those in sight that are read with them
_MOST = 200  # rows that are asked for at once, whoever wants them

Index = QModelIndex | QPersistentModelIndex


class HitModel(QAbstractListModel):
    """Knows how many hits there are, and the texts of those that were asked for.

    Signals:
        wanted: the first row and the row after the last whose texts are looked at and not known.
    """

    wanted = Signal(int, int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._count = 0
        self._texts: dict[int, str] = {}
        self._missing: list[int] = []
        self._asking = QTimer(self)
        self._asking.setSingleShot(True)
        self._asking.setInterval(0)
        self._asking.timeout.connect(self._ask)

    def set_count(self, count: int) -> None:
        """There are so many hits, other ones than before."""
        self.beginResetModel()
        self._count = count
        self._texts.clear()
        self._missing.clear()
        self.endResetModel()

    def set_texts(self, first: int, texts: Sequence[str]) -> None:
        """What the rows from `first` on say."""
        if len(self._texts) > _KEPT:
            self._texts.clear()
        self._texts.update((first + i, text) for i, text in enumerate(texts) if first + i < self._count)
        if texts:
            self.dataChanged.emit(self.index(first), self.index(min(first + len(texts), self._count) - 1))

    def text(self, row: int) -> str:
        """What a row says, "" while it is not known."""
        return self._texts.get(row, "")

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """As many as there are hits."""
        return 0 if parent.isValid() else self._count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """The text, also for the tooltip and for screen readers."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        row = index.row()
        if row not in self._texts:
            self._missing.append(row)
            self._asking.start()
            return ""
        return self._texts[row]

    def _ask(self) -> None:
        """Those that were looked at last, as those before may be out of sight again."""
        missing, self._missing = self._missing[-_MOST:], []
        if not missing:
            return
        last = max(missing)
        first = max(min(missing), last - _MOST)
        self.wanted.emit(max(0, first - _AROUND), min(self._count, last + 1 + _AROUND))
