"""What is known of a variant when its numbers are put into words, and what is suggested of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engine.config import USUAL_LOW_RATE, FreeBits
from engine.diagnostics.intervals import Estimate

Verdict = Literal["collapsed", "weak", "healthy"]
_NO_FREE_BITS = FreeBits()


def worth(m: float, beta: float) -> float:
    """How many times as much as the KL the reconstruction counts in the end, (1+m)/beta: 1 of a VAE."""
    return (1.0 + m) / beta


@dataclass(frozen=True, slots=True)
class Other:
    """Another variant of the run: what it is, its KL in nats, and whether its decoder listens to z.

    `worth` is what the function of that name gives for its m and the last weight of its KL.
    """

    label: str
    worth: float
    annealed: bool
    kl: float
    verdict: Verdict = "healthy"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a variant.

    Args:
        label: the variant's, for people.
        metrics: the estimates by name, as `diagnose` computes them.
        kl_per_dimension: nats, one a latent dimension.
        threshold: of an active unit.
        m, annealed, word_drop: how it is trained.
        beta: the last weight of the KL.
        step, steps: of the checkpoint, and of the whole training.
        narrow: whether its first weights were torch's, of which the encoder says nearly the same of every sentence.
        spread: standard deviation of mu over sentences before the first step; None where no log says.
        gained: share of the ELBO gained in about the last fifth of the training so far, and since which step; None
            where no log says.
        paid: share of its last weight that the KL had reached in the training; None where no log says.
        unsettled: nats the importance-weighted bound gained from the last but one of `ladder` to the last.
        ladder: growing numbers of samples a sentence, about a factor of ten apart.
        behind: nats by which its ELBO is below the best of the run, paired; None for the best itself.
        best: label of that best one.
        others: the other variants of the run.
        free_bits: it was trained with.
        lower_rate: a learning rate below its own.
        token: nats that a token costs on average with the sentence's own z (-log p(x|z)); None where nothing says.
        vocabulary: words that a decoder chooses from; 0 where nothing says.
    """

    label: str
    metrics: Mapping[str, Estimate]
    kl_per_dimension: tuple[float, ...]
    threshold: float
    m: float
    annealed: bool
    word_drop: float
    step: int
    steps: int
    narrow: bool = False
    spread: float | None = None
    gained: tuple[float, int] | None = None
    paid: float | None = None
    unsettled: float = 0.0
    ladder: tuple[int, ...] = (1,)
    behind: Estimate | None = None
    best: str = ""
    others: tuple[Other, ...] = ()
    free_bits: FreeBits = _NO_FREE_BITS
    lower_rate: float = USUAL_LOW_RATE
    token: float | None = None
    vocabulary: int = 0
    beta: float = 1.0

    @property
    def worth(self) -> float:
        """As `worth` of its m and beta."""
        return worth(self.m, self.beta)

    def value(self, metric: str) -> float:
        """The value of an estimate."""
        return self.metrics[metric].value


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing to try, and the reason in this variant's numbers."""

    what: str
    because: str
