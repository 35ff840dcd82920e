"""What the posteriors q(z|x) of many sentences say together: KL per dimension, active units, mutual information.

Everything here needs the encoder only, so it is cheap enough for every evaluation of a training. Sums are taken in
float64 whatever the model computes in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from engine.corpus.store import SentenceStore
from engine.models.objective import gaussian_kl
from engine.models.sentence_vae import SentenceVAE
from engine.storage.latent_cache import ACTIVE_UNIT_THRESHOLD

CHUNK = 512
"""Rows of z compared with all posteriors at a time: 512 x 10,000 float64 is 41 MB."""
BATCH = 256
"""Sentences encoded at a time."""
LOG_2PI = math.log(2.0 * math.pi)


@dataclass(frozen=True, slots=True)
class Information:
    """The two logarithms whose mean difference is the mutual information; each (sentences,) float64, nats.

    `conditional` is log q(z|x) of a sentence's own posterior, `aggregate` is log q(z), the mixture of all of them.
    """

    conditional: Tensor
    aggregate: Tensor

    @property
    def terms(self) -> Tensor:
        """log q(z|x) - log q(z) of each sentence. None is above ln(sentences)."""
        return self.conditional - self.aggregate


def kl_per_dimension(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL(q(z_d|x) || p(z_d)) of every latent dimension, mean over the sentences.

    Args:
        mu, logvar: (sentences, latent).

    Returns:
        (latent,) float64, nats; it sums to the KL of a mean sentence.
    """
    return gaussian_kl(float64(mu), float64(logvar)).mean(dim=0)


def active_units(mu: Tensor, threshold: float = ACTIVE_UNIT_THRESHOLD) -> int:
    """Latent dimensions whose posterior mean varies over the sentences: Var_x(mu_d) > threshold.

    Source: Burda, Grosse and Salakhutdinov 2016, section 5.2 (threshold 0.01).

    Args:
        mu: (sentences, latent).
        threshold: in squared units of the latent space, where the prior's variance is 1.
    """
    return int((float64(mu).var(dim=0, unbiased=False) > threshold).sum())


def spread_of_means(mu: Tensor) -> float:
    """How far the encoder tells sentences apart: the standard deviation of mu_d over them, mean over the dimensions.

    It belongs beside the mean sigma: where it is a small part of that, z ~ q(z|x) is noise, whatever the KL.

    Args:
        mu: (sentences, latent).
    """
    return float(float64(mu).std(dim=0, unbiased=False).mean())


def mean_sigma(logvar: Tensor) -> float:
    """The standard deviation of q(z_d|x), mean over sentences and dimensions; logvar is (sentences, latent)."""
    return float(torch.exp(0.5 * float64(logvar)).mean())


def float64(values: Tensor) -> Tensor:
    """The values in double precision, on the CPU where the device (Apple's) has none."""
    return (values.cpu() if values.device.type == "mps" else values).double()


def log_posterior(z: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    """log q(z|x) of each row's z under its own posterior; all (..., latent), the result (...) float64, nats."""
    deviation = (float64(z) - float64(mu)).square() * torch.exp(-float64(logvar))
    return -0.5 * (deviation + float64(logvar) + LOG_2PI).sum(dim=-1)


def log_aggregate_posterior(z: Tensor, mu: Tensor, logvar: Tensor, chunk: int = CHUNK) -> Tensor:
    """log q(z) = log 1/N sum_j q(z|x_j), exact over the N sentences given.

    Args:
        z: (points, latent).
        mu, logvar: (N, latent).
        chunk: points at a time; memory is chunk x N float64.

    Returns:
        (points,) float64, nats.
    """
    # Centred, because the squares below are expanded into matrix products and large offsets would cancel badly.
    centre = float64(mu).mean(dim=0)
    means, precision = float64(mu) - centre, torch.exp(-float64(logvar))
    constant = -0.5 * (means.square() * precision + float64(logvar) + LOG_2PI).sum(dim=1) - math.log(len(mu))
    scaled_means, half_precision = (means * precision).t(), -0.5 * precision.t()
    points = float64(z) - centre
    densities = []
    for part in points.split(chunk):
        squares = torch.addmm(constant, part.square(), half_precision)
        densities.append(torch.logsumexp(squares.addmm_(part, scaled_means), dim=1))
    return torch.cat(densities)


def information(mu: Tensor, logvar: Tensor, z: Tensor, chunk: int = CHUNK) -> Information:
    """What the estimate of the mutual information is made of, sentence by sentence.

    Args:
        mu, logvar: (sentences, latent).
        z: (sentences, latent), row i drawn from q(z|x_i).
        chunk: rows compared at a time.
    """
    return Information(log_posterior(z, mu, logvar), log_aggregate_posterior(z, mu, logvar, chunk))


def mutual_information(mu: Tensor, logvar: Tensor, z: Tensor, chunk: int = CHUNK) -> float:
    """I_q(x; z) = E[log q(z|x)] - E[log q(z)] with q(z) the mixture of these sentences' posteriors, in nats.

    For these N sentences as the whole population the estimate is unbiased; as an estimate for the language they
    come from it is a lower bound in expectation, and it can never exceed ln N, because a sentence's own posterior is
    1/N of the mixture (Poole et al. 2019, section 2.3). So N belongs beside the number, and two numbers compare only
    at the same N; averages over batches of B saturate at ln B and are another quantity. Both terms take the same z:
    a collapsed model gives 0, not the noise of two independent means. Around 0 the estimate can still be slightly
    negative, by chance.

    Args:
        mu, logvar: (N, latent).
        z: (N, latent), row i drawn from q(z|x_i).
        chunk: rows compared at a time.
    """
    return float(information(mu, logvar, z, chunk).terms.mean())


@torch.no_grad()
def posteriors(model: SentenceVAE, store: SentenceStore, indices: ArrayLike) -> tuple[Tensor, Tensor]:
    """q(z|x) of several sentences, encoded in batches of similar lengths.

    Args:
        model: in evaluation mode if it has anything random in its encoder.
        store: the sentences.
        indices: (sentences,) which.

    Returns:
        mu, logvar: (sentences, latent) float32 on the model's device, in the order of `indices`.
    """
    rows = np.asarray(indices, dtype=np.int64)
    device = model.output_bias.device
    mu = torch.empty((len(rows), model.latent), device=device)
    logvar = torch.empty_like(mu)
    order = np.argsort(store.lengths[rows], kind="stable")
    for start in range(0, len(rows), BATCH):
        part = order[start : start + BATCH]
        ids, lengths = store.batch(rows[part])
        where = torch.from_numpy(part).to(device)
        found = model.encode(torch.from_numpy(ids).to(device), torch.from_numpy(lengths).to(device))
        mu[where], logvar[where] = found[0].float(), found[1].float()
    return mu, logvar
