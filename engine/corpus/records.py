"""Texts in structured files: JSON lines, CSV, TSV and Parquet.

The text is in the column (or key) that was asked for. Where none was, it is in `text`; failing that in `sentence`;
failing that in the first column whose values are words. The first line of a CSV or TSV file names its columns. Values
of other types are counted as dropped.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

from engine.corpus.lines import line_blocks
from engine.corpus.reading import BATCH, HUGE, Blocks, Reading
from engine.errors import LoomError, from_os_error

_PREFERRED = ("text", "sentence")


def json_texts(path: Path, reading: Reading) -> Blocks:
    """Yield the texts of a file with one JSON value a line: an object that holds the text, or the text itself.

    Raises:
        LoomError: a line is not JSON (the message names it), or the first record holds no text.
    """
    key: str | None = None
    number = 0
    for lines in line_blocks(path, reading, numbered=True):
        texts: list[Any] = []
        for line in lines:
            number += 1
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise LoomError(
                    f"{path}, line {number}, is not JSON: {error}.", "Write one JSON object on each line of the file."
                ) from error
            if isinstance(record, dict):
                if key is None:
                    key = text_key([record], f"the record on line {number} of {path}", reading)
                texts.append(record.get(key))
            else:
                texts.append(record)
        yield cleaned(texts, reading)


def table_texts(path: Path, reading: Reading, *, tabs: bool) -> Blocks:
    """Yield the texts of a CSV or TSV file, whose first line names the columns.

    CSV may use quotes and line ends inside them, and `;` where the first line has no comma. TSV has no quoting, but
    a value that a spreadsheet has put in quotes is freed of them.

    Raises:
        LoomError: the file has no rows, or a quote is never closed.
    """
    blocks = line_blocks(path, reading, numbered=True)
    lines = chain.from_iterable(blocks)
    header = next((line for line in lines if line.strip()), None)
    if header is None:
        return
    rows: Iterator[list[str]]
    if tabs:
        names = _unquoted(header.split("\t"))
        rows = (_unquoted(line.split("\t")) for line in lines if line.strip())
    else:
        rows = _csv_rows(path, chain([header], lines), ";" if "," not in header and ";" in header else ",")
        names = next(rows)
    names = [name.strip() for name in names]
    first = list(islice(rows, 100))
    column = names.index(text_key([dict(zip(names, row, strict=False)) for row in first], str(path), reading, names))
    for batch in _in_batches(chain(first, rows)):
        yield cleaned([row[column] if column < len(row) else None for row in batch], reading)


def parquet_texts(path: Path, reading: Reading) -> Blocks:
    """Yield the texts of a Parquet file.

    Raises:
        LoomError: the file is damaged or has no column of text.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    again = "Copy it again, or write it again with the program that made it."
    before = reading.done
    try:
        with pq.ParquetFile(path) as file:
            names = [column.name for column in file.schema_arrow if _is_text(pa, column.type)]
            reading.offer(names)
            if reading.column is not None:
                _required(reading.column, file.schema_arrow.names, str(path))
                if reading.column not in names:
                    raise LoomError(
                        f"The column {reading.column!r} of {path} holds no text.",
                        f"Columns of text are: {', '.join(names) or 'none'}.",
                    )
            elif not names:
                raise LoomError(
                    f"{path} has no column of text; its columns are {', '.join(file.schema_arrow.names)}.",
                    "Give the text a column named `text`.",
                )
            name = _announced(reading.column or _preferred(names) or names[0], reading)
            rows = 0
            for batch in file.iter_batches(batch_size=BATCH, columns=[name]):
                rows += batch.num_rows
                reading.done = before + path.stat().st_size * rows // max(file.metadata.num_rows, 1)
                yield cleaned(batch.column(0).to_pylist(), reading)
    except pa.ArrowException as error:
        raise LoomError(f"{path} cannot be read as Parquet: {error}", again) from error
    except OSError as error:
        # pyarrow reports damaged pages as an OSError without a number.
        if error.errno is None:
            raise LoomError(f"{path} is damaged: {error}", again) from error
        raise from_os_error(error, f"reading {path}") from error


def text_key(
    records: Sequence[Mapping[str, Any]], where: str, reading: Reading, names: Sequence[str] | None = None
) -> str:
    """The key that holds the text, by the rule at the top of this module; a note tells which.

    Raises:
        LoomError: no key of the records holds words, or none is the one that was asked for.
    """
    names = list(names if names is not None else records[0])
    reading.offer(map(str, names))
    if reading.column is not None:
        return _announced(_required(reading.column, names, where), reading)
    lowered = _preferred(names)
    if lowered is not None:
        return _announced(lowered, reading)
    # Words in most of the first records; better several of them than one, so that "id" loses against "title".
    for words in (2, 1):
        for name in names:
            values = [record.get(name) for record in records]
            texts = sum(isinstance(value, str) and _has_words(value, words) for value in values)
            if texts * 2 > len(values):
                return _announced(name, reading)
    raise LoomError(
        f"No column of {where} holds text; the columns are {', '.join(map(str, names)) or 'none'}.",
        "Name the column of the text with --column NAME.",
    )


def cleaned(texts: Iterable[Any], reading: Reading) -> list[str]:
    """The values that are texts; others, and huge ones, are counted as dropped."""
    kept = []
    for text in texts:
        if not isinstance(text, str):
            reading.dropped["not_text"] += 1
        elif len(text) > HUGE:
            reading.dropped["huge_line"] += 1
        elif text.isascii():
            kept.append(text.replace("\0", " "))
        else:
            # JSON can spell half a character pair (a lone surrogate), which no file can hold.
            kept.append(text.encode("utf-8", "replace").decode("utf-8").replace("\0", " "))
    return kept


def _required(column: str, names: Sequence[str], where: str) -> str:
    """The column that was asked for.

    Raises:
        LoomError: there is no such column.
    """
    if column not in names:
        raise LoomError(
            f"There is no column {column!r} in {where}; the columns are {', '.join(map(str, names)) or 'none'}.",
            "Name one of them with --column NAME, just as it is written.",
        )
    return column


def _preferred(names: Sequence[str]) -> str | None:
    for wanted in _PREFERRED:
        for name in names:
            if name.casefold() == wanted:
                return name
    return None


def _announced(name: str, reading: Reading) -> str:
    reading.note(f"The text is taken from the column {name!r}.")
    reading.taken = reading.taken or name
    return name


def _has_words(value: str, words: int) -> bool:
    return sum(any(letter.isalpha() for letter in part) for part in value[:200].split()) >= words


def _is_text(pa: Any, kind: Any) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _in_batches(rows: Iterable[list[str]]) -> Generator[list[list[str]], None, None]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _csv_rows(path: Path, lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    # Lines lose their ends on the way here; the reader needs them inside quotes.
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter)
    csv.field_size_limit(2 * HUGE)
    while True:
        begun = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise LoomError(
                f"{path}, from line {begun}, is not proper CSV: {error}.",
                "Look for a quote that is opened there and never closed.",
            ) from error
        if row is None:
            return
        if row:
            yield row


def _unquoted(values: list[str]) -> list[str]:
    return [
        value[1:-1].replace('""', '"')
        if len(value) > 4
        and value[0] == value[-1] == '"'
        and '""' in value[1:-1]
        and '"' not in value[1:-1].replace('""', "")
        else value
        for value in values
    ]
