"""A latent cache of millions of sentences, written quickly, and what it takes to open it with four maps.

Sentences, numbers and maps are written as `encode` writes them. The latents are left unwritten unless they are asked
for, so that the file takes a tenth of the disk: whoever read them would get zeros. What is told of them beneath the
maps lies beside them.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

from engine.storage.cache_writer import write_cache
from engine.storage.hdf5_writing import set_attributes
from engine.storage.latent_cache import LatentCache, VariantInfo
from tests.benchmarks.bench_map import cloud
from tests.benchmarks.map_window import MapWindow

VARIANTS = ("vae", "autogen-m1", "autogen-m2", "autogen-m4")
LATENT = 32
AT_ONCE = 1 << 18


def made(path: Path, n: int, latents: bool = False) -> Path:
    """The file, of n sentences; `latents` says whether it has their mu and logvar, in forty clumps."""
    random = np.random.default_rng(0)
    lengths = random.integers(5, 17, n).astype(np.int16)
    texts = (f"Sentence {i} of a great many of them." for i in range(n))
    points, _ = cloud(n)
    fingerprint = "0" * 64
    with write_cache(
        path, run="large", corpus_fingerprint=fingerprint, latent=LATENT, sentences=texts, words=lengths
    ) as writer:
        for position, name in enumerate(VARIANTS):
            writer.start_variant(VariantInfo(name, name, "#56B4E9", float(position), fingerprint, position))
            if latents:
                for arrays in _latents(n, position):
                    writer.append(**arrays)
                writer.add_projection(name, "umap", np.roll(points, 1000 * position, axis=0), {"method": "umap"})
                continue
            group = writer._file["variants"][name]
            for start in range(0, n, AT_ONCE):
                rows = min(AT_ONCE, n - start)
                group["kl"][start : start + rows] = random.uniform(0, 20, rows)
                group["nll"][start : start + rows] = random.uniform(5, 60, rows)
            group.create_dataset("per_dimension", data=np.stack((np.full(LATENT, 0.5), np.full(LATENT, 0.3))))
            set_attributes(group, mean_kl=10.0, mean_nll=32.5)
            writer._written[name] = n
            writer.add_projection(name, "umap", np.roll(points, 1000 * position, axis=0), {"method": "umap"})
    return path


def _latents(n: int, seed: int) -> Iterator[dict[str, np.ndarray]]:
    """mu, logvar, nll and kl of a variant, a block of sentences at a time."""
    random = np.random.default_rng(seed)
    middles = random.normal(size=(40, LATENT)).astype(np.float32)
    for start in range(0, n, AT_ONCE // 8):
        rows = min(AT_ONCE // 8, n - start)
        mu = middles[random.integers(0, 40, rows)]
        mu += 0.4 * random.standard_normal((rows, LATENT), dtype=np.float32)
        logvar = 0.2 * random.standard_normal((rows, LATENT), dtype=np.float32) - 2
        yield {"mu": mu, "logvar": logvar, "nll": random.uniform(5, 60, rows), "kl": random.uniform(0, 20, rows)}


def opened(path: str, times: int, before: int) -> dict[str, object]:
    """Open it in this process and look at its maps: seconds until it is open, frames, picks, and the peak of memory."""
    from app.run.atlas import read_atlas

    start, working = time.perf_counter(), time.process_time()
    atlas = read_atlas(LatentCache.open(Path(path)))
    seconds, working = time.perf_counter() - start, time.process_time() - working
    assert all(len(numbers.coords) == atlas.n for numbers in atlas.numbers.values() if numbers.coords is not None)
    window = MapWindow(
        [np.asarray(atlas.numbers[name].coords) for name in VARIANTS], [atlas.numbers[name].kl for name in VARIANTS]
    )
    few = max(2, times // 10)
    window.frames(few, 0)
    picks = window.picks(10 * times)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    frames = window.frames(times, before)
    window.close()
    atlas.close()
    return {"open": seconds, "work": working, "picks": picks, "peak": peak, **asdict(frames)}
