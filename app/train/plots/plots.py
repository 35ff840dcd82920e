"""The curves of a training: one plot a quantity, every variant in each, one axis of steps for all.

Imported only once pyqtgraph has been (see `training_files.load_folder`), which takes half a second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from app.core.values import Column
from app.train.plots.card import PlotCard
from app.train.plots.curves import Curves
from app.train.plots.others import OtherLine
from app.train.plots.panels import PANELS, SPREAD
from app.train.plots.picture import plots_figure
from app.train.plots.readout import Readout, small
from app.widgets.parts import EDGE, SPACING, Segmented
from app.widgets.pictures.figure import Figure

_ZOOM_MS = 30
_PAINT_MS = 5  # the loop may go round twice within none, and so paint two
_FEWEST = 2  # steps that the axis shows of a run that has none yet


class TrainPlots(QWidget):
    """The plots and, in the last place, the values under the pointer.

    Signals:
        hovered: the step under the pointer as a float, or None.
        share_of_chosen: "objective" or "elbo".
    """

    hovered = Signal(object)
    share_of_chosen = Signal(str)
    figure_name = "all plots"

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(EDGE, 0, EDGE, 0)
        self._grid.setSpacing(SPACING)
        for i in range(3):
            self._grid.setColumnStretch(i, 1)
        for i in range(2):
            self._grid.setRowStretch(i, 1)
        self.cards: list[PlotCard] = []
        self.readout = Readout([*((panel.short, panel.about) for panel in PANELS), SPREAD])
        self._grid.addWidget(self.readout, 1, 2)
        self._share = small(
            Segmented(
                [
                    ("objective", "objective", "KL / -objective, as in figure 2 of the paper"),
                    ("elbo", "ELBO", "KL / -ELBO: the same measure for every m"),
                ]
            )
        )
        self._share.chosen.connect(self.share_of_chosen)
        self._total, self._newest = _FEWEST, 0
        self._follows = True
        self._waiting: list[PlotCard] = []
        self._unpainted: list[PlotCard] = []
        self._zoomed = QTimer(self)
        self._zoomed.setSingleShot(True)
        self._zoomed.setInterval(_ZOOM_MS)
        self._zoomed.timeout.connect(self._draw)

    def add_plot(self) -> bool:
        """Make the next plot, which takes a while; False once all are there."""
        i = len(self.cards)
        card = PlotCard(PANELS[i])
        self.cards.append(card)
        self._grid.addWidget(card, i // 3, i % 3)
        card.hovered.connect(self.hovered)
        card.reset.connect(self.show_all)
        view = card.plot.getViewBox()
        view.sigRangeChangedManually.connect(self._by_hand)
        if i == 0:
            view.sigXRangeChanged.connect(lambda *_: self._zoomed.start())
        else:
            card.plot.setXLink(self.cards[0].plot)
        if card.panel.name == "share":
            card.head.addWidget(self._share)
        return len(self.cards) < len(PANELS)

    def begin_anew(self) -> None:
        """Another run is shown from now on: nothing of the one before stays, neither lines nor ranges."""
        self._follows = True
        for card in self.cards:
            card.begin_anew()
        self._span(_FEWEST)

    def set_newest(self, newest: int, of_others: int = 0) -> None:
        """The newest step of the run, and of others beside it: the range follows them unless it was changed by hand."""
        if newest == 0 and self._newest:  # a run of the same name was begun afresh
            self.begin_anew()
        self._newest = newest
        total = max(_FEWEST, newest, of_others)
        if total != self._total:
            self._span(total)

    def _span(self, total: int) -> None:
        self._total = total
        for card in self.cards:
            card.plot.getViewBox().setLimits(xMin=-0.02 * self._total, xMax=1.03 * self._total, minXRange=2)
        if self._follows:
            self.cards[0].plot.getViewBox().setXRange(0, self._total, padding=0.01)

    def show_curves(self, index: int, columns: tuple[Column, ...], curves: Mapping[str, Curves], key: str) -> None:
        """Show the variants in one of the plots.

        Args:
            index: of the plot, in the order of `PANELS`.
            key: the logged term.
        """
        self.cards[index].show_curves(columns, curves, key)

    def show_others(self, index: int, lines: Sequence[OtherLine], key: str) -> None:
        """Lay lines of other runs over one of the plots. Arguments as of `show_curves`."""
        self.cards[index].show_others(lines, key)

    def set_share_of(self, share_of: str) -> None:
        """Which share is shown: that of the objective, or that of the ELBO."""
        self._share.set_value(share_of)

    def figure(self) -> Figure | None:
        """All plots and the values under them as a figure; None while they have no lines."""
        if not self.cards or self.cards[0].figure() is None:
            return None
        shown = [card.shown for card in self.cards]
        return plots_figure(shown, self.width(), self.cards[0].plot.height(), self.readout.part, self.readout.caption)

    def show_all(self) -> None:
        """All steps again."""
        self._follows = True
        self.cards[0].plot.getViewBox().setXRange(0, self._total, padding=0.01)

    def set_hover(self, step: int | None) -> None:
        """Mark a step in all plots."""
        for card in self.cards:
            card.set_hover(step)

    def set_kept(self, step: int | None) -> None:
        """Mark a checkpoint in all plots."""
        for card in self.cards:
            card.set_kept(step)

    @property
    def painted(self) -> bool:
        """Whether all that came into view is painted, or can be."""
        return not self._unpainted

    def showEvent(self, event: QShowEvent) -> None:
        """All of them are to be painted: a plot a turn of the event loop, as together they would hold it up."""
        super().showEvent(event)
        self._unpainted = list(self.cards)
        for card in self._unpainted:
            card.plot.setUpdatesEnabled(False)
        QTimer.singleShot(_PAINT_MS, self, self._paint_next)

    def _paint_next(self) -> None:
        if self._unpainted:
            self._unpainted.pop(0).plot.setUpdatesEnabled(True)
            QTimer.singleShot(_PAINT_MS, self, self._paint_next)

    def _by_hand(self, *_: object) -> None:
        self._follows = False

    def _draw(self) -> None:
        """Draw the new range, a plot a turn of the event loop."""
        self._waiting = list(self.cards)
        self._draw_next()

    def _draw_next(self) -> None:
        if self._waiting:
            self._waiting.pop(0).draw()
            QTimer.singleShot(0, self, self._draw_next)
