"""The bounds: ELBO (paper, eq. 1) and AutoGen (eq. 7 for m=1, eq. 11 for any m > -1).

All values are per sentence and in nats.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.config import FreeBits


def gaussian_kl(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL( N(mu, diag exp(logvar)) || N(0, I) ) per dimension, (batch, latent), nats.

    Source: Kingma and Welling 2014, appendix B.
    """
    return 0.5 * (mu.square() + logvar.exp() - 1.0 - logvar)


def reparameterise(mu: Tensor, logvar: Tensor, noise: Tensor) -> Tensor:
    """z = mu + sigma * noise, with noise ~ N(0, I) of the same shape."""
    return mu + torch.exp(0.5 * logvar) * noise


@dataclass(frozen=True, slots=True)
class ElboTerms:
    """The terms of the bounds for a batch; each (batch,), nats per sentence.

    `reconstruction` is log p(x|z) with one z ~ q(z|x), `kl` is KL(q || p).
    """

    reconstruction: Tensor
    kl: Tensor

    @property
    def elbo(self) -> Tensor:
        """log p(x|z) - KL (eq. 1): a bound on log p(x) when no word was dropped."""
        return self.reconstruction - self.kl

    def objective(self, m: float, kl_weight: float = 1.0) -> Tensor:
        """(1+m) log p(x|z) - w KL (eq. 11). For m != 0 it is not a bound on log p(x)."""
        return (1.0 + m) * self.reconstruction - kl_weight * self.kl


def paid_kl(kl: Tensor, free_bits: FreeBits, mean_kl: Tensor | None = None) -> Tensor:
    """The KL of a batch that training pays for: all of it, but for the free bits; a scalar, nats, with gradient.

    Without free bits it is the sum of `kl`. With `nats` free in each dimension it is the number of sentences times
    sum_d max(nats, mean KL of d) (Kingma et al. 2016, eq. 15, over the batch); with `nats` free in total, times
    max(nats, mean KL of all dimensions). Below the threshold there is no gradient.

    Args:
        kl: (batch, latent) from `gaussian_kl`.
        free_bits: how many, and where.
        mean_kl: (latent,) mean over the whole batch, where `kl` is only this process's share of it.
    """
    if free_bits.kind == "none":
        return kl.sum()
    mean = kl.detach().mean(dim=0) if mean_kl is None else mean_kl
    free = kl.new_full((), free_bits.nats * len(kl))
    if free_bits.kind == "total":
        return torch.where(mean.sum() > free_bits.nats, kl.sum(), free)
    return torch.where(mean > free_bits.nats, kl.sum(dim=0), free).sum()


def loss(total_nll: Tensor, total_kl: Tensor, m: float | Tensor, kl_weight: float | Tensor, sentences: int) -> Tensor:
    """What training minimises: -objective, mean over the batch.

    Args:
        total_nll: -log p(x|z) summed over the batch, with gradient.
        total_kl: the KL summed over the batch, with gradient; from `paid_kl`.
        m: AutoGen's m.
        kl_weight: w(step) of the KL schedule.
        sentences: of the batch.
    """
    return ((1.0 + m) * total_nll + kl_weight * total_kl) / sentences


def summary(
    reconstruction: float,
    kl: float,
    m: float,
    kl_weight: float = 1.0,
    m_now: float | None = None,
    beta: float = 1.0,
) -> dict[str, float]:
    """The numbers of a mean sentence, as logs and tables show them.

    `objective` and `kl_share` = beta KL / -objective (figure 2, left) take the KL's last weight `beta`, which is 1 but
    for a beta-VAE, so that variants can be compared at any step; `trained_objective` has the weight and the m of that
    step (`m_now`; m itself if None); `elbo_kl_share` is the share of the true ELBO.
    """
    elbo = reconstruction - kl
    objective = (1.0 + m) * reconstruction - beta * kl
    return {
        "reconstruction": reconstruction,
        "kl": kl,
        "elbo": elbo,
        "objective": objective,
        "trained_objective": (1.0 + (m if m_now is None else m_now)) * reconstruction - kl_weight * kl,
        "kl_share": beta * kl / -objective if objective < 0 else 0.0,
        "elbo_kl_share": kl / -elbo if elbo < 0 else 0.0,
        "kl_weight": kl_weight,
    }
