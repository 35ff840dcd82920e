"""How the table of numbers is painted: its model, its cells, the names of the variants and of the numbers."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from app.core import theme
from app.evaluate.words import SIGNS, Mark, NumberCell, NumberTable
from app.widgets.pictures.text import dot

ROW, GROUP, HEAD = 40, 28, 40
"""Heights in logical pixels."""
LEAST = 112
"""Width of a column, at least."""
_PAD = 8
_BADGE = 14
Index = QModelIndex | QPersistentModelIndex
_NONE = QModelIndex()


class NumbersModel(QAbstractTableModel):
    """The cells of a `NumberTable`; rows without a key are headings of groups."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = NumberTable()

    def show_table(self, table: NumberTable) -> bool:
        """Have other cells; whether rows or columns are others than before."""
        before, names = self.shown, [row.title for row in self.shown.rows]
        if before.columns == table.columns and names == [row.title for row in table.rows] and before.keys == table.keys:
            self.shown = table
            if table.rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(table.rows) - 1, len(table.columns) - 1))
                self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(table.columns) - 1)
            return False
        self.beginResetModel()
        self.shown = table
        self.endResetModel()
        return True

    def rowCount(self, parent: Index = _NONE) -> int:
        """Numbers and headings."""
        return 0 if parent.isValid() else len(self.shown.rows)

    def columnCount(self, parent: Index = _NONE) -> int:
        """Variants."""
        return 0 if parent.isValid() else len(self.shown.columns)

    def cell(self, index: Index) -> NumberCell | None:
        """The cell at a place; None in a heading."""
        row = self.shown.rows[index.row()]
        return row.cells[index.column()] if row.cells else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell says; it is painted by the delegate."""
        cell = self.cell(index) if index.isValid() else None
        if cell is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{SIGNS[cell.mark]} {cell.value}".strip()
        if role == Qt.ItemDataRole.ToolTipRole:
            return cell.tooltip
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return cell.spoken
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return self.shown.rows[index.row()].tooltip
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a head says; it is painted by the heads.

        While other cells come, Qt asks of sections that are no more: the heads across and those down follow in turn.
        """
        if section >= (self.rowCount() if orientation == Qt.Orientation.Vertical else self.columnCount()):
            return None
        spoken = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
        if orientation == Qt.Orientation.Vertical:
            row = self.shown.rows[section]
            if role in spoken:
                return " ".join(part for part in (row.title, row.arrow, row.unit) if part)
            wanted = (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole)
            return row.tooltip if role in wanted else None
        column = self.shown.columns[section]
        told = f"{column.label}, baseline" if column.name == self.shown.baseline else column.label
        return told if role in (*spoken, Qt.ItemDataRole.ToolTipRole) else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings cannot be chosen."""
        if not index.isValid() or self.cell(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class Cells(QStyledItemDelegate):
    """Paints a number with what stands beneath it, and the mark of a significant difference before it."""

    def __init__(self, view: QTableView, numbers: NumbersModel) -> None:
        super().__init__(view)
        self._view, self._numbers = view, numbers

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell."""
        place, now = QRectF(option.rect), theme.current()
        shown = self._numbers.shown
        cell = self._numbers.cell(index)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if cell is None:
            painter.fillRect(place, QColor(now.panel))
            painter.fillRect(QRectF(place.left(), place.bottom() - 1, place.width(), 1), QColor(now.border))
            painter.restore()
            return
        current = index == self._view.currentIndex()
        if shown.columns[index.column()].name == shown.baseline and len(shown.columns) > 1:
            painter.fillRect(place, QColor(now.raised))
        if current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(now.selected))
            painter.drawRoundedRect(place.adjusted(2, 2, -2, -2), 4, 4)
            if self._view.hasFocus():
                painter.setPen(QPen(QColor(now.accent), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(place.adjusted(3, 3, -3, -3), 4, 4)
        paint_cell(painter, place, cell)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As the columns have it."""
        return QSize(LEAST, ROW)


def paint_cell(painter: QPainter, place: QRectF, cell: NumberCell) -> None:
    """A number and its interval at the right, and its mark."""
    now, right = theme.current(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    inner = place.adjusted(_PAD, 4, -_PAD, -4)
    upper = QRectF(inner.left(), inner.top(), inner.width(), inner.height() * 0.55)
    lower = QRectF(inner.left(), upper.bottom(), inner.width(), inner.height() - upper.height())
    font = theme.font(strong=not cell.missing)
    painter.setFont(font)
    painter.setPen(QColor(now.muted if cell.missing or cell.grey else now.text))
    painter.drawText(upper, right, cell.value)
    small = theme.font(theme.SMALL_SIZE)
    painter.setFont(small)
    painter.setPen(QColor(now.muted))
    beneath = QFontMetricsF(small).elidedText(cell.beneath, Qt.TextElideMode.ElideRight, lower.width())
    painter.drawText(lower, right, beneath)
    if cell.mark:
        x = upper.right() - QFontMetricsF(font).horizontalAdvance(cell.value) - _BADGE - 6
        paint_mark(painter, QRectF(x, upper.center().y() - _BADGE / 2, _BADGE, _BADGE), cell.mark)


def paint_mark(painter: QPainter, place: QRectF, mark: Mark) -> None:
    """A plus in a filled round for better, a minus in a ring for worse: told apart without their colours."""
    now = theme.current()
    colour = QColor(now.good if mark > 0 else now.danger)
    middle, arm = place.center(), place.width() * 0.26
    painter.setPen(QPen(colour, 1.4))
    painter.setBrush(colour if mark > 0 else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(place.adjusted(1, 1, -1, -1))
    painter.setPen(QPen(QColor(now.panel) if mark > 0 else colour, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(int(middle.x() - arm), int(middle.y()), int(middle.x() + arm), int(middle.y()))
    if mark > 0:
        painter.drawLine(int(middle.x()), int(middle.y() - arm), int(middle.x()), int(middle.y() + arm))


class Variants(QHeaderView):
    """The names of the variants with their dots of colour, and which of them is the baseline."""

    def __init__(self, view: QTableView, numbers: NumbersModel) -> None:
        super().__init__(Qt.Orientation.Horizontal, view)
        self._view, self._numbers = view, numbers
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setFixedHeight(HEAD)
        self.setMinimumSectionSize(LEAST)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """One name."""
        shown, now = self._numbers.shown, theme.current()
        if section >= len(shown.columns):
            return
        column, place = shown.columns[section], QRectF(rect)
        base = column.name == shown.baseline and len(shown.columns) > 1
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(place, QColor(now.raised if base else now.panel))
        painter.fillRect(QRectF(place.left(), place.bottom() - 1, place.width(), 1), QColor(now.border))
        inner = place.adjusted(_PAD, 4, -_PAD, -5)
        font = theme.font(strong=True)
        metrics, room = QFontMetricsF(font), inner.width() - 16
        upper = QRectF(inner.left(), inner.top(), inner.width(), inner.height() * (0.55 if base else 1.0))
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        name = column.label
        if base or metrics.horizontalAdvance(name) > 2 * room:
            name = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room)
        else:
            right |= int(Qt.TextFlag.TextWordWrap)
        text = metrics.boundingRect(upper.adjusted(16, 0, 0, 0), right, name)
        dot(painter, text.left() - 16, text.center().y(), column.colour or now.muted)
        painter.setFont(font)
        painter.setPen(QColor(now.text))
        painter.drawText(upper.adjusted(16, 0, 0, 0), right, name)
        if base:
            painter.setFont(theme.font(theme.SMALL_SIZE))
            painter.setPen(QColor(now.muted))
            lower = QRectF(inner.left(), upper.bottom(), inner.width(), inner.height() - upper.height())
            painter.drawText(lower, int(right), "baseline")
        painter.restore()


class Names(QHeaderView):
    """The names of the numbers, with the arrow to where they are better, and their units."""

    def __init__(self, view: QTableView, numbers: NumbersModel) -> None:
        super().__init__(Qt.Orientation.Vertical, view)
        self._view, self._numbers = view, numbers
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(GROUP)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """One name."""
        shown, now = self._numbers.shown, theme.current()
        if section >= len(shown.rows):
            return
        row, place = shown.rows[section], QRectF(rect)
        painter.save()
        painter.fillRect(place, QColor(now.panel))
        middle = Qt.AlignmentFlag.AlignVCenter
        if not row.key:
            painter.fillRect(QRectF(place.left(), place.bottom() - 1, place.width(), 1), QColor(now.border))
            painter.setFont(theme.font(theme.SMALL_SIZE, strong=True, label=True))
            painter.setPen(QColor(now.muted))
            painter.drawText(place.adjusted(_PAD, 6, 0, 0), middle, row.title)
        else:
            inner = place.adjusted(_PAD, 4, -4, -4)
            tall = inner.height() * (0.55 if row.unit else 1.0)
            upper = QRectF(inner.left(), inner.top(), inner.width(), tall)
            font = theme.font(strong=section == self._view.currentIndex().row())
            painter.setFont(font)
            painter.setPen(QColor(now.text))
            metrics = QFontMetricsF(font)
            title = metrics.elidedText(row.title, Qt.TextElideMode.ElideRight, upper.width() - 18)
            painter.drawText(upper, middle, title)
            painter.setPen(QColor(now.muted))
            painter.drawText(upper.adjusted(metrics.horizontalAdvance(title) + 6, 0, 0, 0), middle, row.arrow)
            small = theme.font(theme.SMALL_SIZE)
            painter.setFont(small)
            lower = QRectF(inner.left(), upper.bottom(), inner.width(), inner.height() - tall)
            unit = QFontMetricsF(small).elidedText(row.unit, Qt.TextElideMode.ElideRight, lower.width())
            painter.drawText(lower, middle, unit)
        painter.restore()
