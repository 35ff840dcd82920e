"""The window in which a survey is taken: full screen, one question at a time, by keyboard or mouse. Layout only."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QFont, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.widgets.parts import button, label
from app.widgets.text_field import TextField

_WIDTH = 900
"""Logical pixels of a comfortable line at this size of letters."""
_KEYS = {
    Qt.Key.Key_1: 0,
    Qt.Key.Key_Left: 0,
    Qt.Key.Key_2: 1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_0: 2,
    Qt.Key.Key_Down: 2,
}
_LETTERS = {Qt.Key.Key_Y: 0, Qt.Key.Key_N: 1}
_BACK = (Qt.Key.Key_Backspace, Qt.Key.Key_Up)


class TakingWindow(QWidget):
    """Setters in, signals out. It knows texts and answers, and no model.

    Signals:
        started: the name that the person gave; "" for none.
        answered: an answer.
        back_requested, left: one question back; broken off, or ended.
    """

    started = Signal(str)
    answered = Signal(str)
    back_requested, left = Signal(), Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("Survey")
        self.setObjectName("taking")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAutoFillBackground(True)
        self._answers: tuple[str, ...] = ()
        self._count = label(role="muted")
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName("Questions answered")
        self._bar.setFixedHeight(6)
        self.leave = button("Break off (Esc)", "What was answered is kept; you can go on later")
        self.leave.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._title = label(role="title", wrap=True)
        self._task, self._sentence = _words(16), _words(24)
        self.choices = [_Choice("1"), _Choice("2")]
        self.neither = button("Can't decide  (0)", "Neither is more like it, or both are alike")
        self.back = button("Back", "Change the answer before (Backspace)")
        self.name = TextField()
        self.name.setAccessibleName("Your name or a sign, if you like")
        self.name.setMaximumWidth(360)
        self._name_label = label("Your name or a sign, if you like; it stands in the file")
        self.start = button("Start", "To the first question", role="primary")
        self._problem = label(role="danger", wrap=True)
        self._keys = label(role="muted")
        self._keys.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for place, choice in enumerate(self.choices):
            choice.clicked.connect(lambda _=False, place=place: self._choose(place))
        self.neither.clicked.connect(lambda: self._choose(2))
        self.back.clicked.connect(self.back_requested)
        self.leave.clicked.connect(self.close)
        self.start.clicked.connect(lambda: self.started.emit(self.name.text()))
        self.name.returnPressed.connect(self.start.click)
        self._lay_out()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(self._count)
        head.addWidget(self._bar, 1)
        head.addWidget(self.leave)
        pair = QHBoxLayout()
        pair.setSpacing(16)
        for choice in self.choices:
            pair.addWidget(choice, 1)
        below = QHBoxLayout()
        below.addWidget(self.neither)
        below.addWidget(self.start)
        below.addStretch(1)
        below.addWidget(self.back)
        middle = QVBoxLayout()
        middle.setSpacing(16)
        middle.addStretch(2)
        for part in (self._title, self._task, self._sentence, self._name_label, self.name):
            middle.addWidget(part)
        middle.addLayout(pair)
        middle.addLayout(below)
        middle.addWidget(self._problem)
        middle.addStretch(3)
        inside = QWidget()
        inside.setMaximumWidth(_WIDTH)
        inside.setLayout(middle)
        centred = QHBoxLayout()
        centred.addStretch(1)
        centred.addWidget(inside, 8)
        centred.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 16)
        column.addLayout(head)
        column.addLayout(centred, 1)
        column.addWidget(self._keys)

    # what it is told

    def show_beginning(self, title: str, task: str, count: int, done: int, respondent: str) -> None:
        """What it is about, before the first question."""
        self._answers = ()
        self._show(title, f"{count} questions", count, done, task=task)
        self.name.setText(respondent)
        self.start.setText("Start" if not done else "Go on")
        self._set_visible(start=True)
        self._keys.setText("Every answer is kept at once. No name of a model is shown.")
        (self.start if done else self.name).setFocus()  # who comes back from a question types answers, and no name

    def show_question(
        self,
        title: str,
        sentence: str,
        choices: Sequence[str],
        answers: Sequence[str],
        given: str,
        at: int,
        done: int,
        count: int,
    ) -> None:
        """A question: its choices with the answers that they stand for, the third being "can't decide" if any."""
        self._answers = tuple(answers)
        self._show(title, f"Question {at + 1} of {count}", count, done, sentence=sentence)
        for choice, text, answer in zip(self.choices, choices, answers, strict=False):
            choice.show_text(text, chosen=answer == given)
        self.neither.setCheckable(True)
        self.neither.setChecked(len(answers) > 2 and answers[2] == given)
        self._set_visible(choices=True, neither=len(answers) > 2)
        two = ("1 or ←: the first", "2 or →: the second", "0 or ↓: can't decide")
        keys = *(two if len(answers) > 2 else ("1, ← or Y: yes", "2, → or N: no")), "Backspace or ↑: back"
        self._keys.setText("  ·  ".join(keys))
        self.setFocus()

    def show_end(self, count: int, kept: bool) -> None:
        """All is answered, and kept or not yet."""
        self._answers = ()
        said = f"All questions are answered{', and the answers are kept' if kept else ''}."
        self._show("Thank you.", f"All {count} answered", count, count, task=said)
        self._set_visible()
        self.leave.setText("Close (Esc)")
        self._keys.setText("Backspace or ↑ goes back to change an answer")
        self.setFocus()

    def show_problem(self, problem: str) -> None:
        """Why answers could not be kept."""
        self._problem.setText(problem and f"The last answers are not kept yet: {problem}")
        self._problem.setVisible(bool(problem))

    def _show(self, title: str, where: str, count: int, done: int, sentence: str = "", task: str = "") -> None:
        self._title.setText(title)
        self._task.setText(task)
        self._sentence.setText(sentence)
        self._sentence.setAlignment(_side(sentence))
        self._count.setText(where)
        self._bar.setRange(0, count)
        self._bar.setValue(done)
        self._task.setVisible(bool(task))
        self._sentence.setVisible(bool(sentence))
        self.leave.setText("Break off (Esc)")

    def _set_visible(self, start: bool = False, choices: bool = False, neither: bool = False) -> None:
        for part in (self._name_label, self.name, self.start):
            part.setVisible(start)
        for choice in self.choices:
            choice.setVisible(choices)
        self.neither.setVisible(neither)
        self.back.setVisible(not start)

    def _choose(self, place: int) -> None:
        if place < len(self._answers):
            self.answered.emit(self._answers[place])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Answers and the way back; a key that is held down answers once."""
        key = Qt.Key(event.key())
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if event.isAutoRepeat() or not plain:
            event.ignore()
        elif key == Qt.Key.Key_Escape:
            self.close()
        elif key in _KEYS and self._answers:
            self._choose(_KEYS[key])
        elif key in _LETTERS and len(self._answers) == 2:
            self._choose(_LETTERS[key])
        elif key in _BACK and self.start.isHidden():
            self.back_requested.emit()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """However it is closed, that is told."""
        super().closeEvent(event)
        self.left.emit()


