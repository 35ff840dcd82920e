"""The window is closed and the next one begins where it ended; whatever does not hold any more is told."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from app.bench.arithmetic.state import Member
from app.bench.tabs import KINDS
from app.core.jobs.ending import wait_for_ends
from app.core.picks import NOTHING, Origin, Pick, Place
from app.shell.explorer import SESSION, Explorer
from app.shell.session import session as module
from engine.workspace import Workspace
from tests.app.looking import shown, wishes


@pytest.fixture
def begin(make_explorer, qtbot):
    """Begins a window and waits until it has begun; the run is the one of the last time, or `run`."""

    def begun(run: str | None = None, **options) -> Explorer:
        explorer = make_explorer(**options)
        with qtbot.waitSignal(explorer.session.began, timeout=20_000):
            explorer.begin(run)
        shown(explorer)
        return explorer

    return begun


def close(explorer: Explorer) -> None:
    explorer.window.close()
    assert wait_for_ends()


def fill(explorer: Explorer) -> None:
    """Do something in every part of the window."""
    bench, maps = explorer.bench, explorer.maps.controller
    maps.select(3)
    maps.search("the")
    maps.colour_by("nll")
    maps.link(False)
    explorer.maps.selecting.controller.pick(2, "add")
    explorer.maps.selecting.controller.pick(7, "add")
    maps.show_variant("vae", False)
    explorer._choose(replace(explorer.state.choice, beam=3, seed=7))
    bench.tab("Reconstruct").take(Pick("My old dog sees the river."))
    bench.tab("Reconstruct").ask()
    bench.tab("Reconstruct").inspection.controller.set_draws(12)
    bench.tab("Reconstruct").inspection.open("credit")
    explorer.exchange.take_point("A", 5)
    ways = bench.tab("Interpolate")
    z = bench.tab("Reconstruct").state.reconstructed.readings["autogen-m1"].z
    ways.take(Pick("a point", {"vae": z, "autogen-m1": z}, "by hand").of(explorer.state.origin), "B")
    ways.add_stop(Pick("The cat hides."))
    ways.add_stop()
    ways.set_steps(4)
    ways.move_to(3)
    samples = bench.tab("Prior samples")
    samples.set_draw(replace(samples.state.draw, count=2, seed=5))
    samples.add_to_table()
    ways.add_to_table()
    explorer.exchange.gather_clicked()
    moves = bench.tab("Traverse")
    bench.open("Traverse")
    moves.set_count(3)
    moves.move("vae", 1, 2.0)
    bench.tab("Neighbours").take(Pick("We see a dog."))
    bench.tab("Neighbours").set_count(7)
    sums = bench.tab("Arithmetic")
    bench.send(Pick("a boat"), Place("Arithmetic", "a"))
    explorer.exchange.take_group(np.array([1, 2, 4]), "with")
    sums.groups.type("without", "the cat")
    sums.take(Pick("a typed one"), "without")
    sums.set_strength(0.5)
    bench.open("Interpolate")
    shown(explorer)


def rows(explorer: Explorer):
    return explorer.table.state.gathered


def answers(explorer: Explorer) -> dict[str, object]:
    """What the models made of what is wanted."""
    tabs = {kind.name: explorer.bench.tab(kind.name) for kind in KINDS}
    texts = {
        "steps": {name: [r.text for r in each] for name, each in tabs["Interpolate"].state.path.readings.items()},
        "typed": {name: r.text for name, r in tabs["Reconstruct"].state.reconstructed.readings.items()},
        "clicked": {name: r.text for name, r in explorer.maps.state.selected.readings.items()},
        "found": explorer.maps.state.matches,
    }
    return texts


def test_the_next_window_is_as_this_one_was_left(begin, qtbot):
    first = begin("tiny")
    fill(first)
    qtbot.waitUntil(lambda: first.maps.state.matches is not None)
    before, told, gathered = wishes(first), answers(first), rows(first)
    assert len(gathered) > 10
    close(first)

    second = begin()
    assert (second.state.run, second.state.tab, second.state.page) == ("tiny", "Interpolate", "Explore")
    for kind in KINDS:
        second.bench.open(kind.name)
        shown(second)
    second.bench.open("Interpolate")
    shown(second)
    qtbot.waitUntil(lambda: second.maps.state.matches is not None)
    after = wishes(second)
    assert {name: after[name] for name in before} == before
    assert answers(second) == told
    for was, now in zip(gathered, rows(second), strict=True):
        assert (now.numbers, now.index, now.pick, now.columns) == (was.numbers, was.index, was.pick, was.columns)
    assert second.context.history.undoes == ""
    assert second.window.banner.message == ""
    assert second.window.bench.current == "Interpolate"
    shown(second)
    assert second.window.toolbar.search.text() == "the"


def test_a_window_that_is_closed_before_anything_came_back_loses_nothing(begin):
    first = begin("tiny")
    fill(first)
    before = wishes(first)
    close(first)
    close(begin())  # only the tab in view was made
    third = begin()
    for kind in KINDS:
        third.bench.tab(kind.name)
    assert wishes(third) == before


def test_a_window_that_ends_before_its_maps_are_there_loses_nothing(begin, make_explorer, qtbot):
    first = begin("tiny")
    fill(first)
    before = wishes(first)
    close(first)
    second = make_explorer()
    second.run._read = lambda: None  # a slow disk
    with qtbot.waitSignal(second.session.began):
        second.begin()
    assert second.state.selection == -1
    close(second)
    third = begin()
    for kind in KINDS:
        third.bench.tab(kind.name)
    assert wishes(third) == before


def test_what_is_wanted_is_written_soon_and_not_only_at_the_end(begin, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LOOK_MS", 20)
    explorer = begin("tiny")
    explorer.bench.tab("Reconstruct").take(Pick("My old dog"))
    qtbot.waitUntil(lambda: (tmp_path / SESSION).is_file() and "My old dog" in (tmp_path / SESSION).read_text())
    stamp = (tmp_path / SESSION).stat().st_mtime_ns
    explorer.bench.tab("Interpolate").take(Pick("Your sister"), "A")
    qtbot.waitUntil(lambda: "Your sister" in (tmp_path / SESSION).read_text())
    assert (tmp_path / SESSION).stat().st_mtime_ns != stamp


def test_answers_are_not_remembered(begin, tmp_path):
    explorer = begin("tiny")
    explorer.bench.tab("Reconstruct").take(Pick("My old dog sees the river."))
    explorer.bench.tab("Reconstruct").ask()
    said = {reading.text for reading in explorer.bench.tab("Reconstruct").state.reconstructed.readings.values()}
    close(explorer)
    text = (tmp_path / SESSION).read_text()
    assert said
    assert not any(json.dumps(each)[1:-1] in text for each in said if each)


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe nothing", b'{"kind": "something else"}\n', b"[" * 100_000, None])
def test_a_damaged_or_foreign_session_is_set_aside_and_told(begin, tmp_path, damage):
    close(begin("tiny"))
    place = tmp_path / SESSION
    whole = place.read_bytes()
    place.write_bytes(whole.replace(b'"beam": 10', b'"beam": 11') if damage is None else damage)
    kept = place.read_bytes()
    explorer = begin()
    assert explorer.state.run == "tiny"  # the last one that was opened
    assert "cannot be used" in explorer.window.banner.message
    assert "session-unused-1.jsonl" in explorer.window.banner.message
    assert (tmp_path / "session-unused-1.jsonl").read_bytes() == kept
    close(explorer)
    assert begin().window.banner.message == ""


def test_a_newer_version_is_set_aside_and_told(begin, tmp_path):
    close(begin("tiny"))
    text = (tmp_path / SESSION).read_text()
    (tmp_path / SESSION).write_text(text.replace('"version": 1', '"version": 2'))
    assert "its version is 2" in begin().window.banner.message
    assert (tmp_path / "session-unused-1.jsonl").is_file()


@pytest.fixture
def own_workspace(mapped_workspace, tmp_path) -> Workspace:
    """A copy that may be changed."""
    shutil.copytree(mapped_workspace.root, tmp_path / "own")
    return Workspace(tmp_path / "own")


def test_a_run_that_is_gone_leaves_texts_and_table(begin, own_workspace):
    first = begin("other", workspace=own_workspace)
    fill(first)
    gathered = rows(first)
    close(first)
    shutil.rmtree(own_workspace.run("other"))
    second = begin(workspace=own_workspace)
    assert second.state.run in own_workspace.run_names()
    assert "The run other is not there any more" in second.window.banner.message
    assert rows(second) == gathered
    assert second.bench.tab("Reconstruct").state.typed == "My old dog sees the river."
    ways = second.bench.tab("Interpolate").state
    assert (ways.a.index, ways.b, ways.through) == (-1, NOTHING, (Pick("The cat hides."), NOTHING))
    assert second.state.selection == -1
    assert second.bench.tab("Traverse").wish().shifts == {}


def test_a_step_that_is_gone_is_told(begin, tmp_path):
    first = begin("tiny")
    fill(first)
    first.run._wanted = 1_007  # deleted since
    close(first)
    assert '"step": 1007' in (tmp_path / SESSION).read_text()
    second = begin()
    assert (
        "Step 1,007 of tiny is not there any more, so tiny is open at its newest step" in second.window.banner.message
    )
    assert second.bench.tab("Reconstruct").state.typed == "My old dog sees the river."
    assert second.maps.state.selected.text == ""
    assert second.state.maps.kind == "ready"


def test_other_models_under_the_same_name_get_sentences_but_no_points_and_sliders(begin, own_workspace, monkeypatch):
    first = begin("tiny", workspace=own_workspace)
    fill(first)
    clicked, gathered = first.state.selection_text, rows(first)
    close(first)
    corpus = first.session._written[0].corpus
    monkeypatch.setattr("app.run.atlas.Atlas.fingerprints", property(lambda atlas: (corpus, "other models")))
    second = begin(workspace=own_workspace)
    assert "The run is not as it was" in second.window.banner.message
    assert (second.state.selection, second.state.selection_text) == (3, clicked)
    ways = second.bench.tab("Interpolate").state
    assert (ways.a.index, ways.b) == (5, NOTHING)
    assert second.bench.tab("Traverse").wish().shifts == {}
    assert [member.pick.index for member in second.bench.tab("Arithmetic").wish().members_with] == [1, 2, 4]
    assert rows(second) == gathered


def test_other_sentences_under_the_same_name_are_not_pointed_at(begin, own_workspace, monkeypatch):
    first = begin("tiny", workspace=own_workspace)
    fill(first)
    close(first)
    monkeypatch.setattr("app.run.atlas.Atlas.fingerprints", property(lambda atlas: ("other text", "other models")))
    second = begin(workspace=own_workspace)
    assert "The run is not as it was" in second.window.banner.message
    assert second.state.selection == -1
    sums = second.bench.tab("Arithmetic").wish()
    assert (sums.members_with, sums.members_without) == ((), (Member(Pick("a typed one")),))
    ways = second.bench.tab("Interpolate").state
    assert (ways.a.index, bool(ways.a.text)) == (-1, True)


def test_what_was_asked_for_goes_before_what_is_remembered(begin):
    first = begin("tiny")
    fill(first)
    gathered = rows(first)
    close(first)
    second = begin("other")
    assert second.state.run == "other"
    assert rows(second) == gathered
    assert second.state.selection == -1
    assert second.bench.tab("Reconstruct").state.typed == "My old dog sees the river."
    assert second.maps.state.search == "the"
    close(second)
    third = begin("tiny")
    assert third.state.run == "tiny"
    assert rows(third) == gathered


def test_a_person_who_was_quicker_keeps_what_they_did(begin, make_explorer, qtbot):
    first = begin("tiny")
    fill(first)
    close(first)
    second = make_explorer()
    read = second.run._read
    second.run._read = lambda: None
    with qtbot.waitSignal(second.session.began):
        second.begin()
    second.bench.tab("Interpolate").take(Pick("My own choice"), "A")
    read()
    assert second.bench.tab("Interpolate").state.a == Pick("My own choice")
    assert second.bench.tab("Interpolate").state.b.is_point
    assert second.state.selection == 3


def test_the_train_page_follows_what_it_did(begin, qtbot, mapped_workspace):
    first = begin("tiny")
    first.show_page("Train")
    train = first.train
    train.controller.follow(mapped_workspace.run("other"))
    train.controller.compare("tiny")
    train.controller.show_share_of("elbo")
    train.page._splitter.splitterMoved.emit(100, 1)
    qtbot.waitUntil(lambda: train.state.watched is not None and "tiny" in train.state.others, timeout=20_000)
    train.controller.keep(20)
    before = train.wish()
    assert (before.kept_step, len(before.split)) == (20, 2)
    close(first)
    second = begin()
    assert second.state.page == "Train"
    train = second.train
    qtbot.waitUntil(lambda: train.state.watched is not None and "tiny" in train.state.others, timeout=20_000)
    assert train.wish() == before
    assert train.state.watched.name == "other"
    second.show_page("Explore")
    close(second)
    third = begin()
    assert third.state.page == "Explore"
    assert "Train" not in third.pages._made
    third.show_page("Train")
    assert third.train.wish() == before


def test_two_windows_at_once_lose_no_row(begin):
    first = begin("tiny")
    samples = first.bench.tab("Prior samples")
    samples.set_draw(replace(samples.state.draw, count=2, seed=1))
    samples.add_to_table()
    close(first)
    shared = [row.sentences for row in rows(first)]
    one, two = begin(), begin()
    for window, seed in ((one, 2), (two, 3)):
        samples = window.bench.tab("Prior samples")
        samples.set_draw(replace(samples.state.draw, count=2, seed=seed))
        samples.add_to_table()
    own_one, own_two = ([row.sentences for row in rows(window)[2:]] for window in (one, two))
    two.table.remove(0)
    two.bench.tab("Reconstruct").take(Pick("closed first"))
    one.bench.tab("Reconstruct").take(Pick("closed last"))
    close(two)
    close(one)
    third = begin()
    assert third.bench.tab("Reconstruct").state.typed == "closed last"
    there = [row.sentences for row in rows(third)]
    assert len(there) == 6
    for each in (*shared, *own_one, *own_two):
        assert each in there


def test_that_another_window_has_rows_is_told(begin, qtbot):
    one, two = begin("tiny"), begin("tiny")
    samples = one.bench.tab("Prior samples")
    samples.draw()
    samples.add_to_table()
    close(one)
    two.bench.tab("Reconstruct").take(Pick("we go home"))
    two.session.save()
    qtbot.waitUntil(lambda: "Another window has 8 rows in its table" in two.window.banner.message)
    assert rows(two) == ()
    close(two)
    assert len(rows(begin())) == 8


def test_a_row_that_is_removed_does_not_come_back(begin):
    first = begin("tiny")
    fill(first)
    close(first)
    second = begin()
    second.table.clear()
    close(second)
    assert rows(begin()) == ()


def test_a_folder_that_cannot_be_written_is_told_once_and_the_window_goes_on(begin, tmp_path, qtbot):
    explorer = begin("tiny")
    (tmp_path / SESSION).mkdir()
    (tmp_path / SESSION / "inside").touch()
    explorer.bench.tab("Reconstruct").take(Pick("we go home"))
    explorer.session.save()
    qtbot.waitUntil(lambda: explorer.window.banner.message != "")
    assert explorer.bench.tab("Reconstruct").state.typed == "we go home"


def test_a_start_that_cannot_be_found_out_opens_the_run_all_the_same(begin, monkeypatch):
    def planted(*_):
        raise OSError(5, "planted")

    monkeypatch.setattr("app.shell.explorer.start", planted)
    explorer = begin("tiny")
    assert explorer.state.run == "tiny"
    assert explorer.state.maps.kind == "ready"
    assert "planted" in explorer.window.banner.message


def test_typed_sentences_and_searches_stay_when_another_run_is_opened(begin, qtbot):
    explorer = begin("tiny")
    fill(explorer)
    explorer.bench.tab("Neighbours").take(Pick("We see a dog."))
    text = explorer.context.atlas.sentence(5)
    explorer.open("other")
    shown(explorer)
    assert explorer.state.origin == Origin("other", explorer.state.shown_step)
    typed = explorer.bench.tab("Reconstruct").state
    assert typed.typed == "My old dog sees the river."
    assert typed.reconstructed.text == typed.typed
    assert set(typed.reconstructed.readings) == {"vae", "autogen-m1"}
    ways = explorer.bench.tab("Interpolate").state
    assert (ways.a, ways.b, ways.through) == (Pick(text), NOTHING, (Pick("The cat hides."), NOTHING))
    assert ways.steps == 4
    assert explorer.maps.state.search == "the"
    qtbot.waitUntil(lambda: explorer.maps.state.matches is not None)
    assert explorer.state.shown == ("autogen-m1",)
    near = explorer.bench.tab("Neighbours")
    assert (near.subject.state.pick, near.subject.state.following) == (Pick("We see a dog."), False)
    sums = explorer.bench.tab("Arithmetic").wish()
    assert (sums.a, sums.members_with, sums.text_without) == (Pick("a boat"), (), "the cat")
    assert sums.members_without == (Member(Pick("a typed one")),)
    assert explorer.state.selection == -1
    assert explorer.bench.tab("Traverse").wish().shifts == {}
    explorer.retry()
    shown(explorer)
    assert explorer.bench.tab("Reconstruct").state.typed == "My old dog sees the river."
