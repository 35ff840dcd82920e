"""A diagnosis is computed once for the same models, text, settings and seed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.diagnostics.recall import recall_or_diagnose
from engine.diagnostics.request import Request
from engine.errors import Stopped
from engine.events import Done, Note, Progress
from engine.runs.run import Run
from engine.storage.locks import held
from engine.verification import verify
from engine.workspace import CHECKOUT, Workspace

SMALL = Request(weighted=4, samples=2, sentences=20)


@pytest.fixture
def workspace(tiny_workspace: Workspace, tmp_path: Path) -> Workspace:
    shutil.copytree(tiny_workspace.root, tmp_path / "workspace", ignore=shutil.ignore_patterns("*.diagnosis.json"))
    return Workspace(tmp_path / "workspace")


def asked(workspace: Workspace, request: Request = SMALL, anew: bool = False) -> tuple[dict[str, Any], str, bool]:
    """The result, the notes, and whether anything was measured for it."""
    events = list(recall_or_diagnose(Run.open(workspace.run("tiny")), workspace, request, "cpu", anew=anew))
    assert isinstance(events[-1], Done)
    notes = " ".join(event.text for event in events if isinstance(event, Note))
    return (
        json.loads(json.dumps(events[-1].result)),
        notes,
        any(isinstance(event, Progress) and "swapping" in event.stage for event in events),
    )


def test_the_same_is_read_again_and_says_so(workspace: Workspace) -> None:
    first, notes, measured = asked(workspace)
    assert (measured, notes) == (True, "")
    again, notes, measured = asked(workspace)
    assert (again, measured) == (first, False)
    assert str(workspace.diagnosis("tiny")) in notes
    assert "--anew" in notes
    assert asked(workspace, replace(SMALL, step=40))[2] is False  # the newest step by its number
    assert asked(workspace, anew=True)[2] is True


@pytest.mark.parametrize(
    "other",
    [
        replace(SMALL, seed=1),
        replace(SMALL, sentences=21),
        replace(SMALL, weighted=5),
        replace(SMALL, samples=3),
        replace(SMALL, threshold=0.5),
        replace(SMALL, variants=("vae",)),
        replace(SMALL, step=20),
    ],
)
def test_anything_else_is_measured(workspace: Workspace, other: Request) -> None:
    asked(workspace)
    found, _, measured = asked(workspace, other)
    assert measured
    assert asked(workspace, other)[::2] == (found, False)
    assert asked(workspace)[2] is False  # what was there before is still there


def test_models_that_are_trained_on_are_measured_anew(workspace: Workspace) -> None:
    first, _, _ = asked(workspace)
    folder = Run.open(workspace.run("tiny")).checkpoints("vae")
    folder.write(40, {name: each * 0.5 for name, each in folder.newest().weights().items()}, None)
    other, _, measured = asked(workspace)
    assert measured
    assert other["models"]["vae"] != first["models"]["vae"]
    assert other["models"]["autogen-m1"] == first["models"]["autogen-m1"]


def test_a_damaged_document_is_told_found_by_verify_and_made_anew(workspace: Workspace) -> None:
    first, _, _ = asked(workspace)
    path = workspace.diagnosis("tiny")
    assert _state(workspace) == "whole"
    path.write_text(path.read_text(encoding="utf-8").replace('"samples": 2', '"samples": 3'), encoding="utf-8")
    assert _state(workspace) == "damaged"
    found, notes, measured = asked(workspace)
    assert (found, measured) == (first, True)
    assert "was changed since it was written" in notes
    assert _state(workspace) == "whole"
    assert asked(workspace)[2] is False


def test_what_cannot_be_kept_is_told_and_still_the_answer(workspace: Workspace) -> None:
    path = workspace.diagnosis("tiny")
    path.mkdir()
    found, notes, measured = asked(workspace, anew=True)
    assert measured
    assert set(found["variants"]) == {"vae", "autogen-m1"}
    assert "could not be kept" in notes


def test_a_stopped_one_keeps_nothing(workspace: Workspace) -> None:
    run = Run.open(workspace.run("tiny"))
    with pytest.raises(Stopped):
        list(recall_or_diagnose(run, workspace, SMALL, "cpu", lambda: True))
    assert not workspace.diagnosis("tiny").exists()


def test_it_is_written_under_a_lock_of_its_own(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock of the cache may be held for minutes by an encoding beside it."""
    with held(workspace.cache("tiny"), "encoding"):
        asked(workspace)
    assert asked(workspace)[2] is False


def test_what_was_kept_is_read_without_torch(workspace: Workspace) -> None:
    asked(workspace)
    code = (
        "import sys\nfrom pathlib import Path\nfrom engine.diagnostics.recall import recall_or_diagnose\n"
        "from engine.diagnostics.request import Request\nfrom engine.runs.run import Run\n"
        f"from engine.workspace import Workspace\nw = Workspace(Path({str(workspace.root)!r}))\n"
        "list(recall_or_diagnose(Run.open(w.run('tiny')), w, Request(weighted=4, samples=2, sentences=20)))\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, timeout=120).returncode == 0


def _state(workspace: Workspace) -> str:
    (done,) = [event for event in verify(workspace, "tiny") if isinstance(event, Done)]
    (found,) = [each for each in done.result["files"] if each["file"] == str(workspace.diagnosis("tiny"))]
    return str(found["state"])
