"""Names that lie on a disk: those that were found last are there at once, and are read anew beside the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.core.jobs.aside import Aside, aside

_PATIENCE = 2.0  # seconds that closing waits for a slow disk


class Listing(QObject):
    """A list of names, such as that of the runs of a workspace.

    Signals:
        changed: others than before were found.
    """

    changed = Signal()
    _found = Signal(object)

    def __init__(self, read: Callable[[], Sequence[str]], parent: QObject | None = None) -> None:
        """Args: read: gives the names; in a thread of its own."""
        super().__init__(parent)
        self._read = read
        self.names: tuple[str, ...] = ()
        """What was found last."""
        self._under_way = self._again = self._stopped = False
        self._thread: Aside | None = None
        self._found.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def look(self) -> None:
        """Read the names anew; returns at once."""
        self._again = self._under_way
        if not self._under_way and not self._stopped:
            self._under_way = True
            self._thread = aside(self._look)

    def stop(self) -> None:
        """Nobody wants to know any more: the window is closed, and what a thread tells must not come after its end."""
        self._stopped = True
        if self._thread is not None:
            self._thread.join(_PATIENCE)

    def _look(self) -> None:
        names: tuple[str, ...] = ()
        try:
            names = tuple(self._read())
        finally:
            if not self._stopped:
                self._found.emit(names)

    @Slot(object)
    def _take(self, names: tuple[str, ...]) -> None:
        self._under_way = False
        if names != self.names:
            self.names = names
            self.changed.emit()
        if self._again:
            self.look()
