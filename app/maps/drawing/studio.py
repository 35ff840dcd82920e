"""Where the maps of a window are drawn: two threads beside the window's own.

What is asked for together, as by a turn of the wheel over linked maps, is a frame: the maps show it in the same
moment. What is asked for meanwhile comes with the next frame, so that no queue grows behind a hand that goes on. A
frame that takes longer than a person would notice is not waited for: maps show their last picture in its new place, and
each new one as soon as it is there.
"""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import Protocol
from weakref import WeakSet

from PySide6.QtCore import QObject, Qt, QTimer
from shiboken6 import isValid

from app.core.jobs.aside import aside
from app.maps.drawing.artist import Artist, Drawing
from app.maps.drawing.raster import Pixels

THREADS = 2
LOOK_MS, SORTING_LOOK_MS = 1, 15
"""How often it is looked whether pictures are there, and while none is awaited, whether points are sorted."""

PATIENCE_MS = 24
"""A frame that is not there by then is shown as far as it is."""


class Sitter(Protocol):
    """A map that is drawn here, a widget."""

    def drawing(self) -> Drawing:
        """What draws it as it is to be seen now."""
        ...

    def take(self, drawing: Drawing, pixels: Pixels) -> None:
        """Show what a drawing came to."""
        ...

    def take_grid(self, drawing: Drawing) -> None:
        """The points of a drawing are sorted now."""
        ...

    def update(self) -> None:
        """Be painted anew."""
        ...


class Studio(QObject):
    """Draws maps, each at most once a frame; sorts the points of large ones while nothing is drawn."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._frame: dict[Sitter, Drawing] = {}  # what is drawn now and not shown yet
        self._next: dict[Sitter, None] = {}
        self._lock = Lock()
        # What the threads share has drawings alone: the last to let go of a widget must be the window's thread.
        self._queue: deque[Drawing] = deque()
        self._done: list[tuple[Drawing, Pixels | None]] = []
        self._unsorted: deque[Drawing] = deque()
        self._sorted: list[Drawing] = []
        self._waits_for: dict[Drawing, Sitter] = {}  # points to be sorted, and whose they are
        self._to_sort: WeakSet[Artist] = WeakSet()
        self._at_work = 0
        self._sorting = False
        self._patience = QTimer(self)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._show_so_far)
        self._look = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._look.timeout.connect(self._show_whole)

    @property
    def idle(self) -> bool:
        """Whether nothing is being drawn."""
        return not self._frame and not self._next

    def ask(self, sitter: Sitter) -> None:
        """Have a map drawn as it is to be seen now: with this frame, or the next where this one has another view."""
        drawing = sitter.drawing()
        if sitter in self._frame:
            if not drawing.same_as(self._frame[sitter]):
                self._next[sitter] = None
            return
        self._next.pop(sitter, None)
        self._frame[sitter] = drawing
        if not self._patience.isActive():
            self._patience.start()
        with self._lock:
            self._queue.append(drawing)
        self._look.start(LOOK_MS)
        self._have_work_done()

    def _have_work_done(self) -> None:
        with self._lock:
            more = self._at_work < THREADS
            self._at_work += more
        if more:
            aside(self._work)

    def _work(self) -> None:
        """What a thread does until there is nothing more: pictures first, and then points to be sorted.

        One thread at most sorts, so that the other has time for pictures.
        """
        try:
            while self._picture_drawn() or self._points_sorted():
                pass
        finally:
            with self._lock:
                self._at_work -= 1
        if self._queue or (self._unsorted and not self._sorting):  # asked for while this thread was ending
            self._have_work_done()

    def _picture_drawn(self) -> bool:
        """Draw a picture, if one is wanted; whether it was."""
        with self._lock:
            if not self._queue:
                return False
            drawing = self._queue.popleft()
        pixels: Pixels | None = None
        try:
            pixels = drawing()
        finally:
            with self._lock:
                self._done.append((drawing, pixels))
        return True

    def _points_sorted(self) -> bool:
        """Sort the points of a map, if any are to be and no other thread does that; whether it was done."""
        with self._lock:
            if not self._unsorted or self._sorting:
                return False
            drawing, self._sorting = self._unsorted.popleft(), True
        try:
            drawing.artist.prepare(drawing)
        finally:
            with self._lock:
                self._sorted.append(drawing)
                self._sorting = False
        return True

    def _show_whole(self) -> None:
        """See what the threads have come to. They tell nobody, as whom they told could be gone at that moment."""
        with self._lock:
            whole = len(self._done) == len(self._frame)
            sorted_ones, self._sorted = self._sorted, []
        if whole and self._frame:
            self._show_done()
        for drawing in sorted_ones:
            sitter = self._waits_for.pop(drawing)
            if isValid(sitter):
                sitter.take_grid(drawing)
        if self._frame:
            return
        if self._waits_for:
            self._look.start(SORTING_LOOK_MS)
        else:
            self._look.stop()

    def _show_done(self) -> None:
        with self._lock:
            done, self._done = self._done, []
        sitters = {drawing: sitter for sitter, drawing in self._frame.items()}
        for drawing, pixels in done:
            sitter = sitters[drawing]
            del self._frame[sitter]
            if pixels is not None and isValid(sitter):
                sitter.take(drawing, pixels)
                if drawing.artist.can_prepare:
                    self._sort_later(sitter, drawing)
        if not self._frame:
            self._patience.stop()
            wanted, self._next = self._next, {}
            for sitter in wanted:
                if isValid(sitter):
                    self.ask(sitter)

    def _sort_later(self, sitter: Sitter, drawing: Drawing) -> None:
        if drawing.artist not in self._to_sort:
            self._to_sort.add(drawing.artist)
            self._waits_for[drawing] = sitter
            with self._lock:
                self._unsorted.append(drawing)
            self._have_work_done()

    def _show_so_far(self) -> None:
        for sitter in self._frame:
            if isValid(sitter):
                sitter.update()
        self._show_done()
