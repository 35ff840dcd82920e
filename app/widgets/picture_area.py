"""The area of the window whose pictures can be saved, and the menu entries that ask for it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QMenu, QWidget


class Saved(Protocol):
    """What is saved: a `Figure`, whose drawing the first paint does without."""

    def only(self, index: int, label: str) -> Saved:
        """The same of one column, called `label`."""


@runtime_checkable
class Pictured(Protocol):
    """A view that can be saved as a picture.

    Attributes:
        figure_name: what is saved, as in "this map".
    """

    figure_name: str

    def figure(self) -> Saved | None:
        """What it shows now; None where that is nothing."""


@runtime_checkable
class PicturedInColumns(Pictured, Protocol):
    """One whose columns can be saved alone."""

    def figure_columns(self) -> tuple[str, ...]:
        """The names of the columns."""


class PictureArea(QWidget):
    """Whatever is pictured inside it, however deep, is saved by it. Offers so where no other menu opens.

    Signals:
        asked: a `Figure` is to be saved.
    """

    asked = Signal(object)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What lies under the pointer has no menu of its own."""
        menu = saving_menu(self.childAt(self.mapFromGlobal(event.globalPos())) or self)
        if menu.isEmpty():
            menu.deleteLater()
            event.ignore()
        else:
            menu.popup(event.globalPos())

    def ask(self, source: QWidget | None) -> bool:
        """Save the innermost that is pictured around `source`; whether there is something."""
        for view in _around(source):
            figure = view.figure()
            if figure is not None:
                self.asked.emit(figure)
                return True
        return False


def saving_menu(source: QWidget) -> QMenu:
    """A menu that saves what is pictured around `source`; empty without any. It deletes itself when closed."""
    menu = QMenu(source)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    add_saving(menu, source)
    return menu


def add_saving(menu: QMenu, source: QWidget, column: int = -1) -> None:
    """Add an entry for each that is pictured around `source`, the innermost first; and for its column, if one is given.

    The figures are made now: what the menu was opened on is what is saved.
    """
    area = _area_of(source)
    if area is None:
        return
    found = [(view, figure) for view in _around(source) if (figure := view.figure()) is not None]
    if found and not menu.isEmpty():
        menu.addSeparator()
    for view, figure in found:
        labels = view.figure_columns() if isinstance(view, PicturedInColumns) else ()
        if 0 <= column < len(labels) and len(labels) > 1:
            label, one = labels[column], figure.only(column, labels[column])
            _add(menu, area, f"the column {label}", one)
        _add(menu, area, view.figure_name, figure)


def _add(menu: QMenu, area: PictureArea, what: str, figure: Saved) -> None:
    entry = menu.addAction(f"Save picture of {what}…".replace("&", "&&"))
    entry.triggered.connect(lambda: area.asked.emit(figure))


def _around(source: QWidget | None) -> list[Pictured]:
    found: list[Pictured] = []
    above = source
    while above is not None:
        if isinstance(above, Pictured):
            found.append(above)
        above = above.parentWidget()
    return found


def _area_of(source: QWidget) -> PictureArea | None:
    above: QWidget | None = source
    while above is not None and not isinstance(above, PictureArea):
        above = above.parentWidget()
    return above
