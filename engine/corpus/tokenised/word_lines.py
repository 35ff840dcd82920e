"""Text with one word a line and an empty line behind each sentence, as tagged corpora have it (CoNLL).

The word is the first cell of its line, or the second where the first counts the words of the sentence (CoNLL-U): of
such, lines that are no word of their own (`1-2`, `1.1`) and comments are left out. So are the marks of a new document.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from pathlib import Path

from engine.corpus.lines import line_blocks
from engine.corpus.reading import BATCH, Blocks, Reading
from engine.errors import LoomError

_LOOKED_AT = 1000
_ALIKE = 0.95
"""Share of the lines that have as many cells as most."""
_LONGEST, _SHORTEST = 100, 2
"""Lines of a sentence on average."""
_FEWEST = 20
"""Lines from which on it can be told."""
_LETTERS = 12
"""Of a word on average, at most: lines of languages without spaces are longer."""
_TAG = re.compile(r"[A-Z][A-Z0-9$]*|[BIESUL]-\S+|_|\W|\w+:\w+|\d+")
"""What stands in the last column of a tagged text."""
_DOCUMENT = "-DOCSTART-"
_NUMBER = re.compile(r"\d+")
_NO_WORD = re.compile(r"\d+[-.]\d+")


def looks_like_word_lines(path: Path, reading: Reading) -> bool:
    """Whether a file of text has one word a line."""
    blocks = line_blocks(path, Reading(encoding=reading.encoding))
    try:
        lines = list(chain.from_iterable(block for block, _ in zip(blocks, range(3), strict=False)))
    except LoomError:  # told when it is read
        return False
    finally:
        blocks.close()
    return has_word_lines(lines[:_LOOKED_AT])


def has_word_lines(lines: Sequence[str]) -> bool:
    """Whether lines, the empty ones too, hold one word each."""
    rows = [_cells(line) for line in lines if line.strip() and not line.startswith("#")]
    ends = sum(bool(line.strip()) and not after.strip() for line, after in pairwise(lines))
    if len(rows) < _FEWEST or not ends or not _SHORTEST <= len(rows) / ends <= _LONGEST:
        return False
    widths = Counter(map(len, rows))
    width, times = widths.most_common(1)[0]
    if times < _ALIKE * len(rows):
        return False
    if width == 1:
        return sum(len(row[0]) for row in rows) <= _LETTERS * len(rows)
    return sum(_TAG.fullmatch(row[-1]) is not None for row in rows) >= _ALIKE * len(rows)


def word_line_sentences(path: Path, reading: Reading) -> Blocks:
    """Yield the sentences of a file with one word a line, spaces between their words; raises as `line_blocks`."""
    if reading.given is None:
        reading.given = reading.tokenised is not False
    reading.note(f"{path.name} has one word a line: what stands between empty lines is a sentence.")
    batch: list[str] = []
    for sentence in _sentences(line_blocks(path, reading)):
        batch += [sentence] if sentence else []
        if len(batch) >= BATCH or not sentence:
            yield batch
            batch = []
    yield batch


def _sentences(blocks: Iterable[list[str]]) -> Iterator[str]:
    """Each sentence, and "" after each block as a sign of life."""
    words: list[str] = []
    for block in blocks:
        for line in block:
            cells = _cells(line)
            if not cells:
                if words:
                    yield " ".join(words)
                    words = []
            elif not (line.startswith("#") and " " in line.strip()) and cells[0] != _DOCUMENT:
                words += _word(cells)
        yield ""
    if words:
        yield " ".join(words)


def _word(cells: Sequence[str]) -> list[str]:
    if len(cells) > 1 and _NO_WORD.fullmatch(cells[0]):
        return []
    return [cells[1] if len(cells) > 1 and _NUMBER.fullmatch(cells[0]) else cells[0]]


def _cells(line: str) -> list[str]:
    return line.split("\t") if "\t" in line.strip() else line.split()
