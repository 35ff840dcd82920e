"""The strip that says that the maps are not of the newest checkpoint, and leads back to it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from app.widgets.parts import EDGE, button, label


class StepStrip(QFrame):
    """In view only while an earlier step is.

    Signals:
        newest_requested: back to the newest checkpoint.
    """

    newest_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "banner")
        self._text = label()
        self.back = button("Back to the newest", "Open the newest checkpoint of this run", "reset")
        self.back.clicked.connect(self.newest_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(EDGE, 3, EDGE, 3)
        row.addWidget(self._text, 1)
        row.addWidget(self.back)
        self.setVisible(False)

    def set_step(self, run: str, step: int | None) -> None:
        """Say which step is in view; None for the newest."""
        self.setVisible(step is not None)
        if step is not None:
            self._text.setText(f"Run {run} as it was after step {step:,}: its maps, its numbers, its models.")

    @property
    def text(self) -> str:
        """What it says, "" while it is away."""
        return "" if self.isHidden() else self._text.text()
