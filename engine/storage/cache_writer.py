"""Writing the latent cache, whole or not at all.

A cache is built beside its place and published when complete (`files.publish`), so a reader never meets half of one.
Every variant is written in pieces of any size; nothing grows with the number of sentences. Format: FORMAT.md.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import LoomError
from engine.storage.files import publish
from engine.storage.guarded_file import GuardedFile
from engine.storage.latent_cache import ACTIVE_UNIT_THRESHOLD, KIND, VERSION, LatentCache, VariantInfo

CHUNK_ROWS = 4096
"""Sentences per HDF5 chunk: 0.5 MB of mu at 32 dimensions, so that one sentence is still read quickly."""


class CacheWriter:
    """A cache that is being written; made by `write_cache`."""

    def __init__(
        self, file: h5py.File, guard: GuardedFile, path: Path, n: int, latent: int, corpus_fingerprint: str
    ) -> None:
        self._file = file
        self._guard = guard
        self._path = path
        self.n = n
        self.latent = latent
        self.corpus_fingerprint = corpus_fingerprint
        self._written: dict[str, int] = {}
        self._current: str | None = None

    def add_variant(self, info: VariantInfo, mu: ArrayLike, logvar: ArrayLike, nll: ArrayLike, kl: ArrayLike) -> None:
        """Write a variant in one go; arguments as for `start_variant` and `append`."""
        self.start_variant(info)
        self.append(mu, logvar, nll, kl)

    def start_variant(self, info: VariantInfo) -> None:
        """Begin a variant; what is appended from now on belongs to it.

        Raises:
            LoomError: the variant is there already.
        """
        if info.name in self._written:
            raise LoomError(f"{info.name} is in {self._path} already.", "Name every variant once.")
        group = self._file["variants"].create_group(info.name)
        set_attributes(
            group,
            model_fingerprint=info.model_fingerprint,
            label=info.label,
            colour=info.colour,
            m=float(info.m),
            position=int(info.position),
            kl_schedule=json.dumps(dict(info.kl_schedule), sort_keys=True),
            active_unit_threshold=ACTIVE_UNIT_THRESHOLD,
        )
        for name in ("mu", "logvar"):
            _dataset(group, name, (self.n, self.latent))
        for name in ("nll", "kl"):
            _dataset(group, name, (self.n,))
        self._guard.check()
        self._written[info.name] = 0
        self._current = info.name

    def append(self, mu: ArrayLike, logvar: ArrayLike, nll: ArrayLike, kl: ArrayLike) -> None:
        """Write the next sentences of the variant begun last, in the order of the sentences.

        Args:
            mu: (b, latent) means of q(z|x).
            logvar: (b, latent) log variances.
            nll: (b,) nats per sentence for one z ~ q(z|x), end mark counted.
            kl: (b,) nats per sentence.

        Raises:
            LoomError: numbers that are not finite, wrong shapes, or more sentences than the cache has.
        """
        if self._current is None:
            raise LoomError("No variant has been begun.", "Call start_variant first.")
        arrays = {
            name: np.asarray(values, dtype=np.float32)
            for name, values in (("mu", mu), ("logvar", logvar), ("nll", nll), ("kl", kl))
        }
        count = len(arrays["mu"])
        start = self._written[self._current]
        for name, values in arrays.items():
            self._check(name, values, start, count)
            self._file["variants"][self._current][name][start : start + count] = values
        self._guard.check()
        self._written[self._current] = start + count

    def copy_from(self, cache: LatentCache, variants: Sequence[str] | None = None) -> None:
        """Keep variants of an earlier cache, maps included; by default all that are not written yet.

        Raises:
            LoomError: the caches hold other sentences.
        """
        if (cache.n, cache.latent, cache.corpus_fingerprint) != (self.n, self.latent, self.corpus_fingerprint):
            raise LoomError(
                f"{cache.path} holds other sentences or another size of latent than the new cache.",
                "Encode all variants anew instead of keeping some.",
            )
        for name in cache.variants if variants is None else variants:
            if variants is None and name in self._written:
                continue
            cache.copy_variant(name, self._file["variants"])
            self._guard.check()
            self._written[name] = self.n

    def finish(self) -> None:
        """Make sure that every variant is complete; `write_cache` calls it.

        Raises:
            LoomError: a variant has fewer sentences than the cache.
        """
        for name, count in self._written.items():
            if count != self.n:
                raise LoomError(f"{self._path}: {name} has {count} of {self.n} sentences.", "Encode it again.")

    def _check(self, name: str, values: NDArray[np.float32], start: int, count: int) -> None:
        shape = (count, self.latent) if name in ("mu", "logvar") else (count,)
        if values.shape != shape:
            raise LoomError(f"{name} of {self._current} has shape {values.shape} instead of {shape}.")
        if start + count > self.n:
            raise LoomError(f"{self._current} has more than the {self.n} sentences of {self._path}.")
        finite = np.isfinite(values).all(axis=tuple(range(1, values.ndim)))
        if not finite.all():
            raise LoomError(
                f"{name} of {self._current} is not finite for sentence {start + int(np.argmin(finite))}.",
                "The model has probably diverged: train it anew with a smaller learning rate.",
            )


@contextmanager
def write_cache(
    path: Path,
    *,
    run: str,
    corpus_fingerprint: str,
    latent: int,
    sentences: Iterable[str],
    words: ArrayLike,
    app_version: str = "",
) -> Iterator[CacheWriter]:
    """Write a cache; it is published when the block ends without an error, else the earlier file stays.

    Args:
        path: where it will lie.
        run: the run's name.
        corpus_fingerprint: of the corpus of the sentences.
        latent: dimensions of z.
        sentences: the texts, as many as `words` has lengths; read once, in pieces.
        words: (n,) length of every sentence in words, end mark not counted.
        app_version: of the program that writes.

    Raises:
        LoomError: texts and lengths disagree, a variant is incomplete, or the file cannot be written.
    """
    lengths = np.asarray(words)
    limit = np.iinfo(np.int16).max
    if lengths.ndim != 1 or (lengths.size and (lengths.min() < 0 or lengths.max() > limit)):
        raise LoomError(f"The lengths for {path} must be one number from 0 to {limit} per sentence.")
    with publish(path) as scratch, _hdf5(scratch, "w") as (file, guard):
        set_attributes(
            file,
            kind=KIND,
            version=VERSION,
            run=run,
            corpus_fingerprint=corpus_fingerprint,
            latent=int(latent),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            app_version=app_version,
        )
        file.create_group("variants")
        _dataset(file, "words", lengths.shape, np.int16)[:] = lengths
        _write_sentences(file, guard, path, sentences, len(lengths))
        writer = CacheWriter(file, guard, path, len(lengths), latent, corpus_fingerprint)
        yield writer
        writer.finish()


def add_projections(path: Path, maps: Mapping[str, tuple[ArrayLike, Mapping[str, Any]]], name: str) -> None:
    """Add a named map per variant to an existing cache, in place of those of that name.

    The cache is copied, the copy changed and published whole: a reader sees all the new maps or none.

    Args:
        path: the cache.
        maps: per variant the (n, 2) coordinates and the settings that made them, kept as attributes.
        name: of the maps, such as `umap`.

    Raises:
        LoomError: no such cache or variant, coordinates of another shape or not finite, or the disk is full.
    """
    with LatentCache.open(path) as cache:
        n = cache.n
        settings = {
            variant: {**attributes, "made_from": cache.info(variant).model_fingerprint}
            for variant, (_, attributes) in maps.items()
        }
    coordinates = {variant: np.asarray(values, dtype=np.float32) for variant, (values, _) in maps.items()}
    for variant, values in coordinates.items():
        if values.shape != (n, 2) or not np.isfinite(values).all():
            raise LoomError(f"The map {name} of {variant} must be {n} x 2 finite numbers, not {values.shape}.")
    with publish(path) as scratch:
        shutil.copyfile(path, scratch)
        with _hdf5(scratch, "r+") as (file, guard):
            for variant, values in coordinates.items():
                group = file["variants"][variant].require_group("projections")
                # Writing over the old numbers keeps the file from growing with every new map.
                dataset = group[name] if name in group else _dataset(group, name, values.shape)
                dataset[:] = values
                for key in list(dataset.attrs):
                    del dataset.attrs[key]
                set_attributes(dataset, **settings[variant])
                guard.check()


@contextmanager
def _hdf5(path: Path, mode: str) -> Iterator[tuple[h5py.File, GuardedFile]]:
    """An HDF5 file that survives a full disk: the error appears as OSError, in `guard.check` or at the end."""
    guard = GuardedFile(path, new=mode == "w")
    try:
        # Version 1.8 of the file format has checksums in its structure, and every HDF5 tool since 2008 reads it.
        with h5py.File(guard, mode, libver=("v108", "v110")) as file:
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


def _dataset(group: h5py.Group, name: str, shape: tuple[int, ...], kind: type = np.float32) -> h5py.Dataset:
    """A dataset in chunks with checksums. Not compressed: latents shrink by 14 % and take 20 times as long."""
    if not shape[0]:
        return group.create_dataset(name, shape, kind)
    return group.create_dataset(name, shape, kind, chunks=(min(CHUNK_ROWS, shape[0]), *shape[1:]), fletcher32=True)


def _write_sentences(file: h5py.File, guard: GuardedFile, path: Path, sentences: Iterable[str], n: int) -> None:
    chunks = (min(CHUNK_ROWS, n),) if n else None
    dataset = file.create_dataset("sentences", (n,), h5py.string_dtype("utf-8"), chunks=chunks)
    texts = iter(sentences)
    start = 0
    while piece := [_storable(text) for text in islice(texts, CHUNK_ROWS)]:
        if start + len(piece) <= n:
            dataset[start : start + len(piece)] = piece
            guard.check()
        start += len(piece)
    if start != n:
        raise LoomError(f"{path} got {start} sentences and {n} lengths.", "Prepare the corpus again.")


def _storable(text: str) -> bytes:
    """The text as UTF-8 that HDF5 can hold: it allows no zero character, and UTF-8 no half pairs."""
    return text.replace("\0", "\ufffd").encode("utf-8", errors="replace")
