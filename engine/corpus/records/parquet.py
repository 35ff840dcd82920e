"""Texts in Parquet files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from engine.corpus.beside.choosing import kept_names
from engine.corpus.reading import BATCH, Blocks, Reading
from engine.corpus.records.columns import SAMPLE, beside_of, cleaned, flat, required, text_keys, values_of
from engine.errors import LoomError, from_os_error


def parquet_texts(path: Path, reading: Reading) -> Blocks:
    """Yield the texts of a Parquet file, of columns of text or of bytes that are UTF-8.

    Raises:
        LoomError: the file is damaged or has no column of text.
        UsageError: several columns could be meant.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    again = "Copy it again, or write it again with the program that made it."
    before = reading.done
    try:
        with pq.ParquetFile(path) as file:
            names = [name for column in file.schema_arrow for name in _texts_within(pa, column.name, column.type)]
            if reading.asked:
                reading.offer(names)
                for column in reading.asked:
                    required(column, [*names, *file.schema_arrow.names], str(path))
                    if column not in names:
                        raise LoomError(
                            f"The column {column!r} of {path} holds no text.",
                            f"Columns of text are: {', '.join(names) or 'none'}.",
                        )
            elif not names:
                kinds = ", ".join(f"{column.name} ({column.type})" for column in file.schema_arrow)
                raise LoomError(
                    f"{path} has no column of text; its columns are {kinds}.", "Give the text a column named `text`."
                )
            every = [name for column in file.schema_arrow for name in _values_within(pa, column.name, column.type)]
            sample = _sample(file, names if reading.keep == () else every)
            keys = text_keys(sample, str(path), reading, names)
            kept = kept_names(sample, every, str(path), reading, keys, cells=False)
            columns = [*keys, *(name for name in kept if name is not None)]
            rows = 0
            for batch in file.iter_batches(batch_size=BATCH, columns=columns):
                rows += batch.num_rows
                batch = _widened(pa, batch)
                reading.done = before + path.stat().st_size * rows // max(file.metadata.num_rows, 1)
                records = [_decoded_record(flat(record)) for record in batch.to_pylist()]
                beside = [beside_of(record, kept, keys) for record in records] if kept else ()
                yield cleaned((values_of(record, keys, reading) for record in records), reading, beside)
    except pa.ArrowException as error:
        raise LoomError(f"{path} cannot be read as Parquet: {error}", again) from error
    except OSError as error:
        # pyarrow reports damaged pages as an OSError without a number.
        if error.errno is None:
            raise LoomError(f"{path} is damaged: {error}", again) from error
        raise from_os_error(error, f"reading {path}") from error


def _widened(pa: Any, batch: Any) -> Any:
    """A batch with its columns of half and single precision in double, as the decimals that they were written for.

    0.9 in single precision is 0.8999999762; who looks for 0.9 means that. What stands within others stays as it is.
    """
    for place, column in enumerate(batch.schema):
        if pa.types.is_float16(column.type) or pa.types.is_float32(column.type):
            single = np.float16 if pa.types.is_float16(column.type) else np.float32
            values = [None if value is None else float(str(single(value))) for value in batch.column(place).to_pylist()]
            batch = batch.set_column(place, column.name, pa.array(values, pa.float64()))
    return batch


def _sample(file: Any, names: list[str]) -> list[dict[str, Any]]:
    head = next(file.iter_batches(batch_size=SAMPLE, columns=names), None)
    return [] if head is None else [_decoded_record(flat(record)) for record in head.to_pylist()]


def _decoded(value: Any) -> Any:
    """Bytes as text, if they are UTF-8, also in lists; what is no text stays what it is, and is counted as such."""
    if isinstance(value, list):
        return [_decoded(each) for each in value]
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return value
    return value


def _decoded_record(record: dict[str, Any]) -> dict[str, Any]:
    return {name: _decoded(value) for name, value in record.items()}


def _values_within(pa: Any, name: str, kind: Any) -> list[str]:
    """The names of the values within a column: its own, or with dots those within its structures."""
    if pa.types.is_struct(kind):
        return [each for field in kind for each in _values_within(pa, f"{name}.{field.name}", field.type)]
    return [name]


def _texts_within(pa: Any, name: str, kind: Any) -> list[str]:
    """The names of the values of text within a column: its own, or with dots those within its structures."""
    if pa.types.is_struct(kind):
        return [each for field in kind for each in _texts_within(pa, f"{name}.{field.name}", field.type)]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_list_view(kind):
        kind = kind.value_type
    return [name] if _is_text(pa, kind) else []


def _is_text(pa: Any, kind: Any) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    texts = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    return bool(texts or pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))
