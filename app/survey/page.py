"""The Survey page as it is seen: which survey, what can be done with it, and what people answered. Layout only."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QMenu,
    QProgressBar,
    QTextBrowser,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core import theme
from app.core.values import Stage
from app.widgets.labels import ElidedLabel, show_job
from app.widgets.pages import Pages, keep_keys
from app.widgets.parts import EDGE, button
from app.widgets.state_overlay import StateOverlay

STYLE = "b, h3 { font-weight: 600; }"
_COUNTED: tuple[tuple[str, int | None], ...] = (
    ("Count everybody", None),
    ("No catch trial failed", 0),
    ("One failed at most", 1),
)


class SurveyPage(QWidget):
    """Setters in, signals out.

    Signals:
        chosen: the name of a survey.
        counted: how many catch trials a respondent may fail, None for any number.
        new_requested, pages_requested, import_requested, copy_requested: the buttons.
        take_requested: the place of a broken off response in the menu, -1 for a new respondent.
        export_requested: a format.
        dropped: files and folders were let fall on the page.
        retry_requested: the survey is to be read again.
    """

    chosen = Signal(str)
    counted = Signal(object)
    new_requested, pages_requested, import_requested, copy_requested = Signal(), Signal(), Signal(), Signal()
    take_requested = Signal(int)
    export_requested = Signal(str)
    dropped = Signal(object)
    retry_requested = Signal()

    def __init__(self, formats: Sequence[tuple[str, str]]) -> None:
        """Args: formats: in which tables can be written, each with what people call it."""
        super().__init__()
        self.setAcceptDrops(True)
        self.names = QComboBox()
        self.names.setAccessibleName("Survey")
        self.names.setToolTip("The survey that is shown")
        self.names.setMinimumContentsLength(18)
        self.names.activated.connect(lambda _: self.chosen.emit(self.names.currentText()))
        self.new = button("New survey…", "Make a survey of what the models of the open run write", "plus")
        self.take = _menu_button("Take it", "Answer the survey here, full screen, without names of models", "play")
        self.pages = button("Web pages…", "Write a page for each respondent, which needs no network", "send")
        self.import_ = button("Import…", "Take in answers that respondents sent; or drop their files here", "import")
        self.count = QComboBox()
        self.count.setAccessibleName("Whose answers count")
        self.count.setToolTip("Catch trials have an answer that is right; decide before you look at the results")
        for words, _ in _COUNTED:
            self.count.addItem(words)
        self.count.activated.connect(lambda place: self.counted.emit(_COUNTED[place][1]))
        self.copy = button("Copy", "Copy all tables as Markdown", "copy")
        self.export = _menu_button("Export", "Write all tables into a folder", "export")
        menu = self.export.menu()
        for name, words in formats:
            menu.addAction(words).triggered.connect(partial(self._export, name))
        self._about, self._followed = ElidedLabel(), ElidedLabel()
        self._about.setProperty("role", "muted")
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedHeight(6)
        self._job = ElidedLabel()
        self.text = QTextBrowser()
        self.text.setAccessibleName("Results of the survey")
        self.text.document().setDefaultStyleSheet(STYLE)
        self.text.document().setDocumentMargin(12)
        self.text.setOpenLinks(False)
        self._written = "", ""
        self.message = StateOverlay()
        self.message.action_requested.connect(self.retry_requested)
        self._body = Pages()
        self._body.addWidget(self.text)
        self._body.addWidget(self.message)
        for source, signal in (
            (self.new, self.new_requested),
            (self.pages, self.pages_requested),
            (self.import_, self.import_requested),
            (self.copy, self.copy_requested),
        ):
            source.clicked.connect(signal)
        self._lay_out()

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setContentsMargins(EDGE, 0, EDGE, 0)
            row.setSpacing(8)
        for part in (self.names, self.new, self.take, self.pages, self.import_):
            first.addWidget(part)
        first.addStretch(1)
        for part in (self.count, self.copy, self.export):
            first.addWidget(part)
        second.addWidget(self._followed, 2)
        second.addWidget(self._about, 3)
        third = QHBoxLayout()
        third.setContentsMargins(EDGE, 0, EDGE, 0)
        third.addWidget(self._job, 1)
        third.addWidget(self._bar, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, EDGE, 0, 0)
        column.setSpacing(8)
        column.addLayout(first)
        column.addLayout(second)
        column.addLayout(third)
        column.addWidget(self._body, 1)

    # what it is told

    def show_names(self, names: Sequence[str], name: str) -> None:
        """The surveys there are, and which one is shown."""
        with QSignalBlocker(self.names):
            if [self.names.itemText(place) for place in range(self.names.count())] != list(names):
                self.names.clear()
                self.names.addItems(list(names))
            self.names.setCurrentIndex(self.names.findText(name))
        keep_keys(self.names)
        self.names.setEnabled(bool(names))

    def show_head(self, about: str, followed: str, broken_off: Sequence[str], counted: bool) -> None:
        """What the survey is and how far, "" where none is shown; whether its tables are of those who are to count."""
        self._about.setText(about)
        self._about.setToolTip(about)
        self._followed.setText(followed)
        on = bool(about)
        for part in (self.take, self.pages, self.import_, self.count, self.copy, self.export):
            usable = on and (counted or part not in (self.copy, self.export))
            if not usable:
                keep_keys(part)
            part.setEnabled(usable)
        menu = self.take.menu()
        menu.clear()
        menu.addAction("As a new respondent").triggered.connect(lambda: self.take_requested.emit(-1))
        for place, words in enumerate(broken_off):
            menu.addAction(words).triggered.connect(partial(self._take, place))

    def show_text(self, name: str, html: str) -> None:
        """The results of a survey; who reads goes on at the same place where only figures or colours change."""
        if (name, html) != self._written:
            at = self.text.verticalScrollBar().value() if self._written[0] == name else 0
            self._written = name, html
            self.text.setHtml(html)
            self.text.verticalScrollBar().setValue(at)
        self._body.turn_to(self.text)

    def show_message(self, stage: Stage) -> None:
        """What is said where there are no results."""
        if stage.kind == "loading":
            self.message.show_message("loading", stage.text, "", None, "")
        elif stage.kind == "failed":
            self.message.show_message("failed", stage.text, stage.hint, None, "Read again")
        else:
            self.message.show_message("empty", stage.text, stage.hint, None, "")
        self._body.turn_to(self.message)

    def show_job(self, job: Stage) -> None:
        """How far a survey is that is being made, or why it was not."""
        text = f"{job.text} {job.hint}".strip()
        show_job(self._bar, self._job, job.kind == "computing", text, job.fraction, job.kind == "failed")
        self._job.setToolTip(text)

    @property
    def in_view(self) -> tuple[QWidget, ...]:
        """What can be saved as a picture: nothing here, as all of it is tables."""
        return ()

    # files that are dropped

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files of this machine are welcome."""
        if _files(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """As they were when they came."""
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Answers that respondents have sent."""
        self.dropped.emit(_files(event.mimeData()))
        event.acceptProposedAction()

    def _export(self, name: str, _checked: bool = False) -> None:
        self.export_requested.emit(name)

    def _take(self, place: int, _checked: bool = False) -> None:
        self.take_requested.emit(place)


def _menu_button(text: str, tooltip: str, icon: str) -> QToolButton:
    made = QToolButton()
    made.setText(text)
    made.setToolTip(tooltip)
    made.setIcon(theme.icon(icon))
    made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    made.setMenu(QMenu(made))
    return made


def _files(data: QMimeData) -> list[Path]:
    """The files and folders of this machine that are dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
