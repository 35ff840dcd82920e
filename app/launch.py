"""Opens the window. Nothing here waits: what is behind the window, runs, maps and models come once it has been seen."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.core import theme
from app.core.memory import share_heaps
from app.core.settings import AppSettings
from app.shell.faults import Faults
from app.shell.main_window import MainWindow
from engine.workspace import Workspace

if TYPE_CHECKING:
    from app.shell.explorer import Explorer

_QUICK_MAPS_MS = 3000
"""From the first paint until the loops are loaded that draw maps quickly: run and models come first."""


def run_app(workspace: Workspace, run_name: str | None = None) -> int:
    """Open the window on a run and stay until it is closed.

    Args:
        workspace: where runs and caches lie.
        run_name: the run; None for what was open last, or the demo.

    Returns:
        The exit code.
    """
    application = make_application()
    faults = Faults()
    faults.watch()
    settings = AppSettings()
    theme.apply(application, settings.theme)
    window = MainWindow(settings)
    faults.tell_by(lambda *words: window.banner.complain(*words))
    made: list[Explorer] = []

    def begin() -> None:
        from app.shell.explorer import Explorer  # brings what the first paint does without

        made.append(Explorer(workspace, settings, window))
        made[0].begin(run_name)
        QTimer.singleShot(_QUICK_MAPS_MS, window, _draw_maps_quickly)

    after_first_paint(window, begin)
    keep = _stop_on_signals(window)
    window.show()
    code = application.exec()
    keep.stop()
    for explorer in made:
        from app.core.jobs.ending import wait_for_ends

        explorer.close()
        wait_for_ends()  # nobody sees it: the window is gone
    faults.stop()
    return code


def _draw_maps_quickly() -> None:
    from app.maps.drawing.compiled.loading import load_aside

    load_aside()


def make_application() -> QApplication:
    """The application object, named."""
    share_heaps()
    application = cast("QApplication | None", QApplication.instance()) or theme.make_application(sys.argv[0])
    QCoreApplication.setApplicationName("Latent Loom")
    QCoreApplication.setOrganizationName("latent-loom")
    return application


def after_first_paint(window: MainWindow, action: Callable[[], None]) -> None:
    """Do something once the window, not shown yet, has been seen."""
    window.painted.connect(lambda: QTimer.singleShot(0, window, action), Qt.ConnectionType.SingleShotConnection)


def _stop_on_signals(window: MainWindow) -> QTimer:
    """Let Ctrl-C in the terminal close the window properly: Python sees signals only while its code runs."""
    signal.signal(signal.SIGINT, lambda *_: window.leave())
    signal.signal(signal.SIGTERM, lambda *_: window.leave())
    beat = QTimer()
    beat.timeout.connect(lambda: None)
    beat.start(300)
    return beat
