"""The closer looks at a sentence that reads from the right: its tokens, and the tree of a search."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QPointF, Qt

from app.bench.reconstruct.inspection.beam_tree_canvas import BeamTreeCanvas
from app.bench.reconstruct.inspection.beam_tree_layout import lay_out
from app.bench.reconstruct.inspection.token_flow import TokenFlow, lay_tokens, texts_of
from app.bench.reconstruct.inspection.values import Node, Token

TOKENS = (
    *tuple(Token(word, -1.0, -1.2) for word in ("הילד", "קרא", "את", "הספר", ".")),
    Token("", -0.1, -0.1, end=True),
)
NODES = (
    Node("", -1, 0, 0.0, 0.0, "best"),
    Node("הילד", 0, 1, -0.5, -0.5, "best"),
    Node("אבא", 0, 1, -0.7, -0.7, "kept"),
    Node("קרא", 1, 2, -0.1, -0.6, "best"),
    Node("", 3, 3, -0.2, -0.8, "best", True, 0),
)


def test_tokens_go_from_the_right_to_the_left_and_so_do_the_keys(qtbot):
    boxes = lay_tokens(texts_of(TOKENS), TOKENS, 600.0)
    assert boxes[0].right() == pytest.approx(599.0)
    assert all(after.right() < before.left() for before, after in itertools.pairwise(boxes))
    narrow = lay_tokens(texts_of(TOKENS), TOKENS, 120.0)
    assert narrow[-1].top() > narrow[0].top()
    assert all(box.left() >= 0 and box.right() <= 120 for box in narrow)
    flow = TokenFlow("VAE")
    qtbot.addWidget(flow)
    flow.show_tokens(TOKENS, 1.0)
    flow.resize(600, 60)
    flow.show()
    qtbot.keyClick(flow, Qt.Key.Key_Home)
    qtbot.keyClick(flow, Qt.Key.Key_Left)
    assert flow.current == 1
    qtbot.keyClick(flow, Qt.Key.Key_Right)
    assert flow.current == 0


def test_a_tree_from_the_right_is_the_other_one_in_a_mirror():
    widths = [0.0, 40.0, 30.0, 30.0, 50.0]
    left, right = (lay_out(NODES, widths, True, from_right) for from_right in (False, True))
    assert right.from_right
    assert (right.width, right.height, right.children) == (left.width, left.height, left.children)
    for i, place in left.places.items():
        assert right.places[i].x == left.width - place.x
        assert right.places[i].start == left.width - place.start
        assert right.places[i].y == place.y


def test_a_tree_from_the_right_begins_at_the_right_edge_and_the_keys_go_with_it(qtbot):
    canvas = BeamTreeCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(900, 300)
    canvas.show()
    canvas.show_nodes(NODES, True)
    for index in canvas.places:
        middle = canvas.word_rect(index).center() - canvas._offset
        assert canvas.node_at(middle) == index
    start = QPointF(canvas.places[0].x, canvas.places[0].y) - canvas._offset
    assert canvas.viewport().width() - 40 < start.x() <= canvas.viewport().width()
    for key, node in ((Qt.Key.Key_Home, 0), (Qt.Key.Key_Left, 1), (Qt.Key.Key_Left, 3), (Qt.Key.Key_Right, 1)):
        qtbot.keyClick(canvas, key)
        assert canvas.current == node
    canvas.resize(150, 300)
    canvas.show_nodes(NODES[:4], True)
    assert canvas.horizontalScrollBar().value() == canvas.horizontalScrollBar().maximum()
