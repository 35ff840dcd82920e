"""What every trial works with: copies of the tiny workspace, and what undisturbed commands make of it."""

from __future__ import annotations

import importlib
import shutil
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.stress import tiny
from tests.stress.children import Ended, command
from tests.stress.commands import Command
from tests.stress.contents import Contents, contents
from tests.stress.steps import StopAt
from tests.stress.verdicts import document


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What commands do to the tiny workspace when nothing goes wrong.

    Attributes:
        ended: how they ended.
        codes: of each.
        answer: the JSON of the last.
        after: what the workspace holds then.
    """

    ended: Ended
    codes: tuple[int, ...]
    answer: Any
    after: Contents


@dataclass(slots=True)
class Laboratory:
    """A folder of one's own for trials.

    Args:
        folder: an empty one; all copies and outputs go below it.
        umap: whether trials with UMAP are made.
    """

    folder: Path
    umap: bool = True
    before: Contents = field(default_factory=dict)
    _known: dict[tuple[str, ...], Undisturbed] = field(default_factory=dict)
    _tried: set[str] = field(default_factory=set)
    _worker: str = "0"
    _count: int = 0

    @property
    def base(self) -> Path:
        """The tiny workspace that copies are made of."""
        return self.folder / "base"

    @property
    def sources(self) -> Path:
        """The folder of the texts that its corpora are prepared from."""
        return self.folder / "sources"

    def prepare(self, sequences: Iterable[Sequence[Command]]) -> None:
        """Make the workspace, and find out what these commands do undisturbed, each sequence by itself.

        Raises:
            RuntimeError: the workspace could not be made.
        """
        if self.umap:
            _compile_umap()
        tiny.make(self.base, self.sources, self.scratch(), self.umap)
        self.before = contents(self.base, self.scratch())
        for each in sequences:
            self.undisturbed(each)

    def as_worker(self, number: int) -> None:
        """Let names of copies not meet those of other workers."""
        self._worker, self._count = str(number), 0

    def scratch(self) -> Path:
        """A path for a folder that is not there yet."""
        self._count += 1
        return self.folder / self._worker / f"s{self._count}"

    @contextmanager
    def copy(self) -> Iterator[Path]:
        """A copy of the tiny workspace, removed at the end with all output of its trial."""
        root = self.folder / self._worker / "w"
        tiny.copy(self.base, root)
        try:
            yield root
        finally:
            shutil.rmtree(self.folder / self._worker, ignore_errors=True)

    def run(
        self, words: Command | Sequence[str], root: Path, stop_at: StopAt | None = None, kill_after: float | None = None
    ) -> Ended:
        """Run one command in a workspace."""
        line = words.line(root, self.sources) if isinstance(words, Command) else words
        return command(line, self.scratch(), root, stop_at, kill_after)

    def holds(self, root: Path) -> Contents:
        """What a workspace holds."""
        return contents(root, self.scratch())

    def undisturbed(self, sequence: Sequence[Command]) -> Undisturbed:
        """What these commands, one after the other, do to the tiny workspace; found out once."""
        key = tuple(each.key for each in sequence)
        while key not in self._known:
            with self.copy() as root:
                ended = [self.run(each, root) for each in sequence]
                if self._load_what_was_loaded(root):
                    continue  # its time was the time of imports
                answer = document(ended[-1], str(root))
                codes = tuple(each.code for each in ended)
                self._known[key] = Undisturbed(ended[-1], codes, answer, self.holds(root))
        return self._known[key]

    def _load_what_was_loaded(self, root: Path) -> bool:
        """Import here what commands have imported in children, so that trials need not; whether that was anything."""
        names = {
            name for listed in root.parent.glob("s*/modules") for name in listed.read_text().splitlines()
        } - self._tried
        names -= sys.modules.keys()
        self._tried |= names
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name in sorted(names):
                with suppress(Exception):  # what cannot be imported here, a command imports by itself
                    importlib.import_module(name)
        return bool(names)


def _compile_umap() -> None:
    """Have UMAP compiled once, in this process; every child then has it."""
    import numpy as np
    import umap

    points = np.random.default_rng(0).standard_normal((40, 4), dtype=np.float32)
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    nearest = np.argsort(apart, axis=1)[:, :9].astype(np.int32)
    distances = np.take_along_axis(apart, nearest, axis=1).astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        umap.UMAP(
            n_neighbors=9,
            n_epochs=20,
            init=points[:, :2].copy(),
            random_state=0,
            n_jobs=1,
            precomputed_knn=(nearest, distances, None),
        ).fit(points)
