"""Beside the scale of what comes back: of how many sentences that is known, and measuring it of the rest."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.maps.given_back import words
from app.widgets.parts import button, label, tool_button


@dataclass(frozen=True, slots=True)
class Measured:
    """Of how many sentences it is known what comes back.

    Attributes:
        count, of: sentences that are measured of every model in view, and all; `of` is 0 where nobody looks at it.
        offered: whether it can be measured.
        running: whether it is being measured, `fraction` of it done, as `said` in words.
    """

    count: int = 0
    of: int = 0
    offered: bool = False
    running: bool = False
    fraction: float = 0.0
    said: str = ""


class GivenBackTools(QWidget):
    """`1,000 of 10,066 sentences measured [Measure the rest]`, and while it is measured `34% [x]`.

    Signals:
        wanted: it is to be measured of the rest.
        cancelled: no further.
    """

    wanted = Signal()
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._shown = Measured()
        self._short = self._tight = self._bare = False
        self.count = label(role="muted")
        self.measure = button("", "")
        self.measure.clicked.connect(self.wanted)
        self.progress = label(role="muted")
        self.cancel = tool_button("close", "Measure no further; what is measured is kept")
        self.cancel.clicked.connect(self.cancelled)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for part in (self.count, self.measure, self.progress, self.cancel):
            row.addWidget(part)
        self._say()

    def show_measured(self, shown: Measured) -> None:
        """Show of how many it is known, and how far measuring has come."""
        if shown != self._shown:
            self._shown = shown
            self._say()

    def set_short(self, short: bool, tight: bool = False, bare: bool = False) -> None:
        """Say less where there is little room, round it where there is less, and offer only where there is none."""
        if (short, tight, bare) != (self._short, self._tight, self._bare):
            self._short, self._tight, self._bare = short, tight, bare
            self._say()

    @property
    def said(self) -> str:
        """Of how many it is known, in words; "" where that is all, or nobody looks at it."""
        return words.measured(self._shown.count, self._shown.of)

    def _say(self) -> None:
        shown = self._shown
        whole, brief = self.said, words.measured_briefly(shown.count, shown.of, self._tight)
        self.count.setText(brief if self._short or self._tight else whole)
        self.count.setToolTip(whole)
        offered = bool(whole) and shown.offered and not shown.running
        self.count.setVisible(bool(whole) and not (self._short and shown.running) and not (self._bare and offered))
        self.measure.setText("Measure" if self._short else words.button(shown.count))
        self.measure.setToolTip(f"{whole}.\n{words.offered(shown.count, shown.of)}" if whole else "")
        self.measure.setAccessibleName(words.button(shown.count))
        self.measure.setVisible(offered)
        percent = f"{shown.fraction:.0%}"
        self.progress.setText(percent if self._short else f"measuring {percent}")
        self.progress.setToolTip("\n".join(filter(None, (whole, shown.said))))
        for part in (self.progress, self.cancel):
            part.setVisible(shown.running)
        self.setVisible(bool(whole) or shown.running)
