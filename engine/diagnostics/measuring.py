"""One variant over the chosen sentences: everything that the estimates and the report are made of.

The noise of a sentence depends on (seed, sentence) alone. Every variant therefore meets the same draws, and so does the
same sentence when more or fewer sentences are taken.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.corpus.store import SentenceStore
from engine.diagnostics.importance import log_weights
from engine.diagnostics.intervals import Floats
from engine.diagnostics.posterior import BATCH, float64, information, posteriors
from engine.diagnostics.request import Plan
from engine.errors import Stopped
from engine.events import Event, Progress
from engine.models.objective import gaussian_kl, reparameterise
from engine.models.sentence_vae import SentenceVAE

Purpose = Literal["posterior", "prior", "weights"]
_STREAMS: dict[Purpose, int] = {"posterior": 0, "prior": 1, "weights": 2}
WEIGHTED_BATCH = 16
"""Sentences whose importance samples are decoded together."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Per sentence; nats, float64. n sentences, of which the first `weighted` have importance weights."""

    words: NDArray[np.int64]  # (n,), EOS not counted
    mu: Floats  # (n, latent)
    logvar: Floats  # (n, latent)
    z: Floats  # (n, latent) the one that was drawn from q(z|x)
    sigma: Floats  # (n,) mean over the dimensions
    kl: Floats  # (n, latent)
    nll: Floats  # (n,) -log p(x|z), z ~ q(z|x)
    swapped: Floats  # (n,) the same with another sentence's z
    zeroed: Floats  # (n,) with z = 0
    prior: Floats  # (n,) with z ~ N(0, I)
    information: Floats  # (n,) log q(z|x) - log q(z)
    weights: Tensor  # (weighted, K) log importance weights


def sentence_noise(seed: int, purpose: Purpose, indices: NDArray[np.int64], shape: tuple[int, ...]) -> Tensor:
    """Standard normal noise, (sentences, *shape) float32, a pure function of (seed, purpose, sentence)."""
    stream = _STREAMS[purpose]
    rows = [np.random.default_rng([seed, stream, int(index)]).standard_normal(shape, np.float32) for index in indices]
    return torch.from_numpy(np.stack(rows))


def derangement(n: int, seed: int) -> NDArray[np.int64]:
    """Whose z each of n sentences gets: a random cycle through all of them, so nobody keeps their own.

    Raises:
        ValueError: n < 2.
    """
    if n < 2:
        raise ValueError("two sentences at least are needed to swap anything")
    cycle = np.random.default_rng([seed, n]).permutation(n)
    partner = np.empty(n, dtype=np.int64)
    partner[cycle] = np.roll(cycle, 1)
    return partner


def measure(
    model: SentenceVAE,
    store: SentenceStore,
    plan: Plan,
    label: str,
    should_stop: Callable[[], bool] = lambda: False,
) -> Generator[Event, None, Measured]:
    """Measure a variant; used as `measured = yield from measure(...)`.

    Args:
        model: in evaluation mode.
        store: the test sentences.
        plan: which of them, and with what.
        label: the variant's, for the progress.
        should_stop: asked between batches.

    Raises:
        Stopped: `should_stop` said so.
    """
    rows = np.arange(plan.sentences)
    device = model.output_bias.device
    with torch.no_grad():
        mu, logvar = posteriors(model, store, rows)
        z = reparameterise(mu, logvar, sentence_noise(plan.seed, "posterior", rows, (model.latent,)).to(device))
        drawn = sentence_noise(plan.seed, "prior", rows, (model.latent,)).to(device)
    partner = torch.from_numpy(derangement(len(rows), plan.seed)).to(device)
    latents = (z, z[partner], torch.zeros_like(z), drawn)
    nll = torch.empty((4, len(rows)), dtype=torch.float64)
    order = np.argsort(store.lengths[rows], kind="stable")
    for start in range(0, len(rows), BATCH):
        _ask(should_stop)
        part = order[start : start + BATCH]
        words, lengths = (torch.from_numpy(each).to(device) for each in store.batch(rows[part]))
        chosen = torch.from_numpy(part).to(device)
        with torch.no_grad():
            for kind, values in enumerate(latents):
                nll[kind, part] = float64(model.likelihood(words, lengths, values[chosen]).nll).cpu()
        yield Progress(f"{label}: swapping z", min(start + BATCH, len(rows)), len(rows), "sentence")
    terms = information(mu, logvar, z).terms.cpu()
    weights = yield from _weigh(model, store, plan, mu, logvar, label, should_stop)
    return Measured(
        words=store.lengths[rows].astype(np.int64),
        mu=float64(mu).cpu().numpy(),
        logvar=float64(logvar).cpu().numpy(),
        z=float64(z).cpu().numpy(),
        sigma=torch.exp(0.5 * float64(logvar)).mean(dim=1).cpu().numpy(),
        kl=gaussian_kl(float64(mu), float64(logvar)).cpu().numpy(),
        nll=nll[0].numpy(),
        swapped=nll[1].numpy(),
        zeroed=nll[2].numpy(),
        prior=nll[3].numpy(),
        information=terms.numpy(),
        weights=weights,
    )


def _weigh(
    model: SentenceVAE,
    store: SentenceStore,
    plan: Plan,
    mu: Tensor,
    logvar: Tensor,
    label: str,
    should_stop: Callable[[], bool],
) -> Generator[Event, None, Tensor]:
    """(weighted, K) log importance weights."""
    device = mu.device
    weights = torch.empty((plan.weighted, plan.samples), dtype=torch.float64)
    order = np.argsort(store.lengths[: plan.weighted], kind="stable")
    for start in range(0, plan.weighted, WEIGHTED_BATCH):
        _ask(should_stop)
        part = order[start : start + WEIGHTED_BATCH]
        words, lengths = (torch.from_numpy(each).to(device) for each in store.batch(part))
        noise = sentence_noise(plan.seed, "weights", part, (plan.samples, model.latent)).to(device)
        chosen = torch.from_numpy(part).to(device)
        weights[part] = log_weights(model, words, lengths, mu[chosen], logvar[chosen], noise)
        done = min(start + WEIGHTED_BATCH, plan.weighted)
        yield Progress(f"{label}: importance samples", done, plan.weighted, "sentence")
    return weights


def _ask(should_stop: Callable[[], bool]) -> None:
    if should_stop():
        raise Stopped("Stopped; a diagnosis keeps nothing.", "Give the same command again, with fewer --sentences.")
