"""Maps of the latent spaces in two dimensions, made so that they can be compared.

Every variant's map starts from the same place, the first two principal components of all variants' mu side by side,
and is turned (rotated or mirrored, never stretched) back onto that start when it is finished. What differs between two
maps then differs between the variants. Maps that are not aligned start from their own principal components. Maps of
more than `landmarks` sentences are fitted on a seeded sample; the other sentences lie at the weighted mean of their
nearest sampled ones. With every map is kept how far it can be trusted.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.config import ProjectionConfig
from engine.device import cores
from engine.errors import LoomError, UsageError
from engine.events import Done, Event, Note, Progress
from engine.maps.alignment import Blocks, principal_axes, turned_onto
from engine.maps.at_once import Report, at_once
from engine.maps.neighbours import distinct, interpolated, nearest, neighbours_within
from engine.maps.placing import PLACING_NEIGHBOURS
from engine.maps.points import COLLAPSED, LatentPoints, Spread, spread_of, warning_of
from engine.maps.presets import USUAL_EPOCHS, fitted, name_of
from engine.maps.quality import LEAST, measured, quality_of
from engine.storage.cache_maps import add_projections
from engine.storage.latent_cache import LatentCache, blocks
from engine.workspace import naming

SAME = 1e-4
"""Difference, in units of the spread, below which two points are one: copies of a sentence differ by rounding only."""
TOO_FEW = 5
"""Below this a neighbourhood is everything there is."""
MEASURED_AMONG = 200_000
"""Sentences among which neighbours are looked for to tell how far a map can be trusted, at most."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Made:
    """A map: coordinates (n, 2), what is kept of it besides its settings, and what is to be told of it."""

    coordinates: Floats
    found: Mapping[str, Any]


def project(cache_path: Path, variants: Sequence[str] | None, config: ProjectionConfig) -> Iterator[Event]:
    """Make a map per variant and add it to the cache under `name_of(config, n)`, with `fitted(config, n)`.

    Maps that are there with the same settings and models are kept. When stopped, finished ones are kept too.

    Args:
        cache_path: the run's cache.
        variants: those to map; None for all.
        config: method and settings.

    Yields:
        Progress and Note; last Done with path, projection, variants, made (those of which there was no such map) and
        seconds.

    Raises:
        LoomError: no cache, no such variant, no sentences, or the cache cannot be written.
        UsageError: a map of the name that was given is there, made with other settings.
    """
    began = time.perf_counter()
    maps: dict[str, tuple[Floats, Mapping[str, Any]]] = {}
    made_from: dict[str, str] = {}
    tasks: dict[str, Callable[[Report], _Made]] = {}
    with LatentCache.open(cache_path) as cache:
        chosen = tuple(cache.variants if variants is None else dict.fromkeys(variants))
        asked, name = config.neighbours, name_of(config, cache.n)
        config = fitted(config, cache.n)
        settings = _settings(cache, config)
        made_from |= {variant: cache.info(variant).model_fingerprint for variant in chosen}
        if not cache.n:
            raise LoomError(
                f"{cache_path} holds no sentences to map.", f"Encode again: python main.py encode {naming(cache_path)}"
            )
        cache.maps.listed.checked(cache_path)
        missing = [variant for variant in chosen if not _is_there(cache, variant, name, settings)]
        if config.name:
            _check_free(cache, name, missing)
        for variant in (variant for variant in chosen if variant not in missing):
            yield Note(f"{cache.info(variant).label}: the map is there already, made with the same settings.")
            if unmeasured := _unmeasured(cache, variant, name):
                tasks[variant] = _measuring(cache, variant, config, *unmeasured)
        if config.method != "pca" and cache.n >= TOO_FEW and config.neighbours < asked and missing:
            few = f"{cache.n} sentences" if cache.n <= config.landmarks else f"{config.landmarks} landmarks"
            umap = config.method == "umap"
            most = f"a point has {config.neighbours} neighbours" if umap else f"the perplexity is {config.neighbours}"
            yield Note(f"There are {few}, so {most} at most.", "warning")

        def done(variant: str, made: _Made) -> None:
            maps[variant] = made.coordinates, {**settings, **made.found}

        try:
            if missing:
                start = yield from _shared_start(cache) if config.aligned else _no_start()
                tasks |= {variant: _making(cache, variant, start, config) for variant in missing}
            if tasks:
                yield from at_once(tasks, min(len(tasks), cores()), done)
        except (LoomError, KeyboardInterrupt, GeneratorExit):
            cache.close()
            _keep(cache_path, maps, name, made_from)
            raise
    _keep(cache_path, maps, name, made_from)
    seconds = round(time.perf_counter() - began, 3)
    made = list(missing)
    yield Done(
        {"path": str(cache_path), "projection": name, "variants": list(chosen), "made": made, "seconds": seconds}
    )


