"""Trials of the second and third kind: a command is killed, or meets a full disk; then it is given again."""

from __future__ import annotations

import random
from pathlib import Path

from engine.storage.files import settle_all
from tests.stress.children import Child, Ended
from tests.stress.commands import EVERY, Command
from tests.stress.full_disk import BOUNDS, Disk
from tests.stress.laboratory import Laboratory
from tests.stress.steps import StopAt
from tests.stress.survival import again, survived, tidied
from tests.stress.trials import Story, Trial
from tests.stress.verdicts import CLEAR, RIGHT, UNFORESEEN, Verdict, ending, message, same, worst

AT_A_STEP = 0.65
"""Share of the kills that meet a step of publishing; the others come at a random moment."""
LATEST = 1.1
"""The latest random moment, in the command's usual duration."""


def kill(trial: Trial, laboratory: Laboratory, story: Story) -> Verdict:
    """Kill a command, look at what is left, and give it again."""
    choose = trial.choose()
    command = EVERY[trial.what]
    undisturbed = laboratory.undisturbed([command])
    with laboratory.copy() as root:
        stop_at, kill_after = None, None
        if undisturbed.ended.steps and choose.random() < AT_A_STEP:
            stop_at = StopAt(choose.randrange(undisturbed.ended.steps), choose.random() < 0.5)
        else:
            kill_after = choose.uniform(0, LATEST * undisturbed.ended.seconds)
        side = "after" if stop_at and stop_at.after else "before"
        when = f"step {stop_at.step}, {side} it" if stop_at else f"{kill_after:.3f} s"
        story.tell(f"$ {' '.join(command.line(root, laboratory.sources))}", f"to be killed at {when}")
        ended = laboratory.run(command, root, stop_at, kill_after)
        story.tell(f"exit code {ended.code} after {ended.seconds:.2f} s", ended.out, ended.err)
        if ended.code >= 0 and ending(ended).bad:
            return ending(ended)
        return _afterwards(command, root, laboratory, story)


def fill_disk(trial: Trial, laboratory: Laboratory, story: Story, disk: Disk) -> Verdict:
    """Let a command meet a full disk, look at what is left, and give it again when there is room."""
    choose = trial.choose()
    command = EVERY[trial.what]
    room = _room(choose)
    with laboratory.copy() as copied:
        root = disk.with_copy(copied)
        story.tell(
            f"$ {' '.join(command.line(root, laboratory.sources))}", f"{room} bytes left on the disk ({disk.how})"
        )
        ended = _in_little_room(command, root, room, laboratory, disk)
        story.tell(f"exit code {ended.code} after {ended.seconds:.2f} s", ended.out, ended.err)
        verdict = ending(ended)
        if verdict.bad:
            return verdict
        disk.make_room()
        afterwards = _afterwards(command, root, laboratory, story)
        return afterwards if afterwards.bad or ended.code == 0 else Verdict(CLEAR, message(ended))


def _in_little_room(command: Command, root: Path, room: int, laboratory: Laboratory, disk: Disk) -> Ended:
    line = command.line(root, laboratory.sources)
    with Child([line], laboratory.scratch(), root, largest_file=disk.leave(room)) as child:
        return child.wait()


def _room(choose: random.Random) -> int:
    """Bytes that are left: often hardly any, sometimes enough for all but the last file."""
    return choose.choice((0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)) * BOUNDS


def _afterwards(command: Command, root: Path, laboratory: Laboratory, story: Story) -> Verdict:
    """What is left, and what the same command makes of it."""
    undisturbed = laboratory.undisturbed([command])
    settle_all(root / "corpora")  # as whoever reads next does
    left = survived(command, laboratory.before, laboratory.holds(root), undisturbed.after)
    story.tell(f"what is left: {left.word} {left.why}")
    line = command.line(root, laboratory.sources, *again(command, lambda pattern: any(root.glob(pattern))))
    ended = laboratory.run(line, root)
    story.tell(f"$ {' '.join(line)}", f"exit code {ended.code} after {ended.seconds:.2f} s", ended.out, ended.err)
    ends = ending(ended)
    if ended.code != 0 and not ends.bad:
        ends = Verdict(UNFORESEEN, f"given again it fails: {message(ended)}")
    if ends.bad:
        return worst([left, ends])
    found = tidied(laboratory.holds(root), laboratory.before, undisturbed.after)
    return worst([left, same(found, undisturbed.after), Verdict(RIGHT)])
