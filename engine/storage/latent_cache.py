"""Reading the latent cache: what every variant of a run makes of every test sentence.

One HDF5 file per run, with maps beside it, described in FORMAT.md. Opening checks the file's kind, version and shapes
and loads nothing else, so that millions of sentences open in milliseconds; arrays are read when they are asked for.
Writing is in `cache_writer`, changing the maps in `cache_maps`. Needs neither torch nor pandas.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from engine.errors import LoomError
from engine.storage.cache_file import (
    DimensionSums,
    Floats,
    all_finite,
    attributes_of,
    check_header,
    check_sentences,
    check_variant,
    damage_told,
    damaged_cache,
    file_of_now,
    open_file,
)
from engine.storage.columns import Columns
from engine.storage.maps.every_map import EveryMap
from engine.workspace import naming

ACTIVE_UNIT_THRESHOLD = 0.01
"""A latent dimension is active if the variance of its mu over the sentences is above this (Burda et al., 2016)."""
CARRYING_KL = 0.1
"""A latent dimension carries something if its KL, mean over the sentences, is above this, in nats.

With less, knowing it multiplies the number of sentences that can be told apart by at most e^0.1 = 1.1. An active unit
need not carry anything: a mean that varies by 0.01 is worth 0.005 nats where the variance is the prior's.
"""
BLOCK = 32_768
"""Sentences read at a time by whatever walks through a whole cache."""


@dataclass(frozen=True, slots=True)
class VariantInfo:
    """What the cache knows of a variant besides its arrays.

    Args:
        name: as on the command line, such as `autogen-m1`.
        label: for people.
        colour: "#rrggbb".
        m: the factor of the AutoGen bound, (1+m) E_q[log p(x|z)] - KL.
        model_fingerprint: of the weights that made the latents.
        position: the column, counted from 0.
        kl_schedule: the schedule's settings, as JSON values.
    """

    name: str
    label: str
    colour: str
    m: float
    model_fingerprint: str
    position: int = 0
    kl_schedule: Mapping[str, Any] = field(default_factory=dict)

    @property
    def beta(self) -> float:
        """The last weight of the KL: 1 but for a beta-VAE, and where nothing says."""
        end = self.kl_schedule.get("end")
        return float(end) if isinstance(end, int | float) and end > 0 else 1.0


def blocks(n: int, size: int = BLOCK) -> Iterator[slice]:
    """Consecutive slices that cover 0..n."""
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))


class LatentCache:
    """A cache opened for reading; close it, or use it in a `with` statement.

    Attributes:
        path: the file.
        run: the name of the run it belongs to.
        corpus_fingerprint: of the corpus whose test sentences it holds.
        n: sentences.
        latent: dimensions of z.
        created: when it was written, ISO 8601 in UTC.
        variants: names of the variants, in the order of their columns.
        columns: what is kept beside the sentences, None where nothing is.
        maps: all maps, with where they lie.
    """

    def __init__(self, path: Path, file: h5py.File) -> None:
        self.path = path
        self._file = file
        self._walked: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
        attributes = attributes_of(file)
        self.run = str(attributes["run"])
        self.corpus_fingerprint = str(attributes["corpus_fingerprint"])
        self.created = str(attributes.get("created", ""))
        self.latent = int(attributes["latent"])
        self.n = check_sentences(path, file)
        columns = file.get("columns")
        self.columns = None if columns is None else Columns(columns, self.n, partial(damaged_cache, path))
        for name in file["variants"]:
            check_variant(path, file["variants"][name], self.n, self.latent)
        self._infos = {name: _info(name, group) for name, group in file["variants"].items()}
        self.variants: tuple[str, ...] = tuple(sorted(self._infos, key=lambda name: (self._infos[name].position, name)))
        self.maps = EveryMap(path, file, self.n)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a cache for reading.

        Raises:
            LoomError: the file is missing, not HDF5, cut off, of another kind or a newer version, or its parts
                disagree.
        """
        while True:
            before = file_of_now(path)
            cache = cls._opened(path)
            if file_of_now(path) == before:
                return cache
            cache.close()  # replaced meanwhile: its maps may be those of the other one

    @classmethod
    def _opened(cls, path: Path) -> Self:
        file = open_file(path)
        with ExitStack() as on_failure:
            on_failure.callback(file.close)
            with damage_told(path):
                check_header(path, file)
                cache = cls(path, file)
            on_failure.pop_all()
        return cache

    def close(self) -> None:
        """Let go of the files. Windows replaces a cache only when nobody has it open."""
        self.maps.close()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def covered(self) -> bool:
        """Whether its sentences have checksums, as its numbers have; those of version 1 have none."""
        return "text" in self._file

    def info(self, variant: str) -> VariantInfo:
        """What is known of a variant besides its arrays.

        Raises:
            LoomError: the cache has no such variant.
        """
        if variant not in self._infos:
            raise LoomError(
                f"{self.path} has no variant {variant!r}; it has {', '.join(self.variants) or 'none'}.",
                f"If the run has it, add it: python main.py encode {naming(self.path)} --variants {variant}",
            )
        return self._infos[variant]

    def sentence(self, i: int) -> str:
        """The text of sentence i (0 <= i < n). Raises like `sentences`."""
        return self.sentences(slice(i, i + 1))[0]

    def sentences(self, rows: slice | None = None) -> list[str]:
        """The texts of a slice, or of all.

        Raises:
            LoomError: the file is damaged.
        """
        with damage_told(self.path):
            if "text" not in self._file:  # version 1
                return [text.decode("utf-8") for text in self._file["sentences"][rows or slice(None)]]
            start, stop, step = (rows or slice(None)).indices(self.n)
            if step < 1:
                raise ValueError(f"the step of a slice of sentences is {step}")
            bounds = self._file["text_offsets"][start : max(start, stop) + 1]
            if bounds[0] < 0 or bounds[-1] > self._file["text"].shape[0] or (np.diff(bounds) < 0).any():
                raise ValueError("text_offsets do not fit the text")
            data = self._file["text"][bounds[0] : bounds[-1]].tobytes()
            ends = (bounds - bounds[0]).tolist()
            return [data[begin:end].decode("utf-8") for begin, end in pairwise(ends)][::step]

    @property
    def text_bytes(self) -> int | None:
        """The bytes of all sentences together; None in files of version 1, which do not say."""
        return int(self._file["text"].shape[0]) if "text" in self._file else None

    def words(self) -> NDArray[np.int16]:
        """(n,) length of every sentence in words, the end mark not counted. Raises like `sentences`."""
        with damage_told(self.path):
            words: NDArray[np.int16] = self._file["words"][:].astype(np.int16, copy=False)
            return words

    def mu(self, variant: str, rows: slice | None = None) -> Floats:
        """(n, latent) means of q(z|x), or those of a slice.

        Raises:
            LoomError: no such variant, numbers that are not finite, or a damaged file.
        """
        return self._numbers(variant, "mu", rows)

    def logvar(self, variant: str, rows: slice | None = None) -> Floats:
        """(n, latent) log variances of q(z|x), or those of a slice. Raises like `mu`."""
        return self._numbers(variant, "logvar", rows)

    def nll(self, variant: str, rows: slice | None = None) -> Floats:
        """(n,) -log p(x|z) for one z ~ q(z|x), nats per sentence, end mark counted. Raises like `mu`."""
        return self._numbers(variant, "nll", rows)

    def kl(self, variant: str, rows: slice | None = None) -> Floats:
        """(n,) KL(q(z|x) || p(z)), nats per sentence. Raises like `mu`."""
        return self._numbers(variant, "kl", rows)

    def projections(self, variant: str) -> tuple[str, ...]:
        """Names of the variant's maps, those made from other weights than the latents left out. Raises like `info`."""
        fingerprint = self.info(variant).model_fingerprint
        names = self.maps.names(variant)
        return tuple(name for name in names if self.maps.made_from(variant, name) in ("", fingerprint))

    def kept_projections(self, variant: str) -> tuple[str, ...]:
        """Names of all maps of a variant that are kept, those made from other weights too. Raises like `info`."""
        self.info(variant)
        return self.maps.names(variant)

    def projection(self, variant: str, name: str) -> Floats:
        """(n, 2) coordinates of a map.

        Raises:
            LoomError: the variant has no such map, it is damaged, or its numbers are not finite.
        """
        self._need_projection(variant, name)
        return self.maps.coordinates(variant, name)

    def projection_settings(self, variant: str, name: str) -> dict[str, Any]:
        """How a map was made: method, neighbours, min_dist, seed, landmarks, library... Raises like `projection`."""
        self._need_projection(variant, name)
        return self.maps.settings(variant, name)

    def variance(self, variant: str) -> NDArray[np.float64]:
        """(latent,) variance of mu over the sentences, in prior units squared. Raises like `mu`."""
        return self._per_dimension(variant)[0]

    def kl_per_dimension(self, variant: str) -> NDArray[np.float64]:
        """(latent,) KL(q(z_d|x) || N(0, 1)) in nats, mean over the sentences. Raises like `mu`."""
        return self._per_dimension(variant)[1]

    def _per_dimension(self, variant: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Variance of mu and mean KL, as they stand in the file, or else by walking through it once."""
        if variant not in self._walked:
            kept = self.kept_per_dimension(variant)
            if kept is None:
                sums = DimensionSums(self.latent)
                for rows in blocks(self.n):
                    sums.add(self.mu(variant, rows), self.logvar(variant, rows))
                kept = sums.variance, sums.kl
            self._walked[variant] = kept
        return self._walked[variant]

    def kept_per_dimension(self, variant: str) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Variance of mu and mean KL (latent,) as they stand in the file; None in earlier files. Raises like `mu`."""
        self.info(variant)
        with damage_told(self.path):
            group = self._file["variants"][variant]
            kept = group["per_dimension"][:] if "per_dimension" in group else None
        if kept is None or kept.shape != (2, self.latent) or not np.isfinite(kept).all():
            return None
        return kept[0], kept[1]

    def active_units(self, variant: str, threshold: float = ACTIVE_UNIT_THRESHOLD) -> int:
        """How many latent dimensions the variant uses: those whose mu has a variance above `threshold`.

        Args:
            variant: its name.
            threshold: in squared units of the latent space, where the prior's variance is 1.

        Raises:
            LoomError: as `mu`.
        """
        return int(np.count_nonzero(self.variance(variant) > threshold))

    def carrying_units(self, variant: str) -> int:
        """How many latent dimensions carry more than `CARRYING_KL` nats, mean over the sentences. Raises like `mu`."""
        return int(np.count_nonzero(self.kl_per_dimension(variant) > CARRYING_KL))

    def mean_kl(self, variant: str) -> float:
        """KL(q(z|x) || p(z)) in nats, mean over the sentences; 0 where there are none. Raises like `mu`."""
        return float(self.kl(variant).mean(dtype=np.float64)) if self.n else 0.0

    def kept_means(self, variant: str) -> tuple[float, float] | None:
        """KL and NLL in nats, means over the sentences, where they stand in the file; None in earlier files."""
        self.info(variant)
        with damage_told(self.path):
            attributes = attributes_of(self._file["variants"][variant])
            if "mean_kl" not in attributes or "mean_nll" not in attributes:
                return None
            return float(attributes["mean_kl"]), float(attributes["mean_nll"])

    def is_stale(self, run_fingerprints: Mapping[str, str], corpus_fingerprint: str) -> str | None:
        """Why the cache does not belong to these models, in words for people, or None if it does.

        A variant of the run that the cache lacks does not make it stale: it holds for those it has.

        Args:
            run_fingerprints: the run's variants and the fingerprints of their weights.
            corpus_fingerprint: of the corpus the run was trained on.
        """
        if self.corpus_fingerprint != corpus_fingerprint:
            return "its sentences come from another corpus than the run's"
        for name in self.variants:
            if name not in run_fingerprints:
                return f"the run has no variant {name}"
            if self._infos[name].model_fingerprint != run_fingerprints[name]:
                return f"{name} has been trained since, or is another model"
        return None

    def _numbers(self, variant: str, name: str, rows: slice | None) -> Floats:
        self.info(variant)
        with damage_told(self.path):
            values: Floats = self._file["variants"][variant][name][rows or slice(None)].astype(np.float32, copy=False)
        if all_finite(values):
            return values
        raise LoomError(
            f"{self.path}: {name} of {variant} holds numbers that are not finite.",
            f"The model may have diverged; train it anew, then: python main.py encode {naming(self.path)}",
        )

    def _need_projection(self, variant: str, name: str) -> None:
        known = self.projections(variant)
        if name not in known:
            raise LoomError(
                f"{self.path} has no map {name!r} of {variant}; it has {', '.join(map(repr, known)) or 'none'}.",
                f"Make it: python main.py project {naming(self.path)} --variants {variant}",
            )


def _info(name: str, group: h5py.Group) -> VariantInfo:
    attributes = attributes_of(group)
    schedule = json.loads(str(attributes.get("kl_schedule", "{}")))
    if not isinstance(schedule, dict):
        raise ValueError(f"the KL schedule of {name} is no JSON object")
    return VariantInfo(
        name=name,
        label=str(attributes.get("label", name)),
        colour=str(attributes.get("colour", "#888888")),
        m=float(attributes["m"]),
        model_fingerprint=str(attributes["model_fingerprint"]),
        position=int(attributes.get("position", 0)),
        kl_schedule=schedule,
    )
