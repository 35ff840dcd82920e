"""How much a benchmark measures: everything, for `make bench`, or a little of everything, for the tests.

A benchmark is a module `bench_*.py` with two names. `main(size)` prints its figures by `timing.line`. `CASES` are the
things it measures: words of which each is in the name of at least one figure. Nothing lists the modules; they are
found by their names.

In the small size a benchmark goes through the same code with the same checks in a few seconds: a tiny run, few points,
one repetition. `test_benchmarks.py` runs every benchmark so. Its figures say nothing about speed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from engine.workspace import CHECKOUT, Workspace

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Size:
    """Full or small, and whose models are asked.

    Attributes:
        small: whether little is measured.
        run: the name of the run.
        given: a workspace with the run, its text, its latents and its maps; None where a benchmark makes do with the
            packaged demo.
    """

    small: bool = False
    run: str = "demo"
    given: Workspace | None = None

    def of(self, full: T, small: T) -> T:
        """What this size takes of the two."""
        return small if self.small else full

    def times(self, full: int) -> int:
        """How often something is repeated."""
        return self.of(full, 1)

    @property
    def workspace(self) -> Workspace:
        """Where the run is found."""
        return self.given or Workspace()


FULL = Size()


@contextmanager
def mapped(size: Size) -> Iterator[Workspace]:
    """A workspace in which the run has its latents and maps: the given one, or one that is gone afterwards."""
    if size.given is not None:
        yield size.given
        return
    with tempfile.TemporaryDirectory() as scratch:
        for command in ("encode", "project"):
            subprocess.run(
                [sys.executable, CHECKOUT / "main.py", command, size.run, "--workspace", scratch, "--quiet"],
                check=True,
                stdout=subprocess.DEVNULL,
            )
        yield Workspace(Path(scratch))
