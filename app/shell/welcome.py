"""What stands in the window's place while there is no run to open."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core import theme
from app.widgets.parts import button, label
from engine.workspace import Workspace, repeated

_COMMANDS = "python main.py corpus demo\npython main.py train demo"


class Welcome(QWidget):
    """Says what is missing and the commands that make it.

    Args:
        workspace: where they are to make it; None for the checkout.
    """

    retry_requested = Signal()

    def __init__(self, workspace: Workspace | None = None) -> None:
        super().__init__()
        picture = label()
        picture.setPixmap(theme.app_icon().pixmap(QSize(72, 72)))
        title = label("No trained models yet", role="title")
        self._reason = label(role="muted", wrap=True)
        self._reason.setFixedWidth(560)
        advice = label(
            "Start a training on the Train page (Ctrl+2), or with the two commands that do the same for the demo text:",
            role="muted",
        )
        told = repeated(_COMMANDS, workspace)
        commands = label(told, role="value", selectable=True)
        copy = button("Copy the commands", "Copy both commands", "copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(told))
        retry = button("Look again", "Look for trained models once more", role="primary")
        retry.clicked.connect(self.retry_requested)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(copy)
        buttons.addWidget(retry)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addStretch(1)
        for widget in (picture, title, self._reason, advice, commands):
            widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addLayout(buttons)
        column.addStretch(2)

    def set_reason(self, text: str, hint: str) -> None:
        """Why nothing could be opened."""
        self._reason.setText(" ".join(part for part in (text, hint) if part))
        self._reason.setMinimumHeight(self._reason.heightForWidth(self._reason.width()))  # the layout gives it a line
