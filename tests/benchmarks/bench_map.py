"""How long one frame of a map takes, beside pyqtgraph's scatter plot on the same points in the same run.

    python -m tests.benchmarks.bench_map

A frame is a pan by a few pixels, drawn anew at 400 x 400 pixels. The windows are in a process of their own. Times are
the medians of wall-clock milliseconds; on a machine that also does other work the ratios are worth more than the times.
What is timed must be seen: a pan changes the picture, and the pointer is over a point.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication, QWidget

from app.core import theme
from app.launch import make_application
from app.maps.view import MapView
from tests.benchmarks.apart import apart
from tests.benchmarks.size import FULL, Size
from tests.benchmarks.timing import hardware, line, milliseconds

CASES = ("first", "frame", "while dragging", "density", "first look-up", "hover")
SIZE = 400
MIDDLE = QPointF(SIZE / 2, SIZE / 2)


def cloud(n: int) -> tuple[np.ndarray, np.ndarray]:
    """(n, 2) points in forty clumps, and (n,) values from 0 to 20."""
    random = np.random.default_rng(0)
    middles = random.normal(size=(40, 2)) * 6
    points = middles[random.integers(0, 40, n)] + random.normal(size=(n, 2))
    return points.astype(np.float32), (random.random(n) * 20).astype(np.float32)


def map_frames(
    app: QApplication, points: np.ndarray, values: np.ndarray, repeat: Callable[[int], int]
) -> dict[str, float]:
    """Times of the project's own map by case, in milliseconds; `repeat` says how often instead of so often."""
    view = MapView()
    view.resize(SIZE, SIZE)
    view.show()
    app.processEvents()
    found: dict[str, float] = {}

    def first() -> None:
        view.set_points(points)
        view.set_colours(values, 0, 20)
        view.repaint()

    def pan() -> None:
        x0, x1, y0, y1 = view.view_range()
        shift = (x1 - x0) / 100
        view.set_view_range(x0 + shift, x1 + shift, y0, y1)
        view.render_now()
        view.repaint()

    def drag() -> None:
        x0, x1, y0, y1 = view.view_range()
        view.set_view_range(x0 + (x1 - x0) / 100, x1 + (x1 - x0) / 100, y0, y1)
        view.repaint()

    def hover() -> None:
        view.set_hover(view.index_at(MIDDLE))
        view.repaint()

    found["first"] = milliseconds(first, repeat(5))
    check_seen(view, pan)
    found["frame"] = milliseconds(pan, repeat(15))
    view.reset_view()
    check_seen(view, drag)
    found["while dragging"] = milliseconds(drag, repeat(15))
    view.reset_view()
    view.render_now()
    start = time.perf_counter()
    under = view.index_at(MIDDLE)
    found["first look-up"] = 1e3 * (time.perf_counter() - start)
    assert under >= 0, "there is no point under the pointer"
    check_seen(view, hover)
    found["hover"] = milliseconds(hover, repeat(15))
    check_seen(view, lambda: view.set_density(True))
    found["density"] = milliseconds(pan, repeat(9))
    view.close()
    view.deleteLater()
    return found


def scatter_frame(app: QApplication, points: np.ndarray, repeat: Callable[[int], int], side: int = SIZE) -> float:
    """Time of a frame of pyqtgraph's ScatterPlotItem, one brush for all points, `side` pixels wide and high."""
    import pyqtgraph

    plot = pyqtgraph.PlotWidget()
    plot.resize(side, side)
    plot.addItem(pyqtgraph.ScatterPlotItem(points[:, 0], points[:, 1], size=4, pen=None, brush="#1bb58a"))
    plot.show()
    app.processEvents()

    def pan() -> None:
        (x0, x1), _ = plot.viewRange()
        plot.setXRange(x0 + (x1 - x0) / 100, x1 + (x1 - x0) / 100, padding=0)
        plot.viewport().repaint()

    check_seen(plot, pan)
    taken = milliseconds(pan, repeat(5))
    plot.close()
    plot.deleteLater()
    return taken


def check_seen(widget: QWidget, action: Callable[[], object]) -> None:
    """Do something that must change the picture."""
    before = widget.grab().toImage()
    action()
    assert widget.grab().toImage() != before, "what is timed changes nothing that is seen"


def measure(n: int, once: bool) -> dict[str, float]:
    """Times in this process for n points by case, pyqtgraph's frame among them; `once`: without repetitions."""
    app = make_application()
    theme.apply(app, "dark")
    points, values = cloud(n)

    def repeat(times: int) -> int:
        return 1 if once else times

    return {**map_frames(app, points, values, repeat), "pyqtgraph": scatter_frame(app, points, repeat)}


def main(size: Size = FULL) -> None:
    """Print a line for each case and number of points."""
    print(hardware())
    for n in size.of((8_000, 100_000, 1_000_000), (500, 60_000)):
        found = apart(measure, n, size.small)
        for case in CASES:
            reference = (found["pyqtgraph"], "a frame of pyqtgraph's scatter plot") if case == "frame" else ()
            line(f"{n:,} points, {case}", found[case], *reference)


if __name__ == "__main__":
    main()