def _check_free(cache: LatentCache, name: str, variants: Sequence[str]) -> None:
    """Whoever names a map does not mean to lose another one of that name.

    Raises:
        UsageError: one of the variants has such a map, whole.
    """
    for variant in variants:
        whole = False
        with suppress(LoomError):  # a damaged one is no loss
            whole = name in cache.projections(variant) and cache.projection(variant, name) is not None
        if whole:
            delete = f"python main.py project {naming(cache.path)} --delete {shlex.quote(name)}"
            raise UsageError(
                f"There is a map {name!r} of {variant} already, made with other settings.",
                f"Take another --name, or delete it first: {delete}",
            )


def _keep(
    path: Path, maps: Mapping[str, tuple[Floats, Mapping[str, Any]]], name: str, made_from: Mapping[str, str]
) -> None:
    if maps:
        add_projections(path, maps, name, made_from)


def _settings(cache: LatentCache, config: ProjectionConfig) -> dict[str, Any]:
    """What makes a map what it is, besides the variant; kept as the map's attributes."""
    method = config.method if cache.n >= TOO_FEW else "pca"
    settings: dict[str, Any] = {"method": method, "of": config.of}
    if config.aligned:
        models = [f"{name} {cache.info(name).model_fingerprint}" for name in cache.variants]
        settings["aligned_to"] = sha256("\n".join(models).encode()).hexdigest()
    else:
        settings["aligned_to"] = ""
    if method != "pca":
        settings |= config.model_dump(include={"neighbours", "metric", "seed", "landmarks"})
        settings["epochs"] = config.epochs or USUAL_EPOCHS[method]
        settings |= {"min_dist": config.min_dist} if method == "umap" else {}
        library = "umap-learn" if method == "umap" else "openTSNE"
        settings |= {"library": library, "library_version": version(library)}
    else:
        settings |= {"seed": config.seed} if config.of == "samples" else {}
        settings |= {"library": "numpy", "library_version": np.__version__}
    return settings


_DEFAULTS = {"of": "mu", "metric": "euclidean", "epochs": USUAL_EPOCHS["umap"]}
"""What maps of earlier versions were made with, which did not say it."""


def _is_there(cache: LatentCache, variant: str, name: str, wanted: Mapping[str, Any]) -> bool:
    """Whether there is such a map of such settings, whole: a damaged one is made again."""
    try:
        if name not in cache.projections(variant):
            return False
        kept = _DEFAULTS | cache.projection_settings(variant, name)
        cache.projection(variant, name)
    except LoomError:
        return False
    return all(kept.get(key) == value for key, value in wanted.items())


def _side_by_side(cache: LatentCache, variants: Sequence[str]) -> Blocks:
    """The variants' mu as blocks of (b, len(variants) * latent)."""
    return lambda: (np.hstack([cache.mu(variant, rows) for variant in variants]) for rows in blocks(cache.n))


def _shared_start(cache: LatentCache) -> Generator[Event, None, Floats | None]:
    yield Progress("shared start of the maps", 0, cache.n, "sentence")
    everything = _side_by_side(cache, cache.variants)
    start = principal_axes(everything).coordinates(everything)
    yield Progress("shared start of the maps", cache.n, cache.n, "sentence")
    return start


def _no_start() -> Generator[Event, None, Floats | None]:
    yield from ()
    return None


def _unmeasured(cache: LatentCache, variant: str, name: str) -> tuple[Floats, dict[str, Any]] | None:
    """A map of an earlier version, which did not tell how far it can be trusted, and its settings."""
    kept = cache.projection_settings(variant, name)
    if quality_of(kept) is not None or kept.get("warning") or cache.n < LEAST:
        return None
    return cache.projection(variant, name), kept


def _measuring(
    cache: LatentCache, variant: str, config: ProjectionConfig, coordinates: Floats, kept: Mapping[str, Any]
) -> Callable[[Report], _Made]:
    return lambda report: _Made(coordinates, {**kept, **_Mapping(cache, variant, config, report).told(coordinates)})


def _making(
    cache: LatentCache, variant: str, start: Floats | None, config: ProjectionConfig
) -> Callable[[Report], _Made]:
    return lambda report: _Mapping(cache, variant, config, report).made(start)


