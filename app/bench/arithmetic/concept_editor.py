"""The two groups of sentences that make a concept: a field for each, what it holds, and the list of that."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QVBoxLayout, QWidget

from app.bench.arithmetic.state import Group, GroupName
from app.bench.arithmetic.words import group_note
from app.widgets.parts import EDGE, button, label, tool_button
from app.widgets.pick_drag import LONGEST, pick_of
from app.widgets.reading.direction import ReadingDelegate
from app.widgets.send_menu import dropped
from app.widgets.text_field import TextField

_LIST = 520, 300  # logical pixels


class GroupField(TextField):
    """Where a person types; a sentence or point that is dropped on it is one more of the group.

    Signals:
        dropped: the `Pick`.
    """

    dropped = Signal(object)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Sentences and points are welcome."""
        self._welcome(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """It does not matter where."""
        self._welcome(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """One more."""
        pick = dropped(self, event.mimeData())
        if pick is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.dropped.emit(pick)

    def _welcome(self, event: QDragMoveEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.setAccepted(pick_of(event.mimeData()) is not None)


class MemberList(QFrame):
    """The sentences of a group over the window, until the person clicks elsewhere. Delete takes one out.

    Signals:
        removed: the place of a sentence.
    """

    removed = Signal(int)

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("role", "panel")
        self.list = QListWidget()
        self.list.setItemDelegate(ReadingDelegate(self.list))
        self.list.setAccessibleName(f"Sentences of the group {name}")
        self.list.setUniformItemSizes(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        hint = label("Delete takes the chosen sentence out of the group.", role="muted")
        remove = button("Remove", "Take the chosen sentence out of the group (Delete)", "close")
        remove.clicked.connect(self._remove)
        foot = QHBoxLayout()
        foot.addWidget(hint, 1)
        foot.addWidget(remove)
        column = QVBoxLayout(self)
        column.addWidget(self.list)
        column.addLayout(foot)
        self.resize(*_LIST)

    def show_texts(self, texts: list[str]) -> None:
        """Show these sentences; the chosen place stays."""
        row = self.list.currentRow()
        self.list.clear()
        self.list.addItems(texts)
        self.list.setCurrentRow(min(max(row, 0), len(texts) - 1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete takes one out, Escape closes."""
        if event.key() == Qt.Key.Key_Delete:
            self._remove()
        else:
            super().keyPressEvent(event)

    def _remove(self) -> None:
        if self.list.currentRow() >= 0:
            self.removed.emit(self.list.currentRow())


class GroupEditor(QWidget):
    """One group: a field, and buttons for what stands in it."""

    typed = Signal(str)
    line_added = Signal()
    all_added = Signal()
    dropped = Signal(object)
    clicked_wanted = Signal()
    removed = Signal(int)
    cleared = Signal()

    def __init__(self, name: GroupName) -> None:
        super().__init__()
        self._group = Group()
        self.field = GroupField()
        self.field.setMaxLength(LONGEST)
        self.field.setMinimumWidth(90)
        self.field.setPlaceholderText(f"A sentence or a word {name} it")
        self.field.setAccessibleName(f"Sentence or word for the group {name}")
        self.field.setToolTip(
            f"Sentences {name} the concept: type one and press Enter, or type what to search for, such as ? or\n"
            "was | were (either word), and press Add all. Sentences can be dropped here, or sent from any tab;\n"
            "points selected on the maps become a group with Ctrl+K."
        )
        self.field.textChanged.connect(self.typed)
        self.field.returnPressed.connect(self.line_added)
        self.field.dropped.connect(self.dropped)
        self.line = tool_button("plus", f"Add the typed sentence itself to the group {name} (Enter)")
        self.line.clicked.connect(self.line_added)
        self.all = button("Add all", "Add every test sentence that holds the typed word or phrase", "search")
        self.all.clicked.connect(self.all_added)
        self.clicked = tool_button("pin", f"Add the clicked sentence to the group {name}")
        self.clicked.clicked.connect(self.clicked_wanted)
        self.count = button("0 sentences", "Show the sentences of the group; there they can be taken out", role="quiet")
        self.count.clicked.connect(self.open_list)
        self.clear = tool_button("close", f"Empty the group {name}")
        self.clear.clicked.connect(self.cleared)
        self.list = MemberList(name, self)
        self.list.removed.connect(self.removed)
        title = label(name, role="title")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(title)
        row.addWidget(self.field, 1)
        for widget in (self.line, self.all, self.clicked, self.count, self.clear):
            row.addWidget(widget)

    def show_group(self, group: Group, clickable: bool) -> None:
        """Show what the field and the group hold; `clickable`: whether a sentence is clicked in the maps."""
        if self.field.text() != group.text:
            with QSignalBlocker(self.field):
                self.field.setText(group.text)
        written = bool(group.text.strip())
        self.line.setEnabled(written)
        self.all.setEnabled(written and group.matches != 0)
        self.all.setText("Add all" if group.matches is None else f"Add all {_short(group.matches)}")
        self.clicked.setEnabled(clickable)
        if group.members != self._group.members or not self.count.text():
            self.count.setText(group_note(group))
            if self.list.isVisible():
                self._fill(group)
        self.count.setEnabled(bool(group.members))
        self.clear.setEnabled(bool(group.members))
        self._group = group

    def open_list(self) -> None:
        """Show the sentences beneath the button."""
        self._fill(self._group)
        self.list.move(self.count.mapToGlobal(QPoint(self.count.width() - self.list.width(), self.count.height())))
        self.list.show()
        self.list.list.setFocus()

    def _fill(self, group: Group) -> None:
        self.list.show_texts([member.pick.label for member in group.members])


class ConceptEditor(QWidget):
    """Both groups side by side.

    Signals carry the group's name first, then what `GroupEditor` tells.
    """

    typed = Signal(str, str)
    line_added = Signal(str)
    all_added = Signal(str)
    dropped = Signal(str, object)
    clicked_wanted = Signal(str)
    removed = Signal(str, int)
    cleared = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.editors: dict[GroupName, GroupEditor] = {"with": GroupEditor("with"), "without": GroupEditor("without")}
        row = QHBoxLayout(self)
        row.setContentsMargins(EDGE, 0, EDGE, 0)
        row.setSpacing(16)
        for name, editor in self.editors.items():
            row.addWidget(editor, 1)
            self._connect(name, editor)

    def _connect(self, name: GroupName, editor: GroupEditor) -> None:
        editor.typed.connect(lambda text: self.typed.emit(name, text))
        editor.line_added.connect(lambda: self.line_added.emit(name))
        editor.all_added.connect(lambda: self.all_added.emit(name))
        editor.dropped.connect(lambda pick: self.dropped.emit(name, pick))
        editor.clicked_wanted.connect(lambda: self.clicked_wanted.emit(name))
        editor.removed.connect(lambda place: self.removed.emit(name, place))
        editor.cleared.connect(lambda: self.cleared.emit(name))

    def show_groups(self, groups: Mapping[GroupName, Group], clickable: bool) -> None:
        """Show what they hold."""
        for name, editor in self.editors.items():
            editor.show_group(groups[name], clickable)


def _short(count: int) -> str:
    """A count that keeps a button narrow: thousands are rounded where there are ten or more."""
    return f"{count:,}" if count < 10_000 else f"{round(count / 1000):,} k"
