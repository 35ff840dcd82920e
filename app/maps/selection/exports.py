"""The chosen sentences in files, as a person asks for them: written in the cache's thread, and published whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from app.maps.selection import words
from app.run.atlas import Opened
from app.run.context import Context
from app.widgets.save_dialog import Exporter, ask_new_folder, ask_where_to_save
from engine.errors import LoomError
from engine.selections.chosen import Mask

if TYPE_CHECKING:
    from engine.selections.exporting import Format

_CHANNEL = "export of a selection"
_FILES = {"csv": "CSV (*.csv)", "parquet": "Parquet (*.parquet)"}
KINDS: Mapping[str, tuple[str, str]] = {
    "csv": (
        "Table: CSV or Parquet…",
        "A line for each sentence of each variant: KL, −log p(x|z), its place on the map",
    ),
    "projector": (
        "TensorBoard projector…",
        "A folder with vectors.tsv and metadata.tsv of each variant, for TensorBoard and projector.tensorflow.org",
    ),
    "npy": (
        "NumPy arrays…",
        "A folder with the means μ of each variant, and ids.npy: rows of the test set from 0",
    ),
}
"""What can be written, by the format that is offered first: what it is called, and what it holds."""


class Exports(Exporter):
    """Asks where, and has it written."""

    def __init__(self, context: Context, over: QWidget) -> None:
        """Args: context: of the open run; over: in the window that dialogs belong to."""
        super().__init__()
        self._context, self._over = context, over
        self._writing = Path()

    @property
    def under_way(self) -> str:
        """What is being written that would not be with the window closed, in a sentence; "" for nothing."""
        writing = self._context.archive.awaits(_CHANNEL)
        return f"The selection is being written to {self._writing.name}; of it nothing is kept." if writing else ""

    def menu(self, parent: QWidget, mask: Mask) -> QMenu:
        """What the chosen sentences can be written as. It deletes itself when closed."""
        menu = QMenu(parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        for format, (name, meaning) in KINDS.items():
            action = menu.addAction(name)
            action.setToolTip(meaning)
            action.triggered.connect(partial(self.ask_where, format, mask))
        return menu

    def ask_where(self, format: str, mask: Mask, _checked: bool = False) -> None:
        """Ask for a file, or for a new folder."""
        name = f"{self._context.state.run}-selection"
        folder = self._context.settings.export[0] if self._context.settings is not None else Path()
        if format in _FILES:
            then = partial(self.export, mask)
            ask_where_to_save(self._over.window(), "Export the selection", _FILES, format, name, folder, then)
            return
        ask_new_folder(
            self._over.window(),
            "Export the selection to a new folder",
            f"{name}-{format}",
            folder,
            lambda path: self._write(mask, path, format),
        )

    def export(self, mask: Mask, path: Path, chosen: str) -> None:
        """Write a table to the file that a person has named; its ending says how, else the chosen one."""
        if (named := self.named(path, _FILES, chosen)) is not None:
            self._write(mask, *named)

    def leave(self) -> None:
        """Another run is opened: what is not written yet is given up, and nothing of it is left."""
        if self._context.archive.awaits(_CHANNEL):
            self._context.archive.forget(_CHANNEL)
            self.failed.emit("The selection was not written, as another run was opened.", "Open that run again for it.")

    def _write(self, mask: Mask, path: Path, format: str) -> None:
        if self._context.archive.awaits(_CHANNEL):
            self.failed.emit("Another selection is being written still.", "Export once that is done.")
            return
        work = partial(_written, mask=mask, path=path, format=cast("Format", format))
        self._writing = path
        self.told.emit(words.writing(int(mask.sum())))
        self._context.archive.ask(_CHANNEL, work, self._take, self._finish)

    def _take(self, done: str | None) -> None:
        if done is not None:
            self.told.emit(done)

    def _finish(self, problem: str) -> None:
        if problem:
            self.failed.emit(f"The selection was not written: {problem}", "")


def _written(opened: Opened, mask: Mask, path: Path, format: Format) -> Iterator[str | None]:
    """Write them; None after every moment's work, at last what is to be told."""
    from engine.events import Done
    from engine.selections.exporting import export_chosen

    atlas = opened.atlas
    if atlas is None:
        raise LoomError("There are no maps.")
    maps = {name: numbers.places.name for name, numbers in atlas.numbers.items()}
    for event in export_chosen(atlas.cache, mask, path, format, maps=maps):
        yield words.written(event.result["sentences"], path) if isinstance(event, Done) else None
