"""Which checkpoint of each variant is the best, by the validation part that its corpus was given.

The log says it: a line of the split "validation" has the bound that was measured there, and at a checkpoint whether
that was the best so far. A training never deletes the checkpoints of the steps found here. Where the corpus has no
validation part there is no best step: what decides must not be what is trained on or tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from engine.config import Variant
from engine.errors import LoomError, UsageError
from engine.runs.metrics import read_lines
from engine.runs.run import Run

Step = int | Literal["best"]
"""Which checkpoints are asked for: those of one step, or of each variant its best."""


def bound(variant: Variant, reconstruction: float, kl: float) -> float:
    """What a variant is trained for once its weights have settled: (1+m) log p(x|z) - w KL, nats a sentence.

    Args:
        variant: its m, and w, the last weight of its KL.
        reconstruction: mean log p(x|z).
        kl: mean KL.
    """
    return (1.0 + variant.m) * reconstruction - variant.kl_schedule.end * kl


def best_step(run: Run, variant: str) -> int | None:
    """The checkpoint of a variant with the best bound on the validation part; None where nothing says so."""
    there = set(run.checkpoints(variant).steps())
    marked = [
        line["step"]
        for line in read_lines(run.metrics_path(variant), ("validation",))
        if line.get("best") is True and line["step"] in there
    ]
    return marked[-1] if marked else None


def best_steps(run: Run, variants: Sequence[Variant]) -> dict[str, int]:
    """The best step of each of some variants.

    Raises:
        LoomError: one of them has none.
    """
    found = {variant.name: best_step(run, variant.name) for variant in variants}
    lacking = [name for name, step in found.items() if step is None]
    if lacking:
        raise LoomError(
            f"Nothing says which step of {', '.join(lacking)} in run {run.name!r} is the best: no checkpoint of it was "
            "measured on a validation part.",
            "Give --step a number. A best step is known where the corpus was given such a part, before the training: "
            "python main.py corpus TRAIN --valid FILE --name NAME",
        )
    return {name: step for name, step in found.items() if step is not None}


def shared_best(run: Run, variants: Sequence[Variant]) -> int:
    """The best step of some variants, where it is the same.

    Raises:
        LoomError: one of them has none.
        UsageError: they are not the same.
    """
    found = best_steps(run, variants)
    if len(set(found.values())) > 1:
        raise UsageError(
            f"What is compared here is of one step, and each variant has its own best: {steps_in_words(found)}.",
            f"Every variant has those steps: give one, such as --step {max(found.values())}, or fewer --variants.",
        )
    return max(found.values())


def steps_in_words(steps: dict[str, int]) -> str:
    """Steps by variant, in words."""
    return ", ".join(f"{name} {step:,}" for name, step in steps.items())


def asked_step(text: str | None) -> Step | None:
    """What `--step` says.

    Raises:
        UsageError: it is neither a step nor `best`.
    """
    if text is None:
        return None
    if text == "best":
        return "best"
    if not (text.isascii() and text.isdigit()) or len(text) > 12:
        raise UsageError(f"--step {text!r} is no step.", "Give a whole number, such as 2000, or best.")
    return int(text)
