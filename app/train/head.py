"""The head of the Train page: which run, how far it is, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QProgressBar, QToolButton, QVBoxLayout, QWidget

from app.core import theme
from app.train.compare import CompareMenu
from app.widgets.labels import ElidedLabel
from app.widgets.pages import keep_keys
from app.widgets.parts import EDGE, button, keep_room, label
from app.widgets.run_menu import RunMenu


class TrainHead(QWidget):
    """Name, state, progress, facts, buttons.

    Signals:
        new_requested, text_requested, pause_requested, resume_requested, stop_requested: the buttons.
        run_chosen: a run of the workspace, by name.
        folder_requested: a folder is to be chosen.
        compare_requested: a run, by name, is to be laid over the curves, or no longer.
    """

    new_requested = Signal()
    text_requested = Signal()
    pause_requested = Signal()
    resume_requested = Signal()
    stop_requested = Signal()
    run_chosen = Signal(str)
    folder_requested = Signal()
    compare_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.name = label(role="title")
        self._state = label()
        self.pause = button("Pause", "Write a checkpoint and end the process; Resume goes on from there", "pause")
        self.resume = button("Resume", "Go on from the last checkpoint, with the very same numbers", "play", "primary")
        self.stop = button("Stop", "End the training at once; steps after its last checkpoint can be lost", "stop")
        self.new = button("New training", "Choose text, models and settings, and start", "plus")
        self.text = button("Open a text…", "Prepare a file or folder of text, then train on it (Ctrl+O)", "import")
        self.open = QToolButton()
        self.open.setText("Open run")
        self.open.setIcon(theme.icon("folder"))
        self.open.setToolTip("Follow a run of this workspace, or any run folder that some machine writes")
        self.open.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.open.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.compare = QToolButton()
        self.compare.setText("Compare")
        self.compare.setIcon(theme.icon("swap"))
        self.compare.setToolTip("Lay the curves of other runs over these, dashed; their values stand in the table")
        self.compare.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.compare.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.compare_menu = CompareMenu(self.compare)
        self.compare_menu.chosen.connect(self.compare_requested)
        self.compare.setMenu(self.compare_menu)
        self.resume.setIcon(theme.icon("play", "on_accent"))
        self.pause.clicked.connect(self.pause_requested)
        self.resume.clicked.connect(self.resume_requested)
        self.stop.clicked.connect(self.stop_requested)
        self.new.clicked.connect(self.new_requested)
        self.text.clicked.connect(self.text_requested)
        self.runs = RunMenu("", self.open, others=["Choose a folder…"])
        self.runs.chosen.connect(self.run_chosen)
        self.runs.other[0].triggered.connect(lambda: self.folder_requested.emit())
        self.open.setMenu(self.runs)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._facts = QWidget()
        self._facts_row = QHBoxLayout(self._facts)
        self._facts_row.setContentsMargins(0, 0, 0, 0)
        self._facts_row.setSpacing(14)
        self._facts.setMinimumHeight(label("0", role="label").sizeHint().height())
        for part in (self._bar, self._facts):
            keep_room(part)  # what is beneath stays where it is when they come
        self._labels: list[QLabel] = []
        self._ways = ElidedLabel()
        self._ways.setProperty("role", "label")
        self._warning = ElidedLabel()
        self._warning.setProperty("role", "warning")
        width = max(one.sizeHint().width() for one in (self.pause, self.resume))
        for one in (self.pause, self.resume):
            one.setMinimumWidth(width)
        self._lay_out()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.name)
        top.addWidget(self._state)
        top.addStretch(1)
        for widget in (self.resume, self.pause, self.stop, self.compare, self.open, self.text, self.new):
            top.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, 8, EDGE, 0)
        column.setSpacing(5)
        column.addLayout(top)
        column.addWidget(self._bar)
        column.addWidget(self._facts)
        column.addWidget(self._ways)
        column.addWidget(self._warning)

    def set_state(self, name: str, where: str, role: str, words: str, about: str) -> None:
        """Which run, and its state in a word or two, in a role of the theme."""
        self.name.setText(escape(name))
        self.name.setToolTip(where)
        self._state.setText(words)
        self._state.setToolTip(about)
        if self._state.property("role") != role:
            self._state.setProperty("role", role)
            self._state.style().unpolish(self._state)
            self._state.style().polish(self._state)

    def set_progress(
        self, share: float | None, facts: Sequence[tuple[str, str]], warning: str = "", reasons: Sequence[str] = ()
    ) -> None:
        """How far it is (None: there is nothing), facts with their explanations, and what went wrong, with reasons."""
        self._bar.setVisible(share is not None)
        self._facts.setVisible(bool(facts))
        if share is not None:
            self._bar.setValue(round(1000 * min(1.0, max(0.0, share))))
        while len(self._labels) < len(facts):
            self._labels.append(label(role="label"))
            self._facts_row.insertWidget(len(self._labels) - 1, self._labels[-1])
            if len(self._labels) == 1:
                self._facts_row.addStretch(1)
        for i, each in enumerate(self._labels):
            text, about = facts[i] if i < len(facts) else ("", "")
            each.setVisible(bool(text))
            if each.text() != text:
                each.setText(text)
            each.setToolTip(about)
        self._warning.setText(warning)
        self._warning.setToolTip("\n".join(reasons))
        self._warning.setVisible(bool(warning))

    def set_actions(self, pause: bool, resume: bool, stop: bool, insist: bool) -> None:
        """Which buttons there are; `insist` while the process was asked to stop and has not ended yet."""
        if stop and self.stop.isHidden():  # a second press on what stood here before is not meant for it
            self.stop.setEnabled(False)
            QTimer.singleShot(QApplication.doubleClickInterval(), self.stop, lambda: self.stop.setEnabled(True))
        for one, there in ((self.pause, pause), (self.resume, resume), (self.stop, stop)):
            if not there:
                keep_keys(one)  # a second press must not be another button's
            one.setVisible(there)
        policy = self.stop.sizePolicy()
        policy.setRetainSizeWhenHidden(resume)  # Pause and Resume stand at the same place
        self.stop.setSizePolicy(policy)
        self.stop.setText("End at once" if insist else "Stop")
        self.stop.setToolTip(
            "Do not wait for the checkpoint: what was trained since the last one is lost"
            if insist
            else "End without waiting for a checkpoint: Resume goes on from the last one, what came after may be lost"
        )

    def set_ways_to_end(self, text: str) -> None:
        """How Pause and Stop differ, now; "" where neither can be pressed."""
        self._ways.setText(text)
        self._ways.setToolTip(text)
        self._ways.setVisible(bool(text))

    @property
    def texts(self) -> list[str]:
        """The facts that stand there."""
        return [each.text() for each in self._labels if each.text()]

    @property
    def state(self) -> str:
        """The state in words."""
        return self._state.text()
