"""Decoders against exhaustive search on a tiny vocabulary, and their contracts."""

from __future__ import annotations

import itertools

import pytest
import torch

from engine.config import ModelConfig
from engine.corpus.vocabulary import BOS, EOS, UNK
from engine.decoding import decode
from engine.decoding.beam import BeamSettings, beam_search
from engine.decoding.hypothesis import Limits
from engine.decoding.stepper import Stepper
from engine.decoding.unrolled import UnrolledDecoder
from engine.decoding_options import DecodeOptions
from engine.errors import UsageError
from engine.models.builders import build
from engine.models.sentence_vae import SentenceVAE

VOCABULARY = 8  # four words beside the special ones
LONGEST = 4


@pytest.fixture(scope="module")
def model() -> SentenceVAE:
    made = build(ModelConfig(vocabulary=VOCABULARY, embedding=6, hidden=8, latent=3), seed=1)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.mul_(4.0)  # Sharper distributions, so that sentences differ clearly in probability.
    return made.eval()


@pytest.fixture(scope="module")
def z() -> torch.Tensor:
    return 2.0 * torch.randn(6, 3, generator=torch.Generator().manual_seed(2))


@torch.no_grad()
def log_probability(model: SentenceVAE, z: torch.Tensor, words: tuple[int, ...]) -> float:
    """log p(x|z) word by word in float64, EOS included; z (1, latent)."""
    state = model.decoder.initial_state(z)
    total = 0.0
    for previous, word in zip((BOS, *words), (*words, EOS), strict=True):
        logits, state = model.step(torch.tensor([previous]), z, state)
        total += float(torch.log_softmax(logits.double(), dim=1)[0, word])
    return total


@torch.no_grad()
def all_scores(model: SentenceVAE, z: torch.Tensor, sentences: list[tuple[int, ...]]) -> torch.Tensor:
    """log p(x|z) of every sentence, teacher-forced all at once; z (1, latent)."""
    words = torch.tensor([[*sentence, *[0] * (LONGEST - len(sentence))] for sentence in sentences])
    lengths = torch.tensor([len(sentence) for sentence in sentences])
    return -model.likelihood(words, lengths, z.expand(len(sentences), -1)).nll


@torch.no_grad()
@pytest.mark.parametrize(("shortest", "allow_unknown"), [(1, False), (1, True), (3, False)])
def test_a_wide_beam_finds_the_best_of_all_sentences(
    model: SentenceVAE, z: torch.Tensor, shortest: int, allow_unknown: bool
) -> None:
    words = [*range(4, VOCABULARY)] + ([UNK] if allow_unknown else [])
    lengths = range(shortest, LONGEST + 1)
    sentences = [sentence for length in lengths for sentence in itertools.product(words, repeat=length)]
    # As wide as there are beginnings of the longest sentence, the search leaves nothing out.
    everything = [
        best[0]
        for best in beam_search(
            Stepper([UnrolledDecoder(model)], [z], allow_unknown),
            BeamSettings(len(words) ** LONGEST),
            Limits(shortest, LONGEST),
        )
    ]
    narrow = decode(model, z, DecodeOptions(beam=3, allow_unknown=allow_unknown, min_words=shortest), LONGEST)
    for row, hypothesis in enumerate(everything):
        scores = all_scores(model, z[row : row + 1], sentences)
        assert hypothesis.ids == sentences[int(scores.argmax())]
        assert hypothesis.log_probability == pytest.approx(float(scores.max()), abs=1e-4)
        assert narrow[row].log_probability <= hypothesis.log_probability + 1e-5


@pytest.mark.parametrize("method", ["greedy", "beam", "sample"])
def test_scores_are_the_models_own_log_probabilities(model: SentenceVAE, z: torch.Tensor, method: str) -> None:
    for row, hypothesis in enumerate(decode(model, z, DecodeOptions(method, beam=3), LONGEST)):  # type: ignore[arg-type]
        expected = log_probability(model, z[row : row + 1], hypothesis.ids)
        assert hypothesis.log_probability == pytest.approx(expected, abs=1e-4)


