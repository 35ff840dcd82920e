"""What is asked of a text that is prepared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine.corpus.cutting import Cutter
from engine.corpus.lines import is_text_encoding
from engine.corpus.reading import SEPARATORS, Reading, Source
from engine.corpus.sources import is_text, open_part
from engine.corpus.vocabulary import SPECIALS
from engine.errors import UsageError


@dataclass(frozen=True, slots=True)
class CorpusRequest:
    """What to prepare, as the `corpus` command takes it.

    `encoding` is that of files of text, None for UTF-8 or UTF-16 with its mark; `tokenised` whether words are what
    stands between spaces, None to find that out; `lower` whether they are then read in small letters.
    `valid_source` and `test_source` are the other parts of a text that is split already, and `source` is then what
    is learned from; without a test part, `test_fraction` of that is held out. `keep` are the columns that stay beside
    the sentences, None for those that look like categories or numbers.

    Raises:
        UsageError: a value is impossible.
    """

    source: str
    name: str
    min_words: int = 5
    max_words: int = 30
    vocabulary: int = 20_000
    test_fraction: float = 0.1
    seed: int = 0
    limit: int | None = None
    column: str | tuple[str, ...] | None = None
    separator: str | None = None
    encoding: str | None = None
    tokenised: bool | None = None
    lower: bool = False
    valid_source: str | None = None
    test_source: str | None = None
    vocabulary_file: str | None = None
    keep: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.min_words < 1 or self.max_words < self.min_words:
            raise UsageError(
                f"No sentence has at least {self.min_words} and at most {self.max_words} tokens.",
                "Choose --min-words of 1 or more, and --max-words at least as large.",
            )
        if self.vocabulary <= len(SPECIALS):
            raise UsageError(
                f"A vocabulary of {self.vocabulary} leaves no room for words: {len(SPECIALS)} entries are special.",
                "Choose --vocabulary of 5 or more; 20000 is usual.",
            )
        if not 0 <= self.test_fraction < 1:
            raise UsageError(
                f"The test set cannot be {self.test_fraction:g} of the sentences.",
                "Choose --test-fraction from 0 to below 1; 0.1 is usual.",
            )
        if self.separator not in (None, *SEPARATORS):
            raise UsageError(
                f"Nothing named {self.separator!r} can separate the cells of a table.",
                f"Choose --separator from {', '.join(SEPARATORS)}.",
            )
        if self.encoding is not None and not is_text_encoding(self.encoding):
            raise UsageError(
                f"There is no encoding of text named {self.encoding!r}.",
                "Choose --encoding windows-1252, or another one that Python knows.",
            )
        if self.lower and self.tokenised is False:
            raise UsageError(
                "Text that is cut here is read in small letters anyway.", "Leave out --lower, or add --tokenised."
            )
        if len({self.source, self.valid_source, self.test_source} - {None}) < 1 + sum(
            each is not None for each in (self.valid_source, self.test_source)
        ):
            raise UsageError("Two parts of the text are the same file.", "Give another one with --valid and --test.")
        if len(set(self.keep or ())) < len(self.keep or ()):
            twice = next(name for name, times in Counter(self.keep).items() if times > 1)
            raise UsageError(f"The column {twice!r} is named twice.", "Give each --keep once.")
        if self.limit is not None and self.limit < 1:
            raise UsageError(
                f"A limit of {self.limit} leaves no sentence.", "Choose --limit of 1 or more, or leave it."
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """Those that are asked for."""
        return (self.column,) if isinstance(self.column, str) else tuple(dict.fromkeys(self.column or ()))

    @property
    def given(self) -> dict[str, str]:
        """The parts that are given beside the text, in the order in which they are read."""
        parts = (("test", self.test_source), ("valid", self.valid_source))
        return {name: place for name, place in parts if place is not None}

    @property
    def held_out(self) -> float:
        """The share of the text that is held out to test: none where a test part is given."""
        return 0.0 if self.test_source is not None else self.test_fraction

    @property
    def limits(self) -> tuple[int, int]:
        """Tokens of the shortest and of the longest sentence that is kept."""
        return self.min_words, self.max_words

    def reading(self) -> Reading:
        """The state of a reading with what is asked for."""
        return Reading(
            asked=self.columns,
            separator=self.separator,
            encoding=self.encoding,
            tokenised=self.tokenised,
            keep=self.keep,
        )

    def open(self, place: str) -> Source:
        """The source of a part of the text; raises as `open_source`. Columns are of the parts that are tables."""
        if self.encoding is not None and not any(map(is_text, (self.source, *self.given.values()))):
            raise UsageError(
                f"{place} is no file of text, which alone is written in an encoding.", "Leave out --encoding."
            )
        asked = {"--column": self.columns, "--keep": self.keep or ()}
        option, columns = next(((option, names) for option, names in asked.items() if names), ("--column", ()))
        return open_part(place, (self.source, *self.given.values()), columns, self.separator, option)

    def asked(self) -> dict[str, Any]:
        """The keys of corpus.json that say how to prepare the corpus again."""
        return {
            "source": self.source,
            "column": list(self.columns) if len(self.columns) > 1 else next(iter(self.columns), None),
            "separator": self.separator,
            "encoding": self.encoding,
            "tokenised": self.tokenised,
            "lower": self.lower or None,
            "valid_source": self.valid_source,
            "test_source": self.test_source,
            "vocabulary_file": self.vocabulary_file,
            "keep": None if self.keep is None else list(self.keep),
            "filters": {"min_words": self.min_words, "max_words": self.max_words, "limit": self.limit},
            "test_fraction": self.test_fraction,
            "seed": self.seed,
            "vocabulary_asked": self.vocabulary,
        }

    def cutter(self, reading: Reading, test_fraction: float) -> Callable[[int], Cutter]:
        """What makes a cutter of a name, once the source has looked at its first lines."""
        words = {"given": reading.given is True, "lower": self.lower}
        return partial(Cutter, *self.limits, self.seed, test_fraction, language=reading.language, **words)
