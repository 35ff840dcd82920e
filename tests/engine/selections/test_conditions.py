"""What a line of conditions says, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import UsageError
from engine.selections.conditions import Conditions, alternatives, read_as_words, read_line, read_options, search_for
from engine.storage.kept_values import KeptValues

CODES = np.array([0, 1], np.int32)
BESIDE = {
    "label": KeptValues("label", ("good", "so so", 'bad: "very" | so'), (1, 1, 0), CODES),
    "stars": KeptValues("stars", numbers=np.array([1.0, -2.5])),
    "review.by": KeptValues("review.by", ("me",), (2,), CODES * 0),
    "by": KeptValues("by", ("me",), (2,), CODES * 0),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The dog", Conditions(("The dog",))),
        ("dog tokens:5-10", Conditions(("dog",), least=5, most=10)),
        ("dog length:5..8 cat", Conditions(("dog", "cat"), least=5, most=8)),
        ("tokens:12- dog", Conditions(("dog",), least=12)),
        ("tokens:12..", Conditions(least=12)),
        ("TOKENS: -8", Conditions(most=8)),
        ("length:..8 a dog", Conditions(("a dog",), most=8)),
        ("tokens:>5", Conditions(least=6)),
        ("tokens:>=5", Conditions(least=5)),
        ("tokens:<5", Conditions(most=4)),
        ("tokens:<=4.5", Conditions(most=4)),
        ("tokens:7", Conditions(least=7, most=7)),
        ("tokens:<1e99", Conditions(most=2**53)),
        ("tokens:-1e99..8", Conditions(most=8)),
        ("tokens:1e99", Conditions(least=2**53, most=2**53)),
        ("label:good dog", Conditions(("dog",), where=(("label", "good"),))),
        ("LABEL: Good", Conditions(where=(("label", "Good"),))),
        ("dog label:go cat", Conditions(("dog", "cat"), where=(("label", "go"),))),
        ("label:so so dog", Conditions(("dog",), where=(("label", "so so"),))),
        ('dog label:"so so" tokens: -8', Conditions(("dog",), most=8, where=(("label", "so so"),))),
        ('Label:"a ""b"" c" stars:2..4', Conditions(where=(("label", 'a "b" c'), ("stars", "2..4")))),
        ("stars:2.. dog", Conditions(("dog",), where=(("stars", "2.."),))),
        ("stars:..4 stars:>1e99", Conditions(where=(("stars", "..4"), ("stars", ">1e99")))),
        ("stars:-3..1 a dog", Conditions(("a dog",), where=(("stars", "-3..1"),))),
        ("review.by:me by:me", Conditions(where=(("review.by", "me"), ("by", "me")))),
        ("/^(who|what) /", Conditions(matching=("^(who|what) ",))),
        ("dog /a b/ cat", Conditions(("dog", "cat"), ("a b",))),
        (r"/a\/ b/", Conditions(matching=(r"a\/ b",))),
        ("/stars:>3/", Conditions(matching=("stars:>3",))),
        ("he / she / it", Conditions(("he / she / it",))),
        ("and/or /usr", Conditions(("and/or /usr",))),
        ("what : ever", Conditions(("what : ever",))),
        ("the label: good", Conditions(("the label: good",))),
        ("note: 10:30", Conditions(("note: 10:30",))),
    ],
)
def test_a_line_says_words_lengths_expressions_and_what_is_beside(text: str, expected: Conditions) -> None:
    assert read_line(text, BESIDE) == (expected,)
    assert Conditions.from_json(expected.as_json()) == expected
    assert read_line(f"{text} | other", BESIDE)[-1:] == (Conditions(("other",)),)


def test_the_quote_of_a_value_may_be_open_only_while_it_is_typed() -> None:
    assert read_line('dog label:"so s', BESIDE, typing=True) == (Conditions(("dog",), where=(("label", "so s"),)),)
    for text, said in (
        ('dog label:"so s', 'label:"so s'),
        ('tokens:"5', 'tokens:"5'),
        ('label:"a ""b', 'label:"a ""b'),
    ):
        with pytest.raises(UsageError) as refused:
            read_line(text, BESIDE)
        assert refused.value.message == f"The quote in {said} is not closed."
        assert refused.value.hint == f'Write {said}".'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a dog", ""),
        ("he / she / it and/or", ""),
        ('/^who/ | "was | were" cat', ""),
        ("dog /^who", "“/^who” was looked for as it stands"),
        ("/usr/bin", "“/usr/bin” was looked for as it stands"),
        ('"was cat', "A quote in it is not closed."),
        ('"a "b" c', "A quote in it is not closed."),
    ],
)
def test_an_open_quote_or_slash_among_words_is_told(text: str, said: str) -> None:
    told = read_as_words([text])
    assert said in told
    assert bool(told) == bool(said)


def test_bars_part_alternatives_but_not_within_quotes_and_expressions() -> None:
    line = 'label:"bad: ""very"" | so" dog|/a|b/ | | cat'
    assert alternatives(line) == ['label:"bad: ""very"" | so" dog', "/a|b/", "", "cat"]
    assert read_line(line, BESIDE) == (
        Conditions(("dog",), where=(("label", 'bad: "very" | so'),)),
        Conditions(matching=("a|b",)),
        Conditions(("cat",)),
    )
    assert read_line(" | ", BESIDE) == ()


def test_a_column_that_is_called_tokens_hides_the_length() -> None:
    column = KeptValues("tokens", ("many",), (1,), CODES)
    assert read_line("tokens:many length:5", {"tokens": column}) == (Conditions((), (), 5, 5, (("tokens", "many"),)),)


@pytest.mark.parametrize(
    ("text", "said", "next_step"),
    [
        ("colour:red", "No column 'colour'", "There are label, stars, review.by, by. For those very words: /colour:/"),
        ("dog star:>3", "No column 'star'", "There are label"),
        ("relabel:good", "No column 'relabel'", ""),
        ("tokens:a", "tokens:'a' is no range", "5-10"),
        ("length:5-6-7", "length:'5-6-7' is no range", "5-10"),
        ("tokens:", "tokens:'' is no range", ""),
        ("tokens:8-5", "No sentence has 8 to 5 tokens", "Write tokens:5-8."),
        ("tokens:1.5", "No sentence has 1.5 tokens", ""),
        ("tokens:<1", "No sentence has 0 tokens", ""),
        ("length:8..5", "No sentence has 8 to 5 tokens", "Write length:5..8."),
        ("length:0..-3", "No sentence has 0 tokens", "Write it like length:5-10, 12- or -8."),
        ("stars:4..2", "No sentence has 4 to 2 in stars", "Write stars:2..4."),
        ("dog stars:2.5..−1 night", "No sentence has 2.5 to -1 in stars", "Write stars:-1..2.5."),
        ('stars:"4 .. 2"', "No sentence has 4 to 2 in stars", "Write stars:2..4."),
        ("tokens:5 length:6..9", "Two lengths are given: 5 tokens and 6 to 9 tokens", "Give one"),
    ],
)
def test_what_means_nothing_is_refused(text: str, said: str, next_step: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        read_line(f"cat | {text}", BESIDE)
    assert next_step in refused.value.hint


def test_a_condition_on_a_column_where_none_is_kept_says_how_to_keep_one() -> None:
    with pytest.raises(UsageError, match="There is no column 'stars': nothing is kept beside the sentences") as told:
        read_line("stars:>3", {})
    assert "--keep COLUMN" in told.value.hint


@pytest.mark.parametrize(
    ("wanted", "said"),
    [("green", "No sentence has 'green' in label. There are good, so so"), ("", "No sentence has ''")],
)
def test_a_category_that_there_is_not_is_told(wanted: str, said: str) -> None:
    with pytest.raises(UsageError) as told:
        BESIDE["label"].mask(wanted)
    assert said in f"{told.value.message} {told.value.hint}"


def test_no_number_is_told() -> None:
    with pytest.raises(UsageError, match="stars holds numbers, and 'many' is none"):
        BESIDE["stars"].mask("many")
    with pytest.raises(UsageError, match="No sentence has 5 to 3 in stars"):
        BESIDE["stars"].mask("5..3")
    assert BESIDE["stars"].mask("3..3").sum() == BESIDE["stars"].mask("3").sum()


def test_the_options_of_a_command_hold_together_with_each_alternative() -> None:
    found = read_options("dog | cat stars:1", "^a", "5..8", ["label=good", "stars=>3"], BESIDE)
    where = (("label", "good"), ("stars", ">3"))
    assert found == (
        Conditions(("dog",), ("^a",), 5, 8, where),
        Conditions(("cat",), ("^a",), 5, 8, (("stars", "1"), *where)),
    )
    assert read_options("", "", "", (), BESIDE) == ()
    refused: list[tuple[tuple[str, str, str, tuple[str, ...]], str]] = [
        (("|", "", "", ()), "says nothing"),
        (("", "", "a", ()), "--tokens 'a' is no range"),
        (("", "", "", ("label",)), "--where 'label' is no condition"),
        (("", "", "8..5", ()), "No sentence has 8 to 5 tokens. Write --tokens 5..8."),
        (("", "", "", ("tokens=8-5",)), "No sentence has 8 to 5 tokens. Write --where tokens=5-8."),
        (("a tokens:5", "", "6", ()), "--tokens 6 and one within --containing 'a tokens:5'. Keep one of them."),
        (("", "", "", ("stars=4..2",)), "No sentence has 4 to 2 in stars. Write --where stars=2..4."),
        (("", "", "", ("Stars=4..2",)), "No sentence has 4 to 2 in stars. Write --where Stars=2..4."),
        (("cat | stars:4..2", "", "", ()), "No sentence has 4 to 2 in stars. Write stars:2..4."),
        (("", "", "6", ("length=5",)), "--tokens 6 and --where length=5. Keep one of them."),
    ]
    for (containing, matching, tokens, named), said in refused:
        with pytest.raises(UsageError) as told:
            read_options(containing, matching, tokens, named, BESIDE)
        assert said in f"{told.value.message} {told.value.hint}"


def test_a_length_may_be_given_like_a_column_unless_one_is_called_so() -> None:
    assert read_options("", "", "", ["Tokens=5-8"], BESIDE) == (Conditions(least=5, most=8),)
    assert read_options("", "", "", ["length=>=5"], BESIDE) == (Conditions(least=5),)
    column = {"Tokens": KeptValues("Tokens", ("many",), (1,), CODES)}
    assert read_options("", "", "5-8", ["tokens=many"], column) == (Conditions((), (), 5, 8, (("tokens", "many"),)),)


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        (Conditions(least=8, most=8), "of 8 tokens"),
        (Conditions(most=1), "of 1 token"),
        (Conditions(most=8), "of 1 to 8 tokens"),
        (Conditions(least=5), "of 5 or more tokens"),
        (
            Conditions(("a", "b"), ("c",), 5, 6, (("x", "1"),)),
            "with “a” and “b” matching /c/ of 5 to 6 tokens where x is 1",
        ),
        (Conditions(), ""),
    ],
)
def test_conditions_are_told_in_words(conditions: Conditions, said: str) -> None:
    assert conditions.describe() == said


@pytest.mark.parametrize("value", ["good", "so so", 'a "b" | c', "東京", "x:y", "/a/"])
def test_the_line_for_a_category_says_it(value: str) -> None:
    column = KeptValues("the kind", ("other", value), (1, 2), CODES)
    assert read_line(search_for("the kind", value), {"the kind": column}) == (Conditions(where=(("the kind", value),)),)
