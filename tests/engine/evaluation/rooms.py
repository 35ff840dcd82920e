"""What exports say where there is no room for them: a process that may write small files only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def without_room(code: str, folder: Path, *arguments: str) -> list[str]:
    """The lines that a Python process prints which limits the size of its files; it must say nothing else."""
    pytest.importorskip("resource", reason="only Unix limits the size of files")
    command = [sys.executable, "-c", code, str(folder), *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ended.stderr == ""
    return ended.stdout.splitlines()
