"""The paper's filter on the sentences that it shows: 4 to 20 tokens, none of them unknown.

It is named in the caption of table 1; tables 3 to 5 and the surveys apply the same one. The paper speaks of words,
but its corpora are cut into tokens as ours are: punctuation marks count.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.corpus.vocabulary import SPECIALS, UNK
from engine.decoding.options import DecodeOptions
from engine.errors import UsageError

FEWEST_WORDS, MOST_WORDS = 4, 20


def passes(words: Sequence[str]) -> bool:
    """Whether the paper would show this sentence."""
    return FEWEST_WORDS <= len(words) <= MOST_WORDS and SPECIALS[UNK] not in words


def check_passable(options: DecodeOptions) -> None:
    """Refuse lengths of which no sentence would be shown.

    Raises:
        UsageError: the decoder is to make no sentence that passes.
    """
    if (options.min_words or 0) > MOST_WORDS or (options.max_words or MOST_WORDS) < FEWEST_WORDS:
        raise UsageError(
            f"The filter keeps sentences of {FEWEST_WORDS} to {MOST_WORDS} tokens, and the decoder is to make none.",
            "Choose other lengths, or leave out the filter.",
        )
