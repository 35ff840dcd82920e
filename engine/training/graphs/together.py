"""The steps of all variants as one: their recurrent layers in one product a word, their optimisers one after the other.

The twins' own weights and optimisers are moved, as by `Twin.step`, so that either way may take the next step.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from engine.config import ModelConfig
from engine.device import numbered
from engine.models.lstm_cell import why_not
from engine.training.gradients import gradients_together
from engine.training.graphs.inputs import Inputs
from engine.training.graphs.twin import Twin


class Together:
    """The twins of several variants, moved at once.

    Args:
        twins: with LSTMs.

    Attributes:
        moved: names of those that a step has moved which then failed; taken again, it moves the others alone.
    """

    def __init__(self, twins: Sequence[Twin]) -> None:
        self._twins = list(twins)
        self.moved: set[str] = set()

    def step(self, inputs: Inputs) -> None:
        """One optimiser step of every twin on the inputs as they are; can be captured, as a twin's own."""
        first = self._twins[0]
        for twin in self._twins:
            twin.forget_gradients()
        found = gradients_together(
            [twin.model for twin in self._twins],
            inputs.batch,
            [twin.learner.variant for twin in self._twins],
            first.learner.config,
            [twin.weight for twin in self._twins],
            [twin.m for twin in self._twins],
            first.latent,
        )
        for twin, terms in zip(self._twins, found, strict=True):
            if (name := twin.learner.variant.name) not in self.moved:
                twin.descend(terms)
                self.moved.add(name)
        self.moved.clear()

    def forget_gradients(self) -> None:
        """Leave no gradients, nor anything of a step that failed."""
        self.moved.clear()
        for twin in self._twins:
            twin.forget_gradients()


def can_go_together(model: ModelConfig, variants: int, device: torch.device) -> bool:
    """Whether it may be worth while: several variants of LSTMs on CUDA, and enough memory for graphs of both ways."""
    if device.type != "cuda" or model.cell != "lstm" or variants < 2 or why_not(numbered(device)):
        return False
    free, whole = torch.cuda.mem_get_info(device)
    kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return free + kept >= 0.5 * whole
