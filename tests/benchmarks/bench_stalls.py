"""The longest time the window does not answer: while it opens, and while a long table changes.

    python -m tests.benchmarks.bench_stalls

A timer ticks every 4 ms; a stall is the time by which a tick is late. Each case is measured three times, the opening
in a process of its own, and the median of the three longest stalls is printed. The reference is the same timer over
the same time in a window where nothing happens, so it says what the machine alone does to a tick.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.bench.rows import GatheredRow
from app.core import theme
from app.core.settings import AppSettings
from app.launch import after_first_paint, make_application
from app.shell.explorer import Explorer
from engine.workspace import Workspace
from tests.benchmarks.timing import hardware, line

ROWS = 500
_TICK = 0.004
_WORDS = ("what", "do", "you", "think", "about", "it", "when", "all", "of", "us", "go", "home", "and", "stay", "here")


class StallMeter:
    """Ticks, and remembers the longest delay of a tick in milliseconds."""

    def __init__(self, application: QApplication) -> None:
        self._application = application
        self._last = time.perf_counter()
        self.longest = 0.0
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(round(1000 * _TICK))

    def _tick(self) -> None:
        now = time.perf_counter()
        self.longest = max(self.longest, 1e3 * (now - self._last - _TICK))
        self._last = now

    def over(self, action: Callable[[], object], until: Callable[[], bool], seconds: float = 0.7) -> float:
        """The longest stall from `action` until `seconds` after `until` holds."""
        self._last, self.longest = time.perf_counter(), 0.0
        QTimer.singleShot(0, action)
        end: float | None = None
        while end is None or time.perf_counter() < end:
            self._application.processEvents()
            time.sleep(0.0005)
            if end is None and until():
                end = time.perf_counter() + seconds
        self._tick()  # what was late and has not come at all
        return self.longest


def rows(count: int, names: Sequence[str]) -> tuple[GatheredRow, ...]:
    """Rows of sentences of 5 to 19 words."""
    made = []
    for i in range(count):
        sentences = {name: " ".join(_WORDS[(i + k) % 5 : 5 + (7 * i + 3 * k) % 15]) for k, name in enumerate(names)}
        made.append(GatheredRow(f"Sentence {i}", sentences, f"z = μ, beam {i // 100}"))
    return tuple(made)


def opened(workspace: Path) -> tuple[QApplication, Explorer, StallMeter, float]:
    """The window on the demo, everything loaded, and the longest stall from its first paint until then."""
    application = make_application()
    theme.apply(application, "dark")
    explorer = Explorer(Workspace(workspace), AppSettings(workspace / "window.ini"))
    after_first_paint(explorer.window, lambda: explorer.open("demo"))
    seen: list[bool] = []
    explorer.window.painted.connect(lambda: seen.append(True))
    explorer.window.show()
    while not seen:  # there is nothing to be held up before
        application.processEvents()
    meter, state = StallMeter(application), explorer.state
    longest = meter.over(lambda: None, lambda: state.maps.kind == "ready" and state.models.kind == "ready")
    return application, explorer, meter, longest


def measure(workspace: Path) -> dict[str, list[float]]:
    """The longest stalls in ms of this process, by case."""
    _, explorer, meter, opening = opened(workspace)
    table = explorer.table
    explorer.window.bench.show_tab("Table")
    names = [column.name for column in explorer.state.columns]
    found: dict[str, list[float]] = {"opening": [opening]}

    def case(name: str, action: Callable[[], object]) -> None:
        found.setdefault(name, []).append(meter.over(action, lambda: True))

    def gather(gathered: tuple[GatheredRow, ...]) -> None:
        table.state.gathered = gathered

    meter.over(lambda: None, lambda: True, 2.0)  # what follows the loading is over then
    case("nothing", lambda: None)
    many = rows(ROWS, names)
    for n in (200, ROWS):
        for _ in range(3):
            case(f"{n} rows: all added", lambda n=n: gather(many[:n]))
            case(f"{n} rows: one more", lambda: gather((*table.state.gathered, replace(many[0], source="One more"))))
            case(f"{n} rows: one removed", lambda: table.remove(1))
            case(f"{n} rows: another theme", explorer.toggle_theme)
            case(f"{n} rows: window resized", lambda: explorer.window.resize(1440 - explorer.window.width() % 7, 900))
            case(f"{n} rows: cleared", table.clear)
    explorer.window.close()
    explorer.close()
    return found


def main() -> None:
    """Print the measurements."""
    print(hardware())
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(
            [sys.executable, "main.py", "encode", "demo", "--workspace", scratch, "--quiet"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        found: dict[str, list[float]] = {}
        for _ in range(3):
            command = [sys.executable, "-m", "tests.benchmarks.bench_stalls", scratch]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            for name, stalls in json.loads(told.splitlines()[-1]).items():
                found.setdefault(name, []).extend(stalls)
    floor = statistics.median(found.pop("nothing"))
    for name, stalls in found.items():
        line(f"longest stall, {name}", statistics.median(stalls), floor, "nothing happens")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(Path(sys.argv[1]))))
    else:
        main()
