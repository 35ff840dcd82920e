"""The form that starts a training: text, name, preset, settings by group, variants."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core import theme
from app.train.form import fields
from app.train.form.field_widgets import mark_failed
from app.train.form.fields import GROUPS, PRESET_NAMES, VARIANT_FIELDS
from app.train.form.group_card import GroupCard
from app.train.form.state import Form
from app.train.form.variants import SchedulePlot, VariantList
from app.widgets.parts import BAR, EDGE, SPACING, Segmented, button, label, let_wheel_pass, tool_button
from app.widgets.run_menu import RunMenu
from app.widgets.text_field import TextField
from engine.config import MAX_VARIANTS, Variant
from engine.training.schedules import implied_m, kl_weight, turning_steps

_DEVICES = (
    ("auto", "the best there is"),
    ("cpu", "the processor"),
    ("cuda", "an NVIDIA GPU"),
    ("mps", "Apple silicon"),
)
_PRESETS = {
    "demo": "One to three hours on a laptop, with the packaged text",
    "small": "The paper's shape at a size for laptops",
    "paper": "The sizes of the paper, for a GPU",
    "ptb": "Penn Treebank as in texar: LSTM 256, latent 32",
    "yahoo": "Yahoo answers as in He et al. 2019: LSTM 1024, SGD, for a GPU",
    "yelp": "Yelp reviews as in He et al. 2019: as yahoo, for a GPU",
}
_BASICS = {"corpus": "Text", "run": "Run", "from": "Weights of"}
"""What is no setting of a file, and the name over its field."""
_PATHS = tuple(field.key.removeprefix("variant.") for field in VARIANT_FIELDS)


class TrainForm(QWidget):
    """Fields in, signals out.

    Signals:
        corpus_chosen, run_named, preset_chosen, device_chosen: a name; weights_named: RUN or RUN:VARIANT, or nothing.
        edited: the key of a setting and its text.
        variant_edited: row, path and text; variant_removed: row; variant_added.
        open_requested, save_requested: a TOML file; text_requested: another text; start_requested, closed.
        time_requested: how long the training takes is to be measured, or no longer.
    """

    corpus_chosen = Signal(str)
    run_named = Signal(str)
    preset_chosen = Signal(str)
    device_chosen = Signal(str)
    weights_named = Signal(str)
    edited = Signal(str, str)
    variant_edited = Signal(int, str, str)
    variant_removed = Signal(int)
    variant_added = Signal()
    open_requested = Signal()
    save_requested = Signal()
    text_requested = Signal()
    time_requested = Signal()
    start_requested = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._form = Form()
        self.corpus = QComboBox()
        self.corpus.setToolTip("A prepared text; Open a text… prepares another one")
        self.corpus.setAccessibleName("Text")
        self.corpus.activated.connect(lambda _: self.corpus_chosen.emit(self.corpus.currentText()))
        self.text = button("Open a text…", "Prepare a file or folder of text (Ctrl+O)", "import")
        self.text.clicked.connect(self.text_requested)
        self.run = TextField()
        self.run.setToolTip("The folder in runs/ that the training writes")
        self.run.setAccessibleName("Name of the run")
        self.run.textEdited.connect(self.run_named)
        self.weights_from = TextField()
        self.weights_from.setPlaceholderText("drawn at random")
        self.weights_from.setToolTip(
            "Start from the weights of another run, variant by variant: RUN; or all from one: RUN:VARIANT\n"
            "--from on the command line"
        )
        self.weights_from.setAccessibleName("Weights of")
        self.weights_from.textEdited.connect(self.weights_named)
        self._weights_run = tool_button("folder", "Choose one of the runs there are")
        self._weights_run.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.runs = RunMenu("", self._weights_run)
        self.runs.chosen.connect(self.weights_named)
        self._weights_run.setMenu(self.runs)
        self.device = QComboBox()
        for name, about in _DEVICES:
            self.device.addItem(name)
            self.device.setItemData(self.device.count() - 1, about, Qt.ItemDataRole.ToolTipRole)
        self.device.setAccessibleName("Device")
        self.preset = QComboBox()
        for name in PRESET_NAMES:
            self.preset.addItem(name)
            self.preset.setItemData(self.preset.count() - 1, _PRESETS.get(name, ""), Qt.ItemDataRole.ToolTipRole)
        self.preset.setAccessibleName("Preset")
        self.preset.activated.connect(lambda _: self.preset_chosen.emit(self.preset.currentText()))
        for choice in (self.corpus, self.device, self.preset):
            let_wheel_pass(choice)
        self.device.setToolTip("Where it is trained; auto takes the best there is")
        self.device.activated.connect(lambda _: self.device_chosen.emit(self.device.currentText()))
        self._words = label(role="label", wrap=True)
        self._time = label(role="label", wrap=True)
        self.measure = button("How long?", "Time a few steps with these settings; nothing of them is kept", "refresh")
        self.measure.clicked.connect(self.time_requested)
        self._basic_problem = label(role="danger", wrap=True)
        self.groups: list[GroupCard] = []
        self.variants = VariantList()
        self.variants.edited.connect(self.variant_edited)
        self.variants.removed.connect(self.variant_removed)
        self.variants.add_requested.connect(self.variant_added)
        self.plot = SchedulePlot()
        self._drawn = Segmented(
            [
                ("m", "m", "The m′ that the KL weight w stands for: m′ = (1+m)/w − 1, from infinity down to m"),
                ("weight", "KL weight", "w(step), the factor on the KL"),
            ]
        )
        self._drawn.chosen.connect(lambda _: self._draw())
        self._problem = label(role="danger")
        self.open = button("Open TOML…", "Take the settings of a file, the same as train --config takes", "import")
        self.save = button("Save TOML…", "Write these settings to a file for train --config", "export")
        self.back = button("Back", "To the training that is followed; what is typed here stays (Escape)")
        self.start = button("Start training", "Start it as a process of its own", "play", "primary")
        self.start.setIcon(theme.icon("play", "on_accent"))
        self.open.clicked.connect(self.open_requested)
        self.save.clicked.connect(self.save_requested)
        self.back.clicked.connect(self.closed)
        self.start.clicked.connect(self.start_requested)
        self._lay_out()

    def _lay_out(self) -> None:
        left, right = QWidget(), QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(EDGE, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self._basics())
        column.addStretch(1)
        self._left = column
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, EDGE, 0)
        column.setSpacing(SPACING)
        variants = QFrame()
        variants.setProperty("role", "panel")
        box = QVBoxLayout(variants)
        box.setContentsMargins(12, 8, 10, 10)
        box.addWidget(label("Variants, trained side by side on the same batches", role="title"))
        box.addWidget(self.variants)
        column.addWidget(variants)
        course = QFrame()
        course.setProperty("role", "panel")
        box = QVBoxLayout(course)
        box.setContentsMargins(12, 6, 10, 6)
        top = QHBoxLayout()
        top.addWidget(label("Over the steps", role="title"))
        top.addStretch(1)
        top.addWidget(self._drawn)
        box.addLayout(top)
        box.addWidget(self.plot, 1)
        column.addWidget(course, 1)
        body = QHBoxLayout()
        body.setSpacing(SPACING)
        body.addWidget(_scrolled(left, BAR), 3)
        body.addWidget(_scrolled(right, 0), 5)  # at its edge there is room for the bar
        foot = QHBoxLayout()
        foot.setContentsMargins(EDGE, 0, EDGE, 10)
        foot.setSpacing(8)
        for widget in (self.open, self.save):
            foot.addWidget(widget)
        foot.addWidget(self._problem, 1)
        for widget in (self.back, self.start):
            foot.addWidget(widget)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 10, 0, 0)
        whole.setSpacing(8)
        whole.addLayout(body, 1)
        whole.addLayout(foot)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back, as the button does."""
        if event.key() == Qt.Key.Key_Escape and self.back.isEnabled():
            self.back.click()
        else:
            super().keyPressEvent(event)

    def add_part(self) -> bool:
        """Make the next group of fields, which takes a while; False once all are there."""
        card = GroupCard(GROUPS[len(self.groups)])
        card.edited.connect(self.edited)
        card.unfolded.connect(lambda: self._show_groups(self._form))
        self.groups.append(card)
        self._left.insertWidget(len(self.groups), card)
        return len(self.groups) < len(GROUPS)

    @property
    def complete(self) -> bool:
        """Whether every group and every variant of the form is shown."""
        plan = self._form.plan
        return len(self.groups) == len(GROUPS) and plan is not None and len(self.variants.rows) == len(plan.variants)

    def _basics(self) -> QWidget:
        card = QFrame()
        card.setProperty("role", "panel")
        grid = QGridLayout(card)
        grid.setContentsMargins(10, 8, 8, 10)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(2)
        for i, (name, widget) in enumerate((("Text", self.corpus), ("Run", self.run), ("Device", self.device))):
            grid.addWidget(label(name, role="label"), 0, i)
            grid.addWidget(widget, 1, i)
            grid.setColumnStretch(i, 1)
        grid.addWidget(self._words, 2, 0, 1, 3)
        grid.addWidget(self._basic_problem, 3, 0, 1, 3)
        row = QHBoxLayout()
        row.setContentsMargins(0, 6, 0, 0)
        row.setSpacing(6)
        row.addWidget(label("Preset", role="muted"))
        row.addWidget(self.preset)
        row.addStretch(1)
        row.addWidget(self.text)
        grid.addLayout(row, 4, 0, 1, 3)
        row = QHBoxLayout()
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(6)
        row.addWidget(label("Weights of", role="muted"))
        row.addWidget(self.weights_from, 1)
        row.addWidget(self._weights_run)
        grid.addLayout(row, 5, 0, 1, 3)
        row = QHBoxLayout()
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(10)
        row.addWidget(self._time, 1)
        row.addWidget(self.measure)
        grid.addLayout(row, 6, 0, 1, 3)
        return card

    def show_time(self, words: str, measuring: bool, possible: bool) -> None:
        """How long the training takes, as far as is known."""
        self._time.setText(words)
        self.measure.setText("Cancel" if measuring else "How long?")
        self.measure.setEnabled(measuring or possible)

    def show_form(self, form: Form, busy: bool) -> None:
        """Show the form; `busy` while a training of this window runs, beside which no other is started."""
        self._form = form
        self._basics_of(form)
        self._show_groups(form)
        self._show_variants(form)
        known = {field.key for group in GROUPS for field in group.fields}
        other = [text for key, text in form.problems.items() if _is_general(key, known)]
        count = len(form.problems)
        words = "; ".join(other) or (f"{count} setting{'s' * (count != 1)} to correct" if count else "")
        self._problem.setText("A training runs already" if busy and not words else words)
        self._problem.setToolTip("\n".join(f"{key}: {text}" for key, text in form.problems.items()))
        self.start.setEnabled(not form.problems and form.plan is not None and not busy)
        self.save.setEnabled(form.plan is not None and not set(form.problems) - set(_BASICS))
        self._draw()

    def _show_groups(self, form: Form) -> None:
        for card in self.groups:
            if any(field.more and _problem_of(form, field.key) for field in card.group.fields):
                card.unfold()
            for key, edit in card.fields.items():
                written = fields.get(form.document, key)
                table, path = key.split(".", 1)
                usual = fields.get(getattr(form.plan, table).model_dump(), path) if form.plan else None
                edit.show_value(usual if written is None else written, written is None)
                edit.show_problem(_problem_of(form, key))

    def _basics_of(self, form: Form) -> None:
        names = [each.name for each in form.corpora]
        with QSignalBlocker(self.corpus):
            if [self.corpus.itemText(i) for i in range(self.corpus.count())] != names:
                self.corpus.clear()
                self.corpus.addItems(names)
            self.corpus.setCurrentText(form.corpus)
        if self.run.text().strip() != form.run:
            self.run.setText(form.run)
        if self.weights_from.text().strip() != form.weights_from:
            self.weights_from.setText(form.weights_from)
        self.device.setCurrentText(form.device)
        words = next((each.words for each in form.corpora if each.name == form.corpus), "")
        self._words.setText(words)
        wrong = [f"{name}: {form.problems[key]}" for key, name in _BASICS.items() if key in form.problems]
        self._basic_problem.setText("\n".join(wrong))
        self._basic_problem.setVisible(bool(wrong))
        mark_failed(self.run, "run" in form.problems)
        mark_failed(self.weights_from, "from" in form.problems)
        name = str(form.document.get("preset", "demo"))
        if name in PRESET_NAMES:
            self.preset.setCurrentText(name)
            self.preset.setToolTip(_PRESETS.get(name, ""))

    def _show_variants(self, form: Form) -> None:
        tables = fields.variant_tables(form.document, form.plan)
        if not self.variants.set_count(len(tables), MAX_VARIANTS):
            QTimer.singleShot(0, self, lambda: self._show_variants(self._form))
        for i, (row, table) in enumerate(zip(self.variants.rows, tables, strict=False)):
            values = {path: fields.variant_value(table, form.plan, path) for path in _PATHS}
            written = {path for path in _PATHS if fields.get(table, path) is not None}
            start = f"variants.{table.get('name') or i + 1}"
            problems = {
                key.removeprefix(start).lstrip("."): fields.plain(text)
                for key, text in form.problems.items()
                if key == start or key.startswith(f"{start}.")
            }
            colour = str(fields.variant_value(table, form.plan, "colour"))
            row.show_variant(values, written, colour, problems, lone=len(tables) == 1)

    def _draw(self) -> None:
        plan = self._form.plan
        if plan is None:
            return
        turns = [turning_steps(v, plan.train.steps) for v in plan.variants]
        if self._drawn.value == "weight":
            top = max(1.0, *(v.kl_schedule.end for v in plan.variants))
            heights = [partial(_height_of_weight, v, top) for v in plan.variants]
            lines = [(v.colour, height, at) for v, height, at in zip(plan.variants, heights, turns, strict=True)]
            marks = [(0.0, "0"), (0.5, "½" if top == 1 else f"{top / 2:g}"), (1.0, f"{top:g}")]
            self.plot.show_lines(plan.train.steps, lines, marks)
        else:
            lines = [(v.colour, partial(_height_of_m, v), at) for v, at in zip(plan.variants, turns, strict=True)]
            marks = [(1.0, "∞"), (0.75, "3"), (0.5, "1"), (0.0, "0")]
            self.plot.show_lines(plan.train.steps, lines, marks)


