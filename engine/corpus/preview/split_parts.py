"""A look at what is given beside a text: its validation and test parts, and a list of the words that are known.

What is wrong with one of them is kept by its name, so that it can be told beside its field; the rest is looked at all
the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.corpus.numbering import Numbering
from engine.corpus.preview.values import PartSeen
from engine.corpus.reading import Reading, nothing_left
from engine.corpus.request import CorpusRequest
from engine.corpus.splits.overlap import Overlap
from engine.corpus.splits.vocabulary_file import read_words, refuse_foreign_words
from engine.corpus.vocabulary import UNK
from engine.errors import LoomError

_Sentences = Sequence[npt.NDArray[np.int64]]


class GivenParts:
    """What is given beside a text, as far as it was looked at.

    Attributes:
        words: of the vocabulary that is given; None where it is counted.
        problems: why a file cannot be used, and what to do: by valid, test or vocabulary_file.
    """

    def __init__(self, request: CorpusRequest, numbering: Numbering) -> None:
        """Args: request: what would be prepared; numbering: of all words, that of the text too."""
        self._request, self._numbering = request, numbering
        self._sentences: dict[str, list[npt.NDArray[np.int64]]] = {}
        self._seen: dict[str, PartSeen] = {}
        self.words: list[str] | None = None
        self.problems: dict[str, tuple[str, str]] = {}
        if request.vocabulary_file is not None:
            try:
                self.words = read_words(Path(request.vocabulary_file).expanduser())
            except LoomError as error:
                self._refuse("vocabulary_file", error)

    def take(self, name: str, training: Reading, most: int) -> None:
        """Read a part.

        Args:
            name: valid or test.
            training: the state of the text's reading, which says how words are cut; it is told of the notes.
            most: sentences after which no more is read, about.
        """
        reading = self._request.reading()
        reading.given, reading.language, reading.kept = training.given, training.language, training.kept
        try:
            self._read(name, reading, most)
        except LoomError as error:
            self._sentences.pop(name, None)
            self._refuse(name, error)
        training.kept = reading.kept
        for note in reading.notes:
            training.note(note)

    def _read(self, name: str, reading: Reading, most: int) -> None:
        request = self._request
        source = request.open(request.given[name])
        sentences = self._sentences[name] = []
        dropped: Counter[str] = Counter()
        read, whole, cutter = 0, True, None
        with closing(source(reading)) as batches:
            for batch in batches:
                if read >= most:
                    whole = False
                    break
                if cutter is None or not read:
                    cutter = request.cutter(reading, 1.0)(0)
                cut = cutter(batch)
                numbers = self._numbering.add(cut)[cut.test.numbers].astype(np.int64)
                sentences += [each for each in np.split(numbers, np.cumsum(cut.test.lengths)[:-1]) if len(each)]
                dropped.update(cut.dropped)
                read += len(batch)
        reading.dropped.update(dropped)
        if not sentences and whole:
            raise nothing_left(f"the {name} part", request.limits, reading)
        self._seen[name] = PartSeen(whole, len(sentences), dict(sorted(reading.dropped.items())))

    def seen(self, final: npt.NDArray[Any]) -> dict[str, PartSeen]:
        """The parts that were read. `final` is the table from provisional numbers of words to ids (words,)."""
        return {name: replace(part, unknown_rate=self._unknown_rate(name, final)) for name, part in self._seen.items()}

    def in_two(self, halves: Mapping[str, _Sentences]) -> dict[str, int]:
        """How many different sentences stand in two parts, where some do. `halves` are those of the text itself."""
        overlap = Overlap()
        for name in self._seen:
            overlap.remember(name, *_flat(self._sentences[name]))
        for name, sentences in halves.items():
            overlap.compare(name, *_flat(sentences))
        return {f"{one} and {other}": count for (one, other), count in overlap.counts().items()}

    def check_words(self) -> None:
        """Keep it as a problem if the words that are given are those of another text."""
        if self.words is not None and self._request.vocabulary_file is not None:
            try:
                refuse_foreign_words(self._request.vocabulary_file, self.words, self._numbering.words)
            except LoomError as error:
                self._refuse("vocabulary_file", error)

    def _unknown_rate(self, name: str, final: npt.NDArray[Any]) -> float:
        numbers, _ = _flat(self._sentences[name])
        return float((final[numbers] == UNK).mean()) if len(numbers) else 0.0

    def _refuse(self, name: str, error: LoomError) -> None:
        self.problems[name] = (error.message, error.hint)


def _flat(sentences: _Sentences) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """Numbers of all words of sentences, (words,), and words of each, (n,)."""
    numbers = np.concatenate(sentences) if len(sentences) else np.zeros(0, np.int64)
    return numbers.astype(np.uint32), np.array([len(each) for each in sentences], np.int64)
