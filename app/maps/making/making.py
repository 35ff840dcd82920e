"""The making of maps put together: its state, controller, chooser and form."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from app.core.refresh import Refresh
from app.maps.making import words
from app.maps.making.chooser import MapChooser
from app.maps.making.controller import MakingController
from app.maps.making.form import NewMapForm
from app.maps.making.rename import RenameDialog
from app.maps.making.state import MakingState
from app.run.context import Context
from engine.config import MAP_NAME_PATTERN

_NAME_WANTED = "A name is up to 40 letters, digits, spaces, points and hyphens, with a letter or digit first."


class Making(QObject):
    """Everything behind the chooser of maps.

    Signals:
        failed: what went wrong, in words.
        told: what is good to know.
    """

    failed = Signal(str)
    told = Signal(str)

    def __init__(self, context: Context, chooser: MapChooser, over: QWidget) -> None:
        """Args: context: of the open run; chooser: above the maps; over: what windows open over."""
        super().__init__()
        self._context, self._explorer = context, context.state
        self.state = MakingState()
        self.controller = MakingController(context, self.state)
        self.controller.failed.connect(self.failed)
        self.controller.told.connect(self.told)
        self.controller.failed.connect(lambda _: self._show_maps())  # the one that was chosen may not be shown
        self._chooser, self._over, self._told = chooser, over, ""
        self.form: NewMapForm | None = None
        self.dialog: QDialog | None = None
        chooser.chosen.connect(self.controller.choose)
        chooser.opened.connect(self.controller.look)
        chooser.new_wanted.connect(self.open_form)
        chooser.rename_wanted.connect(self._rename)
        chooser.delete_wanted.connect(self._delete)
        chooser.cancelled.connect(self.controller.cancel)
        self.refresh = Refresh(
            {self._show_maps: ("maps", "run"), self._show_job: ("making", "fraction", "stage", "coarse")},
            [self.state, self._explorer],
        )

    @property
    def shown(self) -> str:
        """The name of the map that is shown, "" for none."""
        return self._context.atlas.map if self._context.atlas is not None else ""

    def open_form(self) -> NewMapForm:
        """Ask what the new map is to be like."""
        if self.form is not None:
            self.form.deleteLater()
        form = self.form = NewMapForm(self._over.window(), self._explorer.run)
        form.make_requested.connect(self._make)
        form.open()
        return form

    def refine(self) -> None:
        """What is shown is the quick map: make the usual one behind it."""
        self.told.emit("This is a coarse first map, of principal components. UMAP takes its place once it is made.")
        self.controller.refine()

    def forget(self) -> None:
        """Another run is opened."""
        self.controller.forget()
        for window in (self.form, self.dialog):
            if window is not None:
                window.reject()

    def close(self) -> None:
        """The window is closed."""
        self.refresh.stop()
        self.forget()

    def _make(self, values: dict[str, Any]) -> None:
        if self.form is None:
            return
        if problem := self._wrong(values["name"]):
            self.form.refuse(problem)
        else:
            self.form.accept()
            self.controller.make(values["name"] or words.METHODS[values["method"]][0], words.options(values))

    def _wrong(self, name: str, of: str = "") -> str:
        """Why a map, or that of another name, cannot be called so; "" where it can."""
        if not re.fullmatch(MAP_NAME_PATTERN, name):
            return _NAME_WANTED
        maps = self._context.atlas.maps if self._context.atlas is not None else ()
        taken = {words.title(each.name).casefold() for each in maps if each.variants and each.name != of}
        return f"There is a map “{words.title(name)}” already. Choose another name." if name.casefold() in taken else ""

    def _rename(self) -> None:
        name = self.shown

        def wrong(new: str) -> str:
            return self._wrong(new, name) if new else _NAME_WANTED

        dialog = self.dialog = RenameDialog(self._over.window(), words.title(name), wrong)
        dialog.name_given.connect(lambda new: self.controller.rename(name, new))
        dialog.open()

    def _delete(self) -> None:
        name, atlas = self.shown, self._context.atlas
        if atlas is not None and sum(bool(each.variants) for each in atlas.maps) < 2:
            self.failed.emit("This is the only map there is. Make another one first.")
            return
        box = self.dialog = QMessageBox(self._over.window())
        box.setWindowTitle("Delete the map")
        box.setText(f"Delete the map “{words.title(name)}” of all models?")
        box.setInformativeText("It can be made again.")
        delete = box.addButton("Delete", QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        delete.clicked.connect(lambda: self.controller.delete(name))
        box.open()

    def _show_maps(self) -> None:
        atlas = self._context.atlas
        ready = atlas is not None and self._explorer.maps.kind == "ready"
        entries = [(each.name, *words.entry(each)) for each in atlas.maps if each.variants] if atlas is not None else []
        self._chooser.set_maps(entries, self.shown, ready)
        problem = atlas.unlisted if atlas is not None else ""
        if problem and problem != self._told:
            self.failed.emit(f"Maps may be missing, or be there that were deleted: {problem}")
        self._told = problem

    @property
    def under_way(self) -> str:
        """Which map is being made that somebody has asked for, in a sentence; "" for none."""
        state = self.state
        asked = state.making and not state.coarse and state.making not in ("renaming", "deleting")
        return f"The map {state.making} is being made; of models that are done it is kept." if asked else ""

    def _show_job(self) -> None:
        state = self.state
        coarse = "What is shown is the quick map of principal components; this one takes its place.\n"
        job = (state.making, state.fraction, state.coarse) if state.making else None
        self._chooser.set_job(job, (coarse if state.coarse else "") + state.stage)
