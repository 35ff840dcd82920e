"""Above the maps: which of the kept maps is shown, with the way to others; and how far a new one has come."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from app.maps.making import words
from app.widgets.parts import button, label, tool_button

_ARROW, _BARE = 34, 20  # logical pixels of the button beside its text, and without any


class MapChooser(QWidget):
    """`[Map: UMAP v]  43% [x]`.

    Signals:
        chosen: the name of a map that is to be shown.
        opened: the list of maps is about to be seen.
        new_wanted, rename_wanted, delete_wanted: a map is to be made; the shown one renamed, or deleted.
        cancelled: the map that is made is not wanted any more.
        resized: it may need another width.
    """

    chosen = Signal(str)
    new_wanted = Signal()
    opened = Signal()
    rename_wanted = Signal()
    delete_wanted = Signal()
    cancelled = Signal()
    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._name = ""
        self._short = self._tight = False
        self._job: tuple[str, float, bool] | None = None
        self.open: QPushButton = button("", "Which map is shown; make another, rename or delete it")
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self._group = QActionGroup(self)
        self._first = self.menu.addSeparator()
        self.new = self._act("New map…", "By UMAP, t-SNE or PCA, with settings of your own", self.new_wanted)
        self.rename = self._act("Rename this map…", "", self.rename_wanted)
        self.delete = self._act("Delete this map…", "", self.delete_wanted)
        self.open.setMenu(self.menu)
        self.menu.aboutToShow.connect(self.opened)
        self.progress = label(role="muted")
        self.cancel = tool_button("close", "Make this map no further")
        self.cancel.clicked.connect(self.cancelled)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for part in (self.open, self.progress, self.cancel):
            row.addWidget(part)
        self.set_maps((), "")
        self.set_job(None)

    def set_maps(self, entries: Sequence[tuple[str, str, str]], shown: str, enabled: bool = True) -> None:
        """The maps that there are, name, text and tooltip of each; which is shown; whether anything can be chosen."""
        for action in self._group.actions():
            self._group.removeAction(action)
            self.menu.removeAction(action)
            action.deleteLater()
        for name, text, tooltip in entries:
            action = QAction(text, self.menu)
            action.setCheckable(True)
            action.setChecked(name == shown)
            action.setToolTip(tooltip)
            action.triggered.connect(lambda _=False, name=name: self.chosen.emit(name))
            self._group.addAction(action)
            self.menu.insertAction(self._first, action)
        other, self._name = shown != self._name, shown
        self.open.setEnabled(enabled and bool(entries))
        self.open.setAccessibleName(f"Map {shown}" if shown else "Map")
        self._say()
        if other:
            self.resized.emit()

    def set_job(self, job: tuple[str, float, bool] | None, tooltip: str = "") -> None:
        """The map that is made: its name, 0 to 1, and whether what is shown meanwhile is a coarse one."""
        before, self._job = self._job, job
        for part in (self.progress, self.cancel):
            part.setVisible(job is not None)
        for action in (self.new, self.rename, self.delete):
            action.setEnabled(job is None)
        self.progress.setToolTip(tooltip)
        said = self.progress.text()
        self._say()
        if (job is None) != (before is None) or len(self.progress.text()) != len(said):
            self.resized.emit()

    def set_short(self, short: bool, tight: bool = False) -> None:
        """Say less where there is little room, and no name at all where there is next to none."""
        if (short, tight) != (self._short, self._tight):
            self._short, self._tight = short, tight
            self._say()

    def _say(self) -> None:
        self.open.setText("" if self._tight else words.button(self._name, self._short))
        text = self.open.fontMetrics().horizontalAdvance(self.open.text())
        self.open.setFixedWidth(_ARROW + text if text else _BARE)
        if self._job is not None:
            self.progress.setText(words.under_way(*self._job, self._short))

    def _act(self, text: str, tooltip: str, signal: object) -> QAction:
        action = self.menu.addAction(text)
        action.setToolTip(tooltip or text)
        action.triggered.connect(lambda _=False: signal.emit())  # type: ignore[attr-defined]
        return action
