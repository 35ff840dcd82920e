"""The batches that all variants share: the words, which of them are dropped, and the noise of z.

What is drawn for a batch is a pure function of (seed, step): a run that was killed and resumed goes through exactly
the numbers of one that was not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.config import TrainConfig
from engine.corpus.store import SentenceStore
from engine.models.sentence_vae import Targets


@dataclass(frozen=True, slots=True)
class Batch:
    """What every variant sees at a step: all of it, or this process's share.

    `kept` are the entries that dropout leaves of word vectors and of features, as `SentenceVAE.likelihood` takes them;
    None where it draws them itself.
    """

    words: Tensor  # (batch, time) ids, padded at the right
    lengths: Tensor  # (batch,)
    targets: Targets
    dropped: Tensor  # (batch, time) True where word drop hides the word from the decoder
    noise: Tensor  # (batch, latent) standard normal, for z
    tokens: int  # words and EOS of the whole batch
    sentences: int  # of the whole batch
    share: int = 0  # the process whose rows these are
    kept: tuple[Tensor, Tensor] | None = None


def load_batch(
    store: SentenceStore,
    indices: np.ndarray,
    config: TrainConfig,
    step: int,
    latent: int,
    device: torch.device,
    rank: int = 0,
    world: int = 1,
    extra: int = 0,
    longest: int = 0,
) -> Batch:
    """The batch of a step, with its word drop and its noise; of `world` processes each takes every `world`-th row.

    `extra` is the number, from 1, of a batch that the encoder alone learns from before the step's own. `longest` is
    the number of words of the longest sentence of all; on CUDA so many words are drawn for, see `drawn`.
    """
    ids, lengths = store.batch(indices)
    seed = step_seed(config.seed, step, extra)
    counts = torch.from_numpy(lengths)
    if device.type == "cuda":
        draws, noise = drawn(seed, len(ids), max(longest, ids.shape[1]), latent, device)
        draws = draws[:, : ids.shape[1]]
    else:
        draws, noise = drawn(seed, len(ids), ids.shape[1], latent, torch.device("cpu"))
    dropped = dropped_words(draws, counts.to(draws.device), config.word_drop, config.word_drop_exactly)
    tokens = int(lengths.sum()) + len(lengths)
    rows = slice(rank, None, world)
    words, counts = torch.from_numpy(ids)[rows], counts[rows]
    targets = Targets.of(words, counts)
    words, counts, dropped, noise = (
        tensor.to(device, non_blocking=True) for tensor in (words, counts, dropped[rows], noise[rows])
    )
    return Batch(words, counts, targets.sent(device), dropped, noise, tokens, len(ids), rank)


def drawn(seed: int, rows: int, time: int, latent: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """What is drawn for a batch: (rows, time) uniform in [0, 1) for word drop, (rows, latent) standard normal for z.

    On CUDA `time` is the same for all batches of a training, so that the draws do not depend on how far a batch is
    padded; a GPU fills tensors of different shapes in different orders.
    """
    random = torch.Generator(device).manual_seed(seed)
    draws = torch.rand((rows, time), generator=random, device=device)
    return draws, torch.randn((rows, latent), generator=random, device=device)


def dropped_words(draws: Tensor, lengths: Tensor, share: float, exactly: bool) -> Tensor:
    """Which words are hidden from the decoder: (batch, time) True where one is.

    Args:
        draws: (batch, time) uniform in [0, 1).
        lengths: (batch,) words of each sentence.
        share: of the words.
        exactly: whether a sentence of n words loses round(share n) of them, those with the lowest draws; otherwise
            each word goes by the chance of `share`.
    """
    if not exactly:
        return draws < share
    padding = torch.arange(draws.shape[1], device=draws.device) >= lengths.unsqueeze(1)
    ranks = draws.masked_fill(padding, 2.0).argsort(dim=1).argsort(dim=1)
    return ranks < torch.round(share * lengths).unsqueeze(1)


def step_seed(seed: int, step: int, share: int = 0) -> int:
    """A seed for everything that is drawn at a step, or for what a process draws of its own for its share of it."""
    entropy = [seed, step, share] if share else [seed, step]
    return int(np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0] >> 1)
