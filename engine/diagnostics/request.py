"""What is asked of a diagnosis: which variants, which step, how many sentences and samples. No torch."""

from __future__ import annotations

from dataclasses import dataclass

from engine.config import Variant
from engine.errors import LoomError, UsageError
from engine.runs.best import Step, best_steps, steps_in_words
from engine.runs.compared import compared
from engine.runs.run import Run
from engine.storage.latent_cache import ACTIVE_UNIT_THRESHOLD

MOST_SENTENCES = 10_000
"""Taken at most unless more are asked for: the aggregate posterior compares every sentence with every other."""
WEIGHTED = 200
"""Sentences that are importance-sampled unless told otherwise; each costs as many decodings as there are samples."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which sentences are measured, and with what.

    Args:
        sentences: the first so many of the store.
        weighted: how many of those are importance-sampled; it costs `samples` decodings each.
        samples: K.
        seed: of all noise, and of who swaps z with whom.
    """

    sentences: int
    weighted: int
    samples: int
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """What to diagnose.

    Args:
        variants: names; all if empty.
        sentences: the first so many of the test set; None for all up to 10,000.
        weighted: how many of them are importance-sampled.
        samples: K.
        threshold: of an active unit.
        seed: of everything random.
        step: of the checkpoint; None for the newest that all these variants have; "best" for the best of each by the
            validation part.
    """

    variants: tuple[str, ...] = ()
    sentences: int | None = None
    weighted: int = WEIGHTED
    samples: int = 100
    threshold: float = ACTIVE_UNIT_THRESHOLD
    seed: int = 0
    step: Step | None = None

    def plan(self, available: int) -> Plan:
        """Which sentences of so many are measured.

        Raises:
            UsageError: a number makes no sense.
            LoomError: there are too few.
        """
        self.check()
        if available < 2:
            raise LoomError("The test set has fewer than two sentences.", "Prepare the corpus from more text.")
        sentences = min(self.sentences or MOST_SENTENCES, available)
        return Plan(sentences, min(self.weighted, sentences), self.samples, self.seed)

    def check(self) -> None:
        """Tell what is wrong with the numbers before a corpus is prepared or a model loaded for them.

        Raises:
            UsageError: one makes no sense.
        """
        for name, value, least in (
            ("sentences", self.sentences, 2),
            ("weighted", self.weighted, 2),
            ("samples", self.samples, 1),
        ):
            if value is not None and value < least:
                raise UsageError(f"--{name} {value} is too few.", f"Give {least} or more.")
        if not self.threshold >= 0:
            raise UsageError(f"--threshold {self.threshold:g} is no variance.", "Give 0 or more, such as 0.01.")


def steps_of(run: Run, variants: tuple[Variant, ...], wanted: Step | None) -> tuple[Step, dict[str, int]]:
    """The step that was asked for, or the one that all commands compare, and of which step each variant is.

    A model that was stopped earlier takes the others back. Only the best steps may be several.

    Raises:
        LoomError: not all of them have it.
    """
    if wanted == "best":
        return wanted, best_steps(run, variants)
    step = _common_step(run, variants, wanted)
    return step, {variant.name: step for variant in variants}


def _common_step(run: Run, variants: tuple[Variant, ...], wanted: int | None) -> int:
    steps = {variant.name: set(run.checkpoints(variant.name).steps()) for variant in variants}
    common = set.intersection(*steps.values())
    if wanted is None and common:
        at = compared(run).steps
        same = {at[variant.name] for variant in variants}
        return same.pop() if len(same) == 1 else max(common)
    if wanted is not None and wanted in common:
        return wanted
    kept = "; ".join(f"{name}: {', '.join(map(str, sorted(each))) or 'none'}" for name, each in steps.items())
    what = f"no checkpoint of step {wanted}" if wanted is not None else "no checkpoint that all these variants have"
    mend = "" if all(steps.values()) else " Train on what has none with --resume, or leave it out with --variants."
    raise LoomError(f"Run {run.name!r} has {what}.", f"Kept are {kept}.{mend}")


def note_of(run: Run, variants: tuple[Variant, ...], wanted: Step | None, step: Step) -> str:
    """What to tell where not everybody's newest step is taken; else "". `step` is that of `steps_of`."""
    if wanted == "best":
        return f"Of each variant its best step by the validation part: {steps_in_words(best_steps(run, variants))}."
    at = compared(run, wanted)
    return at.note if at.step == step else ""
