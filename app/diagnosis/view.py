"""The Diagnosis window: a text beside the maps, and what can be done with it. It does not block the window."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QMenu,
    QProgressBar,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from app.widgets.labels import ElidedLabel, show_job
from app.widgets.parts import button, label

STYLE = "b, h3 { font-weight: 600; }"


class DiagnosisView(QDialog):
    """What z carries, and the controls to measure it, copy it and write it out.

    Signals:
        measure_requested, stop_requested: the command is to be started, or given up.
        quick_chosen: whether the first thousand sentences are enough.
        copy_requested, export_requested: the numbers are wanted elsewhere.
        picture_requested: the page is to be saved as a picture.
        lesson_requested: the lesson on collapse is to be read.
    """

    measure_requested, stop_requested = Signal(), Signal()
    quick_chosen = Signal(bool)
    copy_requested, export_requested = Signal(), Signal()
    picture_requested, lesson_requested = Signal(), Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Diagnosis")
        self._subject = label(role="title")
        self._about = ElidedLabel()
        self._about.setProperty("role", "muted")
        self.sentences = QComboBox()
        self.sentences.setToolTip("How many test sentences are measured: more take longer, and narrow the intervals")
        self.sentences.setAccessibleName("Sentences to measure")
        self.sentences.activated.connect(
            lambda index: self.quick_chosen.emit(index == 0 and self.sentences.count() > 1)
        )
        self.measure = button("Measure", "Run diagnose on the shown models; the window can be used meanwhile", "play")
        self.stop = button("Stop", "Give the measuring up; nothing of it is kept", "stop")
        self.copy = button("Copy", "Copy the numbers side by side, and the report, as text", "copy")
        self.export = button("Export…", "Write the numbers as CSV, or all of it as JSON", "export")
        self._bar = QProgressBar(textVisible=False)
        self._said = label(role="muted", wrap=True)
        self.text = QTextBrowser()
        self.text.setAccessibleName("The diagnosis")
        self.text.document().setDefaultStyleSheet(STYLE)
        self.text.setOpenLinks(False)
        self.text.anchorClicked.connect(lambda _: self.lesson_requested.emit())
        self.text.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.text.customContextMenuRequested.connect(lambda at: self.menu().popup(self.text.mapToGlobal(at)))
        self.picture = QAction("Save picture of the diagnosis…", self)
        self.picture.setShortcut("Ctrl+Shift+S")
        self.picture.triggered.connect(self.picture_requested)
        self.addAction(self.picture)
        self.text.document().setDocumentMargin(12)
        self._written = ""
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setIcon(QIcon())  # the platform's clashes with the theme
        buttons.button(QDialogButtonBox.StandardButton.Close).setToolTip("Close the diagnosis (Escape)")
        buttons.rejected.connect(self.close)
        for source, signal in (
            (self.measure, self.measure_requested),
            (self.stop, self.stop_requested),
            (self.copy, self.copy_requested),
            (self.export, self.export_requested),
        ):
            source.setAutoDefault(False)
            source.clicked.connect(signal)
        self._lay_out(buttons)
        self.resize(1040, 720)
        self.fit(parent)

    def fit(self, room: QWidget) -> None:
        """Take no more room than the window beneath has."""
        self.resize(min(self.width(), room.width() - 60), min(self.height(), room.height() - 50))

    def _lay_out(self, buttons: QDialogButtonBox) -> None:
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addWidget(self._subject)
        names.addWidget(self._about)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addLayout(names, 1)
        for part in (self.sentences, self.measure, self.stop, self.copy, self.export):
            head.addWidget(part)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._bar)
        column.addWidget(self._said)
        column.addWidget(self.text, 1)
        column.addWidget(buttons)

    def menu(self) -> QMenu:
        """What can be done with the text. It deletes itself when closed."""
        menu = self.text.createStandardContextMenu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addSeparator()
        menu.addAction(self.picture)
        return menu

    def show_text(self, html: str) -> None:
        """Show a text; who reads goes on at the same place where only figures or colours change."""
        if html != self._written:
            at = self.text.verticalScrollBar().value() if self._written else 0
            self._written = html
            self.text.setHtml(html)
            self.text.verticalScrollBar().setValue(at)

    def show_subject(self, subject: str, about: str) -> None:
        """Which run and step it is of, and how it was made."""
        self._subject.setText(subject)
        self._about.setText(about)
        self._about.setToolTip(about)

    def show_choice(self, choices: list[str], chosen: int, measure: str) -> None:
        """How many sentences can be measured, and what the button says; "" hides both where nothing can be."""
        if [self.sentences.itemText(i) for i in range(self.sentences.count())] != choices:
            self.sentences.clear()
            self.sentences.addItems(choices)
        self.sentences.setCurrentIndex(chosen)
        self.sentences.setVisible(bool(measure))
        self.measure.setText(measure)
        self.measure.setVisible(bool(measure))

    def show_job(self, busy: bool, text: str, fraction: float | None, failed: bool) -> None:
        """What is measured now, or what is to be said instead."""
        began = busy and self.stop.isHidden()
        self.stop.setVisible(busy)
        if began:
            self.stop.setFocus()  # the button that was pressed has gone
        show_job(self._bar, self._said, busy, text, fraction, failed)

    def show_exports(self, on: bool) -> None:
        """Whether there is anything to copy or to write."""
        self.copy.setEnabled(on)
        self.export.setEnabled(on)
