"""The counted language model against a plain one of dictionaries, and as a distribution."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.corpus.vocabulary import BOS, EOS, PAD
from engine.evaluation.measures.parts import Texts
from engine.evaluation.measures.scores.language_model import LanguageModel, _discounts, fitting_order, perplexity

VOCABULARY = 9
sentences = st.lists(st.lists(st.integers(3, VOCABULARY - 1), min_size=1, max_size=6), min_size=1, max_size=30)


class Plain:
    """Interpolated modified Kneser-Ney, written word by word from Chen and Goodman's formulas."""

    def __init__(self, text: Sequence[Sequence[int]], order: int) -> None:
        self.order = order
        framed = [[BOS, *sentence, EOS] for sentence in text]
        raw: dict[int, Counter[tuple[int, ...]]] = {n: Counter() for n in range(1, order + 1)}
        for sentence in framed:
            for n in range(1, order + 1):
                for end in range(1, len(sentence)):
                    if end - n + 1 >= 0:
                        raw[n][tuple(sentence[end - n + 1 : end + 1])] += 1
        self.counts: dict[int, dict[tuple[int, ...], float]] = {order: dict(raw[order])}
        for n in range(1, order):
            before: dict[tuple[int, ...], set[int]] = {}
            for run in raw[n + 1]:
                before.setdefault(run[1:], set()).add(run[0])
            self.counts[n] = {
                run: raw[n][run] if n > 1 and run[0] == BOS else len(before.get(run, ())) for run in raw[n]
            }
        self.discounts = {n: self._discounts(self.counts[n]) for n in self.counts}

    @staticmethod
    def _discounts(counts: dict[tuple[int, ...], float]) -> list[float]:
        seen = Counter(counts.values())
        n1, n2, n3, n4 = (seen[number] for number in (1, 2, 3, 4))
        if min(n1, n2, n3, n4) > 0:
            y = n1 / (n1 + 2 * n2)
            found = [1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3]
            if found[0] > 0 and found[1] > 0 and found[2] > 0:
                return [0.0, *found]
        return [0.0, 0.5, 1.0, 1.5]

    def p(self, word: int, context: tuple[int, ...]) -> float:
        context = context[-(self.order - 1) :] if self.order > 1 else ()
        below = self.p(word, context[1:]) if context else 1.0 / (VOCABULARY - 2)
        counts = self.counts[len(context) + 1]
        after = [count for run, count in counts.items() if run[:-1] == context]
        if not after:
            return below
        discount = self.discounts[len(context) + 1]
        own = counts.get((*context, word), 0)
        freed = sum(discount[min(3, int(count))] for count in after)
        return max(own - discount[min(3, int(own))], 0) / sum(after) + freed / sum(after) * below

    def nll(self, sentence: Sequence[int]) -> float:
        words = [BOS, *sentence, EOS]
        return -sum(math.log(self.p(words[at], tuple(words[:at]))) for at in range(1, len(words)))


def of(text: Sequence[Sequence[int]], order: int = 4) -> LanguageModel:
    texts = Texts.of(text)
    return LanguageModel(texts.ids, texts.offsets, VOCABULARY, order)


@given(sentences, sentences, st.integers(1, 4))
def test_it_costs_what_the_formulas_say(text: list[list[int]], asked: list[list[int]], order: int) -> None:
    plain, scored = Plain(text, order), Texts.of(asked)
    expected = [plain.nll(sentence) for sentence in asked]
    assert of(text, order).nll(scored.ids, scored.offsets) == pytest.approx(expected, rel=1e-12)


def test_discounts_are_estimated_where_the_text_is_large_enough() -> None:
    random = np.random.default_rng(0)
    text = [random.zipf(1.4, size=random.integers(1, 9)).clip(1, 6).tolist() for _ in range(400)]
    text = [[word + 2 for word in sentence] for sentence in text]
    plain = Plain(text, 3)
    assert plain.discounts[3] != [0.0, 0.5, 1.0, 1.5]
    scored = Texts.of(text[:50])
    assert of(text, 3).nll(scored.ids, scored.offsets) == pytest.approx([plain.nll(each) for each in text[:50]])


def test_an_estimate_that_would_take_nothing_is_none() -> None:
    """Counts of few sentences may give a discount of exactly 0, which would leave unseen words without probability."""
    counts = np.repeat([1.0, 2.0, 3.0, 4.0], [24, 6, 6, 3])
    y = 24 / (24 + 2 * 6)
    assert 2 - 3 * y * 6 / 6 == 0.0
    assert _discounts(counts).tolist() == [0.0, 0.5, 1.0, 1.5]


@given(sentences, st.lists(st.integers(3, VOCABULARY - 1), max_size=3), st.booleans())
def test_after_every_context_the_words_have_probability_one(
    text: list[list[int]], context: list[int], begins: bool
) -> None:
    found = of(text).probabilities([BOS, *context][-3:] if begins else context)
    assert found.sum() == pytest.approx(1.0)
    assert found[PAD] == found[BOS] == 0.0
    assert found[EOS] > 0


def test_its_perplexity_counts_the_ends() -> None:
    assert perplexity(np.array([2.0, 4.0]), np.array([1, 2])) == pytest.approx(math.exp(6.0 / 5.0))


def test_a_large_vocabulary_has_shorter_runs() -> None:
    assert (fitting_order(8_000), fitting_order(100_000), fitting_order(3_000_000)) == (4, 3, 2)
    assert fitting_order(55_108) == 4


def test_a_model_of_no_sentence_is_refused() -> None:
    with pytest.raises(ValueError, match="one sentence or more"):
        of([])
