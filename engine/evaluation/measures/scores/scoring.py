"""From what was measured to numbers: the columns whose means each number is made of.

All is over word ids and float64, without torch, so that the window can look behind a number too (`behind.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from engine.evaluation.measures.definitions import BY_LENGTH, DEFINITIONS, HEADLINE_WAY, LENGTHS, RECURRENT, SHORT, WAYS
from engine.evaluation.measures.parts import Part, Texts
from engine.evaluation.measures.request import STEPS, Request
from engine.evaluation.measures.result import Statistic
from engine.evaluation.measures.scores.bleu import bleu_of, matches, sentence_bleu
from engine.storage.latent_cache import ACTIVE_UNIT_THRESHOLD

Floats = NDArray[np.float64]
Parts = Mapping[str, Part]
"""What is there of one variant, by the name of the part; one may lack."""
Known = dict[tuple[str, int], dict[str, Statistic]]
"""What was put together of one variant, by the name of the part and how many items it had."""


OF_DRAWS = ("language", "recurrent")
"""Parts that are computed from the samples, which say how long these are."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What all variants are measured against.

    Attributes:
        sources: the measured test sentences as word ids, in order.
        request: how everything was made.
        chosen: which of the sentences numbers are taken over, (n,); None for all.
    """

    sources: Texts
    request: Request
    chosen: NDArray[np.bool_] | None = None


def statistics(parts: Parts, grounds: Grounds, known: Known | None = None) -> dict[str, Statistic]:
    """Every number that these parts give, by key.

    Args:
        parts: of one variant.
        grounds: what it is measured against.
        known: what was put together before of the same variant, which is extended; a part of the same length gives
            the same again.
    """
    known = {} if known is None else known
    found: dict[str, Statistic] = {}
    for name, make in _makers(grounds).items():
        if name in parts and not (name in OF_DRAWS and "draws" not in parts):
            of = name, parts[name].n
            if of not in known:
                known[of] = make(parts)
            found |= known[of]
    return found if grounds.chosen is None else _selected(found, parts, grounds.chosen, grounds.request)


def _selected(
    found: dict[str, Statistic], parts: Parts, chosen: NDArray[np.bool_], request: Request
) -> dict[str, Statistic]:
    """The numbers over a selection: of the sentences in it, of the pairs with both ends in it; samples are all."""
    words = f"sentences {request.selection.describe()}"
    result = {}
    for key, statistic in found.items():
        group = DEFINITIONS[key].group
        if group == "interpolation":
            ends = parts["pairs"].arrays["ends"]
            known = np.concatenate([chosen, np.zeros(max(0, int(ends.max()) + 1 - len(chosen)), dtype=bool)])
            inside = np.asarray(known[ends].all(axis=1))
        elif group == "generation" and key != "reverse_perplexity":
            result[key] = statistic
            continue
        else:
            inside = chosen[statistic.items]
            if statistic.size is not None:
                inside = inside & np.isfinite(statistic.each)
        how = statistic.how
        if key == "perplexity":  # it tells over how many tokens
            of_all, of_these = (_tokens(statistic.columns[rows, 1]) for rows in (slice(None), inside))
            how = how.replace(of_all, of_these)
        result[key] = among(statistic, inside, f"{how}; {words}")
    return result


def _makers(grounds: Grounds) -> dict[str, Callable[[Parts], dict[str, Statistic]]]:
    """What makes statistics of each part, by its name."""

    def given_back(way: str) -> Callable[[Parts], dict[str, Statistic]]:
        return lambda parts: _given_back(parts[f"back_{way}"], way, grounds)

    return {
        "posteriors": lambda parts: _likelihood(parts["posteriors"]),
        "information": lambda parts: _information(parts["information"]),
        "weights": lambda parts: _weighted(parts["weights"], grounds),
        **{f"back_{way}": given_back(way) for way in WAYS},
        "language": lambda parts: _generated(parts["draws"], parts["language"], grounds),
        "recurrent": lambda parts: _recurrent(parts["draws"], parts["recurrent"], grounds),
        "reverse": lambda parts: _reverse(parts["reverse"], grounds),
        "pairs": lambda parts: _ways(parts["pairs"]),
    }


def _mean(values: Floats, how: str, items: NDArray[np.int64] | None = None) -> Statistic:
    rows = np.arange(len(values)) if items is None else items
    return Statistic(values[:, None].astype(np.float64), lambda c: c[..., 0], rows, values.astype(np.float64), how)


def _likelihood(part: Part) -> dict[str, Statistic]:
    mu, logvar = (part.arrays[name].astype(np.float64) for name in ("mu", "logvar"))
    nll = part.arrays["nll"]
    kl = kl_per_dimension(mu, logvar).sum(axis=1)
    n, latent = mu.shape
    one_z = "one z ~ q(z|x) a sentence, EOS counted, no word drop; nats a sentence"
    centred = mu - mu.mean(axis=0)
    found = {
        "elbo": _mean(-nll - kl, f"E_q[log p(x|z)] - KL, the true ELBO; {one_z}"),
        "reconstruction": _mean(-nll, f"E_q[log p(x|z)]; {one_z}"),
        "kl": _mean(kl, "KL(q(z|x) || p(z)), closed form; nats a sentence"),
        "active_units": Statistic(
            np.concatenate([centred, centred**2], axis=1),
            lambda c: (c[..., latent:] - c[..., :latent] ** 2 > ACTIVE_UNIT_THRESHOLD).sum(axis=-1).astype(np.float64),
            np.arange(n),
            np.full(n, np.nan),
            f"dimensions of {latent} with Var_x(mu_d) > {ACTIVE_UNIT_THRESHOLD:g}",
        ),
    }
    return found


def _information(part: Part) -> dict[str, Statistic]:
    n = part.n
    return {
        "mutual_information": _mean(
            part.arrays["terms"],
            f"E[log q(z|x)] - E[log q(z)], q(z) the mixture of {n:,} posteriors, at most ln {n:,} = "
            f"{math.log(n):.2f}; one z a sentence; the mixture kept in every resample",
        )
    }


def kl_per_dimension(mu: Floats, logvar: Floats) -> Floats:
    """KL(q(z_d|x) || p(z_d)) of every sentence and dimension, (n, latent) nats (Kingma and Welling 2014, app. B)."""
    return 0.5 * (mu**2 + np.exp(logvar) - 1.0 - logvar)


def _weighted(part: Part, grounds: Grounds) -> dict[str, Statistic]:
    nll = part.arrays["nll"]
    tokens = grounds.sources.lengths[: len(nll)] + 1.0
    how = f"importance-weighted, K={grounds.request.samples}, EOS counted"
    return {
        "nll": _mean(nll, f"{how}; an upper bound, nats a sentence"),
        "perplexity": _perplexity(
            nll,
            tokens,
            np.arange(len(nll)),
            f"exp(NLL / tokens), {_tokens(tokens)}; {how}",
        ),
    }


def _given_back(part: Part, way: str, grounds: Grounds) -> dict[str, Statistic]:
    made = [part.texts[index] for index in range(part.n)] if part.texts is not None else []
    sources = [grounds.sources[index] for index in range(len(made))]
    how = f"{WAYS[way]}"
    if way.startswith("beam"):
        how = how.replace("beam", f"beam {grounds.request.beam}")
    lengths = np.array([len(each) for each in sources])
    counts = matches(made, sources)
    n = len(made)
    in_place = np.array([_in_place(*each) for each in zip(made, sources, strict=True)], dtype=np.float64)
    exact = np.array([float(a == b) for a, b in zip(made, sources, strict=True)])
    edits = np.array([1.0 - similarity(*each) for each in zip(made, sources, strict=True)])
    rows = np.arange(n)
    each = {
        "bleu": Statistic(
            counts,
            lambda c: bleu_of(c * n),
            rows,
            sentence_bleu(counts),
            f"BLEU-4 of all sentences together, sacrebleu without its tokenizer, exponential smoothing; {how}",
            summed=True,
        ),
        "exact": _mean(exact, f"same tokens in the same order; {how}"),
        "token_accuracy": Statistic(
            np.column_stack([in_place, lengths + 1.0]),
            lambda c: c[..., 0] / c[..., 1],
            rows,
            in_place / (lengths + 1.0),
            f"tokens of the source, its end among them, at the same place, of all tokens; {how}",
        ),
        "edit_distance": _mean(
            edits, f"Levenshtein distance over tokens / tokens of the longer sentence, mean over sentences; {how}"
        ),
    }
    found = {f"{name}_{way}": statistic for name, statistic in each.items()}
    for name in BY_LENGTH if way == HEADLINE_WAY else ():
        found |= _by_length(f"{name}_{way}", each[name], lengths)
    return found


def _in_place(made: Sequence[int], source: Sequence[int]) -> int:
    return sum(a == b for a, b in zip(made, source, strict=False)) + (len(made) == len(source))


def _by_length(key: str, whole: Statistic, lengths: NDArray[np.integer]) -> dict[str, Statistic]:
    """The same number over the shorter and over the longer items."""
    found = {}
    for name in LENGTHS:
        if name:
            chosen = lengths <= SHORT if name == "short" else lengths > SHORT
            found[f"{key}_{name}"] = among(whole, chosen, f"{whole.how}; {LENGTHS[name]}")
    return found


def among(whole: Statistic, chosen: NDArray[np.bool_], how: str) -> Statistic:
    """A number over some of the items only; the same resamples serve it, so it stays paired."""
    size = int(chosen.sum())
    inside = chosen.astype(np.float64)
    columns = np.column_stack([whole.columns * inside[:, None], inside])

    # Means over all items of what the chosen ones add, divided by their share, are means over the chosen ones; not
    # divided, times all items, they are sums over these.
    def of_means(means: Floats) -> Floats:
        share = means[..., -1:]
        if whole.summed:
            return np.where(share[..., 0] > 0, whole.of_means(means[..., :-1]), np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            return whole.of_means(means[..., :-1] / share)

    values = np.where(chosen, whole.each, np.nan)
    how = f"{how}, {size:,} of {len(chosen):,}"
    return Statistic(columns, of_means, whole.items, values, how, size, whole.summed)


def _generated(draws: Part, language: Part, grounds: Grounds) -> dict[str, Statistic]:
    assert draws.texts is not None
    lengths = draws.texts.lengths[: language.n]
    rows = np.arange(len(lengths))
    how = _drawn(grounds)
    found = _forward(
        "forward_perplexity",
        language.arrays["forward"],
        lengths,
        f"perplexity of the samples under a language model counted over the training text; {how}",
    )
    for order in (1, 2):
        unique = language.arrays[f"unique_{order}"]
        runs = np.maximum(lengths - order + 1, 0).astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.where(runs > 0, unique / runs, np.nan)
        found[f"distinct_{order}"] = Statistic(
            np.column_stack([unique, runs]),
            lambda c: c[..., 0] / c[..., 1],
            rows,
            values,
            f"different runs of {order} / all runs of {order} in {len(lengths):,} samples, which falls as samples "
            f"grow; the counts kept in every resample; {how}",
        )
    return found | {
        "self_bleu": _mean(
            language.arrays["self_bleu"],
            f"BLEU-4 of each sample against all the others, mean of {len(lengths):,}, which rises as samples grow; the "
            f"others kept in every resample; {how}",
        ),
        "novelty": _mean(1.0 - language.arrays["known"], f"samples that are no sentence of the training text; {how}"),
        "length": _mean(lengths.astype(np.float64), f"tokens, EOS not counted; {how}"),
    }


def _recurrent(draws: Part, part: Part, grounds: Grounds) -> dict[str, Statistic]:
    assert draws.texts is not None
    words = "perplexity of the samples under a recurrent language model trained on the training text"
    return _forward(RECURRENT, part.arrays["nll"], draws.texts.lengths[: part.n], f"{words}; {_drawn(grounds)}")


def _drawn(grounds: Grounds) -> str:
    return f"z ~ N(0, I), beam {grounds.request.beam}, the same draws for every variant"


def _forward(key: str, nll: Floats, lengths: NDArray[np.integer], how: str) -> dict[str, Statistic]:
    """The perplexity of samples (n,) of so many nats and tokens, of all, of the shorter and of the longer ones."""
    whole = _perplexity(nll, lengths + 1.0, np.arange(len(lengths)), how)
    return {key: whole} | _by_length(key, whole, lengths)


def _tokens(counts: NDArray[np.floating[Any]]) -> str:
    return f"{int(counts.sum()):,} tokens"


def _perplexity(nll: Floats, tokens: NDArray[np.floating[Any]], items: NDArray[np.int64], how: str) -> Statistic:
    """exp(nats / tokens) of all items together."""
    columns = np.column_stack([nll, tokens])
    return Statistic(columns, lambda c: np.exp(c[..., 0] / c[..., 1]), items, np.exp(nll / tokens), how)


def _reverse(part: Part, grounds: Grounds) -> dict[str, Statistic]:
    rows = part.arrays["items"]
    tokens = grounds.sources.lengths[rows] + 1.0
    nll = part.arrays["nll"]
    statistic = _perplexity(
        nll,
        tokens,
        rows,
        f"perplexity of test sentences without an unknown word under a language model counted over "
        f"{grounds.request.draws:,} samples, which falls as samples grow; the samples kept in every resample",
    )
    return {"reverse_perplexity": statistic}


def unique_runs(texts: Texts, order: int) -> Floats:
    """What each sentence adds to the number of different runs: 1 / how often a run occurs in all, summed over its own.

    The sum over the sentences is the number of different runs, so distinct-n is a ratio of two means.
    """
    sentences = [texts[index] for index in range(len(texts))]
    runs = [[tuple(each[at : at + order]) for at in range(len(each) - order + 1)] for each in sentences]
    counts: dict[tuple[int, ...], int] = {}
    for own in runs:
        for run in own:
            counts[run] = counts.get(run, 0) + 1
    return np.array([sum(1.0 / counts[run] for run in own) for own in runs])


def _ways(part: Part) -> dict[str, Statistic]:
    how = f"{STEPS} even steps along the line between z ~ q(z|x) of two random test sentences, greedy"
    means = {
        "distinct_neighbours": "neighbours that differ",
        "neighbour_similarity": "1 - edit distance / tokens of the longer one, mean over neighbours",
        "largest_jump": "largest edit distance / tokens of the longer one between neighbours",
        "end_recovery": "1 - edit distance / tokens of the longer one, mean of both ends",
    }
    return {key: _mean(part.arrays[key], f"{words}; {how}") for key, words in means.items()}


def of_a_way(way: Sequence[Sequence[int]], first: Sequence[int], last: Sequence[int]) -> dict[str, float]:
    """The numbers of one way between two sentences, by key.

    Args:
        way: the sentences that were written, as word ids, from one end to the other.
        first, last: the sentences that it was led between.
    """
    neighbours = list(pairwise(way))
    similar = [similarity(a, b) for a, b in neighbours]
    return {
        "distinct_neighbours": sum(list(a) != list(b) for a, b in neighbours) / len(neighbours),
        "neighbour_similarity": sum(similar) / len(neighbours),
        "largest_jump": 1.0 - min(similar),
        "end_recovery": 0.5 * (similarity(way[0], first) + similarity(way[-1], last)),
    }


def similarity(first: Sequence[int], second: Sequence[int]) -> float:
    """1 - Levenshtein distance over tokens / tokens of the longer one; 1 for two empty sentences."""
    longer = max(len(first), len(second))
    return 1.0 - Levenshtein.distance(first, second) / longer if longer else 1.0
