"""How long one frame of a map takes, beside pyqtgraph's scatter plot on the same points in the same run.

    python -m tests.benchmarks.bench_map

A frame is a pan by a few pixels, drawn anew at 400 x 400 pixels. Times are the medians of wall-clock milliseconds; on
a machine that also does other work the ratios are worth more than the times. Nothing here is asserted.
"""

from __future__ import annotations

import os
import time

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from tests.benchmarks.timing import milliseconds

SIZE = 400
POINTS = (8_000, 100_000, 1_000_000)


def cloud(n: int) -> tuple[np.ndarray, np.ndarray]:
    """(n, 2) points in forty clumps, and (n,) values from 0 to 20."""
    random = np.random.default_rng(0)
    middles = random.normal(size=(40, 2)) * 6
    points = middles[random.integers(0, 40, n)] + random.normal(size=(n, 2))
    return points.astype(np.float32), (random.random(n) * 20).astype(np.float32)


def map_frames(app: QApplication, points: np.ndarray, values: np.ndarray) -> dict[str, float]:
    """Times of the project's own map."""
    from app.maps.view import MapView

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
        view.set_hover(view.index_at(QPointF(200, 200)))
        view.repaint()

    found["first"] = milliseconds(first, 5)
    found["frame"] = milliseconds(pan, 15)
    view.reset_view()
    found["drag"] = milliseconds(drag, 15)
    view.reset_view()
    view.render_now()
    start = time.perf_counter()
    view.index_at(QPointF(200, 200))
    found["first look-up"] = 1e3 * (time.perf_counter() - start)
    found["hover"] = milliseconds(hover, 15)
    view.set_density(True)
    found["density"] = milliseconds(pan, 9)
    view.deleteLater()
    return found


def scatter_frame(app: QApplication, points: np.ndarray) -> float:
    """Time of a frame of pyqtgraph's ScatterPlotItem, one brush for all points."""
    import pyqtgraph

    plot = pyqtgraph.PlotWidget()
    plot.resize(SIZE, SIZE)
    plot.addItem(pyqtgraph.ScatterPlotItem(points[:, 0], points[:, 1], size=4, pen=None, brush="#1bb58a"))
    plot.show()
    app.processEvents()

    def pan() -> None:
        (x0, x1), _ = plot.viewRange()
        plot.setXRange(x0 + (x1 - x0) / 100, x1 + (x1 - x0) / 100, padding=0)
        plot.viewport().repaint()

    taken = milliseconds(pan, 5)
    plot.close()
    plot.deleteLater()
    return taken


def main() -> None:
    """Print one line for each number of points."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication([])
    from app.core import theme

    theme.apply(app, "dark")
    columns = ("first", "frame", "drag", "density", "first look-up", "hover")
    print(f"{'points':>10}" + "".join(f"{name:>15}" for name in (*columns, "pyqtgraph", "ratio")) + "   (milliseconds)")
    for n in POINTS:
        points, values = cloud(n)
        found = map_frames(app, points, values)
        other = scatter_frame(app, points)
        numbers = "".join(f"{found[name]:15.2f}" for name in columns)
        print(f"{n:10,}{numbers}{other:15.1f}{other / found['frame']:14.1f}x", flush=True)


if __name__ == "__main__":
    main()
