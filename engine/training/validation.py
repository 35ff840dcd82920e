"""What a training decides by measuring itself: when an encoder has caught up, and when a learning rate is halved.

It is measured on the validation part of the corpus where one was given, else on sentences of the training text that are
not trained on, so that the test part stays only measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.config import TrainConfig, Variant


def decides(config: TrainConfig, variants: Sequence[Variant]) -> bool:
    """Whether a training measures itself to decide something, and so needs sentences of its own for that."""
    return config.halve_after > 0 or any(variant.encoder_steps for variant in variants)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Sentences that are not trained on: every `every`-th of `total`, `count` of them; 0 for none."""

    total: int
    count: int = 0

    @classmethod
    def of(cls, total: int, most: int, share: float = 0.1) -> HeldOut:
        """At most so many, and at most that share of them."""
        return cls(total, min(most, int(total * share)))

    @property
    def every(self) -> int:
        """The distance of two of them."""
        return self.total // self.count if self.count else self.total + 1

    @property
    def indices(self) -> NDArray[np.int64]:
        """(count,) which they are, ascending."""
        return np.arange(1, self.count + 1, dtype=np.int64) * self.every - 1

    def trained(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Which sentences the others are, by their number among themselves, from 0; the same shape."""
        if not self.count:
            return numbers
        passed = np.minimum(numbers // (self.every - 1), self.count)
        return np.asarray(numbers + passed, dtype=np.int64)

    def lengths_of_trained(self, lengths: NDArray[Any]) -> NDArray[Any]:
        """(total - count,) of (total,) lengths, those of the others."""
        return np.delete(lengths, self.indices) if self.count else lengths


@dataclass
class Progress:
    """What one variant has decided so far by what was measured of it.

    Attributes:
        lagging: whether the encoder still takes steps of its own.
        best_information: the largest mutual information yet, nats.
        best_bound: the largest value yet of what is trained, nats.
        stalled: measurements since then.
        halvings: of the learning rate.
    """

    lagging: bool
    best_information: float = -float("inf")
    best_bound: float = -float("inf")
    stalled: int = 0
    halvings: int = 0

    @property
    def rate(self) -> float:
        """The factor on the learning rate."""
        return 0.5**self.halvings

    def take(self, information: float, bound: float | None, halve_after: int) -> list[str]:
        """Decide by a measurement.

        Args:
            information: the mutual information of sentences and z, nats.
            bound: what the variant is trained for, on the same sentences, nats; None while that still changes.
            halve_after: measurements without a better bound after which the rate is halved; 0 for never.

        Returns:
            what was decided, as parts of a sentence whose subject is the variant.
        """
        said = []
        if self.lagging and information < self.best_information:
            self.lagging = False
            said.append(
                "ends the steps of its encoder alone, as the mutual information no longer rises "
                f"({information:.4g} nats after {self.best_information:.4g})"
            )
        self.best_information = max(self.best_information, information)
        if bound is None:
            return said
        if bound > self.best_bound:
            self.best_bound, self.stalled = bound, 0
        else:
            self.stalled += 1
        if halve_after and self.stalled >= halve_after:
            self.halvings, self.stalled = self.halvings + 1, 0
            said.append(f"has its learning rate halved to {self.rate:g} of the plan's")
        return said

    def as_tensor(self) -> Tensor:
        """(5,) for a checkpoint, in double precision."""
        numbers = (float(self.lagging), self.best_information, self.best_bound, self.stalled, self.halvings)
        return torch.tensor(numbers, dtype=torch.float64)

    @classmethod
    def from_tensor(cls, numbers: Tensor) -> Progress:
        """What `as_tensor` gave."""
        lagging, information, bound, stalled, halvings = numbers.tolist()
        return cls(bool(lagging), information, bound, int(stalled), int(halvings))
