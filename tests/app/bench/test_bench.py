"""The tabs of the bench in the window, with models that answer at once."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QMenu

from app.core.picks import Pick
from tests.app.fakes import SENTENCES, DirectWorker
from tests.app.looking import shown, texts


def test_typing_marks_unknown_words_and_shows_reconstructions(explorer, qtbot):
    explorer.open("demo")
    qtbot.keyClicks(explorer.bench.tab("Reconstruct").view.field, "xylophone music")
    qtbot.waitUntil(lambda: len(explorer.bench.tab("Reconstruct").state.reconstructed.readings) == 2, timeout=3000)
    shown(explorer)
    assert "1 word is not in the vocabulary" in explorer.bench.tab("Reconstruct").view.reading_note
    assert "beam" in texts(explorer.bench.tab("Reconstruct").view)


def test_beside_a_blank_unknown_words_are_marked_while_it_is_filled_too(explorer, monkeypatch):
    monkeypatch.setattr("app.bench.reconstruct.inspection.requests.fill", lambda *_: iter(()))
    explorer.open("demo")
    tab = explorer.bench.tab("Reconstruct")

    def type_and_read(text: str, *unknown: bool) -> None:
        tab.take(Pick(text), "")
        tab.ask()
        tab.state.reconstructed = replace(tab.state.reconstructed, unknown=unknown)  # as real models read a blank
        shown(explorer)

    type_and_read("xylophone ___ music", True, True, False)
    assert "is a blank" in tab.view.reading_note
    assert "1 word is not in the vocabulary" in tab.view.reading_note
    tab.inspection.open("fill")
    shown(explorer)
    assert tab.view.reading_note.startswith("1 word is not in the vocabulary: ")
    assert "Xylophone</span>" in tab.view.reading_note
    type_and_read("a ___ music", False, True, False)
    assert tab.view.reading_note == ""


@pytest.mark.parametrize(
    ("tab", "fields"),
    [
        ("Reconstruct", ("field",)),
        ("Interpolate", ("A", "B", "stop")),
        ("Traverse", ("field",)),
        ("Neighbours", ("field",)),
        ("Arithmetic", ("a", "b", "c", "subject")),
    ],
)
def test_every_field_says_at_once_that_a_sentence_is_beyond_the_training_text(explorer, qtbot, tab, fields):
    explorer.open("demo")
    explorer.window.bench.show_tab(tab)
    explorer.state.limits = (2, 4)
    shown(explorer)
    view = explorer.bench.tab(tab).view
    for name in fields:
        if name == "stop":
            view.stop_wanted.emit()
            shown(explorer)
        if name == "subject":
            explorer.bench.tab(tab).choose_face("concept")
            shown(explorer)
        field = view.stops.fields[0] if name == "stop" else view.field if name == "field" else view.fields[name]
        qtbot.keyClicks(field, "one two three four")
        assert view.lengths.isHidden()
        qtbot.keyClicks(field, " five")
        assert not view.lengths.isHidden()
        assert "5 tokens" in view.lengths.text()
        assert "of 2 to 4" in view.lengths.text()
        field.clear()
        assert view.lengths.isHidden()


ASKED = {
    "Reconstruct": lambda tab: tab.take(Pick("a b c"), ""),
    "Interpolate": lambda tab: (tab.set_end("A", Pick("a b c")), tab.set_end("B", Pick("d e f")), tab.set_slerp(True)),
    "Prior samples": lambda tab: tab.new_seed(),
    "Traverse": lambda tab: tab.take(Pick("a b c"), ""),
    "Neighbours": lambda tab: tab.take(Pick("a b c"), ""),
    "Arithmetic": lambda tab: [tab.take(Pick("a b c"), slot) for slot in "abc"],
    "Arithmetic, concept": lambda tab: (tab.choose_face("concept"), tab.example()),
    "Reconstruct, cloud": lambda tab: (tab.inspection.open("cloud"), tab.take(Pick("a b c"), "")),
    "Reconstruct, credit": lambda tab: (tab.inspection.open("credit"), tab.take(Pick("a b c"), "")),
    "Reconstruct, tree": lambda tab: (tab.inspection.open("tree"), tab.take(Pick("a b c"), "")),
    "Reconstruct, fill": lambda tab: (tab.inspection.open("fill"), tab.take(Pick("a ___ c"), "")),
}
INVITATIONS = (
    "Choose A and B",
    "Press New seed",
    "Click a point",
    "Type a",
    "Fill ",
    "press Example",
    "will stand here",
)


@pytest.mark.parametrize("asked", ASKED)
def test_while_something_is_computed_it_says_so_and_invites_to_nothing(explorer, qtbot, monkeypatch, asked):
    explorer.open("demo")
    monkeypatch.setattr(DirectWorker, "request", lambda worker, channel, work: None)  # asked, and no answer comes
    name = asked.partition(",")[0]
    explorer.window.bench.show_tab(name)
    tab = explorer.bench.tab(name)
    ASKED[asked](tab)
    if name == "Reconstruct":
        tab.ask()
    shown(explorer)
    look = asked.partition(", ")[2]
    view = tab.inspection.views[look] if name == "Reconstruct" and look else tab.view
    painted = itertools.chain.from_iterable(getattr(view, "texts", ()))
    said = [text for text in (*texts(tab.view).splitlines(), *painted) if text]
    assert [text for text in said if any(text.startswith(word) or "here." in text for word in INVITATIONS)] == []
    assert any("…" in text for text in said), said


def test_letters_typed_into_a_field_are_not_taken_as_keys(explorer, qtbot):
    explorer.open("demo")
    explorer.bench.tab("Reconstruct").view.field.setFocus()
    qtbot.keyClicks(explorer.bench.tab("Reconstruct").view.field, "rab")
    assert explorer.bench.tab("Reconstruct").view.field.text() == "rab"
    assert explorer.bench.tab("Interpolate").state.path.readings == {}


def test_keys_take_the_point_and_move_the_step(explorer, qtbot):
    explorer.open("demo")
    explorer.maps.controller.select(1)
    explorer.actions.end_a.trigger()
    explorer.maps.controller.select(3)
    explorer.actions.end_b.trigger()
    shown(explorer)
    assert (explorer.bench.tab("Interpolate").state.a.index, explorer.bench.tab("Interpolate").state.b.index) == (1, 3)
    assert explorer.window.bench.current == "Interpolate"
    before = explorer.bench.tab("Interpolate").state.position
    explorer.window.centralWidget().setFocus()
    qtbot.keyClick(explorer.window.centralWidget(), Qt.Key.Key_Right)
    assert explorer.bench.tab("Interpolate").state.position == before + 1
    shown(explorer)
    assert explorer.bench.tab("Interpolate").view.slider.value() == before + 1
    explorer.actions.random_pair.trigger()
    assert explorer.bench.tab("Interpolate").state.a.text != explorer.bench.tab("Interpolate").state.b.text


def test_a_random_pair_gives_the_arrow_keys_to_the_step(explorer, qtbot):
    explorer.open("demo")
    shown(explorer)
    explorer.actions.random_pair.trigger()
    shown(explorer)
    tab = explorer.bench.tab("Interpolate")
    before = tab.state.position
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
    assert (tab.state.position, explorer.state.tab) == (before + 1, "Interpolate")


def test_a_key_that_opens_another_tab_does_not_leave_the_cursor_in_a_field(explorer, qtbot):
    explorer.open("demo")
    shown(explorer)
    explorer.maps.controller.select(1)
    explorer.bench.tab("Reconstruct").view.field.setFocus()
    explorer.actions.end_a.trigger()
    shown(explorer)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_B)
    assert explorer.bench.tab("Interpolate").view.fields["A"].text() == SENTENCES[1]
    assert (explorer.bench.tab("Interpolate").state.a.index, explorer.bench.tab("Interpolate").state.b.index) == (1, 1)


def test_trying_again_keeps_the_gathered_table(explorer):
    explorer.open("demo")
    explorer.maps.controller.select(0)
    explorer.exchange.gather_clicked()
    explorer.retry()
    assert len(explorer.table.state.gathered) == 1


def test_trying_again_asks_anew_and_waits_for_nothing_that_was_asked_of_the_models_before(explorer, monkeypatch):
    monkeypatch.setattr("app.bench.reconstruct.inspection.requests.credit", lambda *_: iter(()))
    explorer.open("demo")
    tab = explorer.bench.tab("Arithmetic")
    explorer.context.models.detach()  # as while the models are loaded: what is asked waits
    for name in ("a", "b", "c"):
        tab.take(Pick(f"sentence {name}"), name)
    explorer.bench.tab("Reconstruct").inspection.controller.look("credit")
    explorer.bench.tab("Reconstruct").view.picked.emit(Pick("we go home"))
    explorer.state.tab = "Reconstruct"
    explorer.bench.tab("Reconstruct").ask()
    assert tab.state.analogy.busy
    assert explorer.bench.tab("Reconstruct").inspection.state.credit.busy
    explorer.window.maps.placeholder.action_requested.emit()
    assert not tab.state.analogy.busy
    assert set(tab.state.analogy.after) == {"vae", "autogen-m1"}
    assert not explorer.bench.tab("Reconstruct").inspection.state.credit.busy


def test_rows_with_a_removed_word_are_as_high_as_the_others(explorer, session, monkeypatch):
    explorer.open("demo")
    ways = iter(["we go home now", "we home now", *["we home now"] * 9] * 4)
    answer = session._decoded
    monkeypatch.setattr(session, "_decoded", lambda v, words, o: answer(v, tuple(next(ways).split()), o))
    explorer.bench.tab("Interpolate").set_end("A", Pick("a"))
    explorer.bench.tab("Interpolate").set_end("B", Pick("b"))
    explorer.window.bench.show_tab("Interpolate")
    shown(explorer)
    assert "\N{CARET}" in explorer.bench.tab("Interpolate").view.texts[1][0]
    grid = explorer.bench.tab("Interpolate").view._grid
    assert len({grid.row_rect(i).height() for i in range(11)}) == 1


def test_a_change_of_theme_keeps_every_row(explorer):
    explorer.open("demo")
    explorer.maps.controller.select(0)
    explorer.exchange.gather_clicked()
    explorer.window.bench.show_tab("Table")
    shown(explorer)
    explorer.toggle_theme()
    shown(explorer)
    assert SENTENCES[0] in explorer.table.view.rows[0]
    explorer.toggle_theme()


def test_prior_samples_have_one_seed_and_no_z_of_the_encoder(explorer):
    explorer.open("demo")
    explorer.window.bench.show_tab("Prior samples")
    shown(explorer)
    seeds = [field for field in explorer.window.findChildren(QAbstractSpinBox) if "eed" in field.toolTip()]
    assert sum(field.isVisible() for field in seeds) == 1
    assert not explorer.window.decoding._z.isVisible()
    explorer.window.bench.show_tab("Reconstruct")
    shown(explorer)
    assert explorer.window.decoding._z.isVisible()


def test_samples_that_occur_twice_are_flagged(explorer, session, monkeypatch):
    explorer.open("demo")
    answer, ways = session._decoded, itertools.cycle(["one", "one", "two", "two", "three", "three", "four", "four"])
    monkeypatch.setattr(session, "_decoded", lambda v, words, o: answer(v, (next(ways),), o))
    explorer.window.bench.show_tab("Prior samples")
    shown(explorer)
    assert explorer.bench.tab("Prior samples").view.texts[0][0] == "4 of 8 different"
    assert "×2" in explorer.bench.tab("Prior samples").view.texts[1][0]


def test_gathering_and_exporting_end_to_end(explorer, tmp_path):
    explorer.open("demo")
    explorer.maps.controller.select(0)
    explorer.exchange.gather_clicked()
    explorer.window.bench.show_tab("Table")
    shown(explorer)
    assert "1 row" in texts(explorer.table.view)
    assert explorer.table.export(tmp_path / "t.md", "md")
    assert SENTENCES[0] in (tmp_path / "t.md").read_text(encoding="utf-8")
    assert "Wrote 1 row " in explorer.window.banner.message
    explorer.window.banner.dismiss()
    assert explorer.window.banner.message == ""


def test_enter_in_the_empty_field_takes_the_example(explorer, qtbot):
    explorer.open("demo")
    qtbot.keyClick(explorer.bench.tab("Reconstruct").view.field, Qt.Key.Key_Return)
    assert explorer.bench.tab("Reconstruct").state.typed == SENTENCES[0]


def test_a_reconstruction_shows_the_same_facts_in_every_column(explorer):
    explorer.window.resize(1100, 900)
    explorer.open("demo")
    explorer.bench.tab("Reconstruct").take(Pick("I love music"))
    explorer.bench.tab("Reconstruct").ask()
    shown(explorer)
    cards = explorer.bench.tab("Reconstruct").view._cards
    bars = [cards.card(name).facts for name in ("vae", "autogen-m1")]
    assert [[fact.name for fact in bar.facts] for bar in bars] == [["words kept", "told by z (KL)", "certainty"]] * 2
    assert bars[0]._limit == bars[1]._limit == 3
    assert "words kept 3 of 3" in bars[0].accessibleName()


def test_sentences_that_are_to_be_kept_become_a_group_of_a_concept(explorer):
    explorer.open("demo")
    shown(explorer)
    explorer.maps.enclosed.emit(np.array([0, 2]), QPoint(0, 0))
    menu = next(m for m in explorer.window.findChildren(QMenu) if m.isVisible())
    added = next(each for each in menu.actions() if "“with”" in each.text())
    assert added.text().startswith("Add these 2 sentences")
    added.trigger()
    menu.close()
    shown(explorer)
    tab = explorer.bench.tabs["Arithmetic"]
    assert explorer.window.bench.current == "Arithmetic"
    assert [member.pick.text for member in tab.state.groups["with"].members] == [SENTENCES[0], SENTENCES[2]]
    assert tab.view.groups.editors["with"].count.text() == "2 sentences"


def test_a_tab_that_is_left_and_opened_again_before_it_is_seen_is_asked_what_came_between(explorer, monkeypatch):
    """What it asks for only while it is open, it was not asked for meanwhile."""
    explorer.open("demo")
    explorer.window.bench.show_tab("Neighbours")
    shown(explorer)
    opened = []
    monkeypatch.setattr(explorer.bench.tab("Neighbours"), "opened", lambda: opened.append(explorer.state.tab))
    explorer.state.tab = "Reconstruct"
    explorer.state.tab = "Neighbours"
    assert opened == []
    shown(explorer)
    assert opened == ["Neighbours"]
