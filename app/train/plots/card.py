"""One plot of a training: a quantity over the steps, every variant in it.

Imported only once pyqtgraph has been (see `training_files.load_folder`), which takes half a second.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from app.core import theme
from app.core.values import Column
from app.train.plots.axes import M_TICKS, StepAxis, ValueAxis
from app.train.plots.curves import Curve, Curves, thinned
from app.train.plots.others import OtherLine, OtherLines
from app.train.plots.panels import Panel, value
from app.train.plots.picture import Line, Plot, plots_figure
from app.widgets.parts import label
from app.widgets.pictures.figure import Figure

POINTS = 600
"""Points drawn of a line, at most: enough for the pixels of a plot, as lowest and highest values stay."""
_DOTS = 40  # measurements; more of them run together


def height_of(key: str, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where values lie on their axis: as they are, but m at 1/(1+m), so that infinity has a place."""
    return 1.0 / (1.0 + values) if key == "implied_m" else values


def y_range(
    train: Sequence[NDArray[np.float32]], test: Sequence[NDArray[np.float32]], from_zero: bool
) -> tuple[float, float] | None:
    """The ends of an axis that shows the lines (n,) of finite values well.

    The extremes of the training batches may leave the plot: the first steps lie so far from all others, and single
    batches so far from their mean, that nothing else could be told apart.
    """
    ends = [np.percentile(line, (8, 95)) for line in train if len(line)]
    ends += [np.percentile(line, (4, 100)) for line in test if len(line)]
    if not ends:
        return None
    low, high = min(float(each[0]) for each in ends), max(float(each[1]) for each in ends)
    low = min(0.0, low) if from_zero else low
    room = 0.06 * (high - low) or 0.05 * abs(high) or 0.5
    return low if from_zero and low == 0 else low - room, high + room


def _dashed(colour: str, dashes: Sequence[float]) -> Any:
    """The pen of a line of another run."""
    return pg.mkPen(QColor(theme.current().readable(colour)), width=1.5, dash=list(dashes))