class _Choice(QPushButton):
    """A button with a text of several lines and the key that presses it."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        self._key = label(key, role="muted")
        self._words = _words(19)
        for part in (self._key, self._words):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(18, 18, 18, 18)
        row.setSpacing(14)
        row.addWidget(self._key, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)

    def show_text(self, text: str, chosen: bool) -> None:
        """What is chosen with it, and whether it was."""
        self._words.setText(text)
        self._words.setAlignment(_side(text) | Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName(text)
        self.setChecked(chosen)
        self._grow()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A button does not ask its layout how high it is at this width."""
        super().resizeEvent(event)
        self._grow()

    def _grow(self) -> None:
        self.setMinimumHeight(max(0, self._row.heightForWidth(max(self.width(), 200))))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys are answers of the whole window, and not a way from button to button."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.ignore()
        else:
            super().keyPressEvent(event)


def _words(size: int) -> QLabel:
    """A text that is shown to the letter, never as markup."""
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(True)
    font = QFont(made.font())
    font.setPixelSize(size)
    made.setFont(font)
    made.setStyleSheet(f"font-size: {size}px;")
    return made


def _side(text: str) -> Qt.AlignmentFlag:
    """Where a text begins: at the right where it is written from there."""
    right = _right_to_left(text)
    return Qt.AlignmentFlag.AlignAbsolute | (Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft)


def _right_to_left(text: str) -> bool:
    """Whether the first letter that has a direction is written from the right, as `dir=auto` decides."""
    kinds = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind != "L" for kind in kinds if kind in ("L", "R", "AL")), False)
