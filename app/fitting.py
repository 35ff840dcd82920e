"""What does not fit in a window as it is now: controls cut or out of reach, texts cut, neighbours on each other.

Everything is measured on the widgets themselves, so it holds for whatever is in view, at any size and in any theme.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, combinations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGraphicsView,
    QLabel,
    QLineEdit,
    QScrollArea,
    QScrollBar,
    QSizePolicy,
    QSlider,
    QStyle,
    QStyleOptionComboBox,
    QTabBar,
    QWidget,
)

from app.maps.map_note import MapNote
from app.widgets.labels import ElidedLabel
from app.widgets.sentences.sentence_list import SentenceList
from app.widgets.state_overlay import StaleBanner, StateOverlay

ROWS = 5
"""Rows of a list that are seen whole without scrolling, at least."""
_CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QSlider, QTabBar)
_OVERLAYS = (StateOverlay, StaleBanner, MapNote)  # made to lie over what they tell of
_ENDLESS = 1 << 20
_OPEN = 20  # logical pixels of a scrolled content that are seen, at the least


def misfits(window: QWidget) -> list[str]:
    """What is wrong, in words; empty where everything fits.

    Args:
        window: shown and laid out.
    """
    return [f"{_name(widget)} {wrong}" for widget in _seen(window) for wrong in _wrongs(widget, window)]


def list_misfits(box: QComboBox) -> list[str]:
    """Open a drop-down list and say what of it is cut. It is closed again."""
    if not box.count():
        return []
    box.showPopup()
    for _ in range(3):
        QApplication.processEvents()
    view = box.view()
    room = view.viewport().rect()
    wrong = []
    whole = min(box.count(), box.maxVisibleItems())
    rects = [view.visualRect(box.model().index(i, 0)) for i in range(box.count())]
    if sum(room.top() <= rect.top() and rect.bottom() <= room.bottom() for rect in rects) < whole:
        wrong.append(f"{_name(box)} shows fewer than {whole} whole entries")
    if any(rect.top() < room.bottom() < rect.bottom() for rect in rects):
        wrong.append(f"{_name(box)} cuts an entry of its list in two")
    if view.sizeHintForColumn(0) > room.width():
        wrong.append(f"{_name(box)} cuts entries of its list at the right")
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    part = QStyle.SubControl.SC_ComboBoxEditField
    text = box.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, box).width()
    follows = bool(box.property("follows"))  # it is as wide as what is chosen
    texts = [box.currentText()] if follows else [box.itemText(i) for i in range(box.count())]
    if max(map(box.fontMetrics().horizontalAdvance, texts)) > text:
        wrong.append(f"{_name(box)} cuts what is chosen")
    box.hidePopup()
    QApplication.processEvents()
    return wrong


def _seen(root: QWidget) -> Iterator[QWidget]:
    """A widget and what of it is in view, but for the insides of what Qt makes itself."""
    yield root
    if isinstance(root, (QComboBox, QAbstractSpinBox, QAbstractItemView, QGraphicsView, QTabBar, QLineEdit)):
        return
    for child in _children(root):
        yield from _seen(child)


def _children(widget: QWidget) -> list[QWidget]:
    children = widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return [child for child in children if not child.isWindow() and child.isVisible()]


def _wrongs(widget: QWidget, window: QWidget) -> Iterator[str]:
    if isinstance(widget, QLabel):
        yield from _cut_text(widget)
    elif isinstance(widget, _CONTROLS):
        yield from _cut_control(widget, window)
    elif isinstance(widget, SentenceList):
        yield from _few_rows(widget)
    elif isinstance(widget, QScrollArea):
        yield from _shut(widget)
    yield from _overlaps(widget)


def _shut(area: QScrollArea) -> Iterator[str]:
    content = area.widget()
    if content is not None and area.viewport().height() < min(_OPEN, content.sizeHint().height()):
        yield "shows nothing of what it holds"


def _cut_control(widget: QWidget, window: QWidget) -> Iterator[str]:
    needed, seen = _least(widget), _reachable(widget, window)
    if seen.width() < needed.width() or seen.height() < needed.height():
        there = f"{max(0, seen.width())} x {max(0, seen.height())}"
        yield f"needs {needed.width()} x {needed.height()} and has {there} in reach"


def _least(widget: QWidget) -> QSize:
    """The least that a layout gives to a widget."""
    hint, policy = widget.minimumSizeHint(), widget.sizePolicy()
    ignored = QSizePolicy.Policy.Ignored
    width = 0 if policy.horizontalPolicy() == ignored else hint.width()
    height = 0 if policy.verticalPolicy() == ignored else hint.height()
    return QSize(
        min(widget.minimumWidth() or width, widget.maximumWidth()),
        min(widget.minimumHeight() or height, widget.maximumHeight()),
    )


def _reachable(widget: QWidget, window: QWidget) -> QRect:
    """The part of a widget that is in view or can be scrolled there, in the window's pixels."""
    rect = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
    ancestor = widget
    while ancestor is not window and (parent := ancestor.parentWidget()) is not None:
        place = QRect(parent.mapTo(window, QPoint(0, 0)), parent.size())
        area = parent.parentWidget()
        if isinstance(area, QScrollArea) and area.viewport() is parent:
            if area.verticalScrollBarPolicy() != Qt.ScrollBarPolicy.ScrollBarAlwaysOff:
                rect = _into(rect, place, down=True)
            if area.horizontalScrollBarPolicy() != Qt.ScrollBarPolicy.ScrollBarAlwaysOff:
                rect = _into(rect, place, down=False)
        rect = rect.intersected(place)
        ancestor = parent
    return rect


