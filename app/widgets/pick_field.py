"""A field for a sentence or a point: typed, dropped, or sent from elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from app.core import theme
from app.core.picks import NOTHING, Pick
from app.widgets.pick_drag import LONGEST, pick_of
from app.widgets.send_menu import dropped
from app.widgets.text_field import TextField

TYPING_MS = 400
_CLEARING = (Qt.Key.Key_Backspace, Qt.Key.Key_Delete, Qt.Key.Key_Escape)


class PickField(TextField):
    """Shows a sentence as text and a point as one thing, "point: step 4 of A → B", that is taken away as a whole.

    Typing over a point puts a sentence in its place; Backspace, Delete, Escape or the cross empty the field.

    Signals:
        picked: the `Pick` that a person put here; of typed text, once the typing rests or Enter is pressed. `NOTHING`
            when the field was emptied. No setter emits it.
    """

    picked = Signal(object)

    def __init__(self, name: str, placeholder: str, tooltip: str, pause: int = TYPING_MS) -> None:
        """A field that is empty.

        Args:
            name: what it is for, for assistive technology.
            placeholder: what stands in it while it is empty.
            tooltip: what it is for, while it is empty; otherwise the tooltip says all of what it holds.
            pause: milliseconds without a key after which typed text counts; 0 for every key.
        """
        super().__init__()
        self._pick, self._about, self._told = NOTHING, tooltip, ""
        self.setMaxLength(LONGEST)
        self.setPlaceholderText(placeholder)
        self.setToolTip(tooltip)
        self.setAccessibleName(name)
        self.setAcceptDrops(True)
        self._clear = self.addAction(theme.icon("close", "muted"), QLineEdit.ActionPosition.TrailingPosition)
        self._clear.setToolTip("Empty this field")
        self._clear.setText(f"Empty {name}")
        self._clear.setVisible(False)
        self._clear.triggered.connect(lambda: self._take(NOTHING))
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(pause)
        self._rest.timeout.connect(self._take_typed)
        self.textEdited.connect(lambda _: self._rest.start() if pause else self._take_typed())
        self.textChanged.connect(lambda text: self._clear.setVisible(bool(text)))
        self.returnPressed.connect(self._take_typed)

    def set_pick(self, pick: Pick) -> None:
        """Show this; what a person is typing stays until the field is given something new."""
        if pick != self._pick:
            self._show(pick)

    def settle(self) -> None:
        """What is typed counts now, without the pause."""
        self._take_typed()

    def empty(self) -> None:
        """Hold nothing, not even what is being typed, and tell nobody: the field is no longer asked for."""
        if self.text() or self._pick != NOTHING:
            self._show(NOTHING)

    @property
    def pick(self) -> Pick:
        """What the field holds, typed text that is not told yet included."""
        return self._pick if self._pick.is_point else self._typed()

    # what a person does

    def _take(self, pick: Pick) -> None:
        self._show(pick)
        self.picked.emit(pick)

    def _take_typed(self) -> None:
        self._rest.stop()
        if self._pick.is_point or self._typed() == self._pick:
            return
        self._pick, self._told = self._typed(), self.text()
        self._describe()
        self.picked.emit(self._pick)

    def _typed(self) -> Pick:
        text = self.text().strip()
        unchanged = text in (self._told.strip(), self._pick.text)
        return self._pick if unchanged else Pick(text)  # what was picked may know the test sentence it is

    def _show(self, pick: Pick) -> None:
        self._rest.stop()
        self._pick = pick
        self.setReadOnly(pick.is_point)
        self.setText(pick.label)
        self._told = self.text()
        self.setCursorPosition(0)
        self.setProperty("role", "point" if pick.is_point else "")
        self.style().unpolish(self)
        self.style().polish(self)
        self._describe()

    def _describe(self) -> None:
        said = "\n".join(part for part in (self._pick.label, self._pick.how) if part)
        self.setToolTip(said or self._about)
        self.setAccessibleDescription(said or self._about)

    def event(self, event: QEvent) -> bool:
        """What is typed over a point is text, also where its letter is a key of the window."""
        override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _types(event)
        if override and self._pick.is_point:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A point is taken away as a whole, by its own keys or by typing over it."""
        if self._pick.is_point and event.key() in _CLEARING:
            self._take(NOTHING)
            return
        if self._pick.is_point and (_types(event) or _pastes(event)):
            self._take(NOTHING)
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What was typed counts when the field is left."""
        super().focusOutEvent(event)
        if self._rest.isActive():
            self._take_typed()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Anything with a pick or a text is welcome."""
        if event.source() is self or pick_of(event.mimeData()) is None:
            super().dragEnterEvent(event)
        else:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """A drop takes the place of everything, so it does not matter where."""
        if event.source() is self or pick_of(event.mimeData()) is None:
            super().dragMoveEvent(event)
        else:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped."""
        pick = dropped(self, event.mimeData())
        if event.source() is self or pick is None:
            super().dropEvent(event)
            return
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._take(pick)


def _types(event: QKeyEvent) -> bool:
    command = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    return bool(event.text()) and event.text().isprintable() and not command


def _pastes(event: QKeyEvent) -> bool:
    from PySide6.QtGui import QKeySequence  # its enumerations take a while to make, and the first paint needs none

    return event.matches(QKeySequence.StandardKey.Paste)
