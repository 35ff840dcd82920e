"""The values of every variant at one step, as a table that is also the legend of the plots."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.core import theme
from app.core.values import Column
from app.widgets.labels import ColourChip, ElidedLabel
from app.widgets.parts import Segmented, label
from app.widgets.pictures.text import Grid

_M = (
    "m′: a weight w on the KL is the AutoGen bound with m′ = (1+m)/w − 1; annealing takes it from ∞ to m "
    "(the paper's view of annealing)."
)
EVALUATED = 1024
"""Test sentences that a training measures, see `engine.training.learner`, which brings torch."""
_ROOM = 5  # variants beside which there is room to say so
_EDGE = 2  # pixels of the edge that shows the keyboard's place, as the stylesheet has it
_LEAST = 50  # pixels of the rows that are always seen
_HOW = "Thin: training batches · thick: test text"
_OTHERS = " · dashed: other runs"


class _Rows(QScrollArea):
    """As high as its rows if there is room, else they scroll: several runs may have more of them."""

    def __init__(self, rows: QWidget) -> None:
        super().__init__()
        self._rows = rows
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(rows)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The rows are others now, and of another height; of those that came while out of sight this tells first."""
        if watched is self._rows and event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Show):
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        """That of the rows as they are now, within the edge."""
        return self._rows.sizeHint() + QSize(2 * _EDGE, 2 * _EDGE)

    def minimumSizeHint(self) -> QSize:
        """Two rows, in their whole width."""
        rows = self._rows.minimumSizeHint()
        return QSize(rows.width(), min(rows.height(), _LEAST))


class Readout(QFrame):
    """A line a variant: its colour, its name, its values.

    Signals:
        split_chosen: "train" or "test".
    """

    split_chosen = Signal(str)

    def __init__(self, terms: Sequence[tuple[str, str]]) -> None:
        """Args: terms: name and explanation of each value."""
        super().__init__()
        self.setProperty("role", "panel")
        self._terms = tuple(terms)
        self._columns: tuple[Column, ...] = ()
        self._values: list[list[QLabel]] = []
        self._note = ""
        self._caption = label(role="title")
        self._split = small(
            Segmented(
                [
                    (
                        "train",
                        "batches",
                        "The training's own batches, averaged since the line before, with words dropped",
                    ),
                    (
                        "test",
                        "test text",
                        f"The first {EVALUATED:,} test sentences, all where there are fewer, nothing dropped, at the "
                        "nearest evaluation",
                    ),
                ]
            )
        )
        self._split.chosen.connect(self.split_chosen)
        self._how = label(_HOW, role="label")
        self._how.setToolTip(
            "Thin lines: the training's own batches, averaged since the line before, with words dropped.\n"
            f"Thick lines with dots: the first {EVALUATED:,} test sentences, all where there are fewer, nothing "
            "dropped.\n"
            "Point at a plot to read another step, turn the wheel to zoom, double-click to see all steps."
        )
        self._about_m = label(_M, role="label", wrap=True)
        self._about_m.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._about_m.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self._table = QWidget()
        self._area = _Rows(self._table)
        self._area.setAccessibleName("Values of the curves")
        self._area.setProperty("role", "reading")
        self._grid = QGridLayout(self._table)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 4, 10, 4)
        column.setSpacing(2)
        top = QHBoxLayout()
        top.addWidget(self._caption, 1)
        top.addWidget(self._split)
        column.addLayout(top)
        column.addWidget(self._area)
        column.addSpacing(4)
        column.addWidget(self._about_m, 1)
        column.addWidget(self._how)

    def set_columns(self, own: tuple[Column, ...], others: tuple[Column, ...] = ()) -> None:
        """A line for each of these variants, those of other runs last."""
        columns = (*own, *others)
        if columns == self._columns:
            return
        self._columns = columns
        self._tell()
        self._how.setText(_HOW + (_OTHERS if others else ""))
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for i, (name, about) in enumerate(self._terms):
            head = label(name, role="label")
            head.setAlignment(Qt.AlignmentFlag.AlignRight)
            head.setToolTip(about)
            self._grid.addWidget(head, 0, i + 2)
        self._values = []
        for row, column in enumerate(columns, start=1):
            chip = ColourChip()
            chip.set_colour(column.colour)
            name_label = ElidedLabel(cut=Qt.TextElideMode.ElideMiddle)
            name_label.setText(column.label)
            name_label.setToolTip(column.label)
            self._grid.addWidget(chip, row, 0)
            self._grid.addWidget(name_label, row, 1)
            values = [label(role="label") for _ in self._terms]
            for i, each in enumerate(values):
                each.setAlignment(Qt.AlignmentFlag.AlignRight)
                self._grid.addWidget(each, row, i + 2)
            self._values.append(values)
        self._grid.setColumnStretch(1, 1)

    def show_values(self, caption: str, split: str, values: Sequence[Sequence[str]], note: str = "") -> None:
        """Show the values of "train" or "test", a row a variant, in the order of the terms, and what they warn of."""
        self._caption.setText(caption)
        self._note = note
        self._tell()
        self._split.set_value(split)
        for labels, texts in zip(self._values, values, strict=False):
            for each, text in zip(labels, texts, strict=False):
                if each.text() != text:
                    each.setText(text)

    def _tell(self) -> None:
        """What the values warn of, else what m is, where there is room."""
        self._about_m.setText(self._note or (_M if len(self._columns) <= _ROOM else ""))

    @property
    def caption(self) -> str:
        """Which step and text the values are of."""
        return self._caption.text()

    @property
    def part(self) -> Grid:
        """The table, for a figure."""
        named = zip(self._columns, self.texts, strict=True)
        return Grid([name for name, _ in self._terms], [(column.colour, column.label, row) for column, row in named])

    @property
    def texts(self) -> list[list[str]]:
        """What stands in the table."""
        return [[each.text() for each in row] for row in self._values]


def small(choice: Segmented) -> Segmented:
    """The same choice, low enough for the head of a card."""
    choice.setStyleSheet(
        f"QPushButton {{ padding: 0 6px; min-height: 15px; font-size: {theme.SMALL_SIZE}px; }}"
        "QPushButton:focus { padding: 0 5px; min-height: 13px; }"
    )
    return choice
