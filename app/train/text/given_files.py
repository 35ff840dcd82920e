"""Parts and a vocabulary that are given as files, folded away: most texts have none."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.core import theme
from app.widgets.labels import ElidedLabel, set_role
from app.widgets.parts import breakable, label, tool_button
from app.widgets.pick_drag import files_of

_TITLE = "Parts given as files"
_ABOUT = "For a text that is split already, as PTB is: the text above is its training part."
_FIELDS = (
    ("valid", "Validation", "It decides when learning rates fall; never learned from, never the test"),
    ("test", "Test", "What the models are measured on; of the text above nothing is then held out"),
    ("vocabulary_file", "Vocabulary file", "The words that are known, one a line; the others are unknown"),
)
_NONE = "none: drop a file here"


class FileField(QFrame):
    """A file that is chosen, dropped or left out.

    Signals:
        requested: a file is to be chosen.
        chosen: paths (list) that were dropped; an empty one to do without.
    """

    requested = Signal()
    chosen = Signal(object)

    def __init__(self, name: str, about: str) -> None:
        super().__init__()
        self.setProperty("role", "field")
        self.setToolTip(about)
        self.setAcceptDrops(True)
        self._about = about
        self._shown = ElidedLabel(cut=Qt.TextElideMode.ElideMiddle)
        self.choose = tool_button("folder", f"Choose a file: {name}")
        self.clear = tool_button("close", f"Do without: {name}")
        for each in (self.choose, self.clear):
            each.setProperty("role", "small")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 3, 2)
        row.setSpacing(2)
        row.addWidget(self._shown, 1)
        row.addWidget(self.clear)
        row.addWidget(self.choose)
        self.choose.clicked.connect(self.requested)
        self.clear.clicked.connect(lambda: self.chosen.emit([]))
        self.show_file("")

    @property
    def shown(self) -> str:
        """What stands in the field."""
        return self._shown.text()

    def show_file(self, path: str) -> None:
        """The file that is chosen, "" for none."""
        self._shown.setText(Path(path).name if path else _NONE)
        set_role(self._shown, "" if path else "muted")
        self.setToolTip(f"{path}\n{self._about}" if path else self._about)
        self.clear.setVisible(bool(path))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A file is welcome, and the field shows it."""
        if files_of(event.mimeData()):
            event.acceptProposedAction()
            self._under_hand(True)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Likewise."""
        if files_of(event.mimeData()):
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """It went elsewhere."""
        self._under_hand(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take it."""
        self._under_hand(False)
        if files := files_of(event.mimeData()):
            event.acceptProposedAction()
            self.chosen.emit(files)

    def _under_hand(self, on: bool) -> None:
        self.setProperty("state", "target" if on else "")
        self.style().unpolish(self)
        self.style().polish(self)


class GivenFiles(QWidget):
    """The fields, beneath a heading that folds them away; files that are dragged over it unfold them.

    Signals:
        requested: valid, test or vocabulary_file, for which a file is to be chosen.
        chosen: one of these, and paths (list) that were dropped on its field, an empty one to do without.
    """

    requested = Signal(str)
    chosen = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self.heading = QToolButton()
        self.heading.setText(_TITLE)
        self.heading.setToolTip(_ABOUT)
        self.heading.setCheckable(True)
        self.heading.setProperty("role", "fold")
        self.heading.setAutoRaise(True)
        self.heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._inside = QWidget()
        inside = QVBoxLayout(self._inside)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(2)
        inside.addWidget(label(_ABOUT, role="label", wrap=True))
        self.fields: dict[str, FileField] = {}
        self._problems = {key: label(role="danger", wrap=True) for key, _, _ in _FIELDS}
        for key, name, about in _FIELDS:
            field = self.fields[key] = FileField(name, about)
            field.setAccessibleName(name)
            field.requested.connect(partial(self.requested.emit, key))
            field.chosen.connect(partial(self.chosen.emit, key))
            inside.addWidget(label(name, role="label"))
            inside.addWidget(field)
            inside.addWidget(self._problems[key])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.heading, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._inside)
        self.heading.toggled.connect(self._fold)
        self._there = False
        self._fold(False)

    def show_files(self, files: Mapping[str, str], problems: Mapping[str, str]) -> None:
        """The files that are chosen, "" for none, and what is wrong with some; unfolded where there is one to see."""
        for key, field in self.fields.items():
            field.show_file(files.get(key, ""))
            problem = problems.get(key, "")
            self._problems[key].setText(breakable(problem))
            self._problems[key].setVisible(bool(problem))
        there = [name.lower() for key, name, _ in _FIELDS if files.get(key)]
        self.heading.setText(f"{_TITLE}: {len(there)}" if there else _TITLE)
        if problems or (there and not self._there):
            self.heading.setChecked(True)
        self._there = bool(there)

    @property
    def said(self) -> str:
        """What is said to be wrong."""
        return "\n".join(each.text() for each in self._problems.values() if each.text())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files are let fall on a field: show them. What falls beside one goes to the page around."""
        if files_of(event.mimeData()):
            self.heading.setChecked(True)
        event.ignore()

    def _fold(self, on: bool) -> None:
        self._inside.setVisible(on)
        self.heading.setIcon(theme.icon("chevron-down" if on else "chevron-right"))
