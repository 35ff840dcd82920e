"""The field of the search, and the keys that lead from it to what was found."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent

from app.widgets.text_field import TextField


class SearchField(TextField):
    """A line of text whose keys go through the hits.

    Signals:
        stepped: Enter was pressed (1: to the next hit), or Shift+Enter (-1: to the one before).
        list_wanted: Down was pressed: the keyboard is to go to the list of the hits.
        select_wanted: Ctrl+Enter was pressed: what is found is to be selected.
        escaped: Escape was pressed: the search is to be cleared and the field left.
    """

    stepped = Signal(int)
    list_wanted = Signal()
    select_wanted = Signal()
    escaped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Search sentences")
        self.setToolTip(
            "Mark the sentences that hold this text, within words too, grey out the others (Ctrl+F).\n"
            "Enter goes to the next one, Shift+Enter to the one before, Down into their list; Ctrl+Enter selects them, "
            "Escape clears the search."
            "\nSeveral texts stand between bars: was | were. Columns beside the sentences are searched by name:"
            '\nlabel:positive, stars:>3, stars:2..4, genre:"science fiction", label:missing for those without a value.'
            "\nWords beside that must stand in the sentence: stars:>3 dog. Of so many tokens: length:5..8."
            "\nA regular expression stands between slashes: /^(who|what) .*\\?$/."
        )
        self.setAccessibleDescription(self.toolTip())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Text is typed as in any field."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.select_wanted.emit()
                return
            self.stepped.emit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() == Qt.Key.Key_Down:
            self.list_wanted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)
