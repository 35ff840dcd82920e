"""Colours for categories that people with any colour vision can tell apart, and what lies under each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtGui import QColor

from app.core.theme import Theme

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_COLOURS = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#F0E442", "#0072B2")
"""Okabe and Ito, Color universal design, 2008, without its black: that stands next to the grey of all others."""
MOST = len(_COLOURS)
"""Categories with a colour of their own; the rest have one together."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the legend: a category with its number of sentences and its place in the palette; -1 for grey.

    `value` is what can be searched for, None where several or none are meant.
    """

    text: str
    count: int
    place: int
    value: str | None = None


def title(column: str) -> str:
    """The name of a column for people; those without a name are called by their number."""
    return f"column {column}" if column.isdecimal() else column


def colours(now: Theme) -> list[str]:
    """The colours of a theme, as "#rrggbb": `MOST` of categories, then that of all others."""
    return [*(now.readable(colour, 2.0) for colour in _COLOURS), now.muted]


def palette(now: Theme) -> NDArray[np.uint8]:
    """(MOST + 1, 3) the same as numbers."""
    return _numbers(tuple(colours(now)))


@cache
def _numbers(named: tuple[str, ...]) -> NDArray[np.uint8]:
    import numpy as np  # not at the top: the first paint needs none

    return np.array([(one.red(), one.green(), one.blue()) for one in map(QColor, named)], dtype=np.uint8)
