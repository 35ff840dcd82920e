"""What can be done with several sentences that were drawn round on a map, or found by the search."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from app.bench.arithmetic.state import MOST
from app.bench.rows import MOST_AT_ONCE


def group_menu(parent: QWidget, count: int, take: Callable[[str], None]) -> QMenu:
    """A menu that calls `take` with "table", or with "with" or "without", the groups of a concept.

    It deletes itself when closed.
    """
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    what = "this sentence" if count == 1 else f"these {count:,} sentences"
    few = what if count <= MOST_AT_ONCE else f"the first {MOST_AT_ONCE} of {what}"
    spread = what if count <= MOST else f"{MOST} of {what}, evenly spread,"
    groups = [(group, spread, f"concept’s group “{group}”") for group in ("with", "without")]
    for name, which, where in (("table", few, "table"), *groups):
        action = menu.addAction(f"Add {which} to the {where}")
        action.triggered.connect(lambda _checked=False, name=name: take(name))
    menu.setActiveAction(menu.actions()[0])  # Enter takes it
    return menu
