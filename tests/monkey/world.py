"""The real window on a workspace of its own, put together as `app.launch` does, and what answers its dialogs.

Nothing of the person's own is touched: the settings lie in the workspace. Dialogs for files, which would be the
platform's, choose a file by themselves, and a drag that begins is kept until the monkey drops it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QTimer
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from app.core import theme
from app.core.jobs.ending import wait_for_ends
from app.core.settings import AppSettings
from app.launch import after_first_paint, make_application
from app.shell.explorer import Explorer
from app.shell.faults import Faults
from app.shell.main_window import MainWindow
from engine.fault_log import FaultLog
from engine.workspace import Workspace
from tests.monkey import hands
from tests.monkey.laboratory import EXPORTS, FOUR, SETTINGS, SMALL

_ANSWER_MS = 30


class World:
    """The window, and what the monkey holds in its hand.

    Attributes:
        carried: what was dragged last and is not dropped yet.
    """

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.workspace = Workspace(root)
        self.chance = random.Random(seed)
        self.carried: QMimeData | None = None
        self.application: QApplication = make_application()
        self._faults = Faults(FaultLog(root / "faults.log"))
        self._faults.watch()
        settings = AppSettings(root / "window.ini")
        theme.apply(self.application, settings.theme)
        self.window = MainWindow(settings)
        self._faults.tell_by(lambda *words: self.window.banner.complain(*words))
        self._settings = settings
        self._made: list[Explorer] = []
        self._files = 0

    def begin(self, run: str) -> None:
        """Show the window; what is behind it comes after the first paint."""

        def open_it() -> None:
            self._made.append(Explorer(self.workspace, self._settings, self.window))
            self._made[0].open(run)

        after_first_paint(self.window, open_it)
        self.window.show()

    @property
    def began(self) -> bool:
        """Whether the window is put together."""
        return bool(self._made)

    @property
    def explorer(self) -> Explorer:
        """What is behind the window."""
        return self._made[0]

    @property
    def page(self) -> str:
        """Explore or Train, as it is in view."""
        return str(self.explorer.state.page)

    @property
    def tab(self) -> str:
        """The tab of the bench that is in view."""
        return str(self.window.bench.current)

    @property
    def tab_view(self) -> QWidget:
        """What is in view of it."""
        return self.explorer.bench.tab(self.tab).view

    @property
    def place(self) -> QWidget:
        """Where a person can do something now: what lies over everything, or else the window."""
        return hands.front() or self.window

    def file_for(self, dialog: QFileDialog) -> str:
        """The file that a dialog is answered with; "" to cancel it."""
        if self.chance.random() < 0.2:
            return ""
        self._files += 1
        if dialog.fileMode() == QFileDialog.FileMode.Directory:
            return str(self.root / "runs" / self.chance.choice((SMALL, FOUR, "nothing")))
        if dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave:
            return str(self.root / EXPORTS / f"{self._files % 20}.{dialog.defaultSuffix() or 'txt'}")
        return str(self.root / SETTINGS / self.chance.choice(("training.toml", "training.toml", "wrong.toml")))

    def end(self) -> None:
        """Close the window as a person does; a training is stopped with its process by whoever made the workspace."""
        self.window.leave()
        if self._made:
            self._made[0].close()
            wait_for_ends()


@contextmanager
def own_dialogs(world: World) -> Iterator[None]:
    """Dialogs for files answer themselves, and drags are held, within the block."""
    dialogs: Any = QFileDialog
    drags: Any = QDrag
    before: tuple[Callable[..., Any], Callable[..., Any]] = dialogs.open, drags.exec

    def answer(dialog: QFileDialog) -> None:
        def chosen() -> None:
            file = world.file_for(dialog)
            if file:
                dialog.fileSelected.emit(file)
            dialog.done(0)

        QTimer.singleShot(_ANSWER_MS, dialog, chosen)

    def hold(drag: QDrag, *_actions: object) -> None:
        world.carried = hands.copy_of(drag.mimeData())
        drag.deleteLater()  # as Qt does at the end of a drag

    dialogs.open, drags.exec = answer, hold
    try:
        yield
    finally:
        dialogs.open, drags.exec = before