@torch.no_grad()
def test_greedy_takes_the_best_word_at_each_step(model: SentenceVAE, z: torch.Tensor) -> None:
    for row, hypothesis in enumerate(decode(model, z, DecodeOptions("greedy", min_words=0), LONGEST)):
        one = z[row : row + 1]
        state = model.decoder.initial_state(one)
        words: list[int] = []
        previous = BOS
        while len(words) < LONGEST:
            logits, state = model.step(torch.tensor([previous]), one, state)
            logits[:, [0, BOS, UNK]] = -torch.inf
            previous = int(logits.argmax())
            if previous == EOS:
                break
            words.append(previous)
        assert hypothesis.ids == tuple(words)


def test_a_wider_beam_is_at_least_as_good_as_greedy(model: SentenceVAE, z: torch.Tensor) -> None:
    greedy = decode(model, z, DecodeOptions("greedy"), LONGEST)
    beam = decode(model, z, DecodeOptions(beam=8), LONGEST)
    assert all(b.log_probability >= g.log_probability - 1e-5 for b, g in zip(beam, greedy, strict=True))


@pytest.mark.parametrize("options", [DecodeOptions("greedy"), DecodeOptions(beam=4)])
def test_a_row_decodes_alike_alone_and_in_a_batch(model: SentenceVAE, z: torch.Tensor, options: DecodeOptions) -> None:
    together = decode(model, z, options, LONGEST)
    for row, hypothesis in enumerate(together):
        alone = decode(model, z[row : row + 1], options, LONGEST)[0]
        assert alone.ids == hypothesis.ids
        assert alone.log_probability == pytest.approx(hypothesis.log_probability, abs=1e-5)


def test_the_unknown_word_and_the_special_ones_are_never_proposed(model: SentenceVAE, z: torch.Tensor) -> None:
    many = z.repeat(20, 1)
    for options in (DecodeOptions("greedy"), DecodeOptions(beam=5), DecodeOptions("sample", temperature=5.0)):
        assert all(word >= 4 for hypothesis in decode(model, many, options, LONGEST) for word in hypothesis.ids)


def test_sampling_is_seeded_and_follows_the_models_distribution(model: SentenceVAE, z: torch.Tensor) -> None:
    same = z[:1].repeat(20_000, 1)
    options = DecodeOptions("sample", allow_unknown=True, min_words=0, max_words=1)
    drawn = [hypothesis.ids[0] for hypothesis in decode(model, same, options, LONGEST) if hypothesis.ids]
    with torch.no_grad():
        logits, _ = model.step(torch.tensor([BOS]), z[:1], model.decoder.initial_state(z[:1]))
        logits[:, [0, BOS]] = -torch.inf
        expected = torch.softmax(logits, dim=1)[0]
    for word in range(4, VOCABULARY):
        assert drawn.count(word) / 20_000 == pytest.approx(float(expected[word]), abs=0.015)
    again = decode(model, z, DecodeOptions("sample", seed=9), LONGEST)
    assert again == decode(model, z, DecodeOptions("sample", seed=9), LONGEST)


def test_a_tiny_nucleus_is_greedy(model: SentenceVAE, z: torch.Tensor) -> None:
    nucleus = decode(model, z, DecodeOptions("sample", top_p=1e-6), LONGEST)
    greedy = decode(model, z, DecodeOptions("greedy"), LONGEST)
    assert [hypothesis.ids for hypothesis in nucleus] == [hypothesis.ids for hypothesis in greedy]


@pytest.mark.parametrize("method", ["greedy", "beam", "sample"])
def test_sentences_keep_to_the_limits(model: SentenceVAE, z: torch.Tensor, method: str) -> None:
    options = DecodeOptions(method, beam=3, min_words=2, max_words=3)  # type: ignore[arg-type]
    assert all(2 <= len(hypothesis.ids) <= 3 for hypothesis in decode(model, z, options, LONGEST))
    assert decode(model, z[:0], options, LONGEST) == []


@pytest.mark.parametrize(
    "values",
    [
        {"beam": 0},
        {"beam": 501},
        {"top_p": 0.0},
        {"top_p": 1.1},
        {"temperature": 0.0},
        {"max_words": 0},
        {"min_words": 5, "max_words": 4},
    ],
)
def test_options_out_of_range_are_refused_with_the_range(values: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="Choose"):
        DecodeOptions(**values)  # type: ignore[arg-type]
