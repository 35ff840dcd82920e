"""Concepts from typed, searched and chosen sentences, under loaded models."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from engine.decoding.options import DecodeOptions
from engine.errors import LoomError, UsageError
from engine.latents import concept_groups
from engine.latents.concept_groups import Group, gathered, members, pool
from engine.latents.concept_requests import concept_apply, concept_of
from engine.latents.concepts import concept
from engine.runs.run import Run
from engine.session import Session
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace

TYPED = ("The cat sees the river today.", "A teacher sees the house again.", "My old dog sees some bread at night.")
GREEDY = DecodeOptions("greedy")


@pytest.fixture(scope="module")
def session(tiny_run: Run) -> Session:
    return Session.load(tiny_run, "cpu")


@pytest.fixture(scope="module")
def cache(tiny_workspace: Workspace) -> Iterator[LatentCache]:
    with LatentCache.open(tiny_workspace.cache("tiny")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = concept_groups.blocks
    monkeypatch.setattr(concept_groups, "blocks", lambda n, size=0: whole(n, 7))


def holding(cache: LatentCache, word: str) -> set[int]:
    return {i for i, sentence in enumerate(cache.sentences()) if word in sentence.lower()}


def test_a_search_finds_whole_words_whatever_their_case_and_either_side_of_a_bar(cache: LatentCache) -> None:
    dogs = Group(searches=("dog",))
    found, _ = members(cache, Group(searches=("The CAT", "farmer | aunt")), dogs)
    assert set(found.indices) == holding(cache, "the cat") | holding(cache, "farmer")
    assert 'hold "The CAT" or "farmer | aunt"' in found.how
    assert holding(cache, "car")  # "carries"
    with pytest.raises(UsageError, match='commoner word than "car"'):
        members(cache, Group(searches=("car",)), dogs)
    for nothing in ("  ", "|"):
        with pytest.raises(UsageError, match="Nothing was given"):
            members(cache, Group(searches=("cat", nothing)), dogs)


def test_what_a_search_finds_for_both_is_left_out_of_both(cache: LatentCache) -> None:
    cats, boats = holding(cache, "cat"), holding(cache, "boat")
    assert cats & boats
    first, second = members(cache, Group(searches=("cat",)), Group(searches=("boat",)))
    assert set(first.indices) == cats - boats
    assert set(second.indices) == boats - cats
    assert f"({len(cats & boats)} are)" in first.how


def test_equal_sentences_count_once_and_typed_ones_stay_where_they_are(cache: LatentCache) -> None:
    index = min(holding(cache, "cat"))
    typed = (cache.sentence(index), cache.sentence(index).upper(), *TYPED)
    first, second = members(cache, Group(typed, indices=(index,)), Group(searches=("the",)))
    assert first.count == 4
    assert index not in second.indices


def test_of_many_matches_some_are_drawn_by_the_seed(cache: LatentCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concept_groups, "MOST", 5)
    groups = Group(TYPED[:2]), Group(searches=("the",))
    drawn = [members(cache, *groups, seed)[1] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert drawn[0].count == 5
    assert drawn[0].how.startswith("5 of ")
    assert drawn[0].how.endswith("drawn with seed 1")
    chosen = members(cache, Group(TYPED[:2]), Group(indices=tuple(range(20))), 1)[1]
    assert chosen.how == f"test sentences {', '.join(str(index + 1) for index in chosen.indices)}"
    assert chosen.count == 5


def test_single_latents_are_read_in_any_order(cache: LatentCache) -> None:
    indices = np.array([31, 2, 30, 2, 0])
    np.testing.assert_array_equal(gathered(cache, "vae", indices), cache.mu("vae")[indices])
    np.testing.assert_array_equal(pool(cache), np.arange(cache.n))


def test_the_concept_is_made_of_typed_and_cached_means(session: Session, cache: LatentCache) -> None:
    chosen = tuple(sorted(holding(cache, "loves")))[:5]
    found = concept_of(session, cache, Group(TYPED), Group(indices=chosen), resamples=200, seed=4)
    for name, each in found.items():
        first = np.stack([session.encode(text)[name].mu for text in TYPED])
        expected = concept(first, cache.mu(name)[list(chosen)], cache.mu(name), 200, 4)
        np.testing.assert_allclose(each.concept.direction, expected.direction, atol=1e-6)
        assert each.concept.separation == expected.separation
        assert each.concept.verdict in ("stands out", "unclear", "chance")
        for part in (
            f"tiny/{name}",
            *TYPED,
            f"test sentences {chosen[0] + 1}, {chosen[1] + 1}",
            "200 resamples",
            "seed 4",
        ):
            assert part in each.how


def test_applying_moves_every_sentence_by_every_strength(session: Session, cache: LatentCache) -> None:
    found = concept_of(session, cache, Group(searches=("cat",)), Group(searches=("dog",)), resamples=100)
    applied = concept_apply(session, found, TYPED[:2], (-1.0, 0.0, 0.5), GREEDY)
    for name, rows in applied.items():
        assert [each.source for each in rows] == list(TYPED[:2])
        for each in rows:
            mu = session.encode(str(each.source))[name].mu
            expected = [mu + strength * found[name].concept.direction for strength in each.strengths]
            np.testing.assert_allclose([decoded.z for decoded in each.decoded], expected, atol=1e-6)
            assert each.how.endswith(f'mu of "{each.source}" moved by -1, 0, 0.5 times the direction; greedy')
        plain = session.reconstruct(TYPED[1], [name], GREEDY)[0]
        assert rows[1].decoded[1].words == plain.decoded.words


def test_bad_groups_are_refused_in_words(session: Session, cache: LatentCache) -> None:
    good = Group(searches=("dog",))
    for bad in (Group(), Group(TYPED[:1]), Group(searches=("xylophone",)), Group((TYPED[0], TYPED[0].upper()))):
        with pytest.raises(UsageError, match="needs two or more"):
            concept_of(session, cache, bad, good)
        with pytest.raises(UsageError, match="needs two or more"):
            concept_of(session, cache, good, bad)
    with pytest.raises(UsageError, match="is in both groups"):
        concept_of(session, cache, Group(TYPED), Group((TYPED[2].lower(), *TYPED[:1])))
    with pytest.raises(UsageError, match="is in both groups"):
        concept_of(session, cache, Group(indices=(3, 4)), Group(indices=(5, 3)))
    for index in (-1, cache.n):
        with pytest.raises(UsageError, match="no test sentence"):
            concept_of(session, cache, Group(indices=(0, index)), good)
    with pytest.raises(LoomError, match="no word"):
        concept_of(session, cache, Group(("", *TYPED)), good)
    found = concept_of(session, cache, Group(TYPED), good, ["vae"], 100)
    with pytest.raises(UsageError, match="no sentence to apply"):
        concept_apply(session, found, [])
    with pytest.raises(UsageError, match="finite strengths"):
        concept_apply(session, found, TYPED, [float("inf")])
    with pytest.raises(UsageError, match="too many"):
        concept_apply(session, found, TYPED, [0.5] * 500)
