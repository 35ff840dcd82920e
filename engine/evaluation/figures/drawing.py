"""What a figure is before it is a file: a name, a caption, its size in print, and how it is painted.

matplotlib is imported when a figure is drawn, not before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TEXT_WIDTH = 17.0
"""Centimetres of a page's text, the usual width of a figure across both columns."""
COLUMN_WIDTH = 8.5
"""Centimetres of one of two columns."""
INK = "#1a222d"
"""Text, axes and whatever is of no variant."""
PAPER = "#ffffff"
_CONTRAST = 3.0
"""Of a line or a mark on paper (WCAG 2.2, 1.4.11)."""

MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")
"""Marks of the variants in the order of the run, so that nobody depends on colours."""
_DASHES: tuple[Any, ...] = ("-", (0, (5, 1.6)), (0, (5, 1.4, 1.2, 1.4)), (0, (1.4, 1.2)), (0, (8, 2)))


class Named(Protocol):
    """A variant, be it of a run or of an evaluation."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def colour(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Look:
    """How a variant is drawn in every figure: its label, colour, mark and kind of line."""

    label: str
    colour: str
    mark: str
    dashes: Any


@dataclass(frozen=True)
class Drawing:
    """A figure that can be written.

    Attributes:
        name: short, for files: "figure2".
        caption: one or two sentences that say what is seen, of how much, and how it was measured.
        width, height: in print, centimetres.
        texts: what stands in it besides our own words, for which a font is looked for.
        paint: fills an empty matplotlib figure of that size.
    """

    name: str
    caption: str
    width: float
    height: float
    texts: tuple[str, ...]
    paint: Callable[[Figure], None]


def looks(variants: Sequence[Named]) -> dict[str, Look]:
    """The look of every variant, by name, in the order given."""
    return {
        each.name: Look(
            each.label or each.name,
            on_paper(each.colour),
            MARKS[position % len(MARKS)],
            _DASHES[position % len(_DASHES)],
        )
        for position, each in enumerate(variants)
    }


def on_paper(colour: str) -> str:
    """A colour `#rrggbb`, moved towards the ink until its lines can be seen on white."""
    for step in range(21):
        mixed = [round(a + (b - a) * step / 20) for a, b in zip(_parts(colour), _parts(INK), strict=True)]
        if 1.05 / (_luminance(mixed) + 0.05) >= _CONTRAST:
            break
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def _parts(colour: str) -> list[int]:
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def _luminance(parts: Sequence[int]) -> float:
    """Relative luminance of an sRGB colour (WCAG 2.2)."""
    shares = [part / 255 for part in parts]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def legend(figure: Figure, handles: Sequence[Any], labels: Sequence[str]) -> None:
    """The legend above all panels, in as many columns as the width has room for."""
    inches = figure.get_figwidth()
    widest = max(map(len, labels), default=1)
    columns = max(1, min(len(labels), int(inches / (0.062 * widest + 0.55))))
    figure.legend(handles, labels, loc="outside upper center", ncols=columns, frameon=False)
