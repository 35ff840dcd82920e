"""What must be there after a command was cut short: all that was there before, and of the rest no mixture."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from tests.stress.commands import Command
from tests.stress.contents import Contents
from tests.stress.verdicts import LOST, RIGHT, WRONG, Verdict, kept, worst

_CHECKPOINT = re.compile(r"(runs/[^/]+/variants/[^/]+)/step-(\d{9})\.(json|safetensors|optimiser\.safetensors)$")
_WHOLE = {"json", "safetensors", "optimiser.safetensors"}


def survived(command: Command, before: Contents, mid: Contents, after: Contents) -> Verdict:
    """The verdict on what a cut-off command left.

    Args:
        command: which one.
        before: what was there when it began.
        mid: what is there now.
        after: what would be there had it not been disturbed.
    """
    verdicts = [kept(before, mid, command.is_to_write)]
    units = {_unit(name) for name in (before.keys() | mid.keys()) if command.is_to_write(name)}
    for unit in sorted(units):
        if unit.startswith("runs/"):
            verdicts.append(_checkpoints(unit, before, mid, after))
        else:
            verdicts.append(_whole(unit, before, mid, after))
    return worst(verdicts)


def _unit(name: str) -> str:
    """What is published together: a corpus, a run, else a single file."""
    parts = PurePosixPath(name.split(":")[0]).parts
    return "/".join(parts[:2]) if parts[0] in ("corpora", "runs") else "/".join(parts)


def _whole(unit: str, before: Contents, mid: Contents, after: Contents) -> Verdict:
    """It is what it was or what it was to be."""
    was, now, wanted = (_of(unit, each) for each in (before, mid, after))
    if now in (was, wanted):
        return Verdict(RIGHT)
    missing = sorted(was.keys() - now.keys())
    if missing:
        return Verdict(LOST, f"{missing[0]} is gone")
    return Verdict(WRONG, f"{unit} is neither what it was nor what it was to be")


def _checkpoints(unit: str, before: Contents, mid: Contents, after: Contents) -> Verdict:
    """Every checkpoint that is there is whole and the undisturbed one; the newest is not older than before."""
    newest_before, newest = _newest(_of(unit, before)), _newest(_of(unit, mid))
    for folder, step in newest_before.items():
        if newest.get(folder, -1) < step:
            return Verdict(LOST, f"{folder} had a checkpoint of step {step}, and has none as new")
    for name, digest in _of(unit, mid).items():
        found = _CHECKPOINT.match(name)
        possible = {each[name] for each in (before, after) if name in each}
        if found and _step_exists(found, mid) and possible and digest not in possible:
            return Verdict(WRONG, f"{name} is another one")
    for name in ("run.json", "vocabulary.txt"):
        path = f"{unit}/{name}"
        if path in before and before[path] != mid.get(path):
            return Verdict(LOST, f"{path} is gone or another one")
    return Verdict(RIGHT)


def _step_exists(found: re.Match[str], contents: Contents) -> bool:
    return f"{found[1]}/step-{found[2]}.json" in contents


def _newest(contents: Contents) -> dict[str, int]:
    """The newest whole checkpoint of every variant."""
    parts: dict[tuple[str, int], set[str]] = {}
    for name in contents:
        if found := _CHECKPOINT.match(name):
            parts.setdefault((found[1], int(found[2])), set()).add(found[3])
    newest: dict[str, int] = {}
    for (folder, step), there in parts.items():
        if there == _WHOLE:
            newest[folder] = max(step, newest.get(folder, -1))
    return newest


def _of(unit: str, contents: Contents) -> Contents:
    return {
        name: digest for name, digest in contents.items() if name.startswith((f"{unit}/", f"{unit}:")) or name == unit
    }


def tidied(found: Contents, before: Contents, wanted: Contents) -> Contents:
    """What is there, without older checkpoints that a killed training no longer came to delete."""
    return {
        name: digest
        for name, digest in found.items()
        if name in wanted or not _CHECKPOINT.match(name) or before.get(name) != digest
    }


def again(command: Command, exists: Callable[[str], bool]) -> tuple[str, ...]:
    """What to add to a command line that was cut off: a training with a checkpoint is taken up."""
    if command.name == "train" and exists("runs/fresh/variants/*/step-*"):
        return ("--resume",)
    return ()
