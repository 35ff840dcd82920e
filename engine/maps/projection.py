"""Maps of the latent spaces in two dimensions, made so that they can be compared.

Every variant's map starts from the same place, the first two principal components of all variants' mu side by side,
and is turned (rotated or mirrored, never stretched) back onto that start when it is finished. What differs between two
maps then differs between the variants. Maps of more than `landmarks` sentences are fitted on a seeded sample; the other
sentences lie at the weighted mean of their nearest sampled ones. `place` puts new points on an existing map.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Generator, Iterator, Mapping, Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from engine.config import ProjectionConfig
from engine.errors import LoomError
from engine.events import Done, Event, Note, Progress
from engine.maps.alignment import Blocks, principal_axes, turned_onto
from engine.maps.neighbours import interpolated, nearest, nearest_plain, neighbours_within
from engine.maps.numba_cache import give_numba_a_folder
from engine.storage.cache_writer import add_projections
from engine.storage.latent_cache import LatentCache, blocks

EPOCHS = 200
"""UMAP's steps. Its own 500 for small sets take 2.5 times as long; the start here is already in order."""
PLACING_NEIGHBOURS = 5
"""Sentences that decide where another point lies."""
COLLAPSED = 1e-6
"""Spread of mu (in prior standard deviations) below which a variant tells its sentences apart by rounding only."""
REFERENCE_ROWS = 50_000
"""Sentences of a map that new points are compared with, at most, so that placing them stays quick."""
SAME = 1e-4
"""Difference, in units of the spread, below which two points are one: copies of a sentence differ by rounding only."""
TOO_FEW_FOR_UMAP = 5
"""Below this a neighbourhood is everything there is."""

Floats = NDArray[np.float32]
_PLACERS: WeakKeyDictionary[LatentCache, dict[tuple[str, str], Placer]] = WeakKeyDictionary()


def project(cache_path: Path, variants: Sequence[str] | None, config: ProjectionConfig) -> Iterator[Event]:
    """Make a map per variant and add it to the cache under `config.name`.

    Maps that are there with the same settings and models are kept. When stopped, finished ones are kept too.

    Args:
        cache_path: the run's cache.
        variants: those to map; None for all.
        config: method and settings.

    Yields:
        Progress and Note; last Done with path, projection, variants and seconds.

    Raises:
        LoomError: no cache, no such variant, no sentences, or the cache cannot be written.
    """
    began = time.perf_counter()
    maps: dict[str, tuple[Floats, Mapping[str, Any]]] = {}
    made_from: dict[str, str] = {}
    with LatentCache.open(cache_path) as cache:
        chosen = tuple(cache.variants if variants is None else dict.fromkeys(variants))
        settings = _settings(cache, config)
        made_from |= {variant: cache.info(variant).model_fingerprint for variant in chosen}
        if not cache.n:
            raise LoomError(
                f"{cache_path} holds no sentences to map.", f"Encode again: python main.py encode {cache.run}"
            )
        missing = [variant for variant in chosen if not _is_there(cache, variant, config.name, settings)]
        for variant in (variant for variant in chosen if variant not in missing):
            yield Note(f"{cache.info(variant).label}: the map is there already, made with the same settings.")
        try:
            if missing:
                yield Progress("shared start of the maps", 0, cache.n, "sentence")
                everything = _side_by_side(cache, cache.variants)
                start = principal_axes(everything).coordinates(everything)
                yield Progress("shared start of the maps", cache.n, cache.n, "sentence")
                for variant in missing:
                    coordinates = yield from _map(cache, variant, start, config)
                    maps[variant] = coordinates, settings
        except (LoomError, KeyboardInterrupt, GeneratorExit):
            cache.close()
            _keep(cache_path, maps, config, made_from)
            raise
    _keep(cache_path, maps, config, made_from)
    seconds = round(time.perf_counter() - began, 3)
    yield Done({"path": str(cache_path), "projection": config.name, "variants": list(chosen), "seconds": seconds})


