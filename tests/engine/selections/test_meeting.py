"""The sentences that meet a line, against a plain filter over each sentence by itself."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UsageError
from engine.selections.conditions import Conditions, read_line
from engine.selections.meeting import meeting, told_of_beginnings
from engine.storage.kept_values import KeptValues

LABELS = ("good", "so so", "so bad")


@dataclass(frozen=True)
class Row:
    words: tuple[str, ...]
    label: int
    stars: float

    @property
    def text(self) -> str:
        return " ".join(self.words).capitalize() + "."


@dataclass(frozen=True)
class Texts:
    texts: list[str]

    @property
    def n(self) -> int:
        return len(self.texts)

    def sentences(self, rows: slice) -> list[str]:
        return self.texts[rows]


_ROWS = st.lists(
    st.builds(
        Row,
        st.lists(st.sampled_from(("dog", "dogs", "a", "cat")), min_size=1, max_size=6).map(tuple),
        st.integers(-1, 2),
        st.sampled_from((1.0, 2.5, 4.0, -1.0, float("nan"))),
    ),
    min_size=1,
    max_size=9,
)
# Parts of a line, and the same as a plain condition on a row, whole words or not.
_PARTS = {
    "dog": lambda row, whole: "dog" in row.words if whole else "dog" in row.text.lower(),
    "A Dog": lambda row, whole: re.search(r"\ba dog\b", " ".join(row.words)) if whole else "a dog" in row.text.lower(),
    "/DOGS?\\b/": lambda row, whole: {"dog", "dogs"} & set(row.words),
    "/^a|cat\\.$/": lambda row, whole: row.words[0] == "a" or row.words[-1] == "cat",
    "label:good": lambda row, whole: row.label == 0,
    "label:so": lambda row, whole: row.label in (1, 2),
    'LABEL:"so so"': lambda row, whole: row.label == 1,
    "label:missing": lambda row, whole: row.label < 0,
    "stars:>1": lambda row, whole: row.stars > 1,
    "stars:2.5": lambda row, whole: row.stars == 2.5,
    "stars:..2.5": lambda row, whole: row.stars <= 2.5,
    "stars:2..": lambda row, whole: row.stars >= 2,
    "stars:<1e99": lambda row, whole: row.stars == row.stars,
    "stars:missing": lambda row, whole: row.stars != row.stars,
}
_LENGTHS = {
    "tokens:3-5": lambda n: 3 <= n <= 5,
    "length:4..": lambda n: n >= 4,
    "tokens:-4": lambda n: n <= 4,
    "length:<4": lambda n: n < 4,
    "tokens:1e99": lambda n: False,
}


def _met(line: tuple[Conditions, ...], rows: list[Row], beside: dict[str, KeptValues], whole: bool) -> list[bool]:
    lengths = np.array([len(row.words) + 1 for row in rows], np.int16)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        *before, mask = meeting(line, Texts([row.text for row in rows]), lengths, beside, whole)
    assert mask is not None
    assert not any(each is not None for each in before)
    return mask.tolist()


def _beside(rows: list[Row]) -> dict[str, KeptValues]:
    codes = np.array([row.label for row in rows], np.int32)
    return {
        "label": KeptValues("label", LABELS, (1, 1, 1), codes),
        "stars": KeptValues("stars", numbers=np.array([row.stars for row in rows])),
    }


@given(
    rows=_ROWS,
    line=st.lists(
        st.tuples(st.lists(st.sampled_from(list(_PARTS)), max_size=3), st.none() | st.sampled_from(list(_LENGTHS))),
        max_size=3,
    ),
    whole=st.booleans(),
)
def test_a_line_is_met_by_the_sentences_of_a_plain_filter(
    rows: list[Row], line: list[tuple[list[str], str | None]], whole: bool
) -> None:
    # Words that follow each other would be one phrase, so the length stands between them.
    texts, expected = [], [False] * len(rows)
    for parts, length in line:
        words = [part for part in parts if part in ("dog", "A Dog")]
        others = [part for part in parts if part not in words]
        words, others = words[:1], [*others, *([length] if length else [])]
        if not words and not others:
            continue
        texts.append(" ".join([*words, *others]))
        for at, row in enumerate(rows):
            fits = all(_PARTS[part](row, whole) for part in (*words, *others) if part in _PARTS)
            expected[at] |= bool(fits and (length is None or _LENGTHS[length](len(row.words) + 1)))
    beside = _beside(rows)
    assert _met(read_line(" | ".join(texts), beside), rows, beside, whole) == expected


def test_a_column_is_found_whatever_its_case_and_refused_where_there_is_none() -> None:
    rows = [Row(("a",), 0, 1.0), Row(("dog",), 1, 2.0)]
    beside = _beside(rows)
    assert _met((Conditions(where=(("Label", "GOOD"),)),), rows, beside, True) == [True, False]
    with pytest.raises(UsageError, match="No column 'colour'") as told:
        _met((Conditions(where=(("colour", "red"),)),), rows, beside, True)
    assert told.value.hint == "There are label, stars."


def test_a_value_that_was_taken_for_what_begins_so_is_told() -> None:
    codes = np.array([0, 1, 2, -1], np.int32)
    beside = {"Label": KeptValues("Label", LABELS, (1, 1, 1), codes), "n": KeptValues("n", numbers=np.ones(4))}
    line = read_line("label:so dog Label:good n:1 | label:missing | label:so", beside)
    assert told_of_beginnings(line, beside) == [
        "Nothing in Label is called 'so': taken is what begins so, so so, so bad."
    ]
    assert told_of_beginnings(read_line('label:"so  BAD"', beside), beside) == []
    many = KeptValues("many", tuple(f"a{n}" for n in range(12)), (1,) * 12, np.arange(12, dtype=np.int32))
    (told,) = told_of_beginnings((Conditions(where=(("many", "a"),)),), {"many": many})
    assert told.endswith("a8, a9 and 2 more.")
