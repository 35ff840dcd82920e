"""The command `evaluate` as it is followed: which arguments it gets, how far it has come, how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from app.core.jobs.process_job import ProcessJob
from app.core.jobs.words import time_left
from app.core.values import Stage
from app.evaluate.state import QUICK, EvaluateState, Known
from engine.evaluation.measures.definitions import WAYS
from engine.evaluation.measures.judge.recipe import STAGE as TRAINING
from engine.evaluation.measures.request import Request
from engine.workspace import Workspace

if TYPE_CHECKING:
    from engine.evaluation.measures.result import Evaluation

MakeJob = Callable[..., ProcessJob]


class Measuring(QObject):
    """Runs the command, one at a time, and keeps `EvaluateState.job` true.

    Signals:
        advanced: more is measured and kept than before.
        ended: all is measured and kept.
        left: a command that was told to stop has ended; it may have kept more until then.
        told: a warning of the command.
        failed: what went wrong, and what to do next.
    """

    advanced, ended, left = Signal(), Signal(), Signal()
    told = Signal(str)
    failed = Signal(str, str)

    def __init__(self, state: EvaluateState, workspace: Workspace, make_job: MakeJob = ProcessJob) -> None:
        """Args: state: of the page; workspace: of the window; make_job: how a command is started."""
        super().__init__()
        self._state, self._workspace, self._make_job = state, workspace, make_job
        self._job: ProcessJob | None = None
        self._began, self._stage = 0.0, ""
        self._since: tuple[float, float] | None = None  # when how much was done at first: starting says nothing of it
        self._course = Course(())
        self._alone: float | None = None  # how far a stage has come that stands for itself, after all others
        self._beat = QTimer(self)  # some stages cannot count; the seconds that pass show that they are alive
        self._beat.setInterval(1000)
        self._beat.timeout.connect(self._show)

    @property
    def running(self) -> bool:
        """Whether the command runs."""
        return self._job is not None

    def start(self, known: Known, labels: tuple[str, ...], request: Request, anew: bool = False) -> None:
        """Measure the models that are known.

        Args:
            known: with a step.
            labels: of the variants, in their order.
            request: how much of everything.
            anew: also what was measured before.
        """
        if self._job is not None or known.step is None:
            return
        arguments = ["evaluate", known.run, "--workspace", str(self._workspace.root), "--step", str(known.step)]
        arguments += ["--variants", ",".join(known.variants)]
        for name in ("limit", "samples", "draws", "pairs", "beam", "seed"):
            arguments += [f"--{name}", str(getattr(request, name))]
        arguments += [*(["--anew"] if anew else []), *(["--judge"] if request.judge else [])]
        sentences = request.limit or known.sentences
        self._since, self._alone = None, None
        self._began, self._stage, self._course = time.monotonic(), "", Course(labels, sentences, request)
        job = self._job = self._make_job(arguments)
        job.reported.connect(self._reported)
        job.finished.connect(self._finished)
        job.failed.connect(self._failed)
        self._state.asked = sentences
        self._state.job = Stage("computing", "Starting to measure")
        job.start()
        self._beat.start()

    def stop(self) -> None:
        """End the command; what it has kept stays."""
        self._beat.stop()
        if self._job is not None:
            # It says nothing more, but is deleted once it has ended. Queued, as nothing may be asked while it is.
            self._job.destroyed.connect(self._gone, Qt.ConnectionType.QueuedConnection)
            self._job.stop()
            self._job = None
        self._state.job, self._state.asked = Stage(), 0

    @Slot()
    def _gone(self) -> None:
        self.left.emit()

    def forget_failure(self) -> None:
        """What went wrong is read."""
        if self._job is None:
            self._state.job = Stage()

    @Slot(object)
    def _reported(self, event: Mapping[str, Any]) -> None:
        if event["event"] == "note":
            if event.get("level") == "warning":
                self.told.emit(str(event.get("text", "")))
        elif event["event"] == "progress":
            stage = str(event.get("stage", ""))
            before, self._stage = self._stage, stage
            if before and kind_of(before) != kind_of(stage):
                self.advanced.emit()  # the command keeps its numbers before it begins with another kind of them
            done, total = float(event.get("done") or 0), float(event.get("total") or 0)
            if stage == TRAINING and total:
                self._since = self._since if stage == before else None
                self._alone = done / total
            self._course.take(stage, done, total)
            self._show()

    def _show(self) -> None:
        now, fraction = time.monotonic(), self._course.fraction if self._alone is None else self._alone
        what = stage_in_words(self._stage) if self._stage else "Starting to measure"
        left = ""
        if fraction is not None:
            since, reached = self._since = self._since or (now, fraction)
            left = time_left((fraction - reached) / max(1e-9, 1.0 - reached), now - since)
        left = left or f"{now - self._began:.0f} s"
        self._state.job = Stage("computing", f"{what} · {left}", fraction=fraction)

    @Slot(object)
    def _finished(self, _result: object) -> None:
        self._drop()
        self._state.job = Stage()
        self.ended.emit()

    @Slot(str, str)
    def _failed(self, message: str, hint: str) -> None:
        self._drop()
        self._state.job = Stage("failed", message, hint)
        self.failed.emit(message, hint)

    def _drop(self) -> None:
        self._beat.stop()
        self._state.asked = 0
        if self._job is not None:
            self._job.deleteLater()
            self._job = None


_EFFORT = {
    "encoding": 2.0,
    **{f"giving back, {words}": 30.0 if way.startswith("beam") else 5.0 for way, words in WAYS.items()},
    "sampling": 25.0,
    "ways between sentences": 40.0,
    "importance samples": 60.0,
}
"""How long an item takes of each kind, as the command tells of it, in any unit; in the order in which they come."""


def _effort(request: Request) -> dict[str, float]:
    """`_EFFORT`, which is of the default samples and beam, for others: the time rises in step with both."""
    usual = Request()
    beam, samples = request.beam / usual.beam, request.samples / usual.samples
    scale = {"sampling": beam, "importance samples": samples}
    scale |= {f"giving back, {words}": beam for way, words in WAYS.items() if way.startswith("beam")}
    return {kind: effort * scale.get(kind, 1.0) for kind, effort in _EFFORT.items()}


def as_many(evaluation: Evaluation | None) -> int:
    """How many sentences are asked for to have as many as an evaluation, 0 for all; without one, the first."""
    if evaluation is None:
        return QUICK
    return 0 if evaluation.sentences >= evaluation.of else evaluation.sentences


def same_again(evaluation: Evaluation | None, limit: int, judge: bool = False) -> Request:
    """What is asked for so many sentences (0 for all) with the settings of an evaluation; without one, the defaults."""
    if evaluation is None:
        return Request(limit=limit, judge=judge)
    return Request(
        limit=limit,
        samples=evaluation.samples,
        draws=evaluation.draws,
        pairs=evaluation.pairs,
        beam=evaluation.beam,
        seed=evaluation.seed,
        judge=judge,
    )


class Course:
    """Adds the stages of a command up to one fraction."""

    def __init__(self, labels: Sequence[str], sentences: int = 0, request: Request | None = None) -> None:
        """Say what is measured.

        Args:
            labels: of the variants, in their order.
            sentences: that are measured; 0 while that is not known.
            request: how much of everything else; None for the defaults.
        """
        request = request or Request()
        self._labels = tuple(labels)
        self._effort = _effort(request)
        self._wanted = dict.fromkeys(_EFFORT, float(sentences))
        self._wanted |= {"sampling": float(request.draws), "ways between sentences": float(request.pairs)}
        self._done: dict[tuple[str, str], float] = {}

    def take(self, stage: str, done: float, total: float) -> None:
        """The command has come so far in a stage, as in "VAE: sampling"."""
        label, kind = stage.rpartition(": ")[0], kind_of(stage)
        if label not in self._labels or kind not in _EFFORT:
            return
        self._done[label, kind] = max(done, self._done.get((label, kind), 0.0))
        if total >= self._wanted[kind] > 0:  # not one of the few for the first numbers: what comes before is done
            for earlier in list(_EFFORT)[: list(_EFFORT).index(kind)]:
                self._done |= {(each, earlier): self._wanted[earlier] for each in self._labels}
            for each in self._labels[: self._labels.index(label)]:
                self._done[each, kind] = self._wanted[kind]

    @property
    def fraction(self) -> float | None:
        """Share of the whole that is done, 0 to 1; None while that is not known."""
        whole = len(self._labels) * sum(effort * self._wanted[kind] for kind, effort in self._effort.items())
        if not self._done or not self._wanted["encoding"]:
            return None
        return min(1.0, sum(self._effort[kind] * done for (_, kind), done in self._done.items()) / whole)


def kind_of(stage: str) -> str:
    """What is done in a stage, whichever variant it is done with."""
    return stage.rpartition(": ")[2]


def stage_in_words(stage: str) -> str:
    """What is measured now."""
    return f"{stage[:1].upper()}{stage[1:]}"


def says_more(new: Evaluation, shown: Evaluation | None) -> bool:
    """Whether a newer evaluation takes the place of a shown one: it has every number of that, of as many items.

    While a complete one is refined or measured again, it stays until all that it says is measured of as many items. An
    older complete one does not come back when the shown one goes from the disk, as it does when it is measured again.
    """
    if shown is None or not of_same_models(new, shown):
        return True
    if new.complete:
        return new.created >= shown.created
    there = {each.name: each.numbers for each in new.variants}
    return all(
        key in there[each.name] and there[each.name][key].n >= number.n
        for each in shown.variants
        for key, number in each.numbers.items()
    )


def of_same_models(one: Evaluation, other: Evaluation) -> bool:
    """Whether two evaluations are of the same models and text."""
    if (one.run, one.step, one.corpus) != (other.run, other.step, other.corpus):
        return False
    return dict(one.models) == dict(other.models)


def is_same(one: Evaluation, other: Evaluation) -> bool:
    """Whether two evaluations say the same; a number that cannot be had, NaN, is the same as another."""
    return one is other or repr(one) == repr(other)  # == takes every NaN for another