def _into(rect: QRect, place: QRect, down: bool) -> QRect:
    """Where a widget comes to lie when it is scrolled into view."""
    if down:
        return QRect(rect.left(), place.top(), rect.width(), rect.height())
    return QRect(place.left(), rect.top(), rect.width(), rect.height())


def _cut_text(label: QLabel) -> Iterator[str]:
    if isinstance(label, ElidedLabel) or not label.text():
        return  # it shortens itself, and says all in its tooltip
    if label.wordWrap():
        needed = label.heightForWidth(label.width())
        if label.height() < needed:
            yield f"needs a height of {needed} and has {label.height()}"
    elif label.width() < label.sizeHint().width() or label.height() < label.sizeHint().height():
        hint = label.sizeHint()
        yield f"needs {hint.width()} x {hint.height()} and has {label.width()} x {label.height()}"


def _few_rows(rows: SentenceList) -> Iterator[str]:
    there, room = len(rows.rows), rows.viewport().height()
    for which, order in (("first", range(there)), ("last", range(there - 1, -1, -1))):
        lines = [2 if rows.rows[i].heading is not None else 1 for i in order[:ROWS]]
        heights = list(accumulate(rows.row_rect(i).height() for i in order[:ROWS]))
        whole = sum(count for count, height in zip(lines, heights, strict=True) if height <= room)
        if whole < min(ROWS, sum(lines)):
            yield f"has room for {whole} of its {which} {ROWS} rows"


def _overlaps(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, QAbstractScrollArea):
        return  # what it scrolls, and its own bars
    beside = [child for child in _children(widget) if not isinstance(child, (*_OVERLAYS, QScrollBar))]
    for one, other in combinations(beside, 2):
        if one.geometry().intersects(other.geometry()):
            yield f"lays {_name(one)} over {_name(other)}"


def _name(widget: QWidget) -> str:
    """What a widget is, and what a person would call it."""
    said = widget.accessibleName() or (widget.text() if isinstance(widget, (QLabel, QAbstractButton)) else "")
    return f"{type(widget).__name__} {said[:60]!r}" if said else type(widget).__name__
