"""Follows the files of a training while they grow: the app's own, or one that another process or machine writes.

Nothing here waits or writes. A poll reads only the bytes that are new, in slices, so that the thread that polls gives
way to the window again and again; a line without its end does not count yet, and a file that was cut back (the
training was resumed from an earlier checkpoint) is read anew.
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from app.train.plots.curves import Curves, VariantCurves
from engine.errors import LoomError
from engine.runs.failures import failures
from engine.runs.metrics import parsed_line
from engine.runs.packed import open_log
from engine.runs.run import Run, RunSettings, holds_something_else
from engine.workspace import Workspace

SLICE = 1 << 17
"""Bytes read of one file before the next one has its turn."""
_TAIL = 64
"""Bytes before the place one has read to that are compared, to see that the file is still the same one."""
BREATH = 0.002
"""Seconds between two slices, in which the window's thread has Python to itself."""
TELL_EVERY = 1.0
"""Seconds between two states that are told while a long file is read."""

Life = Literal["running", "elsewhere", "lost", "stopped", "done", "unknown"]
"""What is known of the process: `elsewhere` runs on another machine, `lost` is gone without having said so."""


@dataclass(frozen=True, slots=True)
class Growth:
    """What a file gained: new lines, whether it was begun anew, whether more is waiting."""

    lines: tuple[dict[str, Any], ...] = ()
    restarted: bool = False
    more: bool = False


class GrowingLog:
    """A file of JSON lines that another process appends to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._at = 0
        self._tail = b""

    def read(self) -> Growth:
        """The lines that are complete now and were not read yet, a slice at most."""
        try:
            with open_log(self.path) as handle:
                size = handle.seek(0, 2)
                restarted = self._was_cut_back(handle, size)
                if restarted:
                    self._at, self._tail = 0, b""
                handle.seek(self._at)
                data = handle.read(SLICE)
                while data and b"\n" not in data and len(data) < size - self._at:  # a line longer than a slice
                    data += handle.read(SLICE)
        except (OSError, LoomError):  # not there yet, gone for the moment of being replaced, or packed and damaged
            return Growth()
        lines: list[dict[str, Any]] = []
        taken = 0
        for text in data[: data.rfind(b"\n") + 1].splitlines(keepends=True):
            line = parsed_line(text)
            if line is None:
                break  # damaged: whoever resumes the training drops it and what follows
            lines.append(line)
            taken += len(text)
        self._at += taken
        self._tail = (self._tail + data[:taken])[-_TAIL:]
        return Growth(tuple(lines), restarted, more=bool(taken) and self._at < size)

    def _was_cut_back(self, handle: Any, size: int) -> bool:
        if size < self._at:
            return True
        handle.seek(self._at - len(self._tail))
        return bool(handle.read(len(self._tail)) != self._tail)


@dataclass(frozen=True, slots=True)
class ProbeAt:
    """What one variant made of the probe sentences at a step: the words of each."""

    step: int
    words: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Watched:
    """A training as it stands on the disk.

    Attributes:
        settings: of the run, or None before its folder is there.
        life: what is known of its process; `process` is what process.json says.
        step: the newest logged step of all variants.
        seconds_per_step: of late, or None while it is not known.
        silent: seconds since anything was logged.
        curves: by variant.
        sentences: the probe sentences as words; probes: what became of them, by variant.
        stopped: (step, reason) of the variants that were stopped.
        checkpoints: steps that every variant that still learns can be opened at.
        reading: whether more of the files is still to be read.
    """

    path: Path
    settings: RunSettings | None = None
    life: Life = "unknown"
    process: Mapping[str, Any] | None = None
    step: int = 0
    seconds_per_step: float | None = None
    silent: float = 0.0
    curves: Mapping[str, Curves] | None = None
    sentences: tuple[tuple[str, ...], ...] = ()
    probes: Mapping[str, tuple[ProbeAt, ...]] | None = None
    stopped: Mapping[str, tuple[int, str]] | None = None
    checkpoints: tuple[int, ...] = ()
    reading: bool = False

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def total(self) -> int:
        """Steps that the run is to have."""
        return self.settings.train.steps if self.settings is not None else 0

    @property
    def finished(self) -> bool:
        """Whether the last step is behind it."""
        return self.settings is not None and self.step >= self.total


class TrainingFolder:
    """A run's folder, followed. Lives in one thread.

    Args:
        path: the folder; it may not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._forget()

    def _forget(self) -> None:
        self._stamp: tuple[int, int] | None = None
        self._run: Run | None = None
        self._logs: dict[str, tuple[GrowingLog, GrowingLog]] = {}
        self._curves: dict[str, VariantCurves] = {}
        self._probes: dict[str, list[ProbeAt]] = {}
        self._sentences: tuple[tuple[str, ...], ...] = ()
        self._seen_step = 0
        self._first_seen: tuple[int, float] | None = None

    def poll(self) -> Iterator[Watched]:
        """Read what is new; yields the training as it stands, at the end, and now and then while there is much to read.

        Raises:
            LoomError: the folder holds something else than a run, or one that cannot be read.
        """
        self._open()
        run = self._run
        if run is None:
            yield Watched(self._path)
            return
        told = time.monotonic()
        while True:
            more = False
            for variant in run.variants:
                metrics, probes = (log.read() for log in self._logs[variant.name])
                if metrics.restarted:
                    self._curves[variant.name] = VariantCurves(variant)
                    self._first_seen, self._seen_step = None, 0
                self._curves[variant.name].take(metrics.lines)
                self._take_probes(variant.name, probes)
                more = more or metrics.more or probes.more
                time.sleep(BREATH)
            if not more or time.monotonic() - told >= TELL_EVERY:
                yield self._watched(run, more)
                told = time.monotonic()
            if not more:
                return

    def _open(self) -> None:
        """Read run.json where it is new: a run of the same name may have been begun afresh."""
        try:
            stat = (self._path / "run.json").stat()
        except OSError as error:
            if self._path.is_dir() and holds_something_else(self._path):
                raise LoomError(
                    f"{self._path} holds no run: it has no run.json.", "Choose a folder that `train` has written."
                ) from error
            return
        stamp = (stat.st_mtime_ns, stat.st_size)
        if stamp == self._stamp:
            return
        self._forget()
        self._run = run = Run.open(self._path)
        self._stamp = stamp
        for variant in run.variants:
            name = variant.name
            self._logs[name] = GrowingLog(run.metrics_path(name)), GrowingLog(run.probe_path(name))
            self._curves[name] = VariantCurves(variant)
            self._probes[name] = []

    @property
    def _language(self) -> str:
        return self._run.settings.corpus.language if self._run is not None else ""

    def _take_probes(self, name: str, growth: Growth) -> None:
        if growth.restarted:
            self._probes[name] = []
        for line in growth.lines:
            if isinstance(line.get("step"), int) and isinstance(line.get("reconstructions"), list):
                self._probes[name].append(ProbeAt(line["step"], _words(line["reconstructions"], self._language)))
        if not self._sentences or growth.restarted:
            document = _document(self._path / "probe.json")
            self._sentences = _words(document.get("sentences", ()), self._language) if document else ()

    def _watched(self, run: Run, more: bool) -> Watched:
        step = max((curves.last_step for curves in self._curves.values()), default=0)
        process = _document(self._path / "process.json")
        news = self._last_news(run)
        if not more and step != self._seen_step:
            if self._first_seen is None and self._seen_step:  # this very line has just been written
                self._first_seen = step, time.monotonic()
            self._seen_step = step
        stopped = {name: (int(each["step"]), str(each["reason"])) for name, each in failures(run).items()}
        return Watched(
            path=self._path,
            settings=run.settings,
            life=life_of(process, self._path),
            process=process,
            step=step,
            seconds_per_step=self._seconds_per_step(step),
            silent=max(0.0, time.time() - news) if news else 0.0,
            curves={name: curves.snapshot() for name, curves in self._curves.items()},
            sentences=self._sentences,
            probes={name: tuple(probes) for name, probes in self._probes.items()},
            stopped=stopped,
            checkpoints=_checkpoints(run, tuple(stopped)),
            reading=more,
        )

    def _seconds_per_step(self, step: int) -> float | None:
        """As logged of late; else as seen from here, of a run that does not log it."""
        for curves in self._curves.values():
            if curves.last_step == step and (found := curves.seconds_per_step()) is not None:
                return found
        if self._first_seen is None or step <= self._first_seen[0]:
            return None
        return (time.monotonic() - self._first_seen[1]) / (step - self._first_seen[0])

    def _last_news(self, run: Run) -> float:
        times = []
        for variant in run.variants:
            try:
                times.append(run.metrics_path(variant.name).stat().st_mtime)
            except OSError:
                continue
        return max(times, default=0.0)


