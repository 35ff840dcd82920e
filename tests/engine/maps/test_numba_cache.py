"""What numba compiles has a folder everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.maps import numba_cache
from engine.workspace import CHECKOUT

COMPILES = """
import sys
from pathlib import Path
from numba.core import caching
from engine.maps import numba_cache

def refuse(self):
    raise OSError("read-only")

for locator in (caching.InTreeCacheLocator, caching.UserWideCacheLocator):
    locator.ensure_cache_path = refuse
if sys.argv[2] == "helped":
    numba_cache._usual_folders = lambda: []
    numba_cache.give_numba_a_folder()
    folder = numba_cache.numba_folder()
sys.path.insert(0, sys.argv[1])
import compiled
assert compiled.twice(21) == 42
assert list(folder.rglob("*.nbi")), "numba kept nothing there"
print(folder)
"""


def compile_it(tmp_path: Path, helped: str) -> subprocess.CompletedProcess[str]:
    source = "from numba import njit\n\n@njit(cache=True)\ndef twice(x):\n    return 2 * x\n"
    (tmp_path / "compiled.py").write_text(source)
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    command = [sys.executable, "-c", COMPILES, str(tmp_path), helped]
    return subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=120)


def test_numba_compiles_where_neither_packages_nor_home_can_be_written(tmp_path: Path) -> None:
    alone = compile_it(tmp_path, "alone")
    assert "cannot cache function" in alone.stderr
    helped = compile_it(tmp_path, "helped")
    assert helped.returncode == 0, helped.stderr
    assert not Path(helped.stdout.strip()).exists()  # removed with the process


def test_a_folder_that_is_there_or_was_named_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(numba_cache, "_usual_folders", lambda: [tmp_path / "file" / "x", tmp_path / "mine"])
    (tmp_path / "file").write_text("no folder")
    numba_cache.give_numba_a_folder()
    assert "NUMBA_CACHE_DIR" not in os.environ
    assert numba_cache.numba_folder() == tmp_path / "mine"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "named"))
    numba_cache.give_numba_a_folder()
    assert numba_cache.numba_folder() == tmp_path / "named"


def test_what_was_compiled_counts_until_its_source_is_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, python = tmp_path / "loops.py", f"py{sys.version_info.major}{sys.version_info.minor}"
    source.write_text("sort = 1")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kept"))
    (tmp_path / "kept" / "loops_1").mkdir(parents=True)
    numba_cache.note_compiled(source)
    assert not numba_cache.is_compiled(source, "sort")  # nothing is there
    for name in (f"loops.sort-3.{python}.nbi", "loops.fill-3.py20.nbi"):
        (tmp_path / "kept" / "loops_1" / name).write_text("")
    assert numba_cache.is_compiled(source, "sort")
    assert not numba_cache.is_compiled(source, "fill")  # by another Python
    source.write_text("sort = 2")
    assert not numba_cache.is_compiled(source, "sort")
    numba_cache.note_compiled(source)
    assert numba_cache.is_compiled(source, "sort")
