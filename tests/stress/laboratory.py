"""What every trial works with: copies of the tiny workspace, and what undisturbed commands make of it."""

from __future__ import annotations

import importlib
import json
import shutil
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.stress import tiny
from tests.stress.children import Ended, command, end, fork, wait_for
from tests.stress.commands import Command
from tests.stress.contents import Contents, contents
from tests.stress.steps import StopAt
from tests.stress.verdicts import document

LOADED_FIRST = ("engine.cli.app", "h5py", "torch._dynamo", "tests.conftest", "engine.evaluation.tables", "pandas")
"""What most commands need, so that not even the making of the workspace imports it in a child; the rest is learnt."""


LEARNT_FROM = ("train/fresh", "curves/svg", "table/objective-xlsx", "sample/nearest", "encode/all", "diagnose/small")
"""The commands that between them import what all of them do."""
LONGEST = 300.0
"""Seconds for all undisturbed commands."""


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

    def prepare(self, sequences: Sequence[Sequence[Command]], workers: int) -> None:
        """Make the workspace, and find out what these commands do undisturbed, each sequence by itself.

        This process learns from some of them what to import; the others are shared out to several.

        Raises:
            RuntimeError: the workspace could not be made.
        """
        for name in LOADED_FIRST:
            importlib.import_module(name)
        if self.umap:
            _compile_umap()
        tiny.make(self.base, self.sources, self.scratch(), self.umap)
        self.before = contents(self.base, self.scratch())
        for each in sequences:
            if len(each) == 1 and each[0].key in LEARNT_FROM:
                self.undisturbed(each)
        self._share(sequences, workers)

    def _share(self, sequences: Sequence[Sequence[Command]], workers: int) -> None:
        """Find out in several processes what commands do undisturbed."""
        files = [self.folder / f"undisturbed-{number}" for number in range(workers)]

        def find_out(number: int) -> None:
            self.as_worker(number)
            for each in sequences[number::workers]:
                self.undisturbed(each)
            found = [[key, asdict(each)] for key, each in self._known.items()]
            files[number].write_text(json.dumps(found))

        pids = [fork(lambda number=number: find_out(number)) for number in range(workers)]
        running = list(pids)
        try:
            while running:
                code = wait_for(running[0], LONGEST)
                if code is not None:
                    running.pop(0)
                if code != 0:
                    raise RuntimeError("What undisturbed commands do could not be found out.")
        finally:
            for pid in running:
                end(pid)
        for file in files:
            for key, each in json.loads(file.read_text()):
                ended, codes = Ended(**each["ended"]), tuple(each["codes"])
                self._known[tuple(key)] = Undisturbed(ended, codes, each["answer"], each["after"])

    def as_worker(self, number: int) -> None:
        """Let names of copies not meet those of other workers."""
        self._worker, self._count = f"w{number}", 0

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
