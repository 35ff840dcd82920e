"""From the command to a window, and from a fresh checkout to four maps.

    python -m tests.benchmarks.bench_start

First paint is measured in processes of their own, beside a process that shows an empty Qt window. The first map is
measured in an empty workspace with the packaged latents, beside computing the same maps in the same run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from engine.config import ProjectionConfig
from engine.encoding.encode import encode
from engine.errors import LoomError
from engine.maps.projection import project
from engine.runs.run import Run
from engine.workspace import Workspace
from tests.benchmarks.timing import hardware, line, milliseconds

_EMPTY = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
class Window(QLabel):
    def paintEvent(self, event):
        QTimer.singleShot(0, app.quit)
window = Window(); window.resize(1440, 900); window.show(); app.exec()
"""

_OURS = """
import sys, tempfile
from pathlib import Path
from PySide6.QtCore import QTimer
from app.core import theme
from app.launch import make_application
from app.shell.explorer import Explorer
from app.core.settings import AppSettings
from engine.workspace import Workspace
app = make_application()
folder = Path(tempfile.mkdtemp())
theme.apply(app, "dark")
explorer = Explorer(Workspace(folder), AppSettings(folder / "window.ini"))
explorer.window.painted.connect(lambda: QTimer.singleShot(0, app.quit))
explorer.window.show()
app.exec()
assert "torch" not in sys.modules
"""


def _process(code: str) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


def _first_maps() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Workspace(Path(scratch))
        run = Run.open(workspace.run("demo"))
        began = time.perf_counter()
        list(encode(run, workspace))
        ours = time.perf_counter() - began
        # The same again, computed: the text is prepared by now, so its time is not counted twice.
        began = time.perf_counter()
        path = workspace.cache("demo")
        path.unlink()
        hidden = Run(run.path, run.settings.model_copy(update={"name": "computed"}), run.vocabulary)
        _encode_without_package(hidden, workspace)
        list(project(workspace.cache("computed"), None, ProjectionConfig()))
        line(
            "first four maps of the demo, empty workspace", ours, time.perf_counter() - began, "encoded and mapped", "s"
        )


def _encode_without_package(run: Run, workspace: Workspace) -> None:
    import engine.encoding.encode as encoding

    packaged, encoding.packaged_latents = encoding.packaged_latents, lambda run: None
    try:
        list(encode(run, workspace))
    finally:
        encoding.packaged_latents = packaged


def main() -> None:
    """Print the measurements."""
    print(hardware())
    line(
        "start of the process to first paint",
        milliseconds(lambda: _process(_OURS), 5),
        milliseconds(lambda: _process(_EMPTY), 5),
        "an empty Qt window",
    )
    try:
        _first_maps()
    except LoomError as error:
        print(f"first maps: {error}")


if __name__ == "__main__":
    main()
