"""Datasets of the Hugging Face hub, read as a stream. The library `datasets` is optional and only needed here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from engine.corpus.beside.choosing import kept_names
from engine.corpus.reading import BATCH, Blocks, Reading
from engine.corpus.records.columns import beside_of, cleaned, flat, text_keys, values_of
from engine.corpus.sentences import divided
from engine.errors import LoomError, UsageError


def hub_sentences(name: str, reading: Reading) -> Blocks:
    """Yield the sentences of the training split of a dataset.

    Args:
        name: `owner/dataset`, or `owner/dataset:configuration`.

    Raises:
        UsageError: `name` is empty.
        LoomError: `datasets` is not installed, or the dataset cannot be reached.
    """
    dataset, _, configuration = name.partition(":")
    if not dataset:
        raise UsageError("No dataset is named after hf:.", "Write it as in hf:owner/dataset.")
    yield from divided(_texts(dataset, configuration or None, reading), reading, lines=False)


def _texts(dataset: str, configuration: str | None, reading: Reading) -> Blocks:
    try:
        import datasets
    except ImportError as error:
        raise LoomError(
            "Reading from the Hugging Face hub needs the library `datasets`.",
            "Install it with: python -m pip install datasets",
        ) from error
    reading.unit = "records"
    try:
        records: Iterable[Mapping[str, Any]] = datasets.load_dataset(
            dataset, configuration, split="train", streaming=True
        )
        stream: Iterator[dict[str, Any]] = map(flat, records)
        first = list(islice(stream, 100))
        if not first:
            return
        where = f"the dataset {dataset}"
        keys = text_keys(first, where, reading)
        names = list(dict.fromkeys(key for record in first for key in record))
        kept = kept_names(first, names, where, reading, keys, cells=False)
        stream = chain(first, stream)
        while batch := list(islice(stream, BATCH)):
            reading.done += len(batch)
            beside = [beside_of(record, kept, keys) for record in batch] if kept else ()
            yield cleaned([values_of(record, keys, reading) for record in batch], reading, beside)
    # The library reports a missing dataset or split and a broken connection by these.
    except (OSError, ValueError, RuntimeError) as error:
        raise LoomError(
            f"The dataset {dataset} cannot be read: {error}",
            "Check its name, its configuration (hf:owner/dataset:configuration) and the network.",
        ) from error
