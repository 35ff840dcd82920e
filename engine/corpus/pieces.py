"""What stands between spaces, looked at once: its words, and whether its capitals tell something.

A text has few different pieces for its length. So each gets a number when it is met first, and what is asked of
sentences (how many words, which, how written) is read from tables by these numbers, for a whole batch at a time.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, compress, count, islice

import numpy as np
import numpy.typing as npt

from engine.corpus.capitals import Capitals, forms_in

Places = npt.NDArray[np.int64]


class Pieces:
    """The pieces met so far; its memory is that of the distinct ones.

    Args:
        words_of: gives the words of a piece.
        tell: whether capitals are of interest.

    Attributes:
        words: of all pieces, in the order in which they were met.
    """

    def __init__(self, words_of: Callable[[str], Sequence[str]], tell: bool) -> None:
        self.words: list[str] = []
        self._words_of, self._tell = words_of, tell
        self._numbers, self._places = numbers_as_met(), numbers_as_met()
        # Of each piece: where its words begin in `_flat`, and how many there are.
        self._starts, self._widths, self._flat = array("q"), array("q"), array("q")
        self._tells = bytearray()
        self._telling: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def look_up(self, pieces: Iterable[str], number: int) -> Places:
        """The numbers of pieces, of which there are so many, (pieces,)."""
        found = np.fromiter(map(self._numbers.__getitem__, pieces), np.int64, number)
        self._cut(_newest(self._numbers, len(self._numbers) - len(self._starts)))
        return found

    def widths(self, pieces: Places) -> Places:
        """How many words each of these has, (pieces,)."""
        return _taken(self._widths, pieces)

    def words_of(self, pieces: Places) -> Places:
        """The words of these pieces one after the other, as places in `words`, (words,)."""
        return _taken(self._flat, spans(_taken(self._starts, pieces), self.widths(pieces)))

    def capitals(self, pieces: Places) -> Capitals:
        """How words are written in these pieces, none of which begins a sentence."""
        times = np.bincount(pieces, minlength=len(self))
        telling = np.flatnonzero(times * np.frombuffer(self._tells, np.uint8)).tolist()
        return forms_in(zip(map(self._telling.__getitem__, telling), times[telling].tolist(), strict=True))

    def _cut(self, pieces: Sequence[str]) -> None:
        """Fill the tables for new pieces."""
        words = list(map(self._words_of, pieces))
        widths = list(map(len, words))
        ends = np.cumsum(widths, dtype=np.int64) + len(self._flat)
        self._starts.frombytes((ends - widths).tobytes())
        self._widths.extend(widths)
        self._flat.extend(map(self._places.__getitem__, chain.from_iterable(words)))
        self.words += _newest(self._places, len(self._places) - len(self.words))
        tells = [self._tell and not piece.islower() for piece in pieces]
        self._telling.update(compress(enumerate(pieces, len(self._tells)), tells))
        self._tells.extend(tells)


def spans(starts: Places, lengths: Places) -> Places:
    """The places of spans one after the other: those from each start on, as many as its length."""
    ends = np.cumsum(lengths)
    return np.repeat(starts - ends + lengths, lengths) + np.arange(ends[-1] if len(ends) else 0)


def sums(values: Places, lengths: Places) -> Places:
    """The sum of each span of values, which lie one after the other, (spans,)."""
    until = np.concatenate([[0], np.cumsum(values)])
    ends = np.cumsum(lengths)
    return until[ends] - until[ends - lengths]


def numbers_as_met() -> defaultdict[str, int]:
    """Numbers in the order of first appearance."""
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = count().__next__
    return numbers


def _newest(numbers: defaultdict[str, int], many: int) -> list[str]:
    """The last keys that came, in their order."""
    return list(islice(reversed(numbers), many))[::-1]


def _taken(table: array[int], places: Places) -> Places:
    # The view is gone when this returns: while there is one, the table cannot grow.
    return np.frombuffer(table, np.int64)[places]
