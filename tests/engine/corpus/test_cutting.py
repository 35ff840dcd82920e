"""What batches of sentences come to, against a plain loop over each sentence by itself."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.corpus import cutting
from engine.corpus.capitals import capitals_of, telling, usual_forms
from engine.corpus.cutting import Cut, Cutter, Half, in_test_set
from engine.corpus.tokenised.words import given_words
from engine.corpus.tokens import detokenize, tokenize

LEAST, MOST, SEED, SHARE = 2, 5, 3, 0.4

_TEXTS = st.lists(
    st.text("aabBcZ .,'’\"“-…北éÉǅ\u200b\u00a0\t<unk>", max_size=14)
    | st.sampled_from(("Mr. Bean isn't in.", "<pad> UNK")),
    max_size=12,
)


def _sentences(half: Half, words: list[str]) -> list[list[str]]:
    flat = iter(half.numbers.tolist())
    return [[words[next(flat)] for _ in range(length)] for length in half.lengths.tolist()]


def _check(cut: Cut, words: list[str], batch: list[str], at_most: int | None, given: bool, lower: bool) -> None:
    """Hold a cut against a loop; `words` are those of all numbers of the cutter."""
    kept, dropped = [], Counter[str]()
    for row, text in enumerate(batch):
        found = given_words(text.split(), lower) if given else tokenize(text)
        reason = (
            "empty" if not found else "too_short" if len(found) < LEAST else "too_long" if len(found) > MOST else ""
        )
        dropped.update([reason] if reason else [])
        kept += [] if reason else [(row, text, found)]
    kept = kept[:at_most]
    train, test = ([each for each in kept if in_test_set(each[1], SEED, SHARE) is side] for side in (False, True))
    assert cut.dropped == dropped
    for half, expected in ((cut.train, train), (cut.test, test)):
        assert half.rows.tolist() == [row for row, _, _ in expected]
        assert _sentences(half, words) == [found for _, _, found in expected]
    shown = [detokenize(found) if given else " ".join(text.split()) for _, text, found in test]
    assert (cut.train.texts, cut.test.texts) == ([], shown)
    counts = Counter(word for _, _, found in train for word in found)
    assert {words[n]: times for n, times in zip(cut.used.tolist(), cut.times.tolist(), strict=True)} == counts
    begun = Counter(found[0] for _, _, found in train)
    assert {words[n]: times for n, times in zip(cut.begun.tolist(), cut.begun_times.tolist(), strict=True)} == begun
    counted = capitals_of(telling(text.split()) for _, text, _ in train if lower or not given)
    assert cut.capitals.forms == counted.forms
    within = list((counts - begun).items())
    assert usual_forms(within, cut.capitals) == usual_forms(within, counted)
    assert set(cut.words) <= {word for _, _, found in kept for word in found}


@pytest.mark.parametrize(("words_given", "lower"), [(False, False), (True, False), (True, True)])
@given(batches=st.lists(st.tuples(_TEXTS, st.none() | st.integers(0, 4)), min_size=1, max_size=4), small=st.booleans())
def test_batches_are_cut_as_a_plain_loop_cuts_them(
    batches: list[tuple[list[str], int | None]], small: bool, words_given: bool, lower: bool
) -> None:
    """Also by a cutter that forgets what it has met."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cutting, "_PIECES_AT_MOST", 3 if small else 200_000)
        cutter = Cutter(LEAST, MOST, SEED, SHARE, 0, given=words_given, lower=lower)
        words: list[str] = []
        for batch, at_most in batches:
            cut = cutter(batch, at_most)
            words = [*words[: cut.first], *cut.words]
            assert len(set(words)) == len(words)
            _check(cut, words, batch, at_most, words_given, lower)


def test_words_of_sentences_that_are_left_out_get_no_number() -> None:
    cut = Cutter(3, 5, 0, 0.0, 0)(["left out", "these are kept", "and this is far too long for that"])
    assert cut.words == ["these", "are", "kept"]
    later = Cutter(3, 5, 0, 0.0, 0)
    later(["left out"])
    assert later(["not left out"]).words == ["left", "out", "not"]
