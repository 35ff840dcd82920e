"""Other maps are shown, made, renamed and deleted, by the file and by the commands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.core.settings import AppSettings
from app.core.state import ExplorerState
from app.core.values import Stage
from app.maps.making.controller import MakingController
from app.maps.making.state import MakingState
from app.run.atlas import Opened, read_atlas
from app.run.context import Context
from engine.config import ProjectionConfig
from engine.maps.projection import project
from engine.storage.cache_maps import delete_projections, rename_projections
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace
from tests.app.fakes import COLUMNS, FakeJob, FakeSession, answering
from tests.engine.storage.caches import arrays, make_cache

N = 20


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A cache of two models with a map of principal components."""
    made = make_cache(tmp_path / "run.h5", {column.name: arrays(N, 3) for column in COLUMNS})
    list(project(made, None, ProjectionConfig(method="pca")))
    return made


@pytest.fixture
def controller(qapp, path, tmp_path):
    """On the open cache; what goes wrong is kept in `said`, what the maps were in `stages`."""
    FakeJob.made.clear()
    opened = Opened(COLUMNS, "ready", atlas=read_atlas(LatentCache.open(path)))
    state = ExplorerState(columns=COLUMNS, run="demo", maps=Stage("ready"))
    context = Context(state, answering(FakeSession()), opened.atlas, answering(opened), Workspace(tmp_path))
    made = MakingController(context, MakingState(), FakeJob)
    made.context, made.state, made.said, made.stages, made.opened = context, made._state, [], [], opened
    made.failed.connect(made.said.append)
    state.events.maps.connect(lambda stage: made.stages.append(stage.kind))
    yield made
    opened.hold.close()
    opened.atlas.close()


def test_another_map_is_read_from_the_file_as_it_is_now_and_everybody_hears_of_it(controller, path):
    before = controller.context.atlas
    assert (before.map, [each.name for each in before.maps]) == ("pca", ["pca"])
    list(project(path, ["vae"], ProjectionConfig(name="mine")))
    controller.show("mine")
    atlas = controller.context.atlas
    assert (atlas.map, [each.name for each in atlas.maps]) == ("mine", ["mine", "pca"])
    with LatentCache.open(path) as cache:
        np.testing.assert_array_equal(atlas.numbers["vae"].coords, cache.projection("vae", "mine"))
        placed = cache.mu("vae")[:2]
    np.testing.assert_allclose(atlas.place("vae", placed), atlas.numbers["vae"].coords[:2], atol=1e-4)
    other = atlas.numbers["autogen-m1"]
    assert other.coords is None
    assert "not made of this model" in other.places.problem
    assert atlas.place("autogen-m1", placed) is None
    assert controller.stages == ["loading", "ready"]
    assert controller.opened.atlas is atlas  # whoever asks the reader's thread is told of this map too
    np.testing.assert_array_equal(other.kl, before.numbers["autogen-m1"].kl)


def test_maps_that_a_command_has_made_or_deleted_are_there_when_one_looks(controller, path):
    before = controller.context.atlas
    controller.look()
    assert (controller.context.atlas is before, controller.stages) == (True, [])  # nothing has changed
    list(project(path, None, ProjectionConfig(name="mine")))
    controller.look()
    atlas = controller.context.atlas
    assert (atlas.map, [each.name for each in atlas.maps]) == ("pca", ["mine", "pca"])
    delete_projections(path, "pca")
    controller.look()
    assert (controller.context.atlas.map, [each.name for each in controller.context.atlas.maps]) == ("mine", ["mine"])
    controller.look()
    assert controller.stages == ["loading", "ready"] * 2
    assert controller.said == []


def test_while_a_map_is_made_nobody_looks_and_of_other_latents_that_is_told(controller, path):
    controller.make("UMAP", [])
    list(project(path, None, ProjectionConfig(name="mine")))
    controller.look()
    assert controller.stages == []
    controller.cancel()
    make_cache(path, {column.name: arrays(N, 3) for column in COLUMNS}, corpus_fingerprint="others")
    controller.look()
    assert "made anew meanwhile" in controller.said[0]


def test_a_map_that_is_not_there_is_told_and_nothing_changes(controller):
    before = controller.context.atlas
    controller.show("gone")
    assert controller.context.atlas is before
    assert "No model has a map 'gone'" in controller.said[0]
    assert controller.stages == []


def test_latents_that_were_made_anew_meanwhile_are_told(controller, path):
    make_cache(path, {column.name: arrays(N, 3) for column in COLUMNS}, corpus_fingerprint="others")
    controller.show("pca")
    assert "made anew meanwhile" in controller.said[0]


