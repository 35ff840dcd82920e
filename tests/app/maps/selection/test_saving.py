"""Saved selections: kept in the workspace, back at the next start, undone, and of their own sentences only."""

from __future__ import annotations

import numpy as np
import pytest

from app.core.jobs.ending import wait_for_ends
from app.core.state import ExplorerState
from app.core.values import Stage
from app.maps.selection.controller import SelectionController
from app.maps.selection.saving import SavedWish, Saving
from app.maps.selection.state import SelectionState
from app.run.context import Context
from engine.errors import LoomError
from engine.selections import kept
from engine.selections.chosen import Chosen
from engine.workspace import Workspace
from tests.app.fakes import DirectWorker, FakeSession, answering, fake_atlas, opened

CORPUS = "four sentences"


@pytest.fixture
def begin(qapp, tmp_path):
    """Begins on open maps of four sentences, as a window does; what it says is in `said`."""

    def begun(run: str = "demo", make_worker=DirectWorker) -> Saving:
        context = Context(
            ExplorerState(maps=Stage("ready"), run=run),
            answering(FakeSession()),
            fake_atlas(),
            answering(opened()),
            Workspace(tmp_path),
        )
        state = SelectionState()
        made = Saving(context, state, make_worker)
        made.context, made.state, made.said = context, state, []
        made.told.connect(made.said.append)
        made.failed.connect(made.said.append)
        made.controller = SelectionController(context, state)
        context.history.watch("Selection", made.controller)
        context.history.watch("Saved selections", made)
        made.controller.maps_changed()
        made.maps_changed()
        return made

    return begun


def names(saving) -> list[str]:
    return [each.name for each in saving.state.saved]


def on_disk(tmp_path, run: str = "demo") -> dict[str, list[int]]:
    every = kept.read(Workspace(tmp_path).selections(run))
    return {each.name: np.flatnonzero(each.chosen.mask()).tolist() for each in every}


def save(saving, name: str, *indices: int) -> None:
    saving.controller.clear()
    for index in indices:
        saving.controller.pick(index, "add")
    assert saving.save(name)


def test_what_is_saved_is_there_at_the_next_start_for_its_own_run(begin, tmp_path):
    first = begin()
    save(first, "ends", 0, 3)
    save(first, " the  middle ", 1, 2)
    assert names(first) == ["ends", "the middle"]
    second = begin()
    assert names(second) == ["ends", "the middle"]
    second.controller.take(second.chosen("ends"), "“ends”", "new")
    assert np.flatnonzero(second.controller.mask).tolist() == [0, 3]
    assert second.context.history.undoes == "select “ends”"
    assert names(begin("other")) == []


def test_saving_renaming_and_deleting_are_undone_and_done_again_in_the_file_too(begin, tmp_path):
    saving = begin()
    history = saving.context.history
    save(saving, "a", 0)
    save(saving, "a", 0, 1)
    assert history.undoes == "save the selection “a” anew"
    assert saving.rename("a", "b")
    save(saving, "c", 3)
    saving.delete("b")
    assert on_disk(tmp_path) == {"c": [3]}
    assert "Undo" in saving.said[-1]
    seen = []
    while history.undoes:
        history.undo()
        seen.append(on_disk(tmp_path))
    assert seen[0] == {"b": [0, 1], "c": [3]}
    assert {"a": [0, 1]} in seen
    assert {"a": [0]} in seen
    assert seen[-1] == {}
    while history.redoes:
        history.redo()
    assert on_disk(tmp_path) == {"c": [3]}


def test_names_that_cannot_be_are_refused_in_words_and_nothing_is_changed(begin, tmp_path):
    saving = begin()
    assert not saving.save("nothing is selected")
    save(saving, "a", 0)
    save(saving, "b", 1)
    for name in ("", "  ", "x" * 61):
        assert not saving.save(name)
        assert "name" in saving.state.problem.lower()
    assert not saving.rename("a", "b")
    assert saving.state.problem == "“b” is saved already; choose another name."
    assert not saving.rename("a", "a")
    saving.delete("gone")
    assert on_disk(tmp_path) == {"a": [0], "b": [1]}


