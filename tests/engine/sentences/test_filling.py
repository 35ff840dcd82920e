"""Fillings against the score of every word of a tiny vocabulary, and blanks of all kinds."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
import torch

from engine.corpus.vocabulary import BOS, EOS, SPECIALS
from engine.errors import LoomError, UsageError
from engine.runs.run import Run
from engine.sentences.blanks import read_blanks
from engine.sentences.filling import BLANK, Fillings, fill, propose
from engine.sentences.variant_answers import Refused
from engine.session import Session

SENTENCE = "The cat ___ the river today."
SAMPLES = 5


@pytest.fixture(scope="module")
def session(tiny_run: Run) -> Session:
    return Session.load(tiny_run, "cpu")


@torch.no_grad()
def log_evidence(session: Session, variant: str, ids: Sequence[int], noise: np.ndarray) -> float:
    """log 1/K sum_k p(x|z_k) p(z_k) / q(z_k|x): densities written out, one step of the model at a time, in float64."""
    model = session.model(variant)
    mu, logvar = (each[0].double() for each in model.encode(torch.tensor([ids]), torch.tensor([len(ids)])))
    epsilon = torch.from_numpy(noise).double()
    z = mu + torch.exp(logvar / 2) * epsilon  # (K, latent)
    log_2pi = math.log(2 * math.pi)
    prior = (-0.5 * (z**2 + log_2pi)).sum(dim=1)
    posterior = (-0.5 * ((z - mu) ** 2 / logvar.exp() + logvar + log_2pi)).sum(dim=1)
    points = z.float()
    state = model.decoder.initial_state(points)
    likelihood = torch.zeros(len(z), dtype=torch.float64)
    for previous, word in zip((BOS, *ids), (*ids, EOS), strict=True):
        logits, state = model.step(torch.full((len(z),), previous), points, state)
        likelihood += torch.log_softmax(logits.double(), dim=1)[:, word]
    weights = (likelihood + prior - posterior).tolist()
    highest = max(weights)
    return highest + math.log(sum(math.exp(weight - highest) for weight in weights) / len(weights))


def every_word(session: Session, variant: str, text: str, seed: int, step: int = 1) -> dict[tuple[str, ...], float]:
    """log p(x) of every combination of words in the blanks, or of every so many of them."""
    typed = read_blanks(session.run, text)
    blanks = [place for place, word in enumerate(typed.words) if word == BLANK]
    noise = torch.randn((SAMPLES, 4), generator=torch.Generator().manual_seed(seed)).numpy()
    words = session.run.vocabulary.words
    scores = {}
    for chosen in [*itertools.product(range(len(SPECIALS), len(words)), repeat=len(blanks))][::step]:
        ids = list(typed.ids)
        for place, word in zip(blanks, chosen, strict=True):
            ids[place] = word
        scores[tuple(words[word] for word in chosen)] = log_evidence(session, variant, ids, noise)
    return scores


def answers(session: Session, text: str, **given: object) -> dict[str, list[Fillings]]:
    found: dict[str, list[Fillings]] = {}
    for answer in fill(session, text, **given):  # type: ignore[arg-type]
        assert isinstance(answer, Fillings)
        found.setdefault(answer.variant, []).append(answer)
    return found


@pytest.mark.parametrize("text", [SENTENCE, "___ my old dog"])
def test_with_every_word_as_a_candidate_it_is_the_score_of_every_word(session: Session, text: str) -> None:
    for name, made in answers(session, text, n_best=1000, candidates=1000, samples=SAMPLES, seed=3).items():
        expected = every_word(session, name, text, 3)
        final = made[-1]
        assert final.exhaustive
        assert final.scored == len(final.fillings) == len(expected) == len(session.run.vocabulary) - 4
        ranked = sorted(expected, key=lambda words: -expected[words])
        assert [filling.words for filling in final.fillings[:10]] == ranked[:10]
        everything = math.log(sum(map(math.exp, expected.values())))
        for filling in final.fillings:
            assert filling.log_probability == pytest.approx(expected[filling.words], abs=1e-3)
            assert filling.share == pytest.approx(math.exp(expected[filling.words] - everything), abs=1e-3)
        assert sum(filling.share for filling in final.fillings) == pytest.approx(1.0)


def test_few_candidates_are_scored_alike_and_hold_the_best(session: Session) -> None:
    for name, made in answers(session, SENTENCE, n_best=3, candidates=12, samples=SAMPLES, seed=3).items():
        expected = every_word(session, name, SENTENCE, 3)
        final = made[-1]
        assert (final.scored, final.exhaustive, final.draft) == (12, False, False)
        for filling in final.fillings:
            assert filling.log_probability == pytest.approx(expected[filling.words], abs=1e-3)
        assert final.fillings[0].words == max(expected, key=lambda words: expected[words])


def test_several_blanks_are_filled_together(session: Session) -> None:
    name = "autogen-m1"
    text = "The cat ___ ___ today"
    made = answers(session, text, variants=[name], n_best=10_000, candidates=10_000, samples=SAMPLES)[name][-1]
    free = len(session.run.vocabulary) - 4
    assert made.exhaustive
    assert made.scored == free**2
    expected = every_word(session, name, text, 0, step=11)
    scores = {filling.words: filling.log_probability for filling in made.fillings}
    assert list(scores.values()) == sorted(scores.values(), reverse=True)
    assert all(scores[words] == pytest.approx(value, abs=1e-3) for words, value in expected.items())


def test_proposals_are_distinct_and_keep_the_words_around(session: Session) -> None:
    typed = read_blanks(session.run, "The ___ sees ___ river today.")
    ids = torch.tensor(typed.ids)
    rows = propose(session.model("vae"), ids, [1, 3], torch.zeros(1, 4), 50).tolist()
    assert len({tuple(row) for row in rows}) == 50
    assert all(row[place] == ids[place] for row in rows for place in range(len(ids)) if place not in (1, 3))
    assert all(min(row[1], row[3]) >= len(SPECIALS) for row in rows)


def test_memory_is_bounded_where_blanks_follow_blanks(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    words = len(session.run.vocabulary) - 4
    monkeypatch.setattr("engine.sentences.filling._SCORES", 10 * words)
    ids = torch.tensor(read_blanks(session.run, "The ___ ___ today.").ids)
    rows = propose(session.model("vae"), ids, [1, 2], torch.zeros(1, 4), 10_000)
    assert len({row[1] for row in rows.tolist()}) == 10
    assert len(rows) == 10 * words
    made = answers(session, "The ___ ___ today.", variants=["vae"], candidates=10_000, samples=1)["vae"][-1]
    assert (made.scored, made.exhaustive) == (10 * words, False)


def test_drafts_of_all_variants_come_first_and_scores_settle(session: Session) -> None:
    made = list(fill(session, SENTENCE, candidates=40, samples=64))
    assert [(answer.variant, answer.draft) for answer in made if isinstance(answer, Fillings)][:2] == [
        ("vae", True),
        ("autogen-m1", True),
    ]
    last = [answer for answer in made if isinstance(answer, Fillings) and not answer.draft]
    assert [answer.variant for answer in last] == ["vae", "autogen-m1"]
    assert all(answer.scored == 40 for answer in last)
    again = list(fill(session, SENTENCE, candidates=40, samples=64))
    assert [answer.fillings for answer in again if isinstance(answer, Fillings)] == [
        answer.fillings for answer in made if isinstance(answer, Fillings)
    ]
    draft = next(answer for answer in made if isinstance(answer, Fillings))
    for filling in draft.fillings[:3]:
        latent = session.encode(SENTENCE.replace(BLANK, filling.words[0]))["vae"]
        typed = session.typed(SENTENCE.replace(BLANK, filling.words[0]))
        words, lengths = torch.tensor([typed.ids]), torch.tensor([len(typed.ids)])
        with torch.no_grad():
            nll = session.model("vae").likelihood(words, lengths, torch.from_numpy(latent.mu)[None]).nll
        assert filling.log_probability == pytest.approx(-float(nll[0]) - latent.kl, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("He __ the door.", ["he", BLANK, "the", "door", "."]),
        ("He _ the _____, today", ["he", BLANK, "the", BLANK, ",", "today"]),
        ("___'s dog \u4f60\u597d", [BLANK, "'s", "dog", "\u4f60\u597d"]),
        ('"___," said\x00 zebras', ['"', BLANK, ",", '"', "said", "zebras"]),
        ("a_b __", ["a", "_", "b", BLANK]),
        ("\ua66e ___", ["\ufffd", BLANK]),
    ],
)
def test_blanks_are_read_among_all_kinds_of_words(session: Session, text: str, words: list[str]) -> None:
    typed = read_blanks(session.run, text)
    assert list(typed.words) == words
    assert typed.text == text
    assert not any(unknown for word, unknown in zip(words, typed.unknown, strict=True) if word == BLANK)
    assert len(list(fill(session, text, candidates=4, n_best=1, samples=2))) >= 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("He shuts the door.", "no blank"),
        ("", "no word"),
        ("___ ___ ___ ___ door", "4 blanks"),
        ("___ " * 10_000, "10,000 blanks"),
        ("___", "nothing but blanks"),
        ("___ ___", "nothing but blanks"),
        ("un___ed door", "glued"),
        ("___ " + "word " * 10_000, "at most 200"),
    ],
)
def test_sentences_that_cannot_be_filled_are_refused_in_words(session: Session, text: str, message: str) -> None:
    with pytest.raises(LoomError, match=message):
        next(fill(session, text))


def test_numbers_out_of_range_and_failed_variants_are_refused(session: Session, tiny_run: Run) -> None:
    wrong: list[dict[str, int]] = [{"n_best": 0}, {"n_best": 10**9}, {"candidates": -1}, {"samples": 0}, {"seed": -1}]
    wrong.append({"n_best": 3, "candidates": 2})
    for given in wrong:
        with pytest.raises(UsageError):
            next(fill(session, SENTENCE, **given))  # type: ignore[arg-type]
    partial = Session(tiny_run, {"autogen-m1": session.model("autogen-m1")}, {"vae": "Gone."}, session.device)
    made = list(fill(partial, SENTENCE, n_best=5, candidates=5, samples=2))
    assert made[0] == Refused("vae", "Gone.")
    assert all(answer.variant == "autogen-m1" for answer in made[1:])
