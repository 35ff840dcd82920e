"""A process of a training that a test leads, and the files that one would have left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QObject, Signal

from engine.runs.run import Run
from engine.workspace import Workspace
from tests.conftest import change_json


class FakeProcess(QObject):
    """A TrainingProcess that does what the test says."""

    reported, ended = Signal(object), Signal(str, str, str)
    made: ClassVar[list[FakeProcess]] = []

    def __init__(self, log: Path) -> None:
        super().__init__()
        self.log, self.arguments, self.calls = log, [], []
        self.identity = (4711, 12.5)
        FakeProcess.made.append(self)

    def start(self, arguments: list[str]) -> None:
        self.arguments = arguments

    def adopt(self, pid: int, created: float) -> bool:
        self.calls.append(("adopt", pid, created))
        return pid == 4711

    def ask_to_stop(self) -> None:
        self.calls.append("ask")

    def interrupt(self) -> None:
        self.calls.append("interrupt")

    def kill(self) -> None:
        self.calls.append("kill")

    def let_go(self) -> None:
        self.calls.append("let go")


def cut_short(workspace: Workspace, steps: int = 100) -> None:
    """Make the tiny run one that has steps before it."""
    settings = Run.open(workspace.run("tiny")).settings.train
    change_json(workspace.run("tiny") / "run.json", train={**settings.model_dump(mode="json"), "steps": steps})
    process = workspace.run("tiny") / "process.json"
    process.write_text(process.read_text().replace('"done"', '"stopped"'))


def write_process(workspace: Workspace, pid: int, state: str) -> None:
    process = workspace.run("tiny") / "process.json"
    process.write_text(json.dumps({**json.loads(process.read_text()), "pid": pid, "state": state}))
