"""The plots as widgets."""

from __future__ import annotations

from PySide6.QtCore import QAbstractEventDispatcher, QEvent, QObject
from PySide6.QtWidgets import QApplication

from app.core import theme
from app.train.plots.panels import PANELS
from app.train.plots.plots import TrainPlots


class _Painted(QObject):
    """Writes down which plots were painted between two returns to the event loop."""

    def __init__(self, plots: TrainPlots) -> None:
        super().__init__()
        self.turns: list[set[int]] = [set()]
        self._watched = {card.plot.viewport(): index for index, card in enumerate(plots.cards)}
        for viewport in self._watched:
            viewport.installEventFilter(self)
        dispatcher = QAbstractEventDispatcher.instance()
        assert dispatcher is not None
        dispatcher.awake.connect(lambda: self.turns.append(set()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.turns[-1].add(self._watched[watched])
        return False


def test_plots_that_come_into_view_are_painted_one_a_turn(qtbot):
    theme.apply(QApplication.instance(), "dark")
    plots = TrainPlots()
    qtbot.addWidget(plots)
    while plots.add_plot():
        pass
    plots.resize(900, 500)
    painted = _Painted(plots)
    for _ in range(2):  # the second time they have been painted before
        painted.turns.append(set())
        plots.show()
        qtbot.waitUntil(lambda: set.union(*painted.turns) == set(range(len(PANELS))))
        qtbot.wait(20)
        assert max(len(turn) for turn in painted.turns) == 1
        assert all(card.plot.updatesEnabled() for card in plots.cards)
        plots.hide()
        painted.turns[:] = [set()]
