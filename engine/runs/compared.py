"""Which checkpoint of each variant stands beside those of the others: one rule for whatever opens several models.

Numbers of different steps cannot be compared. A training that is killed between the checkpoints of two variants leaves
one of them ahead, so what is compared is the newest step that every variant has. A variant that was stopped because it
failed holds nobody back: it is taken at its last good checkpoint.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from engine.config import Variant
from engine.errors import LoomError
from engine.runs.failures import has_failed
from engine.runs.run import Run


@dataclass(frozen=True, slots=True)
class Compared:
    """What is compared of a run.

    Attributes:
        steps: by variant; one that has no checkpoint has none here.
        step: of all of them, where one was asked for or not everybody's newest is taken; else None.
        note: what to tell of it, where not everybody's newest step is taken, or those are not the same; else "".
    """

    steps: Mapping[str, int]
    step: int | None = None
    note: str = ""

    @property
    def shared(self) -> int | None:
        """The step of all variants; None where they are not of one, or there is none."""
        steps = set(self.steps.values())
        return steps.pop() if len(steps) == 1 else None


def compared(run: Run, step: int | None = None) -> Compared:
    """Which checkpoints are compared, as they are on the disk now.

    Args:
        run: trained, at least in part.
        step: that was asked for, whether every variant has it or not; None for the newest that all have.
    """
    if step is not None:
        return Compared({variant.name: step for variant in run.variants}, step)
    kept = {variant.name: steps for variant in run.variants if (steps := run.checkpoints(variant.name).steps())}
    newest = {name: steps[-1] for name, steps in kept.items()}
    learning = [name for name in kept if not has_failed(run, name)] or list(kept)  # where all have failed, none goes on
    common = set.intersection(*(set(kept[name]) for name in learning)) if learning else set()
    if not common:
        return Compared(newest, note=_no_common_step(newest))
    chosen = max(common)
    ahead = {name: newest[name] for name in learning if newest[name] != chosen}
    others = {name: newest[name] for name in kept if name not in learning and newest[name] != chosen}
    taken = {name: others.get(name, chosen) for name in kept}
    return Compared(
        taken, chosen if ahead and not others else None, f"{_behind(ahead, chosen)} {_failed(others, chosen)}".strip()
    )


@dataclass(frozen=True, slots=True)
class Present:
    """The variants of a run whose models are there, and what to tell of the others; "" where there are none."""

    variants: tuple[Variant, ...]
    without: str = ""

    @property
    def option(self) -> str:
        """What makes a command take these variants only, after a space; "" where they are all."""
        return f" --variants {','.join(each.name for each in self.variants)}" if self.without else ""


def present(run: Run, step: int | None = None, broken: Collection[str] = ()) -> Present:
    """The variants that have the checkpoint that is compared.

    Args:
        run: trained, at least in part.
        step: as of `compared`.
        broken: variants whose models cannot be loaded.

    Raises:
        LoomError: there is none.
    """
    at = compared(run, step).steps
    there = tuple(
        variant
        for variant in run.variants
        if variant.name not in broken and at.get(variant.name) in run.checkpoints(variant.name).steps()
    )
    if not there:
        of = f" of step {step}" if step is not None else ""
        kept = "; ".join(
            f"{each.name}: {', '.join(map(str, steps))}"
            for each in run.variants
            if (steps := run.checkpoints(each.name).steps())
        )
        hint = f"Train it on: python main.py train {run.settings.corpus.name} --run {run.name} --resume"
        raise LoomError(
            f"None of the variants of run {run.name!r} has a checkpoint{of} that can be read.",
            f"Kept are {kept}." if kept else hint,
        )
    return Present(there, told_without([variant.label for variant in run.variants if variant not in there]))


def comparable(run: Run, step: int | None = None, broken: Collection[str] = ()) -> Present:
    """Of those that are `present`, the variants whose checkpoint is of one step, so that their numbers can be compared.

    One that was stopped earlier is left out, as the others would be taken back for it. Takes what `present` does.

    Raises:
        LoomError: there is none.
    """
    at, there = compared(run, step).steps, present(run, step, broken)
    steps = [at[variant.name] for variant in there.variants if not has_failed(run, variant.name)]
    of_one = set(steps) if len(set(steps)) == 1 else {at[variant.name] for variant in there.variants}
    early = {variant: at[variant.name] for variant in there.variants if at[variant.name] not in of_one}
    if not early:
        return there
    stopped = ", ".join(f"{variant.label}, stopped at step {own:,}" for variant, own in early.items())
    told = f"Without {stopped}: the others are compared at step {of_one.pop():,}."
    return Present(
        tuple(variant for variant in there.variants if variant not in early), f"{there.without} {told}".strip()
    )


def asked_for(run: Run, names: Sequence[str], at_a_step: bool) -> Present:
    """The variants that a command measures: those it names, or all but the stopped ones that cannot be compared.

    Args:
        run: trained, at least in part.
        names: as given; () for none.
        at_a_step: whether a step was given, so that all are of it.

    Raises:
        UsageError: there is no such variant.
        LoomError: as `comparable`.
    """
    if names or at_a_step:
        return Present(run.select(tuple(names)))
    beside = comparable(run)
    return Present(
        tuple(each for each in run.variants if each in beside.variants or not has_failed(run, each.name)),
        beside.without,
    )


def told_without(labels: Sequence[str]) -> str:
    """What to tell of variants that are left out, by their labels; "" where there are none."""
    return f"Without {', '.join(labels)}: no checkpoint that can be read." if labels else ""


def _behind(ahead: Mapping[str, int], step: int) -> str:
    if not ahead:
        return ""
    trained = ", ".join(f"{name} is trained to step {at:,}" for name, at in ahead.items())
    return f"{trained}, but every variant has step {step:,}; that is compared."


def _failed(others: Mapping[str, int], step: int) -> str:
    if not others:
        return ""
    stopped = ", ".join(f"{name} was stopped and is taken at step {at:,}" for name, at in others.items())
    return f"{stopped}; the others at step {step:,}."


def _no_common_step(newest: Mapping[str, int]) -> str:
    if len(set(newest.values())) < 2:
        return ""
    listed = ", ".join(f"{name} {at:,}" for name, at in newest.items())
    return f"There is no step that every variant has, so the newest of each is compared: {listed}."
