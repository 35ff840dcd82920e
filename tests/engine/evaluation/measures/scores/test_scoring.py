"""The numbers of sentences, samples and ways, each against a plain count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu import corpus_bleu

from engine.evaluation.measures.parts import Part, Texts
from engine.evaluation.measures.request import Request
from engine.evaluation.measures.scores.scoring import (
    Grounds,
    among,
    kl_per_dimension,
    of_a_way,
    similarity,
    statistics,
    unique_runs,
)

sentence = st.lists(st.integers(4, 7), min_size=1, max_size=14)


def edits(a: list[int], b: list[int]) -> int:
    """Levenshtein's distance by its recursion, row by row."""
    row = list(range(len(b) + 1))
    for i, first in enumerate(a, start=1):
        last, row[0] = row[0], i
        for j, second in enumerate(b, start=1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (first != second))
    return row[-1]


@given(st.lists(st.tuples(sentence, sentence), min_size=1, max_size=10))
def test_what_came_back_is_counted_word_by_word(pairs: list[tuple[list[int], list[int]]]) -> None:
    made, sources = [made for made, _ in pairs], [source for _, source in pairs]
    found = statistics({"back_beam_mu": Part({}, Texts.of(made))}, Grounds(Texts.of(sources), Request(limit=len(made))))
    assert found["exact_beam_mu"].value == pytest.approx(sum(a == b for a, b in pairs) / len(pairs))
    distances = [edits(a, b) / max(len(a), len(b)) for a, b in pairs]
    assert found["edit_distance_beam_mu"].value == pytest.approx(sum(distances) / len(pairs))
    right = total = 0
    for a, b in pairs:
        a, b = [*a, 2], [*b, 2]  # each with its end
        right += sum(at < len(a) and a[at] == word for at, word in enumerate(b))
        total += len(b)
    assert found["token_accuracy_beam_mu"].value == pytest.approx(right / total)
    assert found["exact_beam_mu"].n == len(pairs)


@given(st.lists(st.tuples(st.floats(-9, 9), st.booleans()), min_size=1, max_size=20))
def test_a_number_among_some_items_is_that_of_these_alone(items: list[tuple[float, bool]]) -> None:
    values, chosen = np.array([value for value, _ in items]), np.array([there for _, there in items])
    sources = Texts.of([[4] * (5 if there else 12) for there in chosen])
    made = [[4] * (5 if there else 12) if value > 0 else [5] for value, there in items]
    found = statistics({"back_greedy_z": Part({}, Texts.of(made))}, Grounds(sources, Request()))
    whole, few = found["exact_greedy_z"], among(found["exact_greedy_z"], chosen, "")
    assert whole.value == pytest.approx((values > 0).mean())
    assert few.n == chosen.sum()
    if few.n:
        assert few.value == pytest.approx((values > 0)[chosen].mean())
    assert np.isfinite(few.each).tolist() == chosen.tolist()


@given(st.lists(st.tuples(sentence, sentence, st.booleans()), min_size=1, max_size=12))
def test_bleu_of_some_sentences_is_sacrebleus_of_these_alone(items: list[tuple[list[int], list[int], bool]]) -> None:
    made, sources = [made for made, *_ in items], [source for _, source, _ in items]
    lengths = np.array([len(source) for source in sources])
    chosen = np.array([there for *_, there in items])
    part = {"back_beam_z": Part({}, Texts.of(made))}
    found = statistics(part, Grounds(Texts.of(sources), Request(limit=len(made))))
    for key, of_length in (("bleu_beam_z_short", lengths <= 10), ("bleu_beam_z_long", lengths > 10)):
        for statistic, inside in (
            (found[key], of_length),
            (among(found[key], chosen & of_length, ""), chosen & of_length),  # a selection of those of a length
        ):
            if not inside.any():
                assert np.isnan(statistic.value)
                continue
            some = [index for index in range(len(made)) if inside[index]]
            lines = [[" ".join(map(str, each[index])) for index in some] for each in (made, sources)]
            alone = corpus_bleu(lines[0], [lines[1]], tokenize="none", force=True).score
            assert statistic.value == pytest.approx(alone, abs=1e-9)


def test_the_bounds_come_from_the_posteriors() -> None:
    random = np.random.default_rng(0)
    mu, logvar = random.normal(size=(2, 30, 4))
    nll = random.uniform(20, 30, 30)
    part = Part({"mu": mu.astype(np.float32), "logvar": logvar.astype(np.float32), "nll": nll})
    found = statistics({"posteriors": part}, Grounds(Texts.of([[4]] * 30), Request()))
    mu, logvar = part.arrays["mu"].astype(float), part.arrays["logvar"].astype(float)
    kl = [
        sum(0.5 * (m * m + np.exp(v) - 1 - v) for m, v in zip(a, b, strict=True))
        for a, b in zip(mu, logvar, strict=True)
    ]
    assert found["kl"].value == pytest.approx(sum(kl) / 30)
    assert found["elbo"].value == pytest.approx(-(sum(kl) + nll.sum()) / 30)
    assert found["active_units"].value == (mu.var(axis=0) > 0.01).sum()
    assert kl_per_dimension(mu, logvar).sum(axis=1) == pytest.approx(kl)


def test_perplexity_is_over_tokens_and_not_a_mean_of_perplexities() -> None:
    part = Part({"nll": np.array([10.0, 40.0]), "one_sample": np.array([11.0, 41.0])})
    found = statistics({"weights": part}, Grounds(Texts.of([[4] * 4, [4] * 9]), Request()))
    assert found["perplexity"].value == pytest.approx(np.exp(50 / 15))
    assert found["nll"].value == 25.0


@given(st.lists(sentence, min_size=1, max_size=8), st.integers(1, 2))
def test_different_runs_are_shared_out_among_the_sentences_that_have_them(
    sentences: list[list[int]], order: int
) -> None:
    distinct = {tuple(each[at : at + order]) for each in sentences for at in range(len(each) - order + 1)}
    assert unique_runs(Texts.of(sentences), order).sum() == pytest.approx(len(distinct))


def test_the_numbers_of_a_way() -> None:
    way = [[4, 5, 6], [4, 5, 6], [4, 5, 7], [8, 8]]
    found = of_a_way(way, first=[4, 5, 6], last=[8, 9])
    assert found["distinct_neighbours"] == pytest.approx(2 / 3)
    assert found["neighbour_similarity"] == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert found["largest_jump"] == 1.0
    assert found["end_recovery"] == pytest.approx((1.0 + 0.5) / 2)
    assert similarity([], []) == 1.0