def test_a_map_is_made_by_the_command_and_shown_when_it_is_there(controller, path, tmp_path):
    controller.make("t-SNE", ["--method", "tsne"])
    job = FakeJob.made[0]
    assert job.started
    assert job.arguments == ["project", "demo", "--workspace", str(tmp_path), "--method", "tsne"]
    job.reported.emit({"event": "progress", "stage": "VAE: layout", "done": 5, "total": 10, "unit": "step"})
    assert controller.state.making == "t-SNE"
    assert 0 < controller.state.fraction < 1
    assert controller.state.stage == "Laying out the map of VAE"
    controller.make("another", [])
    assert len(FakeJob.made) == 1  # one at a time
    told = []
    controller.told.connect(told.append)
    *_, done = project(path, None, ProjectionConfig(method="tsne"))
    job.finished.emit(done.result)
    assert (controller.state.making, controller.context.atlas.map) == ("", "tsne")
    assert told == []
    controller.make("t-SNE", ["--method", "tsne"])
    *_, again = project(path, None, ProjectionConfig(method="tsne"))
    FakeJob.made[1].finished.emit(again.result)
    assert told == ["There is such a map already, made with the same settings. It is shown."]


def test_a_cancelled_map_is_stopped_and_another_can_be_made(controller):
    controller.make("UMAP", [])
    controller.cancel()
    assert FakeJob.made[0].stopped
    assert controller.state.making == ""
    controller.make("UMAP", [])
    assert len(FakeJob.made) == 2
    controller.forget()
    assert FakeJob.made[1].stopped


def test_what_goes_wrong_is_told_with_what_to_do(controller):
    controller.make("UMAP", [])
    FakeJob.made[0].failed.emit("The disk is full.", "Free some space.")
    assert controller.said == ["The disk is full. Free some space."]
    assert controller.state.making == ""


def test_a_renamed_map_stays_in_view_and_a_deleted_one_gives_way_to_the_usual(controller, path):
    list(project(path, None, ProjectionConfig()))
    controller.show("pca")
    controller.rename("pca", "axes")
    assert FakeJob.made[0].arguments[-4:] == ["--rename", "pca", "--name", "axes"]
    rename_projections(path, "pca", "axes")
    FakeJob.made[0].finished.emit({"renamed": "pca", "to": "axes"})
    assert controller.context.atlas.map == "axes"
    controller.delete("axes")
    assert FakeJob.made[1].arguments[-2:] == ["--delete", "axes"]
    delete_projections(path, "axes")
    FakeJob.made[1].finished.emit({})
    assert controller.context.atlas.map == "umap"


def test_a_map_that_was_chosen_while_another_is_deleted_stays_in_view(controller, path):
    list(project(path, None, ProjectionConfig()))
    list(project(path, None, ProjectionConfig(method="pca", name="mine")))
    controller.show("pca")
    controller.delete("pca")
    controller.show("mine")
    delete_projections(path, "pca")
    FakeJob.made[-1].finished.emit({})
    assert controller.context.atlas.map == "mine"
    assert "pca" not in [each.name for each in controller.context.atlas.maps if each.variants]


def answer(path) -> list[str]:
    """Have the newest command rename what it says, as the program does; its arguments."""
    job = FakeJob.made[-1]
    _, name, _, new = job.arguments[-4:]
    rename_projections(path, name, new)
    job.finished.emit({"renamed": name, "to": new})
    return [name, new]


def test_a_map_that_was_renamed_has_its_old_name_back_by_undo_and_the_new_one_by_redo(controller, path):
    history = controller.context.history
    history.watch("Map names", controller)
    list(project(path, None, ProjectionConfig(method="pca", name="mine")))
    controller.rename("pca", "axes")
    assert history.undoes == ""  # it may still go wrong
    answer(path)
    assert history.undoes == "rename the map “PCA”"
    controller.rename("axes", "plain axes")
    answer(path)
    controller.show("mine")
    history.undo()
    history.undo()  # while the first is under way
    assert answer(path) == ["plain axes", "axes"]
    assert answer(path) == ["axes", "pca"]
    assert [each.name for each in controller.context.atlas.maps] == ["mine", "pca"]
    assert controller.context.atlas.map == "mine"
    assert len(FakeJob.made) == 4
    history.redo()
    assert answer(path) == ["pca", "axes"]
    assert (history.undoes, history.redoes) == ("rename the map “PCA”", "rename the map “axes”")
    assert controller.said == []


