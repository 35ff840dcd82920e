"""How this program writes HDF5 files: safe from a full disk, with checksums for all that lies in them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from engine.storage.guarded_file import GuardedFile

CHUNK_ROWS = 4096
"""Sentences per HDF5 chunk: 0.5 MB of mu at 32 dimensions, so that one sentence is still read quickly."""

MANY_ROWS = 1_000_000
"""Sentences from which on narrow datasets lie in larger chunks: finding each takes longer than reading it."""
CHUNK_BYTES = 1 << 19
"""Bytes of such a chunk; HDF5 keeps 1 MB of each dataset at hand."""


@contextmanager
def hdf5_file(path: Path, mode: str) -> Iterator[tuple[h5py.File, GuardedFile]]:
    """An HDF5 file that survives a full disk: the error appears as OSError, in `guard.check` or at the end."""
    guard = GuardedFile(path, new=mode == "w")
    try:
        # Only from version 1.10 of the file format on is there a checksum for where the chunks lie. Without one a
        # single wrong bit makes a chunk look as if it had never been written, and all of it reads as zeros.
        with h5py.File(guard, mode, libver=("v110", "v110")) as file:
            yield file, guard
        guard.check()
    finally:
        guard.close()


def set_attributes(place: h5py.Group | h5py.Dataset, **values: Any) -> None:
    """Write attributes, texts as UTF-8 of fixed length.

    Texts of variable length would lie in a part of the file that has no checksum, where one wrong bit can keep the
    HDF5 library busy for ever.
    """
    for name, value in values.items():
        if isinstance(value, str):
            data = value.encode("utf-8")
            place.attrs.create(name, np.array(data, dtype=h5py.string_dtype("utf-8", max(1, len(data)))))
        else:
            place.attrs[name] = value


def dataset_in_chunks(group: h5py.Group, name: str, shape: tuple[int, ...], kind: type = np.float32) -> h5py.Dataset:
    """A dataset in chunks with checksums. Not compressed: latents shrink by 14 % and take 20 times as long."""
    if not shape[0]:
        return group.create_dataset(name, shape, kind)
    rows = min(CHUNK_ROWS, shape[0])
    if shape[0] >= MANY_ROWS:
        rows = max(rows, CHUNK_BYTES // (np.dtype(kind).itemsize * math.prod(shape[1:])))
    return group.create_dataset(name, shape, kind, chunks=(rows, *shape[1:]), fletcher32=True)
