"""Looks at a text as `prepare_corpus` would read it, without writing anything: at all of it, or at its beginning.

The sentences go through the same source, cutter and choice of a vocabulary, so the numbers are the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.corpus.cutting import Cutter, Half
from engine.corpus.numbering import Numbering, choose_vocabulary
from engine.corpus.preview.split_parts import GivenParts
from engine.corpus.preview.values import Example, Preview
from engine.corpus.reading import nothing_left
from engine.corpus.request import CorpusRequest
from engine.corpus.vocabulary import UNK
from engine.errors import LoomError

MOST = 50_000
"""Sentences after which no more of a text is read: a second or two."""
MOST_BLOCKS = 1_000
"""Blocks after which no more is read of a text that holds next to no sentences."""
_TOLD = (2_000, 10_000)
"""Sentences after which it is told what there is so far."""
_EXAMPLES = 10
_UNKNOWN = 12


def preview(request: CorpusRequest, most: int = MOST) -> Iterator[Preview]:
    """Look at a text.

    Args:
        request: what would be prepared; its `limit` is not heeded.
        most: sentences after which no more of the text is read, about.

    Yields:
        what is known so far, now and then; the last one holds.

    Raises:
        LoomError: the source cannot be read, or all of it was read and no sentence is left to train on. What columns
            there are is told before.
    """
    look, told, whole = _Look(request), 0, True
    try:
        with closing(request.open(request.source)(look.reading)) as batches:
            for number, batch in enumerate(batches):
                if look.read >= most or number >= MOST_BLOCKS:
                    whole = False
                    break
                look.take(batch)
                if told < len(_TOLD) and look.read >= _TOLD[told]:
                    told += 1
                    yield look.result(whole=False)
    except LoomError:
        if look.reading.columns or look.reading.parted:
            yield look.result(whole=False)
        raise
    result = look.result(whole)
    yield result
    if whole and result.train == 0:
        look.reading.dropped = Counter(result.dropped)
        raise nothing_left(request.source, request.limits, look.reading, result.test)
    for part in request.given:
        look.take_part(part, most)
        yield look.result(whole)


class _Look:
    """What was read of a text so far.

    Attributes:
        reading: kept up to date by the source.
        read: sentences that came from it.
    """

    def __init__(self, request: CorpusRequest) -> None:
        self.reading = request.reading()
        self.read = 0
        self._vocabulary = request.vocabulary
        self._request = request
        self._cutter: Cutter | None = None
        self._numbering = Numbering()
        self._dropped: Counter[str] = Counter()
        self._sentences: list[npt.NDArray[np.int64]] = []
        self._seen: set[bytes] = set()
        self._halves: dict[str, list[npt.NDArray[np.int64]]] = {"train": [], "test": []}
        self._parts = GivenParts(request, self._numbering)
        self._copies = self._train = 0
        self._done = 0
        self._by_source: Counter[str] = Counter()

    def take(self, batch: list[str]) -> None:
        """Cut a batch of sentences, and keep those that pass."""
        if self._cutter is None or not self.read:
            self._cutter = self._request.cutter(self.reading, self._request.held_out)(0)
        cut = self._cutter(batch)
        numbers = self._numbering.add(cut)
        self.read += len(batch)
        self._done, self._by_source = self.reading.done, self.reading.dropped.copy()  # of what comes next, nothing
        self._dropped.update(cut.dropped)
        self._train += len(cut.train.lengths)
        for half, place in ((cut.train, "train"), (cut.test, "test")):
            self._keep(half, numbers, self._halves[place])

    def take_part(self, name: str, most: int) -> None:
        """Read a part that is given beside the text, as its beginning says that words are cut."""
        self._parts.take(name, self.reading, most)

    def _keep(self, half: Half, numbers: npt.NDArray[Any], place: list[npt.NDArray[np.int64]]) -> None:
        for sentence in np.split(numbers[half.numbers].astype(np.int64), np.cumsum(half.lengths)[:-1]):
            if len(sentence):
                self._copies += sentence.tobytes() in self._seen
                self._seen.add(sentence.tobytes())
                self._sentences.append(sentence)
                place.append(sentence)

    def result(self, whole: bool) -> Preview:
        """What there is now; `whole` says that nothing is left to read."""
        words, reading = self._numbering.words, self.reading
        self._parts.check_words()
        vocabulary, final = choose_vocabulary(self._numbering, self._vocabulary, self._parts.words)
        flat = np.concatenate(self._sentences) if self._sentences else np.zeros(0, np.int64)
        times = np.bincount(flat, minlength=len(words))
        lacking = np.flatnonzero((final == UNK) & (times > 0)) if len(words) else np.zeros(0, np.int64)
        common = sorted(lacking.tolist(), key=lambda number: (-times[number], words[number]))[:_UNKNOWN]
        return Preview(
            whole=whole,
            share=1.0 if whole else self._share(),
            column=reading.taken or ", ".join(reading.asked),
            columns=tuple(reading.columns),
            beside=tuple(reading.beside),
            kept=tuple(column.name for column in reading.kept or ()),
            separator=reading.parted,
            given=reading.given is True,
            sentences=len(self._sentences),
            train=self._train,
            test=len(self._sentences) - self._train,
            dropped=dict(sorted(((reading.dropped if whole else self._by_source) + self._dropped).items())),
            copies=self._copies,
            words=len(words),
            vocabulary=len(vocabulary),
            tokens=len(flat),
            unknown_rate=float(times[lacking].sum() / len(flat)) if len(flat) else 0.0,
            unknown=tuple((words[number], int(times[number])) for number in common),
            examples=self._examples(words, final),
            notes=tuple(reading.notes),
            parts=self._parts.seen(final),
            in_two_parts=self._parts.in_two(self._halves),
            problems=self._parts.problems,
        )

    def _share(self) -> float | None:
        total = self.reading.total
        return min(1.0, self._done / total) if total and self._done else None

    def _examples(self, words: list[str], final: npt.NDArray[Any]) -> tuple[Example, ...]:
        """Sentences at even distances."""
        count = len(self._sentences)
        chosen = sorted({round(at) for at in np.linspace(0, count - 1, _EXAMPLES)}) if count else []
        return tuple(tuple((words[n], bool(final[n] != UNK)) for n in self._sentences[i].tolist()) for i in chosen)
