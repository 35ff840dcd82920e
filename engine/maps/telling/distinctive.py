"""The words that tell the sentences of one place from those around it: log-odds with an informative Dirichlet prior.

Monroe, Colaresi and Quinn 2008, "Fightin' Words", equations 16, 20 and 22. With y_w sentences inside that have the word
w and x_w outside, and a prior of a_w = A * share of w among all, A = `PRIOR` words in total,

    delta_w = log((y_w + a_w) / (y + A - y_w - a_w)) - log((x_w + a_w) / (x + A - x_w - a_w))
    z_w     = delta_w / sqrt(1 / (y_w + a_w) + 1 / (x_w + a_w)),

where y and x are the sums over all words. A word counts once a sentence. z_w is about the number of standard errors
that delta_w is above 0, so rare words do not win by chance, and common ones not by being common.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from engine.corpus.tokens import words_in

PRIOR = 500.0
"""Words of the prior: what a place of few sentences has to overcome."""
STANDARD_ERRORS = 4.0
"""A word is distinctive from so many on."""
MOST = 3
"""Words of a name."""

Floats = NDArray[np.float64]


class WordCounts:
    """Which of many sentences have which words; each word once a sentence.

    Attributes:
        words: those of at least two sentences, in order of the alphabet, each as it is mostly written within a
            sentence; capitals tell no two apart.
    """

    def __init__(self, sentences: Iterable[str]) -> None:
        known: dict[str, int] = {}
        columns: list[int] = []
        ends = [0]
        forms: list[dict[str, int]] = []
        for text in sentences:
            found = set()
            for at, (word, start, end) in enumerate(words_in(text)):
                number = known.setdefault(word.casefold(), len(known))
                if number == len(forms):
                    forms.append({})
                if at:  # the first one has a capital for that reason
                    form = text[start:end]
                    forms[number][form] = forms[number].get(form, 0) + 1
                found.add(number)
            columns.extend(sorted(found))
            ends.append(len(columns))
        rows = csr_array(
            (np.ones(len(columns), np.int32), np.array(columns, np.int64), np.array(ends, np.int64)),
            shape=(len(ends) - 1, len(known)),
        )
        names = np.array(list(known), dtype=object)
        often = np.flatnonzero(np.asarray(rows.sum(axis=0)).ravel() > 1)
        often = often[np.argsort(names[often])] if len(often) else often
        self.words: tuple[str, ...] = tuple(_usual(forms[at]) or names[at] for at in often.tolist())
        self._rows = rows[:, often]

    def of(self, sentences: NDArray[np.bool_]) -> Floats:
        """(words,) how many of these sentences, a mask, have each word."""
        return np.asarray(sentences.astype(np.int64) @ self._rows, dtype=np.float64).ravel()


def _usual(forms: dict[str, int]) -> str:
    """How a word is written mostly; "" where it was only met at the beginning of sentences."""
    return max(forms, key=lambda form: (forms[form], form), default="")


def log_odds(inside: Floats, outside: Floats, overall: Floats) -> Floats:
    """z_w of the formula above.

    Args:
        inside, outside: (words,) sentences with each word, in the place and outside of it.
        overall: (words,) the same of all, from which the prior is taken; above 0.
    """
    prior = PRIOR * overall / overall.sum()
    terms = []
    for counts in (inside, outside):
        own = counts + prior
        terms.append((np.log(own) - np.log(counts.sum() + PRIOR - own), 1.0 / own))
    return (terms[0][0] - terms[1][0]) / np.sqrt(terms[0][1] + terms[1][1])


def distinctive(
    counts: WordCounts, inside: NDArray[np.bool_], outside: NDArray[np.bool_], most: int = MOST
) -> tuple[str, ...]:
    """The most distinctive words of a place, the most so first; () where none is, or there is nothing to compare.

    Args:
        counts: of the sentences.
        inside, outside: masks of them, of the place and of what it is compared with.
        most: words at most.
    """
    if not counts.words or not inside.any() or not outside.any():
        return ()
    own, others = counts.of(inside), counts.of(outside)
    z = log_odds(own, others, counts.of(np.ones(len(inside), np.bool_)))
    order: Sequence[int] = np.lexsort((np.arange(len(z)), -z))[:most].tolist()
    return tuple(counts.words[at] for at in order if z[at] >= STANDARD_ERRORS)
