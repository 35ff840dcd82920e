"""Commands under stress: damaged files, kills, full disks and pairs. `make stress`, or `python -m tests.stress`.

Prints a table of verdicts per command and the trials that found something, and ends with 1 if one did.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time

# Before numpy, torch and numba are loaded: one thread each, and none that a fork would lose.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
os.environ |= {"NUMBA_THREADING_LAYER": "workqueue", "OMP_WAIT_POLICY": "PASSIVE", "CUDA_VISIBLE_DEVICES": ""}

TRIALS = 3000
MINUTES = 14.5


def main() -> int:
    """Make the trials that are asked for; returns the exit code."""
    began = time.monotonic()
    parser = argparse.ArgumentParser(prog="python -m tests.stress", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=0, help="of all that is drawn")
    parser.add_argument("--trials", type=int, default=TRIALS, help="how many")
    parser.add_argument("--only", metavar="COMMAND", help="trials of one row of the table")
    parser.add_argument("--workers", type=int, default=2, help="processes that make trials")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="after which no more trials are begun")
    parser.add_argument("--without-umap", action="store_true", help="leave UMAP out, which takes a while to compile")
    parser.add_argument("--repeat", metavar="ID", help="make one trial, and print what it did")
    parser.add_argument("--tell", action="store_true", help="print of every bad trial what it did")
    options = parser.parse_args()

    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that the folder is removed
    import torch

    torch.set_num_threads(1)
    from tests.stress.drawing import draw
    from tests.stress.report import bad_ones, story_of, table
    from tests.stress.running import laboratory_for, make_all
    from tests.stress.verdicts import BAD

    umap = not options.without_umap
    try:
        trials = draw(options.seed, options.trials, umap, options.only)
    except ValueError as error:
        parser.error(str(error))
    if options.repeat:
        trials = [trial for trial in trials if trial.id == options.repeat]
        if not trials:
            parser.error(f"There is no trial {options.repeat!r} among the first {options.trials}.")
    with laboratory_for(trials, umap, options.workers) as laboratory:
        prepared = time.monotonic()
        outcomes = make_all(trials, laboratory, options.workers, began + 60 * options.minutes)
    ended = time.monotonic()
    if options.tell or options.repeat:
        print("".join(story_of(outcome) for outcome in outcomes if outcome.verdict.bad or options.repeat))
    print(table(outcomes))
    print(bad_ones(outcomes, f"--seed {options.seed}{' --without-umap' * options.without_umap}"))
    print(f"{len(outcomes)} trials in {ended - prepared:.0f} s, after {prepared - began:.0f} s of preparing.")
    if len(outcomes) < len(trials):
        print(f"{len(trials) - len(outcomes)} trials were not made: time was up, or a worker ended.")
    return int(len(outcomes) < len(trials) or any(outcome.verdict.word in BAD for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
