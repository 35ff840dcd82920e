"""BLEU (Papineni et al. 2002) as a function of sums over sentences, and self-BLEU (Zhu et al. 2018).

The matches are counted by sacrebleu, with its tokenizer off: our words are cut already, and its own would take `<unk>`
or `mr.` apart. The score of any resample of sentences then follows from the sums of their counts. As in
`sacrebleu.corpus_bleu`: four orders, exponential smoothing of orders without a match. A corpus of sentences shorter
than four words has no run of four at all and scores 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ids = Sequence[int]

ORDERS = 4


def matches(made: Sequence[Ids], sources: Sequence[Ids]) -> Floats:
    """What each sentence adds to BLEU.

    Args:
        made: the sentences that came back, as word ids.
        sources: what each should have been.

    Returns:
        (n, 10) float64: for each order the runs of `made` that are in the source, then all runs of `made` for each
        order, the words of `made`, the words of the source.
    """
    from sacrebleu.metrics.bleu import BLEU

    metric = BLEU(tokenize="none", force=True, effective_order=True)  # which changes the score, not the counts
    rows = np.empty((len(made), 2 * ORDERS + 2))
    for row, (written, source) in enumerate(zip(made, sources, strict=True)):
        score = metric.sentence_score(_line(written), [_line(source)])
        rows[row] = (*score.counts, *score.totals, score.sys_len, score.ref_len)
    return rows


def _line(ids: Ids) -> str:
    return " ".join(map(str, ids))


def bleu_of(sums: Floats) -> Floats:
    """BLEU from 0 to 100 of sums of the columns of `matches`, (..., 10) -> (...).

    Of sums and not of means, as an order without a match is smoothed by half a match in all its runs.
    """
    sums = np.asarray(sums, dtype=np.float64)
    counts, totals = sums[..., :ORDERS], sums[..., ORDERS : 2 * ORDERS]
    made, source = sums[..., -2], sums[..., -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.zeros(sums.shape[:-1])
        smoothing = np.ones(sums.shape[:-1])
        for order in range(ORDERS):
            none = (counts[..., order] == 0) & (totals[..., order] > 0)
            smoothing = np.where(none, 2 * smoothing, smoothing)
            precision = np.where(none, 1.0 / smoothing, counts[..., order]) / totals[..., order]
            logs = logs + np.log(precision) / ORDERS
        brevity = np.minimum(0.0, 1.0 - source / made)
        score = 100.0 * np.exp(logs + brevity)
    whole = (totals > 0).all(axis=-1) & (counts.sum(axis=-1) > 0)
    return np.minimum(np.where(whole, score, 0.0), 100.0)


def sentence_bleu(rows: Floats) -> Floats:
    """BLEU of each sentence alone, (n, 10) -> (n,): over the orders that it has, as `sacrebleu.sentence_bleu`."""
    return np.array([_effective(row) for row in rows])


def _effective(row: Floats) -> float:
    counts, totals = row[:ORDERS], row[ORDERS : 2 * ORDERS]
    orders = int((totals > 0).sum())
    if not orders or not counts.any():
        return 0.0
    smoothing, logs = 1.0, 0.0
    for count, total in zip(counts[:orders], totals[:orders], strict=True):
        if count == 0:
            smoothing *= 2
            count = 1.0 / smoothing
        logs += np.log(count / total)
    brevity = min(0.0, 1.0 - row[-1] / row[-2])
    return min(100.0, float(100.0 * np.exp(logs / orders + brevity)))


def self_bleu(sentences: Sequence[Ids]) -> Floats:
    """BLEU of each sentence against all the others as its references, (n,) from 0 to 100.

    Each as `sacrebleu.sentence_bleu`: a run counts as often as one of the others has it, and the brevity penalty
    takes the nearest length among the others. 0 where there are no others.
    """
    if len(sentences) < 2:
        return np.zeros(len(sentences))
    rows = np.zeros((len(sentences), 2 * ORDERS + 2))
    for order in range(1, ORDERS + 1):
        own = [_runs(sentence, order) for sentence in sentences]
        best = _two_highest(own)
        for row, runs in enumerate(own):
            matched = 0
            for run, count in runs.items():
                highest, owner, second = best[run]
                matched += min(count, second if owner == row else highest)
            rows[row, order - 1], rows[row, ORDERS + order - 1] = matched, sum(runs.values())
    lengths = np.array([len(sentence) for sentence in sentences])
    many = Counter(lengths.tolist())
    for row, length in enumerate(lengths.tolist()):
        others = (other for other, count in many.items() if count > (other == length))
        rows[row, -2], rows[row, -1] = length, min(others, key=lambda other: (abs(other - length), other))
    return sentence_bleu(rows)


def _runs(sentence: Ids, order: int) -> Counter[tuple[int, ...]]:
    return Counter(tuple(sentence[at : at + order]) for at in range(len(sentence) - order + 1))


def _two_highest(own: Sequence[Counter[tuple[int, ...]]]) -> dict[tuple[int, ...], tuple[int, int, int]]:
    """Of every run the highest count in one sentence, whose it is, and the highest of all the other sentences."""
    best: dict[tuple[int, ...], tuple[int, int, int]] = {}
    for row, runs in enumerate(own):
        for run, count in runs.items():
            highest, owner, second = best.get(run, (0, -1, 0))
            if count > highest:
                best[run] = count, row, highest
            elif count > second:
                best[run] = highest, owner, count
    return best