class OtherRun:
    """A run of the workspace beside the one that is followed. Lives in one thread; called there, it reads on.

    Args:
        workspace: where it lies.
        name: of the run.
    """

    def __init__(self, workspace: Workspace, name: str) -> None:
        self._workspace, self._name = workspace, name
        self._folder: TrainingFolder | None = None

    def __call__(self, _resource: object) -> Iterator[Watched]:
        """The run as it stands. Raises a LoomError where there is none."""
        if self._folder is None:
            self._folder = TrainingFolder(self._workspace.run(self._name))
        yield from self._folder.poll()


def life_of(process: Mapping[str, Any] | None, path: Path) -> Life:
    """Whether the process that process.json names is alive, as far as can be known from this machine."""
    if process is None:
        return "unknown"
    state = process.get("state")
    if state in ("stopped", "done"):
        return state
    if process.get("host") != platform.node():
        return "elsewhere"
    return "running" if _alive(process.get("pid"), path / "process.json") else "lost"


def _alive(pid: Any, file: Path) -> bool:
    """Whether there is such a process, begun before the file was written (numbers of processes are used again)."""
    import psutil

    try:
        process = psutil.Process(int(pid))
        dead = process.status() == psutil.STATUS_ZOMBIE
        return not dead and process.create_time() <= file.stat().st_mtime + 2
    except (psutil.Error, OSError, TypeError, ValueError):
        return False


def _checkpoints(run: Run, stopped: Sequence[str]) -> tuple[int, ...]:
    learning = [variant.name for variant in run.variants if variant.name not in stopped]
    kept = [set(run.checkpoints(name).steps()) for name in learning or [variant.name for variant in run.variants]]
    return tuple(sorted(set.intersection(*kept) if learning else set.union(*kept)))


def _document(path: Path) -> dict[str, Any] | None:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _words(texts: Sequence[object], language: str) -> tuple[tuple[str, ...], ...]:
    """The words of texts; those of a language without spaces are told apart as when the text was prepared."""
    from engine.corpus.tokens import written_tokens  # a compiled library, which the first paint does without
    from engine.corpus.unspaced.languages import segmented

    tokens = [written_tokens(str(text)) for text in texts]
    with suppress(LoomError):  # its library is not installed, so that a run of letters stays one word
        tokens = [tuple(segmented(each, language)) for each in tokens] if language else tokens
    return tuple(tokens)


def load_folder(path: Path) -> TrainingFolder:
    """For a worker's thread: a followed folder, and what drawing it imports, which takes half a second."""
    import pyqtgraph

    assert pyqtgraph is not None
    return TrainingFolder(path)
