"""What the end of the program leaves of threads: one that was told to stop closes what it has open first."""

from __future__ import annotations

import subprocess
import sys

import pytest

from engine.workspace import CHECKOUT

PROGRAM = """
import threading, time
from PySide6.QtCore import QCoreApplication
from app.core.jobs.live_worker import LiveWorker

application = QCoreApplication([])
loaded = threading.Event()

def answers(_):
    loaded.set()
    time.sleep(0.5)  # somewhere within a library
    yield 1

def close(_):
    time.sleep(0.5)
    print("closed", flush=True)

worker = LiveWorker(lambda tell: "a file", close=close)
worker.request("select", answers)
worker.start()
loaded.wait()
"""


def after(end: str) -> subprocess.CompletedProcess[str]:
    """How a program with a worker ends, and what it says."""
    command = [sys.executable, "-c", PROGRAM + end]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=CHECKOUT, check=False)


@pytest.mark.parametrize(("end", "code"), [("worker.stop()", 0), ("worker.stop(); raise SystemExit(2)", 2)])
def test_the_program_ends_after_its_threads_have_closed_what_they_had_open(end, code):
    made = after(end)
    assert (made.stdout, made.stderr, made.returncode) == ("closed\n", "", code)


def test_a_worker_that_nobody_stopped_does_not_keep_the_program():
    made = after("")
    assert (made.stdout, made.stderr, made.returncode) == ("", "", 0)
