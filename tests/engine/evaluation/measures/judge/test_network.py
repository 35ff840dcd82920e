"""The recurrent language model against a loop of single cells, and as a distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
import torch

from engine.corpus.vocabulary import BOS, EOS
from engine.evaluation.measures.judge.network import SCORED_AT_ONCE, LanguageNetwork
from engine.evaluation.measures.judge.recipe import Sizes
from engine.evaluation.measures.parts import Texts
from engine.evaluation.measures.scores.language_model import LanguageModel, perplexity

SIZES = Sizes(vocabulary=12, embedding=5, hidden=7)
SENTENCES = [[4, 5, 6], [7], [], [9, 8, 11, 4, 4], [5, 6]]


def plain_nll(network: LanguageNetwork, sentence: Sequence[int]) -> float:
    """-log p of a sentence, word by word in float64."""
    weights = {name: tensor.double() for name, tensor in network.state_dict().items()}
    vectors = weights["embedding.weight"]
    h, c = torch.zeros(SIZES.hidden).double(), torch.zeros(SIZES.hidden).double()
    cost = 0.0
    for previous, word in zip([BOS, *sentence], [*sentence, EOS], strict=True):
        gates = weights["lstm.weight_ih_l0"] @ vectors[previous] + weights["lstm.bias_ih_l0"]
        gates = gates + weights["lstm.weight_hh_l0"] @ h + weights["lstm.bias_hh_l0"]
        i, f, g, o = gates.view(4, -1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        features = weights["to_features.weight"] @ h + weights["to_features.bias"]
        logits = vectors @ features + weights["output_bias"]
        cost -= math.log(float(torch.softmax(logits, dim=0)[word]))
    return cost


@pytest.fixture
def network() -> LanguageNetwork:
    made = LanguageNetwork(SIZES, seed=1, dropout=0.3)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.mul_(4.0)  # first weights say nearly the same of every word
    return made


def test_costs_are_those_of_a_plain_loop(network: LanguageNetwork) -> None:
    texts = Texts.of(SENTENCES)
    nll = network.nll(texts.ids, texts.offsets)
    assert nll.dtype == np.float64
    expected = [plain_nll(network, each) for each in SENTENCES]
    assert nll == pytest.approx(expected, rel=1e-5)
    tokens = sum(len(each) + 1 for each in SENTENCES)
    assert perplexity(nll, texts.lengths) == pytest.approx(math.exp(sum(expected) / tokens), rel=1e-5)


def test_a_sentence_costs_the_same_whatever_is_scored_beside_it(network: LanguageNetwork) -> None:
    many = [[3 + (row * step) % 9 for step in range(1 + row % 7)] for row in range(SCORED_AT_ONCE + 30)]
    texts = Texts.of(many)
    together = network.nll(texts.ids, texts.offsets)
    for row in (0, 17, SCORED_AT_ONCE + 29):
        alone = Texts.of([many[row]])
        assert network.nll(alone.ids, alone.offsets)[0] == pytest.approx(together[row], rel=1e-5)


def test_both_judges_count_the_same_tokens(network: LanguageNetwork) -> None:
    """Of words that are all alike to it, either says ln of their number for every word and every end."""
    texts = Texts.of([[4, 5], [6, 7, 8]])
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
    even = network.nll(texts.ids, texts.offsets)
    assert even == pytest.approx([3 * math.log(12), 4 * math.log(12)])
    counted = LanguageModel(texts.ids, texts.offsets, SIZES.vocabulary)
    assert counted.nll(texts.ids, texts.offsets).shape == even.shape


def test_dropout_is_a_function_of_its_seed_and_none_without_one(network: LanguageNetwork) -> None:
    words, lengths = torch.tensor([[4, 5, 6], [7, 8, 0]]), torch.tensor([3, 2])

    def total(seed: int | None) -> float:
        generator = None if seed is None else torch.Generator().manual_seed(seed)
        return float(network.likelihood(words, lengths, generator).total.detach())

    assert total(1) == total(1)
    assert total(1) != total(2)
    assert total(None) == pytest.approx(plain_nll(network, [4, 5, 6]) + plain_nll(network, [7, 8]), rel=1e-5)


def test_first_weights_are_those_of_the_seed() -> None:
    first, again, other = (LanguageNetwork(SIZES, seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["lstm.weight_hh_l0"], other["lstm.weight_hh_l0"])


def test_of_the_demos_words_it_has_some_seven_hundred_thousand_numbers() -> None:
    count = sum(each.numel() for each in LanguageNetwork(Sizes(8000)).parameters())
    assert 2 * count < 1_400_000  # bytes, in half precision
