"""With what a window starts: the run that was asked for, the one of the last time, or the one that always is there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.shell.session.document import Remembered
from app.shell.session.session_file import SessionFile
from engine.errors import LoomError
from engine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Start:
    """What is opened.

    Attributes:
        run, step: no step for the newest.
        remembered: of the last time, if anything.
        same: whether the run and step are those of the last time.
        note: what to tell of it, or "".
    """

    run: str
    step: int | None = None
    remembered: Remembered | None = None
    same: bool = False
    note: str = ""


def usual_run(workspace: Workspace, last: str) -> str:
    """The run that a window without memory opens: the `last` one, the demo, or any."""
    names = workspace.run_names()
    return last if last in names else "demo" if "demo" in names or not names else names[0]


def start(workspace: Workspace, path: Path, asked: str | None, last: str) -> tuple[SessionFile, Start]:
    """Read the session and find out what to open; for a worker's thread.

    Args:
        workspace: of the window; one that was asked for goes before that of the last time.
        path: of the session.
        asked: the run that was asked for, at its newest step; it goes before that of the last time, too.
        last: the run that was opened last.
    """
    file = SessionFile(path)
    remembered = file.remembered
    usual = asked or usual_run(workspace, last)
    if remembered is None:
        return file, Start(usual, note=file.take_problem())
    head = remembered.head
    here = head.workspace == str(workspace.root)
    if asked is not None or not here or not head.run:
        return file, Start(usual, None, remembered, here and head.run == asked and head.step is None)
    if gone := _gone(workspace, head.run, head.step):
        note = f"{gone} is not there any more, so {usual} is open at its newest step. Texts and table are as they were."
        return file, Start(usual, None, remembered, False, note)
    return file, Start(head.run, head.step, remembered, True)


def _gone(workspace: Workspace, run: str, step: int | None) -> str:
    """What is not there of a run and step, in words; "" if they are there."""
    from engine.runs.run import Run

    if run not in workspace.run_names():
        return f"The run {run}"
    try:
        opened = Run.open(workspace.run(run))
        if step is None or any(step in opened.checkpoints(variant.name).steps() for variant in opened.variants):
            return ""
    except LoomError:
        return ""  # whoever opens it says what is wrong with it
    return f"Step {step:,} of {run}"
