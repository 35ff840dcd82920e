"""Publishing files whole.

A reader never sees half a file: everything is written beside its final place, flushed to the disk and moved over
with `os.replace`. Operating system errors (a full disk, no permission) become `LoomError`s that name the file, and
what stood there before stays. Only regular files and folders are replaced: a link stays and what it leads to is
replaced, and a device or a pipe is never taken away, but written to where a person may have meant it (`export`).
"""

from __future__ import annotations

import errno
import glob
import hashlib
import json
import os
import re
import secrets
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from engine.errors import LoomError, from_os_error, writing_nowhere
from engine.storage.locks import wait_until_free
from engine.streams import held_open, is_stream, stream_to, takes_no_files


@contextmanager
def publish(path: Path, make_folder: bool = True) -> Iterator[Path]:
    """Give a temporary path beside `path`; on success flush it and move it over `path`, else remove it.

    What a killed process of this machine left of an earlier attempt is removed as well. Writers that must not meet hold
    the lock of `path` (`locks.held`).

    Args:
        path: the file. Where it is a link, the link stays and the file that it leads to is replaced.
        make_folder: whether a folder that is missing is made. Not for the files of a folder that was made before and
            may be deleted meanwhile, such as a run's, which would come back with these files alone.

    Raises:
        LoomError: the file could not be written (full disk, no permission), its folder is gone, or something that is no
            file is there.
    """
    place = _behind_links(path)
    scratch = place.with_name(_scratch_name(place, ".tmp"))
    try:
        if make_folder:
            _make_folder_of(path)
        if _is_other(path):
            raise LoomError(f"{path} is no regular file, so nothing is put in its place.", "Name another file.")
        _clear_left_overs(place)
        yield scratch
        if place.parent.is_dir() and not scratch.exists():
            raise LoomError(f"{path} was deleted while it was written.", "Give the same command again.")
        _flush(scratch)
        scratch.chmod(0o644)  # safetensors makes files that only their owner can read
        os.replace(scratch, place)
        sync_folder(place.parent)
    except OSError as error:
        raise writing_failed(error, path) from error
    finally:
        with suppress(OSError):  # where the folder itself could not be made, there is nothing to remove
            scratch.unlink(missing_ok=True)


@contextmanager
def export(path: Path) -> Iterator[Path]:
    """As `publish`, for a place that a person has named: a device or a pipe there (/dev/stdout, say) is written to.

    Raises:
        LoomError: as `publish`; or nobody reads the pipe.
    """
    if not is_stream(path):
        with publish(path) as scratch:
            yield scratch
        return
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder) / "exported"
            with open(Path(folder) / "exported", "rb") as made, stream_to(path) as stream:
                shutil.copyfileobj(made, stream)
    except OSError as error:
        raise writing_failed(error, path) from error


def export_all(files: Iterable[tuple[Path, Callable[[Path], object]]]) -> None:
    """`export` several files, each with what writes it at a path: all of them, or none if one cannot be written.

    Devices and pipes among them are written to first, once everything is made: what is in its place can be taken back,
    and what went into those cannot.

    Raises:
        LoomError: as `export`, of the first that cannot be written.
    """
    in_order = sorted(files, key=lambda file: is_stream(file[0]))  # what is entered last leaves first
    with ExitStack() as stack:
        for path, _ in in_order:
            stack.enter_context(_put_back_on_failure(path))
        for path, write in in_order:
            scratch = stack.enter_context(export(path))
            write(scratch)
            _flush(scratch)  # a disk may be found full only now, and nothing is in its place yet


@contextmanager
def _put_back_on_failure(path: Path) -> Iterator[None]:
    """Have a file as it was, or neither it nor its folder, where what follows fails after it was put in its place.

    Raises:
        LoomError: what is there cannot be kept meanwhile.
    """
    place = _behind_links(path)
    kept = place.with_name(_scratch_name(place, ".tmp"))
    new, made = not os.path.lexists(place), [folder for folder in place.parents if not folder.exists()]
    if place.is_file() and not is_stream(path):
        try:
            with suppress(OSError):  # a disk without links, or a file of somebody else
                os.link(place, kept)
            if not kept.exists():
                shutil.copy2(place, kept)
        except OSError as error:
            raise writing_failed(error, path) from error
    whole = False
    try:
        yield
        whole = True
    finally:
        with suppress(OSError):
            if not whole and new:
                place.unlink(missing_ok=True)
                for folder in made:
                    folder.rmdir()
            elif not whole and kept.exists():
                os.replace(kept, place)
        with suppress(OSError):
            kept.unlink(missing_ok=True)


