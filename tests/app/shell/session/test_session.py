"""The window is closed and the next one begins where it ended; whatever does not hold any more is told."""

from __future__ import annotations

import json
from dataclasses import replace

from app.bench.arithmetic.state import Member
from app.bench.tabs import KINDS
from app.core.picks import NOTHING, Origin, Pick
from app.shell.explorer import SESSION
from app.shell.session import session as module
from tests.app.looking import shown, wishes
from tests.app.shell.session.windows import answers, close, fill, rows


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


def test_a_search_that_was_refused_is_not_brought_back(begin, qtbot):
    first = begin("tiny")
    first.maps.controller.search("colour:red")
    qtbot.waitUntil(lambda: not first.maps.controller.searching)
    assert "colour" in first.window.banner.message
    assert first.maps.controller.wish().search == "colour:red"  # undo has it, to be mended
    close(first)
    second = begin()
    shown(second)
    assert (second.maps.state.search, second.window.toolbar.search.text()) == ("", "")
    assert second.window.banner.message == ""
    second.maps.controller.search("colour:red")
    qtbot.waitUntil(lambda: not second.maps.controller.searching)
    second.maps.controller.search("the")  # closed before it is looked for
    close(second)
    third = begin()
    assert third.maps.state.search == "the"
    assert third.window.banner.message == ""


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


def test_a_run_that_is_opened_again_is_as_it_was_left_but_for_what_was_done_elsewhere(begin, qtbot):
    explorer = begin("tiny")
    fill(explorer)
    qtbot.waitUntil(lambda: explorer.maps.state.matches is not None)
    before = wishes(explorer)
    explorer.open("other")
    shown(explorer)
    assert explorer.state.selection == -1
    undone = explorer.context.history.undoes  # of the table, which is of all runs
    explorer.bench.tab("Reconstruct").take(Pick("Typed in between."))
    between = explorer.bench.tab("Reconstruct").wish()
    explorer.open("tiny")
    shown(explorer)
    after = wishes(explorer)
    assert {name: after[name] for name in before if name != "Reconstruct"} == {
        name: before[name] for name in before if name != "Reconstruct"
    }
    assert explorer.bench.tab("Reconstruct").wish() == between
    assert explorer.context.history.undoes == undone
    assert explorer.window.banner.message == ""


def test_what_holds_no_more_of_a_run_that_is_opened_again_is_let_go_and_told(begin, qtbot):
    explorer = begin("tiny")
    fill(explorer)
    explorer.open("other")
    shown(explorer)
    atlas_of = explorer.session._left[("tiny", None)]
    head = replace(atlas_of[0], models="other models")
    explorer.session._left[("tiny", None)] = head, atlas_of[1]
    explorer.open("tiny")
    shown(explorer)
    assert "was let go" in explorer.window.banner.message
    assert explorer.bench.tab("Traverse").wish().shifts == {}
    assert explorer.bench.tab("Arithmetic").wish().members_with != ()  # sentences are the same, and models are not
