"""The one place that shows errors: one line in the head of the window, where it covers nothing and moves nothing.

What does not fit on the line, and what is there for a report, opens beneath it.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.core import theme
from app.widgets.labels import ElidedLabel
from app.widgets.parts import breakable, button, label, tool_button
from app.widgets.state_overlay import IconView
from engine.workspace import Workspace, repeated

Level = Literal["info", "error"]
_INFO_MS = 5000
_WIDEST = 560  # logical pixels of what opens beneath the line ...
_HIGHEST = 0.6  # ... and its share of the window's height, at most
_ICONS = {"info": ("info", "muted"), "error": ("warning", "danger")}  # level: icon and its colour


class Banner(QFrame):
    """Says one thing at a time. What is only told goes by itself; an error stays until dismissed, replaced or mended.

    Attributes:
        workspace: of the window; the commands that an error advises repeat it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self.setProperty("role", "notice")
        self._message = self._hint = self._details = ""
        self._icon = IconView(16)
        self._line = ElidedLabel()
        self._line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.more = button("More", "All of this message, and what is known for a report")
        self.more.clicked.connect(self._open)
        self._close = tool_button("close", "Dismiss this message")
        self._close.clicked.connect(self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 2, 0)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._line, 1)
        row.addWidget(self.more)
        row.addWidget(self._close)
        self._whole = _Whole(self)
        self.copy = self._whole.copy
        self.copy.clicked.connect(self._copy)
        self.workspace: Workspace | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.dismiss)
        self.hide()

    def tell(self, text: str) -> None:
        """Say something that went well."""
        self._say("info", text, "")

    def complain(self, message: str, hint: str = "", details: str = "") -> None:
        """Say what went wrong and what to do next; `details`, which say more than is to be read, can be copied."""
        self._say("error", message, repeated(hint, self.workspace), details)

    def dismiss(self) -> None:
        """Take the banner away."""
        self._timer.stop()
        self._whole.hide()
        self.hide()

    def withdraw(self, message: str) -> None:
        """Take this message away, if it is the one that is shown: what it was about is mended."""
        if self._message == message and not self._details:
            self.dismiss()

    def leave_run(self) -> None:
        """Another run is opened: what was said of the one before goes, but not what nobody has foreseen."""
        if not self._details:
            self.dismiss()

    @property
    def message(self) -> str:
        """What the banner says now, "" when it is away."""
        return "" if self.isHidden() else "\n".join(part for part in (self._message, self._hint) if part)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Less of the line may fit now."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Offer the whole where the line does not say it."""
        needed = self._line.fontMetrics().horizontalAdvance(self._line.text())
        layout = self.layout()
        assert layout is not None
        around = layout.contentsMargins().left() + layout.contentsMargins().right() + 3 * layout.spacing()
        room = self.width() - around - self._icon.width() - self._close.sizeHint().width()
        self.more.setVisible(bool(self._details) or needed > room)

    def _open(self) -> None:
        self._timer.stop()  # it is being read
        self._whole.open_beneath(self, self._message, self._hint, bool(self._details))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._details)
        self.copy.setText("Copied")

    def _say(self, level: Level, message: str, hint: str, details: str = "") -> None:
        self._message, self._hint, self._details = message, hint, details
        self._whole.hide()
        self._icon.set_icon(theme.icon(*_ICONS[level]))
        self._line.setText(" ".join(f"{message} {hint}".split()))
        self._line.setToolTip(self._line.text())
        self.setAccessibleName(self._line.text())
        self.copy.setText("Copy details")
        self.setProperty("level", level)
        for each in (self, self._line):
            each.style().unpolish(each)
            each.style().polish(each)
        self.show()
        self._fit()
        self._timer.stop()
        if level == "info":
            self._timer.start(_INFO_MS)


class _Whole(QFrame):
    """All of a message in a popup; what is too long scrolls."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("role", "popup")
        self.setAccessibleName("The whole message")
        self._message = label(role="title", wrap=True, selectable=True)
        self._hint = label(wrap=True, selectable=True)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for each in (self._message, self._hint):
            each.setTextFormat(Qt.TextFormat.PlainText)
            column.addWidget(each)
        column.addStretch(1)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(inside)
        self.copy = button("Copy details", "Copy what is known of this, with all versions, for a report", "copy")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(14, 12, 14, 12)
        whole.setSpacing(10)
        whole.addWidget(self._area, 1)
        whole.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignLeft)

    def open_beneath(self, line: QWidget, message: str, hint: str, details: bool) -> None:
        """Say it all beneath the line that could not, within the window."""
        self._message.setText(breakable(message))
        self._hint.setText(breakable(hint))
        self._hint.setVisible(bool(hint))
        self.copy.setVisible(details)
        window = line.window()
        width = min(_WIDEST, window.width() - 24)
        layout, inside = self.layout(), self._area.widget()
        assert layout is not None
        assert inside is not None
        around = layout.contentsMargins()
        text = inside.heightForWidth(width - around.left() - around.right() - 12)
        foot = self.copy.sizeHint().height() + layout.spacing() if details else 0
        height = min(text + around.top() + around.bottom() + foot + 4, round(_HIGHEST * window.height()))
        self.setFixedSize(width, height)
        at = line.mapToGlobal(QPoint(line.width() - width, line.height() + 2))
        left = window.mapToGlobal(QPoint(12, 0)).x()
        self.move(max(left, at.x()), at.y())
        self.show()
