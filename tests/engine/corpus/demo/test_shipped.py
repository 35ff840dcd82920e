"""The text that comes with the project, and what is said where it is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.corpus.capitals import capitals_of, telling
from engine.corpus.demo import shipped
from engine.corpus.demo.making import LEAST, LEFT_OUT, MOST, NAME_SHARE, WordList
from engine.corpus.demo.shipped import DEMO_TEXT, demo_sentences
from engine.corpus.reading import Reading
from engine.corpus.tokens import tokenize_batch, words_of
from engine.errors import LoomError


def test_the_text_is_what_its_making_promises() -> None:
    reading = Reading()
    texts = [text for batch in demo_sentences(reading) for text in batch]
    assert len(texts) == 169_618
    assert not reading.dropped
    assert not reading.notes
    assert reading.done == reading.total == DEMO_TEXT.stat().st_size
    tokens = tokenize_batch(texts)
    assert {len(each) for each in tokens} <= set(range(LEAST, MOST + 1))
    assert len({words_of(each) for each in tokens}) == len(texts)
    avoided = WordList.read(LEFT_OUT)
    assert not any(avoided.any_of(each) for each in tokens)
    forms = capitals_of(telling(text.split()) for text in texts).forms
    assert max(times for form, times in forms.items() if form.isalpha() and form != "I") <= NAME_SHARE * len(texts)


@pytest.mark.parametrize("data", [None, b"", b"no zstd at all"])
def test_a_missing_or_damaged_text_comes_with_the_command_that_brings_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes | None
) -> None:
    text = tmp_path / "sentences.txt.zst"
    whole = DEMO_TEXT.read_bytes()
    if data is not None:
        text.write_bytes(data or whole[:1000])
    monkeypatch.setattr(shipped, "DEMO_TEXT", text)
    with pytest.raises(LoomError, match="demo's text cannot be read") as refused:
        list(demo_sentences(Reading()))
    assert "git checkout" in refused.value.hint