@contextmanager
def publish_folder(path: Path) -> Iterator[Path]:
    """Like `publish`, for a folder of files that belong together. An existing folder is replaced as a whole.

    The caller holds the lock of `path`. A folder cannot be moved over another one, so for a moment there is neither; a
    reader that meets that moment, or finds that the writer was killed in it, calls `settled`.

    Raises:
        LoomError: as `publish`.
    """
    place = _behind_links(path)
    scratch, retired = (place.with_name(_scratch_name(place, suffix)) for suffix in (".tmp", ".old"))
    try:
        _make_folder_of(path)
        clear_all_left_overs(place)
        scratch.mkdir()
        yield scratch
        for file in scratch.rglob("*"):
            if file.is_file():
                _flush(file)
            else:
                sync_folder(file)
        sync_folder(scratch)
        if place.exists():
            os.replace(place, retired)
        os.replace(scratch, place)
        sync_folder(place.parent)
    except OSError as error:
        if retired.exists() and not place.exists():
            os.replace(retired, place)
        raise writing_failed(error, path) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.rmtree(retired, ignore_errors=True)


def _flush(file: Path) -> None:
    with open(file, "rb+") as handle:
        os.fsync(handle.fileno())


def writing_failed(error: OSError, path: Path) -> LoomError:
    """What to say of a file that could not be written; that its folder is gone, if that is why."""
    folders = _behind_links(path).parents
    if isinstance(error, FileNotFoundError) and not folders[0].is_dir():
        gone = next(folder for folder in reversed(folders) if not folder.is_dir())
        if takes_no_files(gone.parent):
            return writing_nowhere(gone)
        return LoomError(
            f"The folder {gone} is not there any more: it was deleted or moved while {path.name} was to be written.",
            "Put it back and give the same command again (a training: with --resume), or begin anew.",
        )
    if isinstance(error, FileNotFoundError) and takes_no_files(folders[0]):
        return writing_nowhere(path)
    return from_os_error(error, f"writing {path}")


def settled(path: Path) -> Path:
    """A published folder, put back first where its writer was killed between taking it away and putting another there.

    Returns:
        `path`, whether there is anything or not.

    Raises:
        LoomError: it cannot be put back.
    """
    place = _behind_links(path)
    if not place.exists() and _retired(place):
        with wait_until_free(path):
            if not place.exists() and (folders := _retired(place)):
                try:
                    os.replace(folders[-1], place)
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


def _behind_links(path: Path) -> Path:
    """What a path names in the end; itself where it is no link."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _make_folder_of(path: Path) -> None:
    """Make the folder that a path lies in. Where a link leads to a disk that is not mounted, none is made there."""
    if not path.is_symlink():
        path.parent.mkdir(parents=True, exist_ok=True)
    elif _behind_links(path).is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def _is_other(path: Path) -> bool:
    """Whether something is at a path that must not be replaced as a file is: a folder, a device, a pipe, a socket."""
    return path.exists() and (not path.is_file() or held_open(path) is not None)


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


def write_text(path: Path, text: str, make_folder: bool = True) -> None:
    """Publish a UTF-8 text file. Arguments and errors as of `publish`."""
    with publish(path, make_folder) as scratch:
        fill(scratch, text)


def write_json(path: Path, document: Any, make_folder: bool = True) -> None:
    """Publish a JSON document. Arguments and errors as of `publish`."""
    write_text(path, json_text(document), make_folder)


def json_text(document: Any) -> str:
    """A JSON document as files of ours have it."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def export_text(path: Path, text: str) -> None:
    """`export` of a UTF-8 text file. Raises as that."""
    with export(path) as scratch:
        fill(scratch, text)


def fill(scratch: Path, text: str) -> None:
    """Write a text to a place that `publish`, `export` or `export_all` has given."""
    # A file name that is no text (bytes of another encoding) is written in JSON's own way, backslash u.
    scratch.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")


def read_json(path: Path, what: str, way_out: str = "Restore it from a copy, or make it again.") -> Any:
    """Read a JSON document.

    Args:
        path: of the file.
        what: names it in the error ("the settings of run demo").
        way_out: what to do where it is missing, or no JSON, such as one that is cut off.

    Raises:
        LoomError: the file is missing, unreadable or not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LoomError(f"{path} is missing; it should hold {what}.", way_out) from error
    except OSError as error:
        raise from_os_error(error, f"reading {path}") from error
    except (ValueError, RecursionError) as error:
        raise LoomError(f"{path} is not valid JSON ({_why_no_json(error)}); it should hold {what}.", way_out) from error


def _why_no_json(error: ValueError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, json.JSONDecodeError):
        if error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated"):
            return f"it is cut off in line {error.doc.count(chr(10)) + 1}"
        return f"what stands in line {error.lineno}, from letter {error.colno} on, does not belong there"
    return "it is no text in UTF-8" if isinstance(error, UnicodeDecodeError) else "a number in it is too long"
