"""What a person typed, as the models of a run read it. It needs no models, so what is wrong with it is told at once."""

from __future__ import annotations

from dataclasses import dataclass

from engine.corpus.vocabulary import UNK
from engine.errors import UsageError
from engine.runs.run import Run

LONGEST = 200
"""Tokens of the longest sentence that is encoded; longer ones are refused rather than waited for."""


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
        UsageError: there is no word in it, or there are more than 200 tokens.
    """
    text = text.encode("utf-8", "replace").decode("utf-8")  # a terminal may hand over bytes that are no text
    words = run.vocabulary.cut(text)
    if not words:
        raise UsageError("There is no word in this sentence.", "Type at least one word.")
    if len(words) > LONGEST:
        raise UsageError(
            f"This sentence has {len(words):,} tokens, words and punctuation marks; at most {LONGEST} are read.",
            f"The models were trained on sentences of up to {run.settings.corpus.max_words} tokens.",
        )
    ids = tuple(run.vocabulary.encode(words))
    return Typed(text, words, tuple(number == UNK for number in ids), ids)
