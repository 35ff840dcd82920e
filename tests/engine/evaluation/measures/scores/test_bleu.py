"""BLEU of sums and self-BLEU against sacrebleu."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu.metrics.bleu import BLEU

from engine.evaluation.measures.scores.bleu import bleu_of, matches, self_bleu, sentence_bleu

sentence = st.lists(st.integers(4, 9), min_size=1, max_size=9)
corpus = st.lists(st.tuples(sentence, sentence), min_size=1, max_size=12)


def line(ids: list[int]) -> str:
    return " ".join(map(str, ids))


def of_sacrebleu(made: list[list[int]], sources: list[list[int]]) -> float:
    metric = BLEU(tokenize="none", force=True)
    return metric.corpus_score([line(each) for each in made], [[line(each) for each in sources]]).score


@given(corpus)
def test_bleu_of_the_sums_is_that_of_the_corpus(pairs: list[tuple[list[int], list[int]]]) -> None:
    made, sources = [made for made, _ in pairs], [source for _, source in pairs]
    found = float(bleu_of(matches(made, sources).sum(axis=0)))
    assert found == pytest.approx(min(100.0, of_sacrebleu(made, sources)), abs=1e-9)


@given(corpus, st.integers(0, 1000))
def test_bleu_of_a_resample_is_that_of_its_sentences(pairs: list[tuple[list[int], list[int]]], seed: int) -> None:
    made, sources = [made for made, _ in pairs], [source for _, source in pairs]
    chosen = np.random.default_rng(seed).integers(len(pairs), size=len(pairs))
    counts = np.bincount(chosen, minlength=len(pairs)).astype(float)
    found = float(bleu_of(counts @ matches(made, sources)))
    expected = of_sacrebleu([made[row] for row in chosen], [sources[row] for row in chosen])
    assert found == pytest.approx(min(100.0, expected), abs=1e-9)


@given(corpus)
def test_each_sentence_alone_is_scored_over_the_orders_it_has(pairs: list[tuple[list[int], list[int]]]) -> None:
    made, sources = [made for made, _ in pairs], [source for _, source in pairs]
    metric = BLEU(tokenize="none", effective_order=True)
    expected = [min(100.0, metric.sentence_score(line(a), [line(b)]).score) for a, b in pairs]
    assert sentence_bleu(matches(made, sources)) == pytest.approx(expected, abs=1e-9)


@given(st.lists(sentence, min_size=2, max_size=8))
def test_self_bleu_holds_each_against_all_the_others(sentences: list[list[int]]) -> None:
    metric = BLEU(tokenize="none", effective_order=True)
    expected = [
        metric.sentence_score(line(each), [line(other) for at, other in enumerate(sentences) if at != row]).score
        for row, each in enumerate(sentences)
    ]
    assert self_bleu(sentences) == pytest.approx([min(100.0, each) for each in expected], abs=1e-9)


def test_a_right_sentence_of_three_words_scores_all_alone_and_nothing_as_a_corpus() -> None:
    rows = matches([[5, 6, 7]], [[5, 6, 7]])
    assert sentence_bleu(rows)[0] == 100.0
    assert float(bleu_of(rows.sum(axis=0))) == 0.0


def test_one_sentence_has_no_others_to_repeat() -> None:
    assert self_bleu([[4, 5]]).tolist() == [0.0]
