"""The window driven without a person: wait for what is needed, never for the clock, and take pictures."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.core.values import Stage
from app.shell.explorer import Explorer
from engine.errors import LoomError
from engine.storage.files import export

ANSWER_LIMIT = 120.0
"""Seconds after which something must be wrong with an answer."""


class Driver:
    """The hand of a tour."""

    def __init__(self, application: QApplication, explorer: Explorer) -> None:
        self.application, self.explorer, self.window = application, explorer, explorer.window

    def settle(self) -> None:
        """Let everything that waits be shown."""
        for _ in range(5):
            self.explorer.flush()
            self.application.sendPostedEvents()
            self.application.processEvents()

    def wait(self, what: str, condition: Callable[[], bool], limit: float = ANSWER_LIMIT) -> None:
        """Let the window go on until a condition holds; `LoomError` after `limit` seconds."""
        end = time.monotonic() + limit
        while not condition():
            self.application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            if time.monotonic() > end:
                raise LoomError(
                    f"Waited {limit:.0f} s for {what}, in vain.", "Start again; the log above may tell more."
                )
            time.sleep(0.002)
        self.settle()

    def wait_ready(self, what: str, stage: Callable[[], Stage], limit: float) -> None:
        """Wait for a stage of opening a run; `LoomError` with its words if it fails."""
        ends = ("ready", "failed", "none")
        self.wait(what, lambda: stage().kind in ends and bool(self.explorer.state.run), limit)
        if stage().kind != "ready":
            raise LoomError(stage().text or f"There are no runs, so {what} cannot be shown.", stage().hint)

    def shot(self, path: Path, window: QWidget | None = None) -> None:
        """A picture of the window, or of another one, once maps and plots are drawn, without what is told only."""
        self.window.banner.dismiss()
        self.settle()
        points = self.explorer.maps.colours.drifting
        self.wait("the maps to be drawn", lambda: self.window.maps.drawn and not points.running)
        self.wait("the plots to be drawn", lambda: not self.explorer.drawing)
        with export(path) as scratch:
            if not (window or self.window).grab().save(str(scratch), "PNG"):
                raise LoomError(f"{path} could not be written.", "Choose another folder, or free some space.")
        print(path)

    def click(self, variant: str, index: int) -> None:
        """Click a point of a map as a person does."""
        view = self.window.maps.panels[variant].map
        at = view.position_of(index)
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        for kind, button, held in (
            (QMouseEvent.Type.MouseMove, none, none),
            (QMouseEvent.Type.MouseButtonPress, left, left),
            (QMouseEvent.Type.MouseButtonRelease, left, none),
        ):
            place = QPointF(view.mapToGlobal(at))
            event = QMouseEvent(kind, at, place, button, held, Qt.KeyboardModifier.NoModifier)
            self.application.sendEvent(view, event)
