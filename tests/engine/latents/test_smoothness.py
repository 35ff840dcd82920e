"""Smoothness of decoded paths, against a recursive edit distance and counts by hand."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UsageError
from engine.latents.smoothness import edit_distance, edit_similarity, folds, mark, smoothness

sentences = st.lists(st.sampled_from(["a", "b", "the", "then"]), max_size=7).map(tuple)


def by_recursion(first: tuple[str, ...], second: tuple[str, ...]) -> int:
    @cache
    def rest(i: int, j: int) -> int:
        if i == len(first) or j == len(second):
            return len(first) - i + len(second) - j
        if first[i] == second[j]:
            return rest(i + 1, j + 1)
        return 1 + min(rest(i + 1, j), rest(i, j + 1), rest(i + 1, j + 1))

    return rest(0, 0)


@given(sentences, sentences)
def test_the_edit_distance_is_that_of_its_definition(first: tuple[str, ...], second: tuple[str, ...]) -> None:
    assert edit_distance(first, second) == by_recursion(first, second) == edit_distance(second, first)
    assert 0 <= edit_similarity(first, second) <= 1
    assert (edit_similarity(first, second) == 1) == (first == second)


def test_the_numbers_of_a_path_by_hand() -> None:
    path = [text.split() for text in ("i love dogs .", "i love dogs .", "i love cats .", "you ran .", "you ran .")]
    found = smoothness(path, {0: ("i", "love", "dogs", "."), 4: ("you", "ran", "off", ".")})
    assert found.distinct == pytest.approx(2 / 4)
    assert found.similarity == pytest.approx((1 + 3 / 4 + 1 / 4 + 1) / 4)
    assert found.largest_jump == pytest.approx(3 / 4)
    assert found.jump_after == 2
    assert found.recovery == pytest.approx((1, 3 / 4))
    assert found.recovered == 1
    assert "50% of neighbours differ" in found.describe()
    assert "1 of 2 given" in found.describe()


@given(st.lists(sentences, min_size=2, max_size=12))
def test_folds_cover_the_path_and_agree_with_the_share_of_distinct_neighbours(path: list[tuple[str, ...]]) -> None:
    found = folds(path)
    assert [step for fold in found for step in range(fold.first, fold.last + 1)] == list(range(len(path)))
    assert all(path[step] == path[fold.first] for fold in found for step in range(fold.first, fold.last + 1))
    assert all(path[fold.last] != path[fold.last + 1] for fold in found[:-1])
    assert smoothness(path).distinct == pytest.approx((len(found) - 1) / (len(path) - 1))


def test_given_sentences_in_between_are_compared_at_their_places() -> None:
    path = [("a",), ("x",), ("b",), ("x",), ("c",)]
    assert smoothness(path, {4: ("c",), 0: ("a",), 2: ("x",)}).recovery == (1, 0, 1)
    assert smoothness(path, {0: ("a",), 2: ("b",), 4: ("c",)}).recovered == 3
    assert "recovered" not in smoothness(path).describe()
    with pytest.raises(UsageError, match="no step 5"):
        smoothness(path, {5: ("a",)})
    with pytest.raises(UsageError, match="two sentences"):
        smoothness(path[:1])


def test_marks_show_new_and_missing_words() -> None:
    found = mark(["i", "love", "my", "old", "dog", "."], ["I", "love", "his", "dog", "!"])
    assert found.changed == (False, False, True, False, True)
    assert found.missing_before == ()
    assert mark(["a", "b", "c"], ["a", "c"]).missing_before == (1,)
    assert mark(["a", "b"], ["a"]).missing_before == (1,)


@given(sentences, sentences)
def test_a_sentence_without_marks_is_the_one_before(before: tuple[str, ...], words: tuple[str, ...]) -> None:
    found = mark(before, words)
    assert len(found.changed) == len(words)
    assert (before == words) == (not any(found.changed) and not found.missing_before)
