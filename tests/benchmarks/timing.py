"""What the benchmarks share: medians of wall-clock times, and one way to print them."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable


def milliseconds(action: Callable[[], object], times: int) -> float:
    """Median wall-clock time of `action`, after one call that is not counted."""
    action()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return 1e3 * statistics.median(taken)


def line(what: str, ours: float, reference: float | None = None, of: str = "", unit: str = "ms") -> None:
    """Print a measurement, and how many times the reference takes of it (for rates: how many times as fast it is)."""
    text = f"{what:52s}{ours:12,.1f} {unit}"
    if reference is not None:
        ratio = reference / ours if unit in ("ms", "s", "MB") else ours / reference
        text += f"   {ratio:6.1f} x   reference {reference:,.1f} {unit}: {of}"
    print(text, flush=True)


def hardware() -> str:
    """The machine in one line."""
    import torch

    model = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as handle:
            model = next((text.split(":")[1].strip() for text in handle if text.startswith("model name")), model)
    device = f", {torch.cuda.get_device_name(0)}" if torch.cuda.is_available() else ""
    return f"{os.cpu_count()} cores ({model}){device}, Python {platform.python_version()}, torch {torch.__version__}"
