"""What the benchmarks share: medians of wall-clock times, and one way to print them."""

from __future__ import annotations

import math
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


def line(
    what: str, ours: float, reference: float | None = None, of: str = "", unit: str = "ms", signed: bool = False
) -> None:
    """Print a measurement, and how many times the reference takes of it (for rates: how many times as fast it is).

    Args:
        what: is measured.
        ours: the measurement.
        reference: the same of what it is held against, if it is.
        of: the reference in words.
        unit: of both.
        signed: whether the measurement may be 0 or less, as a slope may.

    Raises:
        ValueError: a number is none that a clock or a count gives, so what is said was not measured.
    """
    for value in (ours, *([] if reference is None else [reference])):
        if not math.isfinite(value) or (value <= 0 and not signed):
            raise ValueError(f"{what.strip()}: {value} {unit} is no measurement.")
    text = f"{what:52s}{_digits(ours):>12s} {unit}"
    if reference is not None:
        ratio = reference / ours if unit in ("ms", "s", "MB") else ours / reference
        text += f"   {_digits(ratio):>6s} x   reference {_digits(reference)} {unit}: {of}"
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


def _digits(value: float) -> str:
    """One decimal, or two digits of what is less than that: no figure reads 0.0."""
    return f"{value:,.1f}" if abs(value) >= 1 else f"{value:.2g}"
