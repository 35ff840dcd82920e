"""The sliders of all shown variants in the columns of the maps, the most telling direction on top."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.bench.traverse.direction_slider import DirectionSlider
from app.bench.traverse.state import Slider
from app.core.values import Column
from app.widgets.parts import columns_layout, label


class DirectionColumns(QScrollArea):
    """What moves in one column moves in others where the controller says so; this only shows where they stand.

    Signals:
        moved: variant, rank and position of a slider that a person moved.
        taken: rank of a slider that a person took.
        reset: variant and rank of a slider that is to go back to the sentence's own value.
    """

    moved = Signal(str, int, float)
    taken = Signal(int)
    reset = Signal(str, int)

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._whole = QWidget()
        self._row = columns_layout(self._whole)
        self._columns: dict[str, _Column] = {}
        self._shown: tuple[Column, ...] = ()
        self.setWidget(self._whole)

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants, in this order."""
        if columns == self._shown:
            return
        self._shown = columns
        for old in self._columns.values():
            self._row.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._columns = {column.name: _Column(column) for column in columns}
        for name, made in self._columns.items():
            made.moved.connect(partial(self.moved.emit, name))
            made.taken.connect(self.taken)
            made.reset.connect(partial(self.reset.emit, name))
            self._row.addWidget(made, 1)

    def set_sliders(self, sliders: Mapping[str, tuple[Slider, ...]]) -> None:
        """What can be moved, by variant; a variant without sliders has none."""
        for name, column in self._columns.items():
            column.set_sliders(sliders.get(name, ()))

    def set_positions(self, positions: Mapping[str, tuple[float, ...]], rank: int) -> None:
        """Where the sliders stand, in units, and which rank is chosen."""
        for name, column in self._columns.items():
            column.set_positions(positions.get(name, ()), rank)

    def slider(self, variant: str, rank: int) -> DirectionSlider:
        """A slider."""
        return self._columns[variant].sliders[rank]

    def labels(self, variant: str) -> list[str]:
        """What stands beside the sliders of a variant."""
        return self._columns[variant].labels


class _Column(QWidget):
    """The sliders of one variant, their names beside them."""

    moved = Signal(int, float)
    taken = Signal(int)
    reset = Signal(int)

    def __init__(self, column: Column) -> None:
        super().__init__()
        self._column = column
        self.sliders: list[DirectionSlider] = []
        self._names: list[QLabel] = []
        self._facts: tuple[Slider, ...] = ()
        self._positions: tuple[float, ...] = ()
        self._rank = -1
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(4, 0, 4, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addLayout(self._grid)
        whole.addStretch(1)

    def set_sliders(self, facts: tuple[Slider, ...]) -> None:
        self._facts, self._positions = facts, ()
        while len(self.sliders) < len(facts):
            self._add()
        for rank, (slider, name) in enumerate(zip(self.sliders, self._names, strict=True)):
            there = rank < len(facts)
            for widget in (slider, name):
                widget.setVisible(there)
            if there:
                fact = facts[rank]
                name.setText(fact.label)
                told = "\n".join(part for part in (fact.meaning, fact.nothing) if part)
                for widget in (slider, name):
                    widget.setToolTip(told)
                slider.setAccessibleName(f"{self._column.label}, {fact.label}")
                slider.set_way(fact.low, fact.high, fact.own, fact.unit)
        self._mark(self._rank)

    def set_positions(self, positions: tuple[float, ...], rank: int) -> None:
        for index, position in enumerate(positions):
            if self._positions[index : index + 1] != (position,):
                self.sliders[index].set_position(position)
        self._positions = positions
        if rank != self._rank:
            self._mark(rank)

    @property
    def labels(self) -> list[str]:
        return [name.text() for name, _ in zip(self._names, self._facts, strict=False)]

    def _add(self) -> None:
        rank = len(self.sliders)
        slider, name = DirectionSlider(), label()
        name.setMinimumWidth(name.fontMetrics().horizontalAdvance("z00 · KL 0.00 "))
        slider.moved.connect(partial(self.moved.emit, rank))
        slider.taken.connect(partial(self.taken.emit, rank))
        slider.reset.connect(partial(self.reset.emit, rank))
        for place, widget in enumerate((name, slider)):
            self._grid.addWidget(widget, rank, place)
        self.sliders.append(slider)
        self._names.append(name)

    def _mark(self, rank: int) -> None:
        """The chosen slider's name stands out, those of directions that carry nothing stand back."""
        self._rank = rank
        for index, (name, fact) in enumerate(zip(self._names, self._facts, strict=False)):
            role = "value" if index == rank else "muted" if fact.nothing else ""
            if name.property("role") != role:
                name.setProperty("role", role)
                name.style().unpolish(name)
                name.style().polish(name)
