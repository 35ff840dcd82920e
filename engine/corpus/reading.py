"""What a source of text tells while it is read: how far it is, what it left out, what is worth a note."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field

BATCH = 2000
"""Sentences handed on together, about."""

HUGE = 1_000_000
"""Bytes of the longest line (characters of the longest record) that is read; longer ones are dropped."""

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
"""What separates the cells of tables, by the names that people give."""

Blocks = Generator[list[str], None, None]
"""Lines, texts or sentences, many at a time. An empty list is a sign of life, so that progress can be shown."""


@dataclass
class Reading:
    """The state of one reading, updated by the source and looked at by whoever follows it.

    `done` and `total` count `unit`s (bytes of a file, messages); `total` is None while it is not known.
    `dropped` maps a reason to the number of lines, records or sentences that were left out for it.
    `asked` are the columns or keys to read where there are such; none leaves the choice to the source.
    `columns` are those there are to choose from, `taken` what is read; empty where there are none.
    `encoding` is that of files of text, where it was asked for; None for UTF-8, or UTF-16 with its mark.
    `tokenised` is whether the text is cut into words already; None leaves that to the source. `given` is what it has
    found or was told, None until its first lines were looked at.
    `word_lists` are the columns whose values are lists of words.
    `language` is the code of that of text without spaces between words, once that was found out.
    `separator` is what separates the cells of tables, as one of `SEPARATORS`; None leaves that to the source too, and
    `parted` is what it has taken, "" where there is no table.
    """

    done: int = 0
    total: int | None = None
    unit: str = ""
    dropped: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    asked: tuple[str, ...] = ()
    columns: list[str] = field(default_factory=list)
    taken: str = ""
    encoding: str | None = None
    tokenised: bool | None = None
    given: bool | None = None
    word_lists: frozenset[str] = frozenset()
    language: str = ""
    separator: str | None = None
    parted: str = ""

    def note(self, text: str) -> None:
        """Keep a line for the person; the same line is kept once, however many files give rise to it."""
        if text not in self.notes:
            self.notes.append(text)

    def offer(self, columns: Iterable[str]) -> None:
        """Tell of columns to choose from; those of several files are put together."""
        self.columns += [name for name in dict.fromkeys(columns) if name not in self.columns]


Source = Callable[[Reading], Blocks]
"""A source of text: given a `Reading` to keep up to date, it yields sentences, at most a few thousand at a time."""
