"""What is selected, what can be done with it, and ways to select that need no mouse on a map: a popup."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.maps.selection import words
from app.widgets.labels import ElidedLabel
from app.widgets.parts import DropDown, Segmented, button, label, spin_box
from app.widgets.reading.marks import shown
from app.widgets.text_field import TextField

_WIDTH = 600  # logical pixels
_NUMBER = 84
_ARROW, _WIDEST = 60, 210  # of a menu: beside its text, and of all of it
_USUAL_NEIGHBOURS = 20
_ROW, _ROWS = 24, 4  # logical pixels of a saved selection, and how many are seen at once
_NAME = Qt.ItemDataRole.UserRole
_HOWS = (
    ("new", "new", "What is found takes the place of what is selected"),
    ("add", "add", "What is found is added to the selection"),
    ("subtract", "take out", "What is found is taken out of the selection"),
    ("within", "within", "Only what is selected and found stays selected"),
)


class SelectionPopup(QFrame):
    """Setters in, intents out.

    Signals:
        how_chosen: what becomes of what is found: "new", "add", "subtract" or "within".
        hits_wanted: what the search has found is to be selected.
        neighbours_wanted: a variant, and how many nearest to the clicked sentence.
        values_wanted: a quantity (as `set_quantities` has them), a variant, and two ends as they were typed.
        save_wanted: a name for what is selected.
        saved_wanted, delete_wanted: the name of a saved selection that is to be selected, or deleted.
        rename_wanted: the name of a saved selection, and another one.
        list_wanted, copy_wanted, keep_wanted, export_wanted, invert_wanted, clear_wanted: of what is selected.
    """

    how_chosen = Signal(str)
    hits_wanted = Signal()
    neighbours_wanted = Signal(str, int)
    values_wanted = Signal(object, str, str, str)
    save_wanted = Signal(str)
    saved_wanted = Signal(str)
    delete_wanted = Signal(str)
    rename_wanted = Signal(str, str)
    list_wanted = Signal()
    copy_wanted = Signal()
    keep_wanted = Signal()
    export_wanted = Signal()
    invert_wanted = Signal()
    clear_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("role", "popup")
        self.setAccessibleName("Selection")
        self.setFixedWidth(_WIDTH)
        self._heading = label(role="title")
        self.invert = button("Invert", "Select all others (Ctrl+Shift+I)")
        self.clear = button("Clear", "Select nothing (Ctrl+Shift+A)")
        self.list = button("List", "List what is selected beside the maps (Ctrl+Shift+L)")
        self.copy = button(
            "Copy", f"Copy the sentences, a line each; of more than {words.MOST_COPIED:,} the first", "copy"
        )
        self.keep = button("Keep…", "Put them into the table or a concept’s group (Ctrl+K)", "plus")
        self.export = button("Export…", "Write it to files: a table, TensorBoard’s projector, NumPy", "export")
        self.how = Segmented(_HOWS)
        self.how.setAccessibleName("What becomes of what is found")
        self._hits = ElidedLabel()
        self.hits = self._select("Select what the search has found (Ctrl+Enter in the search)")
        self.k = spin_box(
            1, words.MOST_NEIGHBOURS, "How many of the nearest sentences are selected beside the clicked one"
        )
        self.k.setAccessibleName("neighbours")
        self.k.setValue(_USUAL_NEIGHBOURS)
        self.space = _combo("In whose z they are near, by the distance of their means μ", "in the z of")
        self.neighbours = self._select("Select the clicked sentence and those nearest to it")
        self.quantity = _combo("A number that every sentence has", "number")
        self.of = _combo("Whose number", "of the variant")
        self.least, self.most = _number("from"), _number("to")
        self.values = self._select("Select the sentences whose number lies between these, both included")
        self.name = TextField()
        self.name.setPlaceholderText("Name of a selection")
        self.name.setAccessibleName("name of a selection")
        self.save = button("Save", "Save what is selected under this name, for this run; one of that name is replaced")
        self.rename = button("Rename", "Give the saved selection that is marked the name above")
        self.delete = button("Delete", "Delete the saved selection that is marked (Delete)", "trash")
        self.pick = self._select("Select the saved sentences (Enter)")
        self.saved = QListWidget()
        self.saved.setAccessibleName("Saved selections")
        self.saved.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._of_others = label(role="muted", wrap=True)
        self._problem = label(role="warning", wrap=True)
        self._problem.hide()
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(12, 10, 12, 12)
        self._whole.setSpacing(8)
        self._counts: list[tuple[str, int]] = []
        self._lay_out()
        self._connect()
        self.set_saved([], 0)
        self.set_selection(0, 0)

    def _lay_out(self) -> None:
        self._whole.addLayout(_row(self._heading, None, self.invert, self.clear))
        self.doing = _row(self.list, self.copy, self.keep, self.export, None)
        self._whole.addLayout(self.doing)
        self._whole.addWidget(_line())
        self._whole.addLayout(_row(label("Select by", role="title"), None, self.how))
        grid = QGridLayout()
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        numbers = _row(self.quantity, self.of)
        spans = _row(label("from", role="muted"), self.least, label("to", role="muted"), self.most, None)
        near = _row(self.k, label("of the clicked one in", role="muted"), self.space, None)
        found = QHBoxLayout()
        found.addWidget(self._hits)
        lines: tuple[tuple[str, QHBoxLayout, QWidget | None], ...] = (
            ("search", found, self.hits),
            ("neighbours", near, self.neighbours),
            ("numbers", numbers, None),
            ("", spans, self.values),
        )
        for at, (name, part, do) in enumerate(lines):
            grid.addWidget(label(name, role="muted"), at, 0)
            grid.addLayout(part, at, 1)
            if do is not None:
                grid.addWidget(do, at, 2)
        self._whole.addLayout(grid)
        self._whole.addWidget(_line())
        self._whole.addLayout(_row(label("Saved", role="title"), self.name, self.save))
        self._whole.addWidget(self.saved)
        self._of_saved = _row(None, self.rename, self.delete, self.pick)
        self._whole.addLayout(self._of_saved)
        self._whole.addWidget(self._of_others)
        self._whole.addWidget(self._problem)

    def _connect(self) -> None:
        for one, signal in (
            (self.invert, self.invert_wanted),
            (self.clear, self.clear_wanted),
            (self.list, self.list_wanted),
            (self.copy, self.copy_wanted),
            (self.keep, self.keep_wanted),
            (self.export, self.export_wanted),
            (self.hits, self.hits_wanted),
        ):
            one.clicked.connect(signal)
        self.save.clicked.connect(lambda: self.save_wanted.emit(self.name.text()))
        self.name.returnPressed.connect(lambda: self.save_wanted.emit(self.name.text()))
        self.name.textChanged.connect(self._enable_saved)
        self.pick.clicked.connect(lambda: self.saved_wanted.emit(self._marked))
        self.saved.itemActivated.connect(lambda _: self.saved_wanted.emit(self._marked))
        self.saved.currentRowChanged.connect(self._mark)
        self.delete.clicked.connect(lambda: self.delete_wanted.emit(self._marked))
        self.rename.clicked.connect(lambda: self.rename_wanted.emit(self._marked, self.name.text()))
        self.how.chosen.connect(self.how_chosen)
        self.neighbours.clicked.connect(self._want_neighbours)
        self.values.clicked.connect(self._want_values)
        for field in (self.least, self.most):
            field.returnPressed.connect(self._want_values)
        self.quantity.currentIndexChanged.connect(self._show_of)

    def _select(self, tooltip: str) -> QPushButton:
        made = button("Select", tooltip)
        made.setAccessibleName(tooltip.partition(" (")[0])
        return made

    # what is shown

    def set_selection(self, chosen: int, n: int) -> None:
        """How many of n sentences are selected."""
        self._heading.setText(words.heading(chosen, n))
        for one in (self.clear, self.list, self.copy, self.keep, self.export):
            one.setEnabled(chosen > 0)
        self.invert.setEnabled(n > 0)
        self._enable_saved()

    def set_how(self, how: str) -> None:
        """What becomes of what is found."""
        self.how.set_value(how)

    def set_hits(self, text: str, count: int | None) -> None:
        """What is searched for, and how many sentences were found; None while that is not known."""
        self._hits.setText(words.hits(text, count))
        self.hits.setEnabled(bool(count))

    def set_clicked(self, text: str) -> None:
        """The clicked sentence, "" for none: what neighbours are of."""
        self.neighbours.setEnabled(bool(text))
        self.neighbours.setToolTip(words.neighbours(text))

    def set_variants(self, columns: Sequence[tuple[str, str]]) -> None:
        """The variants that there are, name and label."""
        for box in (self.space, self.of):
            _fill(box, [(text, name) for name, text in columns])

    def set_quantities(self, quantities: Sequence[tuple[str, object]]) -> None:
        """What every sentence has a number of: what it is called, and the value that `values_wanted` carries."""
        _fill(self.quantity, quantities)
        for part in (self.quantity, self.least, self.most, self.values):
            part.setEnabled(bool(quantities))  # there are none before the maps
        self._show_of()

    def set_saved(self, saved: Sequence[tuple[str, int]], elsewhere: int) -> None:
        """The saved selections, name and number of sentences of each, and how many are of other sentences."""
        marked = self._marked
        names = [name for name, _ in saved]
        if [self.saved.item(at).data(_NAME) for at in range(self.saved.count())] != names or self._counts != saved:
            self._counts = list(saved)
            with QSignalBlocker(self.saved):
                self.saved.clear()
                for name, count in saved:
                    item = QListWidgetItem(f"{shown(name)}  ·  {count:,}")
                    item.setData(_NAME, name)
                    self.saved.addItem(item)
                self.saved.setCurrentRow(names.index(marked) if marked in names else -1)
        for one in (self.saved, self.rename, self.delete, self.pick):
            one.setVisible(bool(saved))
        self.saved.setFixedHeight(min(len(saved), _ROWS) * _ROW + 2 * self.saved.frameWidth() + 2)
        self._of_others.setText(words.of_others(elsewhere))
        self._of_others.setVisible(elsewhere > 0)
        self._enable_saved()
        self.adjustSize()

    def mark(self, name: str) -> None:
        """Mark a saved selection, or none ("")."""
        names = [self.saved.item(at).data(_NAME) for at in range(self.saved.count())]
        self.saved.setCurrentRow(names.index(name) if name in names else -1)

    @property
    def _marked(self) -> str:
        item = self.saved.currentItem()
        return str(item.data(_NAME)) if item is not None else ""

    def _mark(self, _row: int) -> None:
        if self._marked:
            self.name.setText(self._marked)
        self._enable_saved()

    def _enable_saved(self) -> None:
        name = " ".join(self.name.text().split())
        self.save.setEnabled(self.clear.isEnabled() and bool(name))
        for one in (self.delete, self.pick):
            one.setEnabled(bool(self._marked))
        self.rename.setEnabled(bool(self._marked) and name not in ("", self._marked))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete in the list of saved selections deletes the one that is marked."""
        if event.key() == Qt.Key.Key_Delete and self.saved.hasFocus() and self._marked:
            self.delete_wanted.emit(self._marked)
        else:
            super().keyPressEvent(event)

    def set_problem(self, text: str) -> None:
        """Why nothing came of what was asked last, or what is under way; "" for nothing."""
        self._problem.setText(text)
        self._problem.setVisible(bool(text))
        self.adjustSize()

    def open_beneath(self, place: QWidget) -> None:
        """Open beneath a widget, within its window."""
        self.adjustSize()
        at = place.mapToGlobal(QPoint(0, place.height() + 2))
        window = place.window()
        right = window.mapToGlobal(QPoint(window.width(), 0)).x() - self.width() - 4
        self.move(max(window.mapToGlobal(QPoint(4, 0)).x(), min(at.x(), right)), at.y())
        self.show()
        self.setFocus()

    def _show_of(self) -> None:
        kind = self.quantity.currentData()
        self.of.setEnabled(getattr(kind, "of_variant", False))

    def _want_neighbours(self) -> None:
        self.neighbours_wanted.emit(self.space.currentData() or "", self.k.value())

    def _want_values(self) -> None:
        if not self.quantity.count():
            return
        self.values_wanted.emit(
            self.quantity.currentData(), self.of.currentData() or "", self.least.text(), self.most.text()
        )


