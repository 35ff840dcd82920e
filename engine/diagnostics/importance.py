"""log p(x) by importance sampling from q(z|x) (Burda, Grosse and Salakhutdinov 2016, eq. 8).

log p(x) >= E[ log 1/K sum_k w_k ] with w_k = p(x|z_k) p(z_k) / q(z_k|x). The bound never falls as K grows and K = 1 is
the ELBO. The averages are taken over logarithms in float64: the weights themselves underflow.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.diagnostics.posterior import float64
from engine.models.many_latents import nll_of_many
from engine.models.objective import reparameterise
from engine.models.sentence_vae import SentenceVAE
from engine.models.unrolled import UnrolledDecoder

ROWS = 2048
"""Copies of sentences decoded at a time."""


@torch.no_grad()
def log_weights(
    model: SentenceVAE | UnrolledDecoder,
    words: Tensor,
    lengths: Tensor,
    mu: Tensor,
    logvar: Tensor,
    noise: Tensor,
) -> Tensor:
    """log w of every sample of every sentence.

    Args:
        model: of one variant, in evaluation mode; or its decoder, unrolled, which is faster on a processor for many
            samples.
        words: (batch, time) ids, padded at the right.
        lengths: (batch,) words.
        mu, logvar: (batch, latent), q(z|x).
        noise: (batch, K, latent), standard normal.

    Returns:
        (batch, K) float64, nats, on the CPU.
    """
    batch, _, latent = noise.shape
    # log p(z) - log q(z|x): the constants cancel, and (z - mu) / sigma is the noise itself.
    z = reparameterise(mu.unsqueeze(1), logvar.unsqueeze(1), noise)  # (batch, K, latent)
    ratio = 0.5 * (float64(noise).square() + float64(logvar).unsqueeze(1) - float64(z).square()).sum(dim=2)
    at_once = max(1, ROWS // batch)
    log_likelihood = []
    for part in z.split(at_once, dim=1):
        copies = part.shape[1]
        if isinstance(model, UnrolledDecoder):
            log_likelihood.append(-nll_of_many(model, words, lengths, part))
            continue
        nll = model.likelihood(
            words.repeat_interleave(copies, dim=0), lengths.repeat_interleave(copies), part.reshape(-1, latent)
        ).nll
        log_likelihood.append(-float64(nll).view(batch, copies))
    return (torch.cat(log_likelihood, dim=1) + ratio).cpu()


def log_mean_exp(values: Tensor) -> Tensor:
    """log of the mean of exp(values) over the last dimension, in float64, without overflow."""
    return torch.logsumexp(float64(values), dim=-1) - math.log(values.shape[-1])


def bound(weights: Tensor, samples: int) -> Tensor:
    """The bound with fewer samples than were drawn: mean over disjoint groups of `samples` of their log-mean.

    For `samples` that divide each other the values never fall as `samples` grows, sentence by sentence and not only
    in expectation: the logarithm is concave, and the groups are nested.

    Args:
        weights: (sentences, K) log w.
        samples: a divisor of K.

    Returns:
        (sentences,) float64, nats.

    Raises:
        ValueError: `samples` does not divide K.
    """
    if samples < 1 or weights.shape[1] % samples:
        raise ValueError(f"{samples} does not divide the {weights.shape[1]} samples that were drawn")
    return log_mean_exp(weights.view(len(weights), -1, samples)).mean(dim=1)


def nested_sizes(samples: int) -> tuple[int, ...]:
    """Growing numbers of samples that divide each other, from 1 to `samples`, about a factor of ten apart."""
    sizes = [samples]
    while sizes[-1] > 1:
        last = sizes[-1]
        divisors = [size for size in range(1, last) if last % size == 0]
        sizes.append(min(divisors, key=lambda size: abs(math.log(last / size) - math.log(10))))
    return tuple(reversed(sizes))
