"""A variant as a GPU trains it: wider layers, and everything that changes from step to step in tensors.

The learner beside it has the true shapes. It is brought up to date before anybody looks at it (`give_back`).
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.config import ModelConfig
from engine.models.widening import MULTIPLE, Widening
from engine.training.gradients import clipped, gradients
from engine.training.graphs.inputs import Inputs
from engine.training.learner import Learner, optimiser
from engine.training.schedules import kl_weight, m_at


class Twin:
    """The model that is trained in the place of a learner's.

    Args:
        learner: whose weights, optimiser's state and sums are taken up and given back.
        model: sizes of the learner's model.
        device: where both are.
        multiple: of the widths of the layers.

    Attributes:
        weight, m: of the KL and of the reconstruction at the step, as tensors.
        latent: dimensions of z that are trained.
    """

    def __init__(self, learner: Learner, model: ModelConfig, device: torch.device, multiple: int = MULTIPLE) -> None:
        self.learner = learner
        self.latent = model.latent
        self._widening = Widening(model, device, multiple)
        self.config = self._widening.config
        dtype = learner.model.embedding.weight.dtype
        self.model = self._widening.build(device).to(dtype)
        rate, self.weight, self.m = (torch.zeros((), dtype=dtype, device=device) for _ in range(3))
        self._optimiser = optimiser(learner.config, self.model, rate.float())
        self._rate = self._optimiser.param_groups[0]["lr"]
        self._told: dict[int, float] = {}
        self._take_up()

    def set(self, step: int) -> None:
        """Have rate, KL weight and m of a step (counted from 0); the device is told of those that change."""
        variant = self.learner.variant
        now = {
            self._rate: self.learner.rate(step),
            self.weight: kl_weight(variant.kl_schedule, step),
            self.m: m_at(variant.m, variant.m_schedule, step),
        }
        for tensor, value in now.items():
            if self._told.get(id(tensor)) != value:
                tensor.fill_(value)
                self._told[id(tensor)] = value

    def step(self, inputs: Inputs) -> None:
        """One optimiser step on the inputs as they are; reads and writes tensors alone, so that it can be captured."""
        variant, config = self.learner.variant, self.learner.config
        self.forget_gradients()
        terms = gradients(self.model, inputs.batch, variant, config, self.weight, self.m, latent=self.latent)
        assert terms is not None
        self.descend(terms)

    def descend(self, terms: Tensor) -> None:
        """Let the optimiser use the gradients that there are, and forget them.

        Args:
            terms: (2,) the sums of log p(x|z) and of the KL over the batch, for the log.
        """
        learner = self.learner
        norm = clipped(list(self.model.parameters()), learner.config.clip)
        self._optimiser.step()
        self.forget_gradients()
        learner.sums.add_(terms)
        learner.norms.copy_(torch.stack([learner.norms[0] + norm, torch.maximum(learner.norms[1], norm)]))

    def forget_gradients(self) -> None:
        """Leave no gradients."""
        for parameter in self.model.parameters():
            parameter.grad = None

    def give_back(self) -> None:
        """Bring the learner's weights and its optimiser's state up to date."""
        wide = dict(self.model.named_parameters())
        for name, parameter in self.learner.model.named_parameters():
            with torch.no_grad():
                parameter.copy_(self._widening.narrow(name, wide[name]))
            state = self._optimiser.state.get(wide[name], {})
            self.learner.optimiser.state[parameter] = {
                key: self._widening.narrow(name, value).clone() if value.shape == wide[name].shape else value.clone()
                for key, value in state.items()
                if value is not None
            }

    def _take_up(self) -> None:
        wide = dict(self.model.named_parameters())
        for name, parameter in self.learner.model.named_parameters():
            self._widening.widen(name, parameter.detach(), wide[name].data)
            taken = {}
            for key, value in self.learner.optimiser.state.get(parameter, {}).items():
                if value is None:  # SGD keeps nothing, under a name
                    continue
                if value.shape == parameter.shape:
                    taken[key] = torch.zeros_like(wide[name])
                    self._widening.widen(name, value, taken[key])
                else:
                    taken[key] = value.detach().clone().to(wide[name].device)
            if taken:
                self._optimiser.state[wide[name]] = taken
