"""What this machine has and lacks, with the command that mends it.

Nothing heavy is imported but torch, and Qt only in a process of its own: a missing system library can end a process
that tries.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from engine.corpus.demo.shipped import DEMO_TEXT, MEND, demo_sentences
from engine.corpus.reading import Reading
from engine.display import X_LIBRARIES, display_problem, missing_for_x
from engine.encoding.packaged import packaged_latents
from engine.errors import LoomError
from engine.fault_log import FaultLog
from engine.maps.numba_cache import numba_folder
from engine.runs.left_over import left_over
from engine.runs.run import Run
from engine.workspace import CHECKOUT, PACKAGED_DEMO, Workspace

OLDEST_PYTHON = (3, 11)
ENOUGH_MEMORY = 2 * 2**30
ENOUGH_DISK = 2**30
_NAMED = 3
"""Caches that are named."""
_REQUIREMENTS = CHECKOUT / "requirements.txt"
_PINNED = re.compile(r"""^([\w.-]+)==([\w.+]+)(?:\s*;\s*python_version\s*(<|>=)\s*"([\d.]+)")?""", re.MULTILINE)
_INSTALL = "python -m pip install -r requirements.txt"
_APT = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libOpenGL.so.0": "libopengl0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
}
_QT_APPLICATION = "from PySide6.QtGui import QGuiApplication; from PySide6 import QtWidgets; QGuiApplication([])"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Args:
        name: what, in a word or two.
        ok: whether it is as it should be.
        detail: what was found.
        mend: the command or step that mends it; empty if all is well.
        needed: whether the program cannot do its work without it. A display is wanted, but commands need none.
    """

    name: str
    ok: bool
    detail: str
    mend: str = ""
    needed: bool = True


def checks(workspace: Workspace | None = None) -> list[Check]:
    """Look at everything; takes a few seconds, most of them for importing torch.

    Args:
        workspace: whose folder and disk are looked at; None for the checkout.
    """
    root = (workspace or Workspace()).root
    return [
        _python(),
        *(_library(name, pinned) for name, pinned in required_libraries(_REQUIREMENTS)),
        _device(),
        _display(),
        _qt(),
        _memory(),
        _disk(root),
        _writable(root),
        _numba(),
        _demo_models(),
        _demo_text(),
        _fault_log(),
        _left_over(workspace or Workspace()),
    ]


def all_well(found: Sequence[Check]) -> bool:
    """Whether everything that is needed is there."""
    return all(check.ok for check in found if check.needed)


def required_libraries(requirements: Path) -> list[tuple[str, str]]:
    """The names and pinned versions in a requirements file, those for this Python; none if the file is missing."""
    if not requirements.is_file():
        return []
    found = _PINNED.findall(requirements.read_text(encoding="utf-8"))
    return [(name, pinned) for name, pinned, than, python in found if not than or _is_for_this_python(than, python)]


def _is_for_this_python(than: str, python: str) -> bool:
    """Whether a library is wanted, given the sign and the number of its `python_version`."""
    here, there = sys.version_info[:2], tuple(map(int, python.split(".")))
    return here < there if than == "<" else here >= there


def _python() -> Check:
    ok = sys.version_info >= OLDEST_PYTHON
    oldest = ".".join(map(str, OLDEST_PYTHON))
    mend = "" if ok else f"Install Python {oldest} or newer, then set the project up anew: make setup"
    return Check("Python", ok, f"{platform.python_version()} on {platform.platform()}", mend)


def _library(name: str, pinned: str) -> Check:
    try:
        found = version(name)
    except PackageNotFoundError:
        return Check(name, False, "not installed", f"{_INSTALL}  (or: python -m pip install {name}=={pinned})")
    # A build's mark, as in 2.13.0+cpu, is no other version.
    same = found.split("+")[0] == pinned.split("+")[0]
    return Check(name, True, found if same else f"{found} (tested with {pinned})")


def _device() -> Check:
    name = "compute device"
    try:
        import torch
    except (ImportError, OSError) as error:
        return Check(name, False, f"torch cannot be loaded: {_first_line(str(error))}", _INSTALL)
    if torch.cuda.is_available():
        memory = torch.cuda.get_device_properties(0).total_memory
        return Check(name, True, f"CUDA: {torch.cuda.get_device_name(0)}, {_gigabytes(memory)} of memory")
    if torch.backends.mps.is_available():
        return Check(name, True, "Apple GPU (MPS)")
    detail = f"CPU, {torch.get_num_threads()} threads"
    if torch.version.cuda is None and shutil.which("nvidia-smi"):
        detail += "; there is an NVIDIA driver, but this torch is built without CUDA (see pytorch.org to install it)"
    return Check(name, True, detail)


def _display() -> Check:
    name = "display"
    if sys.platform in ("win32", "darwin"):
        return Check(name, True, "the desktop", needed=False)
    problem = display_problem()
    if problem is None:
        variables = ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY")
        found = next((variable for variable in variables if os.environ.get(variable)), "")
        return Check(name, True, f"{found}={os.environ.get(found)}", needed=False)
    return Check(
        name,
        False,
        f"none ({problem})",
        "The window needs a desktop; every command works without one (python main.py --help), and `make run` takes the "
        "tour offscreen.",
        needed=False,
    )


