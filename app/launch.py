"""Opens the window. Nothing here waits: runs, maps and models are fetched after the window is on the screen."""

from __future__ import annotations

import signal
import sys
from typing import cast

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.core import theme
from app.core.settings import AppSettings
from app.shell.explorer import Explorer
from engine.workspace import Workspace


def run_app(workspace: Workspace, run_name: str | None = None) -> int:
    """Open the window on a run and stay until it is closed.

    Args:
        workspace: where runs and caches lie.
        run_name: the run; None for the one that was open last, or the demo.

    Returns:
        The exit code.
    """
    application = make_application()
    settings = AppSettings()
    theme.apply(application, settings.theme)
    explorer = Explorer(workspace, settings)
    name = run_name or _usual_run(workspace, settings)
    start_after_first_paint(explorer, name)
    keep = _stop_on_signals(explorer)
    explorer.window.show()
    code = application.exec()
    keep.stop()
    explorer.close()
    return code


def make_application() -> QApplication:
    """The application object, named."""
    application = cast("QApplication | None", QApplication.instance()) or QApplication(sys.argv[:1])
    QCoreApplication.setApplicationName("Latent Loom")
    QCoreApplication.setOrganizationName("latent-loom")
    return application


def start_after_first_paint(explorer: Explorer, name: str) -> None:
    """Open the run once the window has been seen."""
    context: QObject = explorer
    explorer.window.painted.connect(
        lambda: QTimer.singleShot(0, context, lambda: explorer.open(name)), Qt.ConnectionType.SingleShotConnection
    )


def _usual_run(workspace: Workspace, settings: AppSettings) -> str:
    names = workspace.run_names()
    return settings.last_run if settings.last_run in names else "demo" if "demo" in names or not names else names[0]


def _stop_on_signals(explorer: Explorer) -> QTimer:
    """Let Ctrl-C in the terminal close the window properly: Python sees signals only while its code runs."""
    signal.signal(signal.SIGINT, lambda *_: explorer.leave())
    signal.signal(signal.SIGTERM, lambda *_: explorer.leave())
    beat = QTimer()
    beat.timeout.connect(lambda: None)
    beat.start(300)
    return beat
