"""The main job, end to end, in the real window without a person, and a walk through all of it at every size: pictures
and tables as proof that it works and fits.

The caller has chosen the `offscreen` platform. Whatever goes wrong unforeseen, in a slot or a thread, fails it.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from PySide6.QtCore import QEvent

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
from app.driving import Driver
from app.launch import after_first_paint, make_application
from app.shell.explorer import Explorer
from app.shell.faults import Faults
from app.walk import SIZES, THEMES, Walk
from engine.errors import LoomError
from engine.fault_log import FaultLog
from engine.workspace import Workspace

SIZE = 1440, 900
TYPED = "I think we should go home now."
_MAPS_LIMIT = 900.0
_MODELS_LIMIT = 120.0


def run_tour(
    workspace: Workspace,
    run_name: str | None,
    out: Path,
    sizes: Sequence[tuple[int, int]] = SIZES,
    themes: Sequence[theme.Mode] = THEMES,
) -> int:
    """Drive the window through the main job, then walk through it.

    Args:
        workspace: where runs and caches lie.
        run_name: the run; None for the demo.
        out: the folder for the pictures and tables; made if it is missing.
        sizes: (width, height) of the window on the walk, in logical pixels.
        themes: of the walk.

    Returns:
        The exit code: 0, or 1 with the reasons printed.
    """
    application = make_application()
    theme.apply(application, "dark")
    out.mkdir(parents=True, exist_ok=True)
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        faults = Faults(FaultLog(Path(scratch) / "window.log"))
        faults.tell_by(lambda message, hint, details: problems.append("\n".join((message, hint, details))))
        faults.watch()
        explorer = Explorer(workspace, AppSettings(Path(scratch) / "window.ini"))
        cast(Interpolate, explorer.bench.tab("Interpolate")).chance = random.Random(3)  # the same tour every time
        driver = Driver(application, explorer)
        try:
            _Tour(driver, out).walk(run_name or "demo")
            problems.extend(Walk(driver, out / "walk", Path(scratch)).take(sizes, themes))
        except LoomError as error:
            problems.append(str(error))
        finally:
            explorer.window.close()
            explorer.window.deleteLater()
            application.processEvents()
            wait_for_ends()
            application.processEvents()  # what failed in a thread is told
            faults.stop()
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems else 0


class _Tour:
    def __init__(self, driver: Driver, out: Path) -> None:
        self._driver, self._out = driver, out
        self._explorer, self._state, self._window = driver.explorer, driver.explorer.state, driver.window

    def walk(self, run_name: str) -> None:
        after_first_paint(self._window, lambda: self._explorer.open(run_name))
        self._window.resize(*SIZE)
        self._window.show()
        self._driver.wait_ready("the maps", lambda: self._state.maps, _MAPS_LIMIT)
        self._driver.wait_ready("the models", lambda: self._state.models, _MODELS_LIMIT)
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
        self._driver.click(column, self._telling_sentence())
        self._driver.wait(
            "the clicked sentence", lambda: self._state.selection >= 0 and not self._explorer.maps.state.selected.busy
        )
        self._driver.shot(self._out / "1-maps.png")
        self._driver.application.sendEvent(self._window.maps.panels[column].map, QEvent(QEvent.Type.Leave))
        self._explorer.exchange.gather_clicked()

    def _reconstruct(self) -> None:
        self._window.bench.show_tab("Reconstruct")
        tab = cast(Reconstruct, self._explorer.bench.tab("Reconstruct"))
        tab.take(Pick(TYPED))
        state = tab.state
        self._driver.wait(
            "the reconstructions", lambda: bool(state.reconstructed.readings) and not state.reconstructed.busy
        )
        self._driver.shot(self._out / "2-reconstruct.png")
        tab.add_to_table()

    def _interpolate(self) -> None:
        self._window.bench.show_tab("Interpolate")
        tab = cast(Interpolate, self._explorer.bench.tab("Interpolate"))
        tab.random_pair()
        self._driver.wait("the interpolation", lambda: bool(tab.state.path.readings) and not tab.state.path.busy)
        for position in range(tab.state.path.last // 2):
            tab.view.slider.setValue(position)
            self._driver.application.processEvents()
        self._driver.shot(self._out / "3-interpolate.png")

    def _sample(self) -> None:
        self._window.bench.show_tab("Prior samples")
        tab = cast(PriorSamples, self._explorer.bench.tab("Prior samples"))
        self._driver.wait("the samples", lambda: bool(tab.state.samples.readings) and not tab.state.samples.busy)
        self._driver.shot(self._out / "4-samples.png")
        tab.add_to_table()

    def _look_closer(self) -> None:
        """Which words of the typed sentence z pays for."""
        self._window.bench.show_tab("Reconstruct")
        inspection = cast(Reconstruct, self._explorer.bench.tab("Reconstruct")).inspection
        inspection.open("credit")
        self._driver.wait(
            "the token credit", lambda: bool(inspection.state.credit.found) and not inspection.state.credit.busy
        )
        self._driver.shot(self._out / "5-token-credit.png")
        inspection.open("sentence")

    def _traverse(self) -> None:
        """The clicked sentence, moved along the direction that tells most."""
        self._window.bench.show_tab("Traverse")
        traverse = cast(Traverse, self._explorer.bench.tab("Traverse"))
        self._driver.wait("the sliders", lambda: bool(traverse.state.sliders) and not traverse.state.live.busy)
        before = traverse.state.live.readings
        traverse.go(0, 1.5)
        self._driver.wait(
            "the moved sentence",
            lambda: (
                traverse.state.live.readings is not before
                and not traverse.state.live.busy
                and not any(reading.draft for reading in traverse.state.live.readings.values())
            ),
        )
        self._driver.shot(self._out / "6-traverse.png")

    def _calculate(self) -> None:
        self._window.bench.show_tab("Arithmetic")
        arithmetic = cast(Arithmetic, self._explorer.bench.tab("Arithmetic"))
        arithmetic.example()
        self._driver.wait("the sum", lambda: bool(arithmetic.state.analogy.after) and not arithmetic.state.analogy.busy)
        self._driver.shot(self._out / "7-arithmetic.png")

    def _find_neighbours(self) -> None:
        self._window.bench.show_tab("Neighbours")
        neighbours = cast(Neighbours, self._explorer.bench.tab("Neighbours"))
        self._driver.wait(
            "the neighbours", lambda: bool(neighbours.state.found.nearest) and not neighbours.state.found.busy
        )
        self._driver.shot(self._out / "8-neighbours.png")

    def _gather(self) -> None:
        cast(Interpolate, self._explorer.bench.tab("Interpolate")).add_to_table()
        self._window.bench.show_tab("Table")
        self._driver.shot(self._out / "9-table.png")
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
        self._driver.wait("the training", lambda: train.page.plots is not None and train.state.stage.kind in stages)
        if train.state.stage.kind != "ready":
            raise LoomError(train.state.stage.text, train.state.stage.hint)
        self._driver.settle()
        self._driver.shot(self._out / "10-train.png")
        train.page.head.new.click()
        self._driver.wait("the form", lambda: train.page.form is not None and train.page.form.complete)
        self._driver.shot(self._out / "11-new-training.png")
        self._explorer.actions.explore.trigger()

    def _diagnose(self) -> None:
        """What is known of collapse; measuring all of it would take minutes."""
        self._driver.wait("the verdicts", lambda: bool(self._state.findings))
        self._explorer.diagnosis.open()
        view = self._explorer.diagnosis.view
        assert view is not None
        before = view.size()
        view.resize(*SIZE)
        self._driver.shot(self._out / "12-diagnosis.png", view)
        view.resize(before)
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
