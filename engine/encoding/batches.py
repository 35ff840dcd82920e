"""Sentences through a model, batch by batch, as a CPU and as a GPU like it.

A CPU takes a few sentences at a time, which stay in its cache. A GPU is given as many as are worth the start of its
kernels, and is not waited for: what it is sent lies in memory that it reads by itself, and what it says is fetched by
the block. Everything is computed in float32 on both, as latents are kept and compared; bf16 would leave them three
digits.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.device import sent
from engine.models.objective import gaussian_kl, reparameterise
from engine.models.sentence_vae import SentenceVAE, Targets

BATCH = 256
WORDS_ON_GPU = 2**16
"""Words of a batch on a GPU, padding counted: 2,100 sentences of 30 words."""


def batches(order: NDArray[np.int64], lengths: NDArray[np.integer], device: torch.device) -> list[NDArray[np.int64]]:
    """Cut sentences into batches.

    Args:
        order: (sentences,) numbers, by ascending length.
        lengths: words of the sentence with each number.
        device: on which they are encoded.
    """
    if device.type != "cuda":
        return [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    found, end = [], len(order)
    while end:  # from the longest on, which says how many fit
        start = max(0, end - max(1, WORDS_ON_GPU // int(lengths[order[end - 1]])))
        found.append(order[start:end])
        end = start
    return found


@torch.no_grad()
def encode_batch(
    model: SentenceVAE, ids: NDArray[np.int64], lengths: NDArray[np.int64], noise: NDArray[np.float32]
) -> dict[str, Tensor]:
    """mu, logvar (batch, latent) and nll, kl (batch,) in nats, with z = mu + sigma * noise; on the model's device.

    Args:
        model: in evaluation mode.
        ids: (batch, time), padded at the right.
        lengths: (batch,) words.
        noise: (batch, latent), standard normal.
    """
    device = model.output_bias.device
    words, counts = torch.from_numpy(ids), torch.from_numpy(lengths)
    targets = Targets.of(words, counts).sent(device)  # from the text alone, before the device has to be waited for
    words, counts = sent(words, device), sent(counts, device)
    mu, logvar = model.encode(words, counts)
    z = reparameterise(mu, logvar, sent(torch.from_numpy(noise), device))
    nll = model.likelihood(words, counts, z, targets=targets).nll
    values = {"mu": mu, "logvar": logvar, "nll": nll, "kl": gaussian_kl(mu, logvar).sum(dim=1)}
    return {name: value.float() for name, value in values.items()}