def _height_of_weight(variant: Variant, top: float, step: int) -> float:
    """The weight of the KL as a share of the highest of all."""
    return kl_weight(variant.kl_schedule, step) / top


def _height_of_m(variant: Variant, step: int) -> float:
    """m between 0 (at the bottom) and infinity (at the top), even in 1/(1+m)."""
    return max(0.0, 1.0 - 1.0 / (1.0 + implied_m(variant, step)))


def _problem_of(form: Form, key: str) -> str:
    found = (text for name, text in form.problems.items() if name == key or name.startswith(f"{key}."))
    return fields.plain(next(found, ""))


def _is_general(key: str, known: set[str]) -> bool:
    """Whether no field stands beside which a problem could be told."""
    return key not in _BASICS and not key.startswith("variants.") and not any(key.startswith(each) for each in known)


class _Scrolled(QScrollArea):
    """Scrolls up and down, and is never narrower than what it holds, which may grow."""

    def __init__(self, spare: int) -> None:
        """Args: spare: pixels beside what it holds, for the bar."""
        super().__init__()
        self._spare = spare

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What it holds has other sizes now."""
        content = self.widget()
        if content is not None and watched is content and event.type() == QEvent.Type.LayoutRequest:
            self.setMinimumWidth(content.minimumSizeHint().width() + self._spare)
        return super().eventFilter(watched, event)


def _scrolled(content: QWidget, spare: int) -> QScrollArea:
    area = _Scrolled(spare)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its fields take the keyboard
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(content)
    return area
