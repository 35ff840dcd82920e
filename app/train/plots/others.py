"""Lines of other runs over a plot, dashed, so that they are told from those of the run that is followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.train.plots.curves import Curve, thinned
from app.train.plots.picture import Line

POINTS = 600
"""Points drawn of a line, at most."""
DASHES: tuple[tuple[float, ...], ...] = ((6, 4), (2, 3), (9, 3, 2, 3))
"""Lengths of dashes and gaps, in widths of the line, of the first other run, the second, the third."""


@dataclass(frozen=True, slots=True)
class OtherLine:
    """A term of a variant of another run: `name` is unique, `number` that of the run, from 0."""

    name: str
    colour: str
    number: int
    curve: Curve


class OtherLines:
    """The dashed lines of one plot.

    Args:
        plot: a pyqtgraph PlotWidget.
    """

    def __init__(self, plot: Any) -> None:
        self._plot = plot
        self._items: dict[str, Any] = {}
        self._lines: Sequence[OtherLine] = ()
        self._stamps: dict[str, tuple[object, ...]] = {}
        self.heights: list[NDArray[np.float32]] = []
        """(n,) finite heights of each line."""

    def show(self, lines: Sequence[OtherLine], key: str, height_of: Any, pen: Any) -> None:
        """Show these lines and no others; only those that have changed are drawn anew.

        Args:
            lines: in the order in which they lie over each other.
            key: the term.
            height_of: where values of a term lie on the axis.
            pen: gives the pen of a colour and dashes.
        """
        names = {line.name for line in lines}
        for name in [name for name in self._items if name not in names]:
            self._plot.removeItem(self._items.pop(name))
            self._stamps.pop(name, None)
        self._lines, self.heights = lines, []
        for line in lines:
            heights = height_of(key, line.curve.of(key))
            self.heights.append(heights[np.isfinite(heights)])
            stamp = (id(line.curve.steps.base), len(line.curve.steps), key, line.number)
            if self._stamps.get(line.name) != stamp:
                self._stamps[line.name] = stamp
                self._item(line, pen).setData(*thinned(line.curve.steps, heights, POINTS))

    def dress(self, pen: Any) -> None:
        """Take the colours of the theme."""
        for line in self._lines:
            self._items[line.name].setPen(pen(line.colour, DASHES[line.number]))

    def shown(self, key: str, height_of: Any) -> list[Line]:
        """The lines for a picture, each named by its run and variant."""
        return [
            Line(each.name, each.colour, *thinned(each.curve.steps, height_of(key, each.curve.of(key)), POINTS), True,
                 dashes=DASHES[each.number])
            for each in self._lines
        ]  # fmt: skip

    def data(self) -> dict[str, tuple[Any, Any]]:
        """Steps and heights that are drawn, by the names of the lines."""
        return {name: item.getData() for name, item in self._items.items()}

    def _item(self, line: OtherLine, pen: Any) -> Any:
        import pyqtgraph as pg

        if line.name not in self._items:
            self._items[line.name] = pg.PlotCurveItem()
            self._plot.addItem(self._items[line.name])
        self._items[line.name].setPen(pen(line.colour, DASHES[line.number]))
        return self._items[line.name]
