"""The table of numbers: variants side by side, under hand and keyboard. How it is painted is in `painting`."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTableView

from app.evaluate.painting import GROUP, HEAD, LEAST, ROW, Cells, Index, Names, NumbersModel, Variants
from app.evaluate.picture import table_figure
from app.evaluate.words import NumberTable
from app.widgets.pictures.figure import Figure

_NARROW, _WIDE, _SHARE = 168, 264, 0.24  # width of the names of the rows, and their share of the table
_MOST = 320  # width of a column


class NumbersView(QTableView):
    """Cells that can be walked through with the arrow keys; Enter, Space or a click opens the number of one.

    Signals:
        number_chosen: variant and key of a number that is to be opened.
        walked: variant and key of the number that the keyboard has come to.
        left: Escape was pressed.
    """

    number_chosen = Signal(str, str)
    walked = Signal(str, str)
    left = Signal()
    figure_name = "this table"

    def __init__(self) -> None:
        super().__init__()
        self.numbers = NumbersModel()
        self.setModel(self.numbers)
        self.setItemDelegate(Cells(self, self.numbers))
        self.setHorizontalHeader(Variants(self, self.numbers))
        self.setVerticalHeader(Names(self, self.numbers))
        self.setAccessibleName("Numbers of the variants")
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().setSingleStep(ROW)
        self.setProperty("role", "numbers")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setCornerButtonEnabled(False)
        self.setMouseTracking(True)
        self.clicked.connect(lambda index: self._choose(index))
        self.verticalHeader().setSectionsClickable(True)
        self.verticalHeader().sectionClicked.connect(self._choose_row)

    def show_table(self, table: NumberTable, opened: tuple[str, str]) -> None:
        """Show these numbers, with the open one emphasised; the keyboard's place stays where it was, if it is there."""
        before = self._place(self.currentIndex())
        at = self.verticalScrollBar().value(), self.horizontalScrollBar().value()
        if self.numbers.show_table(table):
            self.clearSpans()
            for row, each in enumerate(table.rows):
                self.setRowHeight(row, ROW if each.key else GROUP)
                if not each.key and len(table.columns) > 1:
                    self.setSpan(row, 0, 1, len(table.columns))
            self._share()
            self.verticalScrollBar().setValue(at[0])
            self.horizontalScrollBar().setValue(at[1])
        self.show_opened(*(before if before != ("", "") and self.hasFocus() else opened))

    def show_opened(self, variant: str, key: str) -> None:
        """Emphasise a number; tells nobody."""
        index = self._index(variant, key)
        if index.isValid() and index != self.currentIndex():
            model = self.selectionModel()
            blocked = model.blockSignals(True)
            super().setCurrentIndex(index)
            model.blockSignals(blocked)
            self.viewport().update()

    def figure(self) -> Figure | None:
        """The table as a figure; None while there is nothing in it."""
        return table_figure(self.numbers.shown, self.width()) if self.numbers.shown.rows else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the number of the cell; Escape closes what is open; the rest moves on."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose(self.currentIndex())
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End) and self.numbers.shown.keys:
            keys = self.numbers.shown.keys
            key = keys[0] if event.key() == Qt.Key.Key_Home else keys[-1]
            self.setCurrentIndex(self._index(self._place(self.currentIndex())[0], key))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard begins at the first number."""
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.numbers.shown.keys:
            self.setCurrentIndex(self._index("", self.numbers.shown.keys[0]))

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell where the keyboard has come to."""
        super().currentChanged(current, previous)
        self.verticalHeader().viewport().update()
        if current.isValid() and self.hasFocus():
            self.walked.emit(*self._place(current))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The columns share the width."""
        super().resizeEvent(event)
        self._share()

    def changeEvent(self, event: QEvent) -> None:
        """Another theme has other colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for part in (self, self.horizontalHeader(), self.verticalHeader()):
                part.viewport().update()

    def minimumSizeHint(self) -> QSize:
        """Names and a column."""
        return QSize(_NARROW + 2 * LEAST, HEAD + 3 * ROW)

    def _share(self) -> None:
        count = self.numbers.columnCount()
        self.verticalHeader().setFixedWidth(max(_NARROW, min(_WIDE, round(_SHARE * self.width()))))
        if count:
            width = min(_MOST, max(LEAST, self.viewport().width() // count))
            self.horizontalHeader().setDefaultSectionSize(width)

    def _choose(self, index: Index) -> None:
        variant, key = self._place(index)
        if key:
            self.number_chosen.emit(variant, key)

    def _choose_row(self, row: int) -> None:
        """A name was clicked: the number of the variant that is open, or of the first."""
        if self.numbers.shown.rows[row].key:
            column = max(0, self.currentIndex().column())
            self.setCurrentIndex(self.numbers.index(row, column))
            self._choose(self.currentIndex())

    def _place(self, index: Index) -> tuple[str, str]:
        shown = self.numbers.shown
        if not index.isValid() or not shown.rows[index.row()].key:
            return "", ""
        return shown.columns[index.column()].name, shown.rows[index.row()].key

    def _index(self, variant: str, key: str) -> QModelIndex:
        shown = self.numbers.shown
        row = next((i for i, each in enumerate(shown.rows) if each.key and each.key == key), -1)
        column = next((i for i, each in enumerate(shown.columns) if each.name == variant), 0)
        return self.numbers.index(row, column) if row >= 0 else QModelIndex()
