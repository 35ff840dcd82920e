"""Training the recurrent language model: that it learns, repeats itself, keeps to its limits and can be stopped."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pytest
import torch

from engine.corpus.store import Corpus
from engine.errors import LoomError, Stopped
from engine.evaluation.measures.judge.network import LanguageNetwork
from engine.evaluation.measures.judge.recipe import STAGE, Recipe, Sizes
from engine.evaluation.measures.judge.training import Trained, train
from engine.evaluation.measures.scores.language_model import perplexity
from engine.events import Event, Progress

CPU = torch.device("cpu")
SMALL = Recipe(most_tokens=20_000)
Result = TypeVar("Result")


def finished(work: Generator[Event, None, Result]) -> tuple[Result, list[Event]]:
    """What a generator returns, and what it told."""
    events = []
    while True:
        try:
            events.append(next(work))
        except StopIteration as end:
            return end.value, events


def sizes(corpus: Corpus) -> Sizes:
    return Sizes(len(corpus.vocabulary), 16, 24)


def own(network: LanguageNetwork, corpus: Corpus) -> float:
    """Its perplexity on the test text."""
    ids, offsets = corpus.test.block(0, len(corpus.test))
    return perplexity(network.nll(ids, offsets), np.diff(offsets))


@pytest.fixture(scope="module")
def trained(tiny_corpus: Corpus) -> Trained:
    return finished(train(tiny_corpus.train, sizes(tiny_corpus), CPU, SMALL))[0]


def test_text_costs_less_the_longer_it_was_trained(tiny_corpus: Corpus, trained: Trained) -> None:
    untrained = LanguageNetwork(sizes(tiny_corpus), SMALL.seed)
    shortly = finished(train(tiny_corpus.train, sizes(tiny_corpus), CPU, replace(SMALL, most_tokens=6000)))[0]
    found = [own(each, tiny_corpus) for each in (untrained, shortly.network, trained.network)]
    assert found[0] == pytest.approx(len(tiny_corpus.vocabulary), rel=0.05)
    assert found[0] > 1.2 * found[1] > 1.2 * found[2]


def test_it_repeats_itself_bit_for_bit(tiny_corpus: Corpus, trained: Trained) -> None:
    again = finished(train(tiny_corpus.train, sizes(tiny_corpus), CPU, SMALL))[0]
    assert again.perplexity == trained.perplexity
    for name, tensor in trained.network.state_dict().items():
        assert torch.equal(tensor, again.network.state_dict()[name]), name
    other = finished(train(tiny_corpus.train, sizes(tiny_corpus), CPU, replace(SMALL, seed=1)))[0]
    assert other.perplexity != trained.perplexity


def test_it_learns_from_no_more_tokens_than_it_may(tiny_corpus: Corpus, trained: Trained) -> None:
    assert trained.tokens == pytest.approx(SMALL.most_tokens, rel=0.1)
    once = finished(train(tiny_corpus.train, sizes(tiny_corpus), CPU, replace(SMALL, most_epochs=1)))[0]
    there = tiny_corpus.train.tokens + len(tiny_corpus.train)
    assert 0.9 * there <= once.tokens <= there  # a twentieth is only measured
    assert once.sentences == trained.sentences == len(tiny_corpus.train) - int(0.05 * len(tiny_corpus.train))


def test_its_weights_are_those_of_half_precision(trained: Trained) -> None:
    for name, tensor in trained.network.state_dict().items():
        assert torch.equal(tensor, tensor.half().float()), name


def test_its_progress_is_in_tokens(tiny_corpus: Corpus) -> None:
    made, events = finished(train(tiny_corpus.train, sizes(tiny_corpus), CPU, SMALL))
    told = [event for event in events if isinstance(event, Progress)]
    assert {each.stage for each in told} == {STAGE}
    assert told[-1].done == told[-1].total == made.tokens
    assert [each.done for each in told] == sorted(each.done for each in told)


def test_it_stops_within_a_step(tiny_corpus: Corpus) -> None:
    asked = []

    def stop() -> bool:
        asked.append(None)
        return len(asked) > 5

    with pytest.raises(Stopped, match="recurrent language model"):
        finished(train(tiny_corpus.train, sizes(tiny_corpus), CPU, SMALL, stop))
    assert len(asked) == 6


def test_an_exploded_training_says_so(tiny_corpus: Corpus) -> None:
    with pytest.raises(LoomError, match="exploded"):
        finished(train(tiny_corpus.train, sizes(tiny_corpus), CPU, replace(SMALL, rate=1e30, most_tokens=3000)))
