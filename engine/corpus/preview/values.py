"""What a look at a text tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Example = tuple[tuple[str, bool], ...]
"""A sentence as it will be read: its words, each with whether the vocabulary has it."""


@dataclass(frozen=True, slots=True)
class PartSeen:
    """What a part that is given beside the training text would come to.

    Attributes:
        whole: whether all of it was read.
        sentences: how many pass; `dropped` maps a reason to the number of what is left out.
        unknown_rate: the share of its words that the vocabulary lacks.
    """

    whole: bool = True
    sentences: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    unknown_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Preview:
    """What preparing a text would come to, as far as it was read.

    The numbers are those that `prepare_corpus` tells of the same sentences. Where only a part was read (`whole` is
    False), they are that part's, its vocabulary too. Parts that are given beside the text are counted by themselves.

    Attributes:
        whole: whether all of the text was read.
        share: of the text that was read, 0 to 1; None where that cannot be known.
        columns: those there are to choose from; `column` is the one that is read, "" where there are none.
        beside: columns that could stay beside the sentences; `kept` are those that will.
        separator: what separates the cells of a table, as one of `SEPARATORS`; "" where there is none.
        given: whether the text is cut already, so that words are what stands between spaces.
        sentences: how many pass, `train` to learn from and `test` to test.
        dropped: reason to number of what is left out.
        copies: sentences that were there before, word for word; they are kept.
        words: different words of all sentences; `vocabulary` the size of the vocabulary, special words counted.
        tokens: words of all sentences, marks counted; `unknown_rate` the share of them that the vocabulary lacks.
        unknown: the most common of these, with how often each occurs.
        examples: sentences from the beginning to the end of what was read.
        notes: what the reading decided, in words.
        parts: those that are given beside the text and were read, by name: valid, test.
        in_two_parts: how many different sentences stand in two parts alike, as in "test and train".
        problems: why a given file cannot be used, and what to do: by valid, test or vocabulary_file.
    """

    whole: bool = False
    share: float | None = None
    column: str = ""
    columns: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    separator: str = ""
    given: bool = False
    sentences: int = 0
    train: int = 0
    test: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    copies: int = 0
    words: int = 0
    vocabulary: int = 0
    tokens: int = 0
    unknown_rate: float = 0.0
    unknown: tuple[tuple[str, int], ...] = ()
    examples: tuple[Example, ...] = ()
    notes: tuple[str, ...] = ()
    parts: Mapping[str, PartSeen] = field(default_factory=dict)
    in_two_parts: Mapping[str, int] = field(default_factory=dict)
    problems: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def all_sentences(self) -> int | None:
        """About how many sentences the whole text has that pass; None where that cannot be known."""
        if self.whole:
            return self.sentences
        return round(self.sentences / self.share) if self.share else None
