"""The beam search of a sentence: the tree of one variant, or the n best sentences of all."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QSizePolicy, QWidget

from app.bench.reconstruct.inspection.beam_tree_canvas import BeamTreeCanvas
from app.bench.reconstruct.inspection.column_cells import (
    CellAt,
    ColumnRows,
    how_line,
    marked,
    one_cell,
    quiet_cell,
    reason_of,
)
from app.bench.reconstruct.inspection.tree_drawing import KINDS, Tree, paint_mark, pen_of
from app.bench.reconstruct.inspection.values import Answers, Beams
from app.core import theme
from app.core.readings import numbers_line, sentence_pick, signed
from app.core.values import Column
from app.widgets.pages import Pages
from app.widgets.parts import EDGE, Segmented, controls_above, label
from app.widgets.pictures.columns import Sentences, columns_figure
from app.widgets.pictures.figure import MARGIN, Figure, file_name, wide
from app.widgets.sentences.rich_text import Span
from app.widgets.sentences.sentence_grid import SentenceGrid
from app.widgets.sentences.sentence_row import Cell

_SAMPLE = 26  # logical pixels of a line in the legend


class BeamTreeView(QWidget):
    """What to show, and the drawing or the list beneath.

    Signals:
        variant_chosen: the variant whose tree is wanted.
        listed: whether the n best of all variants are wanted in place of a tree.
        pruned_toggled: whether beginnings that were given up are to be drawn.
    """

    variant_chosen = Signal(str)
    listed = Signal(bool)
    pruned_toggled = Signal(bool)
    figure_name = "this search"

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[Column, ...] = ()
        self._drawn: tuple[Column, Beams, bool] | None = None
        self._text = ""
        self.what = Segmented(
            [
                ("tree", "tree of", "The search as a tree, of the variant beside"),
                ("list", "n best of all", "The best sentences that the search found, of every variant"),
            ]
        )
        self.what.chosen.connect(lambda value: self.listed.emit(value == "list"))
        self.variant = QComboBox()
        self.variant.setToolTip("Whose tree is drawn")
        self.variant.setAccessibleName("variant of the tree")
        self.variant.activated.connect(lambda index: self.variant_chosen.emit(self.variant.itemData(index)))
        self.pruned = QCheckBox("given up")
        self.pruned.setToolTip("Draw also the beginnings that the search weighed and gave up")
        self.pruned.toggled.connect(self.pruned_toggled)
        self._legend = _Legend()
        self._note = label(role="muted")
        self._note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.canvas = BeamTreeCanvas()
        self.canvas.pointed.connect(self._tell)
        self._grid = SentenceGrid("The n best sentences")
        self._empty = label(role="muted", wrap=True)
        self._empty.setTextFormat(Qt.TextFormat.PlainText)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._empty.setContentsMargins(EDGE + 10, 4, EDGE, 0)
        self._how = ""
        self._stack = Pages()
        for page in (self.canvas, self._grid, self._empty):
            page.setMinimumHeight(1)
            self._stack.addWidget(page)
        controls_above(self, (self.what, self.variant, self._legend, self.pruned), self._note, self._stack)

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants."""
        if columns == self._columns:
            return
        self._columns = columns
        with QSignalBlocker(self.variant):
            self.variant.clear()
            for column in columns:
                self.variant.addItem(column.label, column.name)

    def show_beams(
        self,
        variant: str,
        as_list: bool,
        pruned: bool,
        answers: Answers[Beams],
        broken: Mapping[str, str],
        note: str,
    ) -> None:
        """Show the tree of a variant or the list; `note` stands where there is nothing."""
        self.what.set_value("list" if as_list else "tree")
        self._text, self._drawn = answers.text, None
        for widget in (self.variant, self.pruned, self._legend):
            widget.setVisible(not as_list)
        names = [column.name for column in self._columns]
        index = names.index(variant) if variant in names else 0
        with QSignalBlocker(self.variant), QSignalBlocker(self.pruned):
            self.variant.setCurrentIndex(index)
            self.pruned.setChecked(pruned)
        if as_list:
            self._show_list(answers, broken, note)
        elif names:
            self._show_tree(self._columns[index], pruned, answers, broken, note)

    def figure(self) -> Figure | None:
        """The tree, all of it, or the list as a figure."""
        if self._stack.currentWidget() is self._grid and self._grid.rows:
            rows, how = Sentences(self._grid.rows), self._how
            title = f"The best sentences of the search for “{self._text}”"
            return columns_figure("n-best", title, self._columns, (rows,), (how,), self.width())
        if self._drawn is None:
            return None
        column, beams, pruned = self._drawn
        tree = Tree(beams.nodes, pruned)
        title, name = f"Beam tree of {column.label} for “{self._text}”", f"beam-tree-{file_name(column.label)}"
        return Figure(name, title, (tree,), (beams.how,), width=max(wide(0), tree.width + 2 * MARGIN))

    def figure_columns(self) -> tuple[str, ...]:
        """The columns of the list; none of a tree."""
        listed = self._stack.currentWidget() is self._grid
        return tuple(column.label for column in self._columns) if listed else ()

    @property
    def texts(self) -> list[list[str]]:
        """The text of every cell of the list, row by row."""
        return self._grid.texts

    @property
    def empty(self) -> str:
        """Why no tree is drawn; "" while one is."""
        return self._empty.text() if self._stack.currentWidget() is self._empty else ""

    @property
    def note(self) -> str:
        """How the sentences were made, or what is known of the node under the keyboard."""
        return self._note.toolTip()

    def _show_tree(
        self, column: Column, pruned: bool, answers: Answers[Beams], broken: Mapping[str, str], note: str
    ) -> None:
        beams = answers.found.get(column.name)
        if beams is None or answers.problem or column.name in broken or column.name in answers.failed:
            self._empty.setText(reason_of(column, answers, broken, note))
            self._stack.turn_to(self._empty)
            self._set_how("")
            return
        self.canvas.show_nodes(beams.nodes, pruned)
        self._drawn = column, beams, pruned
        self._stack.turn_to(self.canvas)
        self._set_how(f"{beams.how}  …" if answers.busy else beams.how)

    def _show_list(self, answers: Answers[Beams], broken: Mapping[str, str], note: str) -> None:
        self._how = ""  # a node that was told of is out of sight
        self._set_how(how_line(answers))
        self._grid.show_rows(ColumnRows([_column(column, answers, broken, note) for column in self._columns]))
        self._stack.turn_to(self._grid)

    def _set_how(self, how: str) -> None:
        if how != self._how or not how:  # else what is told of a node stays
            self._how = how
            self._tell(how)

    def _tell(self, text: str) -> None:
        self._note.setText(text)
        self._note.setToolTip(text)


