"""The stops between A and B on one line: each is filled like the ends, moved before or after its neighbour, removed."""

from __future__ import annotations

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.bench.interpolate import way
from app.core.picks import NOTHING, Pick
from app.widgets.parts import EDGE, label, tool_button
from app.widgets.pick_field import PickField

_EMPTY = "stop between A and B"


class StopsRow(QWidget):
    """In view only while there are stops.

    Signals:
        filled: the number of a stop, from 0, and the `Pick` for it.
        moved: the number of a stop, and -1 or 1.
        removed: the number of a stop.
    """

    filled = Signal(int, object)
    moved = Signal(int, int)
    removed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._stops = [_Stop() for _ in range(way.MOST_BETWEEN)]
        row = QHBoxLayout(self)
        row.setContentsMargins(EDGE, 0, EDGE, 0)
        row.setSpacing(12)
        for i, stop in enumerate(self._stops):
            row.addWidget(stop, 1)
            stop.field.picked.connect(lambda pick, i=i: self.filled.emit(i, pick))
            stop.earlier.clicked.connect(lambda _=False, i=i: self._change(self.moved, i, -1))
            stop.later.clicked.connect(lambda _=False, i=i: self._change(self.moved, i, 1))
            stop.remove.clicked.connect(lambda _=False, i=i: self._change(self.removed, i))
            stop.field.textChanged.connect(self._name)
            stop.hide()
        self.hide()

    def set_stops(self, through: tuple[Pick, ...]) -> None:
        """Show these stops; `NOTHING` for one that is to be filled."""
        self.setVisible(bool(through))
        for i, stop in enumerate(self._stops):
            if i < len(through):
                stop.field.set_pick(through[i])
            else:
                stop.field.empty()
            stop.setVisible(i < len(through))
        self._name()

    def _name(self) -> None:
        """Each has the letter that it has on the maps and in the table, from the first key on."""
        shown = [stop for stop in self._stops if not stop.isHidden()]
        letters = way.names((NOTHING, *(stop.field.pick for stop in shown), NOTHING))[1:-1]
        for stop, letter in zip(shown, letters, strict=True):
            stop.name.setText(letter or "·")
            stop.field.setAccessibleName(f"stop {letter}" if letter else _EMPTY)

    def _change(self, tell: SignalInstance, *what: int) -> None:
        """The stops take other places: what is typed counts first, or it would be told of the wrong one."""
        for field in self.fields:
            field.settle()
        tell.emit(*what)

    def focus(self, i: int) -> None:
        """Give the keyboard to the field of a stop."""
        self._stops[i].field.setFocus()

    @property
    def named(self) -> dict[str, PickField]:
        """The fields of the stops that are filled, by their letters."""
        return {stop.name.text(): stop.field for stop in self._stops if not stop.isHidden() and stop.field.text()}

    @property
    def all(self) -> list[PickField]:
        """The fields of all stops, shown or not; those that are not hold nothing."""
        return [stop.field for stop in self._stops]

    @property
    def fields(self) -> list[PickField]:
        """The fields of the stops that are shown."""
        return [stop.field for stop in self._stops if not stop.isHidden()]


class _Stop(QWidget):
    """A letter, a field, and what can be done with the stop."""

    def __init__(self) -> None:
        super().__init__()
        self.name = label(role="title")
        self.name.setMinimumWidth(self.name.fontMetrics().horizontalAdvance("C"))
        self.field = PickField(
            _EMPTY,
            "Type or drop a stop",
            "A sentence or a point that the way leads through: type it, or drop or send it here",
        )
        self.earlier = tool_button("chevron-left", "Exchange with the stop before")
        self.later = tool_button("chevron-right", "Exchange with the stop after")
        self.remove = tool_button("trash", "Remove this stop")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.name)
        row.addSpacing(4)
        row.addWidget(self.field, 1)
        for each in (self.earlier, self.later, self.remove):
            row.addWidget(each)
