"""The table at the end, and the trials that found something."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tests.stress.trials import Outcome
from tests.stress.verdicts import BAD, VERDICTS

LISTED = 60
"""Bad trials that are listed by name."""
_LONGEST = 200


def table(outcomes: Sequence[Outcome]) -> str:
    """A row for every command and pair, a column for every verdict."""
    counted = Counter((outcome.trial.name, outcome.verdict.word) for outcome in outcomes)
    names = sorted({name for name, _ in counted}, key=lambda name: ("+" in name, name))
    lines = [f"{'':28s}" + "".join(f"{word:>22s}" for word in VERDICTS)]
    for name in names:
        lines.append(f"{name:28s}" + "".join(f"{counted[name, word]:22d}" for word in VERDICTS))
    totals = [sum(counted[name, word] for name in names) for word in VERDICTS]
    return "\n".join([*lines, f"{'all':28s}" + "".join(f"{total:22d}" for total in totals)])


def story_of(outcome: Outcome) -> str:
    """What happened in a trial, and what it came to."""
    verdict = f"{outcome.verdict.word}: {outcome.verdict.why}"
    lines = [f"--- {outcome.trial.id} {outcome.trial.what}, {outcome.seconds:.2f} s", *outcome.story, verdict]
    return "\n".join(line for line in lines if line.strip()) + "\n\n"


def bad_ones(outcomes: Sequence[Outcome], options: str) -> str:
    """The trials that found something, with what to repeat them by."""
    bad = [outcome for outcome in outcomes if outcome.verdict.word in BAD]
    lines = [
        f"{outcome.trial.id:12s} {outcome.trial.what:24s} {outcome.verdict.word}: {outcome.verdict.why}"[:_LONGEST]
        for outcome in bad[:LISTED]
    ]
    if len(bad) > LISTED:
        lines.append(f"and {len(bad) - LISTED} more")
    if bad:
        lines.append(f"To see one: python -m tests.stress {options} --repeat {bad[0].trial.id}")
    return "\n".join(lines)
