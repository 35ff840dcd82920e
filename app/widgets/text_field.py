"""A line of text as a person types it, into which text can be dropped, but no file."""

from __future__ import annotations

from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QLineEdit

from app.widgets.pick_drag import text_of


class TextField(QLineEdit):
    """Refuses what has no text of its own: of a file that is dropped "file:///..." would be left here."""

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """The pointer shows whether it is welcome."""
        if text_of(event.mimeData()):
            super().dragEnterEvent(event)
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Likewise, wherever it is held."""
        if text_of(event.mimeData()):
            super().dragMoveEvent(event)
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take text."""
        if text_of(event.mimeData()):
            super().dropEvent(event)
        else:
            event.ignore()
