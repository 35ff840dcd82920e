"""A group of settings as a card, with the unusual ones folded away."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.train.form.field_widgets import FieldEdit
from app.train.form.fields import Group
from app.widgets.parts import label

_COLUMNS = 3


class GroupCard(QFrame):
    """The settings of a group; the unusual ones are folded away under "More", and made when they are wanted first.

    Signals:
        edited: the key of a setting and its text.
        unfolded: there are more fields now, which show nothing yet.
    """

    edited = Signal(str, str)
    unfolded = Signal()

    def __init__(self, group: Group) -> None:
        super().__init__()
        self.group = group
        self.setProperty("role", "panel")
        self.fields: dict[str, FieldEdit] = {}
        self._extra: QWidget | None = None
        self._more = QToolButton()
        self._more.setText("More")
        self._more.setCheckable(True)
        self._more.setAutoRaise(True)
        self._more.setToolTip(f"The rest of the settings: {', '.join(f.name for f in group.fields if f.more)}")
        self._more.toggled.connect(self._fold)
        top = QHBoxLayout()
        top.addWidget(label(group.name, role="title"))
        top.addStretch(1)
        top.addWidget(self._more)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 6, 10, 10)
        self._column.setSpacing(4)
        self._column.addLayout(top)
        self._column.addWidget(self._part(more=False))

    def unfold(self) -> None:
        """Show the unusual settings too."""
        self._more.setChecked(True)

    def _fold(self, on: bool) -> None:
        if self._extra is None:
            self._extra = self._part(more=True)
            self._column.addWidget(self._extra)
            self.unfolded.emit()
        self._extra.setVisible(on)

    def _part(self, more: bool) -> QWidget:
        part = QWidget()
        grid = QGridLayout(part)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(6)
        for i, field in enumerate(field for field in self.group.fields if field.more == more):
            edit = self.fields[field.key] = FieldEdit(field)
            edit.edited.connect(partial(self.edited.emit, field.key))
            grid.addWidget(edit, i // _COLUMNS, i % _COLUMNS)
        for i in range(_COLUMNS):
            grid.setColumnStretch(i, 1)
        return part
