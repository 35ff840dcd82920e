"""Whatever a person does in the window is undone and done again, with what the models answer to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.bench.arithmetic import words
from app.bench.arithmetic.words import Contrast
from app.bench.tabs import KINDS
from app.core.picks import NOTHING, Pick, Place
from app.shell.explorer import Explorer
from tests.app.looking import shown, wishes

Deeds = list[tuple[str, Callable[[], object]]]


def tab(explorer: Explorer, name: str):
    return explorer.bench.tab(name)


def deeds(explorer: Explorer) -> Deeds:
    """Each with the words under which it can be undone; whatever they need has been done before them."""
    maps, choice = explorer.maps.controller, explorer.state.choice
    ways, sums, moves, near = (tab(explorer, name) for name in ("Interpolate", "Arithmetic", "Traverse", "Neighbours"))
    samples, typed, table = tab(explorer, "Prior samples"), tab(explorer, "Reconstruct"), tab(explorer, "Table")
    groups = sums.groups
    return [
        ("click a sentence", lambda: maps.select(3)),
        ("click a sentence", lambda: maps.select(5)),
        ("let go of the clicked sentence", lambda: maps.select(-1)),
        ("search for “the”", lambda: maps.search("the")),
        ("clear the search", lambda: maps.search("")),
        ("colour by rec. loss", lambda: maps.colour_by("nll")),
        ("show the density", lambda: maps.show_density(True)),
        ("unlink the maps", lambda: maps.link(False)),
        ("hide VAE", lambda: maps.show_variant("vae", False)),
        ("change the width of the beam", lambda: explorer._choose(replace(choice, beam=3))),
        ("change how words are chosen", lambda: explorer._choose(replace(choice, beam=3, method="greedy"))),
        ("put a sentence into Interpolate, A", lambda: explorer.exchange.take_point("A", 4)),
        ("choose B", lambda: ways.view.fields["B"]._take(Pick("my dog sees the river"))),
        ("add a stop", lambda: ways.view.more.click()),
        ("choose a stop", lambda: ways.set_stop(0, Pick("a boat"))),
        ("add a stop", lambda: ways.add_stop(Pick("the house"))),
        ("exchange two stops", lambda: ways.move_stop(0, 1)),
        ("remove a stop", lambda: ways.remove_stop(1)),
        ("change the number of steps", lambda: ways.set_steps(4)),
        ("go to another step", lambda: ways.view.slider.setValue(7)),
        ("choose slerp", lambda: ways.set_slerp(True)),
        ("fold repeats", lambda: ways.set_fold(True)),
        ("take a random pair", explorer.exchange.random_pair),
        ("empty A", lambda: ways.view.fields["A"]._clear.trigger()),
        ("put a sentence into Reconstruct", lambda: explorer.bench.send(Pick("we go home"), Place("Reconstruct"))),
        ("type a sentence", lambda: typed.view.field._take(Pick("the cat sees"))),
        ("empty the field of Reconstruct", lambda: typed.view.field._clear.trigger()),
        ("change the number of samples", lambda: typed.inspection.controller.set_draws(20)),
        ("take a new seed", samples.new_seed),
        ("draw other samples", lambda: samples.set_draw(replace(samples.state.draw, count=3))),
        ("choose the sentence of Traverse", lambda: moves.view.field._take(Pick("we see a dog"))),
        ("move a slider", lambda: moves.move("vae", 0, 1.5)),
        ("move a slider", lambda: moves.move("vae", 1, -0.5)),
        ("put a slider back", lambda: moves.reset("vae", 1)),
        ("choose other sliders of Traverse", lambda: moves.choose(0)),
        ("put all sliders back", lambda: moves.reset()),
        ("choose other directions", lambda: moves.choose_kind("principal")),
        ("follow the clicked sentence in Traverse", lambda: moves.follow(True)),
        ("choose the sentence of Neighbours", lambda: near.view.field._take(Pick("we see a dog"))),
        ("choose another distance", lambda: near.choose_distance("cosine")),
        ("change the number of neighbours", lambda: near.set_count(7)),
        ("click a neighbour", lambda: near.point(6)),
        ("follow the clicked sentence in Neighbours", lambda: near.follow(True)),
        ("click a neighbour", lambda: near.point(9)),
        ("fill in an example", sums.example),
        ("choose a", lambda: sums.view.fields["a"]._take(Pick("a boat"))),
        ("fill in an example", sums.example),
        ("change the strength", lambda: sums.set_strength(0.5)),
        ("put a sentence into Arithmetic, with", lambda: explorer.bench.send(Pick("I"), Place("Arithmetic", "with"))),
        ("type into “without”", lambda: groups.type("without", "we")),
        ("add a sentence to “without”", lambda: groups.add_line("without")),
        ("add to “with”", lambda: explorer.exchange.take_group(np.array([1, 2, 3]), "with")),
        ("take a sentence out of “with”", lambda: groups.remove("with", 0)),
        ("empty “with”", lambda: groups.clear("with")),
        ("fill in an example", sums.example),
        ("type into “with”", lambda: groups.type("with", "a word")),
        ("add 3 rows to the table", lambda: samples.add_to_table()),
        ("remove a row", lambda: table.remove(0)),
        ("clear the table", table.clear),
    ]  # fmt: skip


@pytest.fixture
def explorer(make_explorer, monkeypatch):
    """The window on the tiny run, with every tab made."""
    monkeypatch.setattr(words, "CONTRASTS", (Contrast("the cat", "my old dog", "My old dog sees the river."),))
    made = make_explorer()
    made.open("tiny")
    for kind in KINDS:
        made.bench.tab(kind.name)
    shown(made)
    made.bench.tab("Traverse").opened()
    return made


def settle(explorer: Explorer) -> None:
    """The hand rests."""
    explorer.context.history._rest.timeout.emit()


def answers_fit(explorer: Explorer) -> None:
    """What the models answered is of what is wanted now."""
    ways, typed, near = (tab(explorer, name).state for name in ("Interpolate", "Reconstruct", "Neighbours"))
    stops = tuple(stop.label for stop in ways.stops() if stop != NOTHING)
    assert ways.path.stops == (() if NOTHING in (ways.a, ways.b) else stops)
    assert ways.path.steps == ways.steps
    assert 0 <= ways.position <= ways.path.end
    assert typed.reconstructed.text == typed.given.text
    sums = tab(explorer, "Arithmetic").state
    assert bool(sums.analogy.after) == all(pick.text for pick in (sums.a, sums.b, sums.c))
    assert bool(sums.evidence or sums.unmeasured) == all(group.members for group in sums.groups.values())
    clicked = explorer.maps.state.selected.text
    assert clicked == explorer.state.selection_text
    if clicked:
        assert set(explorer.maps.state.selected.readings) == set(explorer.state.usable())
    subject = tab(explorer, "Neighbours").subject.state
    if explorer.state.tab == "Neighbours":
        assert bool(near.found.nearest) == (subject.pick != NOTHING)
    shifts, sliders = tab(explorer, "Traverse").state.shifts, tab(explorer, "Traverse").state.sliders
    assert all(len(shifts[name]) == len(each) for name, each in sliders.items())


def test_each_deed_is_undone_and_done_again_with_its_answers(explorer):
    history = explorer.context.history
    first, seen = wishes(explorer), []
    for expected, do in deeds(explorer):
        settle(explorer)
        before = wishes(explorer)
        do()
        after = wishes(explorer)
        assert (history.undoes, before != after) == (expected, True)
        seen.append(before)
        history.undo()
        assert wishes(explorer) == before, expected
        assert history.redoes == expected
        answers_fit(explorer)
        history.redo()
        assert wishes(explorer) == after, expected
        answers_fit(explorer)
    last = wishes(explorer)
    for before in reversed(seen):
        history.undo()
        assert wishes(explorer) == before
    assert (wishes(explorer), history.undoes) == (first, "")
    chance = Random(1)
    for _ in range(100):
        (history.undo if chance.random() < 0.4 else history.redo)()
        answers_fit(explorer)
    while history.redoes:
        history.redo()
    assert wishes(explorer) == last
    shown(explorer)


def test_an_example_whose_groups_are_found_later_is_one_step(explorer):
    tab(explorer, "Arithmetic").choose_face("concept")
    sums, archive, history = tab(explorer, "Arithmetic"), explorer.context.archive, explorer.context.history
    sums.groups.type("with", "my own words")
    settle(explorer)
    before = wishes(explorer)
    reader = archive._worker
    archive.detach()
    sums.example()
    assert not sums.state.groups["with"].members
    settle(explorer)
    archive.attach(reader)
    after = wishes(explorer)
    assert all(group.members for group in sums.state.groups.values())
    assert history.undoes == "fill in an example"
    history.undo()
    assert wishes(explorer) == before
    history.redo()
    assert wishes(explorer) == after
    history.undo()
    archive.detach()
    history.redo()
    history.undo()  # before anything could be counted
    archive.attach(reader)
    assert wishes(explorer) == before


def test_a_slider_that_is_dragged_is_one_step_and_its_sentences_come_back(explorer, qtbot):
    explorer.bench.open("Traverse")
    traverse, history = tab(explorer, "Traverse"), explorer.context.history
    traverse.take(Pick("My old dog sees the river."))
    shown(explorer)
    home = {name: reading.text for name, reading in traverse.state.live.readings.items()}
    settle(explorer)
    for place in np.linspace(0.1, 3.0, 12):
        traverse.move("vae", 0, float(place))
    traverse.move("vae", 1, 2.0)
    assert history.undoes == "move a slider"
    history.undo()
    assert traverse.wish().shifts["vae"][1] == 0
    assert traverse.state.position("vae", 0) == pytest.approx(3.0)
    history.undo()
    assert traverse.wish().shifts == {}
    assert history.undoes == "choose the sentence of Traverse"
    assert {name: reading.text for name, reading in traverse.state.live.readings.items()} == home


def test_typing_is_one_step_until_the_hand_rests_and_what_replaces_it_is_another(explorer, qtbot):
    typed, history = tab(explorer, "Reconstruct"), explorer.context.history
    field = typed.view.field
    qtbot.keyClicks(field, "the cat")
    assert history.undoes == "type a sentence"
    field._take(Pick("my old dog"))  # dropped on it, before the hand has rested
    history.undo()
    shown(explorer)
    assert field.text() == "the cat"
    history.undo()
    shown(explorer)
    assert (field.text(), history.undoes) == ("", "")


def test_the_menu_says_what_is_undone_and_the_tab_shows_it(explorer):
    undo, redo = explorer.actions.undo, explorer.actions.redo
    assert (undo.text(), undo.isEnabled(), redo.isEnabled()) == ("Undo", False, False)
    explorer.bench.open("Interpolate")
    tab(explorer, "Interpolate").add_stop(Pick("a boat"))
    explorer.bench.open("Prior samples")
    assert (undo.text(), undo.isEnabled()) == ("Undo: add a stop", True)
    undo.trigger()
    shown(explorer)
    assert explorer.state.tab == "Interpolate"
    assert explorer.window.banner.message == "Undone: add a stop"
    assert (undo.text(), redo.text(), redo.isEnabled()) == ("Undo", "Redo: add a stop", True)
    redo.trigger()
    assert tab(explorer, "Interpolate").state.through == (Pick("a boat"),)
    explorer.maps.controller.search("A & B" + "x" * 100)
    assert undo.text().startswith("Undo: search for “A && Bxxx")
    assert len(undo.text()) < 70
    assert {key.toString() for key in undo.shortcuts()} >= {"Ctrl+Z"}
    assert {key.toString() for key in redo.shortcuts()} >= {"Ctrl+Shift+Z"}


def test_nothing_is_undone_out_of_sight_on_the_train_page(explorer):
    explorer.maps.controller.show_density(True)
    explorer.state.page = "Train"
    assert not explorer.actions.undo.isEnabled()
    explorer.state.page = "Explore"
    assert explorer.actions.undo.isEnabled()


def test_a_field_keeps_its_own_undo_while_it_has_the_cursor(explorer, qtbot):
    window, field = explorer.window, tab(explorer, "Interpolate").view.fields["A"]
    explorer.maps.controller.show_density(True)
    window.bench.show_tab("Interpolate")
    shown(explorer)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    field.setFocus()
    qtbot.keyClicks(field, "cat")
    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    QApplication.processEvents()
    assert (field.text(), explorer.maps.state.density) == ("", True)


def test_of_another_run_only_the_rows_of_the_table_go_back(explorer):
    table, history = tab(explorer, "Table"), explorer.context.history
    tab(explorer, "Prior samples").draw()
    tab(explorer, "Prior samples").add_to_table()
    rows = table.state.gathered
    explorer.maps.controller.select(3)
    tab(explorer, "Interpolate").take(Pick("a boat"), "A")
    table.clear()
    explorer.open("tiny", 4)
    assert history.undoes == "clear the table"
    history.undo()
    assert table.state.gathered == rows
    assert history.undoes.startswith("add ")
    history.undo()
    assert (table.state.gathered, history.undoes) == ((), "")
