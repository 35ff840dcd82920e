"""How long the training of the form would take: measured by the command on a few steps, for as long as it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, Slot

from app.core.jobs.process_job import ProcessJob
from app.core.values import Stage
from app.train.form.state import Form, FormState, Measured
from engine.errors import LoomError
from engine.storage.files import write_text
from engine.training.pace import Pace, duration
from engine.training.plan import document_of, to_toml
from engine.workspace import Workspace

UNKNOWN = "How long it takes is not known before some steps are timed."
_STAGES = {
    "starting PyTorch": "Starting PyTorch",
    "reading the corpus": "Reading the corpus",
    "building the models": "Building the models",
    "timing a checkpoint": "Timing a checkpoint",
}


class Timing(QObject):
    """Has a few steps of the form's training timed, and keeps what came of it in the form's state."""

    def __init__(
        self,
        state: FormState,
        workspace: Workspace,
        make_job: Callable[[Sequence[str]], ProcessJob] = ProcessJob,
    ) -> None:
        super().__init__()
        self._state, self._workspace, self._make_job = state, workspace, make_job
        self._job: ProcessJob | None = None

    def toggle(self) -> None:
        """Begin, or give it up."""
        if self._job is not None:
            self.cancel()
        else:
            self._begin()

    def cancel(self) -> None:
        """Give up what is being timed."""
        if self._job is not None:
            self._job.stop()
            self._job = None
            self._state.timing = Stage()

    def _begin(self) -> None:
        form = self._state.form
        if form.plan is None or not can_be_timed(form):
            return
        config = self._workspace.root / "runs" / ".started" / "timed.toml"
        try:
            write_text(config, to_toml(document_of(form.plan)))
        except LoomError as error:
            self._state.timed = circumstances(form)
            self._state.timing = Stage("failed", error.message, error.hint)
            return
        self._state.timed = circumstances(form)
        self._state.timing = Stage("computing", "Starting")
        arguments = ["train", form.corpus, "--run", form.run, "--config", str(config), "--device", form.device]
        self._job = self._make_job([*arguments, "--estimate", "--workspace", str(self._workspace.root)])
        self._job.reported.connect(self._reported)
        self._job.finished.connect(self._finished)
        self._job.failed.connect(self._failed)
        self._job.start()

    @Slot(object)
    def _reported(self, event: dict[str, Any]) -> None:
        if event.get("event") == "progress":
            self._state.timing = Stage("computing", _stage(event))

    @Slot(object)
    def _finished(self, result: dict[str, Any]) -> None:
        self._drop_job()
        self._state.timing = Stage()
        self._state.measured = Measured(self._state.timed, Pace(**result["pace"]))

    @Slot(str, str)
    def _failed(self, message: str, hint: str) -> None:
        self._drop_job()
        self._state.timing = Stage("failed", message, hint)

    def _drop_job(self) -> None:
        if self._job is not None:
            self._job.deleteLater()
            self._job = None


def circumstances(form: Form) -> tuple[Any, ...]:
    """What the pace of a training depends on; steps, and how often it is measured and saved, are no part of it."""
    plan = form.plan
    return () if plan is None else (form.corpus, form.device, plan.model, plan.train.batch, len(plan.variants))


def can_be_timed(form: Form) -> bool:
    """Whether the form describes a training that could begin with a text that is there."""
    return form.plan is not None and not form.problems and form.vocabulary > 5


def time_words(state: FormState) -> str:
    """What is known of the time that the training of the form takes."""
    form, timing, measured = state.form, state.timing, state.measured
    if timing.kind == "computing":
        return f"{timing.text} …"
    if timing.kind == "failed" and state.timed == circumstances(form):
        return f"{timing.text} {timing.hint}".strip()
    if form.plan is None:
        return ""
    if form.vocabulary <= 5:
        return "How long it takes can be said once the text is prepared."
    if measured is None or measured.of != circumstances(form):
        return UNKNOWN
    seconds, steps = measured.pace.total(form.plan.train), measured.pace.steps
    return f"About {duration(seconds)} (measured on {steps} steps, with the machine as busy as it was)."


def _stage(event: Mapping[str, Any]) -> str:
    stage, done, total = str(event.get("stage", "")), event.get("done") or 0, event.get("total")
    return _STAGES.get(stage, f"Timing steps: {done} of {total}" if stage == "timing steps" else "Timing")