def _qt() -> Check:
    """Start Qt in a process of its own, on the display if there is one."""
    name = "Qt"
    environment = dict(os.environ)
    if not _display().ok:
        environment["QT_QPA_PLATFORM"] = "offscreen"
    try:
        ended = subprocess.run(
            [sys.executable, "-c", _QT_APPLICATION], env=environment, capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Check(name, False, f"does not start: {_first_line(str(error))}", _INSTALL)
    if ended.returncode == 0:
        return Check(name, True, "starts")
    return Check(name, False, _qt_problem(ended.stderr), qt_mend(ended.stderr))


def _qt_problem(told: str) -> str:
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    return f"does not start: {lines[-1] if lines else 'it ended without a word'}"


def qt_mend(told: str) -> str:
    """The step that mends what Qt (or Python importing it) complained about."""
    missing = re.search(r"(lib[\w.+-]+?\.so(?:\.\d+)*): cannot open shared object file", told)
    if missing:
        package = _APT.get(missing[1])
        if package:
            return f"sudo apt-get install {package}  (the package that has {missing[1]}, on Debian and Ubuntu)"
        return f"Install the system package that has {missing[1]}."
    if "xcb-cursor0" in told:  # it names this one, whichever is missing
        packages = [X_LIBRARIES[name] for name in missing_for_x({"QT_QPA_PLATFORM": "xcb"})] or ["libxcb-cursor0"]
        return f"sudo apt-get install {' '.join(packages)}"
    if "No module named" in told:
        return _INSTALL
    return "See whether the display can be reached, or set QT_QPA_PLATFORM=offscreen."


def _memory() -> Check:
    try:
        import psutil
    except ImportError:
        return Check("memory", False, "cannot be told without psutil", _INSTALL, needed=False)
    memory = psutil.virtual_memory()
    ok = memory.available >= ENOUGH_MEMORY
    mend = "" if ok else "Close other programs; training also gets by with a smaller --batch."
    return Check("memory", ok, f"{_gigabytes(memory.available)} free of {_gigabytes(memory.total)}", mend)


def _disk(root: Path) -> Check:
    where = _existing(root)
    free = shutil.disk_usage(where).free
    ok = free >= ENOUGH_DISK
    mend = "" if ok else "Free some space, or keep runs and caches on another disk with --workspace DIR."
    return Check("disk", ok, f"{_gigabytes(free)} free at {where}", mend)


def _writable(root: Path) -> Check:
    where = _existing(root)
    if (file := next((at for at in (root, *root.parents) if at.exists() and not at.is_dir()), None)) is not None:
        return Check("workspace", False, f"{file} is a file, no folder", "Name a folder with --workspace DIR.")
    try:
        with tempfile.TemporaryFile(dir=where):
            return Check("workspace", True, f"{root} can be written to")
    except OSError as error:
        reason = error.strerror or str(error)
        return Check("workspace", False, f"{where}: {reason}", "Choose a folder you may write to with --workspace DIR.")


def _numba() -> Check:
    name, folder = "compiled code of UMAP", numba_folder()
    if folder is not None:
        return Check(name, True, f"kept in {folder}", needed=False)
    mend = "Set NUMBA_CACHE_DIR to a folder that can be written; without, each `project` compiles anew (some 20 s)."
    return Check(name, False, "no folder to keep it in can be written", mend, needed=False)


def _demo_models() -> Check:
    name = "demo models"
    mend = "git checkout -- assets/demo  (or train them: python main.py train demo --preset demo)"
    try:
        run = Run.open(PACKAGED_DEMO)
        for variant in run.variants:
            run.checkpoints(variant.name).newest().weights()
        packaged_latents(run)
    except LoomError as error:
        return Check(name, False, error.message, mend)
    return Check(name, True, str(PACKAGED_DEMO))


def _demo_text() -> Check:
    name = "demo text"
    try:
        sentences = sum(map(len, demo_sentences(Reading())))
    except LoomError as error:
        return Check(name, False, error.message, MEND)
    return Check(name, True, f"{sentences:,} sentences in {DEMO_TEXT}")


def _fault_log() -> Check:
    """Where the window writes what went wrong unforeseen, and when it did last; an entry is nothing to mend here."""
    return Check("log of the window", True, FaultLog().told(), needed=False)


def _left_over(workspace: Workspace) -> Check:
    """Caches that nothing can be asked about any more."""
    found = list(left_over(workspace))
    if not found:
        return Check("caches", True, "none is left over", needed=False)
    size = _gigabytes(sum(each.size for each in found))
    names = ", ".join(each.path.name for each in found[:_NAMED]) + (", ..." if len(found) > _NAMED else "")
    told = f"{len(found)} of steps whose checkpoints are gone, {size}: {names}"
    return Check("caches", False, told, "If nobody needs them: python main.py verify --remove-left-over", needed=False)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    folder = folder.absolute()
    return next(each for each in (folder, *folder.parents) if each.is_dir())


def _gigabytes(count: int) -> str:
    return f"{count / 2**30:.1f} GB"


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[0]
