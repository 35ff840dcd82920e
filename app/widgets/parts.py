"""Small widgets that several views share. One column of the window is one variant: `SPACING` keeps them aligned."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QEvent, QLocale, QObject, QPoint, QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QValidator
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QButtonGroup,
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from app.core import theme
from app.widgets.reading.direction import ReadingLabel

Shown = TypeVar("Shown", bound=QWidget)

SPACING = 8
"""Pixels between two columns, everywhere."""
EDGE = 12
"""Pixels from the columns to the edges of the window; the scroll bars of the bench lie in the right one."""

CARD_HEIGHT = 58
"""Pixels of the lowest card of a sentence: a line of words and one of numbers."""
BAR = 10
"""Pixels of the width of a scroll bar, as the stylesheet has it."""
_LIST_EDGES = 62
"""Pixels beside the widest entry of a list: its edges, a mark, the scroll bar."""
_NO_HANDLE = "QScrollBar::handle { background: transparent; }"


class Segmented(QFrame):
    """A choice between a few values, shown as buttons side by side."""

    chosen = Signal(str)

    def __init__(self, options: Sequence[tuple[str, str, str]], parent: QWidget | None = None) -> None:
        """Args: options: value, label and tooltip of each."""
        super().__init__(parent)
        self._buttons: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for value, label, tooltip in options:
            made = button(label, tooltip)
            made.setCheckable(True)
            made.clicked.connect(lambda _=False, value=value: self.chosen.emit(value))
            self._group.addButton(made)
            self._buttons[value] = made
            row.addWidget(made)
        self._group.buttonToggled.connect(lambda _button, _down: self._stop_once())
        next(iter(self._buttons.values())).setChecked(True)

    def set_value(self, value: str) -> None:
        """Show `value` as chosen; tells nobody."""
        with QSignalBlocker(self._group):
            self._buttons[value].setChecked(True)
        self._stop_once()

    def rename(self, value: str, label: str, tooltip: str) -> None:
        """Call a value otherwise."""
        self._buttons[value].setText(label)
        self._buttons[value].setToolTip(tooltip)

    def _stop_once(self) -> None:
        """Tab goes to what is chosen, the arrow keys to the others."""
        for one in self._buttons.values():
            one.setFocusPolicy(Qt.FocusPolicy.StrongFocus if one.isChecked() else Qt.FocusPolicy.ClickFocus)

    @property
    def value(self) -> str:
        """What is chosen."""
        return next(value for value, one in self._buttons.items() if one.isChecked())


def label(text: str = "", *, role: str = "", wrap: bool = False, selectable: bool = False) -> QLabel:
    """A label in one of the theme's roles: title, label (small and quiet), muted, sentence, warning, danger."""
    made = ReadingLabel(text)
    made.setWordWrap(wrap)
    made.setProperty("role", role)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def under_way(how: str, busy: bool) -> str:
    """A line about what is shown, with dots while more of it is to come; "" without any."""
    return f"{how}  …" if how and busy else how


def button(text: str, tooltip: str, icon: str = "", role: str = "") -> QPushButton:
    """A push button that keeps to its own width."""
    made = QPushButton(text)
    made.setToolTip(tooltip)
    made.setProperty("role", role)
    made.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
    if icon:
        made.setIcon(theme.icon(icon))
    return made


def toggle(text: str, tooltip: str, icon: str = "") -> QPushButton:
    """A push button that stays down while it is on."""
    made = button(text, tooltip, icon)
    made.setCheckable(True)
    return made


def tool_button(icon: str, tooltip: str) -> QToolButton:
    """A flat button with an icon only; its tooltip is also its name for assistive technology."""
    made = QToolButton()
    made.setIcon(theme.icon(icon))
    made.setAutoRaise(True)
    made.setToolTip(tooltip)
    made.setAccessibleName(tooltip)
    return made


