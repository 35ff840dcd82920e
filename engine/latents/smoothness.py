"""How smooth a path of decoded sentences is, and where on it something changes.

Sentences are sequences of tokens, so punctuation marks count in every distance. The numbers are for one shown path:
they describe this path, and are no estimate for others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby, pairwise

from rapidfuzz.distance import Levenshtein

from engine.errors import UsageError

Words = Sequence[str]


@dataclass(frozen=True, slots=True)
class Smoothness:
    """Numbers of a path of n sentences; shares and similarities are from 0 to 1.

    Attributes:
        distinct: share of the n - 1 pairs of neighbours that differ at all. Near 0 the path stands still.
        similarity: mean edit similarity between neighbours.
        largest_jump: largest edit distance between neighbours, in shares of the longer sentence.
        jump_after: the step before that jump, from 0; the first one if several are as large.
        recovery: edit similarity of the decoded sentence to the given one, for each given sentence in the
            order of their steps.
        recovered: how many of the given sentences came back word for word.
    """

    distinct: float
    similarity: float
    largest_jump: float
    jump_after: int
    recovery: tuple[float, ...]
    recovered: int

    def describe(self) -> str:
        """All of it in one line."""
        line = (
            f"{self.distinct:.0%} of neighbours differ, mean edit similarity {self.similarity:.2f}, "
            f"largest jump {self.largest_jump:.2f} after step {self.jump_after}"
        )
        if not self.recovery:
            return line
        each = ", ".join(f"{value:.2f}" for value in self.recovery)
        return f"{line}, {self.recovered} of {len(self.recovery)} given sentences recovered (similarity {each})"


@dataclass(frozen=True, slots=True)
class Fold:
    """A run of `count` equal sentences from step `first` on."""

    first: int
    count: int

    @property
    def last(self) -> int:
        """The last step of the run."""
        return self.first + self.count - 1


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of a sentence against the one before: which words are new, and where words went missing.

    Attributes:
        changed: for each word whether it is new at its place.
        missing_before: positions, from 0 to the number of words, before which words of the other are missing.
    """

    changed: tuple[bool, ...]
    missing_before: tuple[int, ...]


def edit_distance(first: Words, second: Words) -> int:
    """Fewest words to insert, delete or replace to make one of the other (Levenshtein 1966); case counts."""
    return Levenshtein.distance(first, second)


def edit_similarity(first: Words, second: Words) -> float:
    """1 - edit distance / length of the longer one; 1 for two empty sentences."""
    longer = max(len(first), len(second))
    return 1.0 - edit_distance(first, second) / longer if longer else 1.0


def smoothness(path: Sequence[Words], given: Mapping[int, Words] | None = None) -> Smoothness:
    """The numbers of one path.

    Args:
        path: its sentences in order, two or more.
        given: the sentences it was led through, by their steps.

    Raises:
        UsageError: the path has fewer than two sentences, or no such step.
    """
    if len(path) < 2:
        raise UsageError("A path has two sentences or more.", "Take at least one step.")
    given = given or {}
    if any(not 0 <= step < len(path) for step in given):
        raise UsageError(f"A path of {len(path)} sentences has no step {max(given)}.")
    similarities = [edit_similarity(first, second) for first, second in pairwise(path)]
    worst = min(range(len(similarities)), key=similarities.__getitem__)
    returned = [(given[step], path[step]) for step in sorted(given)]
    return Smoothness(
        distinct=sum(tuple(first) != tuple(second) for first, second in pairwise(path)) / len(similarities),
        similarity=sum(similarities) / len(similarities),
        largest_jump=1.0 - similarities[worst],
        jump_after=worst,
        recovery=tuple(edit_similarity(sentence, back) for sentence, back in returned),
        recovered=sum(tuple(sentence) == tuple(back) for sentence, back in returned),
    )


def folds(sentences: Sequence[Words]) -> tuple[Fold, ...]:
    """The runs of equal neighbours, in order; their counts sum to the number of sentences."""
    found, first = [], 0
    for _, run in groupby(map(tuple, sentences)):
        count = len(list(run))
        found.append(Fold(first, count))
        first += count
    return tuple(found)


def mark(before: Words, words: Words) -> Mark:
    """What differs in `words` from the sentence before it; letters' case does not count."""
    changed, missing = [False] * len(words), []
    match = SequenceMatcher(None, [word.casefold() for word in before], [word.casefold() for word in words], False)
    for tag, _, _, start, end in match.get_opcodes():
        if tag == "delete":
            missing.append(start)
        elif tag != "equal":
            changed[start:end] = [True] * (end - start)
    return Mark(tuple(changed), tuple(missing))
