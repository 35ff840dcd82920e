"""The main job, end to end, in the real window without a person: pictures and tables as proof that it works.

The caller has chosen the `offscreen` platform. Every step waits for what it needs, never for the clock; only a
limit, after which something must be wrong, is measured in seconds.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

from PySide6.QtCore import QEvent, QEventLoop, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.bench.arithmetic.arithmetic import Arithmetic
from app.bench.interpolate.interpolate import Interpolate
from app.bench.neighbours.neighbours import Neighbours
from app.bench.reconstruct.reconstruct import Reconstruct
from app.bench.samples.samples import PriorSamples
from app.bench.traverse.traverse import Traverse
from app.core import theme
from app.core.jobs.ending import wait_for_ends
from app.core.picks import Pick
from app.core.settings import AppSettings
from app.core.values import Stage
from app.launch import after_first_paint, make_application
from app.shell.explorer import Explorer
from engine.errors import LoomError
from engine.storage.files import export
from engine.workspace import Workspace

SIZE = 1440, 900
TYPED = "I think we should go home now."
_MAPS_LIMIT = 900.0
_ANSWER_LIMIT = 120.0


def run_tour(workspace: Workspace, run_name: str | None, out: Path) -> int:
    """Drive the window through the main job.

    Args:
        workspace: where runs and caches lie.
        run_name: the run; None for the demo.
        out: the folder for the pictures and tables; made if it is missing.

    Returns:
        The exit code: 0, or 1 with the reason printed.
    """
    application = make_application()
    theme.apply(application, "dark")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        explorer = Explorer(workspace, AppSettings(Path(scratch) / "window.ini"))
        cast(Interpolate, explorer.bench.tab("Interpolate")).chance = random.Random(3)  # the same tour every time
        try:
            _Tour(application, explorer, out).walk(run_name or "demo")
        except LoomError as error:
            print(f"error: {error}")
            return 1
        finally:
            explorer.window.close()
            explorer.window.deleteLater()
            application.processEvents()
            wait_for_ends()
    return 0


class _Tour:
    def __init__(self, application: QApplication, explorer: Explorer, out: Path) -> None:
        self._application, self._explorer, self._out = application, explorer, out
        self._state, self._window = explorer.state, explorer.window

    def walk(self, run_name: str) -> None:
        after_first_paint(self._window, lambda: self._explorer.open(run_name))
        self._window.resize(*SIZE)
        self._window.show()
        self._wait_ready("the maps", lambda: self._state.maps, _MAPS_LIMIT)
        self._wait_ready("the models", lambda: self._state.models, _ANSWER_LIMIT)
        self._explore()
        self._reconstruct()
        self._interpolate()
        self._sample()
        self._look_closer()
        self._traverse()
        self._calculate()
        self._find_neighbours()
        self._gather()
        self._train()
        self._diagnose()

    def _explore(self) -> None:
        atlas = self._explorer.context.atlas
        assert atlas is not None
        column = self._state.visible()[-1].name
        self._click(column, self._telling_sentence())
        self._wait(
            "the clicked sentence", lambda: self._state.selection >= 0 and not self._explorer.maps.state.selected.busy
        )
        self._shot("1-maps.png")
        self._application.sendEvent(self._window.maps.panels[column].map, QEvent(QEvent.Type.Leave))
        self._explorer.gather_clicked()

    def _reconstruct(self) -> None:
        self._window.bench.show_tab("Reconstruct")
        tab = cast(Reconstruct, self._explorer.bench.tab("Reconstruct"))
        tab.take(Pick(TYPED))
        state = tab.state
        self._wait("the reconstructions", lambda: bool(state.reconstructed.readings) and not state.reconstructed.busy)
        self._shot("2-reconstruct.png")
        tab.add_to_table()

    def _interpolate(self) -> None:
        self._window.bench.show_tab("Interpolate")
        tab = cast(Interpolate, self._explorer.bench.tab("Interpolate"))
        tab.random_pair()
        self._wait("the interpolation", lambda: bool(tab.state.path.readings) and not tab.state.path.busy)
        for position in range(tab.state.path.last // 2):
            tab.view.slider.setValue(position)
            self._application.processEvents()
        self._shot("3-interpolate.png")

    def _sample(self) -> None:
        self._window.bench.show_tab("Prior samples")
        tab = cast(PriorSamples, self._explorer.bench.tab("Prior samples"))
        self._wait("the samples", lambda: bool(tab.state.samples.readings) and not tab.state.samples.busy)
        self._shot("4-samples.png")
        tab.add_to_table()

    def _look_closer(self) -> None:
        """Which words of the typed sentence z pays for."""
        self._window.bench.show_tab("Reconstruct")
        inspection = cast(Reconstruct, self._explorer.bench.tab("Reconstruct")).inspection
        inspection.open("credit")
        self._wait("the token credit", lambda: bool(inspection.state.credit.found) and not inspection.state.credit.busy)
        self._shot("5-token-credit.png")
        inspection.open("sentence")

    def _traverse(self) -> None:
        """The clicked sentence, moved along the direction that tells most."""
        self._window.bench.show_tab("Traverse")
        traverse = cast(Traverse, self._explorer.bench.tab("Traverse"))
        self._wait("the sliders", lambda: bool(traverse.state.sliders) and not traverse.state.live.busy)
        before = traverse.state.live.readings
        traverse.go(0, 1.5)
        self._wait(
            "the moved sentence",
            lambda: (
                traverse.state.live.readings is not before
                and not traverse.state.live.busy
                and not any(reading.draft for reading in traverse.state.live.readings.values())
            ),
        )
        self._shot("6-traverse.png")

    def _calculate(self) -> None:
        self._window.bench.show_tab("Arithmetic")
        arithmetic = cast(Arithmetic, self._explorer.bench.tab("Arithmetic"))
        arithmetic.example()
        self._wait("the sum", lambda: bool(arithmetic.state.analogy.after) and not arithmetic.state.analogy.busy)
        self._shot("7-arithmetic.png")

    def _find_neighbours(self) -> None:
        self._window.bench.show_tab("Neighbours")
        neighbours = cast(Neighbours, self._explorer.bench.tab("Neighbours"))
        self._wait("the neighbours", lambda: bool(neighbours.state.found.nearest) and not neighbours.state.found.busy)
        self._shot("8-neighbours.png")

    def _gather(self) -> None:
        cast(Interpolate, self._explorer.bench.tab("Interpolate")).add_to_table()
        self._window.bench.show_tab("Table")
        self._shot("9-table.png")
        for name in ("csv", "md", "tex"):
            path = self._out / f"comparison.{name}"
            if not self._explorer.table.export(path, name):
                raise LoomError(f"{path} could not be written.", self._window.banner.message)
            print(path)

    def _train(self) -> None:
        """The training that the run comes from, and the form that starts one."""
        self._explorer.actions.train.trigger()
        train = self._explorer.train
        stages = ("ready", "failed", "none")
        self._wait("the training", lambda: train.page.plots is not None and train.state.stage.kind in stages)
        if train.state.stage.kind != "ready":
            raise LoomError(train.state.stage.text, train.state.stage.hint)
        self._settle()
        self._shot("10-train.png")
        train.page.head.new.click()
        self._wait("the form", lambda: train.page.form is not None and train.page.form.complete)
        self._shot("11-new-training.png")
        self._explorer.actions.explore.trigger()

    def _diagnose(self) -> None:
        """What is known of collapse; measuring all of it would take minutes."""
        self._wait("the verdicts", lambda: bool(self._state.findings))
        self._explorer.diagnosis.open()
        view = self._explorer.diagnosis.view
        assert view is not None
        view.resize(*SIZE)
        self._shot("12-diagnosis.png", view)
        view.close()

    def _telling_sentence(self) -> int:
        """A test sentence of middling length whose point can be hit on the last map."""
        atlas = self._explorer.context.atlas
        assert atlas is not None
        view = self._window.maps.panels[self._state.visible()[-1].name].map
        lengths = atlas.words
        for index in range(atlas.n):
            if 6 <= lengths[index] <= 9 and view.index_at(view.position_of(index)) == index:
                return index
        return 0

    def _click(self, variant: str, index: int) -> None:
        """Click a point as a person does."""
        view = self._window.maps.panels[variant].map
        at = view.position_of(index)
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        for kind, button, held in (
            (QMouseEvent.Type.MouseMove, none, none),
            (QMouseEvent.Type.MouseButtonPress, left, left),
            (QMouseEvent.Type.MouseButtonRelease, left, none),
        ):
            place = QPointF(view.mapToGlobal(at))
            event = QMouseEvent(kind, at, place, button, held, Qt.KeyboardModifier.NoModifier)
            self._application.sendEvent(view, event)

    def _shot(self, name: str, window: QWidget | None = None) -> None:
        self._window.banner.dismiss()
        self._settle()
        self._wait("the maps to be drawn", lambda: self._window.maps.drawn)
        path = self._out / name
        with export(path) as scratch:
            if not (window or self._window).grab().save(str(scratch), "PNG"):
                raise LoomError(f"{path} could not be written.", "Choose another folder, or free some space.")
        print(path)

    def _settle(self) -> None:
        """Let everything that waits be shown."""
        for _ in range(5):
            self._explorer.flush()
            self._application.sendPostedEvents()
            self._application.processEvents()

    def _wait_ready(self, what: str, stage: Callable[[], Stage], limit: float) -> None:
        self._wait(what, lambda: stage().kind in ("ready", "failed", "none") and bool(self._state.run), limit)
        if stage().kind != "ready":
            raise LoomError(stage().text or f"There are no runs, so {what} cannot be shown.", stage().hint)

    def _wait(self, what: str, condition: Callable[[], bool], limit: float = _ANSWER_LIMIT) -> None:
        end = time.monotonic() + limit
        while not condition():
            self._application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            if time.monotonic() > end:
                raise LoomError(
                    f"Waited {limit:.0f} s for {what}, in vain.", "Start again; the log above may tell more."
                )
            time.sleep(0.002)
        self._settle()
