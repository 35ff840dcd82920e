"""A folder for what numba compiles.

UMAP's functions, and those that draw maps, are compiled by numba and kept, beside their source or in the person's cache
folder. Where neither can be written (packages that are read-only and no home, as in some containers), numba refuses to
import them.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

_VARIABLE = "NUMBA_CACHE_DIR"


def numba_folder() -> Path | None:
    """Where numba will keep what it compiles of UMAP; None if it has no place."""
    if os.environ.get(_VARIABLE):
        return Path(os.environ[_VARIABLE])
    return next((folder for folder in _usual_folders() if _can_be_written(folder)), None)


def is_compiled(source: Path, function: str) -> bool:
    """Whether numba has kept what it compiled of a function, and `note_compiled` was told so of the same source."""
    own = os.environ.get(_VARIABLE)
    folders = [Path(own)] if own else [source.parent / "__pycache__", _own_folder()]
    name = f"{source.stem}.{function}-*.py{sys.version_info.major}{sys.version_info.minor}*.nbi"
    kept = any(any(folder.glob(pattern)) for folder in folders for pattern in (name, f"*/{name}"))
    note = _note(source)
    return kept and note is not None and note.is_file()


def note_compiled(source: Path) -> None:
    """Remember that all of a source has been compiled as it is now."""
    note = _note(source)
    if note is not None:
        with suppress(OSError):
            note.touch()


def _note(source: Path) -> Path | None:
    """What numba compiles depends on the source, and on its own version; it tells nobody whether it has."""
    folder = numba_folder()
    known = f"{version('numba')} {sys.version_info.major}.{sys.version_info.minor}".encode() + source.read_bytes()
    return folder / f"latent-loom-{source.stem}-{sha256(known).hexdigest()[:16]}" if folder is not None else None


def give_numba_a_folder() -> None:
    """Have numba keep what it compiles in a folder of this process, where it has no other. Before it is imported."""
    if numba_folder() is not None:
        return
    folder = tempfile.mkdtemp(prefix="latent-loom-numba-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ[_VARIABLE] = folder
    if "numba" in sys.modules:  # it has looked at its environment already
        sys.modules["numba"].config.CACHE_DIR = folder


def _usual_folders() -> list[Path]:
    """Beside UMAP's source, then that of the person: the order in which numba looks."""
    found = find_spec("umap")
    beside = [Path(found.origin).parent / "__pycache__"] if found is not None and found.origin is not None else []
    return [*beside, _own_folder()]


def _own_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", "")) / "numba" / "Cache"
    if sys.platform == "darwin":
        return Path(os.path.expanduser("~/Library/Caches/numba"))
    return Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "numba"


def _can_be_written(folder: Path) -> bool:
    """Found out by writing, as numba does: what a system says of permissions is not always so."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    return False
