"""Making trials, by several workers, within a bounded time."""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.stress import cut_short, damaged_files, pairs
from tests.stress.children import end, fork, wait_for
from tests.stress.drawing import needed
from tests.stress.full_disk import Disk
from tests.stress.laboratory import Laboratory
from tests.stress.trials import Outcome, Story, Trial
from tests.stress.verdicts import Verdict

TELL_EVERY = 15.0
"""Seconds between two lines about how far the trials are."""


@contextmanager
def laboratory_for(trials: Sequence[Trial], umap: bool, workers: int) -> Iterator[Laboratory]:
    """A laboratory that knows what undisturbed commands do; its folder, in memory if there is one, is removed."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="loom-stress-", dir=memory if os.access(memory, os.W_OK) else None) as name:
        laboratory = Laboratory(Path(name), umap)
        laboratory.prepare(needed(trials), workers)
        gc.collect()
        gc.freeze()  # a collection in a child would write to, and so copy, the memory that it shares with this process
        yield laboratory


def make_all(trials: Sequence[Trial], laboratory: Laboratory, workers: int, until: float) -> list[Outcome]:
    """Make trials in so many processes, until `until` (of the monotonic clock) at most.

    Returns:
        what came out, in the order of the trials; fewer than asked for where the time was up.
    """
    files = [laboratory.folder / f"outcomes-{number}" for number in range(workers)]
    pids = [
        fork(lambda number=number, file=file: _work(trials[number::workers], laboratory, number, file, until))
        for number, file in enumerate(files)
    ]
    running = set(pids)
    try:
        while running:
            waited = time.monotonic() + TELL_EVERY
            while running and time.monotonic() < waited:
                running -= {pid for pid in running if wait_for(pid, 0.2) is not None}
            made = sum(file.read_bytes().count(b"\n") for file in files if file.exists())
            print(f"{made} of {len(trials)} trials", file=sys.stderr, flush=True)
    finally:
        for pid in running:
            end(pid)
    by_id = {trial.id: trial for trial in trials}
    outcomes = [_read(line, by_id) for file in files if file.exists() for line in file.read_text().splitlines()]
    place = {trial.id: number for number, trial in enumerate(trials)}
    return sorted(outcomes, key=lambda outcome: place[outcome.trial.id])


def _make_one(trial: Trial, laboratory: Laboratory, disk: Disk) -> Outcome:
    """Make one trial."""
    story = Story()
    if trial.kind == "damage":
        verdict = damaged_files.make(trial, laboratory, story)
    elif trial.kind == "kill":
        verdict = cut_short.kill(trial, laboratory, story)
    elif trial.kind == "disk":
        verdict = cut_short.fill_disk(trial, laboratory, story, disk)
    else:
        verdict = pairs.make(trial, laboratory, story)
    return Outcome(trial, verdict, tuple(story.lines))


def _work(trials: Sequence[Trial], laboratory: Laboratory, number: int, file: Path, until: float) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends the others
    laboratory.as_worker(number)
    disk = Disk.mounted(laboratory.folder / f"disk-{number}")
    with open(file, "a", encoding="utf-8") as outcomes:
        for trial in trials:
            if time.monotonic() >= until:
                return
            began = time.monotonic()
            outcome = _make_one(trial, laboratory, disk)
            line = {
                "id": trial.id,
                "word": outcome.verdict.word,
                "why": outcome.verdict.why,
                "story": outcome.story,
                "seconds": time.monotonic() - began,
            }
            outcomes.write(json.dumps(line) + "\n")
            outcomes.flush()


def _read(line: str, trials: dict[str, Trial]) -> Outcome:
    found = json.loads(line)
    verdict = Verdict(found["word"], found["why"])
    return Outcome(trials[found["id"]], verdict, tuple(found["story"]), found["seconds"])
