"""The paper's filter on the sentences that it shows: 4 to 20 tokens, none of them unknown.

It is named in the caption of table 1; tables 3 to 5 and the surveys apply the same one. The paper speaks of words,
but its corpora are cut into tokens as ours are: punctuation marks count.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.corpus.vocabulary import SPECIALS, UNK

FEWEST_WORDS, MOST_WORDS = 4, 20


def passes(words: Sequence[str]) -> bool:
    """Whether the paper would show this sentence."""
    return FEWEST_WORDS <= len(words) <= MOST_WORDS and SPECIALS[UNK] not in words
