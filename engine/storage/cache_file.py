"""The file of a latent cache: opening it, whether kind, version and shapes are those that FORMAT.md describes, and what
its latents come to in each dimension.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from engine.errors import LoomError, from_os_error
from engine.workspace import naming

Floats = NDArray[np.float32]

KIND = "latent-loom-cache"
VERSION = 3
VERSION_WITHOUT_COLUMNS = 2
"""Of caches with nothing kept beside their sentences, which earlier programs can read."""
_PER_SENTENCE = ("nll", "kl")
_LATENTS = ("mu", "logvar")
DAMAGE = (OSError, KeyError, RuntimeError, ValueError, TypeError, AttributeError)
"""Whatever the HDF5 library raises for a damaged or foreign file, and numpy for what it holds."""


def open_file(path: Path) -> h5py.File:
    """Open for reading, or say what kind of thing it is instead."""
    encode = f"Make it: python main.py encode {naming(path)}"
    try:
        with open(path, "rb") as handle:
            empty = not handle.read(1)
        if empty or not h5py.is_hdf5(path):
            raise LoomError(f"{path} is not an HDF5 file.", f"Move it away. {encode}")
        # Published files are never written again, and locks fail on some network drives.
        return h5py.File(path, "r", locking=False)
    except FileNotFoundError as error:
        raise LoomError(f"There is no latent cache {path}.", encode) from error
    except (IsADirectoryError, PermissionError) as error:
        raise from_os_error(error, f"reading {path}") from error
    except (OSError, RuntimeError, ValueError) as error:
        raise damaged_cache(path, error) from error


def file_of_now(path: Path) -> tuple[int, int, int] | None:
    """What tells whether another file has been put at a path: no published file is ever changed."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_ino, about.st_size, about.st_mtime_ns


@contextmanager
def damage_told(path: Path) -> Iterator[None]:
    """Turn `DAMAGE` into one clear error."""
    try:
        yield
    except DAMAGE as error:
        raise damaged_cache(path, error) from error


def damaged_cache(path: Path, what: object) -> LoomError:
    """What is told of a cache that does not hold what was written."""
    reason = " ".join(str(what).split()).strip("'\"")[:160]
    return LoomError(
        f"{path} is damaged or cut off ({reason}).",
        f"Copy it again if it came from elsewhere, or make it anew: python main.py encode {naming(path)}",
    )


def check_header(path: Path, file: h5py.File) -> None:
    """Raise a LoomError unless this is a cache, of a version that can be read."""
    kind = attributes_of(file).get("kind")
    if kind != KIND:
        raise LoomError(
            f"{path} is an HDF5 file, but no latent cache of this program (its kind is {kind!r}).",
            f"Move it away, then: python main.py encode {naming(path)}",
        )
    version = int(file.attrs["version"])
    if version > VERSION:
        raise LoomError(
            f"{path} has version {version} of the cache format; this program reads up to {VERSION}.",
            f"Update the program, or make the cache anew: python main.py encode {naming(path)}",
        )


def check_sentences(path: Path, file: h5py.File) -> int:
    """The number of sentences, which their text and `words` must agree on; LoomError where they do not."""
    words = file["words"]
    if "text" in file:
        text, offsets = file["text"], file["text_offsets"]
        if text.dtype != np.uint8 or text.ndim != 1:
            raise _misshapen(path, "text", text, "bytes")
        if offsets.dtype.kind not in "iu" or offsets.ndim != 1 or not offsets.shape[0]:
            raise _misshapen(path, "text_offsets", offsets, "whole numbers, one more than sentences")
        n = int(offsets.shape[0]) - 1
    else:
        sentences = file["sentences"]  # version 1
        if h5py.check_string_dtype(sentences.dtype) is None or sentences.ndim != 1:
            raise _misshapen(path, "sentences", sentences, "a list of texts")
        n = int(sentences.shape[0])
    if words.shape != (n,) or words.dtype.kind not in "iu":
        raise _misshapen(path, "words", words, f"{n} whole numbers")
    return n


def check_variant(path: Path, group: h5py.Group, n: int, latent: int) -> None:
    """Raise a LoomError unless all arrays of a variant have their shapes."""
    shapes = dict.fromkeys(_LATENTS, (n, latent)) | dict.fromkeys(_PER_SENTENCE, (n,))
    maps = maps_of(group)
    shapes |= {f"projections/{name}": (n, 2) for name in maps}
    for name, shape in shapes.items():
        dataset = group[name]
        if dataset.shape != shape or dataset.dtype.kind != "f":
            where = f"{group.name}/{name}".lstrip("/")
            raise _misshapen(path, where, dataset, f"floating-point numbers of shape {shape}")


def maps_of(group: h5py.Group) -> Mapping[str, h5py.Dataset]:
    """The maps in the group of a variant; `get` would take a damaged group for one that is not there."""
    if "projections" not in group:
        return {}
    return group["projections"]


def all_finite(values: NDArray[np.floating[Any]]) -> bool:
    """Whether all of them are numbers; had by their sum in a tenth of the time, as long as that is no too large one."""
    with np.errstate(over="ignore", invalid="ignore"):
        total = values.sum()
    return bool(np.isfinite(total) or np.isfinite(values).all())


def _misshapen(path: Path, name: str, dataset: h5py.Dataset, wanted: str) -> LoomError:
    return LoomError(
        f"{path}: {name} has shape {dataset.shape} and type {dataset.dtype}; it should hold {wanted}.",
        f"Make the cache anew: python main.py encode {naming(path)}",
    )


def attributes_of(place: h5py.Group | h5py.Dataset) -> dict[str, Any]:
    """Attributes as plain values: texts of fixed or variable length as str, numbers as int or float."""
    return {name: _plain(value) for name, value in place.attrs.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    return value.decode("utf-8") if isinstance(value, bytes) else value


def kl_terms(mu: Floats, logvar: Floats) -> NDArray[np.float64]:
    """KL(N(mu, exp(logvar)) || N(0, 1)) of every number, in nats, float64, the shape of `mu`.

    Kingma and Welling 2014, appendix B.
    """
    spread = logvar.astype(np.float64)
    return 0.5 * (np.square(mu, dtype=np.float64) + np.exp(spread) - 1.0 - spread)


class DimensionSums:
    """What the numbers of each dimension come to, counted block by block."""

    def __init__(self, latent: int) -> None:
        self._n = 0
        self._total, self._squares, self._kl = (np.zeros(latent) for _ in range(3))
        self._origin: NDArray[np.float64] | None = None

    def add(self, mu: Floats, logvar: Floats) -> None:
        """Count (b, latent) more."""
        if not len(mu):
            return
        # Sums of squares far from zero would round small variances away, so all is counted from one point.
        self._origin = mu[0].astype(np.float64) if self._origin is None else self._origin
        shifted = mu - self._origin
        self._total += shifted.sum(axis=0)
        self._squares += np.square(shifted).sum(axis=0)
        self._kl += kl_terms(mu, logvar).sum(axis=0)
        self._n += len(mu)

    @property
    def variance(self) -> NDArray[np.float64]:
        """(latent,) variance of mu; 0 of nothing."""
        n = max(self._n, 1)
        return np.maximum(self._squares / n - np.square(self._total / n), 0.0)

    @property
    def kl(self) -> NDArray[np.float64]:
        """(latent,) KL(q(z_d|x) || N(0, 1)) in nats, mean over what was counted."""
        return self._kl / max(self._n, 1)
