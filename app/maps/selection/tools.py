"""In the line above the maps: what the mouse does on them, and how many sentences are selected."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QToolButton, QWidget

from app.maps.selection import words
from app.widgets.parts import button, tool_button

_HOW = (
    "\nShift adds to what is selected, Ctrl or Alt takes out of it, both together keep only what is in both. "
    "The wheel zooms, the middle button moves the map."
)
_TOOLS: Mapping[str, tuple[str, str]] = {
    "look": (
        "move",
        "Look around: drag to move the map (H)\n"
        "Drag with Shift to add a box to the selection, with Ctrl or Alt to take it out.",
    ),
    "box": ("box", f"Box: drag over points to select them (M){_HOW}"),
    "lasso": ("lasso", f"Lasso: draw round points to select them (L){_HOW}"),
    "path": (
        "path",
        "Path: draw a line over a map and read the sentences along it (P)\n"
        "The wheel zooms, the middle button moves the map.",
    ),
}
_NAMES = {"look": "Look around", "box": "Select with a box", "lasso": "Select with a lasso", "path": "Draw a path"}
_ROOM = 22  # logical pixels of a button beside its text


class SelectionTools(QWidget):
    """The tools, of which one is in the hand, and the button that says how many are selected and opens the rest.

    Signals:
        tool_chosen: "look", "box", "lasso" or "path".
        opened: what is selected, and ways to select, are to be shown.
        resized: it may need another width.
    """

    tool_chosen = Signal(str)
    opened = Signal()
    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self._tools: dict[str, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for name, (icon, tooltip) in _TOOLS.items():
            made = tool_button(icon, tooltip)
            made.setAccessibleName(_NAMES[name])
            made.setCheckable(True)
            made.clicked.connect(lambda _=False, name=name: self.tool_chosen.emit(name))
            self._group.addButton(made)
            self._tools[name] = made
            row.addWidget(made)
        self.count: QPushButton = button("", "What is selected, and ways to select: by the search, neighbours, numbers")
        self.count.clicked.connect(self.opened)
        row.addWidget(self.count)
        self._chosen = self._n = 0
        self._short = self._tight = False
        self.set_tool("look")
        self._say()

    def set_tool(self, name: str) -> None:
        """Which tool is in the hand."""
        self._tools[name].setChecked(True)

    def set_count(self, chosen: int, n: int) -> None:
        """How many of n sentences are selected."""
        if (chosen, n) != (self._chosen, self._n):
            self._chosen, self._n = chosen, n
            self._say()
            self.resized.emit()

    def _say(self) -> None:
        chosen, n = self._chosen, self._n
        text = words.count(chosen, n, self._short, self._tight)
        self.count.setText(text)
        self.count.setAccessibleName(words.heading(chosen, n))
        room = max((text, words.count(min(n, 99_999), n, self._short, self._tight)) if chosen else (text,), key=len)
        self.count.setFixedWidth(self.count.fontMetrics().horizontalAdvance(room) + _ROOM)

    def set_short(self, short: bool) -> None:
        """Leave out of how many, where there is little room."""
        if short != self._short:
            self._short = short
            self._say()

    def set_tight(self, tight: bool) -> None:
        """Say nothing but how many, where there is hardly any room."""
        if tight != self._tight:
            self._tight = tight
            self._say()

    def minimumSizeHint(self) -> QSize:
        """All of it."""
        return self.sizeHint()
