"""Other runs over the curves of the one that is followed: the menu that chooses them, and how they are told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtWidgets import QWidget

from app.core.values import Column
from app.train.files import Watched
from app.train.plots.others import OtherLine
from app.train.words import columns_of
from app.widgets.run_menu import RunMenu

_SIGNS = ("- -", "···", "-·-")
"""The dashes of `DASHES` in `plots/others.py` as text."""
MOST = len(_SIGNS)
"""Other runs that are shown at most; they are told apart by their dashes."""


class CompareMenu(RunMenu):
    """Lists the runs; those that are shown beside the one that is followed are marked."""

    def __init__(self, parent: QWidget) -> None:
        self._shown: Sequence[str] = ()
        self._followed = ""
        super().__init__("", parent, lambda: "")
        self._group.setExclusive(False)

    def set_shown(self, shown: Sequence[str], followed: str) -> None:
        """Which are laid over, and the one that is followed, which cannot be."""
        self._shown, self._followed = shown, followed
        self._mark()

    def _fill(self) -> None:
        super()._fill()
        self._mark()

    def _mark(self) -> None:
        for entry in self._group.actions():
            entry.setChecked(entry.text() in self._shown)
            entry.setEnabled(entry.text() != self._followed)


def other_columns(others: Mapping[str, Watched]) -> tuple[Column, ...]:
    """The variants of other runs, each with the dashes and the name of its run in its label.

    The run stands first, as it is what is left where the label is cut off: the colour says which variant it is.
    """
    return tuple(
        replace(column, name=f"{run}/{column.name}", label=f"{sign} {run} · {column.label}")
        for (run, watched), sign in zip(others.items(), _SIGNS, strict=False)
        for column in columns_of(watched)
    )


def other_lines(others: Mapping[str, Watched], key: str) -> list[OtherLine]:
    """The lines of a term: what was measured on test text; of m, and where nothing was measured, the training's."""
    lines = []
    for number, (run, watched) in enumerate(others.items()):
        for column in columns_of(watched):
            curves = (watched.curves or {}).get(column.name)
            if curves is not None:
                curve = curves.train if key == "implied_m" or not len(curves.test.steps) else curves.test
                lines.append(OtherLine(f"{run}/{column.name}", column.colour, number, curve))
    return lines
