"""The variants of a training as rows of fields, and the course of their KL weight as a small plot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import (
    QColorDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core import theme
from app.train.form.field_widgets import FieldEdit
from app.train.form.fields import VARIANT_FIELDS
from app.widgets.parts import button, label, tool_button

_WIDTHS = {
    "name": (3, 105),
    "m": (2, 44),
    "kl_schedule.kind": (3, 106),
    "kl_schedule.warmup": (2, 60),
    "free_bits.kind": (3, 122),
    "free_bits.nats": (2, 44),
}
"""The columns: their share of the width, and the least they need, in logical pixels."""
_MORE = {field.key.removeprefix("variant.") for field in VARIANT_FIELDS if field.more}
_LINES = 120  # points of a line of the small plot, beside those where it turns


class VariantRow(QFrame):
    """One variant.

    Signals:
        edited: the field's path within the variant, its text.
        removed: it is to go.
    """

    edited = Signal(str, str)
    removed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._colour = "#888888"
        self._shown: Callable[[], None] = lambda: None
        self.fields: dict[str, FieldEdit] = {}
        self._add_fields(more=False)
        self._swatch = QToolButton()
        self._swatch.setToolTip("The colour of this variant, everywhere in the window")
        self._swatch.setAccessibleName("Colour")
        self._swatch.setIconSize(QSize(14, 14))
        self._swatch.clicked.connect(self._choose_colour)
        self._more = QToolButton()
        self._more.setText("More")
        self._more.setCheckable(True)
        self._more.setAutoRaise(True)
        self._more.setToolTip("The label, the shape of the KL schedule, a schedule of m")
        self._more.toggled.connect(self._fold)
        self.remove = tool_button("close", "Remove this variant")
        self.remove.clicked.connect(self.removed)
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(6)
        top.addWidget(self._swatch, 0, Qt.AlignmentFlag.AlignTop)
        for path in _WIDTHS:
            _add_column(top, path, self.fields[path])
        top.addWidget(self._more, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignTop)
        self._extra: QWidget | None = None
        self._problem = label(role="danger", wrap=True)
        self._problem.setVisible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 2)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self._problem)
        self._problem.setContentsMargins(34, 0, 0, 2)

    def _add_fields(self, more: bool) -> list[FieldEdit]:
        made = []
        for field in VARIANT_FIELDS:
            if field.more == more:
                path = field.key.removeprefix("variant.")
                edit = self.fields[path] = FieldEdit(field, named=more)
                edit.edited.connect(partial(self.edited.emit, path))
                made.append(edit)
        return made

    def show_variant(
        self, values: Mapping[str, Any], written: set[str], colour: str, problems: Mapping[str, str], lone: bool
    ) -> None:
        """Show a variant: the value of each path, which of them were set, the colour, what is wrong by path."""
        self._shown = partial(self.show_variant, values, written, colour, problems, lone)
        self._colour = colour
        self._swatch.setIcon(_swatch(colour))
        self.remove.setEnabled(not lone)
        if self._extra is None and any(path in _MORE for path in problems):
            self._more.setChecked(True)
        for path, edit in self.fields.items():
            edit.show_value(values.get(path), path not in written)
            edit.show_problem(problems.get(path, ""), told=False)
        names = {path: edit.field.name for path, edit in self.fields.items()}
        rest = [f"{names[path]}: {text}" if path in names else text for path, text in problems.items()]
        self._problem.setText("; ".join(rest))
        self._problem.setVisible(bool(rest))
        schedule = values.get("kl_schedule.kind")
        for path, on in {
            "kl_schedule.warmup": schedule != "none",
            "kl_schedule.start": schedule != "none",
            "kl_schedule.steepness": schedule == "logistic",
            "kl_schedule.cycles": schedule == "cyclical",
            "kl_schedule.rise": schedule == "cyclical",
            "free_bits.nats": values.get("free_bits.kind") != "none",
            "m_schedule.start": values.get("m_schedule.kind") != "none",
            "m_schedule.steps": values.get("m_schedule.kind") != "none",
        }.items():
            if path in self.fields:
                self.fields[path].editor.setEnabled(on)

    def _fold(self, on: bool) -> None:
        """Show the unusual fields, which are made when they are wanted first."""
        if self._extra is None:
            self._extra = QWidget()
            grid = QGridLayout(self._extra)
            grid.setContentsMargins(34, 0, 0, 6)
            grid.setHorizontalSpacing(8)
            grid.setVerticalSpacing(4)
            for i, edit in enumerate(self._add_fields(more=True)):
                grid.addWidget(edit, i // 4, i % 4)
            layout = self.layout()
            assert isinstance(layout, QVBoxLayout)
            layout.insertWidget(1, self._extra)
            self._shown()
        self._extra.setVisible(on)

    def _choose_colour(self) -> None:
        dialog = QColorDialog(QColor(self._colour), self)
        dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
        dialog.colorSelected.connect(lambda colour: self.edited.emit("colour", colour.name()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


class VariantList(QWidget):
    """The rows, and the button that adds one.

    Signals:
        edited: row, the field's path, its text.
        removed: row.
        add_requested: one more.
    """

    edited = Signal(int, str, str)
    removed = Signal(int)
    add_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[VariantRow] = []
        self.add = button("Add variant", "One more way to train the same model, up to eight", "plus")
        self.add.clicked.connect(self.add_requested)
        head = QHBoxLayout()
        head.setContentsMargins(34, 0, 92, 0)
        head.setSpacing(6)
        for field in VARIANT_FIELDS:
            path = field.key.removeprefix("variant.")
            if path in _WIDTHS:
                name = label(field.name, role="label")
                name.setToolTip(field.about)
                _add_column(head, path, name)
        self._box = QVBoxLayout()
        self._box.setSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addLayout(self._box)
        column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)

    def set_count(self, count: int, most: int) -> bool:
        """So many rows. One is made at a time, as that takes a while; False while some are lacking."""
        while len(self.rows) > count:
            row = self.rows.pop()
            row.hide()
            row.deleteLater()
        if len(self.rows) < count:
            row, index = VariantRow(), len(self.rows)
            row.edited.connect(partial(self.edited.emit, index))
            row.removed.connect(partial(self.removed.emit, index))
            self.rows.append(row)
            self._box.addWidget(row)
        self.add.setEnabled(count < most)
        return len(self.rows) == count


class SchedulePlot(QWidget):
    """One line a variant over the steps, between 0 and 1 from bottom to top."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumHeight(84)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._lines: list[tuple[str, list[tuple[float, float]]]] = []
        self._marks: list[tuple[float, str]] = []
        self._steps = 0

    def show_lines(
        self,
        steps: int,
        variants: Sequence[tuple[str, Callable[[int], float], Sequence[int]]],
        marks: Sequence[tuple[float, str]],
    ) -> None:
        """Show a line over the steps of each variant.

        Args:
            steps: of the training.
            variants: of each its colour, its height (0 to 1) at a step, and the steps at which it turns or jumps.
            marks: height and text of the marks at the left.
        """
        last = max(1, steps - 1)
        even = {round(i / (_LINES - 1) * (steps - 1)) for i in range(_LINES)} if steps else set()
        self._steps, self._marks = steps, list(marks)
        self._lines = [
            (colour, [(step / last, height(step)) for step in sorted(even.union(turns))])
            for colour, height, turns in variants
        ]
        self.update()

    @property
    def lines(self) -> list[tuple[str, list[tuple[float, float]]]]:
        """The colour of each line, and its points: the place among the steps and the height, both 0 to 1."""
        return self._lines

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(theme.font(theme.SMALL_SIZE))
            at_right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            box = QRectF(34, 6, self.width() - 44, self.height() - 26)
            for height, text in self._marks:
                y = box.bottom() - height * box.height()
                painter.setPen(QColor(now.border))
                painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
                painter.setPen(QColor(now.muted))
                painter.drawText(QRectF(0, y - 8, 28, 16), at_right, text)
            foot = QRectF(box.left(), box.bottom() + 3, box.width(), 16)
            painter.drawText(foot, int(Qt.AlignmentFlag.AlignLeft), "step 0")
            painter.drawText(foot, int(Qt.AlignmentFlag.AlignRight), f"{self._steps:,}")
            for i, (colour, line) in enumerate(self._lines):
                pen = QPen(QColor(now.readable(colour)), 2)
                if i:  # lines that lie on each other can all be seen
                    pen.setDashPattern([4, 2 + 2 * i])
                painter.setPen(pen)
                points = [
                    QPointF(box.left() + x * box.width(), box.bottom() - min(1.0, height) * box.height())
                    for x, height in line
                ]
                painter.drawPolyline(QPolygonF(points))


def _add_column(row: QHBoxLayout, path: str, widget: QWidget) -> None:
    """Put a widget into the column of a field, as wide as those above and below it, whatever it holds."""
    stretch, least = _WIDTHS[path]
    widget.setMinimumWidth(least)
    widget.setSizePolicy(QSizePolicy.Policy.Ignored, widget.sizePolicy().verticalPolicy())
    row.addWidget(widget, stretch)


def _swatch(colour: str) -> QIcon:
    pixmap = QPixmap(28, 28)
    pixmap.fill(QColor(0, 0, 0, 0))
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(colour if QColor.isValidColorName(colour) else "#888888"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(2, 2, 24, 24, 6, 6)
    return QIcon(pixmap)
