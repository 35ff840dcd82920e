"""Decoders against exhaustive search and against plain loops in float64, and their contracts."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import engine.decoding.decode
from engine.config import ModelConfig
from engine.corpus.vocabulary import BOS, EOS, UNK
from engine.decoding.beam import BeamSettings, beam_search
from engine.decoding.decode import UnrolledDecoder, decode, n_best
from engine.decoding.hypothesis import Limits
from engine.decoding.options import DecodeOptions
from engine.decoding.stepper import Stepper
from engine.errors import LoomError, UsageError
from engine.models.builders import build
from engine.models.sentence_vae import SentenceVAE
from tests.engine.decoding.plain_decoding import next_words, plain_beam, token_log_probabilities

VOCABULARY = 8  # four words beside the special ones
LONGEST = 4
TOLERANCE = 1e-4
"""Nats by which a sentence's score may differ from float64, or between batches."""

SHAPES = {
    "lstm, tied, z at both": {},
    "gru, two layers, free output, z at the inputs": {"cell": "gru", "layers": 2, "tied": False, "z_at": "inputs"},
    "lstm, two layers, free output, z in the state": {"layers": 2, "tied": False, "z_at": "state"},
    "gru, tied, z at both": {"cell": "gru"},
    "lstm, tied, z as first input, no bias": {"z_at": "first", "output_bias": False},
    "gru, two layers, z as first input": {"z_at": "first", "cell": "gru", "layers": 2},
}


def sharp(vocabulary: int, seed: int = 1, **shape: object) -> SentenceVAE:
    """A model whose sentences differ clearly in probability."""
    config = ModelConfig.model_validate({"vocabulary": vocabulary, "embedding": 6, "hidden": 8, "latent": 3, **shape})
    made = build(config, seed=seed)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.mul_(4.0)
    return made.eval()


@pytest.fixture(scope="module", params=SHAPES.values(), ids=SHAPES)
def model(request: pytest.FixtureRequest) -> SentenceVAE:
    return sharp(VOCABULARY, **request.param)


@pytest.fixture(scope="module")
def wide() -> SentenceVAE:
    """With a vocabulary of several blocks, the last of which is not full; its sentences end here and there."""
    made = sharp(150)
    with torch.no_grad():
        made.output_bias[EOS] += 1.0
    return made


@pytest.fixture(scope="module")
def z() -> torch.Tensor:
    return 2.0 * torch.randn(6, 3, generator=torch.Generator().manual_seed(2))


@torch.no_grad()
def all_scores(model: SentenceVAE, z: torch.Tensor, sentences: list[tuple[int, ...]]) -> torch.Tensor:
    """log p(x|z) of every sentence, teacher-forced all at once; z (1, latent)."""
    words = torch.tensor([[*sentence, *[0] * (LONGEST - len(sentence))] for sentence in sentences])
    lengths = torch.tensor([len(sentence) for sentence in sentences])
    return -model.likelihood(words, lengths, z.expand(len(sentences), -1)).nll


@torch.no_grad()
@pytest.mark.parametrize(
    ("shortest", "allow_unknown", "length_normalisation"),
    [(1, False, 0.0), (1, True, 0.0), (3, False, 0.0), (1, False, 1.5)],
)
def test_a_wide_beam_finds_the_n_best_of_all_sentences(
    model: SentenceVAE, z: torch.Tensor, shortest: int, allow_unknown: bool, length_normalisation: float
) -> None:
    words = [*range(4, VOCABULARY)] + ([UNK] if allow_unknown else [])
    lengths = range(shortest, LONGEST + 1)
    sentences = [sentence for length in lengths for sentence in itertools.product(words, repeat=length)]
    # As wide as there are beginnings of the longest sentence, the search leaves nothing out.
    search = BeamSettings(len(words) ** LONGEST, 5, length_normalisation)
    stepper = Stepper([UnrolledDecoder(model)], [z], allow_unknown)
    for row, found in enumerate(beam_search(stepper, search, Limits(shortest, LONGEST))):
        scores = all_scores(model, z[row : row + 1], sentences)
        norms = torch.tensor([(len(sentence) + 1) ** length_normalisation for sentence in sentences])
        expected = (scores / norms).topk(5).indices.tolist()
        assert [each.ids for each in found] == [sentences[index] for index in expected]
        assert [each.rank for each in found] == [0, 1, 2, 3, 4]
        for each, index in zip(found, expected, strict=True):
            assert each.log_probability == pytest.approx(float(scores[index]), abs=TOLERANCE)


