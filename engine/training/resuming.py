"""From which step a training goes on, and what is told where it cannot, or need not."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import LoomError
from engine.runs.failures import failures
from engine.runs.run import Run
from engine.training.learner import Learner


def newest_common_step(run: Run, learners: Sequence[Learner]) -> int:
    """The newest step that every variant can be taken up at; 0 where they begin, also from weights that were given.

    Raises:
        LoomError: there is none, but there are checkpoints that a beginning would write over; or no variant is left.
    """
    if not learners:
        reasons = "; ".join(f"{name}: {each['reason']}" for name, each in failures(run).items())
        raise LoomError(
            f"Every variant of run {run.name!r} was stopped ({reasons}).", "Train a new run with --run NAME."
        )
    common = set.intersection(*(set(_resumable(learner)) for learner in learners))
    trained = {learner.variant.name: _trained(learner) for learner in learners}
    if common or not any(trained.values()) or cut_short(learners):
        return max(common, default=0)
    listed = "; ".join(f"{name}: {', '.join(map(str, each)) or 'none'}" for name, each in trained.items())
    if set.intersection(*map(set, trained.values())):
        raise LoomError(
            f"Run {run.name!r} cannot go on: there is no step at which every variant has the state of its optimiser "
            f"(checkpoints {listed}).",
            "Copy the files *.optimiser.safetensors back, or train another run from these weights: python main.py "
            f"train {run.settings.corpus.name} --run NAME --from {run.name}",
        )
    raise LoomError(
        f"The variants of run {run.name!r} have no checkpoint in common (steps {listed}).",
        "Copy the missing files back, or train a new run with --run NAME.",
    )


def cut_short(learners: Sequence[Learner]) -> str:
    """What to tell where a training was killed while its very first checkpoint was written, and begins anew; else "".

    Some variants have that one then, whole, and the others have none.
    """
    having = {learner.variant.name: each for learner in learners if (each := _trained(learner))}
    of_one = len(having) < len(learners) and len({tuple(each) for each in having.values()}) == 1
    whole = all(_trained(learner) == _resumable(learner) and len(_trained(learner)) < 2 for learner in learners)
    if not (of_one and whole):
        return ""
    step = next(iter(having.values()))[0]
    return (
        f"Only {', '.join(having)} {'has' if len(having) == 1 else 'have'} the first checkpoint, of step {step:,}: the "
        "training was stopped while it was written, and begins anew."
    )


def kept_step(run: Run) -> int:
    """The newest step at which all variants can be taken up, but those that were stopped; 0 where there is none."""
    kept = [
        set(run.checkpoints(each.name).resumable_steps()) for each in run.variants if each.name not in failures(run)
    ]
    return max(set.intersection(*kept), default=0) if kept else 0


def nothing_to_do(run: Run, corpus: str) -> str:
    """What is said of a run that has finished, where it was to go on."""
    steps = run.settings.train.steps
    longer = f"python main.py train {corpus} --run NAME --steps {2 * steps}"
    stopped = ", ".join(f"{name} at step {each['step']:,}" for name, each in failures(run).items())
    but = f" but of those that were stopped ({stopped})" if stopped else ""
    return (
        f"Run {run.name!r} has finished: all of its {steps:,} steps were trained before{but}, and nothing was trained "
        f"now. Another run can be longer, with the other options as they were: {longer}; with --from {run.name} beside "
        "them it goes on from these weights, by new optimisers and a schedule of its own."
    )


def _trained(learner: Learner) -> list[int]:
    """The steps of a variant's checkpoints but for the weights that it was begun with."""
    return [step for step in learner.checkpoints.steps() if step]


def _resumable(learner: Learner) -> list[int]:
    return [step for step in learner.checkpoints.resumable_steps() if step]