def test_selections_of_other_sentences_are_counted_and_kept_and_refused(begin, tmp_path):
    other = kept.Saved.now("theirs", Chosen.of(np.array([True, False, True]), "other sentences"))
    kept.change(Workspace(tmp_path).selections("demo"), "demo", "other sentences", {"theirs": other})
    saving = begin()
    assert (names(saving), saving.state.saved_elsewhere) == ([], 1)
    failed = []
    saving.controller.failed.connect(failed.append)
    saving.controller.take(other.chosen, "“theirs”", "new")
    assert failed == ["“theirs” is a selection of other sentences than those of the open run."]
    save(saving, "mine", 0)
    assert set(on_disk(tmp_path)) == {"theirs", "mine"}


def test_another_window_loses_nothing_of_what_it_saved(begin, tmp_path):
    one, two = begin(), begin()
    save(one, "of one", 0)
    save(two, "of two", 1)
    assert set(on_disk(tmp_path)) == {"of one", "of two"}
    two.context.history.undo()
    assert set(on_disk(tmp_path)) == {"of one"}


def test_undoing_leaves_what_another_window_has_saved_and_changed_meanwhile(begin, tmp_path):
    one, two = begin(), begin()
    save(one, "of one", 0)
    save(two, "of two", 1)
    one.maps_changed()  # another map: what is saved is read anew
    assert names(one) == ["of one", "of two"]
    assert one.rename("of one", "first")
    save(two, "of two", 1, 2)
    one.maps_changed()
    one.context.history.undo()
    assert on_disk(tmp_path) == {"of one": [0], "of two": [1, 2]}
    one.context.history.undo()
    assert on_disk(tmp_path) == {"of two": [1, 2]}
    one.context.history.redo()
    one.context.history.redo()
    assert on_disk(tmp_path) == {"first": [0], "of two": [1, 2]}
    assert set(names(one)) == {"first", "of two"}
    save(one, "last", 3)
    save(two, "first", 2)
    one.maps_changed()
    one.context.history.undo()
    assert on_disk(tmp_path) == {"first": [2], "of two": [1, 2]}, "another window has it otherwise since"


def test_a_file_that_cannot_be_read_is_told_and_left_as_it_is(begin, tmp_path):
    path = Workspace(tmp_path).selections("demo")
    path.parent.mkdir()
    path.write_text("{")
    saving = begin()
    assert "could not be read" in saving.said[-1]
    save(saving, "a", 0)
    assert "could not be written" in saving.said[-1]
    assert path.read_text() == "{"


def test_what_could_not_be_written_is_written_with_the_next_change(begin, tmp_path, monkeypatch):
    saving = begin()
    with monkeypatch.context() as patch:
        patch.setattr(
            "app.maps.selection.saving.change", lambda *_, **__: (_ for _ in ()).throw(LoomError("The disk is full."))
        )
        save(saving, "a", 0)
    assert "The disk is full." in saving.said[-1]
    assert names(saving) == ["a"]
    save(saving, "b", 1)
    assert set(on_disk(tmp_path)) == {"a", "b"}


def test_opening_another_run_takes_nothing_from_the_one_before(begin, tmp_path):
    saving = begin()
    save(saving, "a", 0)
    wish = saving.wish().elsewhere()
    assert wish == SavedWish(None)
    saving.context.atlas = None
    saving.maps_changed()
    saving.want(wish)
    assert names(saving) == []
    assert set(on_disk(tmp_path)) == {"a"}


def test_what_was_saved_last_is_written_behind_the_closed_window(begin, tmp_path):
    from app.core.jobs.live_worker import LiveWorker

    saving = begin(make_worker=LiveWorker)
    save(saving, "a", 0)
    save(saving, "b", 1)
    saving.close()
    assert wait_for_ends()
    assert on_disk(tmp_path) == {"a": [0], "b": [1]}
