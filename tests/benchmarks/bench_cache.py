"""A cache of a million sentences in four variants with all its latents: writing it, opening it, changing its maps.

Changing maps is held against what was done before: the cache is copied, the copy changed, flushed and moved over it.
Opening is held against plain h5py calls that read the same numbers.

    python -m tests.benchmarks.bench_cache
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

from engine.storage.cache_maps import add_projections, delete_projections, rename_projections
from engine.storage.latent_cache import LatentCache
from tests.benchmarks import large_cache
from tests.benchmarks.apart import apart
from tests.benchmarks.bench_map import cloud
from tests.benchmarks.size import FULL, Size
from tests.benchmarks.timing import hardware, line

CASES = ("write", "open", "until its maps can be drawn", "add a map", "rename", "delete")


def seconds(action: Callable[[], object]) -> float:
    """Wall-clock time of one call."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def copied(path: Path, points: np.ndarray, name: str) -> None:
    """Add maps to a cache as before: to a copy of it, which is flushed and moved over it."""
    scratch = path.with_name("scratch")
    shutil.copyfile(path, scratch)
    with h5py.File(scratch, "r+") as file:
        for variant in large_cache.VARIANTS:
            file["variants"][variant]["projections"].create_dataset(name, data=points, chunks=True, fletcher32=True)
    with open(scratch, "rb+") as handle:
        os.fsync(handle.fileno())
    os.replace(scratch, path)


def opened(path: str) -> float:
    """Seconds until the maps of a cache can be drawn, in this process."""
    from app.run.atlas import read_atlas

    return seconds(lambda: read_atlas(LatentCache.open(Path(path))).cache.close())


def read_plainly(path: str) -> float:
    """Seconds that h5py takes for lengths, KL and maps alone, in this process."""

    def read() -> None:
        with h5py.File(path) as file:
            assert len(file["words"][:])
            for variant in file["variants"].values():
                assert len(variant["kl"][:]) == len(variant["projections/umap"][:])

    return seconds(read)


def main(size: Size = FULL) -> None:
    """Print the measurements."""
    print(hardware())
    n = size.of(1_000_000, 2_000)
    points, _ = cloud(n)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.h5"
        took = seconds(lambda: large_cache.made(path, n, latents=True))
        line(f"write {n:,} x 4 ({path.stat().st_size / 1e6:,.0f} MB)", took, unit="s")
        line("open", 1e3 * seconds(lambda: LatentCache.open(path).close()))
        plainly = apart(read_plainly, str(path))
        line("open until its maps can be drawn", apart(opened, str(path)), plainly, "plain h5py", "s")
        before = seconds(lambda: copied(path, points, "before"))
        maps = {variant: (points, {"method": "tsne"}) for variant in large_cache.VARIANTS}
        way = "copying the cache"
        line("add a map", 1e3 * seconds(lambda: add_projections(path, maps, "tsne")), 1e3 * before, way)
        line("rename a map", 1e3 * seconds(lambda: rename_projections(path, "tsne", "mine")), 1e3 * before, way)
        line("rename one within", 1e3 * seconds(lambda: rename_projections(path, "umap", "first")), 1e3 * before, way)
        line("delete a map", 1e3 * seconds(lambda: delete_projections(path, "mine")), 1e3 * before, way)


if __name__ == "__main__":
    main()
