"""A monkey plays in the window: `make monkey` for an hour, or `python -m tests.monkey`.

It does what a person can do, quickly and without sense, and finds exceptions, Qt's messages, waiting without end, and
whatever is shown at rest that is not so. It measures long turns of the event loop, with the function that caused each,
and memory by minute. The same seed wants the same in the same order; how far the window has come meanwhile is not the
same, so what it finds to do it to may be something else.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tests.monkey.stalls import LONG, MOST

if TYPE_CHECKING:
    from tests.monkey.findings import Journal
    from tests.monkey.play import Record
    from tests.monkey.stalls import Stall

# As `main.py` does before torch is loaded, and where nothing is said a window that nobody sees.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

MINUTES = 60.0
MOST_GROWTH = 50.0
"""Megabytes."""


def main() -> int:
    """Play, and print what was found; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.monkey", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=0, help="of all that is drawn")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="how long")
    parser.add_argument("--log", type=Path, default=Path("out/monkey.log"), help="where each action is written first")
    parser.add_argument("--only", nargs="+", metavar="PLACE", default=(), help="maps, runs, bench, train")
    parser.add_argument("--run", default="demo", help="the run that is opened first: demo, small or four")
    parser.add_argument("--findings-only", action="store_true", help="leave stalls and memory out of the exit code")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that the folder is removed

    from app.core.jobs.collecting import left_out_of_rounds

    with left_out_of_rounds():  # as what the window imports; with torch here before it, that would stay in
        from tests.monkey.findings import Journal, listening
        from tests.monkey.laboratory import prepared
        from tests.monkey.play import PLACES, Play
        from tests.monkey.stalls import StallWatch
        from tests.monkey.world import World, own_dialogs

    faulthandler.enable()  # a crash says where it was, beside the last line of the log
    unknown = [each for each in options.only if each not in PLACES]
    if unknown:
        parser.error(f"There is no place {unknown[0]!r}. Choose from {', '.join(PLACES)}.")
    with tempfile.TemporaryDirectory(prefix="monkey-") as folder:
        root = Path(folder)
        prepared(root)
        journal, watch = Journal(options.log), StallWatch()
        journal.write(f"seed {options.seed}, {options.minutes:g} minutes")
        world = World(root, options.seed)
        play = Play(world, journal, watch, options.seed, options.only)
        watch.start()
        with listening(journal), own_dialogs(world):
            try:
                play.open(options.run)
                play.run(options.minutes)
            except KeyboardInterrupt:
                print("Ended before its time; this is what was found until then.")
            finally:
                play.end()
                watch.stop()
        reasons = bad(journal, [] if options.findings_only else watch.stalls, play.record)
        print(report(journal, watch.stalls, play.record))
        print(f"Not as it should be: {'; '.join(reasons)}" if reasons else "All as it should be.")
        print(f"Every action stands in {options.log}; the same is wanted again by --seed {options.seed}.")
        journal.close()
    return int(bool(reasons))


def bad(journal: Journal, stalls: Sequence[Stall], record: Record) -> list[str]:
    """What keeps the play from having gone well, in words."""
    reasons = [f"{count} x {kind}" for kind, count in Counter(found.kind for found in journal.findings).items()]
    long = [stall for stall in stalls if stall.own > MOST]
    if long:
        reasons.append(f"{len(long)} stalls over {1e3 * MOST:.0f} ms")
    if growth(record) > MOST_GROWTH:
        reasons.append(f"memory at rest grew by {growth(record):.0f} MB after its first minutes")
    return reasons


def growth(record: Record) -> float:
    """Megabytes that memory at rest has grown by since it had settled; 0 for a short play."""
    return record.at_rest[-1].resident - record.at_rest[0].resident if record.at_rest else 0.0


def report(journal: Journal, stalls: Sequence[Stall], record: Record) -> str:
    """How it went: what was done, what was found, the stalls by function, memory by minute."""
    lines = ["", "=" * 100, f"{record.deeds} deeds, {record.rests} rests, {record.compared.total()} things compared:"]
    lines += [f"  {count:5d} {what}" for what, count in sorted(record.compared.items())]
    lines += ["", f"{len(journal.findings)} different findings:"]
    lines += [f"  {count:4d} x {kind}: {place[:200]}" for (kind, place), count in journal.counts.most_common()]
    own = [stall for stall in stalls if stall.own > LONG]
    lines += ["", f"{len(own)} stalls over {1e3 * LONG:.0f} ms of the window's own work, by function:"]
    for function, times in _by_function(own):
        told = ", ".join(f"{1e3 * each.own:.0f}" for each in times[:8])
        lines.append(
            f"  {len(times):4d} x {function}: {told}{' ...' * (len(times) > 8)} ms; after: {times[0].after[:80]}"
        )
    lines += [f"  {stall.text()}" for stall in own if stall.own > MOST]
    waits = [stall for stall in stalls if stall.own <= LONG]
    lost, others = sum(stall.interpreter for stall in waits), sum(stall.others for stall in waits)
    lines += [
        f"{len(waits)} more turns were long for other reasons: other threads had the interpreter for {lost:.1f} s, "
        f"other processes the processors for {others:.1f} s.",
        *(
            f"  {stall.text()}"
            for stall in sorted(waits, key=lambda stall: -stall.interpreter)[:5]
            if stall.interpreter > LONG
        ),
        "",
        "memory by minute, MB: " + " ".join(f"{minute.memory:.0f}" for minute in record.minutes),
        "memory at rest:",
        *(f"  {held.text()}" for held in record.at_rest),
        "widgets by minute:    " + " ".join(str(minute.widgets) for minute in record.minutes),
    ]
    return "\n".join(lines)


def _by_function(stalls: Sequence[Stall]) -> list[tuple[str, list[Stall]]]:
    """The longest first, within and between the functions."""
    found: dict[str, list[Stall]] = {}
    for stall in sorted(stalls, key=lambda each: -each.own):
        found.setdefault(stall.function, []).append(stall)
    return list(found.items())


if __name__ == "__main__":
    sys.exit(main())
