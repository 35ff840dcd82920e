"""Some of the test sentences as one plain value, which says of which sentences it is; and what is done with two such.

In memory a selection is a mask (n,) of bools. As a value it is a bit a sentence, deflated, in letters: what can be
compared, written as JSON and kept in a history without a thought, some 1 MB for half of 6.5 million sentences.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
How = Literal["new", "add", "subtract", "within"]
HOWS: tuple[How, ...] = get_args(How)
_QUICKEST = 1  # level of zlib; higher ones take twice as long for a tenth of the size


@dataclass(frozen=True, slots=True)
class Chosen:
    """Some sentences of a test set, or none.

    Attributes:
        corpus: fingerprint of the corpus whose test sentences are meant; "" where none is chosen.
        n: how many test sentences there are.
        count: how many of them are chosen.
        bits: which, as `of` writes them; "" where none is.
    """

    corpus: str = ""
    n: int = 0
    count: int = 0
    bits: str = ""

    @classmethod
    def of(cls, mask: Mask, corpus: str) -> Chosen:
        """Those where the mask (n,) is true; none is the same for all sentences."""
        count = int(np.count_nonzero(mask))
        if not count:
            return cls()
        bits = zlib.compress(np.packbits(mask).tobytes(), _QUICKEST)
        return cls(corpus, len(mask), count, base64.b64encode(bits).decode("ascii"))

    def is_of(self, corpus: str, n: int) -> bool:
        """Whether it is of these sentences. None is of any."""
        return not self.count or (self.corpus, self.n) == (corpus, n)

    def mask(self) -> Mask:
        """Which sentences are chosen, (n,).

        Raises:
            ValueError: the value is damaged: it does not hold the bits of n sentences, `count` of them set.
        """
        length = (self.n + 7) // 8
        try:
            inflating = zlib.decompressobj()
            raw = inflating.decompress(base64.b64decode(self.bits, validate=True), length + 1) if self.bits else b""
        except (binascii.Error, zlib.error) as error:
            raise ValueError("its bits cannot be read") from error
        if self.count == 0 and not raw:
            return np.zeros(self.n, np.bool_)
        if len(raw) != length:
            raise ValueError(f"it holds other than {self.n:,} bits")
        mask = np.unpackbits(np.frombuffer(raw, np.uint8), count=self.n).astype(np.bool_)
        if np.count_nonzero(mask) != self.count:
            raise ValueError(f"other than {self.count:,} of its bits are set")
        return mask


NONE = Chosen()
"""No sentence is chosen."""


def combined(before: Mask | None, found: Mask, how: How) -> Mask:
    """What is chosen once some more were found, (n,), a new array.

    Args:
        before: what was chosen; None for none.
        found: what was found, as long.
        how: in place of what was chosen, together with it, taken out of it, or of it only what was found too.
    """
    if how == "new":
        return found.copy()
    if before is None:
        return found.copy() if how == "add" else np.zeros_like(found)
    if how == "add":
        return before | found
    return before & ~found if how == "subtract" else before & found


def inverted(before: Mask | None, n: int) -> Mask:
    """All of n sentences that were not chosen, (n,)."""
    return np.ones(n, np.bool_) if before is None else ~before
