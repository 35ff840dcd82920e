"""JSON as data sets have it: questions about paragraphs within articles, chats of messages."""

from __future__ import annotations

import json

import pytest

from engine.corpus.prepare import CorpusRequest
from engine.corpus.preview.looking import preview
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
