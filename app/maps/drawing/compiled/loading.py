"""Has the compiled loops ready without holding up the window.

Numba compiles them once on a machine, some ten seconds of work, and keeps them on the disk; from then on they are read
within half a second. They are compiled by a process of its own, as a thread that compiles would hold up the window
again and again. Until they are there, and where numba cannot be had, maps are drawn by numpy.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from app.core.jobs.aside import Aside, aside
from app.core.jobs.collecting import left_out_of_rounds
from app.core.jobs.torch_import import library_names, preload
from engine.maps.numba_cache import give_numba_a_folder, is_compiled, note_compiled
from engine.workspace import CHECKOUT

_NAME = "app.maps.drawing.compiled.kernels"
_LAST = "nearest"  # the function that is compiled last
_loaded: list[ModuleType] = []


def kernels() -> ModuleType | None:
    """The compiled loops, None until they are loaded."""
    return _loaded[0] if _loaded else None


def load() -> None:
    """Load them now, and compile them first where that has not been done on this machine.

    Raises:
        ImportError: numba cannot be had here.
    """
    if not _loaded:
        give_numba_a_folder()
        _loaded.append(importlib.import_module(_NAME))


def load_aside() -> Aside:
    """Load them in another thread; where they must be compiled first, by another process."""
    return aside(_load_compiled)


def _load_compiled() -> None:
    give_numba_a_folder()
    source = Path(__file__).with_name("kernels.py")
    if not is_compiled(source, _LAST):
        made = subprocess.run([sys.executable, "-c", f"import {_NAME}"], cwd=CHECKOUT, capture_output=True)
        if made.returncode:
            return
        note_compiled(source)
    found = find_spec("llvmlite")
    if found is not None and found.origin is not None:
        folder = Path(found.origin).parent / "binding"
        preload([folder / each for each in library_names("llvmlite")])
    with left_out_of_rounds():
        load()
