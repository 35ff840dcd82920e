"""The model's contracts: padding is invisible, the likelihood is that of the steps, word drop is what it says."""

from __future__ import annotations

import pytest
import torch

from engine.config import ModelConfig
from engine.corpus.vocabulary import BOS, EOS, UNK
from engine.errors import UsageError
from engine.models.builders import build
from engine.models.presets import PRESETS, preset
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
    with pytest.raises(UsageError, match="Presets are demo, small, paper"):
        preset("huge")


OPTIONS = [
    {},
    {"cell": "gru"},
    {"layers": 2},
    {"cell": "gru", "layers": 2, "bidirectional": True},
    {"bidirectional": True, "recognition": (6,)},
    {"z_at": "state"},
    {"z_at": "inputs"},
    {"tied": False},
    {"tied": False, "z_at": "state", "cell": "gru"},
]


@pytest.fixture(params=OPTIONS, ids=lambda given: ",".join(f"{key}={value}" for key, value in given.items()) or "plain")
def any_model(request: pytest.FixtureRequest) -> SentenceVAE:
    return build(CONFIG.model_copy(update=request.param), seed=3)


@torch.no_grad()
def test_whatever_the_shape_the_likelihood_is_the_sum_over_single_steps(any_model: SentenceVAE) -> None:
    words, lengths = padded([5, 6, 7], [8, 9])
    z = torch.randn(2, any_model.latent)
    nll = any_model.likelihood(words, lengths, z).nll
    for row, sentence in enumerate(([5, 6, 7], [8, 9])):
        state = any_model.decoder.initial_state(z[row : row + 1])
        total = 0.0
        for previous, word in zip([BOS, *sentence], [*sentence, EOS], strict=True):
            logits, state = any_model.step(torch.tensor([previous]), z[row : row + 1], state)
            total += float(torch.log_softmax(logits, dim=1)[0, word])
        assert float(nll[row]) == pytest.approx(-total, rel=1e-5)


@torch.no_grad()
def test_whatever_the_shape_padding_changes_nothing(any_model: SentenceVAE) -> None:
    words, lengths = padded([5, 6, 7, 5, 9], [8, 9])
    together = any_model.encode(words, lengths)
    alone = any_model.encode(*padded([8, 9]))
    for both, single in zip(together, alone, strict=True):
        torch.testing.assert_close(both[1:], single)


def test_whatever_the_shape_z_and_every_parameter_matter(any_model: SentenceVAE) -> None:
    words, lengths = padded([5, 6, 7], [8, 9])
    mu, logvar = any_model.encode(words, lengths)
    any_model.likelihood(words, lengths, mu + logvar.exp()).total.backward()
    untouched = [name for name, each in any_model.named_parameters() if each.grad is None or not each.grad.any()]
    assert untouched == []


@torch.no_grad()
def test_a_bidirectional_encoder_equals_torchs_own_over_packed_sentences() -> None:
    model = build(CONFIG.model_copy(update={"bidirectional": True}), seed=3)
    words, lengths = padded([5, 6, 7, 5, 9], [8, 9])
    both = torch.nn.LSTM(CONFIG.embedding, CONFIG.hidden, batch_first=True, bidirectional=True)
    ours = {f"{name}": value for name, value in model.encoder.lstm.state_dict().items()}
    assert model.encoder.backward_lstm is not None
    ours |= {f"{name}_reverse": value for name, value in model.encoder.backward_lstm.state_dict().items()}
    both.load_state_dict(ours)
    packed = torch.nn.utils.rnn.pack_padded_sequence(model.embedding(words), lengths, batch_first=True)
    _, (last, _) = both(packed)
    expected = model.encoder.to_mu(model.encoder.recognition(torch.cat([last[0], last[1]], dim=1)))
    torch.testing.assert_close(model.encode(words, lengths)[0], expected)


def test_dropout_depends_on_its_generator_alone_and_is_off_without_one() -> None:
    model = build(CONFIG.model_copy(update={"dropout": 0.5}), seed=3)
    words, lengths = padded([5, 6, 7], [8, 9])
    z = torch.randn(2, model.latent)

    def nll(seed: int | None) -> torch.Tensor:
        generator = None if seed is None else torch.Generator().manual_seed(seed)
        return model.likelihood(words, lengths, z, generator=generator).nll

    assert torch.equal(nll(1), nll(1))
    assert not torch.equal(nll(1), nll(2))
    torch.testing.assert_close(nll(None), build(CONFIG, seed=3).likelihood(words, lengths, z).nll)


def test_inverted_dropout_keeps_the_mean() -> None:
    model = build(CONFIG.model_copy(update={"dropout": 0.3}), seed=3)
    values = model._drop_out(torch.ones(200, 200), torch.Generator().manual_seed(0))
    assert float(values.mean()) == pytest.approx(1.0, abs=0.02)
    assert float((values == 0).float().mean()) == pytest.approx(0.3, abs=0.02)