@torch.no_grad()
def test_all_sentences_are_found_where_there_are_fewer_than_wanted(model: SentenceVAE, z: torch.Tensor) -> None:
    found = n_best([UnrolledDecoder(model)], [z], DecodeOptions(beam=8, n_best=8, max_words=1), LONGEST, 1)[0]
    assert all({each.ids for each in row} == {(4,), (5,), (6,), (7,)} for row in found)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1000),
    width=st.integers(1, 9),
    n=st.integers(1, 9),
    lengths=st.tuples(st.integers(0, 3), st.integers(1, 5)),
    length_normalisation=st.sampled_from([0.0, 0.7, 2.0]),
    allow_unknown=st.booleans(),
)
def test_a_beam_finds_what_a_plain_one_finds_that_drops_nothing(
    wide: SentenceVAE,
    seed: int,
    width: int,
    n: int,
    lengths: tuple[int, int],
    length_normalisation: float,
    allow_unknown: bool,
) -> None:
    shortest, longest = min(lengths), max(lengths)
    z = 2.0 * torch.randn(2, 3, generator=torch.Generator().manual_seed(seed))
    options = DecodeOptions(
        beam=width,
        n_best=min(n, width),
        length_normalisation=length_normalisation,
        min_words=shortest,
        max_words=longest,
        allow_unknown=allow_unknown,
    )
    found = n_best([UnrolledDecoder(wide)], [z], options, LONGEST)[0]
    for row, mine in enumerate(found):
        expected = plain_beam(
            wide,
            z[row : row + 1],
            width,
            shortest,
            longest,
            options.n_best,
            length_normalisation,
            allow_unknown=allow_unknown,
        )
        assert [each.ids for each in mine] == [words for words, _ in expected]
        assert [each.log_probability for each in mine] == pytest.approx([total for _, total in expected], abs=TOLERANCE)


@pytest.mark.parametrize(("width", "groups", "diversity"), [(6, 3, 0.5), (4, 2, 5.0), (4, 4, 1.0)])
def test_diverse_beams_find_what_plain_ones_find(wide: SentenceVAE, width: int, groups: int, diversity: float) -> None:
    z = 2.0 * torch.randn(8, 3, generator=torch.Generator().manual_seed(7))
    options = DecodeOptions(beam=width, n_best=width, groups=groups, diversity=diversity, min_words=1, max_words=5)
    beams = DecodeOptions(beam=width, n_best=width, min_words=1, max_words=5)
    other = n_best([UnrolledDecoder(wide)], [z], beams, LONGEST)[0]
    found = n_best([UnrolledDecoder(wide)], [z], options, LONGEST)[0]
    for row, mine in enumerate(found):
        expected = plain_beam(wide, z[row : row + 1], width, 1, 5, width, groups=groups, diversity=diversity)
        assert [each.ids for each in mine] == [words for words, _ in expected][: len(mine)]
        assert len({each.ids for each in mine}) == len(mine)
    assert sum(_distinct(row) for row in found) > sum(_distinct(row) for row in other)


def _distinct(sentences: list[engine.decoding.Hypothesis]) -> float:
    """Share of different words at the same place."""
    places = list(zip(*(each.ids for each in sentences), strict=False))
    return sum(len(set(place)) for place in places) / max(1, sum(map(len, places)))


@pytest.mark.parametrize("method", ["greedy", "beam", "sample"])
def test_scores_are_the_models_own_log_probabilities(model: SentenceVAE, z: torch.Tensor, method: str) -> None:
    for row, found in enumerate(decode(model, z, DecodeOptions(method, beam=3), LONGEST)):  # type: ignore[arg-type]
        expected = token_log_probabilities(model, z[row : row + 1], found.ids)
        assert found.token_log_probabilities == pytest.approx(expected, abs=TOLERANCE)
        assert found.log_probability == pytest.approx(math.fsum(expected), abs=TOLERANCE)


def test_greedy_takes_the_best_word_at_each_step(model: SentenceVAE, z: torch.Tensor) -> None:
    for row, found in enumerate(decode(model, z, DecodeOptions("greedy", min_words=0), LONGEST)):
        words: list[int] = []
        while len(words) <= LONGEST:
            scores = next_words(model, z[row : row + 1], words)
            scores[[0, BOS, UNK]] = -torch.inf
            best = int(scores.argmax())
            if best == EOS or len(words) == LONGEST:
                assert found.ended == (best == EOS)
                break
            words.append(best)
        assert found.ids == tuple(words)


