"""A CUDA device that torch believes in, in a build of it for CPUs. To be had before torch is imported."""

from __future__ import annotations

import ctypes
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

COMPILER = shutil.which("g++")
SOURCE = Path(__file__).with_suffix(".cpp")


def compiled(folder: Path) -> Path:
    """The library that makes torch believe, compiled once into a folder."""
    assert COMPILER is not None
    spec = importlib.util.find_spec("torch")
    assert spec is not None
    assert spec.origin is not None
    torch, library = Path(spec.origin).parent, folder / "device.so"
    if not library.exists():
        own = torch / "lib"
        command = [COMPILER, "-w", "-O0", "-shared", "-fPIC", "-std=c++20", f"-I{torch / 'include'}", str(SOURCE)]
        subprocess.run(
            [*command, "-o", str(library), f"-L{own}", "-lc10", "-ltorch_cpu", f"-Wl,-rpath,{own}"], check=True
        )
    return library


def believe(library: Path) -> None:
    """Have torch, once it is imported, believe that there is a CUDA device."""
    assert "torch" not in sys.modules, "torch has looked for devices already"
    ctypes.CDLL(str(library), ctypes.RTLD_GLOBAL)