def spin_box(low: int, high: int, tooltip: str, *, grouped: bool = True) -> QSpinBox:
    """A field for a whole number, which says from where to where it goes; also to who types another one.

    Args:
        low: the least number.
        high: the largest.
        tooltip: what it is.
        grouped: whether thousands are set off, as in 20,000; not in a seed, which is a name and no amount.
    """
    made = _SpinBox()
    made.setLocale(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    made.setGroupSeparatorShown(grouped)
    made.setRange(low, high)
    made.setToolTip(f"{tooltip} ({low:,} to {high:,})")
    made.setAccessibleName(tooltip)
    dress_number(made)
    return made


def put_number(box: QSpinBox | QDoubleSpinBox, value: float) -> None:
    """Show a number, which the box does not tell of.

    The number that the box has is not written again: that would take away what somebody is typing, of which the box
    tells when it is done.
    """
    same = box.value() == (round(value, box.decimals()) if isinstance(box, QDoubleSpinBox) else value)
    if not same:
        with QSignalBlocker(box):
            box.setValue(value)  # type: ignore[arg-type]


class _SpinBox(QSpinBox):
    """Qt drops a figure that makes a number too large, and puts the number before back where one is too small."""

    def validate(self, text: str, at: int) -> tuple[QValidator.State, str, int]:
        found = super().validate(text, at)
        if found[0] == QValidator.State.Invalid and text.lstrip("-").replace(",", "").isdigit():
            self._say()
        return found

    def fixup(self, text: str) -> str:
        if text:
            self._say()
        return super().fixup(text)

    def _say(self) -> None:
        below = self.mapToGlobal(QPoint(0, self.height()))
        QToolTip.showText(below, f"From {self.minimum():,} to {self.maximum():,} only", self)


class DropDown(QComboBox):
    """A box whose list is as wide as its widest entry, worked out when it is opened: a list takes long to make."""

    def showPopup(self) -> None:
        widest = max((self.fontMetrics().horizontalAdvance(self.itemText(at)) for at in range(self.count())), default=0)
        self.view().setMinimumWidth(widest + _LIST_EDGES)
        super().showPopup()


class _WheelPasses(QObject):
    """Lets the wheel go on to what scrolls."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def let_wheel_pass(box: QComboBox | QAbstractSpinBox) -> None:
    """Within what scrolls, the wheel scrolls: it neither changes a value on its way nor takes the keyboard there."""
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.installEventFilter(_WheelPasses(box))


def dress_number(box: QSpinBox | QDoubleSpinBox) -> None:
    """Keep the figures clear of the edge. A number is typed: nothing can be dropped on it."""
    box.lineEdit().setTextMargins(6, 0, 0, 0)
    box.lineEdit().setAcceptDrops(False)
    box.setAcceptDrops(False)


def controls_above(view: QWidget, controls: Sequence[QWidget], note: QWidget, content: QWidget) -> None:
    """Lay a view out: a row of controls, which leave the rest of it to a note, and the content beneath."""
    top = QHBoxLayout()
    top.setContentsMargins(EDGE, 0, EDGE, 0)
    top.setSpacing(8)
    for widget in controls:
        top.addWidget(widget)
    top.addWidget(note, 1)
    column = QVBoxLayout(view)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    column.addLayout(top)
    column.addWidget(content, 1)


def columns_layout(parent: QWidget) -> QHBoxLayout:
    """The row of columns: equal widths, the window's spacing and edges."""
    row = QHBoxLayout(parent)
    row.setContentsMargins(EDGE, 0, EDGE, 0)
    row.setSpacing(SPACING)
    return row


class InColumns(Generic[Shown]):
    """The widgets of a row, one a variant. They are dear to make, so none is given up: a variant that stays keeps its
    own, and those of variants that have gone are cleared and wait for the next.

    Attributes:
        by_name: those of the variants there are, in their order.
    """

    def __init__(self, row: QHBoxLayout, make: Callable[[], Shown], clear: Callable[[Shown], None]) -> None:
        """Args: make: a widget of no variant yet; clear: has one show nothing of the variant it was of."""
        self._row, self._make, self._clear = row, make, clear
        self._spare: list[Shown] = []
        self.by_name: dict[str, Shown] = {}

    def arrange(self, names: Sequence[str]) -> None:
        """Have one for each of these variants."""
        before, self.by_name = self.by_name, {}
        for name, widget in before.items():
            self._row.removeWidget(widget)
            if name not in names:
                self._clear(widget)
                widget.hide()
                self._spare.append(widget)
        for name in names:
            widget = before.get(name) or (self._spare.pop() if self._spare else self._make())
            self._row.addWidget(widget, 1)
            widget.setVisible(True)
            self.by_name[name] = widget


def paint_edge(card: QWidget, colour: str) -> None:
    """Give a card an edge in its variant's colour. To be called while it is painted."""
    with QPainter(card) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.current().readable(colour)))
        painter.drawRoundedRect(QRectF(0, 8, 3, card.height() - 16), 1.5, 1.5)


def columns_area(inside: QWidget) -> QScrollArea:
    """Scrolls columns that are higher than their room.

    The bar always has its `BAR` at the right, so that the columns stay in line with the maps; its handle is out of
    sight while there is nothing to scroll.
    """
    area = QScrollArea()
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what lies in it takes the keyboard, and is brought into sight
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    bar = area.verticalScrollBar()
    bar.setStyleSheet(_NO_HANDLE)
    bar.rangeChanged.connect(lambda low, high: bar.setStyleSheet("" if high > low else _NO_HANDLE))
    return area


def keep_room(widget: QWidget) -> None:
    """Leave a widget its room while it is hidden, so that nothing moves when it comes and goes."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)


def breakable(text: str) -> str:
    """`text` that may also be broken inside a path, where a label would otherwise cut it off. Not for copying."""
    return re.sub(r"(?<=\w)([/\\_])", "\N{ZERO WIDTH SPACE}\\1", text)
