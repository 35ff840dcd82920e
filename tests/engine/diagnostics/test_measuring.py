"""One variant's pass over the sentences, against single sentences and quadrature."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.corpus.store import SentenceStore
from engine.diagnostics.importance import log_mean_exp
from engine.diagnostics.measuring import Measured, derangement, measure, sentence_noise
from engine.diagnostics.request import Plan
from engine.errors import Stopped
from engine.events import Progress
from engine.models.sentence_vae import SentenceVAE
from engine.storage.mapped_array import MappedArray
from tests.engine.diagnostics.quadrature import exact_elbo, log_evidence, small_model, small_store, tensors


def finished(task: Generator[Any, None, Measured]) -> Measured:
    while True:
        try:
            assert isinstance(next(task), Progress)
        except StopIteration as end:
            return end.value


@given(st.integers(2, 300), st.integers(0, 50))
def test_nobody_keeps_their_own_z_and_every_z_is_used_once(n: int, seed: int) -> None:
    partner = derangement(n, seed)
    assert sorted(partner) == list(range(n))
    assert not (partner == np.arange(n)).any()
    np.testing.assert_array_equal(partner, derangement(n, seed))


def test_noise_belongs_to_the_sentence() -> None:
    some = sentence_noise(3, "posterior", np.array([5, 1]), (4,))
    more = sentence_noise(3, "posterior", np.arange(9), (4,))
    torch.testing.assert_close(some, more[[5, 1]])
    assert not torch.equal(more, sentence_noise(3, "prior", np.arange(9), (4,)))
    assert not torch.equal(more, sentence_noise(4, "posterior", np.arange(9), (4,)))
    many = sentence_noise(0, "weights", np.arange(300), (50, 4))
    assert float(many.mean()) == pytest.approx(0.0, abs=0.02)
    assert float(many.std()) == pytest.approx(1.0, abs=0.02)


def test_every_value_equals_that_of_a_sentence_by_itself() -> None:
    model, store = small_model(2), small_store(20)
    found = finished(measure(model, store, Plan(12, 5, 8, seed=4), "small"))
    noise = sentence_noise(4, "posterior", np.arange(12), (2,))
    prior = sentence_noise(4, "prior", np.arange(12), (2,))
    partner = derangement(12, 4)
    with torch.no_grad():
        encoded = [model.encode(*tensors(store, index)) for index in range(12)]
        z = [mu[0] + torch.exp(0.5 * logvar[0]) * noise[index] for index, (mu, logvar) in enumerate(encoded)]
        for index in range(12):
            words, lengths = tensors(store, index)
            for values, latent in (
                (found.nll, z[index]),
                (found.swapped, z[partner[index]]),
                (found.zeroed, torch.zeros(2)),
                (found.prior, prior[index]),
            ):
                expected = float(model.likelihood(words, lengths, latent[None]).nll)
                assert values[index] == pytest.approx(expected, abs=1e-4)
            np.testing.assert_allclose(found.mu[index], encoded[index][0][0].numpy(), atol=1e-5)
            assert found.words[index] == int(lengths)
    assert found.weights.shape == (5, 8)


def test_more_sentences_leave_the_first_ones_as_they_were() -> None:
    model, store = small_model(1), small_store(30)
    few, many = (finished(measure(model, store, Plan(n, 4, 3), "small")) for n in (10, 30))
    np.testing.assert_allclose(few.nll, many.nll[:10], atol=1e-5)
    np.testing.assert_allclose(few.prior, many.prior[:10], atol=1e-5)
    torch.testing.assert_close(few.weights, many.weights, atol=1e-5, rtol=0)


@pytest.mark.parametrize("latent", [1, 2])
def test_the_terms_agree_with_quadrature_within_their_error(latent: int) -> None:
    model, store = small_model(latent), repeated(small_store(), 300)
    found = finished(measure(model, store, Plan(1800, 600, 50), "small"))
    exact = [(*exact_elbo(model, *tensors(store, i)), log_evidence(model, *tensors(store, i))) for i in range(6)]
    reconstruction, kl, evidence = np.mean(exact, axis=0)
    error = found.nll.reshape(300, 6).std(axis=0).mean() / np.sqrt(1800)
    assert -found.nll.mean() == pytest.approx(reconstruction, abs=4 * error)
    assert found.kl.sum(axis=1).mean() == pytest.approx(kl, abs=1e-5)
    bound = log_mean_exp(found.weights).numpy()
    error = bound.reshape(100, 6).std(axis=0).mean() / np.sqrt(600)
    assert bound.mean() == pytest.approx(evidence, abs=4 * error + 0.02)
    assert reconstruction - kl < evidence


def test_a_decoder_without_z_suffers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    model = deaf(small_model(2), monkeypatch)
    found = finished(measure(model, small_store(20), Plan(20, 2, 2), "small"))
    for other in (found.swapped, found.zeroed, found.prior):
        np.testing.assert_allclose(other, found.nll, atol=1e-5)


def test_it_stops_when_asked() -> None:
    with pytest.raises(Stopped):
        finished(measure(small_model(1), small_store(20), Plan(20, 2, 2), "small", lambda: True))


def repeated(store: SentenceStore, times: int) -> SentenceStore:
    """The same sentences so many times over; their noise differs."""
    parts = [store.ids(index) for index in range(len(store))] * times
    offsets = np.concatenate([[0], np.cumsum([len(part) for part in parts])])
    return SentenceStore(MappedArray(np.concatenate(parts)), MappedArray(offsets.astype(np.int64)))


def deaf(model: SentenceVAE, monkeypatch: pytest.MonkeyPatch) -> SentenceVAE:
    """The same model with a decoder that never gets to see z."""
    hears = model.likelihood
    monkeypatch.setattr(model, "likelihood", lambda words, lengths, z: hears(words, lengths, torch.zeros_like(z)))
    return model
