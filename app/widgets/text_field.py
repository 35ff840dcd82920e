"""A line of text as a person types it, into which text can be dropped, but no file."""

from __future__ import annotations

from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QLineEdit

from app.widgets.pick_drag import text_of
from app.widgets.reading.direction import direction_of


def typed_on(before: str, after: str) -> bool:
    """Whether a text is another with one sign more or less, as after a key, and not one that was put in its place.

    White space does not count: a field does not tell of it at the ends.
    """
    short, long = sorted(("".join(text.split()) for text in (before, after)), key=len)
    same = next((i for i, (one, other) in enumerate(zip(short, long, strict=False)) if one != other), len(short))
    return short[same:] == long[same + 1 :] or short[same + 1 :] == long[same + 1 :]


class TextField(QLineEdit):
    """Refuses what has no text of its own: of a file that is dropped "file:///..." would be left here.

    It turns the way its text reads, with the cursor and what stands behind it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.textChanged.connect(self._turn)

    def _turn(self, text: str) -> None:
        if (direction := direction_of(text)) != self.layoutDirection():
            self.setLayoutDirection(direction)

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
