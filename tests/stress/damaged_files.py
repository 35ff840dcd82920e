"""Trials of the first kind: one file of the workspace is damaged, then a command is given."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.stress.children import Ended
from tests.stress.commands import EVERY, Command, matches
from tests.stress.contents import Contents
from tests.stress.damage import damage
from tests.stress.hints import follow
from tests.stress.laboratory import Laboratory, Undisturbed
from tests.stress.trials import Story, Trial
from tests.stress.verdicts import (
    CLEAR,
    RIGHT,
    WRONG,
    Verdict,
    document,
    ending,
    kept,
    message,
    part_of,
    same,
    told,
    untouched,
    worst,
)

ELSEWHERE = 0.1
"""Share of the trials that damage any file, whether the command reads it or not."""
_LEAVES_OUT = re.compile(
    r"left out|cannot|could not|damaged|missing|unreadable|not |instead|newest|anew|again|out of date|skip"
    r"|that is compared"
)
_LOG = re.compile(r"(metrics|probe)\.jsonl$|process\.json$|probe\.json$")


def make(trial: Trial, laboratory: Laboratory, story: Story) -> Verdict:
    """Make one trial."""
    choose = trial.choose()
    command = EVERY[trial.what]
    with laboratory.copy() as root:
        name = _file(root, command, choose)
        said = damage(root / name, choose)
        story.tell(f"{name}: {said}", f"$ {' '.join(command.line(root, laboratory.sources))}")
        before = laboratory.holds(root)
        ended = laboratory.run(command, root)
        story.tell(f"exit code {ended.code} after {ended.seconds:.2f} s", ended.out, ended.err)
        after = laboratory.holds(root)
        verdict = ending(ended)
        if verdict.bad:
            return verdict
        undisturbed = laboratory.undisturbed([command])
        if command.name == "verify":
            return _verified(name, command, ended, before, laboratory.before)
        if ended.code == 0:
            return _answered(name, command, ended, undisturbed, before, after, str(root))
        answer = document(ended, str(root))
        if isinstance(answer, dict) and not part_of(answer, undisturbed.answer):
            return Verdict(WRONG, "answers beside an error that are not the undisturbed ones")
        advised, way, at_last = follow(
            command.line(root, laboratory.sources),
            ended,
            root,
            laboratory.sources,
            lambda words: laboratory.run(words, root),
        )
        story.tell(*way)
        said_on_the_way = _LEAVES_OUT.search(" ".join(_told_on(way)))
        if at_last is not None and document(at_last, str(root)) != undisturbed.answer and not said_on_the_way:
            advised = Verdict(WRONG, "after the advice it gives another answer than undisturbed")
        return worst([verdict, untouched(before, after), advised])


def _told_on(way: list[str]) -> list[str]:
    """What the commands of an advice said that succeeded: after "-> 0"."""
    return [step.split(" -> 0 ", 1)[1] for step in way if " -> 0 " in step]


def _file(root: Path, command: Command, choose: random.Random) -> str:
    """The file to damage: one of those that the command reads, mostly."""
    files = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    files = [name for name in files if not name.startswith("out/") and "/." not in name]
    if choose.random() < ELSEWHERE:
        return choose.choice(files)
    pattern = choose.choice(command.reads)
    return choose.choice([name for name in files if matches(name, (pattern,))] or files)


def _answered(
    name: str,
    command: Command,
    ended: Ended,
    undisturbed: Undisturbed,
    before: Contents,
    after: Contents,
    root: str,
) -> Verdict:
    """The verdict on a command that succeeded beside a damaged file."""
    lost = kept(before, after, command.is_to_write)
    if lost.bad:
        return lost
    made = same(after, undisturbed.after, _to_compare(name, command, before, after))
    answer = document(ended, root)
    if answer == undisturbed.answer and not made.bad:
        return Verdict(RIGHT)
    news = told(ended, undisturbed.ended)
    if _LEAVES_OUT.search(news) or _lists_damage(answer):
        return Verdict(RIGHT, f"said what it left out: {news}")
    return made if made.bad else Verdict(WRONG, "another answer than undisturbed")


def _to_compare(name: str, command: Command, before: Contents, after: Contents) -> Callable[[str], bool]:
    """Which contents must be those of an undisturbed command.

    The damaged file itself is left out where the command did not write it, and where it is a log: lines that cannot
    be read stay in it, and whoever reads it leaves them out. `project` adds to a cache, and answers for no array that
    it neither reads nor writes; `encode` makes a new cache, and answers for all of it.
    """
    parts = [each for each in before.keys() | after.keys() if each.split(":")[0] == name]
    left_alone = all(before.get(each) == after.get(each) for each in parts)
    removed = not any(each.split(":")[0] == name for each in before)

    def compare(each: str) -> bool:
        damaged = each.split(":")[0] == name
        others = "--variants" in command.arguments and each.split(":")[-1].startswith("variants/autogen-m1")
        if removed and damaged and ("/projections" in each or others):
            return False  # nobody can keep the maps and the other variants of a cache that is not there
        if removed and name.endswith("/maps.json") and (".maps/" in each or "/projections" in each):
            return False  # nor the maps that a list named which is not there
        if command.name == "project" and not damaged and ".maps/" in each and name.endswith("/tiny.h5"):
            return False  # a map within the cache that was damaged is made anew beside it, in one file with the others
        as_it_was = left_alone or (command.name == "project" and before.get(each) == after.get(each))
        return command.is_to_write(each) and not (damaged and (as_it_was or bool(_LOG.search(name))))

    return compare


def _lists_damage(answer: Any) -> bool:
    """Whether an answer says itself what could not be read."""
    listed = answer.get("damaged_lines", {}) if isinstance(answer, dict) else {}
    return isinstance(listed, dict) and any(listed.values())


def _verified(name: str, command: Command, ended: Ended, before: Contents, sound: Contents) -> Verdict:
    """`verify` must name the damaged file, unless what it holds is what it held, or nothing vouches for it."""
    asked = "tiny" in command.arguments
    places = [f"{place}/tiny" if asked else f"{place}/" for place in ("corpora", "runs", "cached_latents")]
    covered = name.startswith(tuple(places)) and not _LOG.search(name)
    if Path(name).name in ended.out + ended.err:
        return Verdict(RIGHT if ended.code == 0 else CLEAR, message(ended))
    if covered and same(before, sound).bad:
        return Verdict(WRONG, f"verify did not name {name}")
    return Verdict(RIGHT)
