"""A slider for a factor, with its number beside it to read and to type."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSlider, QWidget

from app.widgets.parts import dress_number, label

_STEP = 0.05


class StrengthSlider(QWidget):
    """How strongly something is done, in steps of 0.05.

    Signals:
        changed: the factor that a person chose. No setter emits it.
    """

    changed = Signal(float)

    def __init__(self, name: str, low: float, high: float, tooltip: str) -> None:
        """Args: name: what stands before it; low, high: its ends."""
        super().__init__()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(round(low / _STEP), round(high / _STEP))
        self.slider.setPageStep(round(0.5 / _STEP))
        self.slider.setMinimumWidth(120)
        self.slider.setTickPosition(QSlider.TickPosition.NoTicks)
        self.number = QDoubleSpinBox()
        self.number.setRange(low, high)
        self.number.setSingleStep(_STEP)
        self.number.setDecimals(2)
        dress_number(self.number)
        for widget in (self.slider, self.number):
            widget.setToolTip(tooltip)
            widget.setAccessibleName(name)
        self.slider.valueChanged.connect(self._slid)
        self.number.valueChanged.connect(self._typed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(label(name, role="muted"))
        row.addWidget(self.slider, 1)
        row.addWidget(self.number)

    def set_value(self, value: float) -> None:
        """Show this factor."""
        with QSignalBlocker(self.slider), QSignalBlocker(self.number):
            if round(self.slider.value() * _STEP, 2) != value:
                self.slider.setValue(round(value / _STEP))
            if self.number.value() != value:
                self.number.setValue(value)

    @property
    def value(self) -> float:
        """The factor."""
        return self.number.value()

    def _slid(self, position: int) -> None:
        value = round(position * _STEP, 2)
        with QSignalBlocker(self.number):
            self.number.setValue(value)
        self.changed.emit(value)

    def _typed(self, value: float) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(value / _STEP))
        self.changed.emit(round(value, 2))
