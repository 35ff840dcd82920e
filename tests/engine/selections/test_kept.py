"""Selections under a name: written, changed by two writers, of other sentences, and damaged."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path

import numpy as np
import pytest

from engine.errors import LoomError
from engine.selections.chosen import Chosen
from engine.selections.kept import LONGEST, Saved, change, checked_name, of_corpus, read
from engine.workspace import Workspace
from tests.conftest import change_json


@pytest.fixture
def path(tmp_path) -> Path:
    return Workspace(tmp_path).selections("tiny")


def saved(name: str, *indices: int, corpus: str = "novel", n: int = 20) -> Saved:
    return Saved.now(name, Chosen.of(np.isin(np.arange(n), indices), corpus))


def test_what_is_saved_is_read_in_the_order_of_saving_and_removed_and_replaced_by_name(path):
    assert read(path) == ()
    dogs, cats = saved("dogs", 1, 2, 3), saved("cats", 4)
    change(path, "tiny", "novel", {"dogs": dogs})
    change(path, "tiny", "novel", {"cats": cats})
    assert read(path) == (dogs, cats)
    more = saved("dogs", 1, 2, 3, 19)
    change(path, "tiny", "novel", {"dogs": more, "never there": None})
    assert read(path) == (more, cats)
    assert np.flatnonzero(read(path)[0].chosen.mask()).tolist() == [1, 2, 3, 19]
    change(path, "tiny", "novel", {"dogs": None})
    assert read(path) == (cats,)


def test_the_document_is_as_the_format_says(path):
    change(path, "tiny", "novel", {"dogs": saved("dogs", 0, 9, 19)})
    document = json.loads(path.read_text(encoding="utf-8"))
    [entry] = document.pop("selections")
    assert {key: document[key] for key in ("kind", "version", "run")} == {
        "kind": "latent-loom-selections",
        "version": 1,
        "run": "tiny",
    }
    bits = "".join(f"{byte:08b}" for byte in zlib.decompress(base64.b64decode(entry.pop("bits"))))
    assert bits == "100000000100000000010000"
    assert entry.pop("created").endswith("+00:00")
    assert entry == {"name": "dogs", "corpus": "novel", "n": 20, "count": 3}


def test_selections_of_other_sentences_stay_and_are_not_among_these(path):
    other, mine = saved("dogs", 1, corpus="news"), saved("dogs", 2)
    change(path, "tiny", "news", {"dogs": other})
    change(path, "tiny", "novel", {"dogs": mine})
    assert of_corpus(read(path), "novel", 20) == (mine,)
    assert of_corpus(read(path), "novel", 21) == ()
    change(path, "tiny", "novel", {"dogs": None})
    assert read(path) == (other,)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"kind": "something else"}, "holds no saved selections"),
        ({"version": 2}, "is of version 2"),
        ({"selections": [{"name": "a"}]}, "is damaged"),
        ({"selections": 7}, "is damaged"),
    ],
)
def test_a_document_that_cannot_be_used_is_refused_and_left_as_it_is(path, changed, why):
    change(path, "tiny", "novel", {"dogs": saved("dogs", 1)})
    change_json(path, **changed)
    before = path.read_bytes()
    with pytest.raises(LoomError, match=why):
        read(path)
    with pytest.raises(LoomError, match=why):
        change(path, "tiny", "novel", {"cats": saved("cats", 1)})
    assert path.read_bytes() == before


def test_a_document_that_was_changed_unawares_is_refused(path):
    change(path, "tiny", "novel", {"dogs": saved("dogs", 1)})
    path.write_text(path.read_text(encoding="utf-8").replace('"dogs"', '"cats"'), encoding="utf-8")
    with pytest.raises(LoomError, match="was changed since it was written"):
        read(path)


def test_names_are_of_one_line_and_not_too_long():
    assert checked_name("  two \n words ") == "two words"
    assert checked_name("x" * LONGEST) == "x" * LONGEST
    for text in ("", " \t ", "x" * (LONGEST + 1)):
        with pytest.raises(LoomError, match="name"):
            checked_name(text)
