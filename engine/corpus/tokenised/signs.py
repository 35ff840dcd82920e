"""Whether a text was cut into words before, by what a sample of its lines shows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.corpus.tokenised.words import UNKNOWN_WORDS
from engine.corpus.tokens import CLITICS

_MARKS = frozenset(
    (",", ".", ";", ":", "!", "?", '"', "(", ")", "``", "''", "-lrb-", "-rrb-", "-LRB-", "-RRB-", *"。，、！？；：")
)
_APART = _MARKS | CLITICS | UNKNOWN_WORDS
_ATTACHED = re.compile(
    r"""[^\W\d_]{2,}[,;!?"]\S*$            # `house,` and `house?"`
      | [\u3040-\u30ff\u3400-\u9fff][。，、！？；：]
      | ^[^\W\d_]+'(?:t|s|re|ve|ll|d|m)$   # `don't`
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ENDED = re.compile(r"[^\W\d_]{4,}\.[\"')]*$")
"""A full stop at the end of a line behind a word that is long for an abbreviation."""
_SHARE = 0.1
"""Lines that show a mark, a clitic or an unknown word apart, at least."""
_AGAINST = 0.05
"""Pieces with a mark attached for one that stands apart, at most."""


def cut_already(sample: Sequence[str]) -> bool:
    """Whether the words of a text stand apart from its marks and clitics, as in `it 's here .` and `the <unk> of N`.

    Args:
        sample: lines that are not empty, in the order of the text.
    """
    showing = apart = attached = 0
    for line in sample:
        pieces = line.split()
        rest = [piece for piece in pieces if piece not in _APART and piece.lower() not in CLITICS]
        apart += len(pieces) - len(rest)
        showing += len(rest) < len(pieces)
        attached += sum(_ATTACHED.search(piece) is not None for piece in rest)
        attached += bool(pieces) and _ENDED.search(pieces[-1]) is not None
    return showing >= max(1.0, _SHARE * len(sample)) and attached <= _AGAINST * apart
