"""Pages of which one is in view, and where the keys go when it changes by itself, as when something has been loaded."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget
from shiboken6 import isValid


class Pages(QStackedWidget):
    """A stack that hands no keys to a page that nobody has chosen with them.

    Qt gives the keyboard of a page that goes to the first control of the one that comes, and what is being typed would
    change it. Here the stack keeps it, and gives it back when the page that had it is there again. Escape alone is
    handed on, as it changes nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self._left: QWidget | None = None

    def turn_to(self, page: QWidget) -> None:
        """Show one of the pages."""
        shown, focused = self.currentWidget(), QApplication.focusWidget()
        if shown is page:
            return
        if focused is not None and shown is not None and (focused is shown or shown.isAncestorOf(focused)):
            self._left = focused
            self.setFocus()
        self.setCurrentWidget(page)
        left = self._left
        if self.hasFocus() and left is not None and isValid(left) and (left is page or page.isAncestorOf(left)):
            left.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape is for the page in view, also before anything on it was chosen."""
        page = self.currentWidget()
        if page is not None and self.hasFocus() and event.key() == Qt.Key.Key_Escape:
            page.keyPressEvent(event)
        else:
            super().keyPressEvent(event)


def keep_keys(widget: QWidget) -> None:
    """A control is about to be hidden or disabled: if it has the keyboard, no other one is to take its keys."""
    parent = widget.parentWidget()
    if parent is not None and widget.hasFocus():
        parent.setFocus()
