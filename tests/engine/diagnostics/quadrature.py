"""A sentence VAE with one or two latent dimensions, and its integrals over z by Gauss-Hermite quadrature."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from engine.config import ModelConfig
from engine.corpus.store import SentenceStore
from engine.models.builders import build
from engine.models.sentence_vae import SentenceVAE
from engine.storage.mapped_array import MappedArray

NODES = {1: 200, 2: 48}
"""Nodes a dimension."""


def small_model(latent: int, seed: int = 1) -> SentenceVAE:
    """Twelve words, five hidden units, and weights large enough for z to matter.

    The posterior stays near the prior (a variance above 1/2), without which importance weights have no variance to
    speak of errors with.
    """
    model = build(ModelConfig(vocabulary=12, embedding=4, hidden=5, latent=latent), seed).eval()
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            scale = 0.2 if name.startswith("encoder.to_") else 0.5
            weights.copy_(scale * torch.randn(weights.shape, generator=random))
    return model


def small_store(sentences: int = 6, seed: int = 0) -> SentenceStore:
    """Sentences of one to five words."""
    random = np.random.default_rng(seed)
    lengths = random.integers(1, 6, size=sentences)
    ids = random.integers(4, 12, size=int(lengths.sum()))
    return SentenceStore(MappedArray(ids), MappedArray(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)))


def tensors(store: SentenceStore, index: int) -> tuple[Tensor, Tensor]:
    """A sentence as a batch of one."""
    words, lengths = store.batch([index])
    return torch.from_numpy(words), torch.from_numpy(lengths)


@torch.no_grad()
def expectation_terms(
    model: SentenceVAE, words: Tensor, lengths: Tensor, mean: Tensor, sigma: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """log weights, z and log p(x|z) at the nodes of N(mean, sigma^2), each float64."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES[len(mean)])
    grid = torch.from_numpy(np.stack(np.meshgrid(*[nodes] * len(mean)), axis=-1)).view(-1, len(mean))
    log_weights = torch.from_numpy(np.log(weights) - 0.5 * math.log(2 * math.pi))
    log_weights = sum(torch.meshgrid(*[log_weights] * len(mean), indexing="xy")).reshape(-1)  # type: ignore[union-attr]
    z = mean + sigma * grid
    copies = len(z)
    nll = model.likelihood(words.expand(copies, -1), lengths.expand(copies), z.float()).nll
    return log_weights, z, -nll.double()


def log_evidence(model: SentenceVAE, words: Tensor, lengths: Tensor) -> float:
    """log p(x) = log of the integral of p(x|z) p(z)."""
    latent = model.latent
    log_weights, _, log_likelihood = expectation_terms(
        model, words, lengths, torch.zeros(latent).double(), torch.ones(latent).double()
    )
    return float(torch.logsumexp(log_weights + log_likelihood, dim=0))


@torch.no_grad()
def exact_elbo(model: SentenceVAE, words: Tensor, lengths: Tensor) -> tuple[float, float]:
    """E_q[log p(x|z)] by quadrature, and KL(q || p) by torch.distributions."""
    mu, logvar = (each[0].double() for each in model.encode(words, lengths))
    sigma = torch.exp(0.5 * logvar)
    log_weights, _, log_likelihood = expectation_terms(model, words, lengths, mu, sigma)
    kl = torch.distributions.kl_divergence(torch.distributions.Normal(mu, sigma), torch.distributions.Normal(0.0, 1.0))
    return float((log_weights.exp() * log_likelihood).sum()), float(kl.sum())
