"""The strip that says that the maps are not of the newest checkpoint, and leads to it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from app.widgets.parts import EDGE, button, label


class StepStrip(QFrame):
    """In view only while an earlier step is.

    Signals:
        newest_requested: the newest checkpoint is to be shown.
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

    def set_step(self, run: str, asked: int | None, shown: int | None, newest: int | None) -> None:
        """Say which step is in view, if it is not the newest.

        Args:
            run: its name.
            asked: the step that was asked for; None for the newest.
            shown: the step that is in view, if it is known.
            newest: the newest step, where that is another one.
        """
        self.setVisible(asked is not None or (newest is not None and shown is not None))
        what = "maps, numbers and models"
        if newest is not None and shown is not None:
            self._text.setText(f"Run {run} has step {newest:,} now. Shown are the {what} of step {shown:,}.")
            self.back.setText(f"Show step {newest:,}")
        elif asked is not None:
            self._text.setText(f"Run {run} as it was after step {asked:,}: its {what}.")
            self.back.setText("Back to the newest")

    @property
    def text(self) -> str:
        """What it says, "" while it is away."""
        return "" if self.isHidden() else self._text.text()
