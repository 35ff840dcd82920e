"""Trials of the fourth kind: two commands at once on one workspace.

Both may succeed, as if one had waited for the other; or one says that the other has it. What is there afterwards must
be what the successful ones leave when they are given one after the other, in one order or the other.
"""

from __future__ import annotations

from itertools import permutations

from tests.stress import commands as c
from tests.stress.children import Child, Ended
from tests.stress.commands import Command
from tests.stress.contents import Contents
from tests.stress.laboratory import Laboratory
from tests.stress.trials import Story, Trial
from tests.stress.verdicts import BAD, CLEAR, LOST, RIGHT, UNFORESEEN, WRONG, Verdict, ending, message, same

Side = tuple[Command, ...]
NEAR = 0.05
"""Seconds between two commands that begin almost together."""

PAIRS: dict[str, tuple[Side, Side]] = {
    "train + train": ((c.TRAIN,), (c.TRAIN_OTHER,)),
    "train + same train": ((c.TRAIN,), (c.TRAIN,)),
    "resume + resume": ((c.RESUME,), (c.RESUME,)),
    "encode + project": ((c.ENCODE,), (c.PCA,)),
    "encode + encode": ((c.ENCODE,), (c.ENCODE,)),
    "encode + encode one": ((c.ENCODE,), (c.ENCODE_ONE,)),
    "resume + encode": ((c.RESUME,), (c.ENCODE,)),
    "train + encode": ((c.TRAIN,), (c.ENCODE,)),
    "corpus + corpus": ((c.NEW,), (c.NEW_OTHER,)),
    "corpus --replace + train": ((c.CORPUS_OTHER,), (c.TRAIN,)),
    "corpus --replace + encode": ((c.CORPUS_OTHER,), (c.ENCODE,)),
    "project + project": ((c.UMAP_VAE,), (c.UMAP_M1,)),
    "project pca + umap": ((c.PCA,), (c.UMAP,)),
    "project + newer encode": ((c.UMAP,), (c.RESUME, c.ENCODE)),
}


def orders(pair: str) -> list[Side]:
    """Every way to give the commands of a pair, or of one side alone, one after the other."""
    sides = PAIRS[pair]
    found = [order for count in (1, 2) for order in permutations(sides, count)]
    return [sum(order, ()) for order in found]


def make(trial: Trial, laboratory: Laboratory, story: Story) -> Verdict:
    """Make one trial."""
    choose = trial.choose()
    sides = PAIRS[trial.what]
    usual = [laboratory.undisturbed(side).ended.seconds for side in sides]
    delays = [choose.uniform(0, NEAR), choose.uniform(0, NEAR)]
    late = choose.randrange(3)
    if late < 2:
        delays[late] = choose.uniform(0, usual[1 - late])
    with laboratory.copy() as root:
        children = [
            Child([each.line(root, laboratory.sources) for each in side], laboratory.scratch(), root, delay=delay)
            for side, delay in zip(sides, delays, strict=True)
        ]
        with children[0] as first, children[1] as second:
            ended = [first.wait(), second.wait()]
        for side, delay, each in zip(sides, delays, ended, strict=True):
            words = "; ".join(command.key for command in side)
            story.tell(f"{words}, begun after {delay:.3f} s: exit code {each.code}", each.out, each.err)
        return _verdict(sides, ended, laboratory, root_holds=laboratory.holds(root))


def _verdict(sides: tuple[Side, Side], ended: list[Ended], laboratory: Laboratory, root_holds: Contents) -> Verdict:
    endings = [ending(each) for each in ended]
    for each in endings:
        if each.word in BAD:
            return each
    succeeded = [side for side, each in zip(sides, ended, strict=True) if each.code == 0]
    told = " / ".join(message(each) for each in ended if each.code)
    if not succeeded:
        if not same(root_holds, laboratory.before).bad:
            return Verdict(UNFORESEEN, f"both failed: {told}")
        return Verdict(LOST, f"both failed, and something is another: {told}")
    wanted = [_left_by(sum(order, ()), laboratory) for order in permutations(succeeded)]
    possible = [each for each in wanted if each is not None]
    if not possible:
        return Verdict(WRONG, "both succeeded, which they cannot one after the other")
    differences = [same(root_holds, each) for each in possible]
    for each in differences:
        if not each.bad:
            return Verdict(CLEAR, told) if told else Verdict(RIGHT)
    gone = [each for each in differences if each.word == LOST]
    return gone[0] if len(gone) == len(differences) else next(each for each in differences if each.word != LOST)


def _left_by(order: Side, laboratory: Laboratory) -> Contents | None:
    """What these leave one after the other; None if one of them fails then."""
    serial = laboratory.undisturbed(order)
    return serial.after if not any(serial.codes) else None
