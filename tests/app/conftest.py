"""What every test of the app shares; nothing may outlive a test."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import psutil
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def nothing_is_left_behind(qapp: QApplication) -> Iterator[None]:
    """Fail a test that leaves a thread, a process or a top-level widget."""
    threads = set(threading.enumerate())
    children = {child.pid for child in psutil.Process().children(recursive=True)}
    widgets = {id(widget) for widget in QApplication.topLevelWidgets()}
    yield
    qapp.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left_threads = [thread.name for thread in threading.enumerate() if thread not in threads]
    left_processes = [child.name() for child in psutil.Process().children(recursive=True) if child.pid not in children]
    left_widgets = [
        type(widget).__name__
        for widget in QApplication.topLevelWidgets()
        if id(widget) not in widgets and widget.isVisible()
    ]
    assert not left_threads, f"threads left running: {left_threads}"
    assert not left_processes, f"processes left running: {left_processes}"
    assert not left_widgets, f"windows left open: {left_widgets}"
