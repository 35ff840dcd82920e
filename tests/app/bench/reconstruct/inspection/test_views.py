"""What the closer looks show of answers that are given to them, and what they say when there are none."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication, QScrollArea

from app.bench.reconstruct.inspection import cloud_view
from app.bench.reconstruct.inspection.beam_tree_layout import lay_out
from app.bench.reconstruct.inspection.beam_tree_view import BeamTreeView
from app.bench.reconstruct.inspection.cloud_view import CloudView
from app.bench.reconstruct.inspection.column_cells import marked
from app.bench.reconstruct.inspection.credit_view import CreditView
from app.bench.reconstruct.inspection.fill_view import FillView
from app.bench.reconstruct.inspection.token_shading import line, scale_end, tint
from app.bench.reconstruct.inspection.values import (
    Answers,
    Beams,
    Cloud,
    CloudGroup,
    Credit,
    Filling,
    Fillings,
    Node,
    Token,
)
from app.bench.reconstruct.view import ReconstructView
from app.core import theme
from app.core.picks import Pick
from app.core.values import Decoded, Reading
from app.widgets.pictures.writing import Style, draw
from app.widgets.sentences.rich_text import Span, diff_spans
from engine.corpus.tokens import detokenize
from tests.app.fakes import COLUMNS
from tests.app.reading import svg_lines, svg_text

WORDS = ("we", "go", "home", ".")


def reading(*words: str) -> Reading:
    return Reading(words, detokenize(words), -4.25, how="z ~ q(z|x), seed 3, beam 10")


def cloud(*groups: tuple[tuple[str, ...], int], n: int = 32) -> Cloud:
    made = tuple(CloudGroup(reading(*words), count, words == WORDS) for words, count in groups)
    same = sum(group.count for group in made if group.same)
    return Cloud(WORDS, made, sum(count for _, count in groups), n, same, "32 z ~ q(z|x), seeds 0 to 31, beam 10")


def credit(*values: tuple[str, float]) -> Credit:
    tokens = tuple(Token(word, -1.0, -1.0 - value, word == "xylophone") for word, value in values)
    return Credit((*tokens, Token("</s>", -0.25, -0.25, end=True)), "log p(token|z) - log p(token|z=0), z = mu")


@pytest.fixture
def made(qtbot):
    def make(kind):
        theme.apply(QApplication.instance(), "dark")
        view = kind()
        qtbot.addWidget(view)
        if hasattr(view, "set_columns"):
            view.set_columns(COLUMNS)
        view.resize(900, 300)
        view.show()
        qtbot.waitExposed(view)
        return view

    return make


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


def nodes() -> tuple[Node, ...]:
    """Two sentences found, "we go" and "we see", and two beginnings given up."""
    return (
        Node("", -1, 0, 0.0, 0.0, "best"),
        Node("they", 0, 1, -0.5, -0.5, "kept"),
        Node("we", 0, 1, -0.7, -0.7, "best"),
        Node("you", 0, 1, -3.0, -3.0, "pruned"),
        Node("go", 2, 2, -0.1, -0.8, "best"),
        Node("see", 2, 2, -0.4, -1.1, "kept"),
        Node("run", 1, 2, -4.0, -4.5, "pruned"),
        Node("", 4, 3, -0.2, -1.0, "best", True, 0),
        Node("", 5, 3, -0.3, -1.4, "ended", True, 1),
    )


def beams() -> Beams:
    return Beams(("we", "go"), (reading("we", "go"), reading("we", "see")), nodes(), "z = μ, beam 2, 2 best")


@pytest.mark.parametrize("pruned", [True, False])
def test_a_tree_grows_to_the_right_the_best_way_on_its_first_line(pruned):
    layout = lay_out(nodes(), [10.0 * i for i in range(9)], pruned)
    assert set(layout.places) == (set(range(9)) if pruned else {0, 1, 2, 4, 5, 7, 8})
    at = layout.places
    assert at[0].y == at[2].y == at[4].y == at[7].y == min(place.y for place in at.values())
    for child, node in enumerate(nodes()):
        if child in at and node.parent >= 0:
            assert at[node.parent].x < at[child].start
            assert at[node.parent].y <= at[child].y
    assert at[1].x == at[2].x
    assert at[4].start == at[5].start
    lines = [(round(place.y), nodes()[i].depth) for i, place in at.items()]
    assert len(set(lines)) == len(lines)
    assert layout.height >= max(place.y for place in at.values())
    assert layout.width >= max(place.x for place in at.values())


def test_a_tree_is_walked_with_the_keys_and_tells_of_each_node(made, qtbot):
    view = made(BeamTreeView)
    said = []
    view.show_beams("vae", False, True, Answers("we go", {"vae": beams()}), {}, "")
    assert view.note == "z = μ, beam 2, 2 best"
    canvas = view.canvas
    canvas.pointed.connect(said.append)
    canvas.setFocus()
    keys = Qt.Key
    for key, node in (
        (keys.Key_Home, 0),
        (keys.Key_Right, 2),
        (keys.Key_Right, 4),
        (keys.Key_Down, 5),
        (keys.Key_Right, 8),
        (keys.Key_Up, 7),
        (keys.Key_Left, 4),
        (keys.Key_End, 7),
    ):
        qtbot.keyClick(canvas, key)
        assert canvas.current == node
    assert said[-1] == (
        "we go  ·  the end: log p \N{MINUS SIGN}0.20, together \N{MINUS SIGN}1.00 nats  ·  "
        "The sentence that won, number 1 of the best."
    )
    assert canvas.accessibleDescription() == view.note == said[-1]
    assert canvas.node_at(canvas.word_rect(6).center()) == 6
    assert canvas.explanation(6).endswith("Given up: others were better by then.")
    assert canvas.node_at(QPointF(2000, 2000)) == -1


def test_a_tree_shows_what_was_given_up_only_if_asked_and_another_column_on_demand(made, qtbot):
    view = made(BeamTreeView)
    chosen, shown = [], []
    view.variant_chosen.connect(chosen.append)
    view.pruned_toggled.connect(shown.append)
    answers = Answers("we go", {"vae": beams()}, {"autogen-m1": "its weights are gone"})
    view.show_beams("vae", False, False, answers, {}, "")
    assert 3 not in view.canvas.places
    view.pruned.click()
    assert shown == [True]
    view.variant.activated.emit(1)
    assert chosen == ["autogen-m1"]
    view.show_beams("autogen-m1", False, True, answers, {}, "")
    assert view.empty == "This model cannot answer: its weights are gone"
    view.show_beams("", False, True, Answers(), {}, "nothing yet")
    assert view.empty == "nothing yet"


def test_the_n_best_stand_in_columns_with_their_scores(made):
    view = made(BeamTreeView)
    answers = Answers("we go", {"vae": beams()}, {"autogen-m1": "its weights are gone"})
    view.show_beams("", True, True, answers, {}, "")
    assert [row[0] for row in view.texts] == ["We go  \N{MINUS SIGN}4.2", "We see  \N{MINUS SIGN}4.2"]
    assert view.texts[0][1] == "This model cannot answer: its weights are gone"


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


def test_the_list_says_how_it_was_made_after_a_walk_through_the_tree(made, qtbot):
    view = made(BeamTreeView)
    answers = Answers("we go", {"vae": beams()})
    view.show_beams("vae", False, True, answers, {}, "")
    qtbot.keyClick(view.canvas, Qt.Key.Key_End)
    assert "the end" in view.note
    view.show_beams("vae", True, True, answers, {}, "")
    assert view.note == "z = μ, beam 2, 2 best"


def test_a_large_tree_is_laid_out_whole(made):
    chain = [Node("", -1, 0, 0.0, 0.0, "kept")]
    for depth in range(1, 1001):
        chain.append(Node("word", len(chain) - 1, depth, -0.1, -0.1 * depth, "kept"))
    assert len(lay_out(chain, [30.0] * len(chain), True).places) == 1001


# pictures


def svg(figure, tmp_path) -> bytes:
    draw(figure, Style("svg"))(tmp_path / "look.svg")
    return (tmp_path / "look.svg").read_bytes()


def test_the_picture_of_a_tree_is_whole_and_has_its_kinds_of_lines(made, tmp_path):
    view = made(BeamTreeView)
    view.resize(300, 80)  # most of the tree is out of sight
    view.show_beams("vae", False, True, Answers("We go.", {"vae": beams()}), {}, "")
    figure = view.figure()
    data = svg(figure, tmp_path)
    text = svg_text(data)
    assert figure.title == "Beam tree of VAE for “We go.”"
    for words in ("z = μ, beam 2, 2 best", "they", "you", "run", "1.  −1.0", "2.  −1.4", "best", "kept", "given up"):
        assert words in text
    assert len(data.split(b"<path")) - 1 >= len(nodes()) - 1  # a way to every node but the first
    view.show_beams("vae", False, False, Answers("We go.", {"vae": beams()}), {}, "")
    without = svg_text(svg(view.figure(), tmp_path))
    assert "run" not in without
    assert "given up" not in without
    assert view.figure_columns() == ()


def test_the_list_of_a_search_has_a_picture_of_its_own(made, tmp_path):
    view = made(BeamTreeView)
    view.show_beams("vae", True, True, Answers("We go.", {"vae": beams()}), {"autogen-m1": "gone"}, "")
    text = svg_text(svg(view.figure(), tmp_path))
    for words in ("The best sentences of the search for “We go.”", "−4.2", "This model cannot answer: gone"):
        assert words in text
    assert view.figure_columns() == ("VAE", "AutoGen m=1")
    view.show_beams("vae", False, True, Answers(), {}, "Type a sentence")
    assert view.figure() is None


def test_the_picture_of_a_cloud_has_seed_counts_and_sentences(made, tmp_path):
    view = made(CloudView)
    found = {"vae": cloud((WORDS, 24), (("we", "go", "."), 8)), "autogen-m1": cloud((("i", "see", "."), 32))}
    assert view.figure() is None
    view.show_cloud(32, 7, Answers("We go home.", found), {}, "")
    text = svg_text(svg(view.figure(), tmp_path))
    for words in (
        "Posterior cloud of “We go home.”", "32 samples of q(z|x) from seed 7", "32 z ~ q(z|x), seeds 0 to 31, beam 10",
        "75% as typed", "24×", "8×", "I see.",
    ):  # fmt: skip
        assert words in text


def test_the_picture_of_token_credit_has_every_number_and_the_scale(made, tmp_path):
    view = made(CreditView)
    assert view.figure() is None
    found = {"vae": credit(("we", 2.0), ("go", -0.5)), "autogen-m1": credit(("we", 4.0), ("go", 0.0))}
    view.show_credit(Answers("We go", found), {}, "")
    data = svg(view.figure(), tmp_path)
    text = svg_text(data)
    for words in ("Token credit of “We go”", "+2.0", "−0.5", "+4.0", "end", "−4.0", "+4.0 nats", "Σ +1.5 nats"):
        assert words in text
    assert any(len(line) == 2 for line in svg_lines(data))  # the underlines
    one = svg_text(svg(view.figure().only(0, "VAE"), tmp_path))
    assert "+2.0" in one
    assert "Σ +4.0" not in one


def test_the_picture_of_fillings_has_the_words_and_their_share(made, tmp_path):
    view = made(FillView)
    filling = Filling(("cat",), "The cat sleeps.", -9.5, 0.25)
    answers = Answers(
        "the ___ sleeps.", {"vae": Fillings(("the", "___", "sleeps", "."), (filling,), 120, False, "how")}
    )
    view.show_fillings(8, answers, {}, "note")
    text = svg_text(svg(view.figure(), tmp_path))
    for words in ("What stands in the blank of “the ___ sleeps.”", "how", "The cat sleeps.", "25%", "−9.5"):
        assert words in text
