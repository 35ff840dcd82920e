"""Credits against a plain loop over the model's single steps."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from engine.corpus.vocabulary import BOS, EOS
from engine.decoding.options import DecodeOptions
from engine.decoding.teacher_forcing import token_log_probabilities
from engine.errors import LoomError
from engine.runs.run import Run
from engine.sentences.token_credit import Credits, TokenCredit, decoded_credit, token_credit
from engine.sentences.variant_answers import Refused
from engine.session import Session

SENTENCE = "The cat sees a zebra today."


@pytest.fixture(scope="module")
def session(tiny_run: Run) -> Session:
    return Session.load(tiny_run, "cpu")


@torch.no_grad()
def word_by_word(session: Session, variant: str, ids: tuple[int, ...], z: np.ndarray) -> list[float]:
    """log p of every word and of EOS, one step of the model at a time, softmax in float64."""
    model = session.model(variant)
    row = torch.from_numpy(z)[None]
    state = model.decoder.initial_state(row)
    found = []
    for previous, word in zip((BOS, *ids), (*ids, EOS), strict=True):
        logits, state = model.step(torch.tensor([previous]), row, state)
        weights = [math.exp(value) for value in logits[0].double().tolist()]
        found.append(math.log(weights[word] / sum(weights)))
    return found


def credits(session: Session, text: str, **given: object) -> dict[str, Credits]:
    answers = list(token_credit(session, text, **given))  # type: ignore[arg-type]
    assert all(isinstance(answer, Credits) for answer in answers)
    return {answer.variant: answer for answer in answers if isinstance(answer, Credits)}


@pytest.mark.parametrize("sample", [False, True])
def test_credits_are_differences_of_the_models_single_steps(session: Session, sample: bool) -> None:
    typed = session.typed(SENTENCE)
    latents = session.encode(SENTENCE, sample=sample, seed=3)
    found = credits(session, SENTENCE, sample=sample, seed=3)
    assert list(found) == list(session.variants)
    for name, answer in found.items():
        given = word_by_word(session, name, typed.ids, latents[name].z)
        without = word_by_word(session, name, typed.ids, np.zeros_like(latents[name].z))
        assert [token.word for token in answer.tokens] == [*typed.words, "</s>"]
        assert [token.unknown for token in answer.tokens] == [*typed.unknown, False]
        assert sum(typed.unknown) == 1
        for token, with_z, without_z in zip(answer.tokens, given, without, strict=True):
            assert token.log_probability == pytest.approx(with_z, abs=1e-5)
            assert token.without == pytest.approx(without_z, abs=1e-5)
            assert token.credit == pytest.approx(with_z - without_z, abs=1e-5)
        assert answer.credit == pytest.approx(sum(given) - sum(without), abs=1e-5)
        assert sum(token.credit for token in answer.tokens) == pytest.approx(answer.credit, abs=1e-9)
        assert max(abs(token.credit) for token in answer.tokens) > 1e-3, "the test says nothing where z says nothing"


def test_the_kl_is_that_of_the_sentence_and_decoded_points_have_none(session: Session) -> None:
    for name, answer in credits(session, SENTENCE).items():
        assert answer.kl == session.encode(SENTENCE)[name].kl
        decoded = session.decode(name, answer.z[None], DecodeOptions("greedy"))[0]
        assert decoded_credit(session, name, decoded).kl is None


@pytest.mark.parametrize(
    ("credit", "kl", "told"),
    [
        (174.9, 30.2, True),
        (60.5, 30.2, True),
        (60.3, 30.2, False),
        (-5.0, 3.0, False),
        (1.5, 0.01, False),
        (9.0, None, False),
    ],
)
def test_a_sum_far_above_the_kl_is_explained_and_no_other(credit: float, kl: float | None, told: bool) -> None:
    note = Credits("vae", (TokenCredit("i", False, -1.0, -1.0 - credit),), np.zeros(2, np.float32), "z = mu", kl).note
    assert bool(note) == told
    assert not told or ("KL of 30.2 nats: z = 0 is" in note and note.count(".") == 2)  # one sentence, and a number


def test_the_sum_is_the_difference_of_the_likelihoods(session: Session) -> None:
    typed = session.typed(SENTENCE)
    for name, answer in credits(session, SENTENCE).items():
        words, lengths = torch.tensor([typed.ids]), torch.tensor([len(typed.ids)])
        z = torch.from_numpy(answer.z)[None]
        with torch.no_grad():
            nll = [float(session.model(name).likelihood(words, lengths, point).nll[0]) for point in (z, z * 0)]
        assert answer.credit == pytest.approx(nll[1] - nll[0], abs=1e-4)


def test_a_decoded_sentence_is_credited_at_its_own_z(session: Session) -> None:
    for name, (decoded, *_) in session.sample(n=2, options=DecodeOptions("greedy"), seed=4).items():
        answer = decoded_credit(session, name, decoded)
        assert answer.log_probability == pytest.approx(decoded.log_probability, abs=1e-4)
        assert np.array_equal(answer.z, decoded.z)
        assert [token.word for token in answer.tokens[:-1]] == list(decoded.words)
        given = decoded.token_log_probabilities
        assert [token.log_probability for token in answer.tokens] == pytest.approx(given, abs=1e-4)


def test_many_rows_are_scored_as_each_alone(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.decoding.teacher_forcing.ROWS", 3)
    model = session.model("vae")
    words = torch.randint(4, 40, (8, 6), generator=torch.Generator().manual_seed(1))
    z = torch.randn((8, 4), generator=torch.Generator().manual_seed(2))
    together = token_log_probabilities(model, words, z)
    for row in range(8):
        alone = word_by_word(session, "vae", tuple(words[row].tolist()), z[row].numpy())
        assert together[row].tolist() == pytest.approx(alone, abs=1e-5)
    assert torch.allclose(token_log_probabilities(model, words, z[:1])[0], together[0], atol=1e-5)


def test_what_cannot_be_scored_is_refused(session: Session, tiny_run: Run) -> None:
    for text, message in (("", "no word"), ("word " * 10_000, "at most 200")):
        with pytest.raises(LoomError, match=message):
            next(token_credit(session, text))
    with pytest.raises(LoomError, match="Seed -1"):
        next(token_credit(session, SENTENCE, seed=-1))
    decoded = session.sample(["vae"], 1, DecodeOptions("greedy"))["vae"][0]
    for z in (np.full(4, np.nan, np.float32), np.zeros(5, np.float32)):
        changed = type(decoded)(decoded.words, decoded.text, 0.0, True, z)
        with pytest.raises(LoomError, match="finite vector of 4"):
            decoded_credit(session, "vae", changed)
    partial = Session(tiny_run, {"autogen-m1": session.model("autogen-m1")}, {"vae": "Gone."}, session.device)
    first, second = token_credit(partial, SENTENCE)
    assert isinstance(first, Refused)
    assert first.message == "Gone."
    assert isinstance(second, Credits)
