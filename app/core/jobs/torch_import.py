"""Importing torch while the window stays alive."""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path

from app.core.jobs.collecting import left_out_of_rounds


def import_torch() -> None:
    """Import torch without holding up the window; call it in a worker's thread.

    Its thousands of modules are left out of the garbage collector's rounds. That is done once: with every run that is
    opened it would be what the run before left behind.
    """
    if "torch" in sys.modules:
        return
    preload_torch()
    with left_out_of_rounds():
        importlib.import_module("torch")


def preload_torch() -> None:
    """Load torch's shared objects ahead of `import torch`.

    Python's import keeps every other thread waiting while the system loads and links them (a few tenths of a second).
    A call through ctypes does not, so the window goes on. What does not load this way is left to the import.
    """
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return
    folder = Path(spec.origin).parent / "lib"
    preload([folder / each for stem in ("c10", "torch_cpu", "torch", "torch_python") for each in library_names(stem)])


def library_names(stem: str) -> tuple[str, ...]:
    """What a shared object is called on this system."""
    return (f"{stem}.dll",) if sys.platform == "win32" else (f"lib{stem}.so", f"lib{stem}.dylib")


def preload(paths: Sequence[Path]) -> None:
    """Load those of these shared objects that there are."""
    if sys.platform == "win32":
        load = ctypes.WinDLL("kernel32").LoadLibraryExW
        arguments: tuple[object, ...] = (None, 0x1100)  # search beside the library, then in the usual folders
    else:
        load, arguments = ctypes.CDLL(None).dlopen, (2,)  # RTLD_NOW: link now, in this thread
    load.restype = ctypes.c_void_p
    for path in paths:
        if path.is_file():
            load(str(path) if sys.platform == "win32" else str(path).encode(), *arguments)
