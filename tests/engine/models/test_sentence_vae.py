"""The model's contracts: padding is invisible, the likelihood is that of the steps, word drop is what it says."""

from __future__ import annotations

import pytest
import torch

from engine.config import ModelConfig
from engine.corpus.vocabulary import BOS, EOS, UNK
from engine.errors import UsageError
from engine.models.builders import build
from engine.models.encoder import log_elu_plus_one
from engine.models.presets import PRESETS, preset
from engine.models.sentence_vae import SentenceVAE
from engine.runs.metrics import NEGLIGIBLE_SPREAD

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
    assert (demo.embedding, demo.hidden, demo.latent, demo.train.batch) == (128, 256, 32, 128)
    assert (demo.train.learning_rate, demo.train.word_drop) == (4e-3, 0.4)
    assert (paper.embedding, paper.hidden, paper.latent, paper.recognition) == (300, 500, 50, (500, 500))
    assert (paper.train.batch, paper.train.learning_rate, paper.train.word_drop) == (200, 1e-4, 0.3)
    assert (paper.annealing, paper.train.clip, paper.train.word_drop_exactly) == (20_000, 0.0, True)
    model = paper.model(vocabulary=20_000)
    assert (model.z_at, model.initialisation, model.activation, model.variance) == ("first", "wide", "tanh", "elu")
    assert (model.reads_end, model.output_bias) == (True, False)
    wide = ModelConfig(vocabulary=8000, embedding=128, hidden=256, latent=32, bidirectional=True, initialisation="wide")
    assert demo.model(8000) == wide
    with pytest.raises(UsageError, match="Presets are demo, small, paper, ptb, yahoo, yelp"):
        preset("huge")


