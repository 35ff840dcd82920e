"""The published numbers of a model by plain loops in float64, from its weights and the words of a text file alone.

Nothing of the engine is used but what is data: weights, ids of words, settings. One sentence at a time, one word at a
time, one sample at a time: no padding, no batches, no fused loss. The gates of the LSTM are in torch's order (input,
forget, cell, output).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BOS, EOS = 2, 3


@dataclass
class PlainModel:
    """A sentence VAE of one LSTM layer on either side, with an output layer of its own."""

    weights: Mapping[str, Floats]
    shape: Mapping[str, Any]

    def _cell(self, name: str, x: Floats, h: Floats, c: Floats) -> tuple[Floats, Floats]:
        w = self.weights
        gates = w[f"{name}.weight_ih_l0"] @ x + w[f"{name}.bias_ih_l0"] + w[f"{name}.weight_hh_l0"] @ h
        i, f, g, o = np.split(gates + w[f"{name}.bias_hh_l0"], 4)
        c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        return np.tanh(c) / (1 + np.exp(-o)), c

    def encode(self, words: Sequence[int]) -> tuple[Floats, Floats]:
        """mu and logvar of a sentence."""
        w = self.weights
        table = w.get("encoder_words.weight", w["embedding.weight"])
        h = c = np.zeros(self.shape["hidden"])
        for word in [*words, EOS] if self.shape["reads_end"] else words:
            h, c = self._cell("encoder.lstm", table[word], h, c)
        mu = w["encoder.to_mu.weight"] @ h + w["encoder.to_mu.bias"]
        return mu, w["encoder.to_logvar.weight"] @ h + w["encoder.to_logvar.bias"]

    def cost(self, words: Sequence[int], z: Floats) -> float:
        """-log p(x|z), nats."""
        w = self.weights
        mapped = w["decoder.to_state.weight"] @ z + w["decoder.to_state.bias"]
        if self.shape["state_from_z"] == "cell":
            h, c = np.tanh(mapped), mapped
        else:
            h, c = np.split(mapped if self.shape["state_from_z"] == "linear" else np.tanh(mapped), 2)
        bias = w.get("output_bias", np.zeros(len(w["output.weight"])))
        total = 0.0
        for before, word in zip([BOS, *words], [*words, EOS], strict=True):
            x = w["embedding.weight"][before]
            h, c = self._cell("decoder.lstm", np.append(x, z) if self.shape["z_at"] == "both" else x, h, c)
            logits = w["output.weight"] @ h + bias
            top = logits.max()
            total += top + math.log(np.exp(logits - top).sum()) - logits[word]
        return total


def noise(seed: int, stream: int, sentence: int, shape: tuple[int, ...]) -> Floats:
    """The draws that a diagnosis documents for a sentence: of (seed, stream, number)."""
    return np.random.default_rng([seed, stream, sentence]).standard_normal(shape, np.float32).astype(np.float64)


def plain_numbers(
    model: PlainModel, sentences: Sequence[Sequence[int]], weighted: int, samples: int
) -> dict[str, float]:
    """Every published number of sentences, the first `weighted` importance-sampled with so many samples."""
    latent = model.shape["latent"]
    mus, logvars, zs, costs, kls = [], [], [], [], []
    for number, words in enumerate(sentences):
        mu, logvar = model.encode(words)
        z = mu + np.exp(logvar / 2) * noise(0, 0, number, (latent,))
        mus.append(mu)
        logvars.append(logvar)
        zs.append(z)
        costs.append(model.cost(words, z))
        kls.append(sum(0.5 * (mu[d] ** 2 + math.exp(logvar[d]) - 1 - logvar[d]) for d in range(latent)))
    nll, words_counted = 0.0, 0
    for number in range(weighted):
        mu, logvar = mus[number], logvars[number]
        ratios = []
        for draw in noise(0, 2, number, (samples, latent)):
            z = mu + np.exp(logvar / 2) * draw
            prior = -0.5 * (z**2 + math.log(2 * math.pi)).sum()
            posterior = -0.5 * ((z - mu) ** 2 / np.exp(logvar) + logvar + math.log(2 * math.pi)).sum()
            ratios.append(-model.cost(sentences[number], z) + prior - posterior)
        top = max(ratios)
        nll -= top + math.log(sum(math.exp(each - top) for each in ratios) / samples)
        words_counted += len(sentences[number]) + 1
    all_words = sum(len(words) + 1 for words in sentences)
    elbo_cost = sum(costs) + sum(kls)
    n = len(sentences)
    means = [sum(mu[d] for mu in mus) / n for d in range(latent)]
    variances = [sum((mu[d] - means[d]) ** 2 for mu in mus) / (n - 1) for d in range(latent)]
    return {
        "lagging nll": nll / weighted,
        "lagging perplexity": math.exp(nll / words_counted),
        "lagging kl": sum(kls) / n,
        "lagging mutual_information": _information(sentences, mus, logvars, zs),
        "lagging active_units": sum(each >= 0.01 for each in variances),
        "texar nll": elbo_cost / n,
        "texar perplexity": math.exp(elbo_cost / all_words),
        "texar kl": sum(kls) / n,
        "sentence-vae nll": sum(costs) / n,
        "sentence-vae kl": sum(kls) / n,
    }


def _information(
    sentences: Sequence[Sequence[int]], mus: list[Floats], logvars: list[Floats], zs: list[Floats]
) -> float:
    """Batches of 32 sentences of one length, in the order of the text; mean over the sentences."""
    total = 0.0
    for length in sorted({len(words) for words in sentences}):
        alike = [i for i, words in enumerate(sentences) if len(words) == length]
        for start in range(0, len(alike), 32):
            batch = alike[start : start + 32]
            for i in batch:
                own = -0.5 * sum(math.log(2 * math.pi) + 1 + value for value in logvars[i])
                mixture = 0.0
                for j in batch:
                    squares = (zs[i] - mus[j]) ** 2 / np.exp(logvars[j])
                    mixture += math.exp(-0.5 * (squares + logvars[j] + math.log(2 * math.pi)).sum())
                total += own - math.log(mixture / len(batch))
    return total / len(sentences)
