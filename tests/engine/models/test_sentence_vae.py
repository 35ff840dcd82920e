"""The model's contracts: padding is invisible, the likelihood is that of the steps, word drop is what it says."""

from __future__ import annotations

import pytest
import torch

from engine.config import ModelConfig
from engine.corpus.vocabulary import BOS, EOS, UNK
from engine.errors import UsageError
from engine.models.builders import PRESETS, build, preset
from engine.models.sentence_vae import SentenceVAE

CONFIG = ModelConfig(vocabulary=20, embedding=6, hidden=8, latent=3, recognition=(7,))


@pytest.fixture
def model() -> SentenceVAE:
    made = build(CONFIG, seed=3)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.mul_(3.0)  # fresh weights are so small that any two inputs give nearly the same likelihood
    return made.eval()


def padded(*sentences: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    lengths = torch.tensor([len(sentence) for sentence in sentences])
    words = torch.zeros((len(sentences), int(lengths.max())), dtype=torch.long)
    for row, sentence in enumerate(sentences):
        words[row, : len(sentence)] = torch.tensor(sentence)
    return words, lengths


@torch.no_grad()
def test_a_sentence_is_the_same_alone_and_beside_longer_ones(model: SentenceVAE) -> None:
    short, long = [5, 6, 7], [8, 9, 10, 11, 12, 13]
    z = torch.randn(2, 3)
    together = model.encode(*padded(short, long))
    alone = model.encode(*padded(short))
    torch.testing.assert_close(together[0][:1], alone[0])
    torch.testing.assert_close(together[1][:1], alone[1])
    nll = model.likelihood(*padded(short, long), z).nll
    torch.testing.assert_close(nll[:1], model.likelihood(*padded(short), z[:1]).nll)


@torch.no_grad()
def test_the_likelihood_is_the_sum_of_the_steps_with_eos(model: SentenceVAE) -> None:
    sentence = [5, 6, 7, 19]
    z = torch.randn(1, 3)
    state = model.decoder.initial_state(z)
    total = 0.0
    for previous, word in zip([BOS, *sentence], [*sentence, EOS], strict=True):
        logits, state = model.step(torch.tensor([previous]), z, state)
        total += float(torch.log_softmax(logits.double(), dim=1)[0, word])
    likelihood = model.likelihood(*padded(sentence), z)
    assert float(likelihood.nll) == pytest.approx(-total, rel=1e-5)
    assert float(likelihood.total) == pytest.approx(-total, rel=1e-5)


@torch.no_grad()
def test_word_drop_changes_what_the_decoder_sees_and_never_what_it_must_say(model: SentenceVAE) -> None:
    words, lengths = padded([5, 6, 7])
    z = torch.randn(1, 3)
    nothing = torch.zeros_like(words, dtype=torch.bool)
    first = nothing.clone()
    first[0, 0] = True
    plain = model.likelihood(words, lengths, z).nll
    torch.testing.assert_close(model.likelihood(words, lengths, z, dropped=nothing).nll, plain)

    total = 0.0  # The first word replaced by the unknown word in the input, itself still the target.
    state = model.decoder.initial_state(z)
    for previous, word in zip([BOS, UNK, 6, 7], [5, 6, 7, EOS], strict=True):
        logits, state = model.step(torch.tensor([previous]), z, state)
        total += float(torch.log_softmax(logits, dim=1)[0, word])
    assert float(model.likelihood(words, lengths, z, dropped=first).nll) == pytest.approx(-total, rel=1e-5)

    unknown_vector = model.embedding.weight[UNK].clone()
    zeroed = model.likelihood(words, lengths, z, dropped=first, drop_to="zero").nll
    assert float(zeroed) != pytest.approx(-total, rel=1e-4)
    model.embedding.weight[UNK] = 0.0  # Then both ways feed the same vector (and score UNK alike in the output).
    same = model.likelihood(words, lengths, z, dropped=first).nll
    torch.testing.assert_close(model.likelihood(words, lengths, z, dropped=first, drop_to="zero").nll, same)
    model.embedding.weight[UNK] = unknown_vector


def test_z_reaches_every_step_and_every_parameter_gets_a_gradient(model: SentenceVAE) -> None:
    words, lengths = padded([5, 6, 7], [8, 9])
    mu, logvar = model.encode(words, lengths)
    (model.likelihood(words, lengths, mu + logvar.exp()).total).backward()
    assert all(parameter.grad is not None and parameter.grad.abs().sum() > 0 for parameter in model.parameters())


def test_variants_of_a_run_start_from_the_same_weights() -> None:
    torch.manual_seed(1)
    first = build(CONFIG, seed=5).state_dict()
    torch.manual_seed(2)
    before = torch.get_rng_state()
    second = build(CONFIG, seed=5).state_dict()
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(
        build(CONFIG, seed=6).state_dict()["to_mu.weight" if "to_mu.weight" in first else "encoder.to_mu.weight"],
        first["encoder.to_mu.weight"],
    )


def test_presets_have_the_published_sizes() -> None:
    demo, paper = PRESETS["demo"], preset("paper")
    assert (demo.embedding, demo.hidden, demo.latent, demo.train.batch) == (128, 256, 32, 64)
    assert (demo.train.learning_rate, demo.train.word_drop) == (2e-3, 0.4)
    assert (paper.embedding, paper.hidden, paper.latent, paper.recognition) == (300, 500, 50, (500, 500))
    assert (paper.train.batch, paper.train.learning_rate, paper.train.word_drop) == (200, 1e-4, 0.3)
    assert paper.annealing == 20_000
    with pytest.raises(UsageError, match="Presets are demo, paper"):
        preset("huge")
