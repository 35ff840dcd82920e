"""Writing the latent cache, whole or not at all.

A cache is built beside its place and published when complete (`files.publish`), so a reader never meets half of one.
Every variant is written in pieces of any size; nothing grows with the number of sentences. Format: FORMAT.md.
"""

from __future__ import annotations

import json
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
from engine.storage.cache_file import KIND, VERSION, VERSION_WITHOUT_COLUMNS, DimensionSums, attributes_of, maps_of
from engine.storage.columns import Columns
from engine.storage.columns_writer import copy_columns
from engine.storage.files import publish
from engine.storage.guarded_file import GuardedFile
from engine.storage.hdf5_writing import CHUNK_ROWS, dataset_in_chunks, hdf5_file, set_attributes
from engine.storage.latent_cache import ACTIVE_UNIT_THRESHOLD, LatentCache, VariantInfo, blocks
from engine.storage.maps.map_file import checked_map, put_map

CHUNK_BYTES = 1 << 17
"""Bytes of text per HDF5 chunk."""


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
        self._sums = DimensionSums(latent)
        self._costs = np.zeros(2)

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
            dataset_in_chunks(group, name, (self.n, self.latent))
        for name in ("nll", "kl"):
            dataset_in_chunks(group, name, (self.n,))
        self._guard.check()
        self._written[info.name] = 0
        self._current = info.name
        self._sums, self._costs = DimensionSums(self.latent), np.zeros(2)

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
        self._written[self._current] = start + count
        self._sums.add(arrays["mu"], arrays["logvar"])
        self._costs += [arrays[name].sum(dtype=np.float64) for name in ("kl", "nll")]
        if count and start + count == self.n:
            self._put_summary(self._file["variants"][self._current])
        self._guard.check()

    def _put_summary(self, group: h5py.Group) -> None:
        """What is told of a variant at once, so that nobody has to walk through its latents first."""
        told = np.stack((self._sums.variance, self._sums.kl))
        group.create_dataset("per_dimension", data=told, chunks=told.shape, fletcher32=True)
        mean_kl, mean_nll = self._costs / self.n
        set_attributes(group, mean_kl=float(mean_kl), mean_nll=float(mean_nll))

    def add_projection(self, variant: str, name: str, coordinates: ArrayLike, settings: Mapping[str, Any]) -> None:
        """Add a map of a variant that has been begun.

        Args:
            variant: its name.
            name: of the map.
            coordinates: (n, 2).
            settings: kept as attributes; `made_from` is added.

        Raises:
            LoomError: coordinates of another shape or not finite.
        """
        values = checked_map(name, variant, coordinates, self.n)
        group = self._file["variants"][variant].require_group("projections")
        put_map(group, name, values, {**settings, "made_from": self.fingerprint(variant)})
        self._guard.check()

    def fingerprint(self, variant: str) -> str:
        """The fingerprint of the model of a variant that has been begun."""
        return str(attributes_of(self._file["variants"][variant])["model_fingerprint"])

    def maps(self, variant: str) -> tuple[str, ...]:
        """The names of the maps written of a variant so far."""
        return tuple(maps_of(self._file["variants"][variant]))

    def copy_from(self, cache: LatentCache, variants: Sequence[str] | None = None) -> list[str]:
        """Keep variants of an earlier cache, maps included; by default all that are not written yet.

        All is read and so checked: what is damaged in the earlier cache never looks whole in the new one.

        Returns:
            the maps that could not be read and were left out, as for `copy_maps`.

        Raises:
            LoomError: the caches hold other sentences, or the numbers of a variant are damaged.
        """
        if (cache.n, cache.latent, cache.corpus_fingerprint) != (self.n, self.latent, self.corpus_fingerprint):
            raise LoomError(
                f"{cache.path} holds other sentences or another size of latent than the new cache.",
                "Encode all variants anew instead of keeping some.",
            )
        lost: list[str] = []
        for name in cache.variants if variants is None else variants:
            if variants is None and name in self._written:
                continue
            self.start_variant(cache.info(name))
            for rows in blocks(self.n):
                self.append(cache.mu(name, rows), cache.logvar(name, rows), cache.nll(name, rows), cache.kl(name, rows))
            lost += self.copy_maps(cache, name)
        return lost

    def copy_maps(self, cache: LatentCache, variant: str) -> list[str]:
        """Keep the maps of a variant of an earlier cache that has the same sentences and weights.

        Returns:
            those that could not be read and were left out, each as "umap of vae".
        """
        lost = []
        try:
            names = cache.projections(variant)
        except LoomError:
            return [f"all of {variant}"]
        for name in names:
            try:
                coordinates, settings = cache.projection(variant, name), cache.projection_settings(variant, name)
            except LoomError:
                lost.append(f"{name} of {variant}")
            else:
                self.add_projection(variant, name, coordinates, settings)
        return lost

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
    columns: Columns | None = None,
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
        columns: what is kept beside the sentences, if anything is.

    Raises:
        LoomError: texts and lengths disagree, the columns are damaged or of other sentences, a variant is incomplete,
            or the file cannot be written.
    """
    lengths = np.asarray(words)
    limit = np.iinfo(np.int16).max
    if lengths.ndim != 1 or (lengths.size and (lengths.min() < 0 or lengths.max() > limit)):
        raise LoomError(f"The lengths for {path} must be one number from 0 to {limit} per sentence.")
    with publish(path) as scratch, hdf5_file(scratch, "w") as (file, guard):
        set_attributes(
            file,
            kind=KIND,
            version=VERSION if columns is not None else VERSION_WITHOUT_COLUMNS,
            run=run,
            corpus_fingerprint=corpus_fingerprint,
            latent=int(latent),
            created=datetime.now(UTC).isoformat(timespec="microseconds"),
            app_version=app_version,
        )
        file.create_group("variants")
        dataset_in_chunks(file, "words", lengths.shape, np.int16)[:] = lengths
        _write_text(file, guard, path, sentences, len(lengths))
        if columns is not None:
            if columns.n != len(lengths):
                raise LoomError(f"{path} got {len(lengths)} sentences and columns of {columns.n}.")
            copy_columns(file.create_group("columns"), columns, guard)
        writer = CacheWriter(file, guard, path, len(lengths), latent, corpus_fingerprint)
        yield writer
        writer.finish()


def _write_text(file: h5py.File, guard: GuardedFile, path: Path, sentences: Iterable[str], n: int) -> None:
    """The sentences as bytes one after the other and where each begins; HDF5's own texts would have no checksum."""
    text = file.create_dataset("text", (0,), np.uint8, maxshape=(None,), chunks=(CHUNK_BYTES,), fletcher32=True)
    offsets = dataset_in_chunks(file, "text_offsets", (n + 1,), np.int64)
    texts = iter(sentences)
    start, at = 0, 0
    while piece := [each.encode("utf-8", errors="replace") for each in islice(texts, CHUNK_ROWS)]:
        if start + len(piece) <= n:
            ends = at + np.cumsum([len(each) for each in piece])
            text.resize((int(ends[-1]),))
            text[at:] = np.frombuffer(b"".join(piece), np.uint8)
            offsets[start + 1 : start + 1 + len(piece)] = ends
            at = int(ends[-1])
            guard.check()
        start += len(piece)
    if start != n:
        raise LoomError(f"{path} got {start} sentences and {n} lengths.", "Prepare the corpus again.")