def _row(*parts: QWidget | None) -> QHBoxLayout:
    """Widgets side by side; None for what takes the room that is left."""
    row = QHBoxLayout()
    row.setSpacing(6)
    for part in parts:
        if part is None:
            row.addStretch(1)
        else:
            row.addWidget(part)
    return row


def _line() -> QFrame:
    line = QFrame()
    line.setProperty("role", "line")
    return line


def _combo(tooltip: str, name: str) -> QComboBox:
    box = DropDown()
    box.setToolTip(tooltip)
    box.setAccessibleName(name)
    box.setMinimumContentsLength(6)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return box


def _fill(box: QComboBox, items: Sequence[tuple[str, object]]) -> None:
    """Offer these; what was chosen stays, if it is there still."""
    if [(box.itemText(at), box.itemData(at)) for at in range(box.count())] == list(items):
        return
    before = box.currentText()
    with QSignalBlocker(box):
        box.clear()
        for text, value in items:
            box.addItem(text, value)
        box.setCurrentIndex(max(0, box.findText(before)))
    widest = max((box.fontMetrics().horizontalAdvance(text) for text, _ in items), default=0)
    box.setMinimumWidth(min(widest + _ARROW, _WIDEST))


def _number(name: str) -> TextField:
    field = TextField()
    field.setAccessibleName(name)
    field.setToolTip("A number, or nothing for no limit")
    field.setFixedWidth(_NUMBER)
    return field
