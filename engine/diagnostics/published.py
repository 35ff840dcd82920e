"""NLL, perplexity and what stands beside them, exactly as the programs compute them whose tables are cited.

Three programs call three numbers NLL. Each is taken here from what a diagnosis measures anyway, over the same sentences
and draws, so that it can be held beside a published table without mixing it with the others. What is the same as ours
and what is not is said in docs/diagnosis.md.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.diagnostics.importance import log_mean_exp
from engine.diagnostics.intervals import Floats
from engine.diagnostics.measuring import Measured

LAGGING, TEXAR, SENTENCE_VAE = "vae-lagging-encoder", "texar", "Sentence-VAE"
BATCH = 32
"""Sentences of a batch in the configurations of `vae-lagging-encoder`: its mutual information cannot exceed ln 32."""
ACTIVE = 0.01
"""Its `delta`: a unit is active from this variance of mu on, over n - 1."""

Numbers = dict[str, dict[str, Any]]


def published(measured: Measured) -> dict[str, Numbers]:
    """The numbers of a variant by program, each as {value, n, how}; nats a sentence, `n` sentences.

    Args:
        measured: the variant's values per sentence.
    """
    return {LAGGING: _lagging(measured), TEXAR: _texar(measured), SENTENCE_VAE: _sentence_vae(measured)}


def _lagging(measured: Measured) -> Numbers:
    """As the `--eval` of jxhe/vae-lagging-encoder prints them: `text.py` (`calc_iwnll`, `test`, `calc_mi`, `calc_au`)
    and `modules/vae.py` (`nll_iw`). He et al. 2019, tables 1 to 3."""
    nll = -log_mean_exp(measured.weights).numpy()
    weighted, samples = measured.weights.shape
    words = int(measured.words[:weighted].sum()) + weighted
    how = f"importance-weighted, {samples} samples; {words:,} words, the end of each sentence counted, the start not"
    deviation = measured.mu.var(axis=0, ddof=1)
    information = batched_information(measured.words, measured.mu, measured.logvar, measured.z)
    return {
        "nll": _number(nll.mean(), weighted, how),
        "perplexity": _number(math.exp(nll.sum() / words), weighted, f"exp(sum of NLL / words); {how}"),
        "kl": _number(measured.kl.sum(axis=1).mean(), len(measured.kl), "closed form"),
        "mutual_information": _number(
            information,
            len(measured.mu),
            f"within batches of {BATCH} sentences of one length, mean over the sentences, log q(z|x) in closed form; "
            f"about ln {BATCH} = {math.log(BATCH):.2f} at most",
        ),
        "active_units": _number(
            float((deviation >= ACTIVE).sum()), len(measured.mu), f"Var(mu_d) >= {ACTIVE}, over n - 1"
        ),
    }


def _texar(measured: Measured) -> Numbers:
    """As `vae_train.py` of asyml/texar, examples/vae_text, prints them: NLL is -ELBO with one z a sentence."""
    kl = measured.kl.sum(axis=1)
    cost = measured.nll + kl
    words = int(measured.words.sum()) + len(cost)
    how = f"-ELBO, one z a sentence; {words:,} words, the end of each sentence counted, the start not"
    return {
        "nll": _number(cost.mean(), len(cost), how),
        "perplexity": _number(math.exp(cost.sum() / words), len(cost), f"exp(sum of NLL / words); {how}"),
        "kl": _number(kl.mean(), len(kl), "closed form"),
    }


def _sentence_vae(measured: Measured) -> Numbers:
    """As `train.py` of timbmg/Sentence-VAE logs them: NLL is the reconstruction alone, without the KL beside it."""
    n = len(measured.nll)
    return {
        "nll": _number(
            measured.nll.mean(), n, "-log p(x|z) alone, one z a sentence, the end of each counted; no KL in it"
        ),
        "kl": _number(measured.kl.sum(axis=1).mean(), n, "closed form"),
    }


def _number(value: float, n: int, how: str) -> dict[str, Any]:
    return {"value": float(value), "n": n, "how": how}


def batched_information(words: NDArray[np.int64], mu: Floats, logvar: Floats, z: Floats, batch: int = BATCH) -> float:
    """The mutual information as `vae-lagging-encoder` estimates it: batch by batch, each of sentences of one length.

    In a batch of B it is E[log q(z|x)] in closed form minus the mean of log 1/B sum_j q(z_i|x_j); a sentence's own
    posterior is 1/B of that mixture. Batches count by their sentences.

    Args:
        words: (n,) of each sentence.
        mu, logvar, z: (n, latent), z drawn from q(z|x).
        batch: sentences in a batch at most.

    Returns:
        nats; at most about ln(batch), and lower where few sentences have one length.
    """
    order = np.argsort(words, kind="stable")
    ends = np.flatnonzero(np.diff(words[order])) + 1
    total = 0.0
    for alike in np.split(order, ends):
        for start in range(0, len(alike), batch):
            part = alike[start : start + batch]
            own = -0.5 * (1.0 + math.log(2.0 * math.pi) + logvar[part]).sum(axis=1).mean()
            deviation = (z[part][:, None] - mu[part][None]) ** 2 / np.exp(logvar[part])[None]  # (B, B, latent)
            densities = -0.5 * (deviation + logvar[part][None] + math.log(2.0 * math.pi)).sum(axis=2)
            mixture = np.logaddexp.reduce(densities, axis=1) - math.log(len(part))
            total += len(part) * (own - mixture.mean())
    return float(total / len(words))
