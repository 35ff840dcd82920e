"""Commands run in forked children.

The process that makes trials has imported torch, h5py and the commands once. A child is a fork of it: it runs one
command in process, in a tenth of the time that a new interpreter takes to come to its first line. Its output goes to
files, its memory and its time are bounded, and it ends when its parent does.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from tests.stress.steps import Steps, StopAt

LIMIT = 30.0
"""Seconds that a command may take; undisturbed ones take below two."""
MEMORY = 3 << 30
"""Bytes that a command may take on top of what its parent has; undisturbed ones take below a tenth."""
POLL = 0.002
_KILL_WITH_PARENT = 1  # PR_SET_PDEATHSIG


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended.

    Attributes:
        code: its exit code; negative is the number of the signal that ended it.
        out, err: what it printed.
        seconds: how long it took.
        hung: it was still running at the limit.
        steps: how many steps of publishing it took; 0 if it did not come to count them.
    """

    code: int
    out: str
    err: str
    seconds: float
    hung: bool = False
    steps: int = 0


@dataclass(slots=True)
class Child:
    """A command that is running.

    Args:
        lines: the words of the command, its name first; of several, given one after the other until one fails.
        scratch: an empty folder for its output.
        root: the workspace; steps of publishing are those within it.
        stop_at: where to kill it, if anywhere.
        delay: seconds to wait before it begins.
        largest_file: bytes that a file may have, for a system without a disk to fill; None for any.
    """

    lines: Sequence[Sequence[str]]
    scratch: Path
    root: Path
    stop_at: StopAt | None = None
    delay: float = 0.0
    largest_file: int | None = None
    _pid: int = field(default=0, init=False)
    _began: float = field(default=0.0, init=False)

    def __enter__(self) -> Child:
        self.scratch.mkdir(parents=True)
        self._began = time.monotonic()
        self._pid = fork(self._work)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None):
        if self._pid:
            end(self._pid)

    def wait(self, limit: float = LIMIT, kill_after: float | None = None) -> Ended:
        """Wait until it has ended, or end it: after `kill_after` seconds on purpose, at the limit as hung."""
        until = limit if kill_after is None else min(limit, kill_after)
        code = wait_for(self._pid, until - (time.monotonic() - self._began))
        hung = code is None and until >= limit
        if code is None:
            code = end(self._pid)
        self._pid = 0
        seconds = time.monotonic() - self._began
        out, err = (_text(self.scratch / name) for name in ("out", "err"))
        counted = _text(self.scratch / "steps")
        return Ended(code, out, err, seconds, hung, int(counted or 0))

    def _work(self) -> None:
        redirect(self.scratch / "out", self.scratch / "err")
        resource.setrlimit(resource.RLIMIT_AS, (_address_space() + MEMORY,) * 2)
        if self.largest_file is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.largest_file,) * 2)
        time.sleep(self.delay)
        with Steps(self.root, self.stop_at) as steps:
            try:
                for line in self.lines:
                    _give(line)
            finally:
                steps.close()
                (self.scratch / "steps").write_text(str(steps.count))
                (self.scratch / "modules").write_text("\n".join(sys.modules))


def command(
    line: Sequence[str], scratch: Path, root: Path, stop_at: StopAt | None = None, kill_after: float | None = None
) -> Ended:
    """Run one command to its end."""
    with Child([line], scratch, root, stop_at) as child:
        return child.wait(kill_after=kill_after)


def answer_of(work: Callable[[], object], scratch: Path, limit: float = LIMIT) -> object:
    """What a function gives as JSON, computed in a child: damaged files may crash or stall who reads them.

    Returns:
        the answer, or None where the child did not come to one.
    """
    scratch.mkdir(parents=True)

    def child() -> None:
        redirect(scratch / "out", scratch / "err")
        (scratch / "answer").write_text(json.dumps(work()))

    pid = fork(child)
    if wait_for(pid, limit) is None:
        end(pid)
    text = _text(scratch / "answer")
    return json.loads(text) if text else None


def fork(work: Callable[[], None]) -> int:
    """Begin a child that does `work`; returns its number."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        ctypes.CDLL(None).prctl(_KILL_WITH_PARENT, signal.SIGKILL)
        work()
        code = 0
    except SystemExit as wanted:
        code = wanted.code if isinstance(wanted.code, int) else (0 if wanted.code is None else 1)
    except BaseException:  # noqa: BLE001 - a forked child must not return into its parent's code
        import traceback

        traceback.print_exc()
    finally:
        _flush()
        os._exit(code)


def wait_for(pid: int, seconds: float) -> int | None:
    """The exit code of a child, negative for a signal, or None while it is still running after `seconds`."""
    until = time.monotonic() + seconds
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= until:
            return None
        time.sleep(POLL)


def end(pid: int) -> int:
    """Kill a child with all that it began; returns how it ended."""
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError):
            kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def redirect(out: Path, err: Path) -> None:
    """Send standard output and error of this process to files, as main.py writes them."""
    for number, path in ((1, out), (2, err)):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, number)
        os.close(handle)
    sys.stdout = open(1, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="replace", closefd=False, buffering=1)  # noqa: SIM115


def _give(line: Sequence[str]) -> None:
    """Give a command, as main.py does; returns if it succeeded."""
    from engine.cli.app import main

    try:
        main(list(line))
    except SystemExit as ended:
        if ended.code:
            raise


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            pass


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
