"""A slider over the checkpoints that were kept, and the way to the maps of the chosen one."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from app.widgets.parts import button, label


class CheckpointBar(QWidget):
    """Chooses a checkpoint.

    Signals:
        step_chosen: its step, or None for the newest.
        explore_requested: its maps are wanted.
    """

    step_chosen = Signal(object)
    explore_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._steps: tuple[int, ...] = ()
        self._name = label("Checkpoint", role="muted")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setFixedWidth(190)
        self.slider.setAccessibleName("Checkpoint")
        self.slider.valueChanged.connect(self._moved)
        self._step = label(role="value")
        self._step.setMinimumWidth(self._step.fontMetrics().horizontalAdvance("step 8,888,888") + 4)
        self.show_button = button("Show in Explore", "Open the maps and models of this step", "search")
        self.show_button.clicked.connect(self.explore_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 12, 0)
        row.setSpacing(10)
        for widget in (self._name, self.slider, self._step, self.show_button):
            row.addWidget(widget)
        self.set_steps((), None, "")

    def set_steps(self, steps: tuple[int, ...], chosen: int | None, reason: str) -> None:
        """The checkpoints and the chosen one (None: the newest); `reason` says why it cannot be shown, or is ""."""
        self._steps = steps
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, max(0, len(steps) - 1))
            self.slider.setPageStep(max(1, len(steps) // 10))
            self.slider.setValue(steps.index(chosen) if chosen in steps else max(0, len(steps) - 1))
        self.slider.setEnabled(len(steps) > 1)
        self.slider.setToolTip(
            f"{len(steps)} checkpoints are kept; with `keep_every` in the settings more of them stay"
            if steps
            else "No checkpoint yet"
        )
        self._step.setText(f"step {steps[self.slider.value()]:,}" if steps else "none yet")
        self.show_button.setEnabled(bool(steps) and not reason)
        self.show_button.setToolTip(reason or "Open the maps and models of this step on the Explore page")

    def _moved(self, index: int) -> None:
        self.step_chosen.emit(None if index == len(self._steps) - 1 else self._steps[index])
