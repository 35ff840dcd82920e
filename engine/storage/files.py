"""Publishing files whole.

A reader never sees half a file: everything is written beside its final place, flushed to the disk and moved over
with `os.replace`. Operating system errors (a full disk, no permission) become `LoomError`s that name the file, and
what stood there before stays.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import re
import secrets
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from engine.errors import LoomError, from_os_error
from engine.storage.locks import wait_until_free


@contextmanager
def publish(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; on success flush it and move it over `path`, else remove it.

    What a killed process of this machine left of an earlier attempt is removed as well. Writers that must not meet hold
    the lock of `path` (`locks.held`).

    Raises:
        LoomError: the file could not be written (full disk, no permission), or something that is no file is there.
    """
    scratch = path.with_name(_scratch_name(path, ".tmp"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            raise LoomError(f"{path} is no regular file, so nothing is put in its place.", "Name another file.")
        _clear_left_overs(path)
        yield scratch
        with open(scratch, "rb+") as handle:
            os.fsync(handle.fileno())
        scratch.chmod(0o644)  # safetensors makes files that only their owner can read
        os.replace(scratch, path)
        sync_folder(path.parent)
    except OSError as error:
        raise from_os_error(error, f"writing {path}") from error
    finally:
        with suppress(OSError):  # where the folder itself could not be made, there is nothing to remove
            scratch.unlink(missing_ok=True)


@contextmanager
def publish_folder(path: Path) -> Iterator[Path]:
    """Like `publish`, for a folder of files that belong together. An existing folder is replaced as a whole.

    The caller holds the lock of `path`. A folder cannot be moved over another one, so for a moment there is neither; a
    reader that meets that moment, or finds that the writer was killed in it, calls `settled`.

    Raises:
        LoomError: as `publish`.
    """
    scratch, retired = (path.with_name(_scratch_name(path, suffix)) for suffix in (".tmp", ".old"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        clear_all_left_overs(path)
        scratch.mkdir()
        yield scratch
        for file in scratch.rglob("*"):
            if file.is_file():
                with open(file, "rb+") as handle:
                    os.fsync(handle.fileno())
            else:
                sync_folder(file)
        sync_folder(scratch)
        if path.exists():
            os.replace(path, retired)
        os.replace(scratch, path)
        sync_folder(path.parent)
    except OSError as error:
        if retired.exists() and not path.exists():
            os.replace(retired, path)
        raise from_os_error(error, f"writing {path}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.rmtree(retired, ignore_errors=True)


def settled(path: Path) -> Path:
    """A published folder, put back first where its writer was killed between taking it away and putting another there.

    Returns:
        `path`, whether there is anything or not.

    Raises:
        LoomError: it cannot be put back.
    """
    if not path.exists() and _retired(path):
        with wait_until_free(path):
            if not path.exists() and (folders := _retired(path)):
                try:
                    os.replace(folders[-1], path)
                except OSError as error:
                    raise from_os_error(error, f"putting back {path}") from error
    return path


def settle_all(folder: Path) -> None:
    """`settled` for whatever was taken away in a folder, such as `corpora`. Raises as `settled`."""
    for retired in folder.glob(".*.old"):
        if found := re.fullmatch(r"\.(.+)\.(?:[0-9a-f]+-\d+-[0-9a-f]+|\d+)\.old", retired.name):
            settled(folder / found[1])


def clear_all_left_overs(path: Path) -> None:
    """Remove whatever killed processes of any machine left beside `path`; only for who holds its lock.

    A folder that was taken away, and for which nothing was put in its place, is put back.
    """
    for folder in _retired(path)[::-1]:
        if not path.exists():
            os.replace(folder, path)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    for scratch in _beside(path, ".tmp"):
        _remove(scratch)


def sync_folder(folder: Path) -> None:
    """Flush the names in a folder to the disk, where the system can: a rename is safe only then."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network disks refuse it
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _scratch_name(path: Path, suffix: str) -> str:
    """A name that no other process has: of this place, its number, and chance."""
    return f".{path.name}.{_place()}-{os.getpid()}-{secrets.token_hex(3)}{suffix}"


@cache
def _place() -> str:
    """Where process numbers mean this process: the machine since its last start, and the container on it."""
    parts = [socket.gethostname(), str(os.getuid()) if hasattr(os, "getuid") else ""]
    for source in ("/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"):
        with suppress(OSError):
            parts.append(os.readlink(source) if os.path.islink(source) else Path(source).read_text().strip())
    return hashlib.blake2b("|".join(parts).encode(), digest_size=4).hexdigest()


def _beside(path: Path, suffix: str) -> list[Path]:
    """What lies unfinished beside a path, the oldest first; also under the names of earlier versions."""
    found = path.parent.glob(f".{glob.escape(path.name)}.*{suffix}")
    own = re.compile(rf"\.{re.escape(path.name)}\.([0-9a-f]+-\d+-[0-9a-f]+|\d+){re.escape(suffix)}")
    return sorted((each for each in found if own.fullmatch(each.name)), key=_age)


def _retired(path: Path) -> list[Path]:
    """Folders that were taken away from `path`, the oldest first."""
    return _beside(path, ".old")


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _clear_left_overs(path: Path) -> None:
    """Remove what a process of this place that was killed left of a file beside `path`."""
    import psutil

    for scratch in _beside(path, ".tmp"):
        place, _, rest = scratch.name.removeprefix(f".{path.name}.").partition("-")
        number = rest.partition("-")[0]
        if place == _place() and number.isdigit() and not psutil.pid_exists(int(number)):
            _remove(scratch)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Publish a UTF-8 text file. Raises like `publish`."""
    with publish(path) as scratch:
        # A file name that is no text (bytes of another encoding) is written in JSON's own way, backslash u.
        scratch.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")


def write_json(path: Path, document: Any) -> None:
    """Publish a JSON document. Raises like `publish`."""
    write_text(path, json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path, what: str) -> Any:
    """Read a JSON document; `what` names it in the error ("the settings of run demo").

    Raises:
        LoomError: the file is missing, unreadable or not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LoomError(f"{what[:1].upper()}{what[1:]} is missing: {path}.") from error
    except OSError as error:
        raise from_os_error(error, f"reading {path}") from error
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise LoomError(
            f"{path} is not valid JSON ({reason}); it should hold {what}.", "Restore it from a copy, or make it again."
        ) from error
