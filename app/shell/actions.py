"""Every action with a key or a place in the menu, in one list."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from app.widgets.run_menu import RunMenu


class Actions:
    """The actions of a window. Keys without a modifier are typed as text while the cursor is in a field."""

    def __init__(self, parent: QWidget) -> None:
        self._parent = parent
        self.explore = self._action("Explore", "Ctrl+1")
        self.train = self._action("Train", "Ctrl+2")
        self.evaluate = self._action("Evaluate", "Ctrl+3")
        self.survey = self._action("Survey", "Ctrl+4")
        self.text = self._action("Train on a text…", QKeySequence.StandardKey.Open)
        self.search = self._action("Search sentences", QKeySequence.StandardKey.Find)
        self.keep = self._action("Keep what was found or selected…", "Ctrl+K")
        self.look = self._action("Look around", "H")
        self.box = self._action("Select with a box", "M")
        self.lasso = self._action("Select with a lasso", "L")
        self.path = self._action("Draw a path", "P")
        self.select_by = self._action("Select by…", "Ctrl+E")
        self.list_selected = self._action("List what is selected", "Ctrl+Shift+L")
        self.invert = self._action("Invert the selection", "Ctrl+Shift+I")
        self.unselect = self._action("Clear the selection", "Ctrl+Shift+A")
        self.end_a = self._action("Use the point as A", "A")
        self.end_b = self._action("Use the point as B", "B")
        self.send = self._action("Send the point to…", "S")
        self.random_pair = self._action("Random pair", "R")
        self.export = self._action("Export the table…", QKeySequence.StandardKey.Save)
        self.picture = self._action("Save picture…", "Ctrl+Shift+S")
        self.density = self._action("Density", "Ctrl+D", checkable=True)
        self.linked = self._action("Linked maps", "Ctrl+L", checkable=True)
        self.theme = self._action("Light or dark", "Ctrl+T")
        self.theme.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)  # also over the guide and other windows
        self.reset = self._action("Show all points", "Ctrl+0")
        self.diagnosis = self._action("Diagnosis: has z collapsed?", "Ctrl+I")
        self.guide = self._action("What the maps show", QKeySequence.StandardKey.HelpContents)
        self.guide.setShortcuts([QKeySequence("F1")])
        self.keys = self._action("Keys", "?")
        self.quit = self._action("Quit", QKeySequence.StandardKey.Quit)
        self.undo = self._action("Undo", QKeySequence.StandardKey.Undo)
        self.redo = self._action("Redo", QKeySequence.StandardKey.Redo)
        for action, keys in ((self.undo, QKeySequence.StandardKey.Undo), (self.redo, QKeySequence.StandardKey.Redo)):
            action.setShortcuts(keys)  # all that are usual here; a field that has the cursor keeps them for itself

    def of_page(self, name: str) -> None:
        """What works on the maps and the bench alone has no keys where they are out of sight."""
        tools = [self.look, self.box, self.lasso, self.path]
        selecting = [self.select_by, self.list_selected, self.invert, self.unselect]
        for action in (self.keep, self.end_a, self.end_b, self.send, self.random_pair, *tools, *selecting):
            action.setEnabled(name == "Explore")

    def all(self) -> list[QAction]:
        """Every action, in the order of the list."""
        return [each for each in vars(self).values() if isinstance(each, QAction)]

    def menu(self, current: Callable[[], str]) -> tuple[QMenu, RunMenu]:
        """The menu, and the one within it that lists the runs, the one that `current` names marked."""
        menu = QMenu(self._parent)
        runs = RunMenu("Open run", menu, current)
        menu.aboutToShow.connect(runs.ask)
        menu.addMenu(runs)
        menu.addActions([self.explore, self.train, self.text, self.evaluate, self.survey])
        menu.addSeparator()
        menu.addActions([self.undo, self.redo])
        menu.addSeparator()
        menu.addActions([self.search, self.keep, self.random_pair, self.end_a, self.end_b, self.send])
        menu.addSeparator()
        selection = menu.addMenu("Selection")
        selection.addActions([self.look, self.box, self.lasso, self.path])
        selection.addSeparator()
        selection.addActions([self.select_by, self.list_selected, self.invert, self.unselect])
        menu.addSeparator()
        menu.addActions([self.diagnosis, self.density, self.linked, self.theme, self.reset])
        menu.addSeparator()
        menu.addActions([self.export, self.picture, self.guide, self.keys, self.quit])
        return menu, runs

    def _action(self, text: str, keys: str | QKeySequence.StandardKey, checkable: bool = False) -> QAction:
        action = QAction(text, self._parent)
        action.setShortcut(QKeySequence(keys))
        action.setCheckable(checkable)
        self._parent.addAction(action)
        return action
