"""Dragging a slider of the Traverse tab through the real window: updates a second, the longest stall, memory.

    python -m tests.benchmarks.bench_drag [--minutes N] [--seconds N] [--size 1440x900]

The window is opened on the demo, offscreen. A slider is moved by a timer through the event loop 60 times a second, as a
hand does, the others of its rank with it; an update is counted whenever a column's sentence or its numbers have been
painted anew for another position, in all four columns. A stall is the time by which a tick of 4 ms is late, as in
bench_stalls. With `--minutes` the drag goes on for so long, and the slope of the resident memory is told, by least
squares over a measurement a second, the first tenth left out.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import cast

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as main.py does, before torch is loaded

import numpy as np
import psutil
from PySide6.QtCore import Qt, QTimer

from app.bench.traverse.traverse import Traverse
from app.shell.explorer import Explorer
from tests.benchmarks.bench_stalls import opened
from tests.benchmarks.timing import hardware, line

MOVES = 60
"""A second, as a mouse is read."""
SENTENCE = 123
_PERIOD = 4.0  # seconds from one end of the slider to the other and back


class Drag:
    """Moves the first slider of the last column to and fro, and counts the updates that are shown."""

    def __init__(self, explorer: Explorer, tab: Traverse) -> None:
        self._tab, self._began = tab, time.perf_counter()
        self._slider = tab.view.sliders.slider(explorer.state.columns[-1].name, 0)
        self.updates = 0
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
    """MB an hour, by least squares; the first tenth is left out, as caches fill then."""
    times, sizes = np.array(memory[len(memory) // 10 :]).T
    return float(np.polyfit(times / 3600, sizes, 1)[0])


def measure(workspace: Path, seconds: float, size: tuple[int, int], soak: bool) -> None:
    """Print the measurements."""
    application, explorer, meter, _ = opened(workspace)
    explorer.window.resize(*size)
    state = explorer.state
    explorer.window.bench.show_tab("Traverse")
    explorer.maps.controller.select(SENTENCE)
    tab = cast(Traverse, explorer.bench.tab("Traverse"))
    count = len(state.columns)
    _until(application, lambda: len(tab.state.sliders) == count and not tab.state.live.busy)
    meter.over(lambda: None, lambda: True, 2.0)  # whatever followed the opening is over then
    quiet = meter.over(lambda: None, lambda: True, min(seconds, 5.0))
    drag = Drag(explorer, tab)
    longest = meter.over(drag.start, lambda: True, seconds)
    drag.stop()
    _until(application, lambda: not tab.state.live.busy)
    line(f"greedy sentences of {count} variants while dragging", drag.updates / seconds, unit="updates/s")
    line("longest stall while dragging", longest, quiet, "nothing happens")
    if soak:
        memory = drag.memory
        line(f"resident memory over {seconds / 60:.0f} minutes: slope", slope(memory), unit="MB/hour")
        line("resident memory at the beginning", memory[0][1], unit="MB")
        line("resident memory at the end", memory[-1][1], unit="MB")
    explorer.window.close()
    explorer.close()


def _until(application: object, condition: object) -> None:
    end = time.monotonic() + 120
    while not condition():  # type: ignore[operator]
        application.processEvents()  # type: ignore[attr-defined]
        time.sleep(0.002)
        if time.monotonic() > end:
            sys.exit("Waited 120 s in vain.")


def main(arguments: list[str] | None = None) -> None:
    """Print the measurements, from a process with a workspace of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=0.0, help="drag for so long and tell the slope of the memory")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long to drag otherwise")
    parser.add_argument("--size", default="1440x900", help="of the window")
    parser.add_argument("--workspace", type=Path, help="one that has the demo's cache already")
    given = parser.parse_args(arguments or [])
    width, height = map(int, given.size.split("x"))
    print(hardware(), flush=True)
    seconds = 60 * given.minutes or given.seconds
    with tempfile.TemporaryDirectory() as scratch:
        workspace = given.workspace or Path(scratch)
        if given.workspace is None:
            for command in ("encode", "project"):
                subprocess.run(
                    [sys.executable, "main.py", command, "demo", "--workspace", scratch, "--quiet"],
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
        measure(workspace, seconds, (width, height), soak=given.minutes > 0)


if __name__ == "__main__":
    main(sys.argv[1:])
