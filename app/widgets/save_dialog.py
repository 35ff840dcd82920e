"""Asking for a file to write, in one of several formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget


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
