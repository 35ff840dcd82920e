"""Running text to sentences: what is split, joined, put together, and what is left as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.corpus import lines
from engine.corpus import sentences as sentences_of_text
from engine.corpus.reading import HUGE, Reading
from engine.corpus.sources import open_source
from engine.corpus.store import Corpus
from engine.corpus.tokens import tokenize
from tests.engine.corpus.preparing import all_texts, prepared, run, sentences, write_lines

PARAGRAPH = "The dog saw Mr. Brown in the house. It left at once! Did the small cat find a tree? Nobody knew."
SPLIT = {
    "the dog saw mr. brown in the house .",
    "it left at once !",
    "did the small cat find a tree ?",
}


def test_paragraphs_are_split_into_sentences(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.txt", [PARAGRAPH, "", PARAGRAPH])
    result, events = run(path, tmp_path / "c", test_fraction=0)
    assert result["sentences"] == 6
    assert result["dropped"] == {"too_short": 2}
    assert all_texts(Corpus.open(tmp_path / "c")) == SPLIT
    assert any("The lines hold several sentences each" in getattr(event, "text", "") for event in events)


@pytest.mark.parametrize("copies", [1_900, 5_000])
@pytest.mark.parametrize("end", ["", "\n", "\nThe dog saw the cat again.\n"])
@pytest.mark.parametrize("begin", ["", "The cat saw the dog first.\n" * 40])
def test_a_huge_line_of_running_text_gives_its_sentences(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, copies: int, begin: str, end: str
) -> None:
    """A book saved as one line, alone and between lines of one sentence each; everything is a sixteenth of its size."""
    monkeypatch.setattr(lines, "_BLOCK", lines._BLOCK // 16)
    for module in (lines, sentences_of_text):
        monkeypatch.setattr(module, "HUGE", HUGE // 16)
    check_a_huge_line(tmp_path, copies, begin, end)


def test_a_line_of_three_million_bytes_gives_its_sentences(tmp_path: Path) -> None:
    check_a_huge_line(tmp_path, 80_000, "The cat saw the dog first.\n" * 40, "\nThe dog saw the cat again.\n")


def check_a_huge_line(tmp_path: Path, copies: int, begin: str, end: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(begin + ("The “old” café was near the house! " * copies).strip() + end, encoding="utf-8")
    assert path.stat().st_size > lines.HUGE
    result, _ = run(path, tmp_path / "c", test_fraction=0)
    assert result["sentences"] == begin.count("\n") + copies + (len(end) > 1)
    assert not result["dropped"]
    texts = {'the " old " café was near the house !'}
    texts |= {"the cat saw the dog first ."} if begin else set()
    texts |= {"the dog saw the cat again ."} if len(end) > 1 else set()
    assert all_texts(Corpus.open(tmp_path / "c")) == texts


def test_a_part_without_an_end_of_a_huge_line_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("The old dog was near the house. " * 40_000 + "x" * 3_000_000 + "\nThe dog saw the cat again.\n")
    result, _ = run(path, tmp_path / "c", test_fraction=0)
    assert result["dropped"] == {"huge_line": 1}
    assert result["sentences"] == 40_001


def test_lines_of_a_fixed_width_are_joined_before_splitting(tmp_path: Path) -> None:
    wrapped = [
        "The dog saw Mr. Brown in",
        "the house. It left at once! Did the",
        "small cat find a tree? Nobody",
        "knew.",
    ]
    path = write_lines(tmp_path / "a.txt", [*wrapped, "", *wrapped])
    result, events = run(path, tmp_path / "c", test_fraction=0)
    assert all_texts(Corpus.open(tmp_path / "c")) == SPLIT
    assert result["sentences"] == 6
    assert any("wrapped into lines" in getattr(event, "text", "") for event in events)


def test_records_with_several_sentences_are_split(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", [json.dumps({"text": f"{PARAGRAPH}\n\n{PARAGRAPH}"})])
    assert all_texts(prepared(path, tmp_path / "c", test_fraction=0)) == SPLIT


def test_one_sentence_a_line_stays_so_though_a_few_lines_hold_two(tmp_path: Path) -> None:
    lines = [*sentences(95), *[f"{a} {b}" for a, b in zip(sentences(5, 1), sentences(5, 2), strict=True)]]
    result, _ = run(write_lines(tmp_path / "a.txt", lines), tmp_path / "c")
    assert result["sentences"] == 100


def test_text_that_was_cut_into_words_before_gives_the_same_words(tmp_path: Path) -> None:
    lines = ["they did n't know that it 's late .", "`` i 'll go now , '' said the dog 's friend ."]
    corpus = prepared(write_lines(tmp_path / "a.txt", lines), tmp_path / "c", test_fraction=0, tokenised=False)
    assert all_texts(corpus) == {"they did n't know that it 's late .", "\" i 'll go now , \" said the dog 's friend ."}


def _texts_of(path: Path, records: list[str]) -> tuple[list[str], Reading]:
    write_lines(path, (json.dumps({"text": text}) for text in records))
    reading = Reading()
    return [text for batch in open_source(str(path))(reading) for text in batch], reading


WRAPPED = [
    "The dog saw the old house, and the cat that lives\nthere saw him. Then both went home\nbefore it was dark.",
    "I met my sister near the river, where she\nliked to walk. We talked about\nLondon for an hour.\n\nIt was late.",
]


def test_records_that_are_wrapped_into_lines_are_put_together(tmp_path: Path) -> None:
    found, reading = _texts_of(tmp_path / "a.jsonl", WRAPPED * 20)
    assert found[:5] == [
        "The dog saw the old house, and the cat that lives there saw him.",
        "Then both went home before it was dark.",
        "I met my sister near the river, where she liked to walk.",
        "We talked about London for an hour.",
        "It was late.",
    ]
    assert any("wrapped into lines" in note for note in reading.notes)


@pytest.mark.parametrize(
    "said", [["Hello there", "How are you", "I am. You are. It is."], ["hello there", "how are you", "so. it. is."]]
)
def test_records_of_one_sentence_a_line_are_not_put_together(tmp_path: Path, said: list[str]) -> None:
    found, reading = _texts_of(tmp_path / "a.jsonl", ["\n".join(said)] * 20)
    assert found[:2] == said[:2]
    assert not any("wrapped" in note for note in reading.notes)


def test_line_ends_that_are_written_out_are_no_part_of_words(tmp_path: Path) -> None:
    found, reading = _texts_of(tmp_path / "a.jsonl", ["Great food. We will come again.\\n\\nThe staff was kind."] * 20)
    assert [text for text in found if text][:3] == ["Great food.", "We will come again.", "The staff was kind."]
    assert any("written out" in note for note in reading.notes)


def test_letters_behind_a_backslash_are_no_line_ends(tmp_path: Path) -> None:
    text = r"It has the mass $\nu$ and $\nabla f$ of it."
    found, reading = _texts_of(tmp_path / "a.jsonl", [text, "It has no mass at all."] * 20)
    assert found[:2] == [text, "It has no mass at all."]
    assert reading.notes == ["The text is taken from the column 'text'."]


def test_lines_of_a_record_are_read_apart_and_that_is_told(tmp_path: Path) -> None:
    found, reading = _texts_of(tmp_path / "a.jsonl", ["The cat saw us there\nWe will come again\n", "It rains."] * 20)
    assert found[:3] == ["The cat saw us there", "We will come again", "It rains."]
    assert any("sentences of their own" in note for note in reading.notes)


def test_posts_of_a_line_each_are_not_glued_together(tmp_path: Path) -> None:
    posts = ["just landed in Paris! so tired", "Coffee first. Then we talk", "new phone who dis? lol", "I love my job"]
    write_lines(tmp_path / "a.txt", posts * 20)
    reading = Reading()
    found = [text for batch in open_source(str(tmp_path / "a.txt"))(reading) for text in batch]
    assert found[:5] == ["just landed in Paris!", "so tired", "Coffee first.", "Then we talk", "new phone who dis?"]
    assert not any("wrapped" in note for note in reading.notes)


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85", "\x0c", "\x0b", "\x1c", "\u200b"])
def test_other_marks_than_the_line_feed_part_words_and_no_sentences(tmp_path: Path, mark: str) -> None:
    text = f"The dog{mark}saw the house. The cat saw{mark}it too there."
    write_lines(tmp_path / "a.txt", [text] * 20)
    found = {" ".join(tokenize(each)) for batch in open_source(str(tmp_path / "a.txt"))(Reading()) for each in batch}
    assert found == {"the dog saw the house .", "the cat saw it too there ."}


def _sentences_of(tmp_path: Path, lines: list[str]) -> tuple[list[str], Reading]:
    reading = Reading()
    source = open_source(str(write_lines(tmp_path / "a.txt", lines)))
    return [text for batch in source(reading) for text in batch if text], reading


def test_signs_of_html_are_read_as_what_they_stand_for(tmp_path: Path) -> None:
    moses = ["Tom &apos;s dog didn &apos;t see the well @-@ known cat .", "He left , &quot; she said ."] * 20
    found, reading = _sentences_of(tmp_path, moses)
    assert found[:2] == ["Tom 's dog didn 't see the well @-@ known cat .", 'He left , " she said .']
    assert reading.given is True
    assert any("HTML" in note for note in reading.notes)
    found, reading = _sentences_of(tmp_path, ["I liked it a lot.<br /><br />My friend &amp; I left at once."] * 30)
    assert found[:2] == ["I liked it a lot.", "My friend & I left at once."]
    found, reading = _sentences_of(tmp_path, ["AT&T and R&D are names, and a < b is less."] * 30)
    assert found[0] == "AT&T and R&D are names, and a < b is less."
    assert not any("HTML" in note for note in reading.notes)


def test_paragraphs_that_are_cut_already_are_split_at_the_marks_that_stand_apart(tmp_path: Path) -> None:
    one = "The game was released in 2011 for many players , and it met with good sales in Japan @,@ as said ."
    two = "It did n't reach Europe at first , as the <unk> company had little hope for it , or so they said ."
    found, reading = _sentences_of(tmp_path, [f" {one} {two} `` Who knows ? '' he said . {two} "] * 9)
    assert [text.strip() for text in found[:4]] == [one, two, "`` Who knows ? ''", "he said ."]
    assert any("split behind the marks" in note for note in reading.notes)


@pytest.mark.parametrize(
    "sentences_", [["मैंने फल खरीदे।", "क्या तुम वहाँ थे?"], ["میں گھر گیا۔", "وہ آیا۔"], ["ወደ ቤት ሄድኩ።", "መጣ።"]]
)
def test_the_full_stops_of_other_scripts_end_sentences(tmp_path: Path, sentences_: list[str]) -> None:
    found, _ = _sentences_of(tmp_path, [" ".join(sentences_)] * 30)
    assert found[:2] == sentences_


def test_greek_question_marks_make_no_table(tmp_path: Path) -> None:
    lines = [f"Πήγα στην αγορά χθες· είσαι {i} καλά σήμερα;" for i in range(40)]
    assert _sentences_of(tmp_path, lines)[0] == lines
