"""Sentences with blanks, as a person writes them. It needs no models, so what is wrong with them is told at once."""

from __future__ import annotations

import re
from dataclasses import replace

from engine.corpus.tokens import BLANK
from engine.errors import UsageError
from engine.runs.run import Run
from engine.runs.typed import Typed, read_typed

MOST_BLANKS = 3
MOST_CANDIDATES = 100_000
MOST_SAMPLES = 10_000

_WRITTEN = re.compile(r"__+|(?<!\S)_(?!\S)")
_PLACE = "\ua66e"
"""Stands for a blank while a sentence is cut into words: a letter that a single manuscript has, so it is no word."""


def check_numbers(n_best: int, candidates: int, samples: int) -> None:
    """Refuse fillings, candidates or samples that cannot be asked for.

    Raises:
        UsageError: one is out of range.
    """
    for value, most, what in (
        (n_best, MOST_CANDIDATES, "words"),
        (candidates, MOST_CANDIDATES, "candidates"),
        (samples, MOST_SAMPLES, "samples"),
    ):
        if not 1 <= value <= most:
            raise UsageError(f"{value} {what} cannot be asked for.", f"Choose 1 to {most}.")
    if n_best > candidates:
        raise UsageError(f"There are no {n_best} best words of {candidates} candidates.", "Ask for fewer, or more.")


def read_blanks(run: Run, text: str) -> Typed:
    """Cut a sentence with blanks into words. A blank is the word `BLANK`: the unknown word's id, not marked `unknown`.

    Raises:
        UsageError: the text is too long or has no word; there is no blank, too many, or no word beside them.
    """
    if not text.strip():
        return read_typed(run, text)
    marked, count = _WRITTEN.subn(_PLACE, text.replace(_PLACE, "\ufffd"))
    if not count:
        raise UsageError("There is no blank in this sentence.", 'Write ___ for the missing word: "He ___ the door."')
    if count > MOST_BLANKS:
        raise UsageError(f"There are {count:,} blanks in this sentence.", f"Leave at most {MOST_BLANKS}.")
    typed = read_typed(run, marked)
    blank = [word == _PLACE for word in typed.words]
    if sum(blank) != count:
        raise UsageError("A blank is glued to letters.", "It stands for a whole word: leave a space on both sides.")
    if all(blank):
        raise UsageError("There is nothing but blanks in this sentence.", 'Write words around it: "He ___ the door."')
    words = tuple(BLANK if empty else word for word, empty in zip(typed.words, blank, strict=True))
    unknown = tuple(mark and not empty for mark, empty in zip(typed.unknown, blank, strict=True))
    return replace(typed, text=text, words=words, unknown=unknown)
