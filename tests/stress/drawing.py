"""The list of trials, drawn from one seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count, islice

from tests.stress import commands as c
from tests.stress.commands import EVERY, Command
from tests.stress.pairs import PAIRS, orders
from tests.stress.trials import Trial

SHARES = {"damage": 60, "kill": 25, "disk": 9, "pair": 6}
"""Trials of each kind among a hundred."""
KILLED = (
    c.TRAIN,
    c.RESUME,
    c.CORPUS_OTHER,
    c.NEW,
    c.ENCODE,
    c.ENCODE_ONE,
    c.PCA,
    c.UMAP,
    c.UMAP_M1,
    *c.TABLE_COMMANDS,
    c.CURVES,
)


def draw(seed: int, number: int, umap: bool, only: str | None = None) -> list[Trial]:
    """So many trials.

    Args:
        seed: of the drawing.
        number: how many.
        umap: whether those that need UMAP are among them.
        only: a command or pair: those of its row alone. Their names are those they have among all.

    Raises:
        ValueError: there is no such row.
    """
    known = {kind: _whats(kind) for kind in SHARES}
    names = sorted({_name(kind, what) for kind, whats in known.items() for what in whats})
    if only and only not in names:
        raise ValueError(f"There are no trials of {only!r}. There are: {', '.join(names)}.")
    drawn = (
        trial for trial in _endless(seed, known) if only in (None, trial.name) and (umap or not _needs_umap(trial))
    )
    return list(islice(drawn, number))


def needed(trials: Sequence[Trial]) -> list[tuple[Command, ...]]:
    """The commands whose undisturbed results these trials are compared with, as they follow each other."""
    found: dict[tuple[str, ...], tuple[Command, ...]] = {}
    for trial in trials:
        for order in orders(trial.what) if trial.kind == "pair" else [(EVERY[trial.what],)]:
            found[tuple(each.key for each in order)] = order
    return list(found.values())


def _endless(seed: int, known: dict[str, list[str]]) -> Iterator[Trial]:
    """Kinds take turns by their shares, and commands take turns within a kind: every hundred trials are alike."""
    made = dict.fromkeys(SHARES, 0)
    for turn in count(1):
        kind = max(SHARES, key=lambda each: SHARES[each] * turn / 100 - made[each])
        number = made[kind]
        made[kind] += 1
        what = known[kind][number % len(known[kind])]
        yield Trial(kind, number, seed, what, _name(kind, what))


def _needs_umap(trial: Trial) -> bool:
    sides = PAIRS[trial.what] if trial.kind == "pair" else ((EVERY[trial.what],),)
    return any(command.umap for side in sides for command in side)


def _whats(kind: str) -> list[str]:
    if kind == "pair":
        return list(PAIRS)
    commands = c.DAMAGED if kind == "damage" else KILLED
    if kind == "damage" and _there_is("verify"):
        commands = (*commands, *c.VERIFY)
    return [each.key for each in commands]


def _name(kind: str, what: str) -> str:
    return what if kind == "pair" else EVERY[what].name


def _there_is(name: str) -> bool:
    from engine.cli.app import app

    return any(
        command.callback is not None and command.callback.__name__ == name for command in app.registered_commands
    )