class _Legend(QWidget):
    """A piece of line for each kind of way."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"Kinds of lines: {', '.join(text for _, _, text in KINDS if text)}")

    def sizeHint(self) -> QSize:
        """Room for all of them."""
        metrics = QFontMetricsF(theme.font(theme.SMALL_SIZE))
        return QSize(round(sum(metrics.horizontalAdvance(text) + _SAMPLE + 18 for _, _, text in KINDS)) - 16, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Line, mark, word."""
        font = theme.font(theme.SMALL_SIZE)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(font)
            x, y = 2.0, self.height() / 2
            for state, end, text in KINDS:
                painter.setPen(pen_of(state))
                painter.drawLine(QPointF(x, y), QPointF(x + _SAMPLE - 6, y))
                paint_mark(painter, QPointF(x + _SAMPLE - 6, y), state, end)
                painter.setPen(QColor(theme.current().muted))
                width = QFontMetricsF(font).horizontalAdvance(text)
                painter.drawText(QPointF(x + _SAMPLE + 4, y + QFontMetricsF(font).ascent() / 2 - 1), text)
                x += _SAMPLE + width + 18


def _column(column: Column, answers: Answers[Beams], broken: Mapping[str, str], note: str) -> tuple[int, CellAt]:
    beams = answers.found.get(column.name)
    if beams is None or column.name in broken or column.name in answers.failed:
        return one_cell(quiet_cell(reason_of(column, answers, broken, note)))
    return len(beams.best), lambda rank: _cell(column, beams, rank)


def _cell(column: Column, beams: Beams, rank: int) -> Cell:
    reading = beams.best[rank]
    spans = marked(beams.words or reading.words, reading.words, reading.text)
    score = Span(f"  {signed(reading.log_probability)}", "muted")
    return Cell((*spans, score), numbers_line(reading), column.colour, str(rank + 1), sentence_pick(reading))
