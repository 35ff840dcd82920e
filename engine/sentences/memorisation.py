"""The nearest training sentence of a sentence: has the model made it up, or remembered it?

Nearness is the edit distance over tokens, words and punctuation marks (Levenshtein: insertions, deletions and
substitutions), divided by the tokens of the longer sentence: 0 is found verbatim, 1 shares nothing. Words that the
vocabulary lacks are all the same unknown word. The answer is exact: of all training sentences none is nearer, and of
equally near ones it is the first.

No index is built. The training sentences pass once, in blocks of some thousands, for all sentences that are asked
about together. A sparse product counts for each pair how many words of the training sentence occur in the other one;
no more than so many can stay in place, hence

    edits >= words of the longer - min(that count, words of the shorter)

and only pairs whose bound lies below the nearest found so far are compared word by word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist
from scipy.sparse import csr_array

from engine.corpus.store import Corpus
from engine.errors import LoomError, UsageError
from engine.runs.corpus_of_run import corpus_path, how_to_prepare
from engine.runs.run import Run
from engine.workspace import Workspace

MOST_SENTENCES = 100_000
FIRST_BLOCK, BLOCK = 1 << 11, 1 << 14
"""Training sentences until the first answer, whose distances spare most later comparisons, and between later ones."""
GROUP = 128
"""Sentences that share one product."""
_AT_ONCE = 64, 4096
"""Pairs compared together: few at first, as each may bring the distance down that the others must be below."""
_TINY = 126
"""Words up to which counts fit a byte, which makes the product four times as fast."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """A training sentence.

    Attributes:
        index: its number in the training set.
        words: as the models read it, so with <unk>.
        text: these words put together for people; the training text itself is not kept.
        edits: tokens to insert, delete and substitute.
        distance: edits / tokens of the longer sentence, 0 to 1.
    """

    index: int
    words: tuple[str, ...]
    text: str
    edits: int
    distance: float


@dataclass(frozen=True, slots=True)
class TrainingSearch:
    """How far the search has come.

    Attributes:
        nearest: of every sentence that was asked about, in their order, so far; None before the first block.
        searched: training sentences that every one of them was held against, of `sentences`. Where all are found
            verbatim the search ends early, with all counted as searched.
        how: a line that says what was searched.
    """

    nearest: tuple[Nearest | None, ...]
    searched: int
    sentences: int
    how: str

    @property
    def complete(self) -> bool:
        """Whether the search has come to its end."""
        return self.searched == self.sentences


def training_corpus(run: Run, workspace: Workspace) -> Corpus:
    """The prepared corpus that a run was trained on.

    Raises:
        LoomError: it is not there (any more), or another one has its name; with the command that prepares it.
    """
    path = corpus_path(run, workspace)
    if not (path / "corpus.json").exists():
        raise LoomError(
            f"The corpus of run {run.name!r} is not prepared: {path}.", f"Prepare it: {how_to_prepare(run, path.name)}"
        )
    return Corpus.open(path)


def nearest_training(corpus: Corpus, sentences: Sequence[Sequence[str]]) -> Iterator[TrainingSearch]:
    """The nearest training sentence of each sentence.

    Time grows with the training sentences times the sentences asked about; memory does not grow with the corpus.

    Args:
        corpus: from `training_corpus`.
        sentences: as words, such as `Decoded.words`; equal ones cost nothing more.

    Yields:
        the search so far, block by block, and where many sentences make a block long the same again within it; the
        last one is complete.

    Raises:
        UsageError: there are no sentences, or too many.
        LoomError: the corpus has no training sentences, or can no longer be read.
    """
    if not 1 <= len(sentences) <= MOST_SENTENCES:
        raise UsageError(
            f"The nearest training sentences of {len(sentences):,} sentences cannot be searched for.",
            f"Ask about 1 to {MOST_SENTENCES:,}.",
        )
    total = len(corpus.train)
    if not total:
        raise LoomError(f"Corpus {corpus.name!r} has no training sentences.", "Prepare it from more text.")
    places: dict[tuple[str, ...], int] = {}
    for words in sentences:
        places.setdefault(tuple(words), len(places))
    order = [places[tuple(words)] for words in sentences]
    queries = [np.array(corpus.vocabulary.encode(words), dtype=np.int64) for words in places]
    groups = [_Group(queries[at : at + GROUP], len(corpus.vocabulary)) for at in range(0, len(queries), GROUP)]
    known: dict[int, tuple[tuple[str, ...], str]] = {}
    how = f"token edit distance / tokens of the longer, all {total:,} training sentences of {corpus.name!r}, exact"

    def so_far(searched: int) -> TrainingSearch:
        found = [near for group in groups for near in group.nearest(corpus, known)]
        return TrainingSearch(tuple(found[place] for place in order), searched, total, how)

    start = 0
    answer = so_far(start)
    while start < total:
        stop = min(total, start + (BLOCK if start else FIRST_BLOCK))
        ids, offsets = corpus.train.block(start, stop)
        if int(ids.max()) >= len(corpus.vocabulary) or int(np.diff(offsets).min()) < 0:
            # The product would read beside its table.
            raise LoomError(f"The corpus {corpus.name!r} is damaged.", "Prepare it again.")
        for group in groups:
            group.compare(ids, offsets, start)
            if group is not groups[-1]:
                yield answer  # Nothing new: a request that is no longer wanted ends here.
        start = total if all(group.done for group in groups) else stop
        answer = so_far(start)
        yield answer


class _Group:
    """Up to GROUP sentences (queries), and the nearest training sentence of each so far."""

    def __init__(self, ids: list[NDArray[np.int64]], vocabulary: int) -> None:
        self._ids = ids
        self._vocabulary = vocabulary
        self._lengths = np.array([len(each) for each in ids], dtype=np.int64)
        # A training word that is in none of these sentences never matches: all such words may be one character.
        distinct = np.unique(np.concatenate(ids))
        self._characters = np.zeros(vocabulary, dtype="<u4")
        self._characters[distinct] = np.arange(1, len(distinct) + 1)
        self._texts = [self._text(each) for each in ids]
        self._index = np.full(len(ids), -1, dtype=np.int64)
        self._edits = np.full(len(ids), 2, dtype=np.int64)  # over 1 word: farther than any sentence can be
        self._longer = np.ones(len(ids), dtype=np.int64)

    @property
    def done(self) -> bool:
        """Whether all of them were found verbatim."""
        return not self._edits.any()

    def nearest(self, corpus: Corpus, known: dict[int, tuple[tuple[str, ...], str]]) -> Iterator[Nearest | None]:
        """The nearest of each so far; `known` keeps the words of training sentences that were looked up."""
        for index, edits, longer in zip(self._index.tolist(), self._edits.tolist(), self._longer.tolist(), strict=True):
            if index < 0:
                yield None
                continue
            if index not in known:
                words = tuple(corpus.vocabulary.decode(corpus.train.block(index, index + 1)[0].tolist()))
                known[index] = words, corpus.vocabulary.text(words)
            yield Nearest(index, *known[index], edits, edits / longer)

    def compare(self, words: NDArray[Any], offsets: NDArray[np.int64], first: int) -> None:
        """Hold them against a block of training sentences, of which the first has this number."""
        if self.done:
            return
        lengths = np.diff(offsets)
        kind = np.int8 if lengths.max(initial=0) <= _TINY and self._lengths.max() <= _TINY else np.int32
        table = np.zeros((self._vocabulary, len(self._ids)), dtype=kind)
        for column, ids in enumerate(self._ids):
            table[ids, column] = 1
        ones = np.ones(len(words), dtype=kind)
        block = csr_array(
            (ones, words.astype(np.int32), offsets.astype(np.int32)), shape=(len(lengths), self._vocabulary)
        )
        shared: NDArray[Any] = block @ table  # (training sentences, sentences of the group)
        rows, columns = np.nonzero(shared >= self._needed(int(lengths.max()), kind)[lengths])
        if not len(rows):
            return
        text = self._text(words)
        for column in np.unique(columns).tolist():
            chosen = rows[columns == column]
            bounds = self._bounds(column, lengths[chosen], shared[chosen, column])
            self._verify(column, chosen, bounds, text, offsets, first)

    def _needed(self, longest: int, kind: type[np.signedinteger[Any]]) -> NDArray[Any]:
        """How many words a training sentence of each length must share to be nearer, (longest + 1, sentences).

        From longer - shared < distance * longer, in whole numbers; more than the shorter has where it cannot be.
        """
        lengths = np.arange(longest + 1)[:, None]
        longer, shorter = np.maximum(lengths, self._lengths), np.minimum(lengths, self._lengths)
        needed = longer * (self._longer - self._edits) // self._longer + 1
        return np.where(needed > shorter, np.iinfo(kind).max, needed).astype(kind)

    def _bounds(self, column: int, lengths: NDArray[np.int64], shared: NDArray[Any]) -> NDArray[np.float64]:
        """What the distances are at least."""
        longer, shorter = np.maximum(lengths, self._lengths[column]), np.minimum(lengths, self._lengths[column])
        return (longer - np.minimum(shared, shorter)) / longer

    def _verify(
        self,
        column: int,
        rows: NDArray[np.int64],
        bounds: NDArray[np.float64],
        text: str,
        offsets: NDArray[np.int64],
        first: int,
    ) -> None:
        """Compare one of them with these rows of a block word by word, the most promising first."""
        order = np.lexsort((rows, bounds))
        rows, bounds = rows[order], bounds[order]
        size, most = _AT_ONCE
        at = 0
        while at < len(rows):
            # Fractions of small whole numbers: equal ones are equal as floats too.
            best, index = self._edits[column] / self._longer[column], self._index[column]
            part, bound = rows[at : at + size], bounds[at : at + size]
            if bound[0] > best:
                return
            part = part[(bound < best) | ((bound == best) & (part + first < index))]
            at, size = at + size, min(4 * size, most)
            if not len(part):
                continue
            starts, ends = offsets[part].tolist(), offsets[part + 1].tolist()
            choices = [text[start:end] for start, end in zip(starts, ends, strict=True)]
            edits = cdist([self._texts[column]], choices, scorer=Levenshtein.distance, dtype=np.int64)[0]
            longer = np.maximum(offsets[part + 1] - offsets[part], self._lengths[column])
            nearest = np.lexsort((part, edits / longer))[0]
            if (edits[nearest] / longer[nearest], part[nearest] + first) < (best, index if index >= 0 else np.inf):
                self._edits[column], self._longer[column] = edits[nearest], longer[nearest]
                self._index[column] = part[nearest] + first

    def _text(self, words: NDArray[Any]) -> str:
        """Words as characters, one a word, for the library that compares texts."""
        return self._characters[words].tobytes().decode("utf-32-le")
