"""Maps for millions: frames, picking, opening a large cache, memory, and the first map.

    make bench-maps

A frame is what a person waits for from a turn of the wheel to the pictures of all linked maps on the screen, each of
450 x 450 pixels and drawn anew. Medians of a hundred, and the slowest of them. The reference is how the same views were
drawn before, by numpy and one map after the other, turn by turn with ours; for one map also pyqtgraph's scatter plot.
The last line is all of it as JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import h5py

from engine.runs.run import Run
from engine.storage.latent_cache import LatentCache
from engine.workspace import CHECKOUT
from tests.benchmarks import large_cache, map_window
from tests.benchmarks.apart import ENVIRONMENT, apart
from tests.benchmarks.bench_map import cloud, scatter_frame
from tests.benchmarks.size import FULL, Size, mapped
from tests.benchmarks.timing import hardware, line

CASES = ("4x10k", "1M", "4x1M", "4x6.5M", "ScatterPlotItem", "point under the pointer", "open", "peak", "first map")
PLAIN = """
import sys, time
start = time.perf_counter()
import h5py, numpy
with h5py.File(sys.argv[1]) as file:
    mu = file["variants"][sys.argv[2]]["mu"][:]
if sys.argv[3] == "umap":
    import umap
    made = umap.UMAP(n_neighbors=15, min_dist=0.1, random_state=0).fit_transform(mu)
else:
    from sklearn.decomposition import PCA
    made = PCA(2).fit_transform(mu)
assert made.shape == (len(mu), 2) and numpy.isfinite(made).all()
"""


def scatter(n: int, once: bool) -> float:
    """A frame of pyqtgraph's ScatterPlotItem of n points, in this process, in milliseconds."""
    from app.core import theme
    from app.launch import make_application

    application = make_application()
    theme.apply(application, "dark")
    return scatter_frame(application, cloud(n)[0], lambda times: 1 if once else times, map_window.SIDE)


def told(name: str, found: dict[str, Any], shown: dict[str, dict[str, float]]) -> None:
    """Print the frames of a case, and keep them for the last line."""
    for key, values in (("frame_ms", found["taken"]), ("before_frame_ms", found["before"])):
        shown[key][name] = round(statistics.median(values), 2)
    shown["frame_slowest_ms"][name] = round(max(found["taken"]), 2)
    line(f"{name}, a frame", shown["frame_ms"][name], shown["before_frame_ms"][name], "as drawn before")
    line(f"{name}, the slowest of {len(found['taken'])}", max(found["taken"]), max(found["before"]), "as drawn before")


def room_for(n: int, folder: str) -> int:
    """So many sentences, or a tenth of them where the disk has no room for their file, which is told."""
    needed = 250 * n
    if shutil.disk_usage(folder).free > 2 * needed:
        return n
    print(f"The disk has no room for {2 * needed / 1e9:.1f} GB: what is said of 6.5M is measured on a tenth of it.")
    return n // 10


def first_map(size: Size) -> tuple[float, float]:
    """Seconds of a process that makes the first map of a run, and of one that calls umap-learn as its manual does."""
    method = size.of("umap", "pca")
    with mapped(size) as workspace, tempfile.TemporaryDirectory() as scratch:
        run = Run.open(workspace.run(size.run))
        name, cache = run.variants[0].name, workspace.cache(size.run)
        for folder in ("runs", "corpora"):
            if (workspace.root / folder).is_dir():
                shutil.copytree(workspace.root / folder, Path(scratch) / folder)
        copy = Path(scratch) / "cached_latents" / cache.name
        copy.parent.mkdir()
        shutil.copyfile(cache, copy)
        with h5py.File(copy, "r+") as file:
            for group in file["variants"].values():
                group.pop("projections", None)  # those that are packaged with the demo
        command = [sys.executable, CHECKOUT / "main.py", "project", size.run, "--variants", name, "--method", method]
        ours = seconds([*command, "--workspace", scratch, "--quiet"])
        with LatentCache.open(copy) as held:
            assert method in held.projections(name), "the map was not made"
        return ours, seconds([sys.executable, "-c", PLAIN, str(cache), name, method])


def seconds(command: list[Any]) -> float:
    """Wall-clock time of a process."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT, cwd=CHECKOUT)
    return time.perf_counter() - start


def main(size: Size = FULL) -> None:
    """Print the measurements."""
    print(hardware())
    print(f"load of the machine: {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "")
    times, before = size.of(100, 2), size.of(12, 1)
    shown: dict[str, dict[str, float]] = {"frame_ms": {}, "frame_slowest_ms": {}, "before_frame_ms": {}}
    small, million, millions = size.of((10_000, 1_000_000, 6_500_000), (300, 2_000, 5_000))
    for name, n, maps in (("4x10k", small, 4), ("1M", million, 1), ("4x1M", million, 4)):
        told(name, apart(map_window.frames_of, n, maps, times, before), shown)
    plot = apart(scatter, million, size.small)
    line("1M, a frame beside ScatterPlotItem", shown["frame_ms"]["1M"], plot, "pyqtgraph's ScatterPlotItem")
    with tempfile.TemporaryDirectory() as folder:
        sentences = room_for(millions, folder)
        path = large_cache.made(Path(folder) / "large.h5", sentences)
        found = apart(large_cache.opened, str(path), times, before)
        file_mb = path.stat().st_size / 1e6
    told("4x6.5M", found, shown)
    pick = statistics.median(found["picks"])
    line("the point under the pointer, in 6.5M", pick)
    line("the point under the pointer, the slowest", max(found["picks"]))
    line(f"open {sentences:,} sentences x 4 ({file_mb:,.0f} MB without mu)", found["open"], unit="s")
    line("open, time of the processor", found["work"], unit="s")
    line("peak of memory with four maps of them", found["peak"] / 1e6, unit="MB")
    ours, plain = first_map(size)
    line(f"first map of {size.run}, a fresh process", ours, plain, "plain umap-learn", "s")
    numbers = {
        **shown,
        "pick_ms": round(pick, 4),
        "pick_slowest_ms": round(max(found["picks"]), 3),
        "open_s": round(found["open"], 3),
        "open_cpu_s": round(found["work"], 3),
        "opened_sentences": sentences,
        "peak_gb": round(found["peak"] / 1e9, 3),
        "scatterplotitem_frame_ms_1M": round(plot, 1),
        "first_map_s": round(ours, 2),
        "umap_learn_s": round(plain, 2),
    }
    print(json.dumps(numbers))


if __name__ == "__main__":
    main()
