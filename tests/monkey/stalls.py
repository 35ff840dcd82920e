"""How long the window does not return to its event loop, and which of its functions was at work meanwhile.

The monkey drives the event loop itself and says when the window has its turn, so its own work is no stall. A second
thread looks at the stack of the first while a turn is long. Of a long turn three things are told apart: what the thread
of the window worked or waited for in one place, which is its own; that the processor was given to others; and that
other threads of Python had the interpreter.
"""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import re
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from engine.workspace import CHECKOUT

LONG = 0.05
"""Seconds of a turn that are looked into."""
MOST = 0.1
"""Seconds of the window's own work that no turn may take."""
_LOOK = 0.01  # seconds between two looks
_OURS = tuple(str(CHECKOUT / room) for room in ("app", "engine"))
_RUNTIME = 1 << 19  # bytes in which the state of the interpreter lies, from its start; the lock is among the first
_FRAME, _THREAD = re.compile(r'  File "(.*)", line (\d+) in (.*)'), re.compile(r"hread (0x[0-9a-f]+)")

Frame = tuple[str, int, str]
"""File, line and function."""
Place = tuple[str, str, int]
"""Function of the window, function at work, and its line."""


@dataclass(frozen=True, slots=True)
class Stall:
    """One long turn. `own`, `others` (processes) and `interpreter` share its `wall` seconds; `cpu` is part of `own`.

    `function` was at work meanwhile, `beside` in other threads; `after` is what was done last, `at` when, in seconds.
    """

    wall: float
    cpu: float
    own: float
    others: float
    interpreter: float
    function: str
    beside: str
    at: float
    after: str

    def text(self) -> str:
        """On one line."""
        parts = f"own {1e3 * self.own:.0f} ({1e3 * self.cpu:.0f} worked), other processes {1e3 * self.others:.0f}, "
        parts += f"other threads {1e3 * self.interpreter:.0f}"
        return f"{1e3 * self.wall:6.0f} ms ({parts})  {self.function}, beside {self.beside}, after: {self.after}"


class StallWatch:
    """Measures turns of the window while it is started."""

    def __init__(self) -> None:
        self.stalls: list[Stall] = []
        self.doing = ""
        self._began = time.monotonic()
        self._main = threading.get_ident()
        self._task = Path(f"/proc/self/task/{threading.get_native_id()}")
        self._since, self._inside = 0.0, False
        self._cpu = self._waited = 0.0
        self._seen: list[Place] = []
        self._standing: list[Place] = []
        self._beside: list[str] = []
        self._collected = self._round = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, name="stall watch", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        gc.callbacks.append(self._collects)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        if self._collects in gc.callbacks:
            gc.callbacks.remove(self._collects)
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """What is done within is the window's."""
        self._inside = True
        self._begin()
        try:
            yield
        finally:
            self._inside = False
            self._end()

    def lap(self) -> None:
        """The window has come back to its event loop within a turn."""
        if self._inside:
            self._end()
            self._begin()

    def waits(self) -> None:
        """The window waits for events, as while a menu is open that keeps the hand; that is no work."""
        if self._inside:
            self._end()

    def _begin(self) -> None:
        self._seen, self._standing, self._beside, self._collected = [], [], [], 0.0
        self._cpu, self._waited = time.thread_time(), self._passed_over()
        self._since = time.perf_counter()

    def _end(self) -> None:
        if not self._since:
            return
        wall, self._since = time.perf_counter() - self._since, 0.0
        if wall < LONG:
            return
        seen, cpu = self._seen, time.thread_time() - self._cpu
        others = min(max(0.0, self._passed_over() - self._waited), max(0.0, wall - cpu))
        idle = max(0.0, wall - cpu - others)
        own = cpu + (idle if _is_wait(self._standing, wall) else 0.0)
        beside = Counter(self._beside).most_common(1)[0][0] if self._beside else "nothing"
        function = "the garbage collector" if self._collected > 0.5 * cpu else _function(seen)
        told = function, beside, time.monotonic() - self._began, self.doing
        self.stalls.append(Stall(wall, cpu, own, others, wall - others - own, *told))

    def _collects(self, phase: str, _about: dict[str, int]) -> None:
        """A round of the garbage collector begins or ends; one begins wherever something is made."""
        if threading.get_ident() == self._main:
            now = time.thread_time()
            self._collected += now - self._round if phase == "stop" else 0.0
            self._round = now

    def _passed_over(self) -> float:
        """Seconds that the thread was ready and other processes had the processors; 0 where the system does not say."""
        try:
            return int((self._task / "schedstat").read_text().split()[1]) / 1e9
        except (OSError, IndexError, ValueError):
            return 0.0

    def _stands(self) -> bool:
        """Whether the thread waits for something else than a processor or the interpreter.

        The interpreter is waited for at an address within its own state. Where the system does not say, it may.
        """
        try:
            call, *given = (self._task / "syscall").read_text().split()
        except (OSError, ValueError):
            return True
        if call == "running" or not given:
            return False
        own = ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, "_PyRuntime"))
        return not own <= int(given[0], 16) < own + _RUNTIME

    def _look(self) -> None:
        with tempfile.TemporaryFile() as scratch:
            while not self._stop.wait(_LOOK):
                since = self._since
                if not since or time.perf_counter() - since < LONG - _LOOK:
                    continue
                stacks = _stacks(scratch)
                stack = stacks.pop(self._main, [])
                seen, standing = self._seen, self._standing  # another turn begins with others
                if stack and self._since == since:
                    seen.append(place := _place(stack))
                    if self._stands():
                        standing.append(place)
                    self._beside += [name for other in stacks.values() if other and (name := _place(other)[0])]


def _stacks(scratch: IO[bytes]) -> dict[int, list[Frame]]:
    """The stacks of all threads, the innermost function first. They are written as text: to hold a frame, be it for a
    moment, would keep alive what its function has, such as a painter that must end with it.
    """
    scratch.seek(0)
    scratch.truncate()
    faulthandler.dump_traceback(scratch, all_threads=True)
    scratch.seek(0)
    stacks: dict[int, list[Frame]] = {}
    frames: list[Frame] = []
    for line in scratch.read().decode("utf-8", "replace").splitlines():
        if found := _FRAME.match(line):
            frames.append((found[1], int(found[2]), found[3]))
        elif found := _THREAD.search(line):
            frames = stacks[int(found[1], 16)] = []
    return stacks


def _place(stack: list[Frame]) -> Place:
    """Where a stack is at work: the innermost function of the app or the engine, and the innermost of all."""
    ours = next((frame for frame in stack if frame[0].startswith(_OURS)), None)
    return _told(ours) if ours is not None else "", _told(stack[0]), stack[0][1]


def _told(frame: Frame) -> str:
    path = Path(frame[0])
    return f"{path.relative_to(CHECKOUT) if path.is_relative_to(CHECKOUT) else path.name}: {frame[2]}"


def _is_wait(standing: list[Place], wall: float) -> bool:
    """Whether a thread was seen to stand still in one place: it waits there for something."""
    enough = 0.3 * (wall - LONG) / _LOOK
    return bool(standing) and Counter(standing).most_common(1)[0][1] >= max(1.0, enough)


def _function(seen: list[Place]) -> str:
    """The function that was at work most of the time."""
    if not seen:
        return "(not seen)"
    (ours, leaf), _ = Counter((ours, leaf) for ours, leaf, _ in seen).most_common(1)[0]
    if not ours:
        return f"Qt's own, no function of the window ({leaf})"
    return ours if ours == leaf else f"{ours} (in {leaf})"
