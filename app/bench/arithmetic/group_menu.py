"""What can be done with several sentences that were drawn round on a map, or found by the search."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget


def group_menu(parent: QWidget, count: int, take: Callable[[str], None]) -> QMenu:
    """A menu that calls `take` with "table", or with "with" or "without", the groups of a concept.

    It deletes itself when closed.
    """
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    what = "this sentence" if count == 1 else f"these {count:,} sentences"
    for name, where in (("table", "table"), *((group, f"concept’s group “{group}”") for group in ("with", "without"))):
        action = menu.addAction(f"Add {what} to the {where}")
        action.triggered.connect(lambda _checked=False, name=name: take(name))
    menu.setActiveAction(menu.actions()[0])  # Enter takes it
    return menu
