"""Helpers of the corpus tests: sentences that pass the filters, and preparing them in one call."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from engine.corpus.prepare import CorpusRequest, prepare_corpus
from engine.corpus.store import Corpus
from engine.events import Done, Event

_WORDS = "a old young red small dog cat bird tree house saw met found liked left with under near quickly twice"


def sentences(number: int, seed: int = 0) -> list[str]:
    """`number` different sentences of five to twelve words with a full stop."""
    chance = random.Random(seed)
    made: dict[str, None] = {}
    while len(made) < number:
        words = [chance.choice(_WORDS.split()) for _ in range(chance.randint(4, 11))]
        made[" ".join(words).capitalize() + "."] = None
    return list(made)


def write_lines(path: Path, lines: Iterable[str]) -> Path:
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def run(source: Path | str, target: Path, **settings: Any) -> tuple[dict[str, Any], list[Event]]:
    """Prepare a corpus; its result and all its events."""
    events = list(prepare_corpus(CorpusRequest(str(source), target.name, **settings), target))
    done = events[-1]
    assert isinstance(done, Done)
    return dict(done.result), events


def prepared(source: Path | str, target: Path, **settings: Any) -> Corpus:
    run(source, target, **settings)
    return Corpus.open(target)


def train_texts(corpus: Corpus) -> set[str]:
    """The training sentences, as their words with spaces between."""
    return {" ".join(corpus.vocabulary.decode(corpus.train.ids(i))) for i in range(len(corpus.train))}


def all_texts(corpus: Corpus) -> set[str]:
    stores = (corpus.train, corpus.test)
    return {" ".join(corpus.vocabulary.decode(store.ids(i))) for store in stores for i in range(len(store))}


def entries(folder: Path) -> list[str]:
    """What lies in a folder of the workspace, in order, but for the locks, which stay."""
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")
