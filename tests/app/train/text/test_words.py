"""What is said of a text that is to be prepared."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.values import Stage
from app.train.text import words
from app.train.text.state import Draft, TextState
from engine.corpus.preview.values import Preview

SEEN = Preview(
    whole=True,
    share=1.0,
    sentences=90,
    train=80,
    test=10,
    dropped={"too_short": 7, "too_long": 12, "not_text": 0},
    words=300,
    vocabulary=100,
    tokens=900,
    unknown_rate=0.05,
    unknown=(("wug", 3), ("blick", 1)),
)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("/data/my_novel.txt", "my_novel"),
        ("/data/Zwölf Romane.txt.gz", "Zw-lf-Romane"),
        ("/data/reviews.jsonl.zst", "reviews"),
        ("/data/folder.of.texts", "folder.of.texts"),
        ("/data/__.txt", "text"),
        ("/data/demo.txt", "demo-2"),
        ("/data/novel.txt", "novel-3"),
        ("/data/" + "x" * 90 + ".txt", "x" * 40),
    ],
)
def test_a_name_is_suggested_that_is_free(source, name):
    taken = frozenset({"Novel", "novel-2"})
    assert words.suggested_name(source, taken) == name
    assert words.name_problem(name, taken) == ""


@pytest.mark.parametrize(
    ("source", "name"),
    [("/data/ptb.train.txt", "ptb"), ("/data/yelp/train.tsv", "yelp"), ("/data/Train_snli.jsonl", "snli")],
)
def test_the_name_of_a_text_in_parts_is_not_that_of_its_training_part(source, name):
    assert words.name_of(Draft(source=source, test="/data/test.txt"), frozenset()) == name


@pytest.mark.parametrize("name", ["", "a b", "../x", ".hidden", "novel", "NOVEL", "demo"])
def test_a_name_that_cannot_be_is_told(name):
    assert words.name_problem(name, frozenset({"Novel"}))


def test_what_was_seen_in_words():
    told = dict(words.facts(SEEN, Draft(vocabulary=100)))
    assert told["Read"] == "the whole text"
    assert told["Sentences"] == "90 pass: 80 to learn from, 10 to test"
    assert told["Left out"] == "12 longer than 30 · 7 shorter than 5 tokens"
    assert told["Vocabulary"] == "the 100 most common of 300 different words"
    assert told["Unknown words"] == "5.0% of the words, most often: wug (3), blick"
    assert told["Size"] == "90 sentences of 10.0 tokens on average, 900 tokens"


@pytest.mark.parametrize(
    ("names", "roles"),
    [
        (["ptb.train.txt", "ptb.valid.txt", "ptb.test.txt"], ["source", "valid", "test"]),
        (["Yelp-Train.tsv", "yelp_dev.tsv"], ["source", "valid"]),
        (["train.txt", "vocab.txt"], ["source", "vocabulary_file"]),
        (["valid.txt", "test.txt"], []),
        (["train.txt", "training.txt"], []),
        (["train.txt", "test.txt", "notes.txt"], []),
        (["train-test.txt", "test.txt"], []),
        (["restrained.txt", "latest.txt"], []),
    ],
)
def test_parts_are_known_by_the_names_of_their_files(names, roles):
    assert words.parts_of([Path(name) for name in names]) == dict(zip(roles, names, strict=bool(roles)))


def test_the_same_file_twice_is_told_beside_the_later_field():
    assert words.doubled(Draft(source="a", valid="b", test="c")) == words.doubled(Draft()) == {}
    told = words.doubled(Draft(source="a", valid="a", test="a"))
    assert set(told) == {"valid", "test"}
    assert "the validation part" in words.doubled(Draft(source="a", valid="b", test="b"))["test"]


def test_a_part_is_called_a_part_and_the_whole_is_only_estimated():
    told = dict(words.facts(replace(SEEN, whole=False, share=0.125), Draft()))
    assert told["Read"].startswith("a part: the first 109 sentences, about 12% of the text")
    assert told["Size"] == "about 720 sentences of 10.0 tokens on average, about 7,200 tokens"
    assert dict(words.facts(replace(SEEN, whole=False, share=None), Draft()))["Size"] == "not known"


@pytest.mark.parametrize(("train", "test", "said"), [(90, 0, "none to test with"), (0, 90, "none to learn from")])
def test_a_part_without_sentences_is_told(train, test, said):
    assert said in dict(words.facts(replace(SEEN, train=train, test=test), Draft()))["Sentences"]


def test_the_text_is_prepared_only_once_it_was_seen_and_has_a_name():
    ready = TextState(draft=Draft(source="/data/a.txt"), seen=SEEN, stage=Stage("ready"))
    assert words.can_prepare(ready)
    for change in (
        {"stage": Stage("loading")},
        {"stage": Stage("failed")},
        {"seen": None},
        {"seen": replace(SEEN, sentences=0)},
        {"draft": Draft(source="/data/a.txt", typed_name="a b")},
        {"taken": frozenset({"mine"}), "draft": Draft(source="/data/a.txt", typed_name="mine")},
        {"preparing": Stage("computing")},
    ):
        assert not words.can_prepare(replace(ready, **change)), change


def test_progress_goes_up_to_the_end_and_never_back():
    events = [("reading", 0, 10), ("reading", 5, 10), ("reading", 10, 10), ("writing", 0, 2), ("writing", 2, 2)]
    stages = [words.progress({"event": "progress", "stage": s, "done": d, "total": t}) for s, d, t in events]
    fractions = [stage.fraction for stage in stages]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert stages[1].text == "Reading the text: 45%"
    assert words.progress({"event": "progress", "stage": "reading", "done": 5}).fraction is None
    assert words.progress({"event": "note", "text": "a"}) is None
    part = words.progress({"event": "progress", "stage": "reading the test part", "done": 1, "total": 1})
    assert (part.text, part.fraction) == ("Reading the given parts", None)


def test_a_next_step_names_the_fields_of_the_window():
    hint = words.hint_in_window("You can lower --min-words or raise --max-words. Name it with --column NAME.")
    assert hint == "You can lower Shortest or raise Longest. Name it with Column."
    said = words.hint_in_window("Add text, or choose another --seed or a smaller --test-fraction.")
    assert said == "Add text, or choose another Test share."


def test_an_unknown_word_is_marked_and_nothing_is_taken_for_html():
    html = words.example_html((("<b>", True), ("wug", False)), "#123456")
    assert re.sub("<span[^>]*>|</span>", "", html) == "&lt;b&gt; wug"
    assert html.index("#123456") > html.index("&lt;b&gt;")
