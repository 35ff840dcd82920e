"""The window that asks for another name of a map. Layout only."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.widgets.parts import button, label
from app.widgets.text_field import TextField

_WIDTH = 380  # logical pixels


class RenameDialog(QDialog):
    """Asks until a name is given that can be taken; what was typed stays.

    Signals:
        name_given: a name that is right, and not that of before.
    """

    name_given = Signal(str)

    def __init__(self, parent: QWidget, name: str, wrong: Callable[[str], str]) -> None:
        """Args: parent: what it opens over; name: of before; wrong: why a name cannot be taken, "" where it can."""
        super().__init__(parent)
        self._before, self._wrong = name, wrong
        self.setWindowTitle("Rename the map")
        self.name = TextField()
        self.name.setText(name)
        self.name.setAccessibleName(f"New name of {name}")
        self.name.selectAll()
        self._said = label(role="warning", wrap=True)
        self._said.setMinimumHeight(2 * self._said.fontMetrics().lineSpacing())
        self._said.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.name.textEdited.connect(lambda _: self._said.setText(""))
        self.rename = button("Rename", "Call it so (Enter)", role="primary")
        self.cancel = button("Cancel", "Leave its name (Escape)")
        self.cancel.setAutoDefault(False)
        self.rename.setDefault(True)
        self.rename.clicked.connect(self._take)
        self.cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.rename)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addWidget(label(f"New name of “{name}”", role="muted", wrap=True))
        column.addWidget(self.name)
        column.addWidget(self._said)
        column.addLayout(foot)
        self.setMinimumWidth(_WIDTH)

    @property
    def said(self) -> str:
        """What is wrong with the name that was given last."""
        return self._said.text()

    def _take(self) -> None:
        new = self.name.text().strip()
        if new == self._before:
            self.accept()
        elif problem := self._wrong(new):
            self._said.setText(problem)
            self.name.setFocus()
        else:
            self.accept()
            self.name_given.emit(new)
