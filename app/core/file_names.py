"""What a file is called that a person has named."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from engine.errors import LoomError


def with_ending(path: Path, endings: Collection[str], chosen: str) -> Path:
    """The file with an ending that says its format: that which it has, else the chosen one after its whole name.

    What is neither a file nor a folder, as a device or a pipe, keeps its name.

    Args:
        path: as a person has named it, as in "fig 1.2".
        endings: of all formats, in small letters and without the dot.
        chosen: that of the format that is to be taken where the name says none.

    Raises:
        LoomError: a file of the longer name is there already; nobody was asked whether that may be replaced.
    """
    if _ending(path) in endings or (os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)):
        return path
    longer = path.with_name(f"{path.name}.{chosen}")
    if os.path.lexists(longer):
        raise LoomError(f"{longer} is there already.", "Choose it by its whole name to replace it, or another.")
    return longer


def format_of(path: Path, endings: Collection[str], chosen: str) -> str:
    """The format of a file, by its ending; the chosen one where that says none."""
    ending = _ending(path)
    return ending if ending in endings else chosen


def _ending(path: Path) -> str:
    """In small letters and without the dot; "" for none."""
    return path.suffix.lstrip(".").lower()
