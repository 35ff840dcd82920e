"""Training, encoding and decoding on one NVIDIA GPU, today's way beside graphs, within four minutes: `make bench-gpu`.

    python -m tests.benchmarks.on_gpu

It needs no network: the text is made from a seed. Without a GPU it ends with code 2. The way of before is started
kernel by kernel, with the output layer in float32 passes. The last line is JSON; `losses_agree` says whether the curves
of the first steps meet those of the eager way in float32 within `AT_ONE_LINE` and `ON_AVERAGE`, which are printed with
them, and whether a training that was stopped half-way and resumed goes on along the same curve.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from engine.decoding.options import DecodeOptions
from engine.device import choose_device, device_name
from engine.errors import UsageError
from engine.models.widening import MULTIPLE
from engine.runs.run import Run
from tests.benchmarks.timing import hardware
from tests.benchmarks.trained_on_gpu import Bench, Sizes, as_before, forget, without_kernel

AT_ONE_LINE = 0.01
"""Share by which the loss of one log line may differ: products in bf16 are rounded to a share of 0.004."""
ON_AVERAGE = 0.003
"""The same of the mean over all lines and variants, in which rounding cancels out and a mistake does not."""


END = 225.0
"""Seconds by which every part is to be done, as the start has taken some before."""
KEYS = (
    *("card", "eager_ms", "graph_ms", "tokens_per_s", "encode_sentences_per_s", "greedy_sentences_per_s"),
    *("beam10_sentences_per_s", "peak_gib", "losses_agree"),
)


def agree(plain: dict[str, list[float]], other: dict[str, list[float]]) -> bool:
    """Whether two sets of curves are the same but for rounding."""
    if any(len(curve) != len(other[name]) for name, curve in plain.items()):
        return False
    first, second = (np.array([curves[name] for name in plain]) for curves in (plain, other))
    if not np.isfinite(second).all():
        return False
    differences = (second - first) / np.abs(first)
    return bool(np.abs(differences).max() <= AT_ONE_LINE and abs(differences.mean()) <= ON_AVERAGE)


def print_curves(curves: dict[str, dict[str, list[float]]]) -> None:
    """One line every ten steps: of each variant the loss in every way."""
    ways = list(curves)
    print(f"\nloss, nats a sentence, means of ten steps: {', '.join(ways)}")
    print(f"agree within {AT_ONE_LINE:.1%} at a line and {ON_AVERAGE:.1%} on average, which is what bf16 explains")
    names = list(curves[ways[0]])
    for line in range(len(curves[ways[0]][names[0]])):
        cells = ("  ".join(f"{curves[way][name][line]:9.3f}" for way in ways) for name in names)
        print(f"{10 * (line + 1):5d}  " + "   |".join(cells))
    print(f"       {' | '.join(names)}", flush=True)


class Parts:
    """Parts of a measurement, of which one that fails or comes too late leaves the others their turn."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._planned = self._taken = 0.0
        self.missing: list[str] = []

    def say(self, text: str) -> None:
        """Print a line with the time it was reached at."""
        print(f"[{time.perf_counter() - self._began:5.1f} s] {text}", flush=True)

    @contextmanager
    def part(self, name: str, seconds: float) -> Iterator[bool]:
        """Give whether there is time for a part; what goes wrong in it is printed.

        Args:
            name: of the part.
            seconds: that it takes on an H100; where the parts before took longer than theirs, so will this one.
        """
        begun = time.perf_counter()
        slower = max(1.0, self._taken / self._planned) if self._planned else 1.0
        late = begun - self._began + slower * seconds > END
        if late:
            self.missing.append(name)
            self.say(f"no time for {name}")
        try:
            yield not late
        except Exception:  # noqa: BLE001  it is printed, and the last line says what is missing
            self.missing.append(name)
            self.say(f"{name} failed:\n{traceback.format_exc()}")
        if not late:
            self._planned += seconds
            self._taken += time.perf_counter() - begun


