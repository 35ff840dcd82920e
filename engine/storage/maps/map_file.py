"""A file of maps beside a cache: those of one name that were added at once, one for each variant."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import LoomError
from engine.storage.cache_file import attributes_of
from engine.storage.files import publish
from engine.storage.hdf5_writing import dataset_in_chunks, hdf5_file, set_attributes
from engine.storage.maps.map_list import folder_of

KIND = "latent-loom-map"
VERSION = 1


def checked_map(name: str, variant: str, coordinates: ArrayLike, n: int) -> NDArray[np.float32]:
    """The coordinates as they are kept; a LoomError where they are of another shape or not finite."""
    values = np.asarray(coordinates, dtype=np.float32)
    if values.shape != (n, 2) or not np.isfinite(values).all():
        raise LoomError(f"The map {name} of {variant} must be {n} x 2 finite numbers, not {values.shape}.")
    return values


def put_map(group: h5py.Group, name: str, values: NDArray[np.float32], settings: Mapping[str, Any]) -> None:
    """Write a map and what it was made with into a group."""
    dataset = dataset_in_chunks(group, name, values.shape)
    dataset[:] = values
    set_attributes(dataset, **settings)


def write_map_file(
    cache: Path, corpus_fingerprint: str, maps: Mapping[str, tuple[NDArray[np.float32], Mapping[str, Any]]]
) -> str:
    """Publish a file of maps beside a cache, which nobody takes notice of before it is in the list.

    Args:
        cache: beside which it is to lie.
        corpus_fingerprint: of its sentences.
        maps: per variant the coordinates, as `checked_map` gives them, and the settings that made them.

    Returns:
        the name of the file, which follows from what is in it.

    Raises:
        LoomError: it cannot be written.
    """
    name = f"{_digest(corpus_fingerprint, maps)}.h5"
    with publish(folder_of(cache) / name) as scratch, hdf5_file(scratch, "w") as (file, guard):
        set_attributes(file, kind=KIND, version=VERSION, corpus_fingerprint=corpus_fingerprint)
        group = file.create_group("variants")
        for variant, (values, settings) in maps.items():
            put_map(group, variant, values, settings)
            guard.check()
    return name


def open_map_file(path: Path) -> h5py.File:
    """Open a file of maps for reading. Raises whatever the HDF5 library does; ValueError for another kind of file."""
    with ExitStack() as unless_right:
        file = unless_right.enter_context(h5py.File(path, "r", locking=False))
        attributes = attributes_of(file)
        kind, version = attributes.get("kind"), int(attributes.get("version", 0))
        if kind != KIND or version > VERSION:
            raise ValueError(f"it is of kind {kind!r} and version {version}")
        unless_right.pop_all()
    return file


def _digest(corpus_fingerprint: str, maps: Mapping[str, tuple[NDArray[np.float32], Mapping[str, Any]]]) -> str:
    from xxhash import xxh3_128

    digest = xxh3_128()
    for variant, (values, settings) in sorted(maps.items()):
        about = [corpus_fingerprint, variant, dict(settings), values.shape]
        digest.update(json.dumps(about, sort_keys=True, default=str).encode())
        digest.update(values.tobytes())
    return digest.hexdigest()
