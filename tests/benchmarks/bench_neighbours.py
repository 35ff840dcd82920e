"""Nearest test sentences in a cache of the demo's size and in one of a million sentences, 32 latent dimensions.

The reference reads all latents, compares in one go and sorts everything; both ways must find the same sentences.

    python -m tests.benchmarks.bench_neighbours
"""

from __future__ import annotations

import tempfile
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from engine.latents.concepts import concept
from engine.latents.directions import statistics
from engine.latents.neighbours import Distance, nearest
from engine.storage.cache_writer import write_cache
from engine.storage.latent_cache import LatentCache, VariantInfo
from tests.benchmarks.size import FULL, Size
from tests.benchmarks.timing import hardware, line, milliseconds

LATENT = 32
K = 10
DISTANCES: tuple[Distance, ...] = ("euclidean", "cosine", "posterior-kl")
CASES = (*DISTANCES, "memory", "KL and covariance", "concept")


def made_up(path: Path, n: int) -> Path:
    """A cache of n sentences with random latents."""
    random = np.random.default_rng(0)
    texts = (f"Sentence {i} of many." for i in range(n))
    with write_cache(
        path, run="bench", corpus_fingerprint="none", latent=LATENT, sentences=texts, words=np.full(n, 5)
    ) as writer:
        writer.start_variant(VariantInfo("vae", "VAE", "#112233", 0.0, "none"))
        for start in range(0, n, 50_000):
            rows = min(50_000, n - start)
            mu = random.normal(size=(rows, LATENT))
            logvar = random.normal(size=(rows, LATENT)) - 2
            writer.append(mu, logvar, random.uniform(1, 40, rows), random.uniform(0, 9, rows))
    return path


def at_once(cache: LatentCache, z: np.ndarray, logvar: np.ndarray, distance: Distance) -> np.ndarray:
    """The plain way, all in memory."""
    mu = cache.mu("vae").astype(np.float64)
    if distance == "euclidean":
        far = np.linalg.norm(mu - z, axis=1)
    elif distance == "cosine":
        far = 1 - mu @ z / np.linalg.norm(mu, axis=1) / np.linalg.norm(z)
    else:
        others = cache.logvar("vae").astype(np.float64)
        far = 0.5 * (np.exp(logvar - others) - 1 - logvar + others + np.square(mu - z) / np.exp(others)).sum(axis=1)
    return np.argsort(far, kind="stable")[:K]


def megabytes(action: Callable[[], object]) -> float:
    """Most memory that is taken meanwhile."""
    tracemalloc.start()
    action()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def main(size: Size = FULL) -> None:
    """Print the measurements."""
    print(hardware())
    with tempfile.TemporaryDirectory() as folder:
        for n in size.of((8_383, 1_000_000), (100, 300)):
            with LatentCache.open(made_up(Path(folder) / f"{n}.h5", n)) as cache:
                z, logvar = cache.mu("vae", slice(5, 6))[0], cache.logvar("vae", slice(5, 6))[0]
                for distance in DISTANCES:
                    ours = partial(nearest, cache, "vae", z, K, distance, logvar)
                    plain = partial(at_once, cache, z, logvar, distance)
                    assert ours().indices.tolist() == plain().tolist(), f"{distance}: other sentences are nearest"
                    times = size.times(5)
                    line(
                        f"{n:,} sentences, {distance}", milliseconds(ours, times), milliseconds(plain, times), "at once"
                    )
                    line("  memory", megabytes(ours), megabytes(plain), "at once", "MB")
                what = f"{n:,} sentences, KL and covariance"
                line(what, milliseconds(partial(statistics, cache, "vae"), size.times(3)))
    random = np.random.default_rng(0)
    pool = random.normal(size=(10_000, LATENT)).astype(np.float32)
    for members in size.of((5, 100, 2_000), (5, 20)):
        groups = pool[:members], pool[members : 2 * members] + 0.2
        taken = milliseconds(partial(concept, *groups, pool), size.times(3))
        line(f"concept of 2 x {members:,} sentences, 1,000 resamples", taken)


if __name__ == "__main__":
    main()
