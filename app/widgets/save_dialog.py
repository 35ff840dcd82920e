"""Asking for a file to write, in one of several formats, or for a new folder; and what whoever writes them says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from app.core.file_names import format_of, with_ending
from engine.errors import LoomError


class Exporter(QObject):
    """Writes what a person asks for to the files that they name.

    Signals:
        told: a word to the person.
        failed: what went wrong, and what to do next.
    """

    told = Signal(str)
    failed = Signal(str, str)

    def named(self, path: Path, formats: Collection[str], chosen: str) -> tuple[Path, str] | None:
        """The file with its ending, and its format: that of the ending, else the chosen one.

        None where there is a file of the longer name already, which is told.
        """
        try:
            path = with_ending(path, formats, chosen)
        except LoomError as error:
            self.failed.emit(error.message, error.hint)
            return None
        return path, format_of(path, formats, chosen)


def ask_where_to_save(
    over: QWidget,
    title: str,
    filters: Mapping[str, str],
    format: str,
    name: str,
    folder: Path,
    then: Callable[[Path, str], None],
) -> None:
    """Open a dialog that asks for a file; nothing waits for it.

    Args:
        over: the window.
        title: of the dialog.
        filters: the formats that can be chosen, by their endings: "CSV (*.csv)".
        format: the one that is offered first.
        name: of the file, without its ending.
        folder: that is shown first, where it is there.
        then: takes the file and the ending of the chosen format.
    """
    dialog = QFileDialog(over, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters([filters[format], *(text for key, text in filters.items() if key != format)])
    dialog.setDefaultSuffix(format)
    if folder.is_absolute() and folder.is_dir():
        dialog.setDirectory(str(folder))
    dialog.selectFile(f"{name}.{format}")
    dialog.filterSelected.connect(
        lambda chosen: dialog.setDefaultSuffix(next(key for key, text in filters.items() if text == chosen))
    )
    dialog.fileSelected.connect(lambda file: then(Path(file), dialog.defaultSuffix()))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def ask_new_folder(over: QWidget, title: str, name: str, folder: Path, then: Callable[[Path], None]) -> None:
    """Open a dialog that asks for a folder to make; nothing waits for it.

    Args:
        over: the window.
        title: of the dialog.
        name: of the new folder, as it is offered.
        folder: in which it is offered, where that is there.
        then: takes the new folder.
    """
    dialog = QFileDialog(over, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setLabelText(QFileDialog.DialogLabel.FileName, "Folder:")
    if folder.is_absolute() and folder.is_dir():
        dialog.setDirectory(str(folder))
    dialog.selectFile(name)
    dialog.fileSelected.connect(lambda path: then(Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
