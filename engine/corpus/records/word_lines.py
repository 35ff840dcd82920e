"""Text with one word a line and an empty line behind each sentence, as tagged corpora have it (CoNLL).

The word is the first cell of its line; the second where the first counts the words of each sentence (CoNLL-U: comments,
and lines that are no word of their own, `1-2` and `1.1`, are left out); the fourth in OntoNotes. Marks of the start and
the end of documents are left out. A file that ends in .conll or .conllu is read so; a .txt only where nearly all of its
lines count words or end in tags, or hold one short word each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from pathlib import Path

from engine.corpus.lines import line_blocks
from engine.corpus.reading import BATCH, Blocks, Reading
from engine.errors import LoomError

_LOOKED_AT = 1000
_ALIKE = 0.95
"""Share of the lines that are alike."""
_LONGEST, _SHORTEST = 100, 3
"""Lines of a sentence on average."""
_FEWEST = 20
"""Lines from which on it can be told."""
_LETTERS = 12
"""Of a word on average, at most."""
_WORD = re.compile(r"[^\u0e00-\u0e7f\u3000-\u9fff\uf900-\ufaff\uff00-\uffef]+")
"""Letters of scripts that put spaces between words: a line of another one may be a whole sentence."""
_TAG = re.compile(r"[A-Z][A-Z0-9$-]*|[BIESUL]-\S+|_|[.,:$#'`()\"-]+")
_UPPER = re.compile(r"[A-Z]")
_NO_WORD = re.compile(r"\d+[-.]\d+")
_DOCUMENT = re.compile(r"-DOCSTART-\b|#(?:begin|end) document\b")
_ONTONOTES = re.compile(r"#begin document \(")
SUFFIXES = (".conll", ".conllu")


def looks_like_word_lines(path: Path, reading: Reading) -> bool:
    """Whether a file of text has one word a line."""
    return path.suffix.lower() in SUFFIXES or (reading.tokenised is not False and has_word_lines(_first(path, reading)))


def has_word_lines(lines: Sequence[str]) -> bool:
    """Whether lines, the empty ones too, hold one word each."""
    rows = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    ends = sum(bool(line.strip()) and not after.strip() for line, after in pairwise(lines))
    if len(rows) < _FEWEST or not ends or not _SHORTEST <= len(rows) / ends <= _LONGEST:
        return False
    if _counts_words(lines):
        return True
    if sum(len(row) == len(rows[0]) for row in rows) < _ALIKE * len(rows):
        return False
    if len(rows[0]) == 1:
        plain = all(_WORD.fullmatch(row[0]) for row in rows)
        return plain and sum(len(row[0]) for row in rows) <= _LETTERS * len(rows)
    columns = list(zip(*(row for row in rows if len(row) == len(rows[0])), strict=True))[1:]
    return _are_tags(columns[-1]) and any(len(set(column)) > 1 for column in columns if _are_tags(column))


def _are_tags(column: Sequence[str]) -> bool:
    """Whether the cells of a column are tags: nearly all look like one, and most have a capital, unlike marks."""
    tags = sum(_TAG.fullmatch(cell) is not None for cell in column)
    upper = sum(_UPPER.match(cell) is not None for cell in column)
    return tags >= _ALIKE * len(column) and 2 * upper > len(column)


def word_line_sentences(path: Path, reading: Reading) -> Blocks:
    """Yield the sentences of a file with one word a line, spaces between their words; raises as `line_blocks`."""
    if reading.given is None:
        reading.given = reading.tokenised is not False
    reading.note(f"{path.name} has one word a line: what stands between empty lines is a sentence.")
    first = _first(path, reading)
    counted = _counts_words(first)
    column = 3 if any(map(_ONTONOTES.match, first)) else 1 if counted else 0
    batch: list[str] = []
    for sentence in _sentences(line_blocks(path, reading), column, counted):
        batch += [sentence] if sentence else []
        if len(batch) >= BATCH or not sentence:
            yield batch
            batch = []
    yield batch


def _first(path: Path, reading: Reading) -> list[str]:
    blocks = line_blocks(path, Reading(encoding=reading.encoding))
    try:
        return list(chain.from_iterable(block for block, _ in zip(blocks, range(3), strict=False)))[:_LOOKED_AT]
    except LoomError:  # told when it is read
        return []
    finally:
        blocks.close()


def _counts_words(lines: Sequence[str]) -> bool:
    """Whether the first cells count the words of each sentence, which are in the second, from 1 or from 0."""
    expected, right, wrong, words = 0, 0, 0, 0
    for line in lines:
        cells = _cells(line)
        if not cells:
            expected = 0
        elif len(cells) > 1 and not line.startswith("#") and not _NO_WORD.fullmatch(cells[0]):
            starts = expected == 0 and cells[0] in ("0", "1")
            if starts or cells[0] == str(expected):
                right, expected = right + 1, int(cells[0]) + 1
                words += any(map(str.isalpha, cells[1]))
            else:
                wrong += 1
    return 2 * words > right >= _ALIKE * (right + wrong)


def _sentences(blocks: Iterable[list[str]], column: int, counted: bool) -> Iterator[str]:
    """Each sentence, and "" after each block as a sign of life."""
    words: list[str] = []
    for block in blocks:
        for line in block:
            cells = _cells(line)
            if not cells:
                if words:
                    yield " ".join(words)
                    words = []
            elif not _DOCUMENT.match(line) and not (counted and (line.startswith("#") or _NO_WORD.fullmatch(cells[0]))):
                words.append("".join(cells[min(column, len(cells) - 1)].split()))
        yield ""
    if words:
        yield " ".join(words)


def _cells(line: str) -> list[str]:
    return line.strip().split("\t") if "\t" in line.strip() else line.split()
