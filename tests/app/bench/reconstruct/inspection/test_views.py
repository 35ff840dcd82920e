"""What the closer looks show of answers that are given to them, and what they say when there are none."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea

from app.bench.reconstruct.inspection import cloud_view
from app.bench.reconstruct.inspection.cloud_view import CloudView
from app.bench.reconstruct.inspection.column_cells import marked
from app.bench.reconstruct.inspection.credit_view import CreditView
from app.bench.reconstruct.inspection.fill_view import FillView
from app.bench.reconstruct.inspection.token_shading import line, scale_end, tint
from app.bench.reconstruct.inspection.values import (
    Answers,
    Filling,
    Fillings,
)
from app.bench.reconstruct.view import ReconstructView
from app.core import theme
from app.core.picks import Pick
from app.core.values import Decoded
from app.widgets.sentences.rich_text import Span, diff_spans
from tests.app.bench.reconstruct.inspection.answers import WORDS, cloud, credit


def test_a_cloud_says_how_often_the_sentence_came_back_and_each_sentence_its_count(made):
    view = made(CloudView)
    found = {"vae": cloud((WORDS, 24), (("we", "go", "."), 8)), "autogen-m1": cloud((("i", "see", "."), 8))}
    view.show_cloud(32, 0, Answers("We go home.", found, busy=True), {}, "note")
    assert view.texts[0] == [
        "75% as typed  ·  2 different of 32",
        "0% as typed  ·  1 different of 8 so far",
    ]
    assert [cell[0] for cell in view.numbers] == ["", "24×", "8×"]
    assert "\N{CHECK MARK}" in view.texts[1][0]
    assert "\N{CHECK MARK}" not in view.texts[2][0]
    assert view.texts[2][1] == ""


def test_what_is_being_typed_of_how_many_and_which_samples_stays_while_a_cloud_grows(made):
    view = made(CloudView)
    told: list[int] = []
    view.draws_changed.connect(told.append)
    view.seed_changed.connect(told.append)
    view.show_cloud(32, 7, Answers(), {}, "note")
    for field in (view._draws, view._seed):
        field.lineEdit().selectAll()
        QTest.keyClicks(field, "4")
        for n in (8, 16):
            view.show_cloud(32, 7, Answers("We go home.", {"vae": cloud((WORDS, n))}, busy=True), {}, "note")
        QTest.keyClicks(field, "8")
        assert field.text() == "48"
    assert told == []
    QTest.keyClick(view._draws, Qt.Key.Key_Return)
    assert told[0] == 48
    view.show_cloud(24, 3, Answers(), {}, "note")
    assert (view._draws.text(), view._seed.text()) == ("24", "3")


def test_one_column_that_fails_says_why_beside_one_that_does_not(made):
    view = made(CloudView)
    answers = Answers("We go home.", {"vae": cloud((WORDS, 32))}, {"autogen-m1": "its weights are gone"})
    view.show_cloud(32, 0, answers, {}, "note")
    assert view.texts[0][1] == "This model cannot answer: its weights are gone"
    assert view.texts[0][0].startswith("100%")
    view.show_cloud(32, 0, answers, {"vae": "its checkpoint is cut off"}, "note")
    assert view.texts[0][0] == "This model cannot answer: its checkpoint is cut off"


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (Answers(), "nothing yet"),
        (Answers("We go.", busy=True), "…"),
        (Answers("…", problem="There is no word in this sentence."), "There is no word in this sentence."),
    ],
)
def test_every_look_says_why_it_is_empty(made, answers, words):
    view = made(CloudView)
    view.show_cloud(32, 0, answers, {}, "nothing yet")
    assert view.texts == [[words, words]]
    view = made(FillView)
    view.show_fillings(8, answers, {}, "nothing yet")
    assert view.texts == [[words, words]]
    view = made(CreditView)
    view.show_credit(answers, {}, "nothing yet")
    assert [card.note.text() for card in view.cards.values()] == [words, words]
    assert not view.legend.isVisible()


def test_samples_and_seed_are_asked_for_and_the_next_samples_follow_these(made, qtbot):
    view = made(CloudView)
    seeds = []
    view.seed_changed.connect(seeds.append)
    view.show_cloud(16, 5, Answers(), {}, "")
    assert seeds == []
    view.fresh.click()
    assert seeds == [21]


def test_credits_share_one_scale_and_say_their_numbers(made, qtbot):
    view = made(CreditView)
    found = {"vae": credit(("we", 0.4), ("go", -0.3)), "autogen-m1": credit(("we", 2.2), ("xylophone", 0.0))}
    view.show_credit(Answers("We go", found), {}, "")
    assert view.legend.texts == ("\N{MINUS SIGN}2.5", "+2.5 nats")
    card = view.cards["vae"]
    assert "Σ +0.1 nats" in card.sum.text()
    flow = card.flow
    assert flow.tooltip_at(flow.boxes[1].center()).splitlines() == [
        "“go”: \N{MINUS SIGN}0.3 nats",
        "log p(token|z) = \N{MINUS SIGN}1.00",
        "log p(token|z=0) = \N{MINUS SIGN}0.70",
        "z makes it 1.3 times less probable.",
    ]
    assert "the end of the sentence: 0.0 nats" in flow.tooltip_at(flow.boxes[2].center())
    assert flow.tooltip_at(QPointF(-5, -5)) == ""
    other = view.cards["autogen-m1"].flow
    assert "Not in the vocabulary" in other.tooltip_at(other.boxes[1].center())
    flow.setFocus()
    qtbot.keyClick(flow, Qt.Key.Key_Right)
    qtbot.keyClick(flow, Qt.Key.Key_Right)
    assert flow.current in (1, 2)
    qtbot.keyClick(flow, Qt.Key.Key_End)
    assert flow.current == 2
    assert "the end of the sentence" in flow.accessibleDescription()


def test_tokens_wrap_into_the_column_and_never_overlap(made):
    view = made(CreditView)
    words = [(f"word{i}", i / 10) for i in range(40)] + [("w" * 300, 1.0)]
    view.show_credit(Answers("x", {"vae": credit(*words)}), {}, "")
    view.resize(500, 300)
    QApplication.processEvents()
    flow = view.cards["vae"].flow
    assert len(flow.boxes) == 42
    assert all(box.left() >= 0 and box.right() <= flow.width() for box in flow.boxes)
    assert not any(a.intersects(b) for a, b in itertools.combinations(flow.boxes, 2))
    assert flow.height() >= flow.boxes[-1].bottom()


def test_a_sum_is_named_after_its_sentence_and_explained_where_it_is_far_above_the_kl(made):
    view = made(CreditView)
    far = replace(credit(("we", 174.9)), note="Far above the KL of 30.2 nats: z = 0 is one point.")
    written = replace(credit(("we", 2.2)), written=True)
    view.show_credit(Answers("We", {"vae": far, "autogen-m1": written}), {}, "")
    typed, decoded = view.cards["vae"], view.cards["autogen-m1"]
    assert typed.sum.text().startswith("Σ +174.9 nats: log p(x|z) −")
    assert decoded.sum.text().startswith("Σ +2.2 nats: log p(x̂|z) −")
    assert "log p(x̂|z) − log p(x̂|z=0)" in decoded.sum.toolTip()
    assert (typed.far.text(), typed.far.isHidden()) == (far.note, False)
    assert decoded.far.isHidden()
    view.show_credit(Answers("We", {}), {}, "none")
    assert typed.far.isHidden()


def test_credits_that_fit_have_no_scroll_handle_and_cards_as_high_as_their_words(made, qtbot):
    view = made(CreditView)
    view.show_credit(Answers("the cat", {"vae": credit(("the", 1.0), ("cat", 2.0), ("", 0.5))}), {}, "")
    bar = view.findChild(QScrollArea).verticalScrollBar()
    card = view.cards["vae"]
    view.resize(900, 600)
    qtbot.waitUntil(lambda: 0 < card.height() < 300)
    assert bar.maximum() == 0
    assert "transparent" in bar.styleSheet()
    view.resize(900, 60)
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    assert bar.styleSheet() == ""


@pytest.mark.parametrize("now", [theme.DARK, theme.LIGHT], ids=["dark", "light"])
def test_every_shade_leaves_the_words_readable_and_a_loss_differs_from_a_gain(now):
    for step in range(-20, 21):
        assert theme.contrast(tint(step / 20, now), now.text) >= 4.5
    assert tint(0.0, now) == now.panel
    assert tint(1.0, now) == tint(7.0, now)
    assert tint(-0.5, now) != tint(0.5, now)


def test_a_stronger_credit_has_a_thicker_line_and_the_scale_a_round_end():
    assert line(0.0) < line(0.3) == line(-0.3) < line(1.0) == line(9.0) == 4.0
    assert [scale_end(value) for value in (0.0, 0.1, 0.37, 1.0, 7.9, 22.5, 1234.5)] == [
        0.1,
        0.1,
        0.4,
        1.0,
        8.0,
        25.0,
        1500.0,
    ]


def test_fillings_show_the_sentence_with_its_new_words_marked(made):
    view = made(FillView)
    best = (Filling(("opens", "door"), "He opens the door.", -12.34, 0.5), Filling(("shuts", "box"), "…", -13.0, 0.25))
    fillings = Fillings(("he", "___", "the", "___", "."), best, 64, False, "log p(x) with K=32 samples")
    draft = Fillings(("he", "___", "the", "___", "."), best[:1], 512, True, "log p(x|mu) - KL")
    view.show_fillings(8, Answers("He ___ the ___.", {"vae": fillings, "autogen-m1": draft}, busy=True), {}, "")
    assert view.texts[0] == ["64 fillings, scored", "512 fillings, quick scores first"]
    assert view.texts[1][0] == "He opens the door.  50%  \N{MINUS SIGN}12.3"
    spans = view._grid.rows[1].cells[0].spans
    assert [span.text for span in spans if span.role == "changed"] == ["opens", "door"]
    assert view.texts[2] == ["He shuts the box.  25%  \N{MINUS SIGN}13.0", ""]
    assert view.note == "log p(x) with K=32 samples  …"


@pytest.fixture
def tab(made):
    view = made(ReconstructView)
    view.picks = []
    view.picked.connect(view.picks.append)
    return view


@pytest.mark.parametrize(
    ("text", "cursor", "becomes"),
    [
        ("We go home.", 11, "We go ___."),
        ("We go home.", 4, "We ___ home."),
        ("We go home.", 0, "___ go home."),
        ("I don't know", 4, "I ___ know"),
        ("!!", 2, "!!___"),
        ("we ___ home", 6, "___ ___ home"),
    ],
)
def test_a_word_becomes_a_blank_where_the_cursor_is(tab, text, cursor, becomes):
    tab.field.setText(text)
    tab.field.setCursorPosition(cursor)
    tab.make_blank()
    assert tab.picks == [Pick(becomes)]


def test_a_selection_becomes_a_blank_and_so_does_a_word_of_the_example(tab):
    tab.field.setText("We go home now.")
    tab.field.setSelection(3, 7)
    tab.make_blank()
    tab.field.clear()
    tab.set_example("I think we should go home now.")
    tab.make_blank()
    tab.field.set_pick(Pick("step 4", {"vae": (0.0,)}))
    tab.make_blank()
    assert [pick.text for pick in tab.picks] == [
        "We ___ now.",
        "I think we ___ go home now.",
        "I think we ___ go home now.",
    ]


def test_a_blank_leads_to_the_look_that_fills_it(tab):
    chosen = []
    tab.look_chosen.connect(chosen.append)
    tab.show_typed(Pick("he ___ home"), Decoded(words=("he", "_"), unknown=(False, True)), {}, "")
    assert 'href="fill"' in tab.reading_note
    tab._read_as.linkActivated.emit("fill")
    assert chosen == ["fill"]


def test_a_closer_look_has_the_room_of_the_note_unless_that_warns(tab):
    tab.add_look("cloud", CloudView())
    tab.show_typed(Pick("we go"), Decoded(words=("we", "go"), unknown=(False, False)), {}, "")
    assert tab.reading_note == "2 words, all in the vocabulary"
    tab.show_look("cloud")
    assert tab.reading_note == ""
    tab.show_typed(Pick("we xylophone"), Decoded(words=("we", "xylophone"), unknown=(False, True)), {}, "")
    assert "1 word is not in the vocabulary" in tab.reading_note


def test_words_and_punctuation_marks_of_the_typed_sentence_are_counted_apart(tab):
    typed = ("i", "think", "we", "should", "n't", "go", "home", ",", "now", ".")
    tab.show_typed(Pick("I think …"), Decoded(words=typed, unknown=(False,) * 10), {}, "")
    assert tab.reading_note == "7 words and 2 punctuation marks, all in the vocabulary"
    tab.show_typed(Pick("go ☃"), Decoded(words=("go", "xylophone", "☃"), unknown=(False, True, True)), {}, "")
    assert "1 word and 1 mark are not in the vocabulary" in tab.reading_note


def test_of_a_very_long_sentence_the_unknown_words_alone_are_shown(tab):
    words = ("word", "zebra") * 50
    tab.show_typed(Pick(" ".join(words)), Decoded(words=words, unknown=(False, True) * 50), {}, "")
    assert "50 words are not in the vocabulary" in tab.reading_note
    assert (tab.reading_note.lower().count("zebra"), tab.reading_note.count("word<")) == (1, 0)


def test_a_long_paste_is_kept_whole_so_that_it_can_be_refused_in_words(tab):
    tab.field.setText("word " * 10_000)
    assert len(tab.field.text()) == 50_000


def test_rows_of_a_cloud_are_made_only_when_they_come_into_sight(made, monkeypatch):
    view, asked = made(CloudView), []
    monkeypatch.setattr(cloud_view, "marked", lambda *words: (asked.append(words), (Span("x"),))[1])
    groups = [((f"word{i}",), 1) for i in range(200)]
    view.show_cloud(200, 0, Answers("We go home.", {"vae": cloud(*groups, n=200)}), {}, "")
    assert 0 < len(asked) < 40


def test_marks_are_those_of_the_difference_in_fewer_pieces():
    reference, words = ("we", "go", "home", "now", "."), ("we", "run", "away", "now", ".")
    spans, whole = marked(reference, words), diff_spans(reference, words)
    assert "".join(span.text for span in spans) == "".join(span.text for span in whole)
    assert [span for span in spans if span.role == "changed"] == [span for span in whole if span.role == "changed"]
    assert len(spans) < len(whole)
    assert marked(reference, ()) == (Span("(no words)", "muted"),)
