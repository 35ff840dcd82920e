"""From the command to a window, and from a fresh checkout to its maps.

    python -m tests.benchmarks.bench_start

First paint is measured in processes of their own, in turn with processes that show an empty Qt window: until the window
has been painted, by the clock of the whole machine, and until the process, which is left at once then, has ended. The
first maps are measured in an empty workspace with the packaged latents, beside computing latents and maps there in the
same run; both ways must come to the same latents.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from engine.config import ProjectionConfig
from engine.encoding.encode import encode
from engine.encoding.packaged import packaged_latents
from engine.events import Note
from engine.maps.projection import project
from engine.runs.run import Run
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace
from tests.benchmarks.apart import output
from tests.benchmarks.size import FULL, Size
from tests.benchmarks.timing import hardware, line

CASES = ("to first paint", "to the end after first paint", "empty workspace")

_SEEN = """
import time
from PySide6.QtCore import QTimer
def seen():
    print(time.time(), flush=True)
    app.quit()
"""
_EMPTY = """
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
class Window(QLabel):
    def paintEvent(self, event):
        QTimer.singleShot(0, seen)  # the paint is over then
window = Window(); window.resize(1440, 900); window.show(); app.exec()
"""
_OURS = """
import sys
from pathlib import Path
from app.core import theme
from app.core.settings import AppSettings
from app.launch import make_application
from app.shell.main_window import MainWindow
app = make_application()
theme.apply(app, "dark")
window = MainWindow(AppSettings(Path(sys.argv[1])))  # as `run_app` does it
window.painted.connect(lambda: QTimer.singleShot(0, seen))
window.show()
app.exec()
assert "numpy" not in sys.modules
"""


def first_paint(size: Size) -> None:
    """A process with our window and one with an empty one, in turn; in full the first of each is not counted."""
    uncounted = size.of(1, 0)
    taken: dict[str, list[tuple[float, float]]] = {_OURS: [], _EMPTY: []}
    for _ in range(uncounted + size.times(5)):
        for code, times in taken.items():
            times.append(_times(code))
    ours, empty = (
        [statistics.median(each) for each in zip(*times[uncounted:], strict=True)] for times in taken.values()
    )
    for what, mine, reference in zip(("first paint", "the end after first paint"), ours, empty, strict=True):
        line(f"start of the process to {what}", mine, reference, "an empty Qt window")


def _times(code: str) -> tuple[float, float]:
    """Milliseconds from the start of a process until its window has been painted, and until it has ended."""
    # Two processes can agree on the time of day only: the clocks for measuring may begin anywhere in each of them.
    began = time.time()
    with tempfile.TemporaryDirectory() as folder:
        painted = float(output(_SEEN + code, str(Path(folder) / "window.ini")).split()[0])
        return 1e3 * (painted - began), 1e3 * (time.time() - began)


def first_maps(size: Size) -> None:
    """From nothing to maps, by what is packaged beside the models, and by computing it."""
    maps = ProjectionConfig(method=size.of("umap", "pca"))
    with _empty_workspace(size) as workspace:
        run = Run.open(workspace.run(size.run))
        began = time.perf_counter()
        events = list(encode(run, workspace))
        ours = time.perf_counter() - began
        assert not any(isinstance(event, Note) for event in events), "the packaged latents were not used"
        bare = _without_package(run, workspace)
        began = time.perf_counter()  # the text is prepared by now, so its time is not counted twice
        list(encode(bare, workspace))
        list(project(workspace.cache(bare.name), None, maps))
        reference = time.perf_counter() - began
        assert packaged_latents(run) is not None, "there are no packaged latents to be used"
        assert packaged_latents(bare) is None, "the packaged latents were used as the reference"
        _check_same(run, workspace.cache(run.name), workspace.cache(bare.name), maps.method)
    what = size.of("first four maps of the demo", "first maps of a tiny run")
    line(f"{what}, empty workspace", ours, reference, "encoded and mapped", "s")


@contextmanager
def _empty_workspace(size: Size) -> Iterator[Workspace]:
    """One without latents and maps; of a run that is not the demo, which every workspace has, it holds a copy."""
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Workspace(Path(scratch))
        if size.given is not None:
            for folder in ("runs", "corpora"):
                shutil.copytree(size.given.root / folder, workspace.root / folder)
        yield workspace


def _without_package(run: Run, workspace: Workspace) -> Run:
    """The same run under another name, with no latents beside it."""
    copy = shutil.copytree(run.path, workspace.new_run("computed"), ignore=shutil.ignore_patterns("latents.*"))
    return Run.open(copy)


def _check_same(run: Run, packaged: Path, computed: Path, projection: str) -> None:
    """Both have every sentence in the same place (latents are packaged in half precision), and maps of them all."""
    with LatentCache.open(packaged) as ours, LatentCache.open(computed) as reference:
        for name in (variant.name for variant in run.variants):
            np.testing.assert_allclose(ours.mu(name), reference.mu(name), rtol=2e-3, atol=2e-3)
            for cache in (ours, reference):
                points = cache.projection(name, projection)
                assert points.shape == (cache.n, 2)
                assert np.isfinite(points).all()


def main(size: Size = FULL) -> None:
    """Print the measurements."""
    print(hardware())
    first_paint(size)
    first_maps(size)


if __name__ == "__main__":
    main()
