"""The numbers of a training over its steps, as arrays that only ever grow at their end.

A snapshot is a view of the part that was filled when it was made, so that it costs nothing and may be read in another
thread while the training goes on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.config import Variant
from engine.training.schedules import implied_m

Split = Literal["train", "test"]
KEYS = (
    "elbo",
    "reconstruction",
    "kl",
    "kl_share",
    "elbo_kl_share",
    "objective",
    "implied_m",
    "kl_weight",
    "gradient_norm",
    "learning_rate",
    "tokens_per_second",
    "seconds",
    "memory",
    "active_units",
    "mutual_information",
    "mu_spread",
    "mean_sigma",
)
_COLUMN = {key: i for i, key in enumerate(KEYS)}
_RECENT = 40
"""Log lines over which the speed is taken."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Curve:
    """The terms of one variant on one split: `steps` (n,), and `values` (n, keys), NaN where a key was not logged."""

    steps: NDArray[np.int64]
    values: Floats

    def of(self, key: str) -> Floats:
        """(n,) one term over the steps. `implied_m` is infinite where the KL has no weight."""
        column: Floats = self.values[:, _COLUMN[key]]
        return column

    def at(self, key: str, step: float) -> float | None:
        """The term at the logged step nearest to `step`; None where there is none."""
        if not len(self.steps):
            return None
        value = float(self.of(key)[nearest(self.steps, step)])
        return None if math.isnan(value) else value


@dataclass(frozen=True, slots=True)
class Heat:
    """KL per dimension at each evaluation: `steps` (n,) and `kl` (n, latent) in nats."""

    steps: NDArray[np.int64]
    kl: Floats


@dataclass(frozen=True, slots=True)
class Curves:
    """What was logged of one variant; `start` is before the first step, where the spread of mu alone is known."""

    train: Curve
    test: Curve
    heat: Heat
    start: Curve = field(default_factory=lambda: Curve(np.empty(0, np.int64), np.empty((0, len(KEYS)), np.float32)))

    def spread(self, step: float) -> tuple[int, float, float] | None:
        """The measured step nearest to `step`, and there the spread of mu and the mean sigma; None without any."""
        nearby = [(curve, nearest(curve.steps, step)) for curve in (self.start, self.test) if len(curve.steps)]
        found = [(int(c.steps[i]), float(c.of("mu_spread")[i]), float(c.of("mean_sigma")[i])) for c, i in nearby]
        known = [each for each in found if not math.isnan(each[1] + each[2])]
        return min(known, key=lambda each: abs(each[0] - step), default=None)


class _Rows:
    """Rows of float32 with a step each, in buffers that double when they are full."""

    def __init__(self, width: int) -> None:
        self.n = 0
        self._steps = np.empty(64, np.int64)
        self._values = np.empty((64, width), np.float32)

    def add(self, step: int, values: Iterable[float]) -> None:
        if self.n == len(self._steps):
            self._steps = np.concatenate([self._steps, np.empty_like(self._steps)])
            self._values = np.concatenate([self._values, np.empty_like(self._values)])
        self._steps[self.n] = step
        self._values[self.n] = tuple(values)
        self.n += 1

    def view(self) -> tuple[NDArray[np.int64], Floats]:
        return self._steps[: self.n], self._values[: self.n]


class VariantCurves:
    """Takes the lines of a variant's metrics.jsonl."""

    def __init__(self, variant: Variant) -> None:
        self._variant = variant
        self._splits: dict[str, _Rows] = {name: _Rows(len(KEYS)) for name in ("train", "test", "start")}
        self._heat: _Rows | None = None
        self._heat_width = 0
        self.last_step = 0

    def take(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Add complete lines, in the order of the file. A line that makes no sense is passed over."""
        for line in lines:
            step, rows = line.get("step"), self._splits.get(str(line.get("split")))
            if not isinstance(step, int) or rows is None:
                continue
            rows.add(step, self._values(line, step))
            self.last_step = max(self.last_step, step)
            per_dimension = line.get("kl_per_dimension")
            if isinstance(per_dimension, list) and per_dimension:
                if self._heat is None:
                    self._heat, self._heat_width = _Rows(len(per_dimension)), len(per_dimension)
                if len(per_dimension) == self._heat_width:
                    self._heat.add(step, (_number(value) for value in per_dimension))

    def snapshot(self) -> Curves:
        """What there is now."""
        train, test, start = (Curve(*self._splits[name].view()) for name in ("train", "test", "start"))
        heat = Heat(*self._heat.view()) if self._heat is not None else Heat(_NO_STEPS, np.empty((0, 0), np.float32))
        return Curves(train, test, heat, start)

    def seconds_per_step(self) -> float | None:
        """Of late, evaluations and checkpoints included; None while it is not known."""
        steps, values = self._splits["train"].view()
        seconds = values[:, _COLUMN["seconds"]][-_RECENT:]
        recent = steps[-_RECENT:]
        if len(seconds) < 2 or np.isnan(seconds).any():
            return None
        resumed = np.nonzero(np.diff(seconds) <= 0)[0]  # the clock starts anew with each process
        first = int(resumed[-1]) + 1 if len(resumed) else 0
        passed = int(recent[-1] - recent[first])
        return float(seconds[-1] - seconds[first]) / passed if passed > 0 else None

    def _values(self, line: Mapping[str, Any], step: int) -> Iterable[float]:
        for key in KEYS:
            if key == "implied_m" and line["split"] == "train":
                # Written as null where it is infinite; runs of earlier versions do not log it.
                given = line[key] if key in line else implied_m(self._variant, step - 1)
                yield math.inf if given is None else _number(given)
            else:
                yield _number(line.get(key))


_NO_STEPS = np.empty(0, np.int64)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def nearest(steps: NDArray[np.int64], step: float) -> int:
    """The index of the entry of ascending `steps` that is nearest to `step`; there is at least one."""
    after = int(np.searchsorted(steps, step))
    if after == 0:
        return 0
    if after == len(steps):
        return after - 1
    return after if steps[after] - step < step - steps[after - 1] else after - 1


def thinned(x: NDArray[Any], y: Floats, limit: int) -> tuple[NDArray[Any], Floats]:
    """A curve with at most `limit` points that looks the same: the lowest and highest of each run of points stay.

    Args:
        x, y: (n,), x ascending. Points whose y is not finite are left out.
        limit: points, at least 4.

    Returns:
        (m,) and (m,), m <= limit.
    """
    finite = np.isfinite(y)
    x, y = x[finite], y[finite]
    if len(x) <= limit:
        return x, y
    size = -(-len(x) // (limit // 2))
    buckets = np.arange(0, len(x) - len(x) % size, size)
    body = y[: len(buckets) * size].reshape(len(buckets), size)
    low, high = buckets + body.argmin(axis=1), buckets + body.argmax(axis=1)
    kept = np.stack([np.minimum(low, high), np.maximum(low, high)], axis=1).ravel()
    kept = kept[np.concatenate([[True], np.diff(kept) > 0])]
    if len(x) % size and kept[-1] != len(x) - 1:
        kept = np.append(kept[: limit - 1], len(x) - 1)
    return x[kept], y[kept]
