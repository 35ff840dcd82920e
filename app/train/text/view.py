"""The first stage of a training as it is seen: which text, how it is read, what was seen of it, and preparing it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.core import theme
from app.core.values import Stage
from app.train.text.columns import ColumnChoice, choice_box
from app.train.text.given_files import GivenFiles
from app.train.text.kept_columns import KeptColumns
from app.widgets.labels import ElidedLabel, set_role
from app.widgets.parts import EDGE, SPACING, breakable, button, label, let_wheel_pass, put_number, spin_box
from app.widgets.text_field import TextField

_NUMBERS = (
    ("min_words", "Shortest, tokens", 1, 1_000, "The shortest sentence that is kept, in tokens: words and marks"),
    ("max_words", "Longest, tokens", 1, 1_000, "The longest sentence that is kept, in tokens: words and marks"),
    (
        "vocabulary",
        "Vocabulary, words",
        5,
        1_000_000,
        "So many words are known, the most common ones; others are unknown",
    ),
    ("test_percent", "Test share, %", 0, 90, "The share of the sentences that is held out to test the models"),
)
_FOUND_OUT = "found out"
_SEPARATORS = {"": _FOUND_OUT, "comma": "commas", "semicolon": "semicolons", "tab": "tabs", "bar": "bars (|)"}
_WORDS = {"": _FOUND_OUT, "given": "cut already, as they are", "lower": "cut already, small letters", "cut": "cut here"}
_ENCODINGS = {
    "": "UTF-8, or UTF-16 with its mark",
    "windows-1252": "Windows-1252 (Western)",
    "iso-8859-15": "ISO 8859-15 (Western)",
    "windows-1250": "Windows-1250 (Central European)",
    "windows-1251": "Windows-1251 (Cyrillic)",
    "koi8-r": "KOI8-R (Cyrillic)",
    "shift_jis": "Shift JIS (Japanese)",
    "gb18030": "GB 18030 (Chinese)",
}
_DROP = "Drop a file or a folder of text here, or choose one."
_TYPES = "Text in UTF-8 or UTF-16: .txt .jsonl .json .csv .tsv, also as .gz or .zst; .parquet .xlsx .docx; or a folder."


class TextView(QWidget):
    """Setters in, signals out.

    Signals:
        file_requested, folder_requested: one is to be chosen.
        separator_chosen: its name, "" to have it found out.
        encoding_chosen: its name, "" for UTF-8.
        words_chosen: how words are cut, "given", "lower" or "cut", "" to have it found out.
        number_edited: a key of the settings and a number.
        name_edited: what the corpus is to be called.
        retry_requested: look at the text once more.
        prepare_requested, cancel_requested, closed.
    """

    file_requested = Signal()
    folder_requested = Signal()
    separator_chosen = Signal(str)
    encoding_chosen = Signal(str)
    words_chosen = Signal(str)
    number_edited = Signal(str, int)
    name_edited = Signal(str)
    retry_requested = Signal()
    prepare_requested = Signal()
    cancel_requested = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.file = button("Choose a file…", "A file of text", "import")
        self.folder = button("Choose a folder…", "All files of text in a folder and below", "folder")
        self._source = ElidedLabel()
        self.columns = ColumnChoice()
        self.kept = KeptColumns()
        self.separator = choice_box("Separator", "What stands between the cells of the table")
        for name, words in _SEPARATORS.items():
            self.separator.addItem(words, name)
        self.encoding = choice_box("Encoding", "How the letters of the file are written")
        for name, told in _ENCODINGS.items():
            self.encoding.addItem(told, name)
        self.words = choice_box("Words", "Whether words are cut here, or stand between spaces as in PTB: it 's here .")
        for name, told in _WORDS.items():
            self.words.addItem(told, name)
        self.numbers: dict[str, QSpinBox] = {}
        self.name = TextField()
        self.name.setToolTip("What the prepared text is called, here and by the commands")
        self.name.setAccessibleName("Name")
        self.given = GivenFiles()
        self._name_problem = label(role="danger", wrap=True)
        self._settings = QWidget()
        self._message = label(role="muted", wrap=True)
        self._hint = label(role="muted", wrap=True)
        self.retry = button("Look again", "Read the text once more, as after it was mended", "refresh")
        self._facts: list[tuple[QLabel, QLabel]] = []
        self._notes = label(role="muted", wrap=True)
        self._examples_title = label("As they will be read: tokens, the unknown ones underlined", role="title")
        self._examples = label(wrap=True, selectable=True)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedHeight(6)
        self._foot = ElidedLabel()
        self.cancel = button("Cancel", "Give it up; nothing of it is left behind", "close")
        self.back = button("Back", "To the training; what is chosen here stays (Escape)")
        self.prepare = button("Prepare", "Prepare the text, then choose models and settings", "play", "primary")
        self.prepare.setIcon(theme.icon("play", "on_accent"))
        self._lay_out()
        self._connect()

    def _connect(self) -> None:
        self.file.clicked.connect(self.file_requested)
        self.folder.clicked.connect(self.folder_requested)
        self.separator.activated.connect(lambda _: self.separator_chosen.emit(self.separator.currentData()))
        self.encoding.activated.connect(lambda _: self.encoding_chosen.emit(self.encoding.currentData()))
        self.words.activated.connect(lambda _: self.words_chosen.emit(self.words.currentData()))
        for key, box in self.numbers.items():
            box.valueChanged.connect(partial(self.number_edited.emit, key))
        self.name.textEdited.connect(self.name_edited)
        self.retry.clicked.connect(self.retry_requested)
        self.prepare.clicked.connect(self.prepare_requested)
        self.cancel.clicked.connect(self.cancel_requested)
        self.back.clicked.connect(self.closed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back, as the button does."""
        if event.key() == Qt.Key.Key_Escape and self.back.isEnabled():
            self.back.click()
        else:
            super().keyPressEvent(event)

    # layout

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(EDGE, 0, EDGE, 0)
        top.setSpacing(8)
        top.addWidget(label("A text to train on", role="title"))
        top.addWidget(self._source, 1)
        top.addWidget(self.file)
        top.addWidget(self.folder)
        body = QHBoxLayout()
        body.setContentsMargins(EDGE, 0, EDGE, 0)
        body.setSpacing(SPACING)
        body.addWidget(self._how(), 2)
        body.addWidget(self._what(), 5)
        foot = QHBoxLayout()
        foot.setContentsMargins(EDGE, 0, EDGE, 10)
        foot.setSpacing(8)
        foot.addWidget(self._foot, 1)
        for widget in (self.cancel, self.back, self.prepare):
            foot.addWidget(widget)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 10, 0, 0)
        whole.setSpacing(8)
        whole.addLayout(top)
        whole.addLayout(body, 1)
        whole.addWidget(self._bar)
        whole.addLayout(foot)

    def _how(self) -> QWidget:
        """How the text is read, and what it is called."""
        grid = QGridLayout(self._settings)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(2)
        names = []
        boxes: tuple[tuple[str, QWidget], ...] = (
            ("Column", self.columns),
            ("Kept beside", self.kept),
            ("Separator", self.separator),
            ("Encoding", self.encoding),
            ("Words", self.words),
        )
        for number, (told, choice) in enumerate(boxes):
            names.append(label(told, role="label"))
            grid.addWidget(names[-1], 2 * number, 0, 1, 2)
            grid.addWidget(choice, 2 * number + 1, 0, 1, 2)
        self._column_name, self._kept_name, self._separator_name, self._encoding_name, self._words_name = names
        for i, (key, name, low, high, about) in enumerate(_NUMBERS):
            box = self.numbers[key] = spin_box(low, high, about)
            let_wheel_pass(box)
            box.setAccessibleName(name)
            row, place = 2 * len(boxes) + 2 * (i // 2), i % 2
            grid.addWidget(label(name, role="label"), row, place)
            grid.addWidget(box, row + 1, place)
            grid.setColumnStretch(place, 1)
        for widget in (label("Name", role="label"), self.name, self._name_problem, self.given):
            grid.addWidget(widget, grid.rowCount(), 0, 1, 2)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 8, 10, 10)
        column.setSpacing(6)
        column.addWidget(label("How it is read", role="title"))
        column.addWidget(self._settings)
        column.addStretch(1)
        return _scrolled(inside, "How it is read")

    def _what(self) -> QWidget:
        """What was seen of the text."""
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 8, 10, 10)
        column.setSpacing(6)
        column.addWidget(self._message)
        column.addWidget(self._hint)
        column.addWidget(self.retry, alignment=Qt.AlignmentFlag.AlignLeft)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)
        column.addLayout(self._grid)
        column.addWidget(self._notes)
        column.addSpacing(4)
        column.addWidget(self._examples_title)
        column.addWidget(self._examples)
        column.addStretch(1)
        return _scrolled(inside, "What will be read")

    # setters

    def show_source(self, source: str) -> None:
        """Which text it is; "" for none."""
        if source != self._source.text():
            self.columns.close_list()
        self._source.setText(source)
        self._source.setToolTip(source)
        self._settings.setEnabled(bool(source))

    def show_numbers(self, values: Sequence[tuple[str, int]]) -> None:
        """The limits and sizes."""
        for key, value in values:
            put_number(self.numbers[key], value)

    def show_columns(self, columns: Sequence[str], chosen: Sequence[str]) -> None:
        """The columns to choose from, and those that are read; none hides the choice."""
        for widget in (self._column_name, self.columns):
            widget.setVisible(bool(columns))
        self.columns.show_columns(columns, chosen)

    def show_kept(self, columns: Sequence[str], kept: Sequence[str], found_out: bool) -> None:
        """The columns that could stay beside the sentences, and those that do; none hides the choice."""
        for widget in (self._kept_name, self.kept):
            widget.setVisible(bool(columns))
        self.kept.show_columns(columns, kept, found_out)

    def show_replaced(self, *, test: bool, vocabulary: bool) -> None:
        """Whether a test part and a vocabulary are given, in place of a share and of a number."""
        for key, given, instead in (("test_percent", test, "test part"), ("vocabulary", vocabulary, "vocabulary")):
            about = next(words for name, *_, words in _NUMBERS if name == key)
            self.numbers[key].setEnabled(not given)
            self.numbers[key].setToolTip(f"A {instead} is given as a file" if given else about)

    def show_separator(self, found: str, chosen: str, doubt: bool) -> None:
        """What separates the cells of a table, found out or chosen, by its name; without either there is no choice.

        In doubt it has to be chosen.
        """
        for widget in (self._separator_name, self.separator):
            widget.setVisible(bool(found or chosen))
        told = f"{_FOUND_OUT}: {_SEPARATORS[found]}" if found and not chosen else _FOUND_OUT
        told = "choose one" if doubt else told
        with QSignalBlocker(self.separator):
            self.separator.setItemText(0, told)
            self.separator.setCurrentIndex(self.separator.findData(chosen))

    def show_encoding(self, chosen: str, doubt: bool) -> None:
        """The encoding that was chosen; without one and without doubt there is no choice."""
        for widget in (self._encoding_name, self.encoding):
            widget.setVisible(doubt or bool(chosen))
        with QSignalBlocker(self.encoding):
            self.encoding.setCurrentIndex(self.encoding.findData(chosen))

    def show_words(self, given: bool | None, chosen: str) -> None:
        """Whether the text is cut already, None while that is not known, and what was chosen."""
        for widget in (self._words_name, self.words):
            widget.setVisible(given is not None or bool(chosen))
        found = _WORDS["given" if given else "cut"]
        with QSignalBlocker(self.words):
            self.words.setItemText(0, _FOUND_OUT if chosen or given is None else f"{_FOUND_OUT}: {found}")
            self.words.setCurrentIndex(self.words.findData(chosen))

    def show_name(self, name: str, problem: str) -> None:
        """What the corpus is called, and why that cannot be."""
        if self.name.text().strip() != name:
            self.name.setText(name)
        self._name_problem.setText(f"Name: {problem}" if problem else "")
        self._name_problem.setVisible(bool(problem))

    def show_stage(self, stage: Stage) -> None:
        """Whether the text is being looked at, or why it cannot be."""
        texts = {
            "none": (_DROP, _TYPES),
            "loading": (f"{stage.text} …", ""),
            "failed": (stage.text, stage.hint),
        }.get(stage.kind, ("", ""))
        failed = stage.kind == "failed"
        for widget, text in zip((self._message, self._hint), texts, strict=True):
            widget.setText(breakable(text))
            widget.setVisible(bool(text))
        set_role(self._message, "danger" if failed else "muted")
        self.retry.setVisible(failed)

    def show_seen(self, facts: Sequence[tuple[str, str]], notes: Sequence[str], examples: Sequence[str]) -> None:
        """What was seen: names with their words, notes, and sentences as HTML."""
        while len(self._facts) < len(facts):
            pair = label(role="muted"), label(wrap=True, selectable=True)
            pair[0].setAlignment(Qt.AlignmentFlag.AlignTop)
            pair[1].setTextFormat(Qt.TextFormat.PlainText)
            for place, each in enumerate(pair):
                self._grid.addWidget(each, len(self._facts), place)
            self._facts.append(pair)
        for i, pair in enumerate(self._facts):
            for each, text in zip(pair, facts[i] if i < len(facts) else ("", ""), strict=True):
                each.setText(text)
                each.setVisible(bool(text))
        self._notes.setText("\n".join(notes))
        self._notes.setVisible(bool(notes))
        self._examples.setText("".join(f"<div>{example}</div>" for example in examples))
        for widget in (self._examples_title, self._examples):
            widget.setVisible(bool(examples))

    def show_preparing(self, stage: Stage, ready: bool) -> None:
        """How far the preparation is; `ready` says that it can be begun."""
        busy = stage.kind == "computing"
        self._bar.setVisible(busy)
        if busy:
            self._bar.setRange(0, 0 if stage.fraction is None else 1000)
            self._bar.setValue(round(1000 * (stage.fraction or 0)))
        self._foot.setText(f"{stage.text} {stage.hint}".strip())
        self._foot.setToolTip(self._foot.text())
        set_role(self._foot, "danger" if stage.kind == "failed" else "muted")
        self.cancel.setVisible(busy)
        self.prepare.setVisible(not busy)
        self.prepare.setEnabled(ready)
        for widget in (self._settings, self.file, self.folder):
            widget.setEnabled(not busy and (widget is not self._settings or bool(self._source.text())))

    @property
    def texts(self) -> dict[str, str]:
        """The facts that stand there, by their names."""
        return {name.text(): words.text() for name, words in self._facts if name.text()}

    @property
    def said(self) -> str:
        """What is said in place of the facts, and beneath."""
        parts = (self._message, self._hint, self._notes, self._name_problem)
        return "\n".join([*(each.text() for each in parts if each.text()), self.given.said, self._foot.text()])

    @property
    def examples(self) -> str:
        """The sentences that stand there, as HTML."""
        return self._examples.text()


def _scrolled(inside: QWidget, name: str) -> QFrame:
    """A card that scrolls what is higher than its room."""
    area = QScrollArea()
    area.setAccessibleName(name)
    area.setProperty("role", "reading")
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    card = QFrame()
    card.setProperty("role", "panel")
    around = QVBoxLayout(card)
    around.setContentsMargins(1, 1, 1, 1)
    around.addWidget(area)
    return card
