"""How the demo's text is made: what is left out, and why."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest
import zstandard

from engine.corpus.demo import making
from engine.corpus.demo.making import LEFT_OUT, NAME_SHARE, WordList, main, make
from engine.corpus.tokens import tokenize, words_of
from engine.errors import LoomError
from tests.conftest import SHARED_DATA

NOTHING = WordList(frozenset(), ("\0",))


def test_each_step_leaves_out_what_it_says():
    made = make(
        [
            "  He  opened the window. ",
            "he opened the window.",
            "He opened the window",
            "He opened the window!",
            '"He opened the window," she said.',
            '"He opened the window, she said.',
            "Too short.",
            "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen.",
            "He was murdered by them.",
            "They are bombshells, she said.",
            "",
        ],
        WordList(frozenset(("bomb",)), ("murder",)),
    )
    assert made.sentences == (
        "He opened the window.",
        '"He opened the window," she said.',
        "They are bombshells, she said.",
    )
    assert made.left_out == {
        "no whole sentence": 4,
        "not of 5 to 16 tokens": 2,
        "said before": 1,
        "with a word of the list": 1,
        "with a name that is frequent enough": 0,
    }


def test_no_name_is_in_more_than_its_share_and_the_others_stay():
    plain = [f"The {i}th house is old." for i in range(400)]
    named = [f"We met Tom {i} times, Mary." for i in range(60)] + [f"I saw Tom at {i} yesterday." for i in range(60)]
    rare = ["They live in Boston now."] * 1
    said = [f"I think I am {i} now." for i in range(200)]
    made = make([*plain, *named, *rare, *said], NOTHING)
    assert made.names == ("mary", "tom")
    held = Counter(token for sentence in made.sentences for token in set(tokenize(sentence)))
    most = NAME_SHARE * len(made.sentences)
    assert most - 1 < held["tom"] <= most
    assert 0 < held["mary"] <= most
    assert set(plain) | set(rare) | set(said) <= set(made.sentences)
    assert made.left_out["with a name that is frequent enough"] == 120 - held["tom"]
    places = {sentence: i for i, sentence in enumerate([*plain, *named, *rare, *said])}
    assert sorted(made.sentences, key=places.__getitem__) == list(made.sentences)


def test_a_word_that_is_often_written_small_within_sentences_is_no_name():
    lines = [f"We saw the Rose and a rose {i} times." for i in range(50)]
    assert make(lines, NOTHING).names == ()


def test_the_list_is_read_with_its_stars():
    avoided = WordList.read(LEFT_OUT)
    assert avoided.any_of(tokenize("He was killed by someone."))
    assert avoided.any_of(tokenize("Guns are not toys."))
    assert not avoided.any_of(tokenize("The grass is green, skill helps, and Gunther begun."))


@pytest.mark.parametrize("line", ["Kill", "two words", "*", "a*b"])
def test_a_line_that_is_no_word_is_refused_with_its_number(tmp_path: Path, line: str):
    path = tmp_path / "list.txt"
    path.write_text(f"# Words\ngun\n{line}\n", "utf-8")
    with pytest.raises(LoomError, match="line 3"):
        WordList.read(path)


@pytest.mark.parametrize("packed", [True, False])
def test_the_command_writes_the_same_bytes_again_and_counts(tmp_path: Path, capsys, packed: bool):
    source, target = tmp_path / "source", tmp_path / "text.zst"
    lines = b"He opened the window.\nShe closed the door.\nNo.\n"
    source.write_bytes(gzip.compress(lines) if packed else lines)
    assert main([str(source), str(target)]) == 0
    first = target.read_bytes()
    assert zstandard.decompress(first).decode() == "He opened the window.\nShe closed the door.\n"
    assert main([str(source), str(target)]) == 0
    assert target.read_bytes() == first
    assert "2 kept" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"No.\n", "No sentence of"), (gzip.compress(b"x" * 5000)[:-20], "damaged"), (b"\xff\xfe", "damaged")],
)
def test_a_source_that_cannot_be_used_is_refused_and_nothing_is_written(tmp_path: Path, capsys, data: bytes, said: str):
    source, target = tmp_path / "source", tmp_path / "text.zst"
    source.write_bytes(data)
    assert main([str(source), str(target)]) in (1, 2)
    assert said in capsys.readouterr().err
    assert not target.exists()
    assert main([str(tmp_path / "none"), str(target)]) == 1


@pytest.mark.shared_data
def test_the_text_of_tatoeba_is_as_the_card_says():
    with gzip.open(SHARED_DATA / "tatoeba_en.txt.gz", "rt", encoding="utf-8") as file:
        made = make(file, WordList.read(LEFT_OUT))
    assert len(made.sentences) == 169_618
    assert made.names == ("mary", "tom")
    assert len({words_of(tokenize(sentence)) for sentence in made.sentences}) == len(made.sentences)
    assert making.frequent_names([(sentence, tokenize(sentence)) for sentence in made.sentences]) == ()
