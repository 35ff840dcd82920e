"""Packed files: what is shipped with the program, compressed without loss, and read where it lies.

Tensors are in an HDF5 file with filters of HDF5's own: the bytes of a tensor are shuffled, so that those of all
exponents lie together, and deflated. Logs are compressed by zstd. FORMAT.md specifies both. Who looks for
`step-000000100.safetensors` or `metrics.jsonl` is led to the packed one by `stored` where only that is there.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from engine.errors import LoomError
from engine.storage.files import publish

if TYPE_CHECKING:
    from numpy.typing import NDArray

KIND = "latent-loom-tensors"
VERSION = 1
_CHUNK_BYTES = 1 << 16
"""What is unpacked at a time: it stays in the processor's cache meanwhile."""
_TENSORS, _LOG = ".h5", ".zst"


def packed(path: Path) -> Path:
    """Where the packed form of a file lies: `a.safetensors` as `a.h5`, `a.jsonl` as `a.jsonl.zst`."""
    return path.with_suffix(_TENSORS) if path.suffix == ".safetensors" else path.with_name(path.name + _LOG)


def stored(path: Path) -> Path:
    """The path of a file, or of its packed form where only that is there."""
    return packed(path) if not path.exists() and packed(path).exists() else path


def is_packed(path: Path) -> bool:
    """Whether a path is that of a packed file."""
    return path.suffix in (_TENSORS, _LOG)


def write_tensors(path: Path, tensors: Mapping[str, NDArray[Any]], make_folder: bool = True) -> None:
    """Publish a packed file of tensors.

    Raises:
        LoomError: it could not be written.
    """
    from engine.storage.hdf5_writing import hdf5_file, set_attributes

    with publish(path, make_folder) as scratch, hdf5_file(scratch, "w") as (file, _):
        set_attributes(file, kind=KIND, version=VERSION)
        for name, array in tensors.items():
            filters: dict[str, Any] = {}
            if array.ndim and array.size:  # else there is nothing to cut into chunks, which filters work on
                rows = min(len(array), max(1, _CHUNK_BYTES // array[:1].nbytes))
                filters = {"chunks": (rows, *array.shape[1:]), "shuffle": True, "compression": "gzip"}
            file.create_dataset(name, data=array, compression_opts=9 if filters else None, **filters)


def read_tensors(path: Path) -> dict[str, NDArray[Any]]:
    """The tensors of a file by name, be it a packed one or of safetensors.

    Raises:
        OSError: it is missing or cannot be read.
        ValueError: it is damaged, or no file of tensors that this program knows.
    """
    if not is_packed(path):
        return _of_safetensors(path)
    import h5py

    with open(path, "rb"):  # the HDF5 library has words of its own for a file that is missing
        pass
    try:
        # Published files are never written again, and locks fail on some network drives.
        with h5py.File(path, "r", locking=False) as file:
            kind, version = file.attrs["kind"], int(file.attrs["version"])
            if kind not in (KIND, KIND.encode()) or version > VERSION:
                raise ValueError(f"it holds {kind!r} of version {version}")
            return {name: dataset[()] for name, dataset in file.items()}
    except (KeyError, RuntimeError, TypeError, AttributeError) as error:
        raise ValueError(str(error).strip("'\"")) from error


def _of_safetensors(path: Path) -> dict[str, NDArray[Any]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return dict(load_file(path))
    except SafetensorError as error:
        raise ValueError(str(error)) from error


def write_log(path: Path, text: str) -> None:
    """Publish a packed log. Raises as `write_tensors`."""
    import zstandard

    with publish(path) as scratch:
        scratch.write_bytes(zstandard.ZstdCompressor(level=19, write_checksum=True).compress(text.encode()))


def open_log(path: Path) -> BinaryIO:
    """A log, packed or not, opened for its bytes.

    Raises:
        OSError: it cannot be opened.
        LoomError: it is packed, and cut off or damaged.
    """
    if not is_packed(path):
        return open(path, "rb")
    import zstandard

    try:
        return io.BytesIO(zstandard.ZstdDecompressor().decompress(path.read_bytes()))
    except zstandard.ZstdError as error:
        raise LoomError(f"{path} is cut off or damaged ({error}).", "Get it again from where it came from.") from error
