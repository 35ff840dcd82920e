"""The tab with the sentences gathered so far, side by side, ready to be copied or exported."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.bench.rows import GatheredRow
from app.bench.table.columns import sentence_in, variant_in
from app.bench.table.words import count_words, inputs, note, numbers_in_words, origins
from app.core import theme
from app.core.picks import Pick
from app.core.values import Column
from app.widgets.pages import Pages
from app.widgets.parts import EDGE, button, columns_layout, label
from app.widgets.pictures.columns import Sentences, columns_figure
from app.widgets.pictures.figure import Figure
from app.widgets.sentences.rich_text import Span
from app.widgets.sentences.sentence_grid import SentenceGrid
from app.widgets.sentences.sentence_row import Cell, Heading, LazyRows, Row

FORMATS = (
    ("csv", "CSV", "CSV, for programs"),
    ("tsv", "TSV", "TSV, with tabs"),
    ("xlsx", "Excel", "Excel, for spreadsheets"),
    ("md", "Markdown", "Markdown, for notes and issues"),
    ("tex", "LaTeX", "LaTeX, for papers"),
    ("html", "HTML", "HTML, for browsers"),
    ("json", "JSON", "JSON, with captions and notes"),
    ("parquet", "Parquet", "Parquet, for data frames"),
)
"""Every format, by the ending of its files, with its name and what it is for."""


class GatheredRows(LazyRows):
    """The gathered rows as they are shown, each made when it is asked for."""

    def __init__(self, columns: tuple[Column, ...], gathered: tuple[GatheredRow, ...], numbered: bool = False) -> None:
        """Args: numbered: whether the numbers of each sentence stand beneath it, as in a picture."""
        self._columns, self._gathered, self._numbered = columns, gathered, numbered
        self._inputs = inputs(gathered)

    def __len__(self) -> int:
        return len(self._gathered)

    def row(self, index: int) -> Row:
        row, text = self._gathered[index], self._inputs[index]
        made = note(row)
        repeated = index > 0 and made == note(self._gathered[index - 1])  # the row above says it already
        between = row.path is not None and row.step % row.steps != 0
        heading = Heading(text, "" if repeated else made, f"{text}\n{made}", quiet=between)
        return Row(tuple(_cell(column, row, self._numbered) for column in self._columns), heading, row.pick)


class TableView(QWidget):
    """Each row: the input across, beneath it the sentence of each variant in its own column.

    Signals:
        remove_requested: the place of a row.
        clear_requested, copy_requested: of all of it.
        undo_requested: the last step is to be taken back.
        export_requested: in the format of this name.
        text_only_chosen: whether exports have the sentences alone.
    """

    remove_requested = Signal(int)
    clear_requested = Signal()
    undo_requested = Signal()
    copy_requested = Signal()
    export_requested = Signal(str)
    text_only_chosen = Signal(bool)
    figure_name = "the table"

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[Column, ...] = ()
        self._gathered: tuple[GatheredRow, ...] = ()
        self._count = label(role="muted")
        self._copy = button("Copy", "Copy the table as text with tabs, for a spreadsheet", "copy")
        self._copy.clicked.connect(self.copy_requested)
        self._clear = button("Clear", "Remove all rows")
        self._clear.clicked.connect(self.clear_requested)
        self._undo = button("Undo", "", "undo")
        self._undo.clicked.connect(self.undo_requested)
        self.export = QToolButton()
        self.export.setText("Export")
        self.export.setIcon(theme.icon("export"))
        self.export.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.export.setToolTip("Write the table to a file (Ctrl+S)")
        menu = QMenu(self)
        for name, _, words in FORMATS:
            menu.addAction(words).triggered.connect(partial(self._export, name))
        menu.addSeparator()
        self.text_only = menu.addAction("Sentences only")
        self.text_only.setCheckable(True)
        self.text_only.setToolTip("Leave out log p, KL, how each was made, test sentence, run and step")
        self.text_only.triggered.connect(self.text_only_chosen)
        menu.setToolTipsVisible(True)
        self.export.setMenu(menu)
        self._grid = SentenceGrid("Gathered sentences")
        self._grid.remove_requested.connect(self.remove_requested)
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
        for widget in (self._undo, self._clear, self._copy, self.export):
            top.addWidget(widget)
        self._header = QWidget()
        self._header_row = columns_layout(self._header)
        self._stack = Pages()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._grid)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self._header)
        column.addWidget(self._stack, 1)

    def show_rows(self, columns: tuple[Column, ...], rows: tuple[GatheredRow, ...]) -> None:
        """Show the gathered rows under these columns."""
        self._set_columns(columns)
        self._columns, self._gathered = columns, rows
        self._stack.turn_to(self._grid if rows else self._empty)
        self._header.setVisible(bool(rows))
        self._count.setText(count_words(rows))
        for widget in (self._clear, self._copy, self.export):
            widget.setEnabled(bool(rows))
        self._grid.show_rows(GatheredRows(columns, rows))

    def show_undo(self, words: str) -> None:
        """What the last step was, in words; "" where there is nothing to undo."""
        self._undo.setEnabled(bool(words))
        keys = "Ctrl+Z; Ctrl+Shift+Z does it again"
        self._undo.setToolTip(f"Undo: {words} ({keys})" if words else f"Take back what was done last ({keys})")

    def show_choice(self, text_only: bool) -> None:
        """What exports hold."""
        self.text_only.setChecked(text_only)

    def figure(self) -> Figure | None:
        """The table with its numbers as a figure; None while it is empty."""
        if not self._gathered:
            return None
        rows = GatheredRows(self._columns, self._gathered, numbered=True)
        facts = (
            self._count.text(),
            "Under each sentence: log p(x̂|z), log p(x|z), log p(x) and KL in nats, as far as known.",
        )
        title, parts = "Gathered sentences", (Sentences(rows),)
        made = columns_figure("table", title, self._columns, parts, facts, self.width())
        whose = "; ".join(label for origin in origins(self._gathered) if (label := origin.label))
        return replace(made, subject=f"Run {whose}" if whose else "")

    def figure_columns(self) -> tuple[str, ...]:
        """Its columns."""
        return tuple(column.label for column in self._columns)

    @property
    def rows(self) -> list[str]:
        """What the rows say, with tabs between input and sentences."""
        return [row.text for row in self._grid.rows]

    def _set_columns(self, columns: tuple[Column, ...]) -> None:
        while (item := self._header_row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for column in columns:
            name = label(f'<span style="color:{theme.current().readable(column.colour)}">{escape(column.label)}</span>')
            name.setContentsMargins(10, 0, 0, 0)
            name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            self._header_row.addWidget(name, 1)

    def _export(self, name: str, _checked: bool = False) -> None:
        self.export_requested.emit(name)


def _cell(column: Column, row: GatheredRow, numbered: bool) -> Cell:
    text = sentence_in(row, column)
    if not text:
        return Cell((Span("—", "muted"),))
    numbers = numbers_in_words(row, column) if numbered else ""
    more = (Span(f"\N{LINE SEPARATOR}{numbers}", "muted"),) if numbers else ()
    return Cell(
        (Span(text), *more), column.label, column.colour, pick=Pick(text) if _is_sentence(row, column) else None
    )


def _is_sentence(row: GatheredRow, column: Column) -> bool:
    """Words with their credits are none, and are sent on as the sentence that they are of."""
    numbers = row.numbers.get(variant_in(row, column))
    return numbers is None or numbers.credit is None
