"""What is asked of an evaluation: which variants, which step, how much of everything. No torch."""

from __future__ import annotations

from dataclasses import dataclass

from engine.decoding.options import MOST_SAMPLES, DecodeOptions
from engine.errors import LoomError, UsageError
from engine.evaluation.measures.selection import Selection

LIMIT = 1000
"""Test sentences that are measured unless told otherwise."""
STEPS = 10
"""Even steps of a way between two sentences, as in the paper."""
MOST_PAIRS = 100_000
MOST_MIXED = 10_000
"""Sentences of the mixture of the mutual information at most: every one is compared with every other."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to evaluate.

    Args:
        variants: names; all of the run if empty.
        limit: the first so many test sentences; 0 for all.
        samples: importance samples a sentence, K.
        draws: sentences drawn from the prior.
        pairs: of test sentences that a way is led between.
        beam: width of the beam search.
        seed: of everything random.
        step: of the checkpoints; None for the newest that all these variants have.
        selection: of the measured sentences, that the numbers are taken over.
        judge: train the recurrent language model of the run where it has none, and keep it.
    """

    variants: tuple[str, ...] = ()
    limit: int = LIMIT
    samples: int = 100
    draws: int = 1000
    pairs: int = 500
    beam: int = 10
    seed: int = 0
    step: int | None = None
    selection: Selection = Selection()
    judge: bool = False

    def check(self) -> None:
        """Tell what is wrong with the numbers before a corpus is prepared or a model loaded for them.

        Raises:
            UsageError: one makes no sense.
        """
        for name, value, least, most in (
            ("limit", self.limit, 2, None),
            ("samples", self.samples, 1, None),
            ("draws", self.draws, 2, MOST_SAMPLES),
            ("pairs", self.pairs, 1, MOST_PAIRS),
        ):
            if value < least and not (name == "limit" and value == 0):
                raise UsageError(f"--{name} {value} is too few.", f"Give {least} or more.")
            if most is not None and value > most:
                raise UsageError(f"--{name} {value} is too many.", f"Give {most:,} or fewer.")
        DecodeOptions(beam=self.beam)

    def sentences(self, available: int) -> int:
        """How many of so many test sentences are measured.

        Raises:
            LoomError: there are fewer than two.
        """
        if available < 2:
            raise LoomError("The test set has fewer than two sentences.", "Prepare the corpus from more text.")
        return min(self.limit or available, available)
