"""One variant in training.

The dropout is a pure function of (seed, step), like the batches (`loading`): a run that was killed and resumed goes
through exactly the numbers of one that was not.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.config import TrainConfig, Variant
from engine.corpus.store import SentenceStore
from engine.diagnostics.posterior import (
    active_units,
    kl_per_dimension,
    mean_sigma,
    mutual_information,
    posteriors,
    spread_of_means,
)
from engine.models.builders import build
from engine.models.objective import gaussian_kl, reparameterise, summary
from engine.models.sentence_vae import SentenceVAE
from engine.models.trained import load_weights
from engine.runs.best import bound
from engine.runs.run import Run
from engine.training.gradients import clipped, gradients
from engine.training.loading import Batch, step_seed
from engine.training.schedules import implied_m, kl_weight, learning_rate, m_at, settled
from engine.training.validation import Progress, decides

EVALUATED = 1024
"""Test sentences on which every variant is measured at each evaluation."""

EXPLODED = 3.0
"""A training has exploded when a token costs this many times what guessing evenly among all words would cost."""


class Learner:
    """One variant in training: its model, its optimiser and its running sums.

    Attributes:
        failed: why this variant was stopped; empty while it learns.
    """

    def __init__(self, run: Run, variant: Variant, device: torch.device) -> None:
        self.variant = variant
        self.failed = ""
        self.checkpoints = run.checkpoints(variant.name)
        self.config = run.settings.train
        self._dropout = run.settings.model.dropout
        self._device = device
        self.model: SentenceVAE = build(run.settings.model, self.config.seed).to(device)
        self.optimiser = optimiser(self.config, self.model, self.config.learning_rate)
        self._decided = Progress(lagging=variant.encoder_steps > 0)
        self._worst = EXPLODED * math.log(run.settings.model.vocabulary)
        self.sums = torch.zeros(2, device=device)  # log p(x|z) and KL since the last log step
        self.norms = torch.zeros(2, device=device)  # sum and maximum of the gradients' norms
        self._tokens = self._sentences = self._steps = 0

    @property
    def encoder_steps(self) -> int:
        """Steps that the encoder takes alone before the next one; 0 once it has caught up."""
        return self.variant.encoder_steps if self._decided.lagging else 0

    def rate(self, step: int) -> float:
        """The learning rate of a step (counted from 0), as far as it has been halved."""
        return learning_rate(self.config, step) * self._decided.rate

    def count(self, tokens: int, sentences: int) -> None:
        """Count a step for the next log line: words and ends of its sentences, and the sentences."""
        self._tokens += tokens
        self._sentences += sentences
        self._steps += 1

    def step(self, batch: Batch, step: int) -> None:
        """One optimiser step on the AutoGen bound; of all but the encoder while that takes steps of its own."""
        self.backward(batch, step)
        self.update(step)

    def encoder_step(self, batch: Batch, step: int) -> None:
        """One optimiser step on the same bound of the encoder alone (He et al. 2019); shared word vectors stay.

        Args:
            batch: drawn for it.
            step: the one that comes next; its rate, KL weight and m hold.
        """
        self._gradients(batch, step)
        moved = {id(each) for each in self.model.encoder_parameters()}
        self._optimise(step, still=[each for each in self.model.parameters() if id(each) not in moved])

    def backward(self, batch: Batch, step: int, add_up: Callable[[list[Tensor]], None] | None = None) -> None:
        """The gradients of a batch, or of this process's share of it.

        Args:
            batch: the same for every variant.
            step: counted from 0.
            add_up: replaces tensors by their sums over all processes; None where the batch is whole.
        """
        self.count(batch.tokens, batch.sentences)
        terms = self._gradients(batch, step, add_up)
        if terms is not None:
            self.sums += terms

    def _gradients(
        self, batch: Batch, step: int, add_up: Callable[[list[Tensor]], None] | None = None
    ) -> Tensor | None:
        """Have the gradients of a batch; (2,) the sums of log p(x|z) and of the KL, or None of an empty share."""
        return gradients(
            self.model,
            batch,
            self.variant,
            self.config,
            kl_weight(self.variant.kl_schedule, step),
            m_at(self.variant.m, self.variant.m_schedule, step),
            generator=self._dropout_source(step, batch.share),
            add_up=add_up,
        )

    def update(self, step: int) -> None:
        """Clip the gradients, if they have a limit, and let the optimiser use them; not the encoder's while it lags."""
        norm = self._optimise(step, still=self.model.encoder_parameters() if self.encoder_steps else [])
        self.norms = torch.stack([self.norms[0] + norm, torch.maximum(self.norms[1], norm)])

    def _optimise(self, step: int, still: list[torch.nn.Parameter]) -> Tensor:
        """Let the optimiser use the gradients but of those that stay, within the limit; gives their norm before it."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate(step)
        for parameter in still:
            parameter.grad = None
        norm = clipped(self.model.parameters(), self.config.clip)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        return norm

    def averages(self, step: int) -> dict[str, float | None]:
        """Mean terms since the last call (with word drop), nats per sentence; also notes a failed training.

        `gradient_norm` is the mean, and `gradient_norm_max` the largest, before clipping. `implied_m` is None where
        it is infinite.
        """
        reconstruction, kl = (self.sums / max(1, self._sentences)).tolist()
        mean_norm, largest_norm = self.norms.tolist()
        self._check(reconstruction, kl)
        steps = max(1, self._steps)
        self.sums.zero_()
        self.norms.zero_()
        self._tokens = self._sentences = self._steps = 0
        implied = implied_m(self.variant, step)
        m = m_at(self.variant.m, self.variant.m_schedule, step)
        return {
            **self._summary(reconstruction, kl, step),
            "m": m,
            "implied_m": implied if math.isfinite(implied) else None,
            "gradient_norm": mean_norm / steps,
            "gradient_norm_max": largest_norm,
            "learning_rate": self.rate(step),
        }

    def decide(self, reconstruction: float, kl: float, information: float, step: int) -> list[str]:
        """Decide by what was measured on the validation sentences.

        While the weight of the KL or m is on its way, what is trained changes with it, and no rate is halved.

        Args:
            reconstruction, kl: means, in nats a sentence.
            information: the mutual information of sentences and z, nats.
            step: the one that comes next.

        Returns:
            what was decided, in words that follow the variant's name.
        """
        reached = None
        if settled(self.variant, step):
            reached = bound(self.variant, reconstruction, kl)
        return self._decided.take(information, reached, self.config.halve_after)

    def check_weights(self) -> None:
        """Note a failed training if a weight is no finite number; waits for the device."""
        if not all(bool(torch.isfinite(each).all()) for each in self.model.parameters()):
            self.failed = self.failed or "a weight is no longer a finite number"

    @torch.no_grad()
    def evaluate(
        self, store: SentenceStore, chosen: NDArray[np.int64] | None = None, step: int = 0
    ) -> dict[str, object]:
        """Terms and diagnosis over sentences, no word drop, one z ~ q(z|x) each.

        Args:
            store: of the test part, or of the training part for those that are held out.
            chosen: which sentences; the first `EVALUATED` if None.
            step: the last one taken, counted from 0: its weight of the KL and its m are those of what is trained.

        Returns:
            the numbers of `summary`, with `kl_per_dimension` (a list, nats), `active_units`, `mutual_information`
            (nats, over these sentences alone), `mu_spread`, `mean_sigma` and `sentences`, their number.
        """
        if chosen is None:
            chosen = np.arange(min(EVALUATED, len(store)))
        count = len(chosen)
        order = np.argsort(store.lengths[chosen], kind="stable")
        random = torch.Generator().manual_seed(self.config.seed)
        noise = torch.randn((count, self.model.latent), generator=random)
        sums = torch.zeros(2, dtype=torch.float64)
        posteriors: list[tuple[Tensor, Tensor, Tensor]] = []
        for start in range(0, count, self.config.batch):
            part = order[start : start + self.config.batch]
            ids, lengths = store.batch(chosen[part])
            words, counts = torch.from_numpy(ids).to(self._device), torch.from_numpy(lengths).to(self._device)
            mu, logvar = self.model.encode(words, counts)
            z = reparameterise(mu, logvar, noise[torch.from_numpy(part)].to(self._device))
            nll = self.model.likelihood(words, counts, z).nll
            sums += torch.stack([-nll.sum(), gaussian_kl(mu, logvar).sum()]).double().cpu()
            posteriors.append((mu.float().cpu(), logvar.float().cpu(), z.float().cpu()))
        reconstruction, kl = (sums / count).tolist()
        mu, logvar, z = (torch.cat(parts) for parts in zip(*posteriors, strict=True))
        return {
            **self._summary(reconstruction, kl, step),
            "kl_per_dimension": kl_per_dimension(mu, logvar).tolist(),
            "active_units": active_units(mu),
            "mutual_information": mutual_information(mu, logvar, z),
            "mu_spread": spread_of_means(mu),
            "mean_sigma": mean_sigma(logvar),
            "sentences": count,
        }

    def spread(self, store: SentenceStore) -> dict[str, object]:
        """`mu_spread` and `mean_sigma` over the sentences of `evaluate`, and their number."""
        count = min(EVALUATED, len(store))
        mu, logvar = posteriors(self.model, store, np.arange(count))
        return {"mu_spread": spread_of_means(mu), "mean_sigma": mean_sigma(logvar), "sentences": count}

    def save(self, step: int) -> None:
        """Write the checkpoint of a step, with what was summed up for the next log step.

        Raises:
            LoomError: it could not be written.
        """
        states = self.optimiser.state_dict()["state"]
        optimiser = {f"{index}.{key}": value for index, state in states.items() for key, value in state.items()}
        counts = torch.tensor([self._tokens, self._sentences, self._steps])
        sums = {"log.terms": self.sums, "log.norms": self.norms, "log.counts": counts}
        if decides(self.config, [self.variant]):
            sums["log.decided"] = self._decided.as_tensor()
        self.checkpoints.write(step, self.model.state_dict(), {**optimiser, **sums})

    def start_from_weights(self) -> None:
        """Take the weights of step 0 that another run has given; the optimiser stays new.

        Raises:
            LoomError: they are missing, damaged, or of another model.
        """
        checkpoint = self.checkpoints.at(0)
        load_weights(self.model, checkpoint.weights(), str(checkpoint.weights_path))

    def restore(self, step: int, with_sums: bool = True) -> None:
        """Take up the checkpoint of a step; its sums as well, but in one of several processes only.

        Raises:
            LoomError: it is missing, damaged, or of another model.
        """
        checkpoint = self.checkpoints.at(step)
        load_weights(self.model, checkpoint.weights(), str(checkpoint.weights_path))
        states: dict[int, dict[str, Tensor]] = {}
        for name, tensor in checkpoint.optimiser().items():
            index, key = name.split(".", 1)
            if index != "log":
                states.setdefault(int(index), {})[key] = tensor
            elif key == "counts":
                self._tokens, self._sentences, self._steps = (int(count) for count in tensor)
            elif key == "decided":
                self._decided = Progress.from_tensor(tensor)
            elif key == "norms":
                self.norms = tensor.to(self._device)
            elif with_sums:
                self.sums = tensor.to(self._device)
        self.optimiser.load_state_dict({**self.optimiser.state_dict(), "state": states})

    def _summary(self, reconstruction: float, kl: float, step: int) -> dict[str, float]:
        variant, schedule = self.variant, self.variant.kl_schedule
        m_now = m_at(variant.m, variant.m_schedule, step)
        return summary(reconstruction, kl, variant.m, kl_weight(schedule, step), m_now, schedule.end)

    def _check(self, reconstruction: float, kl: float) -> None:
        if not math.isfinite(reconstruction) or not math.isfinite(kl):
            self.failed = "its loss is no longer a finite number"
        elif self._tokens and -reconstruction * self._sentences / self._tokens > self._worst:
            per_token = -reconstruction * self._sentences / self._tokens
            self.failed = f"its loss exploded ({per_token:.3g} nats a token)"

    def _dropout_source(self, step: int, share: int) -> torch.Generator | None:
        if self._dropout == 0.0:
            return None
        return torch.Generator(self._device).manual_seed(step_seed(self.config.seed + 1, step, share))


def optimiser(config: TrainConfig, model: torch.nn.Module, rate: float | Tensor) -> torch.optim.Optimizer:
    """The optimiser of a training for a model's weights; a rate that is a tensor stays one that can be written to."""
    if config.optimiser == "sgd":
        return torch.optim.SGD(model.parameters(), lr=rate, fused=True)
    return torch.optim.Adam(model.parameters(), lr=rate, fused=True, capturable=isinstance(rate, Tensor))
