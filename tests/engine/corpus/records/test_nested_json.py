"""JSON as data sets have it: questions about paragraphs within articles, chats of messages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.corpus.prepare import CorpusRequest
from engine.corpus.preview.looking import preview
from engine.corpus.store import Corpus
from engine.corpus.tokens import tokenize
from engine.errors import UsageError
from tests.engine.corpus.preparing import prepared, sentences, train_texts

TEXTS = sentences(60)


def words(texts):
    return {text.lower().replace(".", " .") for text in texts}


def squad() -> dict:
    def paragraph(i):
        question = {"id": f"q{i}", "question": TEXTS[i + 1], "answers": [{"text": "the dog", "answer_start": 4}]}
        return {"context": TEXTS[i], "qas": [question]}

    articles = [{"title": f"Article_{i}", "paragraphs": [paragraph(4 * i), paragraph(4 * i + 2)]} for i in range(15)]
    return {"version": "1.1", "data": articles}


def test_of_questions_about_paragraphs_it_is_asked_which_are_meant_by_path(tmp_path):
    path = tmp_path / "squad.json"
    path.write_text(json.dumps(squad()), "utf-8")
    with pytest.raises(UsageError, match=r"paragraphs\.context \(“.*paragraphs\.qas\.question \(“"):
        list(preview(CorpusRequest(str(path), "c")))
    corpus = prepared(path, tmp_path / "c", column="paragraphs.context", test_fraction=0)
    assert train_texts(corpus) == words(TEXTS[::2])
    both = prepared(path, tmp_path / "b", column=("paragraphs.context", "paragraphs.qas.question"), test_fraction=0)
    assert train_texts(both) == words(TEXTS)


def chat(i: int, who: str, said: str) -> list[dict]:
    return [{who: "user", said: TEXTS[i]}, {who: "assistant", said: TEXTS[i + 1]}]


@pytest.mark.parametrize(("key", "who", "said"), [("messages", "role", "content"), ("conversations", "from", "value")])
@pytest.mark.parametrize("kind", ["lines", "array", "one"])
def test_of_a_chat_the_messages_are_read_and_not_who_speaks(tmp_path, key, who, said, kind):
    chats = [{"id": i, key: chat(i, who, said)} for i in range(0, 60, 2)]
    if kind == "lines":
        path = tmp_path / "chats.jsonl"
        path.write_text("".join(json.dumps(each) + "\n" for each in chats), "utf-8")
    else:
        path = tmp_path / "chats.json"
        one = {"model": "m", key: [message for each in chats for message in each[key]]}
        path.write_text(json.dumps(chats if kind == "array" else one, indent=1), "utf-8")
    *_, seen = preview(CorpusRequest(str(path), "c"))
    assert seen.column == (said if kind == "one" else f"{key}.{said}")
    assert train_texts(prepared(path, tmp_path / "c", test_fraction=0)) == words(TEXTS)


def labels(corpus: Corpus, name: str) -> dict[str, str | None]:
    """By sentence, what a column says."""
    found = {}
    for part, store in (("train", corpus.train), ("test", corpus.test)):
        with corpus.columns(part) as columns:
            kept = columns.categories(name)
        for i, code in enumerate(kept.codes.tolist()):
            text = " ".join(corpus.vocabulary.decode(store.ids(i)))
            found[text] = kept.values[code] if code >= 0 else None
    return found


@pytest.mark.parametrize("kind", ["jsonl", "json"])
def test_what_stands_beside_each_text_of_a_list_stays_with_that_text(tmp_path: Path, kind: str) -> None:
    def turn(i: int) -> dict[str, str]:
        return {"said": TEXTS[i], "who": ("user", "assistant")[i % 2], "mood": ("glad", "sad", "calm")[i % 3]}

    records = [
        {"topic": ("food", "work")[i // 2 % 2], "tags": ["a", "b"], "turns": [turn(i), turn(i + 1)]}
        for i in range(0, 60, 2)
    ]
    path = tmp_path / f"chats.{kind}"
    del records[0]["turns"][1]["mood"]  # type: ignore[attr-defined]
    whole = json.dumps(records) if kind == "json" else "".join(json.dumps(each) + "\n" for each in records)
    path.write_text(whole, "utf-8")
    keep = ("topic", "tags", "turns.who", "turns.mood")
    corpus = prepared(path, tmp_path / "c", column="turns.said", keep=keep, vocabulary=500)
    for name, values in (
        ("topic", ["food", "food", "work", "work"]),
        ("tags", ["a, b"]),
        ("turns.who", ["user", "assistant"]),
        ("turns.mood", ["glad", "sad", "calm"]),
    ):
        expected = {" ".join(tokenize(TEXTS[i])): values[i % len(values)] for i in range(60)}
        if name == "turns.mood":  # of two turns one has none: of neither it is known which
            expected |= {" ".join(tokenize(TEXTS[i])): None for i in range(2)}
        assert labels(corpus, name) == expected
