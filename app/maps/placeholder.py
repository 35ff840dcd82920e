"""What stands where the maps will be: one panel over the whole width that says why there are none yet, or any more."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from app.core import theme
from app.widgets.labels import ColourChip, ElidedLabel
from app.widgets.state_overlay import State, StateOverlay

_TITLE = "Maps of the test sentences"


class MapsPlaceholder(QFrame):
    """A head like a map's, and a message beneath it.

    It needs nothing of the maps, so that the window is on the screen before they are imported.

    Signals:
        action_requested: the button of the message was pressed.
    """

    action_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.setAccessibleName(_TITLE)
        title = ElidedLabel()
        title.setProperty("role", "title")
        title.setText(_TITLE)
        title.setToolTip(_TITLE)
        self._overlay = StateOverlay(see_through=False)
        self._overlay.action_requested.connect(self.action_requested)
        head = QHBoxLayout()
        head.setContentsMargins(theme.SPACE + 2, theme.SPACE, theme.SPACE + 2, theme.SPACE)
        head.setSpacing(theme.SPACE)
        head.addWidget(ColourChip())
        head.addWidget(title, 1)
        stage = QHBoxLayout()
        stage.setContentsMargins(1, 0, 1, 0)
        stage.addWidget(self._overlay)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(stage, 1)

    def show_message(
        self, state: State, text: str, hint: str = "", fraction: float | None = None, action: str = ""
    ) -> None:
        """Say what is going on.

        Args:
            state: "loading", "empty" or "failed".
            text: what is happening or wrong, in one sentence.
            hint: the next step.
            fraction: 0 to 1 of the work done while loading, None when it is not known.
            action: words on a button that emits `action_requested`; no button when empty.
        """
        self._overlay.show_message(state, text, hint, fraction, action)
