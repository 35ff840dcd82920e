"""Another theme: from the click to the painted window, and the longest work in one piece that follows out of sight.

    python -m tests.benchmarks.bench_theme

All tabs and the Train page have been opened, and the table has 200 rows. The reference is the same click with the
stylesheet set anew on the same window, which has Qt polish every widget there is before it paints. The two are measured
in turns, so other work on the machine slows both.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QApplication

from app.bench.tabs import KINDS
from app.core import theme
from app.shell.dressing import Part
from app.shell.explorer import Explorer
from tests.benchmarks.apart import apart
from tests.benchmarks.bench_stalls import opened, rows, wait
from tests.benchmarks.size import FULL, Size, mapped
from tests.benchmarks.timing import hardware, line

CASES = ("1440 x 900, Table", "1440 x 900, Train", "2560 x 1440, Table", "out of sight")
SIZES = ((1440, 900), (2560, 1440))
IN_VIEW = ("Table", "Reconstruct", "Train")


def seconds(action: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def settle(application: QApplication, explorer: Explorer) -> float:
    """Let everything that waits be done; the longest turn of the event loop in seconds."""
    longest = 0.0
    calm = 0
    while calm < 20 or not (explorer.window.dressing.done and explorer.window.maps.drawn):
        took = seconds(application.processEvents)
        longest = max(longest, took)
        calm = calm + 1 if took < 0.001 else 0
    return longest


def measure(workspace: str, run: str, gathered: int, times: int) -> dict[str, list[float]]:
    """Milliseconds of this process, by what was measured.

    Args:
        workspace: with the maps of the run.
        run: that is opened.
        gathered: rows of the table.
        times: that each is measured for each theme.
    """
    application, explorer, _, _ = opened(workspace, run)
    window = explorer.window
    for kind in KINDS:
        window.bench.show_tab(kind.name)
        settle(application, explorer)
    explorer.table.state.gathered = rows(gathered, [column.name for column in explorer.state.columns])
    explorer.show_page("Train")
    wait(application, lambda: explorer.train.state.stage.kind == "ready", "the training")
    found: dict[str, list[float]] = {}

    def note(name: str, took: float) -> None:
        found.setdefault(name, []).append(1e3 * took)

    def click() -> None:
        explorer.toggle_theme()
        while not window.dressing.in_view:
            application.processEvents()
        application.processEvents()

    def anew(parts: Sequence[Part]) -> None:
        window.setStyleSheet(theme.stylesheet())
        for part in parts:
            part()

    ways = {"": window.dressing.follow, "reference ": anew}
    for width, height in SIZES:
        window.resize(width, height)
        for name in IN_VIEW:
            explorer.show_page("Train" if name == "Train" else "Explore")
            if name != "Train":
                window.bench.show_tab(name)
            settle(application, explorer)
            for way, follow in [*ways.items(), *reversed(ways.items())] * times:  # both ways to both themes
                window.dressing.follow = follow  # type: ignore[method-assign]
                note(f"{way}{width} x {height}, {name}", seconds(click))
                note(f"{way}out of sight", settle(application, explorer))
    window.close()
    explorer.close()
    return found


def main(size: Size = FULL) -> None:
    """Print the measurements."""
    print(hardware())
    with mapped(size) as workspace:
        found = apart(measure, str(workspace.root), size.run, size.of(200, 4), size.times(6))
    for name, taken in found.items():
        if not name.startswith(("reference", "out")):
            line(
                f"another theme, {name}",
                statistics.median(taken),
                statistics.median(found[f"reference {name}"]),
                "the stylesheet set anew",
            )
    line("the longest turn after it, out of sight", statistics.median(found["out of sight"]))


if __name__ == "__main__":
    main()