class _Mapping:
    """One variant's map being made, in a thread."""

    def __init__(self, cache: LatentCache, variant: str, config: ProjectionConfig, report: Report) -> None:
        self._cache, self._config, self._report = cache, config, report
        self._points = LatentPoints(cache, variant, config.of, config.seed, config.metric)
        if config.method == "pca":  # whose axes are those of the points as they are
            self._points = LatentPoints(cache, variant, config.of, config.seed)
        self._variant, self._label = variant, cache.info(variant).label

    def made(self, start: Floats | None) -> _Made:
        """The map, turned onto a start (n, 2) that is shared, or with None onto its own."""
        cache, spread = self._cache, spread_of(self._points)
        warning = warning_of(cache, self._variant, spread.size)
        if warning:
            self._report(Note(f"{self._label}: {warning}", "warning"))
        found: dict[str, Any] = {"warning": warning} if warning else {}
        if spread.size < COLLAPSED:
            return _Made(np.zeros((cache.n, 2), np.float32), found)
        own = start if start is not None else self._principal()
        if self._config.method != "pca" and cache.n >= TOO_FEW:
            coordinates, few = self._laid_out(own, spread)
        else:
            few = f"{cache.n} sentences are too few for neighbourhoods" if cache.n < TOO_FEW else ""
            coordinates = turned_onto(self._principal(), own)
        if few:
            few = f"{few}, so the map shows principal components."
            self._report(Note(f"{self._label}: {few}", "warning"))
            found["warning"] = " ".join(filter(None, (warning, few)))
        return _Made(coordinates, found | self._quality(coordinates, spread))

    def told(self, coordinates: Floats) -> dict[str, Any]:
        """What is kept of a map that is there: how far it can be trusted, and what keeps it from showing anything."""
        spread = spread_of(self._points)
        warning = warning_of(self._cache, self._variant, spread.size)
        found = {"warning": warning} if warning else {}
        return found if spread.size < COLLAPSED else {**found, **self._quality(coordinates, spread)}

    def _principal(self) -> Floats:
        """(n, 2) the points along their own first two axes."""
        self._tell("principal components", 0)
        coordinates = principal_axes(self._blocks).coordinates(self._blocks)
        self._tell("principal components", self._cache.n)
        return coordinates

    def _blocks(self) -> Iterator[Floats]:
        return (points for _, points in self._points.blocks())

    def _laid_out(self, start: Floats, spread: Spread) -> tuple[Floats, str]:
        """(n, 2) by the landmarks; the other sentences by their nearest landmarks. And what kept it from that."""
        n, config = self._cache.n, self._config
        chosen = _landmarks(n, config)
        # Methods look at ratios of distances only. In units of their spread, nearly equal points keep their digits.
        points = ((self._points.chosen(chosen) - spread.mean) / spread.size).astype(np.float32)
        count = len(points)
        self._tell("neighbours", 0, count)
        first, of_first = distinct(points, SAME)
        if len(first) < TOO_FEW:
            there = f"Only {len(first)} of the points are different" if len(first) > 1 else "All points are the same"
            return turned_onto(self._principal(), start), there
        wanted = config.neighbours if config.method == "umap" else 3 * config.neighbours + 1
        near, far = neighbours_within(points[first], min(wanted, len(first) - 1))
        if config.metric == "cosine":
            far = np.square(far * spread.size) / 2  # of points of length 1: 1 - cos
        self._tell("neighbours", count, count)
        begin = _scaled_start(start[chosen], config.seed)[first]
        steps = config.epochs or USUAL_EPOCHS[config.method]
        if config.method == "umap":
            from engine.maps.umap_layout import umap_layout

            layout = umap_layout(near, far, begin, config.min_dist, steps, config.seed, self._steps)
        else:
            from engine.maps.tsne_layout import tsne_layout

            layout = tsne_layout(near, far, begin, config.neighbours, steps, self._steps)
        layout = turned_onto(layout[of_first], start[chosen])
        if count == n:
            return layout, ""
        coordinates = np.empty((n, 2), np.float32)
        for rows, block in self._points.blocks():
            self._tell("other sentences", rows.start)
            block = ((block - spread.mean) / spread.size).astype(np.float32)
            coordinates[rows] = interpolated(layout, *nearest(block, points, PLACING_NEIGHBOURS))
        coordinates[chosen] = layout
        self._tell("other sentences", n)
        return coordinates, ""

    def _quality(self, coordinates: Floats, spread: Spread) -> dict[str, Any]:
        """How far the map can be trusted, as it is kept with it."""
        n = self._cache.n
        among = np.zeros(n, np.bool_)
        among[:: -(-n // MEASURED_AMONG)] = True
        count = int(among.sum())
        self._tell("quality", 0, count)
        found = measured(self._points.chosen(among), coordinates[among], self._config.seed, SAME * spread.size)
        self._tell("quality", count, count)
        return found.attributes() if found is not None else {}

    def _tell(self, stage: str, done: int, total: int | None = None) -> None:
        self._report(Progress(f"{self._label}: {stage}", done, self._cache.n if total is None else total, "sentence"))

    def _steps(self, done: int, total: int) -> None:
        if done == total or done % 5 == 0:
            self._report(Progress(f"{self._label}: layout", done, total, "step"))


def _scaled_start(start: Floats, seed: int) -> Floats:
    """The start in the size UMAP likes: at most 10 from the middle, with a little seeded noise so that no two agree."""
    centred = start - start.mean(axis=0)
    largest = np.abs(centred).max()
    noise = np.random.default_rng(seed).normal(scale=1e-4, size=start.shape)
    scaled: Floats = (centred * (10.0 / largest if largest > 0 else 0.0) + noise).astype(np.float32)
    return scaled


def _landmarks(n: int, config: ProjectionConfig) -> NDArray[np.bool_]:
    """(n,) which sentences the map is fitted on: all, or a seeded sample that is the same for every variant."""
    if n <= config.landmarks:
        return np.ones(n, dtype=bool)
    chosen = np.zeros(n, dtype=bool)
    chosen[np.random.default_rng(config.seed).choice(n, config.landmarks, replace=False)] = True
    return chosen
