"""The Evaluate page: what was measured, the table, and the open number beside it. Layout only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QProgressBar,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.core import theme
from app.core.values import Column
from app.evaluate.detail import NumberDetail
from app.evaluate.state import Choice
from app.evaluate.table import NumbersView
from app.widgets.labels import ElidedLabel, show_job
from app.widgets.pages import Pages, keep_keys
from app.widgets.parts import EDGE, Segmented, button, label, toggle
from app.widgets.state_overlay import State, StateOverlay
from app.widgets.text_field import TextField
from engine.evaluation.measures.definitions import SHORT, WAYS

FORMATS = (
    ("csv", "CSV, every number for programs"),
    ("tsv", "TSV, every number, with tabs"),
    ("xlsx", "Excel, every number for spreadsheets"),
    ("parquet", "Parquet, every number for data frames"),
    ("json", "JSON, every number with notes"),
    ("md", "Markdown, as shown, for notes"),
    ("tex", "LaTeX, as shown, for papers"),
    ("html", "HTML, as shown, for browsers"),
)
"""Every format, with what is written in it."""
_REPORT = "Write a folder with all tables, figures, settings and seeds"
_WRITING = "Writing…"
_OVER = (
    "Take the numbers over some of the measured sentences: those with these words, of so many tokens, with this\n"
    'beside them, as in the search: the dog tokens:5-10 label:positive stars:2..4 author:"Jane Doe" | /^who/\n'
    "Words are whole words, next to each other; bars part alternatives.\n"
    "Nothing is measured again. Enter takes them; an empty field takes all."
)


class _Message(StateOverlay):
    """The message over the page's own ground, as it has nothing to cover."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing beneath the words."""


