"""Who may write: one process at a time for each run, corpus and cache, here or on another machine.

The lock of `runs/novel` is the file `runs/.novel.lock` beside it, never within: it is taken before anything in the
folder is looked at, and nothing that is replaced takes it along. The system lets go of it when its process ends,
however that ends. Beside it, `.novel.owner` says who has it, for people; it means nothing to programs.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from engine.errors import LoomError, Stopped, from_os_error, writing_nowhere
from engine.events import Event, Note

POLL = 0.1
"""Seconds between two looks at a lock that is waited for."""
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}


@contextmanager
def held(path: Path, doing: str) -> Iterator[None]:
    """Hold the lock of a file or folder, or be refused. A process may hold one several times over.

    Args:
        path: what is written, there or not yet.
        doing: what is done with it, for those who find it locked: "encoding".

    Raises:
        LoomError: another process has it, the disk has no locks, or its folder cannot be written.
    """
    lock = _lock(path)
    if not _taken(lock, path):
        raise LoomError(
            f"{path} is in use by another process ({_who(path)}).", "Wait until that one has ended, then try again."
        )
    with _holding(lock, path, doing):
        yield


def hold_when_free(
    path: Path, doing: str, should_stop: Callable[[], bool] = lambda: False
) -> Generator[Event, None, AbstractContextManager[None]]:
    """Wait for the lock; used as `with (yield from hold_when_free(...)):`.

    Args:
        path, doing: as for `held`.
        should_stop: asked while waiting.

    Yields:
        a Note that says who has it, if it has to be waited for.

    Raises:
        LoomError: as `held`, but for another process that has it.
        Stopped: `should_stop` said so.
    """
    lock, told = _lock(path), False
    while not _taken(lock, path):
        if not told:
            yield Note(f"Waiting for another process that uses {path} ({_who(path)}).")
            told = True
        if should_stop():
            raise Stopped("Stopped while waiting; nothing was changed.", "Give the same command again.")
        time.sleep(POLL)
    return _holding(lock, path, doing)


def is_held(path: Path) -> bool:
    """Whether a process writes a file or folder now, this one included; False where no lock can be made."""
    lock = _lock(path)
    if lock.is_locked:
        return True
    if not path.with_name(f".{path.name}.lock").exists():
        return False
    try:
        if not _taken(lock, path):
            return True
    except LoomError:
        return False
    lock.release()
    return False


def wait_until_free(path: Path) -> AbstractContextManager[None]:
    """Wait for the lock of a moment's work without a word; a context that holds it. Raises as `held`."""
    lock = _lock(path)
    while not _taken(lock, path):
        time.sleep(POLL)
    return _holding(lock, path, "a moment's work")


def _lock(path: Path) -> FileLock:
    return FileLock(path.with_name(f".{path.name}.lock"), is_singleton=True, thread_local=False)


def _taken(lock: FileLock, path: Path) -> bool:
    """Take the lock if it is free; whether it was."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        _check_it_can_be_made(lock, path)
        return False
    except NotImplementedError as error:
        raise _no_locks(path) from error
    except OSError as error:
        raise _no_locks(path) if error.errno in _NO_LOCKS else from_os_error(error, f"locking {path}") from error
    return True


def _check_it_can_be_made(lock: FileLock, path: Path) -> None:
    """Raise a LoomError where nobody has a lock, but its file cannot be made, as in /proc: filelock waits for it."""
    try:
        os.close(os.open(lock.lock_file, os.O_RDWR | os.O_CREAT))
    except FileNotFoundError as error:
        raise writing_nowhere(path) from error
    except OSError:
        pass  # it is there, and another's


@contextmanager
def _holding(lock: FileLock, path: Path, doing: str) -> Iterator[None]:
    """Let go of a lock that was taken; say meanwhile who has it."""
    owner, first = _owner(path), lock.lock_counter == 1
    try:
        if first:
            with suppress(OSError):  # it is a courtesy; a full disk is told by what is written next
                owner.write_text(json.dumps(_about(doing)) + "\n", encoding="utf-8")
        yield
    finally:
        if first:
            with suppress(OSError):
                owner.unlink(missing_ok=True)
        lock.release()


def _no_locks(path: Path) -> LoomError:
    return LoomError(
        f"The disk of {path.parent} has no file locks, so two programs could overwrite each other's work.",
        "Choose a folder on another disk with --workspace DIR, or have locks enabled where it is mounted.",
    )


def _owner(path: Path) -> Path:
    return path.with_name(f".{path.name}.owner")


def _about(doing: str) -> dict[str, object]:
    since = datetime.now().astimezone().isoformat(timespec="seconds")
    return {"doing": doing, "pid": os.getpid(), "host": socket.gethostname(), "since": since}


def _who(path: Path) -> str:
    """Who holds a lock, as far as that is known: "encoding, process 123 on ada, since ..."."""
    try:
        about = json.loads(_owner(path).read_text(encoding="utf-8"))
        return f"{about['doing']}, process {about['pid']} on {about['host']}, since {about['since']}"
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "it has not said which"
