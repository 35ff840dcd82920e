"""A small seeded part of the stress: some sixty trials of every kind. `make stress` makes three thousand.

They are made by a process of their own: its children are forks, which the threads of this one would not survive.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SEED, COUNT = 2, 60
ONLY_BAD = ("--tell", "--without-umap", "--minutes", "2")


@pytest.mark.skipif(sys.platform != "linux", reason="the trials fork, mount and read /proc as Linux does")
def test_no_trial_is_wrong_without_a_word_unforeseen_or_lost() -> None:
    line = [sys.executable, "-m", "tests.stress", "--seed", str(SEED), "--trials", str(COUNT), *ONLY_BAD]
    ended = subprocess.run(line, cwd=CHECKOUT, capture_output=True, text=True, timeout=240)
    assert ended.returncode == 0, ended.stdout + ended.stderr
