"""Opening a run: what is computed first, what is loaded, and what is said when it cannot be."""

from __future__ import annotations

import threading
from dataclasses import replace
from unittest.mock import create_autospec

import pytest

from app.core.jobs.ending import wait_for_ends
from app.core.jobs.live_worker import LiveWorker
from app.core.requester import Requester
from app.core.settings import AppSettings
from app.core.state import ExplorerState
from app.maps.making.controller import MakingController
from app.maps.making.state import MakingState
from app.run import run_controller
from app.run.atlas import Opened
from app.run.context import Context
from app.run.run_controller import RunController
from engine.config import ProjectionConfig
from engine.errors import LoomError
from engine.maps.projection import project
from engine.storage.cache_maps import delete_projections
from engine.workspace import Workspace
from tests.app.fakes import DirectWorker, FakeJob, FakeSession, at_once, opened


@pytest.fixture
def opening(monkeypatch):
    """What opening the cache will bring, one after the other."""
    answers: list[object] = []

    def load_maps(workspace, name, tell, step=None):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(run_controller, "load_maps", load_maps)
    return answers


@pytest.fixture
def controller(qapp, tmp_path):
    """A controller with jobs and workers that a test leads."""
    FakeJob.made.clear()
    context = Context(ExplorerState(), Requester())
    load = create_autospec(run_controller.load_session, return_value=FakeSession())
    made = RunController(context, Workspace(tmp_path), DirectWorker, FakeJob, load, after_paint=at_once)
    made.context, made.load = context, load  # type: ignore[attr-defined]
    yield made
    made.close()


def test_a_run_with_maps_is_ready_and_its_models_are_loaded(controller, opening):
    opening.append(opened())
    controller.open("demo")
    state = controller.context.state
    assert (state.run, state.maps.kind, state.models.kind) == ("demo", "ready", "ready")
    assert state.shown == ("vae", "autogen-m1")
    assert FakeJob.made == []


def test_missing_maps_are_made_by_the_commands_and_then_shown(controller, opening):
    opening += [opened("missing"), opened()]
    controller.open("demo")
    state = controller.context.state
    assert FakeJob.made[0].arguments[:2] == ["encode", "demo"]
    FakeJob.made[0].reported.emit(
        {"event": "progress", "stage": "encoding with VAE", "done": 5, "total": 20, "unit": ""}
    )
    assert (state.maps.kind, state.maps.hint) == ("computing", "Encoding the test sentences with VAE")
    assert state.maps.fraction == pytest.approx(0.25 * 5 / (2 * 5 + 1 + 2 * 7))
    assert state.maps.text == "Making the maps: 5%"
    FakeJob.made[0].reported.emit({"event": "progress", "stage": "VAE: layout", "done": 0, "total": 20, "unit": ""})
    assert state.maps.hint.startswith("Laying out the map of VAE")
    assert 0.45 < (state.maps.fraction or 0) < 0.7
    assert state.models.kind == "ready"
    FakeJob.made[0].finished.emit({})
    assert FakeJob.made[1].arguments[:2] == ["project", "demo"]
    assert FakeJob.made[1].arguments[-2:] == ["--method", "pca"]  # quick ones, behind which better ones are made
    coarse = []
    controller.coarse.connect(lambda: coarse.append(state.maps.kind))
    FakeJob.made[1].finished.emit({})
    assert (state.maps.kind, coarse) == ("ready", ["ready"])
    assert controller.load.call_count == 1


def test_a_cache_without_maps_is_only_projected(controller, opening):
    opening.append(opened("unmapped"))
    controller.open("demo")
    assert [job.arguments[0] for job in FakeJob.made] == ["project"]


def test_a_stale_cache_is_made_anew_and_says_why(controller, opening):
    opening.append(opened("stale", "vae has been trained since"))
    controller.open("demo")
    stage = controller.context.state.maps
    assert (stage.kind, stage.hint) == ("stale", "Because vae has been trained since.")
    assert FakeJob.made[0].arguments[0] == "encode"


def test_maps_that_stay_stale_after_computing_are_a_failure_not_a_loop(controller, opening):
    opening += [opened("stale", "other corpus"), opened("stale", "other corpus")]
    controller.open("demo")
    for _ in range(2):
        FakeJob.made[-1].finished.emit({})
    assert controller.context.state.maps.kind == "failed"
    assert len(FakeJob.made) == 2


def test_a_command_that_fails_is_told_and_can_be_tried_again(controller, opening):
    opening += [opened("missing"), opened()]
    controller.open("demo")
    FakeJob.made[0].failed.emit("The disk is full.", "Free some space.")
    state = controller.context.state
    assert (state.maps.kind, state.maps.text, state.maps.hint) == ("failed", "The disk is full.", "Free some space.")
    controller.retry()
    assert state.maps.kind == "ready"


