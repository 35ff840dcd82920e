"""The longest time the window does not answer: while it opens, and while a long table changes.

    python -m tests.benchmarks.bench_stalls

A timer ticks every 4 ms; a stall is the time by which a tick is late. Each case is measured three times, the opening
in a process of its own, and the median of the three longest stalls is printed. The reference is the same timer over
the same time in a window where nothing happens, so it says what the machine alone does to a tick. After each case the
window must show what the case was to bring about.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.bench.rows import GatheredRow
from app.core import theme
from app.core.jobs.ending import wait_for_ends
from app.core.settings import AppSettings
from app.launch import after_first_paint, make_application
from app.shell.explorer import Explorer
from engine.workspace import Workspace
from tests.benchmarks.apart import apart
from tests.benchmarks.size import FULL, Size, mapped
from tests.benchmarks.timing import hardware, line

CASES = ("opening", "all added", "one more", "one removed", "another theme", "window resized", "cleared")
PATIENCE = 120.0
"""Seconds after which what is waited for will not come."""
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

    def over(
        self,
        action: Callable[[], object] = lambda: None,
        until: Callable[[], bool] = lambda: True,
        seconds: float = 0.7,
    ) -> float:
        """The longest stall from `action` until `seconds` after `until` holds; raises as `wait`."""
        self._last, self.longest = time.perf_counter(), 0.0
        QTimer.singleShot(0, action)
        wait(self._application, until, "what a stall is measured until", pause=0.0005)
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self._application.processEvents()
            time.sleep(0.0005)
        self._tick()  # what was late and has not come at all
        return self.longest


def wait(application: QApplication, until: Callable[[], bool], what: str, pause: float = 0.0) -> None:
    """Let the window live until something holds, looking after every `pause` seconds.

    Raises:
        TimeoutError: it never did; `what` says what was waited for.
    """
    end = time.perf_counter() + PATIENCE
    while True:
        application.processEvents()
        time.sleep(pause)
        if until():
            return
        if time.perf_counter() > end:
            raise TimeoutError(f"Waited {PATIENCE:.0f} s in vain for {what}.")


def rows(count: int, names: Sequence[str]) -> tuple[GatheredRow, ...]:
    """Rows of sentences of 5 to 19 words."""
    made = []
    for i in range(count):
        sentences = {name: " ".join(_WORDS[(i + k) % 5 : 5 + (7 * i + 3 * k) % 15]) for k, name in enumerate(names)}
        made.append(GatheredRow(f"Sentence {i}", sentences, f"z = μ, beam {i // 100}"))
    return tuple(made)


def opened(workspace: str, run: str) -> tuple[QApplication, Explorer, StallMeter, float]:
    """The window on a run, everything loaded, and the longest stall from its first paint until then.

    Raises:
        RuntimeError: the maps or the models cannot be opened; with what the window says of it.
    """
    application = make_application()
    theme.apply(application, "dark")
    explorer = Explorer(Workspace(Path(workspace)), AppSettings(Path(workspace) / "window.ini"))
    after_first_paint(explorer.window, lambda: explorer.open(run))
    seen: list[bool] = []
    explorer.window.painted.connect(lambda: seen.append(True))
    explorer.window.show()
    wait(application, lambda: bool(seen), "the first paint")  # there is nothing to be held up before

    def ready() -> bool:
        stages = (explorer.state.maps, explorer.state.models)
        for stage in stages:
            if stage.kind == "failed":
                raise RuntimeError(f"{stage.text} {stage.hint}")
        return all(stage.kind == "ready" for stage in stages)

    meter = StallMeter(application)
    return application, explorer, meter, meter.over(until=ready)


def measure(workspace: str, run: str, counts: Sequence[int], times: int, seconds: float) -> dict[str, list[float]]:
    """The longest stalls in ms of this process, by case.

    Args:
        workspace: with the maps of the run.
        run: that is opened.
        counts: rows of the table.
        times: that each case is measured.
        seconds: that a stall is looked for after what happens.
    """
    application, explorer, meter, opening = opened(workspace, run)
    window, table = explorer.window, explorer.table
    window.bench.show_tab("Table")
    names = [column.name for column in explorer.state.columns]
    found: dict[str, list[float]] = {"opening": [opening]}

    def case(name: str, action: Callable[[], object], happened: Callable[[], bool]) -> None:
        found.setdefault(name, []).append(meter.over(action, seconds=seconds))
        wait(application, happened, name)  # looking takes time itself, so it comes after the measurement

    def gather(gathered: tuple[GatheredRow, ...]) -> None:
        table.state.gathered = gathered

    def shown(count: int) -> bool:
        return len(table.view.rows) == count

    def changes(n: int) -> None:
        more = replace(many[0], source="One more")
        mode, width = theme.current().mode, 1440 - window.width() % 7
        case(f"{n} rows: all added", lambda: gather(many[:n]), lambda: shown(n))
        case(f"{n} rows: one more", lambda: gather((*table.state.gathered, more)), lambda: shown(n + 1))
        case(f"{n} rows: one removed", lambda: table.remove(1), lambda: shown(n))
        case(f"{n} rows: another theme", explorer.toggle_theme, lambda: theme.current().mode != mode)
        case(f"{n} rows: window resized", lambda: window.resize(width, 900), lambda: window.width() == width)
        case(f"{n} rows: cleared", table.clear, lambda: shown(0))

    meter.over(seconds=3 * seconds)  # what follows the loading is over then
    case("nothing", lambda: None, lambda: True)
    many = rows(max(counts), names)
    for n in counts:
        for _ in range(times):
            changes(n)
    window.close()
    explorer.close()
    wait_for_ends()  # as the program does: a thread must not import on while the interpreter ends
    return found


def main(size: Size = FULL) -> None:
    """Print the measurements."""
    print(hardware())
    found: dict[str, list[float]] = {}
    with mapped(size) as workspace:
        for _ in range(size.times(3)):
            counts, times, seconds = size.of((200, 500), (4,)), size.times(3), size.of(0.7, 0.1)
            told = apart(measure, str(workspace.root), size.run, counts, times, seconds)
            for name, stalls in told.items():
                found.setdefault(name, []).extend(stalls)
    floor = statistics.median(found.pop("nothing"))
    for name, stalls in found.items():
        line(f"longest stall, {name}", statistics.median(stalls), floor, "nothing happens")


if __name__ == "__main__":
    main()