class PlotCard(QFrame):
    """One quantity over the steps.

    Signals:
        hovered: the step under the pointer as a float, or None.
        reset: a double click asks for all steps again.
    """

    hovered = Signal(object)
    reset = Signal()
    figure_name = "this plot"
    _dressed: theme.Theme | None = None  # None until there is something to dress

    def __init__(self, panel: Panel) -> None:
        super().__init__()
        self.panel, self.key = panel, panel.key
        self.setProperty("role", "panel")
        self._curves: Mapping[str, Curves] = {}
        self._columns: tuple[Column, ...] = ()
        self._lines: dict[tuple[str, str], Any] = {}
        self._drawn: dict[tuple[str, str], tuple[Any, ...]] = {}
        self._last_range: tuple[float, float] | None = None
        self._kept: int | None = None
        self._other: OtherLines | None = None
        title = label(panel.title, role="title")
        unit = label(panel.unit, role="label")
        for widget in (title, unit):
            widget.setToolTip(panel.about)
        self.head = QHBoxLayout()
        self.head.setContentsMargins(10, 4, 8, 0)
        self.head.setSpacing(6)
        self.head.addWidget(title)
        self.head.addWidget(unit)
        self.head.addStretch(1)
        self.plot = pg.PlotWidget(axisItems={"bottom": StepAxis("bottom"), "left": ValueAxis("left")})
        self.plot.setAccessibleName(f"Plot of {panel.title}")
        self.plot.setMinimumSize(160, 84)
        self.plot.setFrameShape(QFrame.Shape.NoFrame)
        self.plot.setToolTip("")
        self._set_up()
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 2)
        column.setSpacing(0)
        column.addLayout(self.head)
        column.addWidget(self.plot, 1)
        self.setAccessibleName(f"Plot of {panel.title}")
        self.dress()

    def _set_up(self) -> None:
        item, view = self.plot.getPlotItem(), self.plot.getViewBox()
        item.hideButtons()
        item.setMenuEnabled(False)
        view.setMouseEnabled(x=True, y=False)
        view.disableAutoRange()
        view.invertY(self.key == "implied_m")
        item.getAxis("left").setWidth(46)
        item.getAxis("bottom").setHeight(20)
        self._hover_line = pg.InfiniteLine(angle=90, movable=False)
        self._kept_line = pg.InfiniteLine(angle=90, movable=False)
        for line in (self._hover_line, self._kept_line):
            line.setVisible(False)
            self.plot.addItem(line, ignoreBounds=True)
        if self.key == "implied_m":
            item.getAxis("left").setTicks([list(M_TICKS)])
        self.plot.scene().sigMouseMoved.connect(self._moved)
        self.plot.viewport().installEventFilter(self)

    def dress(self) -> None:
        """Take the colours of the theme."""
        now = self._dressed = theme.current()
        self.plot.setBackground(now.panel)
        font = theme.font(theme.SMALL_SIZE)
        for name in ("left", "bottom"):
            axis = self.plot.getPlotItem().getAxis(name)
            axis.setPen(pg.mkPen(now.border))
            axis.setTextPen(pg.mkPen(now.muted))
            axis.setTickFont(font)
            axis.setStyle(tickLength=-3, tickTextOffset=4, maxTickLevel=0, maxTextLevel=0)
        self.plot.showGrid(x=False, y=True, alpha=0.25)
        self._hover_line.setPen(pg.mkPen(now.muted, width=1))
        self._kept_line.setPen(pg.mkPen(now.accent, width=1, style=Qt.PenStyle.DashLine))
        for (name, split), line in self._lines.items():
            self._colour(name, split, line)
        if self._other is not None:
            self._other.dress(_dashed)

    def show_others(self, lines: Sequence[OtherLine], key: str) -> None:
        """Lay lines of other runs over those of this one."""
        if self._other is None and lines:
            self._other = OtherLines(self.plot)
        if self._other is not None:
            self._other.show(lines, key, height_of, _dashed)
            self.draw()

    @property
    def others(self) -> dict[str, tuple[Any, Any]]:
        """What is drawn of other runs: steps and heights, by the names of the lines."""
        return self._other.data() if self._other is not None else {}

    def show_curves(self, columns: tuple[Column, ...], curves: Mapping[str, Curves], key: str) -> None:
        """Show these variants; only lines that have grown are drawn anew."""
        if columns != self._columns or key != self.key:
            for line in self._lines.values():
                self.plot.removeItem(line)
            self._lines.clear()
            self._drawn.clear()
            self._columns, self.key = columns, key
            for split in ("train", "test"):  # the measurements lie over the lines of the training
                for column in columns:
                    line = pg.PlotCurveItem() if split == "train" else pg.PlotDataItem()
                    self._lines[column.name, split] = line
                    self.plot.addItem(line)
                    self._colour(column.name, split, line)
        self._curves = curves
        self.draw()

    def begin_anew(self) -> None:
        """Forget the run that was shown: its lines, and the ends of its axis."""
        for line in self._lines.values():
            self.plot.removeItem(line)
        self._lines.clear()
        self._drawn.clear()
        self._columns, self._curves, self._last_range = (), {}, None
        self.plot.getViewBox().setYRange(0, 1, padding=0)

    def draw(self) -> None:
        """Draw what lies in the range of steps that is shown."""
        low, high = self.plot.getViewBox().viewRange()[0]
        shown: dict[str, list[NDArray[np.float32]]] = {"train": [], "test": []}
        for (name, split), line in self._lines.items():
            curves = self._curves.get(name)
            if curves is None:
                continue
            curve: Curve = getattr(curves, split)
            first, last = np.searchsorted(curve.steps, (low, high))
            first, last = max(0, int(first) - 1), min(len(curve.steps), int(last) + 1)
            stamp = (id(curve.steps.base), first, last)
            steps, heights = curve.steps[first:last], height_of(self.key, curve.of(self.key)[first:last])
            finite = heights[np.isfinite(heights)]
            shown[split].append(finite)
            if self._drawn.get((name, split)) == stamp:
                continue
            self._drawn[name, split] = stamp
            line.setData(*thinned(steps, heights, POINTS))
            if split == "test":
                line.setSymbol("o" if len(steps) <= _DOTS else None)
        if self._other is not None:
            shown["test"] += [line for line in self._other.heights if len(line)]
        self._fit(shown)

    def _fit(self, shown: Mapping[str, Sequence[NDArray[np.float32]]]) -> None:
        found = y_range(shown["train"], shown["test"], from_zero=self.key not in ("elbo", "reconstruction"))
        if self.key == "implied_m":
            top = max((float(line.max()) for line in shown["train"] if len(line)), default=1.0)
            found = -0.06, max(1.06, top * 1.06)
        if found is not None and found != self._last_range:
            self._last_range = found
            self.plot.getViewBox().setYRange(*found, padding=0)

    def set_hover(self, step: int | None) -> None:
        """A line at the step that is read."""
        self._hover_line.setVisible(step is not None)
        if step is not None:
            self._hover_line.setPos(step)

    def set_kept(self, step: int | None) -> None:
        """A dashed line at the chosen checkpoint."""
        self._kept = step
        self._kept_line.setVisible(step is not None)
        if step is not None:
            self._kept_line.setPos(step)

    @property
    def shown(self) -> Plot:
        """What is drawn now, for a picture."""
        (low, high), y = self.plot.getViewBox().viewRange()
        lines = []
        for name, split in self._lines:
            column = next(column for column in self._columns if column.name == name)
            curve = getattr(self._curves[name], split) if name in self._curves else None
            if curve is None:
                continue
            first, last = np.searchsorted(curve.steps, (low, high))
            part = slice(max(0, int(first) - 1), int(last) + 1)
            steps, values = curve.steps[part], curve.of(self.key)[part]
            thick = split == "test" or self.panel.name == "implied_m"
            said = value(float(values[-1])) if thick and len(values) and not math.isnan(values[-1]) else ""
            drawn = thinned(steps, height_of(self.key, values), POINTS)
            lines.append(Line(column.label, column.colour, *drawn, thick, said))
        if self._other is not None:
            lines += self._other.shown(self.key, height_of)
        m = self.key == "implied_m"
        return Plot(
            self.panel.title, self.panel.unit, tuple(lines), (low, high), (y[0], y[1]),
            M_TICKS if m else None, m, self._kept,
        )  # fmt: skip

    def figure(self) -> Figure | None:
        """The plot as a figure; None while it has no lines."""
        return plots_figure([self.shown], self.width(), self.plot.height()) if self._lines else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The pointer leaves, or asks for all steps again."""
        if event.type() == QEvent.Type.Leave:
            self.hovered.emit(None)
        elif event.type() == QEvent.Type.MouseButtonDblClick:
            self.reset.emit()
            return True
        return False

    def changeEvent(self, event: QEvent) -> None:
        """Another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._dressed not in (None, theme.current()):
            self.dress()

    def _moved(self, at: QPointF) -> None:
        view = self.plot.getViewBox()
        inside = view.sceneBoundingRect().contains(at)
        self.hovered.emit(float(view.mapSceneToView(at).x()) if inside else None)

    def _colour(self, name: str, split: str, line: Any) -> None:
        colour = next((column.colour for column in self._columns if column.name == name), "#888888")
        solid = QColor(theme.current().readable(colour))
        if split == "train" and self.panel.name == "implied_m":  # a setting, not a measurement
            line.setPen(pg.mkPen(solid, width=2))
        elif split == "train":
            thin = QColor(solid)
            thin.setAlpha(100 if theme.current().mode == "dark" else 70)
            line.setPen(pg.mkPen(thin, width=1))
        else:
            dots = {
                "symbolBrush": pg.mkBrush(solid),
                "symbolPen": pg.mkPen(theme.current().panel, width=1),
                "symbolSize": 6,
            }
            line.opts.update(pen=pg.mkPen(solid, width=2), **dots)
            line.updateItems(styleUpdate=True)  # once; each setter would make all the dots anew
