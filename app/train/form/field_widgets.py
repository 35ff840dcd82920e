"""A setting as a labelled field, with what is wrong with it beneath."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.train.form.fields import Field, parsed, shown
from app.widgets.parts import label, let_wheel_pass
from app.widgets.text_field import TextField


class FieldEdit(QWidget):
    """One setting.

    Signals:
        edited: its text; "true" or "false" of a flag.
    """

    edited = Signal(str)

    def __init__(self, field: Field, named: bool = True) -> None:
        """Args: named: whether its name stands over it; else it is told to assistive technology only."""
        super().__init__()
        self.field = field
        self.editor: QLineEdit | QComboBox | QCheckBox
        if field.kind == "flag":
            self.editor = QCheckBox(field.name)
            self.editor.toggled.connect(lambda on: self.edited.emit("true" if on else "false"))
        elif field.kind == "choice":
            self.editor = QComboBox()
            self.editor.addItems(list(field.choices))
            self.editor.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            self.editor.setMinimumContentsLength(3)
            let_wheel_pass(self.editor)
            self.editor.activated.connect(lambda _: self.edited.emit(self.editor.currentText()))
        else:
            self.editor = TextField()
            self.editor.setMinimumWidth(40)
            self.editor.setPlaceholderText(field.empty)
            self.editor.textEdited.connect(self.edited)
            self.editor.editingFinished.connect(self._show_beginning)
        self.editor.setToolTip(field.about)
        self.editor.setAccessibleName(field.name)
        self._problem: QLabel | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        if named:
            name = label("" if field.kind == "flag" else field.name, role="label")
            name.setToolTip(field.about)
            column.addWidget(name)
        column.addWidget(self.editor)
        column.addStretch(1)

    def show_value(self, value: object, usual: bool) -> None:
        """Show a value; `usual` says that it was not set here but comes from the preset or the name."""
        with QSignalBlocker(self.editor):
            if isinstance(self.editor, QCheckBox):
                self.editor.setChecked(bool(value))
            elif isinstance(self.editor, QComboBox):
                self.editor.setCurrentText(shown(value))
            elif usual and self.editor.hasFocus() and not self.editor.text():
                self.editor.setPlaceholderText(shown(value) or self.field.empty)  # it was just emptied: what holds then
            elif parsed(self.field, self.editor.text()) != _plain(value):
                self.editor.setText(shown(value))
                if not self.editor.hasFocus():
                    self._show_beginning()
        if isinstance(self.editor, QLineEdit):
            text = self.editor.text().strip()
            self.editor.setToolTip(f"{self.field.name}: {text}\n{self.field.about}" if text else self.field.about)

    def _show_beginning(self) -> None:
        """Of a value that is too long for its field, the first figures rather than the last."""
        if isinstance(self.editor, QLineEdit):
            self.editor.setCursorPosition(0)

    def show_problem(self, text: str, told: bool = True) -> None:
        """Say what is wrong, or nothing; `told` False marks the field only, as it is said elsewhere."""
        if text and told and self._problem is None:
            self._problem = label(role="danger", wrap=True)
            layout = self.layout()
            assert isinstance(layout, QVBoxLayout)
            layout.insertWidget(layout.count() - 1, self._problem)
        if self._problem is not None:
            self._problem.setText(text)
            self._problem.setVisible(bool(text) and told)
        if isinstance(self.editor, QLineEdit):
            mark_failed(self.editor, bool(text))

    @property
    def problem(self) -> str:
        """What is said to be wrong."""
        return self._problem.text() if self._problem is not None else ""


def mark_failed(field: QLineEdit, failed: bool) -> None:
    """An edge in the colour of danger, or the usual one."""
    state = "failed" if failed else ""
    if (field.property("state") or "") != state:
        field.setProperty("state", state)
        field.style().unpolish(field)
        field.style().polish(field)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
