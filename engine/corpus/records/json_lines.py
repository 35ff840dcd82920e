"""Texts in files with one JSON value a line: an object that holds the text, or the text itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from engine.corpus.beside.choosing import kept_names
from engine.corpus.lines import line_blocks
from engine.corpus.reading import Blocks, Reading
from engine.corpus.records.columns import SAMPLE, beside_of, cleaned, flat, text_keys, values_of
from engine.errors import LoomError


def json_texts(path: Path, reading: Reading) -> Blocks:
    """Yield the texts of a file with one JSON value a line.

    Raises:
        LoomError: a line is not JSON (the message names it), or no key of the first records holds text.
        UsageError: several keys do.
    """
    yield from texts_of_values(_values(path, reading), path, reading)


def texts_of_values(blocks: Iterator[list[Any]], path: Path, reading: Reading) -> Blocks:
    """The texts of JSON values, many at a time, objects being `flat`; raises as `text_keys`."""
    first: list[list[Any]] = []
    for block in blocks:
        first.append(block)
        yield []
        if sum(map(len, first)) >= SAMPLE:
            break
    keys: tuple[str, ...] = ()
    kept: list[str | None] = []
    sample = [value for block in first for value in block if isinstance(value, dict)][:SAMPLE]
    for block in chain(first, blocks):
        records = sample or [value for value in block if isinstance(value, dict)][:SAMPLE]
        if not keys and records:
            keys = text_keys(records, str(path), reading)
            names = list(dict.fromkeys(str(key) for record in records for key in record))
            kept = kept_names(records, names, str(path), reading, keys, cells=False)
        yield cleaned(
            [values_of(value, keys, reading) if isinstance(value, dict) else value for value in block],
            reading,
            [beside_of(value, kept, keys) if isinstance(value, dict) else () for value in block] if kept else (),
        )


def _values(path: Path, reading: Reading) -> Iterator[list[Any]]:
    number = 0
    for lines in line_blocks(path, reading, numbered=True):
        values: list[Any] = []
        for line in lines:
            number += 1
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                way_out = "Write one JSON object on each line of the file."
                if number == 1 and line.lstrip()[:1] in ("[", "{"):
                    way_out = "If it is one document of several lines, give the file a name that ends in .json."
                raise LoomError(f"{path}, line {number}, is not JSON: {error}.", way_out) from error
            inner = value if isinstance(value, list) else [value]  # a whole list may stand on a line
            values += [flat(each) if isinstance(each, dict) else each for each in inner]
        yield values
