"""Compiled loops that come into the window beside what it does, or not at all."""

from __future__ import annotations

import gc
import subprocess
import sys
from types import SimpleNamespace

from app.maps.drawing.compiled import loading


def test_what_is_compiled_already_is_loaded_without_another_process(monkeypatch):
    monkeypatch.setattr(loading, "_loaded", [])
    monkeypatch.setattr(loading, "is_compiled", lambda source, function: source.is_file() and function == "nearest")
    monkeypatch.setattr(subprocess, "run", None)
    assert loading.kernels() is None
    loading.load_aside().join(60)
    assert hasattr(loading.kernels(), "nearest")
    assert gc.isenabled()


def test_what_is_not_compiled_yet_is_compiled_by_another_process_and_if_that_fails_numpy_goes_on(monkeypatch):
    asked, noted = [], []
    monkeypatch.setattr(loading, "note_compiled", noted.append)

    def run(command, returncode, **_):
        asked.append(command)
        return SimpleNamespace(returncode=returncode)

    monkeypatch.setattr(loading, "is_compiled", lambda *_: False)
    for code in (1, 0):
        monkeypatch.setattr(loading, "_loaded", [])
        monkeypatch.setattr(subprocess, "run", lambda command, code=code, **_: run(command, code))
        loading.load_aside().join(60)
        assert (loading.kernels() is None) == bool(code)
    assert asked == [[sys.executable, "-c", "import app.maps.drawing.compiled.kernels"]] * 2
    assert [path.name for path in noted] == ["kernels.py"]