def measure(sizes: Sizes, root: Path, device: torch.device) -> tuple[dict[str, Any], list[str]]:
    """Print everything; gives what the last line says, None for what is missing, and the parts that are."""
    parts = Parts()
    say = parts.say
    bench = Bench(sizes, root, device)
    say(f"text of {len(bench.corpus.train):,} sentences, {len(bench.corpus.vocabulary):,} words")
    rows, spread = bench.over_the_text()
    found: dict[str, Any] = dict.fromkeys(KEYS)
    found |= {"card": device_name(device), "graph_ms": dict.fromkeys((*map(str, sizes.fixed), "corpus"))}
    with parts.part("the usual way over the text", 10) as timely:
        if timely:
            with as_before():
                eager = bench.speed(rows, "eager-corpus", "eager", spread)
            found["eager_ms"] = round(eager["ms"], 3)
            say(f"over the text: {eager['ms']:.2f} ms before ({eager['tokens_per_s']:,.0f} tokens/s)")
    with parts.part("graphs over the text", 15) as timely:
        if timely:
            graphs = bench.speed(rows, "graphs-corpus", "apart", spread)
            _take(found, {"corpus": graphs})
            say(f"over the text: {graphs['ms']:.2f} ms by graphs ({graphs['tokens_per_s']:,.0f} tokens/s)")
    for length in sizes.fixed:
        with parts.part(f"{length} words", 9) as timely:
            if timely:
                with as_before():
                    eager = bench.speed(bench.of_length(length), f"eager-{length}", "eager", 1.0)
                graphs = bench.speed(bench.of_length(length), f"graphs-{length}", "apart", 1.0)
                _take(found, {str(length): graphs})
                say(f"{length:2d} words: {eager['ms']:.2f} ms before, {graphs['ms']:.2f} ms by graphs")
    curves = _curves(bench, parts, found)
    path, greedy = bench.workspace.new_run("curve-graphs"), DecodeOptions(method="greedy")
    for name, rate in (
        ("encode", lambda: bench.encoded(Run.open(path))),
        ("greedy", lambda: bench.decoded(Run.open(path), greedy, sizes.decoded)),
        ("beam10", lambda: bench.decoded(Run.open(path), DecodeOptions(beam=10), sizes.decoded // 4)),
    ):
        with parts.part(name, 8) as timely:
            if timely:
                found[f"{name}_sentences_per_s"] = round(rate(), 1)
                say(f"{name}: {found[f'{name}_sentences_per_s']:,} sentences/s")
    with parts.part("one sentence at a time", 8) as timely:
        if timely:
            mine, on_cpu = bench.one_sentence(Run.open(path))
            say(f"one z in every variant, greedily and by beam 10: {mine:.1f} ms, {on_cpu:.1f} on this CPU")
    say(f"so far {json.dumps(found)}")  # a profile, or what comes after it, may end the process
    faster = _together(bench, parts, found, curves)
    say(f"so far {json.dumps(found)}")
    with parts.part("profile", 12) as timely:
        if timely:
            bench.speed(rows, "profiled", faster, spread, profiled=True)
    # What each way gives by itself, as far as there is time.
    for name, change, multiple, other in (
        ("layers as wide as they are", nullcontext(), 1, spread),
        ("the output layer without its kernel", without_kernel(), MULTIPLE, spread),
        ("one length a batch", nullcontext(), MULTIPLE, 1.0),
        ("lengths up to 1.7 times the shortest", nullcontext(), MULTIPLE, 1.7),
    ):
        with parts.part(name, 15) as timely, change:
            if timely:
                its, _ = bench.over_the_text(other)
                graphs = bench.speed(its, name.replace(" ", "-"), faster, other, multiple)
                say(f"{name}: {graphs['ms']:.2f} ms by graphs ({graphs['tokens_per_s']:,.0f} tokens/s)")
    # cuDNN may take the layers of such a model in kernels that wait for each other's parts, and nobody has seen several
    # of them beside each other. Should they not get on, all that stands above has been said.
    with parts.part("layers that stay on the card", 10) as timely:
        if timely:
            its, other = bench.over_the_text(plan_of=sizes.other)
            graphs = bench.speed(its, "staying", "apart", other, plan_of=sizes.other)
            say(f"layers that stay on the card: {graphs['ms']:.2f} ms by graphs beside each other")
    return found, parts.missing


def _curves(bench: Bench, parts: Parts, found: dict[str, Any]) -> dict[str, dict[str, list[float]]]:
    """The losses of the first steps in several ways, and what memory a training takes as the command has it."""
    curves: dict[str, dict[str, list[float]]] = {}
    with parts.part("a curve by graphs", 12) as timely:
        if timely:
            curves["by graphs"] = bench.curve("curve-graphs", "apart")
            parts.say("curve by graphs")
    with parts.part("a curve of a resumed training", 22) as timely:
        if timely:
            # As a person trains: both ways in turns, until the faster one is known.
            forget(bench.device)
            curves["stopped and resumed"] = bench.curve("curve-resumed", "found", 3 * bench.sizes.curve // 4)
            if bench.device.type == "cuda":
                found["peak_gib"] = round(torch.cuda.max_memory_reserved(bench.device) / 2**30, 2)
            parts.say("curve of a resumed training")
    with parts.part("a curve of the eager way", 25) as timely:
        if timely:
            with as_before(single=True):
                curves["eager in float32"] = bench.curve("curve-eager", "eager")
            parts.say("curve of the eager way in float32")
            print_curves(curves)
            if len(curves) == 3:
                found["losses_agree"] = all(agree(curves["eager in float32"], curve) for curve in curves.values())
    return curves


def _together(
    bench: Bench, parts: Parts, found: dict[str, Any], curves: dict[str, dict[str, list[float]]]
) -> Literal["apart", "together"]:
    """Variants together beside variants apart; gives the faster way over the text.

    Its figures are taken where it is faster and its losses are right.
    """
    rows, spread = bench.over_the_text()
    speeds: dict[str, dict[str, float]] = {}
    for which, chosen, of in (
        ("corpus", rows, spread),
        *((str(length), bench.of_length(length), 1.0) for length in bench.sizes.fixed),
    ):
        with parts.part(f"variants together: {which}", 16 if which == "corpus" else 7) as timely:
            if timely:
                speeds[which] = bench.speed(chosen, f"together-{which}", "together", of)
                before = found["graph_ms"][which]
                parts.say(
                    f"{which}: {speeds[which]['ms']:.2f} ms together, {before or math.nan:.2f} ms beside each other"
                )
    with parts.part("a curve of variants together", 12) as timely:
        plain = curves.get("eager in float32")
        if timely and plain is not None and "corpus" in speeds:
            curve = bench.curve("curve-together", "together")
            print_curves({"together": curve, "eager in float32": plain})
            right = agree(plain, curve)
            found["losses_agree"] = found["losses_agree"] is True and right
            if right and speeds["corpus"]["ms"] < (found["graph_ms"]["corpus"] or math.inf):
                _take(found, speeds)
                return "together"
    return "apart"


def _take(found: dict[str, Any], speeds: dict[str, dict[str, float]]) -> None:
    """Take what was measured by graphs, at a length or over the text, into what the last line says."""
    for which, graphs in speeds.items():
        found["graph_ms"][which] = round(graphs["ms"], 3)
        if which == "corpus":
            found["tokens_per_s"] = round(graphs["tokens_per_s"])


def lacking(found: dict[str, Any]) -> bool:
    """Whether a number of the last line is missing."""
    return None in found.values() or None in found["graph_ms"].values()


def main() -> int:
    """Measure on the GPU there is; 2 without one, 1 where a number of the last line is missing."""
    try:
        choose_device("cuda")
    except UsageError as error:
        print(
            f"There is no GPU to measure on: {error.message} It takes an NVIDIA GPU and a torch for it.",
            file=sys.stderr,
        )
        return 2
    print(hardware(), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        found, missing = measure(Sizes(), Path(folder), torch.device("cuda", torch.cuda.current_device()))
    if missing:
        print(f"missing: {', '.join(missing)}")
    print(json.dumps(found))
    return 1 if lacking(found) else 0


if __name__ == "__main__":
    sys.exit(main())
