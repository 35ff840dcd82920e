"""What the doctor says of machines that lack something."""

from __future__ import annotations

import builtins
import subprocess
import sys
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from engine import doctor
from engine.corpus.demo import shipped
from engine.doctor import Check, all_well, checks, qt_mend, required_libraries
from engine.workspace import Workspace

NO_EGL = """Traceback (most recent call last):
  File "<string>", line 1, in <module>
ImportError: libEGL.so.1: cannot open shared object file: No such file or directory
"""
NO_CURSOR = """qt.qpa.plugin: From 6.5.0, xcb-cursor0 or libxcb-cursor0 is needed to load the Qt xcb platform plugin.
This application failed to start because no Qt platform plugin could be initialized.
"""
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not start Qt."""
    started = subprocess.CompletedProcess([], 0, "", "")
    monkeypatch.setattr(subprocess, "run", lambda *args, **kwargs: started)


def found(name: str, workspace: Workspace | None = None) -> Check:
    return next(check for check in checks(workspace) if check.name == name)


@pytest.mark.usefixtures("quick")
def test_everything_is_looked_at_once_and_what_fails_has_a_next_step(tmp_path: Path) -> None:
    looked = checks(Workspace(tmp_path))
    names = [check.name for check in looked]
    assert len(set(names)) == len(names)
    assert {"Python", "torch", "compute device", "display", "Qt", "memory", "disk", "workspace"} <= set(names)
    assert {"demo models", "demo text"} <= set(names)
    assert all(check.detail for check in looked)
    assert all(check.mend for check in looked if not check.ok)


@pytest.mark.usefixtures("quick")
def test_a_workspace_that_does_not_exist_yet_is_judged_by_the_folder_above(tmp_path: Path) -> None:
    assert found("workspace", Workspace(tmp_path / "new" / "one")).ok
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("place", ["notes.txt", "notes.txt/inside"])
def test_a_workspace_that_is_a_file_says_so(place: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")
    check = found("workspace", Workspace(tmp_path / place))
    assert not check.ok
    assert check.detail == f"{tmp_path / 'notes.txt'} is a file, no folder"


def test_a_workspace_that_cannot_be_written_to_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refuse)
    check = doctor._writable(tmp_path)
    assert not check.ok
    assert "Permission denied" in check.detail
    assert "--workspace" in check.mend


def test_a_full_disk_and_little_memory_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import psutil

    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: Usage(10, 10, 0))
    assert not doctor._disk(tmp_path).ok
    monkeypatch.setattr(psutil, "virtual_memory", lambda: namedtuple("M", "total available")(2**33, 2**29))
    check = doctor._memory()
    assert not check.ok
    assert check.detail == "0.5 GB free of 8.0 GB"


def test_a_library_that_is_missing_comes_with_the_command_that_installs_it() -> None:
    check = doctor._library("no-such-library", "1.2.3")
    assert not check.ok
    assert "pip install no-such-library==1.2.3" in check.mend


def test_a_library_of_another_version_is_told_but_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "version", lambda name: "2.13.0+cu128")
    assert doctor._library("torch", "2.13.0") == Check("torch", True, "2.13.0+cu128")
    assert doctor._library("torch", "2.12.0").detail == "2.13.0+cu128 (tested with 2.12.0)"


def test_libraries_are_read_from_the_requirements(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text("# What\n-c constraints.txt\ntorch==2.13.0\nscikit-learn==1.9.1\n")
    assert required_libraries(path) == [("torch", "2.13.0"), ("scikit-learn", "1.9.1")]
    assert required_libraries(tmp_path / "none.txt") == []
    path.write_text('Qt==6.11.3; python_version < "3.12"\nQt==6.12.0; python_version >= "3.12"\n')
    assert required_libraries(path) == [("Qt", "6.11.3" if sys.version_info < (3, 12) else "6.12.0")]
    assert len(required_libraries(doctor._REQUIREMENTS)) > 10


def test_a_missing_display_is_told_but_no_command_needs_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    check = doctor._display()
    assert not check.ok
    assert all_well([check])
    monkeypatch.setenv("DISPLAY", ":97")
    assert "no X server answers" in doctor._display().detail
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert doctor._display().ok


@pytest.mark.parametrize(
    ("told", "mend"),
    [
        (NO_EGL, "sudo apt-get install libegl1"),
        (NO_CURSOR, "sudo apt-get install libxcb-cursor0"),
        (NO_EGL.replace("libEGL.so.1", "libodd-x.so.3.2"), "package that has libodd-x.so.3.2"),
        ("ModuleNotFoundError: No module named 'PySide6'", "pip install"),
        ("Aborted", "QT_QPA_PLATFORM=offscreen"),
    ],
)
def test_what_qt_complains_about_is_turned_into_a_step(told: str, mend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "missing_for_x", lambda environment: [])
    assert mend in qt_mend(told)


def test_a_missing_system_library_of_qt_is_reported_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess([], 1, "", NO_EGL)
    monkeypatch.setattr(subprocess, "run", lambda *args, **kwargs: failed)
    check = doctor._qt()
    assert not check.ok
    assert not all_well([check])
    assert "libEGL.so.1" in check.detail
    assert "libegl1" in check.mend


def test_qt_that_does_not_answer_or_says_nothing_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*args: object, **kwargs: object) -> None:
        raise subprocess.TimeoutExpired("python", 60)

    monkeypatch.setattr(subprocess, "run", hang)
    assert not doctor._qt().ok
    monkeypatch.setattr(subprocess, "run", lambda *args, **kwargs: subprocess.CompletedProcess([], -6, "", ""))
    assert "without a word" in doctor._qt().detail


def test_qt_is_really_started_in_another_process() -> None:
    check = doctor._qt()
    assert check.ok or check.mend
    assert "PySide6" not in doctor.__dict__


def test_torch_that_cannot_be_loaded_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "torch":
            raise OSError("libtorch_cpu.so: cannot open shared object file")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    check = doctor._device()
    assert not check.ok
    assert "libtorch_cpu.so" in check.detail


def test_missing_demo_parts_come_with_the_command_that_brings_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "PACKAGED_DEMO", tmp_path)
    assert "git checkout" in doctor._demo_models().mend
    (tmp_path / "run.json").write_text("{}")
    assert "does not describe a run" in doctor._demo_models().detail
    monkeypatch.undo()
    assert doctor._demo_models().ok
    assert doctor._demo_text().detail.startswith("169,618 sentences")
    monkeypatch.setattr(shipped, "DEMO_TEXT", tmp_path / "none.gz")
    assert "git checkout" in doctor._demo_text().mend


def test_all_that_qt_lacks_on_an_x_server_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Qt names one library, whichever is missing."""
    monkeypatch.setattr(doctor, "missing_for_x", lambda environment: ["libxcb-icccm.so.4", "libxcb-keysyms.so.1"])
    assert qt_mend(NO_CURSOR) == "sudo apt-get install libxcb-icccm4 libxcb-keysyms1"


def test_where_umap_s_compiled_code_is_kept_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert doctor._numba().detail == f"kept in {tmp_path}"
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setattr("engine.maps.numba_cache._usual_folders", lambda: [])
    check = doctor._numba()
    assert not check.ok
    assert "NUMBA_CACHE_DIR" in check.mend
    assert all_well([check])
