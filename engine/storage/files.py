"""Publishing files whole.

A reader never sees half a file: everything is written beside its final place, flushed to the disk and moved over
with `os.replace`. Operating system errors (a full disk, no permission) become `LoomError`s that name the file, and
what stood there before stays.
"""

from __future__ import annotations

import glob
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from engine.errors import LoomError, from_os_error


@contextmanager
def publish(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; on success flush it and move it over `path`, else remove it.

    What a killed process left of an earlier attempt is removed as well.

    Raises:
        LoomError: the file could not be written (full disk, no permission).
    """
    scratch = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _clear_left_overs(path)
        yield scratch
        with open(scratch, "rb+") as handle:
            os.fsync(handle.fileno())
        scratch.chmod(0o644)  # safetensors makes files that only their owner can read
        os.replace(scratch, path)
    except OSError as error:
        raise from_os_error(error, f"writing {path}") from error
    finally:
        with suppress(OSError):  # where the folder itself could not be made, there is nothing to remove
            scratch.unlink(missing_ok=True)


@contextmanager
def publish_folder(path: Path) -> Iterator[Path]:
    """Like `publish`, for a folder of files that belong together. An existing folder is replaced as a whole.

    Raises:
        LoomError: as `publish`.
    """
    scratch = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    retired = path.with_name(f".{path.name}.{os.getpid()}.old")
    try:
        _clear_left_overs(path)
        scratch.mkdir(parents=True)
        yield scratch
        for file in scratch.rglob("*"):
            if file.is_file():
                with open(file, "rb+") as handle:
                    os.fsync(handle.fileno())
        if path.exists():
            os.replace(path, retired)
        os.replace(scratch, path)
    except OSError as error:
        if retired.exists() and not path.exists():
            os.replace(retired, path)
        raise from_os_error(error, f"writing {path}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.rmtree(retired, ignore_errors=True)


def _clear_left_overs(path: Path) -> None:
    """Remove what a process that was killed left beside `path`; its name holds that process's number."""
    import psutil

    beside = f".{glob.escape(path.name)}.*"
    for folder in (*path.parent.glob(f"{beside}.tmp"), *path.parent.glob(f"{beside}.old")):
        owner = folder.suffixes[-2].lstrip(".") if len(folder.suffixes) > 1 else ""
        if owner.isdigit() and (int(owner) == os.getpid() or not psutil.pid_exists(int(owner))):
            if folder.suffix == ".old" and not path.exists():
                os.replace(folder, path)  # it was killed between taking the earlier folder away and putting the new one
            elif folder.is_dir():
                shutil.rmtree(folder, ignore_errors=True)
            else:
                folder.unlink(missing_ok=True)


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
    except ValueError as error:
        raise LoomError(
            f"{path} is not valid JSON ({error}); it should hold {what}.", "Restore it from a copy, or make it again."
        ) from error
