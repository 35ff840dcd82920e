"""Texts in files of one JSON document: a list of records or of texts, or an object with such a list in it.

The document is read as a stream (with ijson), so that its size does not matter. A file with one value a line is read as
such, whatever its name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from engine.corpus.lines import BROKEN, byte_blocks
from engine.corpus.reading import BATCH, Blocks, Reading
from engine.corpus.records.columns import flat
from engine.corpus.records.json_lines import json_texts, texts_of_values
from engine.errors import LoomError, UsageError, from_os_error

_WAY_OUT = "Write the records that are meant to a .jsonl file, one on each line."


def json_document_texts(path: Path, reading: Reading) -> Blocks:
    """Yield the texts of a file of JSON.

    Raises:
        LoomError: it is no JSON, is cut off, or holds no list with texts.
        UsageError: it holds several lists, or several keys of its records hold text.
    """
    first = _beginning(path, reading)
    line, _, next_line = first.partition("\n")
    if next_line.lstrip()[:1] == line[:1] == "{" and _is_whole(line):
        yield from json_texts(path, reading)
        return
    place = "" if first[:1] == "[" else _only_list(path, reading)
    if place:
        reading.note(f"The records are those of the list {place!r}.")
    yield from texts_of_values(_values(path, reading, f"{place}.item" if place else "item"), path, reading)


class _Stream:
    """The bytes of a file for ijson, which asks for some and takes as many as it gets."""

    def __init__(self, path: Path, reading: Reading) -> None:
        self._blocks = byte_blocks(path, reading)

    def read(self, size: int = -1) -> bytes:
        """The next bytes; none at the end, or if none are asked for."""
        return next(self._blocks, b"") if size else b""


def _beginning(path: Path, reading: Reading) -> str:
    try:
        with_mark = next(byte_blocks(path, Reading(encoding=reading.encoding)), b"").decode("utf-8", "replace")
    except (OSError, *BROKEN):  # told when it is read
        return ""
    return with_mark.removeprefix("\ufeff").lstrip()


def _is_whole(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _only_list(path: Path, reading: Reading) -> str:
    """The name of the list in a document that is an object, with dots for what lies within it."""
    import ijson

    before = reading.done
    places: list[str] = []
    for prefix, event, _ in _parsed(path, reading, ijson.parse):
        if event == "start_array" and ".item" not in f".{prefix}" and prefix not in places:
            places.append(prefix)
    reading.done = before
    if len(places) == 1:
        return places[0]
    if not places:
        raise LoomError(f"{path} is a single JSON object without a list in it.", _WAY_OUT)
    raise UsageError(f"{path} is a JSON object with several lists: {', '.join(places)}.", _WAY_OUT)


def _values(path: Path, reading: Reading, place: str) -> Iterator[list[Any]]:
    import ijson

    values = _parsed(path, reading, lambda stream: ijson.items(stream, place, use_float=True))
    while batch := list(islice(values, BATCH)):
        yield [flat(value) if isinstance(value, dict) else value for value in batch]


def _parsed(path: Path, reading: Reading, parse: Any) -> Iterator[Any]:
    """What ijson makes of a file, its errors in words."""
    import ijson

    try:
        yield from parse(_Stream(path, reading))
    except ijson.JSONError as error:
        told = str(error).splitlines()[0]
        raise LoomError(f"{path} is not JSON, or it is cut off: {told}.", "Copy or download it again.") from error
    except BROKEN as error:
        raise LoomError(f"{path} is damaged or cut off: {error}.", "Copy or download it again.") from error
    except OSError as error:
        raise from_os_error(error, f"reading {path}") from error
