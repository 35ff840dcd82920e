"""Texts without spaces between words: which they are, and what their words are."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest

from engine.corpus.store import Corpus
from engine.corpus.tokens import detokenize, join_words, tokenize
from engine.corpus.unspaced import languages
from engine.corpus.unspaced.languages import language_of, segmented
from engine.corpus.vocabulary import SPECIALS, Vocabulary
from engine.errors import LoomError
from engine.events import Note
from tests.engine.corpus.preparing import run, train_texts, write_lines

TEXTS = {
    "zh": ("我今天去了北京大学看我的朋友。", ["我", "今天", "去", "了", "北京大学", "看", "我", "的", "朋友", "。"]),
    "ja": (
        "私は昨日友達と東京に行きました。",
        ["私", "は", "昨日", "友達", "と", "東京", "に", "行き", "まし", "た", "。"],
    ),
    "th": ("ฉันไปโรงเรียนทุกวัน", ["ฉัน", "ไป", "โรงเรียน", "ทุกวัน"]),
}


@pytest.mark.parametrize("code", TEXTS)
def test_the_language_is_found_out_and_its_words_are_cut(code: str) -> None:
    text, words = TEXTS[code]
    assert language_of([text]) == code
    assert segmented(tokenize(text), code) == words
    assert detokenize(words) == text
    assert (
        "".join(shown if glued or not i else f" {shown}" for i, (shown, glued) in enumerate(join_words(words))) == text
    )


@pytest.mark.parametrize(
    "text",
    ["We met in 北京 on Monday, and left.", "Кошка спит дома.", "قطة في البيت.", "고양이가 집에서 자요.", "", "1 2 3"],
)
def test_other_languages_are_left_alone(text: str) -> None:
    assert language_of([text]) == ""


def test_other_letters_and_numbers_within_stay_whole() -> None:
    assert segmented(["python3.11", "我用python写", "abc"], "zh") == ["python3.11", "我用", "python", "写", "abc"]


@pytest.mark.parametrize("code", TEXTS)
def test_a_text_is_prepared_word_by_word_and_typed_sentences_like_it(tmp_path: Path, code: str) -> None:
    text, words = TEXTS[code]
    result, events = run(write_lines(tmp_path / "a.txt", [text] * 60), tmp_path / "c", test_fraction=0.0, min_words=3)
    corpus = Corpus.open(tmp_path / "c")
    assert result["language"] == code
    assert train_texts(corpus) == {" ".join(words)}
    assert corpus.vocabulary.cut(text) == tuple(words)
    assert corpus.vocabulary.text(words) == text
    assert any(languages.LIBRARIES[code] in event.text for event in events if isinstance(event, Note))


def test_running_text_is_split_at_its_own_marks(tmp_path: Path) -> None:
    lines = ["我今天去了北京。你好吗？我们都很好！", "「是的。」他昨天说。天气很好。"] * 20
    run(write_lines(tmp_path / "a.txt", lines), tmp_path / "c", test_fraction=0.0, min_words=2)
    found = {text.replace(" ", "") for text in train_texts(Corpus.open(tmp_path / "c"))}
    assert {"我今天去了北京。", "你好吗？", "我们都很好！", "天气很好。"} <= found


def test_a_name_within_english_text_changes_nothing(tmp_path: Path) -> None:
    lines = [f"We met {i} of them in 北京大学 on Monday." for i in range(60)]
    result, _ = run(write_lines(tmp_path / "a.txt", lines), tmp_path / "c", test_fraction=0.0)
    assert result["language"] == ""
    assert "北京大学" in Corpus.open(tmp_path / "c").vocabulary


@pytest.mark.parametrize("code", TEXTS)
def test_a_library_that_lacks_is_named_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    library, real = languages.LIBRARIES[code], builtins.__import__

    def without(name: str, *more: Any) -> Any:
        if name.split(".")[0] == library:
            raise ImportError(name)
        return real(name, *more)

    languages._cutter.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(LoomError, match=library) as refused:
        run(write_lines(tmp_path / "a.txt", [TEXTS[code][0]] * 9), tmp_path / "c")
    assert f"pip install {library}" in refused.value.hint
    assert not (tmp_path / "c").exists()


def test_a_vocabulary_without_a_language_cuts_as_before() -> None:
    assert Vocabulary((*SPECIALS, "我")).cut("我今天") == ("我今天",)


def test_a_mixture_with_english_lines_is_cut_and_chinese_that_is_cut_already_is_not(tmp_path: Path) -> None:
    mixed = ["我今天去了北京大学看我的朋友。", "We met my old friend in the house today, and it was late."] * 30
    result, _ = run(write_lines(tmp_path / "a.txt", mixed), tmp_path / "c", test_fraction=0.0, min_words=3)
    assert result["language"] == "zh"
    assert " ".join(TEXTS["zh"][1]) in train_texts(Corpus.open(tmp_path / "c"))
    cut = ["我们今天 去公园 看了 很多 漂亮的 花 。"] * 30
    result, _ = run(write_lines(tmp_path / "b.txt", cut), tmp_path / "d", test_fraction=0.0, min_words=3)
    assert (result["given"], result["language"]) == (True, "")
    assert train_texts(Corpus.open(tmp_path / "d")) == set(cut)
