"""Every benchmark, one after the other: `make bench`."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as main.py does, before torch is loaded

from tests.benchmarks import (
    bench_decode,
    bench_drag,
    bench_map,
    bench_neighbours,
    bench_sentences,
    bench_stalls,
    bench_start,
    bench_train,
)

for benchmark in (
    bench_start,
    bench_stalls,
    bench_drag,
    bench_decode,
    bench_sentences,
    bench_train,
    bench_map,
    bench_neighbours,
):
    print(f"\n{benchmark.__name__.rsplit('.', 1)[-1]}")
    benchmark.main()