class Placer:
    """Puts new latent points on one variant's map. Reads the map once; needs numpy only.

    Args:
        cache: the run's cache.
        variant: whose latent space the points are in.
        name: of the map.

    Raises:
        LoomError: no such variant or map.
    """

    def __init__(self, cache: LatentCache, variant: str, name: str) -> None:
        coordinates = cache.projection(variant, name)
        step = max(1, -(-cache.n // REFERENCE_ROWS))
        self._mu = cache.mu(variant, slice(0, cache.n, step))
        self._coordinates = coordinates[::step]

    def place(self, points: NDArray[Any], k: int = PLACING_NEIGHBOURS) -> Floats:
        """(m, 2) coordinates of (m, latent) points: the inverse-distance weighted mean of their k nearest sentences."""
        indices, distances = nearest_plain(np.asarray(points, dtype=np.float32), self._mu, k)
        return interpolated(self._coordinates, indices, distances)


def place(points: NDArray[Any], cache: LatentCache, variant: str, name: str, k: int = PLACING_NEIGHBOURS) -> Floats:
    """Put new latent points on an existing map. What it reads of the map is kept as long as the cache is open.

    Args:
        points: (m, latent).
        cache: the run's cache.
        variant: whose latent space the points are in.
        name: of the map.
        k: neighbours that decide.

    Returns:
        (m, 2).

    Raises:
        LoomError: no such variant or map.
    """
    placers = _PLACERS.setdefault(cache, {})
    if (variant, name) not in placers:
        placers[variant, name] = Placer(cache, variant, name)
    return placers[variant, name].place(points, k)


def _keep(
    path: Path,
    maps: Mapping[str, tuple[Floats, Mapping[str, Any]]],
    config: ProjectionConfig,
    made_from: Mapping[str, str],
) -> None:
    if maps:
        add_projections(path, maps, config.name, made_from)


def _settings(cache: LatentCache, config: ProjectionConfig) -> dict[str, Any]:
    """What makes a map what it is, besides the variant; kept as the map's attributes."""
    models = [f"{name} {cache.info(name).model_fingerprint}" for name in cache.variants]
    method = config.method if cache.n >= TOO_FEW_FOR_UMAP else "pca"
    settings: dict[str, Any] = {"method": method, "aligned_to": sha256("\n".join(models).encode()).hexdigest()}
    if method == "umap":
        settings |= config.model_dump(include={"neighbours", "min_dist", "seed", "landmarks"})
        settings |= {"library": "umap-learn", "library_version": version("umap-learn")}
    else:
        settings |= {"library": "numpy", "library_version": np.__version__}
    return settings


def _is_there(cache: LatentCache, variant: str, name: str, wanted: Mapping[str, Any]) -> bool:
    """Whether there is such a map of such settings, whole: a damaged one is made again."""
    try:
        if name not in cache.projections(variant):
            return False
        kept = cache.projection_settings(variant, name)
        cache.projection(variant, name)
    except LoomError:
        return False
    return all(kept.get(key) == value for key, value in wanted.items())


def _side_by_side(cache: LatentCache, variants: Sequence[str]) -> Blocks:
    """The variants' mu as blocks of (b, len(variants) * latent)."""
    return lambda: (np.hstack([cache.mu(variant, rows) for variant in variants]) for rows in blocks(cache.n))


def _map(cache: LatentCache, variant: str, start: Floats, config: ProjectionConfig) -> Generator[Event, None, Floats]:
    """(n, 2) coordinates of one variant's sentences, turned onto the shared start."""
    label = cache.info(variant).label
    spread = float(np.sqrt(cache.variance(variant).sum()))
    if spread < COLLAPSED:
        yield Note(f"{label}: all sentences have the same mu, so its map is a single point.", "warning")
        return np.zeros((cache.n, 2), np.float32)
    if config.method == "umap" and cache.n >= TOO_FEW_FOR_UMAP:
        return (yield from _umap(cache, variant, start, config, spread))
    if config.method == "umap":
        yield Note(f"{label}: {cache.n} sentences are too few for UMAP; the map shows principal components.")
    yield Progress(f"{label}: principal components", 0, cache.n, "sentence")
    points = _side_by_side(cache, [variant])
    coordinates = turned_onto(principal_axes(points).coordinates(points), start)
    yield Progress(f"{label}: principal components", cache.n, cache.n, "sentence")
    return coordinates


def _umap(
    cache: LatentCache, variant: str, start: Floats, config: ProjectionConfig, spread: float
) -> Generator[Event, None, Floats]:
    """(n, 2) by UMAP on the landmarks; the other sentences by their nearest landmarks."""
    n, label = cache.n, cache.info(variant).label
    chosen = _landmarks(n, config)
    points = np.concatenate([cache.mu(variant, rows)[chosen[rows]] for rows in blocks(n)])
    # UMAP looks at ratios of distances only. In units of their spread, nearly equal points keep their digits.
    mean = points.mean(axis=0, dtype=np.float64)
    points = ((points - mean) / spread).astype(np.float32)
    count = len(points)
    yield Progress(f"{label}: neighbours", 0, count, "sentence")
    first, of_first = _one_of_each(points)
    if len(first) < TOO_FEW_FOR_UMAP:
        first = of_first = np.arange(count)
    neighbours = neighbours_within(points[first], min(config.neighbours, len(first) - 1))
    yield Progress(f"{label}: neighbours", count, count, "sentence")
    yield Progress(f"{label}: layout", 0, count, "sentence")
    begin = _scaled_start(start[chosen], config.seed)[first]
    layout = turned_onto(_fit_umap(points[first], neighbours, begin, config)[of_first], start[chosen])
    yield Progress(f"{label}: layout", count, count, "sentence")
    if count == n:
        return layout
    coordinates = np.empty((n, 2), np.float32)
    for rows in blocks(n):
        yield Progress(f"{label}: other sentences", rows.start, n, "sentence")
        block = ((cache.mu(variant, rows) - mean) / spread).astype(np.float32)
        coordinates[rows] = interpolated(layout, *nearest(block, points, PLACING_NEIGHBOURS))
    coordinates[chosen] = layout
    yield Progress(f"{label}: other sentences", n, n, "sentence")
    return coordinates


def _one_of_each(points: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which points stand for all, where copies of a sentence have the same point but for rounding.

    UMAP would pull many copies apart into an island: each finds its nearest neighbours among other copies only.

    Args:
        points: (n, latent), in units of their spread.

    Returns:
        (m,) the points that stand for others, and (n,) which of these stands for each point.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    # Equal in one of two grids, as what differs by rounding may lie on either side of the edge of a cell.
    n = len(points)
    scaled = points.astype(np.float64) / SAME
    cells = [np.unique(np.floor(scaled + shift), axis=0, return_inverse=True)[1].ravel() for shift in (0.0, 0.5)]
    ends = n + np.concatenate([cells[0], cells[1] + n])
    links = coo_array((np.ones(2 * n, np.bool_), (np.tile(np.arange(n), 2), ends)), shape=(3 * n, 3 * n))
    group = connected_components(links, directed=False)[1][:n]
    _, first, of_first = np.unique(group, return_index=True, return_inverse=True)
    return first, of_first


def _fit_umap(points: Floats, neighbours: tuple[Any, Floats], start: Floats, config: ProjectionConfig) -> Floats:
    """(n, 2) UMAP layout from given neighbours; with them, UMAP need not compile its own search (45 s and more)."""
    give_numba_a_folder()
    import umap

    indices, distances = neighbours
    with warnings.catch_warnings():
        # It tells that `transform` cannot be used; new points are placed by `place` instead.
        warnings.filterwarnings("ignore", message=r"precomputed_knn\[2\]", category=UserWarning)
        fitted = umap.UMAP(
            n_neighbors=indices.shape[1],
            min_dist=config.min_dist,
            n_epochs=EPOCHS,
            init=start,
            random_state=config.seed,
            n_jobs=1,  # what a seed asks for anyway
            precomputed_knn=(indices, distances, None),
        ).fit(points)
    layout: Floats = fitted.embedding_
    return layout


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