def test_the_choice_of_a_map_is_undone_and_done_again(controller, path):
    history = controller.context.history
    history.watch("Map names", controller)
    list(project(path, None, ProjectionConfig(method="pca", name="mine")))
    controller.look()
    controller.choose("mine")
    assert (controller.context.atlas.map, history.undoes) == ("mine", "show the map “mine”")
    controller.choose("mine")
    controller.rename("mine", "better")
    answer(path)
    controller.choose("pca")
    assert history.undoes == "show the map “PCA”"
    history.undo()
    assert controller.context.atlas.map == "better"
    history.redo()
    assert controller.context.atlas.map == "pca"
    history.undo()
    history.undo()  # the name
    assert answer(path) == ["better", "mine"]
    history.undo()
    assert (controller.context.atlas.map, history.undoes) == ("pca", "")
    assert controller.said == []


def test_an_undo_waits_for_a_map_that_is_made_and_one_that_cannot_be_is_told(controller, path):
    history = controller.context.history
    history.watch("Map names", controller)
    controller.rename("pca", "axes")
    answer(path)
    controller.make("UMAP", [])
    history.undo()
    assert len(FakeJob.made) == 2
    FakeJob.made[-1].failed.emit("The disk is full.", "Free some space.")
    assert FakeJob.made[-1].arguments[-4:] == ["--rename", "axes", "--name", "pca"]
    FakeJob.made[-1].failed.emit("It has a map 'pca' already.", "")
    assert controller.said == ["The disk is full. Free some space.", "It has a map 'pca' already."]
    assert controller.context.atlas.map == "axes"
    assert (history.undoes, history.redoes) == ("rename the map “PCA”", "")  # it is called so still
    history.redo()
    assert len(FakeJob.made) == 3
    controller.make("UMAP", [])
    history.undo()
    controller.forget()  # another run has maps of its own
    assert len(FakeJob.made) == 4


def test_that_it_is_undone_is_said_once_it_is_and_never_where_it_fails(controller, path):
    history, told = controller.context.history, []
    history.watch("Map names", controller)
    history.went.connect(lambda words, how, features: told.append(f"{how}: {words}"))
    controller.rename("pca", "axes")
    answer(path)
    history.undo()
    assert told == []
    FakeJob.made[-1].failed.emit("The disk is full.", "Free some space.")
    assert (told, controller.said) == ([], ["The disk is full. Free some space."])
    history.undo()  # once more
    assert answer(path) == ["axes", "pca"]
    assert told == ["Undone: rename the map “PCA”"]
    history.redo()
    assert len(told) == 1
    answer(path)
    assert told[1:] == ["Done again: rename the map “PCA”"]
    controller.make("UMAP", [])
    history.undo()
    history.redo()  # before it was the turn of the first
    assert told[2:] == ["Undone: rename the map “PCA”", "Done again: rename the map “PCA”"]
    history.undo()
    controller.forget()
    assert len(told) == 4


def test_behind_a_coarse_map_the_usual_one_is_made_of_the_models_that_can_be_read(controller):
    controller.context.state.broken = {"vae": "damaged"}
    controller.refine()
    assert controller.state.coarse
    assert FakeJob.made[0].arguments[-2:] == ["--variants", "autogen-m1"]


def remembered(controller, path) -> str:
    """The chosen map of the run, as the next start reads it."""
    return AppSettings(path.with_name("window.ini")).chosen_map(controller.context.workspace.root, "demo")


@pytest.fixture
def remembering(controller, path):
    controller.context.settings = AppSettings(path.with_name("window.ini"))
    list(project(path, None, ProjectionConfig(method="pca", name="mine")))
    return controller


def test_a_map_that_is_chosen_made_or_renamed_is_remembered_and_a_deleted_one_forgotten(remembering, path):
    remembering.show("mine")
    assert remembered(remembering, path) == "mine"
    remembering.make("t-SNE", ["--method", "tsne"])
    list(project(path, None, ProjectionConfig(method="tsne")))
    FakeJob.made[-1].finished.emit({"projection": "tsne"})
    assert remembered(remembering, path) == "tsne"
    remembering.rename("tsne", "better")
    rename_projections(path, "tsne", "better")
    FakeJob.made[-1].finished.emit({"renamed": "tsne", "to": "better"})
    assert remembered(remembering, path) == "better"
    remembering.delete("better")
    delete_projections(path, "better")
    FakeJob.made[-1].finished.emit({})
    assert remembered(remembering, path) == ""


def test_a_map_that_nobody_chose_or_that_is_not_shown_is_not_remembered(remembering, path):
    remembering.show("gone")
    assert remembered(remembering, path) == ""
    remembering.show("mine")
    remembering.refine()
    list(project(path, None, ProjectionConfig()))
    FakeJob.made[-1].finished.emit({"projection": "umap"})
    assert remembering.context.atlas.map == "umap"
    assert remembered(remembering, path) == "mine"
