"""Dragging a slider of the Traverse tab through the real window: updates a second, the longest stall, memory.

    python -m tests.benchmarks.bench_drag [--minutes N] [--seconds N] [--size 1440x900] [--workspace FOLDER]

The window is opened on the demo, offscreen, in a process of its own. A slider is moved by a timer through the event
loop 60 times a second, as a hand does, the others of its rank with it; an update is counted whenever a column's
sentence or its numbers have been painted anew for another position, in all four columns. A stall is the time by which
a tick of 4 ms is late, as in bench_stalls. With `--minutes` the drag goes on for so long, and the slope of the resident
memory is told, by least squares over a measurement a second, the first tenth left out.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path
from typing import TypedDict, cast

import numpy as np
import psutil
from PySide6.QtCore import Qt, QTimer

from app.bench.traverse.traverse import Traverse
from app.core.jobs.ending import wait_for_ends
from app.shell.explorer import Explorer
from engine.workspace import Workspace
from tests.benchmarks.apart import LIMIT, apart
from tests.benchmarks.bench_stalls import opened, wait
from tests.benchmarks.size import FULL, Size, mapped
from tests.benchmarks.timing import hardware, line

CASES = ("while dragging", "longest stall")
MOVES = 60
"""A second, as a mouse is read."""
SENTENCE = 123
_PERIOD = 4.0  # seconds from one end of the slider to the other and back


class Drag:
    """Moves the first slider of the last column to and fro, and counts the updates that are shown."""

    def __init__(self, explorer: Explorer, tab: Traverse) -> None:
        self._tab, self._began = tab, time.perf_counter()
        self._slider = tab.view.sliders.slider(explorer.state.columns[-1].name, 0)
        self.updates, self.seconds = 0, 0.0
        self._seen: object = None
        self.memory: list[tuple[float, float]] = []
        self._process = psutil.Process()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(round(1000 / MOVES))
        self._timer.timeout.connect(self._move)
        show = tab.view.show_live
        tab.view.show_live = lambda *given: (show(*given), self._count(given[0].readings))[0]  # type: ignore[method-assign]

    def start(self) -> None:
        """Begin to move."""
        self._began = time.perf_counter()
        self.updates = 0
        self._timer.start()

    def stop(self) -> None:
        """Let go."""
        self._timer.stop()
        self.seconds = time.perf_counter() - self._began

    def _count(self, readings: object) -> None:
        now = tuple(reading.z for reading in readings.values())  # type: ignore[attr-defined]
        if now != self._seen:
            self._seen = now
            self.updates += 1

    def _move(self) -> None:
        seconds = time.perf_counter() - self._began
        self._slider.setValue(round(300 * math.sin(2 * math.pi * seconds / _PERIOD)))
        if seconds >= len(self.memory):
            self.memory.append((seconds, self._process.memory_info().rss / 2**20))


def slope(memory: list[tuple[float, float]]) -> float:
    """MB an hour, by least squares over (seconds, MB); the first tenth is left out, as caches fill then."""
    times, sizes = np.array(memory[len(memory) // 10 :]).T
    return float(np.polyfit(times / 3600, sizes, 1)[0])


class Measured(TypedDict):
    """What a process tells of a drag."""

    columns: int
    updates: int
    seconds: float  # of the drag
    longest: float  # stall while dragging, milliseconds
    quiet: float  # the same where nothing happens
    memory: list[tuple[float, float]]  # seconds since the beginning, and MB then


def measure(workspace: str, run: str, seconds: float, quiet_seconds: float, width: int, height: int) -> Measured:
    """Drag in this process.

    Args:
        workspace: with the maps of the run.
        run: that is opened.
        seconds: of the drag, counted from the first update.
        quiet_seconds: beforehand, in which nothing happens.
        width, height: of the window.

    Raises:
        RuntimeError: the models could not answer.
        TimeoutError: they never did.
    """
    application, explorer, meter, _ = opened(workspace, run)
    explorer.window.resize(width, height)
    state, atlas = explorer.state, explorer.context.atlas
    assert atlas is not None  # the maps are open
    explorer.window.bench.show_tab("Traverse")
    explorer.maps.controller.select(SENTENCE % atlas.n)
    tab = cast(Traverse, explorer.bench.tab("Traverse"))
    count = len(state.columns)

    def answered() -> bool:
        live = tab.state.live
        if live.problem or live.failed:
            raise RuntimeError(live.problem or str(live.failed))
        return len(tab.state.sliders) == len(live.readings) == count and not live.busy

    wait(application, answered, "the sentences of the subject", pause=0.002)
    meter.over(seconds=quiet_seconds)  # whatever followed the opening is over then
    quiet = meter.over(seconds=quiet_seconds)
    drag = Drag(explorer, tab)
    longest = meter.over(drag.start, lambda: drag.updates > 0, seconds)
    drag.stop()
    updates = drag.updates
    wait(application, answered, "the sentences where the sliders stand", pause=0.002)
    explorer.window.close()
    explorer.close()
    wait_for_ends()  # as the program does: a thread must not import on while the interpreter ends
    return {
        "columns": count,
        "updates": updates,
        "seconds": drag.seconds,
        "longest": longest,
        "quiet": quiet,
        "memory": drag.memory,
    }


def main(
    size: Size = FULL, seconds: float | None = None, soak: bool = False, window: tuple[int, int] = (1440, 900)
) -> None:
    """Print the measurements; with `soak` those of the memory, too."""
    print(hardware(), flush=True)
    seconds = seconds or size.of(10.0, 0.5)
    quiet = size.of(min(seconds, 5.0), 0.2)
    with mapped(size) as workspace:
        found = apart(measure, str(workspace.root), size.run, seconds, quiet, *window, limit=LIMIT + 2 * seconds)
    what = f"greedy sentences of {found['columns']} variants while dragging"
    line(what, found["updates"] / found["seconds"], unit="updates/s")
    line("longest stall while dragging", found["longest"], found["quiet"], "nothing happens")
    if soak:
        memory = found["memory"]
        line(f"resident memory over {seconds / 60:.0f} minutes: slope", slope(memory), unit="MB/hour", signed=True)
        line("resident memory at the beginning", memory[0][1], unit="MB")
        line("resident memory at the end", memory[-1][1], unit="MB")


def from_command_line() -> None:
    """`main`, with what a person asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=0.0, help="drag for so long and tell the slope of the memory")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long to drag otherwise")
    parser.add_argument("--size", default="1440x900", help="of the window")
    parser.add_argument("--workspace", type=Path, help="one that has the demo's cache already")
    given = parser.parse_args()
    size = FULL if given.workspace is None else Size(given=Workspace(given.workspace.resolve()))
    width, height = map(int, given.size.split("x"))
    main(size, 60 * given.minutes or given.seconds, given.minutes > 0, (width, height))


if __name__ == "__main__":
    from_command_line()
