"""The tab with the sentences gathered so far, side by side, ready to be copied or exported."""

from __future__ import annotations

from functools import partial
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from app import resolve, theme
from app.state import STEPS, Column, GatheredRow
from app.views.parts import EDGE, button, columns_layout, label, tool_button
from app.views.sentence_grid import Cell, SentenceGrid

FORMATS = (("csv", "CSV, for spreadsheets"), ("md", "Markdown, for notes and issues"), ("tex", "LaTeX, for papers"))


class RowHeading(QWidget):
    """What a row was made from and how, and the button that removes it."""

    def __init__(self) -> None:
        super().__init__()
        self._source = label(role="title")
        self._source.setTextFormat(Qt.TextFormat.PlainText)
        self._source.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._how = label(role="label")
        self.remove = tool_button("close", "Remove this row")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 4, 0, 0)
        layout.addWidget(self._source, 1)
        layout.addWidget(self._how)
        layout.addWidget(self.remove)

    def show_row(self, text: str, how: str, role: str, repeated: bool) -> None:
        """Show a row's input in a role of the theme; how it was made only if the row above does not say so already."""
        self._source.setText(text)
        self._source.setToolTip(f"{text}\n{how}")
        self._how.setText("" if repeated else how)
        if self._source.property("role") != role:
            self._source.setProperty("role", role)
            self._source.style().unpolish(self._source)
            self._source.style().polish(self._source)


class TableTab(QWidget):
    """Each row: the input across, beneath it the sentence of each variant in its own column."""

    remove_requested = Signal(int)
    clear_requested = Signal()
    copy_requested = Signal()
    export_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[Column, ...] = ()
        self._count = label(role="muted")
        self._copy = button("Copy", "Copy the table as text with tabs, for a spreadsheet", "copy")
        self._copy.clicked.connect(self.copy_requested)
        self._clear = button("Clear", "Remove all rows")
        self._clear.clicked.connect(self.clear_requested)
        self.export = QToolButton()
        self.export.setText("Export")
        self.export.setIcon(theme.icon("export"))
        self.export.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.export.setToolTip("Write the table to a file (Ctrl+S)")
        menu = QMenu(self)
        for name, words in FORMATS:
            menu.addAction(words).triggered.connect(partial(self._export, name))
        self.export.setMenu(menu)
        self._grid = SentenceGrid()
        self._headings: list[RowHeading] = []
        self._empty = label(
            "Nothing gathered yet. Click a point, type a sentence, interpolate, draw samples: then press Add to table.",
            role="muted",
            wrap=True,
        )
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        top = QHBoxLayout()
        top.setContentsMargins(EDGE, 0, EDGE, 0)
        top.setSpacing(8)
        top.addWidget(self._count, 1)
        for widget in (self._clear, self._copy, self.export):
            top.addWidget(widget)
        self._header = QWidget()
        self._header_row = columns_layout(self._header)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._grid)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 0)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self._header)
        column.addLayout(self._stack, 1)

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants."""
        self._columns = columns
        while (item := self._header_row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for column in columns:
            name = label(f'<span style="color:{theme.current().readable(column.colour)}">{escape(column.label)}</span>')
            name.setContentsMargins(10, 0, 0, 0)
            name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            self._header_row.addWidget(name, 1)

    def show_rows(self, rows: tuple[GatheredRow, ...]) -> None:
        """Show the gathered rows."""
        self._stack.setCurrentIndex(1 if rows else 0)
        self._header.setVisible(bool(rows))
        self._count.setText(f"{len(rows)} row{'s' * (len(rows) != 1)}" if rows else "")
        for widget in (self._clear, self._copy, self.export):
            widget.setEnabled(bool(rows))
        cells = [[_cell(column, row) for column in self._columns] for row in rows]
        while len(self._headings) > len(rows):
            self._headings.pop().deleteLater()
        while len(self._headings) < len(rows):
            heading = RowHeading()
            heading.remove.clicked.connect(partial(self._remove, len(self._headings)))
            self._headings.append(heading)
        hows = ["", *(row.how for row in rows)]
        for i, (text, row) in enumerate(zip(resolve.inputs(rows), rows, strict=True)):
            between = row.path is not None and 0 < row.step < STEPS
            self._headings[i].show_row(text, row.how, "muted" if between else "title", repeated=row.how == hows[i])
        self._grid.show_rows(cells, self._headings)

    def forget_rows(self) -> None:
        """Show no rows until they are shown anew."""
        self.show_rows(())

    def _remove(self, index: int, _checked: bool = False) -> None:
        self.remove_requested.emit(index)

    def _export(self, name: str, _checked: bool = False) -> None:
        self.export_requested.emit(name)


def _cell(column: Column, row: GatheredRow) -> Cell:
    text = row.sentences.get(column.name, "")
    if not text:
        return Cell(f'<span style="color:{theme.current().muted}">—</span>')
    return Cell(escape(text), column.label, column.colour)
