"""The one place that shows errors: a quiet banner over the lower edge of the window, which a person can dismiss."""

from __future__ import annotations

from html import escape
from typing import Literal

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from app.widgets.parts import button

Level = Literal["info", "error"]
_INFO_MS = 5000
_MARGIN = 16


class Banner(QFrame):
    """Says one thing at a time. What is only told goes by itself; an error stays until it is dismissed or replaced."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setObjectName("banner")
        self.setProperty("role", "panel")
        self.setAutoFillBackground(True)
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._details = ""
        self.copy = button("Copy details", "Copy what is known of this, with all versions, for a report", "copy")
        self.copy.clicked.connect(self._copy)
        close = QToolButton()
        close.setText("×")
        close.setAutoRaise(True)
        close.setToolTip("Dismiss")
        close.clicked.connect(self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 8, 10)
        row.setSpacing(8)
        row.addWidget(self._text, 1)
        row.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.dismiss)
        parent.installEventFilter(self)
        self.hide()

    def tell(self, text: str) -> None:
        """Say something that went well."""
        self._say("info", text, "")

    def complain(self, message: str, hint: str = "", details: str = "") -> None:
        """Say what went wrong and what to do next; `details`, which say more than is to be read, can be copied."""
        self._say("error", message, hint, details)

    def dismiss(self) -> None:
        """Take the banner away."""
        self._timer.stop()
        self.hide()

    def leave_run(self) -> None:
        """Another run is opened: what was said of the one before goes, but not what nobody has foreseen."""
        if not self._details:
            self.dismiss()

    @property
    def message(self) -> str:
        """What the banner says now, "" when it is away."""
        return "" if self.isHidden() else self._text.text()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the lower edge when the window is resized."""
        if watched is self._over and event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return False

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._details)
        self.copy.setText("Copied")

    def _say(self, level: Level, message: str, hint: str, details: str = "") -> None:
        lead = f'<span style="font-weight:600">{escape(message)}</span>' if level == "error" else escape(message)
        self._text.setText(lead + (f"<br>{escape(hint)}" if hint else ""))
        self._details = details
        self.copy.setText("Copy details")
        self.copy.setVisible(bool(details))
        self.setProperty("level", level)
        self.style().unpolish(self)
        self.style().polish(self)
        self.show()
        self._place()
        self.raise_()
        self._timer.stop()
        if level == "info":
            self._timer.start(_INFO_MS)

    def _place(self) -> None:
        parent = self._over
        width = min(640, parent.width() - 2 * _MARGIN)
        height = self.heightForWidth(width) if self.hasHeightForWidth() else self.sizeHint().height()
        self.setGeometry((parent.width() - width) // 2, parent.height() - height - _MARGIN, width, height)
