"""What a source of text tells while it is read: how far it is, what it left out, what is worth a note; and why nothing
is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from typing import Any

from engine.errors import LoomError
from engine.storage.columns import KeptColumn

BATCH = 2000
"""Sentences handed on together, about."""

HUGE = 1_000_000
"""Bytes of the longest line (characters of the longest record) that is read; longer ones are dropped."""

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
"""What separates the cells of tables, by the names that people give."""

Blocks = Generator[list[str], None, None]
"""Lines, texts or sentences, many at a time. An empty list is a sign of life, so that progress can be shown."""

Values = tuple[Any, ...]
"""What is kept of a record beside its text, as the source has it: a value for each of `Reading.kept`."""


class Valued(list[str]):
    """Texts, each with the values of the record it is from; () where it is from none."""

    __slots__ = ("values",)

    def __init__(self, texts: Iterable[str], values: list[Values]) -> None:
        super().__init__(texts)
        self.values = values


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
    `keep` are the columns whose values are to stay with their sentences; None leaves the choice to the source, () keeps
    none. `kept` is what was decided, None until a file has columns; what a source yields is then `Valued`. `beside` are
    the columns that could be kept.
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
    keep: tuple[str, ...] | None = ()
    kept: tuple[KeptColumn, ...] | None = None
    beside: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Keep a line for the person; the same line is kept once, however many files give rise to it."""
        if text not in self.notes:
            self.notes.append(text)

    def offer(self, columns: Iterable[str]) -> None:
        """Tell of columns to choose from; those of several files are put together."""
        self.columns += [name for name in dict.fromkeys(columns) if name not in self.columns]


Source = Callable[[Reading], Blocks]
"""A source of text: given a `Reading` to keep up to date, it yields sentences, at most a few thousand at a time."""

_REASONS = {
    "too_short": ("shorter than {min} tokens", "lower --min-words"),
    "too_long": ("longer than {max} tokens", "raise --max-words"),
    "empty": ("empty", ""),
    "heading": ("headings", ""),
    "huge_line": ("lines of more than a million bytes", "put one sentence on a line"),
    "wide_row": ("rows with more cells than the first", "put quotes around cells that hold a separator"),
    "short_row": ("rows with fewer cells than the first", "put quotes around cells that hold a line end"),
    "not_text": ("without text", "check the column or key that holds the sentences"),
}


def nothing_left(source: str, limits: tuple[int, int], reading: Reading, in_test: int = 0) -> LoomError:
    """Why no sentence is left to train on, with what to change.

    Args:
        source: what was read, for the message.
        limits: tokens of the shortest and of the longest sentence that is kept.
        reading: with what was left out.
        in_test: sentences that fell into the test set.
    """
    if in_test:
        return LoomError(
            f"All {in_test} usable sentences of {source} fell into the test set.",
            "Add text, or choose another --seed or a smaller --test-fraction; equal sentences always go to one side.",
        )
    if not reading.dropped:
        return LoomError(f"{source} holds no text.", "Choose a file with one sentence a line, or running text.")
    parts, advice = [], []
    for reason, dropped in reading.dropped.most_common():
        meaning, change = _REASONS.get(reason, (reason, ""))
        parts.append(f"{dropped} {meaning.format(min=limits[0], max=limits[1])}")
        if change:
            advice.append(change)
    hint = f"You can {' or '.join(advice)}." if advice else "Choose another source."
    if set(reading.dropped) & {"huge_line", "too_long"} and reading.dropped.total() == 1:
        hint = (
            "All of it is one line without the ends of sentences, as text8 is: cut it into lines of some words first, "
            "as by xargs -n 20 < text8 > text8.txt."
        )
    return LoomError(f"No sentence of {source} is left: {', '.join(parts)}.", hint)