def test_presets_of_other_programs_have_what_those_have() -> None:
    ptb = preset("ptb")
    assert (ptb.hidden, ptb.embedding, ptb.latent, ptb.shape["dropout"]) == (256, 256, 32, 0.5)
    assert (ptb.train.optimiser, ptb.train.learning_rate, ptb.train.batch, ptb.train.clip) == ("adam", 1e-3, 32, 5.0)
    assert (ptb.annealing_start, ptb.annealing) == (0.1, 10 * -(-42_068 // 32))
    for name in ("yahoo", "yelp"):
        lagging = preset(name)
        shape = lagging.model(20_001)
        assert (shape.hidden, shape.embedding, shape.latent, shape.layers, shape.dropout) == (1024, 512, 32, 1, 0.5)
        assert (shape.z_at, shape.state_from_z, shape.tied, shape.output_bias) == ("both", "cell", False, False)
        train = lagging.train
        assert (train.optimiser, train.learning_rate, train.batch, train.halve_after) == ("sgd", 1.0, 32, 2)
        assert (lagging.annealing_start, lagging.annealing, train.word_drop) == (0.1, 10 * 100_000 // 32, 0.0)
        # What those presets count: 4 gates of [inputs, state] on both sides, with two biases each in torch.
        words, inside = 20_001 * 512, 4 * 1024 * (512 + 1024 + 2)
        outside = inside + 4 * 1024 * 32 + 32 * 1024 + 1024 + 20_001 * 1024
        assert sum(each.numel() for each in build(shape).parameters()) == 2 * words + inside + outside + 2 * 32 * 1025


@torch.no_grad()
def test_the_first_state_may_be_a_linear_map_of_z_or_the_cell_whose_tanh_is_the_hidden_state() -> None:
    z = torch.randn(3, CONFIG.latent)
    for kind, layers in (("linear", 1), ("cell", 2)):
        model = build(CONFIG.model_copy(update={"state_from_z": kind, "layers": layers}), seed=3)
        to_state = model.decoder.to_state
        assert to_state is not None
        hidden, cell = model.decoder.initial_state(z)
        mapped = z @ to_state.weight.t() + to_state.bias
        if kind == "linear":
            torch.testing.assert_close(torch.cat([hidden[0], cell[0]], dim=1), mapped)
        else:
            torch.testing.assert_close(torch.cat([cell[0], cell[1]], dim=1), mapped)
            torch.testing.assert_close(hidden, torch.tanh(cell))


def test_uniform_first_weights_are_small_but_for_the_word_vectors() -> None:
    small = CONFIG.model_copy(update={"initialisation": "uniform", "tied": False, "shared_words": False})
    for name, weights in build(small, seed=1).named_parameters():
        most = 0.1 if name in ("embedding.weight", "encoder_words.weight") else 0.01
        assert most / 2 < float(weights.detach().abs().max()) <= most, name


def test_an_encoder_of_its_own_words_learns_those_with_itself() -> None:
    own = build(CONFIG.model_copy(update={"shared_words": False}), seed=1)
    words = own.encoder_words
    assert words is not None
    assert any(each is words.weight for each in own.encoder_parameters())
    assert len(own.encoder_parameters()) == len(build(CONFIG).encoder_parameters()) + 1


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
    {"z_at": "first", "output_bias": False},
    {"z_at": "first", "layers": 2, "cell": "gru", "tied": False},
    {"initialisation": "wide", "activation": "tanh", "variance": "elu", "reads_end": True},
    {"bidirectional": True, "reads_end": True, "variance": "elu"},
    {"state_from_z": "linear", "shared_words": False, "z_at": "state"},
    {"state_from_z": "cell", "initialisation": "uniform", "layers": 2},
    {"state_from_z": "cell", "cell": "gru", "shared_words": False, "tied": False},
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


@torch.no_grad()
def test_z_as_first_input_stands_in_the_place_of_the_start_and_nowhere_else() -> None:
    model = build(CONFIG.model_copy(update={"z_at": "first"}), seed=3)
    z, sentence = torch.randn(1, model.latent), [5, 6, 7]
    cell = torch.nn.LSTMCell(CONFIG.embedding, CONFIG.hidden)
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in model.decoder.lstm.state_dict().items()})
    assert model.decoder.to_input is not None
    inputs = [model.decoder.to_input(z), *(model.embedding.weight[word][None] for word in sentence)]
    state, nll = (torch.zeros(1, CONFIG.hidden), torch.zeros(1, CONFIG.hidden)), 0.0
    for vector, word in zip(inputs, [*sentence, EOS], strict=True):
        state = cell(vector, state)
        logits = model.decoder.to_features(state[0]) @ model.embedding.weight.t() + model.output_bias
        nll -= float(torch.log_softmax(logits, dim=1)[0, word])
    assert float(model.likelihood(*padded(sentence), z).nll) == pytest.approx(nll, rel=1e-5)


@torch.no_grad()
def test_an_encoder_that_reads_the_end_is_one_that_is_given_it_as_a_word() -> None:
    reads, other = build(CONFIG.model_copy(update={"reads_end": True}), seed=3), build(CONFIG, seed=3)
    given = reads.encode(*padded([5, 6, 7], [8, 9]))
    for one, expected in zip(given, other.encode(*padded([5, 6, 7, EOS], [8, 9, EOS])), strict=True):
        torch.testing.assert_close(one, expected)


@torch.no_grad()
def test_the_variance_is_what_its_formula_says() -> None:
    values = torch.tensor([-90.0, -3.0, -1e-7, 0.0, 1e-7, 0.5, 4.0, 1e6], dtype=torch.float64)
    torch.testing.assert_close(log_elu_plus_one(values)[1:].exp(), torch.nn.functional.elu(values)[1:] + 1)
    assert float(log_elu_plus_one(values)[0]) == -90.0  # where elu + 1 itself has no digits left
    model = build(CONFIG.model_copy(update={"variance": "elu"}), seed=3)
    model.encoder.to_logvar.bias.fill_(2.0)
    model.encoder.to_logvar.weight.zero_()
    torch.testing.assert_close(model.encode(*padded([5, 6]))[1].exp(), torch.full((1, CONFIG.latent), 3.0))


def test_without_a_bias_the_output_layer_learns_none() -> None:
    model = build(CONFIG.model_copy(update={"output_bias": False}), seed=3)
    assert "output_bias" not in model.state_dict()
    assert not model.output_bias.any()
    assert not model.output_bias.requires_grad


def test_wide_first_weights_have_the_spreads_that_are_promised() -> None:
    config = ModelConfig(vocabulary=3000, embedding=200, hidden=125, latent=40, recognition=(150,), z_at="first")
    model = build(config.model_copy(update={"initialisation": "wide", "layers": 2, "bidirectional": True}))
    for name, weight in model.state_dict().items():
        if "bias" in name:
            assert not weight.any(), name
        elif "lstm" in name:
            assert float(weight.std()) == pytest.approx(0.2, rel=0.03), name  # 0.1 sqrt(500 / 125)
        elif name == "embedding.weight":
            assert float(weight.std()) == pytest.approx(0.1, rel=0.03)
        elif "to_features" in name:
            assert 0.0099 < float(weight.abs().max()) <= 0.01
        else:
            bound = (6 / sum(weight.shape)) ** 0.5
            assert 0.97 * bound < float(weight.abs().max()) <= bound, name


@torch.no_grad()
@pytest.mark.parametrize(("initialisation", "low", "high"), [("torch", 0.0, 0.002), ("wide", 0.05, 0.3)])
def test_first_weights_decide_whether_the_encoder_tells_sentences_apart(
    initialisation: str, low: float, high: float
) -> None:
    """At the paper's sizes: 0.0005 and 0.114 were measured on fiction."""
    sizes = ModelConfig(vocabulary=2000, embedding=300, hidden=500, latent=50, recognition=(500, 500))
    activation = "tanh" if initialisation == "wide" else "relu"
    model = build(sizes.model_copy(update={"initialisation": initialisation, "activation": activation}))
    draw = torch.Generator().manual_seed(0)
    words = torch.randint(4, 2000, (64, 12), generator=draw)
    mu, _ = model.encode(words, torch.randint(5, 13, (64,), generator=draw))
    assert low < float(mu.std(dim=0, unbiased=False).mean()) < high


@torch.no_grad()
@pytest.mark.parametrize("name", ["demo", "small", "paper"])
def test_the_first_weights_of_our_presets_tell_sentences_apart(name: str) -> None:
    model = build(PRESETS[name].model(vocabulary=2000))
    draw = torch.Generator().manual_seed(0)
    words = torch.randint(4, 2000, (64, 12), generator=draw)
    mu, logvar = model.encode(words, torch.randint(5, 13, (64,), generator=draw))
    spread, sigma = mu.std(dim=0, unbiased=False).mean(), torch.exp(0.5 * logvar).mean()
    assert spread > 5 * NEGLIGIBLE_SPREAD * sigma


def test_options_that_are_not_chosen_leave_the_first_weights_as_they_were() -> None:
    """Old runs go on bit for bit, and two runs of one seed differ by the option alone."""
    plain = build(CONFIG, seed=5).state_dict()
    for option in (
        {"variance": "elu"},
        {"activation": "tanh"},
        {"reads_end": True},
        {"output_bias": False},
        {"shared_words": False},
        {"state_from_z": "linear"},
    ):
        other = build(CONFIG.model_copy(update=option), seed=5).state_dict()
        assert all(torch.equal(other[name], plain[name]) for name in other.keys() & plain.keys()), option
