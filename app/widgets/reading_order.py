"""The order in which Tab goes: as one reads, from left to right and from top to bottom, whatever is in view.

Qt goes by the order in which widgets were made. Tabs, columns, lists and pages are made late and anew, so their order
is asked of the places they have, each time Tab is pressed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QScrollArea, QWidget

_OVERLAP = 3  # pixels by which two things side by side may reach into each other

_T = TypeVar("_T")


def reading_order(root: QWidget) -> list[QWidget]:
    """The controls within `root` that take the keyboard by Tab. What lies in one part of the window stays together."""
    found = [root] if _takes_tab(root) else []
    inside = root.viewport() if isinstance(root, QAbstractScrollArea) else root
    parts: list[tuple[QRect, list[QWidget]]] = []
    for child in inside.children():
        if isinstance(child, QWidget) and child.isVisible() and not child.isWindow() and child.focusProxy() is not root:
            controls = reading_order(child)
            if controls:
                parts.append((child.geometry(), controls))
    for _, controls in as_read(parts, lambda part: part[0]):
        found += controls
    return found


def as_read(things: Sequence[_T], place: Callable[[_T], QRect]) -> list[_T]:
    """Things as one reads them: line by line, and where no line parts them, column by column."""
    if len(things) < 2:
        return list(things)
    for begin, end in ((QRect.top, QRect.bottom), (QRect.left, QRect.right)):
        groups: list[list[_T]] = []
        reached = 0
        for thing in sorted(things, key=lambda each: begin(place(each))):
            if groups and begin(place(thing)) < reached - _OVERLAP:
                groups[-1].append(thing)
            else:
                groups.append([thing])
            reached = max(reached, end(place(thing))) if len(groups[-1]) > 1 else end(place(thing))
        if len(groups) > 1:
            return [thing for group in groups for thing in as_read(group, place)]
    return sorted(things, key=lambda each: (place(each).top(), place(each).left()))


def move_focus(root: QWidget, forward: bool) -> bool:
    """Give the keyboard to the next control within `root`, or the one before, round the ends; False if none is."""
    order, now = reading_order(root), root.window().focusWidget()
    if not order:
        return False
    if now in order:
        to = order[(order.index(now) + (1 if forward else -1)) % len(order)]
    else:
        to = _beside(order, now, forward)
    to.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
    above = to.parentWidget()
    while above is not None and above is not root:
        if isinstance(above, QScrollArea):
            above.ensureWidgetVisible(to)
        above = above.parentWidget()
    return True


def _beside(order: Sequence[QWidget], now: QWidget | None, forward: bool) -> QWidget:
    """Where to go from something that Tab does not reach: to what lies in it, or in what it lies in."""
    while now is not None:
        inside = [control for control in order if now.isAncestorOf(control)]
        if inside:
            return inside[0] if forward else inside[-1]
        now = now.parentWidget()
    return order[0] if forward else order[-1]


def _takes_tab(widget: QWidget) -> bool:
    if not widget.isVisible() or not widget.isEnabled() or widget.focusProxy() is not None:
        return False
    group = widget.group() if isinstance(widget, QAbstractButton) else None
    if group is not None and group.exclusive() and group.checkedButton() is not None:
        return widget is group.checkedButton()  # the arrow keys go to the others
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus == Qt.FocusPolicy.TabFocus)
