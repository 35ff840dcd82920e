"""The tree of a search: how it is laid out, walked through and told."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt

from app.bench.reconstruct.inspection.beam_tree_layout import lay_out
from app.bench.reconstruct.inspection.beam_tree_view import BeamTreeView
from app.bench.reconstruct.inspection.values import (
    Answers,
    Node,
)
from tests.app.bench.reconstruct.inspection.answers import beams, nodes


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
