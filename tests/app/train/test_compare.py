"""Other runs over the curves of the one that is followed."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest

from app.core.settings import AppSettings
from app.train import words
from app.train.compare import MOST, CompareMenu, other_columns, other_lines
from app.train.controller import ASIDE_MS, TrainController
from app.train.files import TrainingFolder
from app.train.plots.others import DASHES
from app.train.state import Own, TrainingState
from engine.workspace import Workspace
from tests.app.fakes import DirectWorker
from tests.conftest import change_json


@pytest.fixture
def workspace(tiny_workspace, tmp_path) -> Workspace:
    """The run `tiny`, and `longer`: the same with steps of ten times the number and other values."""
    for name in ("tiny", "longer", "third", "fourth"):
        shutil.copytree(tiny_workspace.root / "runs" / "tiny", tmp_path / "runs" / name)
    longer = tmp_path / "runs" / "longer"
    change_json(longer / "run.json", name="longer")
    for log in longer.glob("variants/*/metrics.jsonl"):
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        for line in lines:
            line.pop("digest")
            line["step"] *= 10
            if line["split"] != "start":
                line["kl"] += 5.0
        log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return Workspace(tmp_path)


@pytest.fixture
def controller(qapp, workspace, tmp_path):
    made = TrainController(TrainingState(), workspace, AppSettings(tmp_path / "w.ini"), DirectWorker)
    made.failures = []  # type: ignore[attr-defined]
    made.failed.connect(lambda *said: made.failures.append(said))  # type: ignore[attr-defined]
    made.follow_run("tiny")
    yield made
    made.close()


def test_another_run_is_read_beside_the_one_that_is_followed(controller):
    controller.compare("longer")
    state = controller.state
    assert (state.watched.name, state.watched.step) == ("tiny", 40)
    assert (state.others["longer"].name, state.others["longer"].step) == ("longer", 400)
    assert state.stage.kind == "ready"
    controller.compare("longer")
    assert (state.compared, dict(state.others)) == ((), {})


def test_a_run_that_seems_to_rest_is_read_again_now_and_then(controller, workspace):
    controller.compare("longer")
    assert not words.training_now(controller.state.others["longer"], Own())
    log = workspace.run("longer") / "variants" / "vae" / "metrics.jsonl"
    line = json.loads(log.read_text().splitlines()[-1])
    line["step"] = 900
    with open(log, "a") as handle:
        handle.write(json.dumps(line) + "\n")
    controller._poll()
    assert controller.state.others["longer"].step == 400, "a moment ago it was read"
    controller._others_read -= ASIDE_MS / 1000
    controller._poll()
    assert controller.state.others["longer"].step == 900
    controller.compare("longer")
    assert controller._readers == {}, "what was taken away is not kept"


def test_the_compared_runs_stay_when_another_run_is_followed(controller):
    controller.compare("longer")
    controller.follow_run("third")
    state = controller.state
    assert state.watched.name == "third"
    assert list(state.others) == ["longer"]


def test_a_run_that_is_not_there_and_too_many_are_told(controller):
    controller.compare("nothing")
    assert "no run named 'nothing'" in controller.failures[-1][0]
    assert controller.state.compared == ()
    assert controller.state.stage.kind == "ready"
    for name in ("longer", "third", "fourth", "fifth"):
        controller.compare(name)
    assert controller.failures[-1][0].startswith(f"{MOST} other runs")
    assert controller.state.compared == ("longer", "third", "fourth")


def test_lines_and_labels_name_their_run(workspace):
    others = {name: list(TrainingFolder(workspace.run(name)).poll())[-1] for name in ("longer", "third")}
    columns = other_columns(others)
    assert [column.label for column in columns] == [
        "- - longer · VAE",
        "- - longer · AutoGen m=1",
        "··· third · VAE",
        "··· third · AutoGen m=1",
    ]
    lines = {line.name: line for line in other_lines(others, "kl")}
    assert list(lines) == [column.name for column in columns]
    assert {line.number for line in lines.values()} == {0, 1}
    assert lines["longer/vae"].curve.steps.tolist() == [200, 400]  # what was measured on test text
    expected = others["third"].curves["vae"].test.of("kl") + 5
    assert lines["longer/vae"].curve.of("kl") == pytest.approx(expected)
    schedule = next(line for line in other_lines(others, "implied_m") if line.name == "longer/vae")
    assert schedule.curve.steps.tolist() == [100, 200, 300, 400]


def test_every_run_that_can_be_compared_has_dashes_of_its_own():
    assert len(set(DASHES)) == len(DASHES) == MOST


def test_values_of_another_run_are_those_of_its_nearest_step_and_none_beyond_its_end(workspace):
    longer = list(TrainingFolder(workspace.run("longer")).poll())[-1]
    test = longer.curves["vae"].test
    assert words.readout_at(longer, "vae", ["kl"], 40, "test") == [words.value(float(test.of("kl")[0]))]
    assert words.readout_at(longer, "vae", ["kl"], 390, "test") == [words.value(float(test.of("kl")[1]))]
    assert words.readout_at(longer, "vae", ["kl"], 401, "test") == ["–"]
    assert words.readout_at(replace(longer, step=0), "vae", ["kl"], None, "test") == ["–"]


def test_the_menu_marks_what_is_shown_and_refuses_the_run_itself(qtbot):
    from PySide6.QtWidgets import QWidget

    parent = QWidget()
    qtbot.addWidget(parent)
    menu, chosen = CompareMenu(parent), []
    menu.chosen.connect(chosen.append)
    menu.set_names(("tiny", "longer", "third"))
    menu.set_shown(("longer", "third"), "tiny")
    menu.ask()
    entries = {entry.text(): entry for entry in menu.actions() if entry.text()}
    assert [name for name, entry in entries.items() if entry.isChecked()] == ["longer", "third"]
    assert not entries["tiny"].isEnabled()
    entries["third"].trigger()
    assert chosen == ["third"]