def test_a_variant_that_cannot_be_read_is_left_out_and_the_rest_goes_on(controller, opening):
    opening.append(opened("missing", broken={"vae": "its checkpoint is cut off"}))
    controller.load.return_value = FakeSession(failed={"vae": "its checkpoint is cut off"})
    controller.open("demo")
    assert FakeJob.made[0].arguments[-2:] == ["--variants", "autogen-m1"]
    assert controller.context.state.usable() == ("autogen-m1",)
    assert controller.context.state.models.kind == "ready"


def test_the_lengths_of_the_training_text_are_known_while_the_run_is_open(controller, opening):
    opening += [replace(opened(), limits=(5, 16)), replace(opened("missing"), limits=(2, 9))]
    controller.open("demo")
    assert controller.context.state.limits == (5, 16)
    controller.open("novel")
    assert controller.context.state.limits == (2, 9)


def test_models_that_cannot_be_loaded_leave_the_maps(controller, opening):
    opening.append(opened())
    controller.load.side_effect = LoomError("No checkpoint.", "Train again.")
    controller.open("demo")
    state = controller.context.state
    assert state.maps.kind == "ready"
    assert (state.models.kind, state.models.text) == ("failed", "No checkpoint.")


def test_a_workspace_without_runs_is_a_welcome_not_a_failure(controller, opening, monkeypatch):
    opening.append(LoomError("There is no run named 'demo'.", "Runs there are: none yet."))
    monkeypatch.setattr(Workspace, "run_names", lambda self: [])
    controller.open("demo")
    assert controller.context.state.maps.kind == "none"
    assert "no run named" in controller.context.state.maps.text


def test_closing_stops_the_job_and_lets_go_of_the_file(controller, opening):
    opening += [opened("missing")]
    controller.open("demo")
    controller.close()
    assert FakeJob.made[0].stopped
    ready = opened()
    opening.append(ready)
    controller.open("demo")
    controller.close()
    assert ready.atlas is not None
    assert ready.atlas.cache.closed  # type: ignore[attr-defined]


def test_the_maps_of_a_step_are_made_and_read_as_such_and_the_newest_are_again_without(controller, opening):
    opening += [opened("missing"), opened(), opened()]
    controller.open("demo", 2000)
    assert controller.context.state.step == 2000
    assert FakeJob.made[0].arguments[-2:] == ["--step", "2000"]
    FakeJob.made[0].finished.emit({})
    assert FakeJob.made[1].arguments[0] == "project"
    assert FakeJob.made[1].arguments[-2:] == ["--step", "2000"]
    FakeJob.made[1].finished.emit({})
    assert controller.context.state.maps.kind == "ready"
    assert controller.load.call_args.kwargs == {"step": 2000}
    controller.open("demo")
    assert controller.context.state.step is None
    assert controller.load.call_args.kwargs == {}


def test_what_steps_are_compared_is_told_once_when_a_run_is_opened(controller, opening):
    told: list[str] = []
    controller.note.connect(told.append)
    opening += [replace(opened("missing"), note="that is compared."), replace(opened(), note="that is compared.")]
    controller.open("demo")
    FakeJob.made[0].finished.emit({})
    FakeJob.made[1].finished.emit({})
    assert controller.context.state.maps.kind == "ready"
    assert told == ["that is compared."]


def test_leaving_a_run_waits_for_nothing(qtbot, tmp_path, opening):
    """Whatever is under way, reading, computing or loading models, another run can be opened at once."""
    opening += [opened(), opened()]
    going, go_on = threading.Event(), threading.Event()

    def load(*_: object) -> FakeSession:
        going.set()
        go_on.wait(30)
        return FakeSession()

    controller = RunController(
        Context(ExplorerState(), Requester()), Workspace(tmp_path), LiveWorker, FakeJob, load, after_paint=at_once
    )
    controller.open("slow")
    qtbot.waitUntil(going.is_set, timeout=5000)
    controller.open("other")
    controller.close()
    assert not go_on.is_set()
    assert any(thread.name == "models" for thread in threading.enumerate())
    go_on.set()
    assert wait_for_ends()


def of_step(step: int, fit: str = "ready", training: bool = True) -> Opened:
    return replace(opened(fit), step=step, training=training)


def test_while_a_run_is_trained_maps_are_made_of_the_step_that_was_the_newest_and_stay_of_it(controller, opening):
    """The newest is soon another one: its maps would be out of date before they are there."""
    opening += [of_step(500, "stale"), of_step(500, "missing"), of_step(500)]
    controller.open("demo")
    state = controller.context.state
    assert FakeJob.made[0].arguments[-2:] == ["--step", "500"]
    FakeJob.made[0].finished.emit({})
    FakeJob.made[1].finished.emit({})
    assert (state.maps.kind, state.step, state.shown_step) == ("ready", 500, 500)
    assert state.subject == "demo, step 500"
    assert controller.load.call_args.kwargs == {"step": 500}
    opening += [of_step(700)]
    controller.retry()
    assert (state.step, state.shown_step) == (None, 700)