class EvaluatePage(QWidget):
    """Head, choices, table and the open number; or a message where there is nothing to show.

    Signals:
        measure_requested, refine_requested, stop_requested: the command is to be started or ended.
        judge_requested: the second judge is to be trained.
        retry_requested: what was kept is to be read again.
        copy_requested: the table is wanted on the clipboard.
        export_requested: a format of `FORMATS`.
        report_requested: the report is to be written.
        choice_made: another `Choice`.
        selected_requested: the numbers are to be taken over what is selected on the maps.
    """

    measure_requested, refine_requested, stop_requested = Signal(), Signal(), Signal()
    judge_requested, retry_requested, copy_requested, report_requested = Signal(), Signal(), Signal(), Signal()
    export_requested = Signal(str)
    choice_made = Signal(object)
    selected_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._choice = Choice()
        self._columns: tuple[Column, ...] = ()
        self._acting = "retry"
        self._subject = label(role="title")
        self._about = ElidedLabel()
        self._about.setProperty("role", "muted")
        self.measure = button("Measure", "Run evaluate on the shown models; the window can be used meanwhile", "play")
        self.refine = button(
            "Refine", "Measure the rest of the test set too; the table stays until it is there", "plus"
        )
        self.judge = button(
            "Second judge",
            "Train a small language model on the text of this run, and have it judge what the models write.\n"
            "It looks at whole sentences, the first one at four words. That takes minutes, and the window stays free",
            "plus",
        )
        self.stop = button("Stop", "Stop measuring; what is measured is kept, and Resume goes on from it", "stop")
        self.copy = button("Copy", "Copy what the table shows, for spreadsheets and texts", "copy")
        self.export = button("Export", "Write the numbers to a file", "export")
        self.report = button(_WRITING, "", "table")
        self.report.setMinimumWidth(self.report.sizeHint().width())  # of the longer text that it has
        self.show_report("")
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName("How far the evaluation has come")
        self._said = label(role="muted", wrap=True)
        self._so_far = label(role="warning")
        self._make_choosers()
        self.table = NumbersView()
        self._legend = label(role="label", wrap=True)
        self.detail = NumberDetail()
        self._overlay = _Message()
        self._overlay.action_requested.connect(self._act)
        self._connect()
        self._lay_out()

    # what is shown

    def show_subject(self, subject: str, about: str) -> None:
        """Which run and step it is of, and how it was made."""
        self._subject.setText(subject or "Evaluate")
        self._about.setText(about)
        self._about.setToolTip(about.replace(" · ", "\n"))

    def show_actions(self, measure: str, refine: str, judge: str, busy: bool, there: bool, report: bool) -> None:
        """What the buttons say ("" hides one), whether the command runs, whether there is anything to be written."""
        starts = (self.measure, self.refine, self.judge)
        began = busy and self.stop.isHidden() and any(each.hasFocus() for each in starts)
        for each, text in zip(starts, (measure, refine, judge), strict=True):
            if each.text() != text and text:
                each.setText(text)
            if not text and not began:
                keep_keys(each)
            each.setVisible(bool(text))
        self.stop.setVisible(busy)
        if began:
            self.stop.setFocus()  # the button that was pressed has gone
        self.copy.setVisible(there)
        self.export.setVisible(there)
        self.report.setVisible(there and report)

    def show_report(self, writing: str) -> None:
        """What of a report is being written; "" where none is, so that one can be asked for."""
        self.report.setText(_WRITING if writing else "Report…")
        self.report.setEnabled(not writing)
        about = f"The report is being written: {writing}" if writing else _REPORT
        self.report.setToolTip(about)
        self.report.setAccessibleDescription(about)

    def show_job(self, busy: bool, text: str, fraction: float | None, failed: bool, so_far: str) -> None:
        """What is measured now, or what is to be said; and that numbers are still to come."""
        show_job(self._bar, self._said, busy, text, fraction, failed)
        self._so_far.setText(so_far)
        self._so_far.setVisible(bool(so_far))

    def show_choice(self, choice: Choice, columns: Sequence[Column], baseline: str) -> None:
        """What is chosen, of which variants."""
        before, self._choice, self._columns = self._choice, choice, tuple(columns)
        with QSignalBlocker(self.baseline):
            labels = [column.label for column in columns]
            if [self.baseline.itemText(i) for i in range(self.baseline.count())] != labels:
                self.baseline.clear()
                self.baseline.addItems(labels)
            names = [column.name for column in columns]
            self.baseline.setCurrentIndex(names.index(baseline) if baseline in names else -1)
        shown = [column for column in columns if column.name not in choice.hidden] or list(columns)
        self.variants.setText(f"{len(shown)} of {len(columns)} variants")
        self.rows.set_value("all" if choice.every_row else "headlines")
        self.by_length.setChecked(choice.by_length)
        if (choice.over, choice.picked) != (before.over, before.picked):  # else what is being typed stays
            with QSignalBlocker(self.over):
                self.over.setText(choice.over)
        with QSignalBlocker(self.way):
            self.way.setCurrentIndex([*WAYS, ""].index(choice.way) if choice.way in WAYS else len(WAYS))

    def show_selected(self, count: int) -> None:
        """How many sentences are selected on the maps."""
        these = f"Take the numbers over the {count:,} sentences that are selected on the maps"
        self.selected.setToolTip(these if count else "Nothing is selected on the maps: a box or a lasso there selects")
        self.selected.setEnabled(bool(count))

    def show_legend(self, legend: str) -> None:
        """What the marks mean."""
        self._legend.setText(legend)

    def show_message(
        self,
        state: State,
        text: str,
        hint: str,
        fraction: float | None = None,
        action: str = "",
        measures: bool = False,
        chooses: bool = False,
    ) -> None:
        """Say why there is nothing to see; the button measures, or reads again. `chooses`: something else can be."""
        self._acting = "measure" if measures else "retry"
        self._overlay.show_message(state, text, hint, fraction, action)
        self._body.turn_to(self._overlay)
        self._choosers.setVisible(chooses)

    def show_numbers(self) -> None:
        """Show the table."""
        self._choosers.setVisible(True)
        self._body.turn_to(self._numbers)

    def show_beside(self, on: bool) -> None:
        """Whether the open number stands beside the table; its keys go back to the table."""
        if not on and self.detail.isAncestorOf(self.focusWidget() or self):
            self.table.setFocus()
        self._beside.setVisible(on)
        self._left.setContentsMargins(EDGE, 0, 0 if on else EDGE, 6)

    @property
    def showing_numbers(self) -> bool:
        """Whether the table is in view."""
        return self._body.currentWidget() is self._numbers

    @property
    def in_view(self) -> tuple[QWidget, ...]:
        """What can be saved as a picture, the first thing first."""
        return (self.table, self.detail) if self.showing_numbers else ()

    # how it is made

    def _make_choosers(self) -> None:
        self.baseline = QComboBox()
        self.baseline.setAccessibleName("Baseline")
        self.baseline.setToolTip("The variant that the others are held against, paired over the same items")
        self.baseline.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.variants = button("Variants", "Which variants have a column")
        self._menu = QMenu(self.variants)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.variants.setMenu(self._menu)
        self.rows = Segmented(
            [("headlines", "Headlines", "The numbers that tell most"), ("all", "All numbers", "Every number there is")]
        )
        self.way = QComboBox()
        self.way.addItems([*(words[:1].upper() + words[1:] for words in WAYS.values()), "All four ways"])
        self.way.setAccessibleName("How sentences are given back")
        self.way.setToolTip(
            "How the sentences of the numbers of reconstruction were given back: the search, and which z"
        )
        self.way.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.over = TextField()
        self.over.setPlaceholderText("all measured sentences")
        self.over.setAccessibleName("Sentences that the numbers are taken over")
        self.over.setToolTip(_OVER)
        self.over.setClearButtonEnabled(True)
        self.over.setMinimumWidth(130)
        self.selected = self.over.addAction(theme.icon("lasso", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.by_length = toggle("By length", f"Also the numbers of sentences up to {SHORT} tokens and over, alone")

    def _connect(self) -> None:
        for source, signal in (
            (self.measure, self.measure_requested),
            (self.refine, self.refine_requested),
            (self.judge, self.judge_requested),
            (self.stop, self.stop_requested),
            (self.copy, self.copy_requested),
            (self.report, self.report_requested),
        ):
            source.clicked.connect(signal)
        formats = QMenu(self.export)
        for name, words in FORMATS:
            formats.addAction(words).triggered.connect(partial(self._export, name))
        self.export.setMenu(formats)
        self.baseline.activated.connect(lambda i: self._choose(baseline=self._columns[i].name))
        self.rows.chosen.connect(lambda value: self._choose(every_row=value == "all"))
        self.way.activated.connect(lambda i: self._choose(way=[*WAYS, ""][i]))
        self.by_length.clicked.connect(lambda on: self._choose(by_length=on))
        self.over.editingFinished.connect(self._choose_over)
        self.over.textChanged.connect(self._emptied)
        self.selected.triggered.connect(self.selected_requested)

    def _lay_out(self) -> None:
        names = QVBoxLayout()
        names.setSpacing(1)
        names.addWidget(self._subject)
        names.addWidget(self._about)
        head = _line()
        head.addLayout(names, 1)
        for part in (self.measure, self.refine, self.judge, self.stop, self.copy, self.export, self.report):
            head.addWidget(part)
        self._choosers = QWidget()
        row = _line(self._choosers)
        choosers: tuple[tuple[str, QWidget], ...] = (
            ("Baseline", self.baseline),
            ("", self.variants),
            ("", self.rows),
            ("Given back by", self.way),
            ("", self.by_length),
            ("Over", self.over),
        )
        for text, chooser in choosers:
            if text:
                row.addWidget(label(text, role="muted"))
            row.addWidget(chooser, 1 if chooser is self.over else 0)
        lines = QWidget()
        told = QVBoxLayout(lines)
        told.setContentsMargins(EDGE, 0, EDGE, 0)
        told.setSpacing(4)
        told.addWidget(self._bar)
        beside = QHBoxLayout()
        beside.setSpacing(16)
        beside.addWidget(self._so_far)
        beside.addWidget(self._said, 1)
        told.addLayout(beside)
        self._numbers = QSplitter(Qt.Orientation.Horizontal)
        self._numbers.setChildrenCollapsible(False)
        self._numbers.setHandleWidth(8)
        left = QWidget()
        column = self._left = QVBoxLayout(left)
        column.setContentsMargins(EDGE, 0, 0, 6)
        column.setSpacing(4)
        column.addWidget(self.table, 1)
        column.addWidget(self._legend)
        right = self._beside = QWidget()
        around = QVBoxLayout(right)
        around.setContentsMargins(0, 0, EDGE, 8)
        around.addWidget(self.detail)
        self._numbers.addWidget(left)
        self._numbers.addWidget(right)
        self._numbers.setStretchFactor(0, 3)
        self._numbers.setStretchFactor(1, 2)
        self._body = Pages()
        self._body.addWidget(self._overlay)
        self._body.addWidget(self._numbers)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 6, 0, 0)
        whole.setSpacing(8)
        whole.addLayout(head)
        whole.addWidget(self._choosers)
        whole.addWidget(lines)
        whole.addWidget(self._body, 1)

    # what a person does

    def _choose(self, **changed: object) -> None:
        self._choice = replace(self._choice, **changed)  # type: ignore[arg-type]
        self.choice_made.emit(self._choice)

    def _choose_over(self) -> None:
        if self.over.text().strip() != self._choice.over:
            self._choose(over=self.over.text().strip())

    def _emptied(self, text: str) -> None:
        if not text:  # by the cross in the field, which takes all at once
            self._choose_over()

    def _export(self, format: str, _checked: bool = False) -> None:
        self.export_requested.emit(format)

    def _act(self) -> None:
        (self.measure_requested if self._acting == "measure" else self.retry_requested).emit()

    def _fill_menu(self) -> None:
        self._menu.clear()
        shown = [column.name for column in self._columns if column.name not in self._choice.hidden]
        for column in self._columns:
            entry = self._menu.addAction(column.label.replace("&", "&&"))
            entry.setCheckable(True)
            entry.setChecked(column.name in shown or not shown)
            entry.setEnabled(shown != [column.name])  # one is left
            entry.toggled.connect(lambda on, name=column.name: self._show_variant(name, on))

    def _show_variant(self, name: str, on: bool) -> None:
        hidden = {each for each in self._choice.hidden if each != name} | (set() if on else {name})
        self._choose(hidden=tuple(column.name for column in self._columns if column.name in hidden))


def _line(of: QWidget | None = None) -> QHBoxLayout:
    made = QHBoxLayout() if of is None else QHBoxLayout(of)
    made.setContentsMargins(EDGE, 0, EDGE, 0)
    made.setSpacing(8)
    return made
