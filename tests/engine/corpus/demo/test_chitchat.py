"""What the demo leaves out of its package's messages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.corpus.demo import chitchat as demo
from engine.corpus.demo.chitchat import demo_sentences
from engine.corpus.reading import Reading
from engine.errors import LoomError


def _package(monkeypatch: pytest.MonkeyPatch, folder: Path, content: Any) -> None:
    """Make the module read its data from `folder`."""
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "dataset.json").write_text(text, encoding="utf-8")
    monkeypatch.setattr(demo.resources, "files", lambda _: folder)


def _conversation(*messages: str) -> dict[str, Any]:
    return {"one": {"messages": [[{"text": message, "sender": "x"}] for message in messages]}}


def test_only_clean_sentences_are_kept_and_the_rest_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _package(
        monkeypatch,
        tmp_path,
        _conversation(
            "Hello there!  How are you? fine here. I am Mr. Brown.",
            "HELLO THERE!",
            "no capital here.",
            "No end here",
            "Write to me@home.org today.",
            "Look at www.example.org now!",
            "See https://x.y/z?",
            "Go to example.com today.",
            "Call (801) 555-1234 now.",
            "Call 555-1234 now.",
            "Two lines here.\nThe second one.",
            "The year 2018 was 100% fine.",
            "",
        ),
    )
    reading = Reading()
    kept = [sentence for batch in demo_sentences(reading) for sentence in batch]
    assert kept == [
        "Hello there!",
        "How are you?",
        "I am Mr. Brown.",
        "Two lines here.",
        "The second one.",
        "The year 2018 was 100% fine.",
    ]
    assert reading.dropped == {"not_a_sentence": 3, "duplicate": 1, "contact_details": 6}
    assert reading.done == reading.total == 13


@pytest.mark.parametrize(
    ("content", "said"),
    [("{", "is damaged"), ({"one": {"turns": []}}, "another structure"), ([1], "another structure")],
)
def test_damaged_data_is_reported_with_the_command_that_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: Any, said: str
) -> None:
    _package(monkeypatch, tmp_path, content)
    with pytest.raises(LoomError, match=said) as refused:
        list(demo_sentences(Reading()))
    assert "chitchat_dataset==0.9.0" in refused.value.hint


def test_a_missing_package_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "PACKAGE", "no_such_package_at_all")
    with pytest.raises(LoomError, match="not installed"):
        list(demo_sentences(Reading()))
