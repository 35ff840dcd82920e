"""Pieces between spaces that are looked at once, and what is read of them by their numbers."""

from __future__ import annotations

from itertools import chain

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.corpus.capitals import capitals_of, telling
from engine.corpus.pieces import Pieces, spans, sums
from engine.corpus.tokens import tokenize


def test_a_piece_is_cut_once_and_tells_its_words_and_capitals() -> None:
    cut: list[str] = []

    def words_of(piece: str) -> list[str]:
        cut.append(piece)
        return tokenize(piece)

    pieces = Pieces(words_of, tell=True)
    said = ["Then", "Tom", "didn't", "see", "Tom,", "or", "(The)", "Boston"]
    for _ in range(2):
        found = pieces.look_up(said, len(said))
        assert [pieces.words[word] for word in pieces.words_of(found).tolist()] == tokenize(" ".join(said))
        assert pieces.widths(found).tolist() == [len(tokenize(piece)) for piece in said]
        assert pieces.capitals(found[1:]) == capitals_of([telling(said)])
    assert cut == list(dict.fromkeys(said))
    assert len(pieces) == len(cut)
    assert not Pieces(tokenize, tell=False).look_up([], 0).size


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 6))))
def test_spans_and_their_sums_are_those_of_slices(parts: list[tuple[int, int]]) -> None:
    starts = np.asarray([start for start, _ in parts], dtype=np.int64)
    lengths = np.asarray([length for _, length in parts], dtype=np.int64)
    slices = [list(range(start, start + length)) for start, length in parts]
    flat = list(chain.from_iterable(slices))
    assert spans(starts, lengths).tolist() == flat
    assert sums(np.asarray(flat, dtype=np.int64), lengths).tolist() == list(map(sum, slices))