def test_a_beam_of_one_is_greedy_and_a_wider_one_at_least_as_good(wide: SentenceVAE) -> None:
    z = 2.0 * torch.randn(40, 3, generator=torch.Generator().manual_seed(4))
    greedy = decode(wide, z, DecodeOptions("greedy"), 6)
    one, many = (decode(wide, z, DecodeOptions(beam=width), 6) for width in (1, 150))
    assert [each.ids for each in one] == [each.ids for each in greedy]
    assert [each.ended for each in one] == [each.ended for each in greedy]
    assert all(b.log_probability >= g.log_probability - TOLERANCE for b, g in zip(many, greedy, strict=True))
    assert not all(each.ended for each in greedy)
    assert any(each.ended for each in greedy)


OPTIONS = [
    DecodeOptions("greedy"),
    DecodeOptions(beam=4, n_best=3),
    DecodeOptions(beam=6, n_best=4, groups=2, diversity=1.0),
    DecodeOptions("sample", seed=5),
    DecodeOptions("sample", top_k=3, top_p=0.8, temperature=2.0),
]


@pytest.mark.parametrize("options", OPTIONS, ids=DecodeOptions.describe)
def test_a_row_decodes_alike_alone_and_in_any_batch(
    model: SentenceVAE, z: torch.Tensor, options: DecodeOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same sentences; scores within the tolerance, because a product of other sizes rounds differently."""
    decoder, other = UnrolledDecoder(model), UnrolledDecoder(sharp(VOCABULARY, seed=9))
    many = z.repeat(30, 1)
    together = n_best([decoder], [many], options, LONGEST)[0]
    monkeypatch.setattr(engine.decoding.decode, "WORTH_A_CORE", 8)
    monkeypatch.setattr(engine.decoding.decode, "cores", lambda: 3)
    monkeypatch.setattr(engine.decoding.decode, "MOST_AT_A_TIME", 50)
    shared = n_best([decoder], [many], options, LONGEST)[0]
    _same(shared, together)
    _same(n_best([decoder], [many[:7]], options, LONGEST)[0], together[:7])
    alike = decoder.layers == other.layers and type(model.decoder.lstm) is torch.nn.LSTM
    if alike and model.decoder.to_input is None and options.method != "sample":
        both = n_best([other, decoder], [z[:3], many], options, LONGEST)
        _same(both[1], together)
        _same(both[0], n_best([other], [z[:3]], options, LONGEST)[0])
    if options.method != "sample":
        back = n_best([decoder], [many.flip(0)], options, LONGEST)[0]
        _same(back[::-1], together)


def _same(found: list[list[engine.decoding.Hypothesis]], other: list[list[engine.decoding.Hypothesis]]) -> None:
    assert [[each.ids for each in row] for row in found] == [[each.ids for each in row] for row in other]
    for one, two in zip(itertools.chain(*found), itertools.chain(*other), strict=True):
        assert one.token_log_probabilities == pytest.approx(two.token_log_probabilities, abs=TOLERANCE)
        assert one.ended == two.ended


def test_the_unknown_word_and_the_special_ones_are_never_proposed(model: SentenceVAE, z: torch.Tensor) -> None:
    many = z.repeat(20, 1)
    for options in (DecodeOptions("greedy"), DecodeOptions(beam=5), DecodeOptions("sample", temperature=5.0)):
        assert all(word >= 4 for found in decode(model, many, options, LONGEST) for word in found.ids)


@pytest.mark.parametrize(
    ("temperature", "top_k", "top_p"), [(1.0, 0, 1.0), (2.0, 0, 1.0), (1.5, 3, 1.0), (3.0, 0, 0.7), (3.0, 4, 0.8)]
)
def test_sampling_follows_the_models_distribution(
    model: SentenceVAE, z: torch.Tensor, temperature: float, top_k: int, top_p: float
) -> None:
    draws = 10_000
    options = DecodeOptions(
        "sample", temperature=temperature, top_k=top_k, top_p=top_p, allow_unknown=True, min_words=0, max_words=1
    )
    found = decode(model, z[:1].repeat(draws, 1), options, LONGEST)
    drawn = [each.ids[0] if each.ids else EOS for each in found]
    scores = next_words(model, z[:1], ())
    scores[[0, BOS]] = -torch.inf
    weights = torch.softmax(scores / temperature, dim=0)
    ranked = sorted(range(VOCABULARY), key=lambda word: -float(weights[word]))[: top_k or None]
    share, nucleus = 0.0, []
    for word in ranked:
        if share < top_p:
            nucleus.append(word)
        share += float(weights[word] / weights[ranked].sum())
    weights = weights / weights[nucleus].sum()
    assert set(drawn) <= set(nucleus)
    for word in nucleus:
        assert drawn.count(word) / draws == pytest.approx(float(weights[word]), abs=0.02)


def test_draws_depend_on_the_seed_and_the_row_alone(wide: SentenceVAE) -> None:
    z = torch.zeros(12, 3)
    options = DecodeOptions("sample", seed=9)
    found = [each.ids for each in decode(wide, z, options, 5)]
    assert len(set(found)) > 6
    assert [each.ids for each in decode(wide, z[:4], options, 5)] == found[:4]
    assert [each.ids[:3] for each in decode(wide, z, DecodeOptions("sample", seed=9, max_words=3), 5)] == [
        ids[:3] for ids in found
    ]
    assert [each.ids for each in decode(wide, z, DecodeOptions("sample", seed=10), 5)] != found
    both = n_best([UnrolledDecoder(wide)] * 2, [z, z], options, 5)
    assert [each[0].ids for each in both[1]] == found


def test_a_tiny_nucleus_is_greedy(wide: SentenceVAE, z: torch.Tensor) -> None:
    greedy = [found.ids for found in decode(wide, z, DecodeOptions("greedy"), 6)]
    for options in (
        DecodeOptions("sample", top_p=1e-6),
        DecodeOptions("sample", top_k=1),
        DecodeOptions("sample", temperature=1e-6),
    ):
        assert [found.ids for found in decode(wide, z, options, 6)] == greedy


@pytest.mark.parametrize("method", ["greedy", "beam", "sample"])
def test_sentences_keep_to_the_limits(model: SentenceVAE, z: torch.Tensor, method: str) -> None:
    options = DecodeOptions(method, beam=3, min_words=2, max_words=3)  # type: ignore[arg-type]
    assert all(2 <= len(found.ids) <= 3 for found in decode(model, z, options, LONGEST))
    assert decode(model, z[:0], options, LONGEST) == []


@pytest.mark.parametrize("method", ["greedy", "beam", "sample"])
def test_far_latents_have_an_answer_and_endless_numbers_an_error(z: torch.Tensor, method: str) -> None:
    options = DecodeOptions(method, beam=3)  # type: ignore[arg-type]
    model = sharp(VOCABULARY)
    for scale in (1e6, 1e30):
        assert all(math.isfinite(found.log_probability) for found in decode(model, z * scale, options, LONGEST))
    with pytest.raises(LoomError, match="overflow"):
        decode(model, torch.full((1, 3), 3e38), options, LONGEST)
    for bad in (math.nan, math.inf):
        with torch.no_grad():
            model.output_bias[5] = bad
        with pytest.raises(LoomError, match="overflow"):
            decode(model, z, options, LONGEST)


def test_a_beam_beyond_the_vocabulary_and_a_minimum_beyond_the_limit_are_refused(
    model: SentenceVAE, z: torch.Tensor
) -> None:
    with pytest.raises(UsageError, match="wider than the vocabulary of 8 words"):
        decode(model, z, DecodeOptions(beam=9), LONGEST)
    with pytest.raises(UsageError, match="at least 5 and at most 4"):
        decode(model, z, DecodeOptions(min_words=5), LONGEST)


@pytest.mark.parametrize(
    "values",
    [
        {"method": "contrastive"},
        {"beam": 0},
        {"beam": 501},
        {"n_best": 0},
        {"n_best": 11},
        {"n_best": 2, "method": "greedy"},
        {"length_normalisation": math.nan},
        {"length_normalisation": -1.0},
        {"groups": 0},
        {"groups": 3, "diversity": 1.0},
        {"groups": 2},
        {"diversity": 1.0},
        {"groups": 2, "diversity": math.inf},
        {"top_p": 0.0},
        {"top_p": 1.1},
        {"top_p": math.nan},
        {"top_k": -1},
        {"temperature": 0.0},
        {"temperature": math.nan},
        {"temperature": math.inf},
        {"max_words": 0},
        {"max_words": 1001},
        {"min_words": -1},
        {"min_words": 5, "max_words": 4},
        {"seed": -1},
        {"seed": 2**63},
    ],
)
def test_options_out_of_range_are_refused_with_the_range(values: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="Choose"):
        DecodeOptions(**values)  # type: ignore[arg-type]


def test_a_description_says_all_that_is_needed_to_repeat_it() -> None:
    described = [
        DecodeOptions("greedy", allow_unknown=True).describe(),
        DecodeOptions(beam=6, n_best=2, length_normalisation=0.5, groups=2, diversity=1.5, max_words=9).describe(),
        DecodeOptions("sample", temperature=0.7, top_k=40, top_p=0.9, min_words=3, seed=8).describe(),
    ]
    assert described == [
        "greedy, unknown word allowed",
        "beam 6, 2 best, length normalisation 0.5, 2 groups, diversity 1.5, 9 tokens or fewer",
        "sampled with temperature 0.7, top-k 40, top-p 0.9, seed 8, 3 tokens or more",
    ]
