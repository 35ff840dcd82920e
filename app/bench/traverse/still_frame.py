"""A frame that keeps what is often set anew from having the whole window laid out with it."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget


class StillFrame(QWidget):
    """Holds one widget at its own full size. It has no layout, so a change of what the widget needs goes no further:
    Qt otherwise lays out every ancestor up to the window, which takes longer than to show a sentence.

    Whoever fills it gives it its height.
    """

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._content = content
        content.setParent(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The content fills it."""
        super().resizeEvent(event)
        self._content.setGeometry(self.rect())

    def minimumSizeHint(self) -> QSize:
        """As wide as the content must be."""
        return QSize(self._content.minimumSizeHint().width(), 0)
