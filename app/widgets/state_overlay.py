"""What a panel says when it has nothing to show, is busy, has failed, or shows something out of date."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.core import theme
from app.widgets.parts import breakable

State = Literal["loading", "empty", "failed", "stale", "ready"]

_ICONS = {"empty": ("empty", "muted"), "failed": ("failed", "danger")}  # state: icon and its colour
_WIDTH = 380  # logical pixels: a comfortable line of text ...
_LOW, _WIDE = 230, 720  # ... and a longer one where there is little height


class IconView(QWidget):
    """An icon as a picture, painted anew in every theme."""

    def __init__(self, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QIcon()
        self.setFixedSize(QSize(side, side))

    def set_icon(self, icon: QIcon) -> None:
        """Show `icon`."""
        self._icon = icon
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            self._icon.paint(painter, self.rect())


class StateOverlay(QWidget):
    """Covers what lies below with a message in the middle: loading (with progress), empty or failed.

    Signals:
        action_requested: the button of the message was pressed.
    """

    action_requested = Signal()

    def __init__(self, parent: QWidget | None = None, see_through: bool = True) -> None:
        """Args: see_through: whether what lies below may shine through while it is renewed."""
        super().__init__(parent)
        self._opaque, self._see_through = True, see_through
        self._icon = IconView(28)
        self._text = _wrapped("title")
        self._hint = _wrapped("muted")
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedHeight(6)
        self._button = QPushButton()
        self._button.clicked.connect(self.action_requested)
        inside = QWidget()
        self._area = QScrollArea()  # a long message scrolls rather than be cut
        self._area.setWidget(inside)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._area)
        column = self._column = QVBoxLayout(inside)
        column.setSpacing(theme.SPACE)
        column.addStretch()
        column.addWidget(self._icon, alignment=Qt.AlignmentFlag.AlignHCenter)
        for widget in (self._text, self._bar, self._hint):
            column.addWidget(widget)
        column.addWidget(self._button, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        self.setVisible(False)

    def show_message(self, state: State, text: str, hint: str, fraction: float | None, action: str) -> None:
        """Cover the panel with a message; `fraction` 0..1 or None (unknown) is used while loading only."""
        self._opaque = state != "loading" or not self._see_through
        self._icon.setVisible(state in _ICONS)
        if state in _ICONS:
            self._icon.set_icon(theme.icon(*_ICONS[state]))
        self._text.setText(breakable(text))
        self._text.setVisible(bool(text))
        self._hint.setText(breakable(hint))
        self._hint.setVisible(bool(hint))
        self._bar.setVisible(state == "loading")
        if fraction is None:
            self._bar.setRange(0, 0)
        else:
            self._bar.setRange(0, 1000)
            self._bar.setValue(round(1000 * min(max(fraction, 0.0), 1.0)))
        self._button.setText(action)
        self._button.setVisible(bool(action))
        self.setAccessibleName(text)
        self.setVisible(True)

    def resizeEvent(self, event: object) -> None:
        width, space = (_WIDTH, theme.SPACE) if self.height() >= _LOW else (_WIDE, theme.SPACE // 2)
        side = max(theme.SPACE * 2, (self.width() - width) // 2)
        self._bar.setMaximumWidth(width)
        self._column.setContentsMargins(side, space, side, space)
        self._column.setSpacing(space)

    def paintEvent(self, event: QPaintEvent) -> None:
        ground = QColor(theme.current().map)
        ground.setAlphaF(1.0 if self._opaque else 0.92)
        with QPainter(self) as painter:
            painter.setBackground(ground)
            painter.eraseRect(self.rect())  # as `fillRect`, whose many forms PySide6 looks through the first time


class StaleBanner(QFrame):
    """A strip over the lower edge: what is shown is still useful but out of date, and how to renew it.

    Signals:
        action_requested: the button of the strip was pressed.
    """

    action_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = IconView(16)
        self._icon.set_icon(theme.icon("warning", "warning"))
        self._text = _wrapped("")
        self._text.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        self._button = QPushButton()
        self._button.clicked.connect(self.action_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE, theme.SPACE // 2, theme.SPACE // 2, theme.SPACE // 2)
        row.setSpacing(theme.SPACE)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addWidget(self._button)
        self.setProperty("role", "banner")
        self.setVisible(False)

    def show_message(self, text: str, hint: str, action: str) -> None:
        """Show the strip."""
        self._text.setText(text)
        self.setToolTip(hint)
        self._button.setText(action)
        self._button.setVisible(bool(action))
        self.setAccessibleName(text)
        self.setVisible(True)


def _wrapped(role: str) -> QLabel:
    label = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
    if role:
        label.setProperty("role", role)
    return label
