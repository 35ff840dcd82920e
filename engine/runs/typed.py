"""What a person typed, as the models of a run read it. It needs no models, so what is wrong with it is told at once.

A sentence of a text that was cut before is shown as people write, which does not say everything of how it was cut:
`well @-@ known` is shown as "well-known", and a first word in small letters with a capital. So a test sentence that is
clicked, sent or typed as it is shown is read as it is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from engine.corpus.store import Corpus, SentenceStore
from engine.corpus.vocabulary import UNK
from engine.errors import LoomError, UsageError
from engine.runs.run import Run
from engine.workspace import Workspace

LONGEST = 200
"""Tokens of the longest sentence that is encoded, or as many as those have that the models were trained on; longer
ones are refused rather than waited for."""
MOST_STORED = 200_000
"""Test sentences that are known by how they are shown: 50 MB of them, say. Of more none is."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed, as the models read it; `unknown` marks words outside the vocabulary.

    `words` are tokens, so punctuation marks too. `words`, `unknown` and `ids` are of one length, BOS and EOS not
    counted. A blank, `___`, is one unknown word.
    """

    text: str
    words: tuple[str, ...]
    unknown: tuple[bool, ...]
    ids: tuple[int, ...]


def read_typed(run: Run, text: str) -> Typed:
    """Cut a typed sentence into words.

    Raises:
        UsageError: there is no word in it, or there are more than 200 tokens and than the models were trained on.
    """
    text = text.encode("utf-8", "replace").decode("utf-8")  # a terminal may hand over bytes that are no text
    stored = _stored(run, text)
    if stored is not None:
        words = tuple(run.vocabulary.decode(stored))
        return Typed(text, words, tuple(number == UNK for number in stored), stored)
    words = run.vocabulary.cut(text)
    longest = max(LONGEST, run.settings.corpus.max_words)
    if not words:
        raise UsageError("There is no word in this sentence.", "Type at least one word.")
    if len(words) > longest:
        raise UsageError(
            f"This sentence has {len(words):,} tokens, words and punctuation marks; at most {longest:,} are read.",
            f"The models were trained on sentences of up to {run.settings.corpus.max_words} tokens.",
        )
    ids = tuple(run.vocabulary.encode(words))
    return Typed(text, words, tuple(number == UNK for number in ids), ids)


def _stored(run: Run, text: str) -> tuple[int, ...] | None:
    """The word ids of the test sentence that is shown so, where a text was cut before; None where there is none."""
    if not run.vocabulary.given:
        return None
    reference = run.settings.corpus
    folder = Workspace(run.path.parent.parent).corpus(reference.name)
    try:
        shown, sentences = _shown(folder, reference.fingerprint)
    except LoomError:  # without its corpus a run's sentences are read as typed ones are
        return None
    index = shown.get(text.strip())
    return None if index is None else tuple(sentences.ids(index).tolist())


@lru_cache(maxsize=2)
def _shown(folder: Path, fingerprint: str) -> tuple[Mapping[str, int], SentenceStore]:
    """The test sentences of a corpus: the number of each, the first of those that are shown alike, and their words.

    Of a corpus that is very large no number is known. What raises is not kept, so that a corpus may come later.

    Raises:
        LoomError: it is gone, damaged, or another one.
    """
    corpus = Corpus.open(folder)
    if corpus.fingerprint != fingerprint:
        raise LoomError(f"{folder} is another corpus.")
    shown: dict[str, int] = {}
    for index, text in enumerate(corpus.test_texts() if len(corpus.test) <= MOST_STORED else ()):
        shown.setdefault(text, index)
    return shown, corpus.test