def wanted(controller, name: str, step: int | None) -> bool:
    """Whether a run is opened that a person asks for."""
    opened_now: list[bool] = []
    controller.unless_shown(name, step, lambda: opened_now.append(True))
    return bool(opened_now)


def test_the_newest_is_opened_again_only_where_there_is_a_newer_one(controller, opening, monkeypatch):
    newest: list[int | None] = [500]
    monkeypatch.setattr(run_controller, "newest_step", lambda workspace, name: newest[-1])
    opening += [of_step(500, training=False)]
    controller.open("demo")
    state = controller.context.state
    assert controller.load.call_args.kwargs == {"step": 500}
    assert not wanted(controller, "demo", None)
    assert not wanted(controller, "demo", 500)
    assert wanted(controller, "other", None)
    assert wanted(controller, "demo", 300)
    controller._look_for_newer()
    assert state.newest_step is None
    newest.append(1100)
    controller._look_for_newer()
    assert state.newest_step == 1100
    assert wanted(controller, "demo", None)
    opening += [of_step(300, training=False)]
    controller.open("demo", 300)
    assert wanted(controller, "demo", None)
    assert not wanted(controller, "demo", 300)


def test_the_map_that_was_chosen_is_shown_again_at_the_next_start_and_when_the_run_is_opened_again(
    qapp, mapped, tmp_path
):
    list(project(mapped.cache("tiny"), None, ProjectionConfig(method="pca", name="second")))

    def started() -> tuple[Context, RunController]:
        settings = AppSettings(tmp_path / "window.ini")
        context = Context(ExplorerState(), Requester(), workspace=mapped, settings=settings)
        load = create_autospec(run_controller.load_session, return_value=FakeSession())
        return context, RunController(context, mapped, DirectWorker, FakeJob, load, after_paint=at_once)

    context, first = started()
    first.open("tiny")
    assert context.atlas is not None
    assert context.atlas.map == "pca"
    MakingController(context, MakingState(), FakeJob).show("second")
    assert context.atlas.map == "second"
    first.close()
    context, second = started()
    second.open("tiny")
    assert context.atlas.map == "second"
    second.open("tiny")
    assert context.atlas.map == "second"
    second.close()
    delete_projections(mapped.cache("tiny"), "second")
    second.open("tiny")
    assert (context.atlas.map, context.state.maps.kind) == ("pca", "ready")
    second.close()


@pytest.mark.parametrize("kind", ["failed", "none"])
def test_a_run_that_could_not_be_opened_is_opened_when_it_is_asked_for_again(controller, opening, monkeypatch, kind):
    opening.append(LoomError("No checkpoint yet.", "Wait for one."))
    if kind == "none":
        monkeypatch.setattr(Workspace, "run_names", lambda self: [])
    controller.open("demo")
    assert controller.context.state.maps.kind == kind
    assert wanted(controller, "demo", None)


def test_a_variant_that_is_hidden_stays_so_in_a_run_that_has_it_and_others(controller, opening):
    first, second = opened(), opened()
    more = replace(second, columns=(*second.columns, replace(second.columns[0], name="annealed")))
    opening += [first, more]
    controller.open("demo")
    state = controller.context.state
    state.shown = ("vae",)
    controller.open("other")
    assert [column.name for column in state.columns] == ["vae", "autogen-m1", "annealed"]
    assert state.shown == ("vae", "annealed")


def test_of_a_run_that_cannot_be_opened_no_variants_of_another_are_shown(controller, opening):
    opening += [opened(), LoomError("run.json cannot be read.", "Look at it.")]
    controller.open("demo")
    controller.open("other")
    state = controller.context.state
    assert (state.maps.kind, state.columns, state.shown) == ("failed", (), ())


def test_a_hidden_variant_alone_does_not_leave_a_run_without_any(controller, opening):
    first, second = opened(), opened()
    opening += [first, replace(second, columns=second.columns[:1])]
    controller.open("demo")
    state = controller.context.state
    state.shown = ("autogen-m1",)
    controller.open("other")
    assert state.shown == ("vae",)


def test_a_variant_stays_hidden_though_a_run_between_could_not_be_opened(controller, opening):
    opening += [opened(), LoomError("run.json cannot be read.", "Look at it."), opened()]
    controller.open("demo")
    state = controller.context.state
    state.shown = ("vae",)
    controller.open("other")
    controller.retry()
    assert state.shown == ("vae",)
