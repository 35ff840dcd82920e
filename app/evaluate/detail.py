"""The number that is open beside the table: what it is, how it spreads, and the sentences behind it. Layout only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.core.values import Column
from app.evaluate.behind import ARROW
from app.evaluate.distribution import Distribution, HistogramPart
from app.widgets.labels import ColourChip, ElidedLabel
from app.widgets.parts import EDGE, Segmented, label, tool_button
from app.widgets.pictures.columns import Heads, Sentences
from app.widgets.pictures.figure import MARGIN, Figure, Part, file_name, wide
from app.widgets.pictures.text import Note
from app.widgets.sentences.sentence_grid import SentenceGrid
from app.widgets.sentences.sentence_row import Row
from app.widgets.tab_pane import QWIDGETSIZE_MAX

_LOW, _LOWER = 540, 360  # heights beneath which how it was made has a line, and the difference is in the tooltip
_LEAST = 176  # logical pixels: five sentences of two lines


class Behind(SentenceGrid):
    """The sentences behind a number; Enter, Space or a click chooses one.

    Signals:
        chosen: the row of an item.
        left: Escape was pressed.
    """

    chosen = Signal(int)
    left = Signal()

    def __init__(self) -> None:
        super().__init__("Sentences behind the number")
        self.setMinimumHeight(_LEAST)
        self.cell_chosen.connect(lambda row, _column: self.chosen.emit(row))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses; the rest is the list's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._cursor >= 0:
            self.chosen.emit(self._cursor)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class NumberDetail(QFrame):
    """What stands behind one number.

    Signals:
        closed: it is to be closed.
        row_chosen: the row of a sentence that was clicked.
        worst_chosen: whether the worst items are to be shown, or the best.
    """

    closed = Signal()
    row_chosen = Signal(int)
    worst_chosen = Signal(bool)
    figure_name = "this number"

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self._columns: tuple[Column, ...] = ()
        self._chip = ColourChip()
        self._title = ElidedLabel()
        self._title.setProperty("role", "title")
        self._close = tool_button("close", "Close what stands behind the number (Escape)")
        self._close.setProperty("role", "small")
        self._close.clicked.connect(self.closed)
        self._meaning = label(wrap=True)
        self._compared = label(role="muted", wrap=True)
        self._facts = label(role="label", wrap=True)
        self._brief = ElidedLabel()  # instead of the facts, where there is little height
        self._brief.setProperty("role", "label")
        self.distribution = Distribution()
        self.order = Segmented([("worst", "Worst first", ""), ("best", "Best first", "")])
        self.order.chosen.connect(lambda value: self.worst_chosen.emit(value == "worst"))
        self._heads = ElidedLabel()
        self._heads.setProperty("role", "label")
        self.behind = Behind()
        self.behind.chosen.connect(self.row_chosen)
        self.behind.left.connect(self.closed)
        self._note = label(role="muted", wrap=True)
        self._lay_out()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self._chip)
        top.addWidget(self._title, 1)
        top.addWidget(self._close)
        said = QWidget()
        lines = QVBoxLayout(said)
        lines.setContentsMargins(EDGE, 8, EDGE, 0)
        lines.setSpacing(4)
        lines.addLayout(top)
        for each in (self._meaning, self._compared, self._facts, self._brief):
            lines.addWidget(each)
        lines.addWidget(self.distribution)
        row = QHBoxLayout()
        row.setContentsMargins(EDGE, 2, EDGE, 0)
        row.setSpacing(8)
        row.addWidget(self.order)
        row.addWidget(self._heads, 1)
        note = QHBoxLayout()
        note.setContentsMargins(EDGE, 0, EDGE, 0)
        note.addWidget(self._note)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 2)
        column.setSpacing(4)
        column.addWidget(said)
        column.addLayout(row)
        column.addLayout(note)
        column.addWidget(self.behind, 1)

    def show_number(self, colour: str, title: str, meaning: str, compared: str, facts: str) -> None:
        """Which number it is, what it means, how it differs from the baseline, its trap and how it was made."""
        self._chip.set_colour(colour)
        self._title.setText(title)
        self._title.setToolTip(title)
        self._meaning.setText(meaning)
        self._compared.setText(compared)
        self._facts.setText(facts)
        self._brief.setText(facts)
        self._brief.setToolTip(facts)
        self._meaning.setToolTip("\n".join(part for part in (meaning, compared, facts) if part))
        self.setAccessibleName(title)
        self.setAccessibleDescription(self._meaning.toolTip())
        self._share()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The sentences need their room."""
        super().resizeEvent(event)
        self._share()

    def _share(self) -> None:
        self._compared.setVisible(bool(self._compared.text()) and self.height() >= _LOWER)
        self._facts.setVisible(bool(self._facts.text()) and self.height() >= _LOW)
        self._brief.setVisible(bool(self._facts.text()) and self.height() < _LOW)
        least = self.distribution.minimumSizeHint().height()
        self.distribution.setMaximumHeight(least if self.height() < _LOW else QWIDGETSIZE_MAX)

    def show_order(self, worst: bool, names: tuple[str, str]) -> None:
        """Which items come first, and what both ways are called: of a number that has no better way, by its size."""
        self.order.set_value("worst" if worst else "best")
        for value, name in zip(("worst", "best"), names, strict=True):
            self.order.rename(value, name, f"The items whose own number is {name.partition(' ')[0].lower()}")

    def show_spread(self, part: HistogramPart | None, said: str) -> None:
        """How it spreads over single items, or why that is not shown."""
        self.distribution.show_spread(part, said)
        self._share()

    def show_rows(self, rows: Sequence[Row], heads: str, note: str) -> None:
        """The items; `note` is said instead where there are none."""
        self._heads.setText(heads)
        self._heads.setToolTip(heads)
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self.behind.show_rows(rows)
        self.behind.verticalScrollBar().setValue(0)

    def figure(self) -> Figure | None:
        """All of it as a figure; None while there is nothing."""
        if self.distribution.part is None:
            return None
        parts: list[Part] = [Note(self._compared.text()), self.distribution.part]
        rows = self.behind.rows
        if rows:
            names = self._heads.text().split(ARROW)
            parts += [Heads([Column("", name, "") for name in names[: len(rows[0].cells)]]), Sentences(rows)]
        facts = tuple(text for text in (self._meaning.text(), self._facts.text()) if text)
        title = self._title.text()
        return Figure(file_name(title), title, tuple(parts), facts, width=wide(self.width() + 2 * MARGIN))
