"""The steps of all variants as one: their recurrent layers in one product a word, their optimisers one after the other.

The twins' own weights and optimisers are moved, as by `Twin.step`, so that either way may take the next step.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from engine.config import ModelConfig
from engine.models.lstm_cell import why_not
from engine.training.gradients import gradients_together
from engine.training.graphs.inputs import Inputs
from engine.training.graphs.twin import Twin


class Together:
    """The twins of several variants, moved at once.

    Args:
        twins: with LSTMs.
    """

    def __init__(self, twins: Sequence[Twin]) -> None:
        self._twins = list(twins)

    def step(self, inputs: Inputs) -> None:
        """One optimiser step of every twin on the inputs as they are; can be captured, as a twin's own."""
        self.forget_gradients()
        first = self._twins[0]
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
            twin.descend(terms)

    def forget_gradients(self) -> None:
        """Leave no gradients."""
        for twin in self._twins:
            twin.forget_gradients()


def can_go_together(model: ModelConfig, variants: int, device: torch.device) -> bool:
    """Whether it may be worth while: several variants of LSTMs on CUDA, and enough memory for graphs of both ways."""
    if device.type != "cuda" or model.cell != "lstm" or variants < 2 or why_not(device):
        return False
    free, whole = torch.cuda.mem_get_info(device)
    return free >= 0.5 * whole
