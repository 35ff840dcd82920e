"""A beam tree as it is drawn on the screen and in figures: ways, words and marks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from app.bench.reconstruct.inspection.beam_tree_layout import Layout, Place, lay_out
from app.bench.reconstruct.inspection.values import Node, NodeState
from app.core import theme
from app.core.readings import signed
from engine.right_to_left import reads_right_to_left

_TURN = 7.0  # logical pixels: how wide a branch turns
_WORD = 20.0  # height of a word above its line
_LEGEND, _SAMPLE = 22.0, 20.0  # height of the legend of a figure, and width of a line in it
_ORDER = ("pruned", "kept", "ended", "best")

KINDS: tuple[tuple[NodeState, bool, str], ...] = (
    ("best", False, "best"),
    ("kept", False, "kept"),
    ("ended", True, "ended: rank, log p"),
    ("pruned", False, ""),  # named by the box that switches it
)
"""The kinds of ways: state, whether it ends a sentence, name."""


class Tree:
    """All of a tree in a figure, made smaller where there is no room for it, and the kinds of its lines."""

    def __init__(self, nodes: Sequence[Node], pruned: bool) -> None:
        self._nodes, self._pruned = tuple(nodes), pruned

    @property
    def width(self) -> float:
        """Of the whole drawing, in logical pixels."""
        return laid_out(self._nodes, self._pruned).width

    def height(self, width: float) -> float:
        """The legend and the drawing."""
        layout = laid_out(self._nodes, self._pruned)
        return _LEGEND + layout.height * min(1.0, width / layout.width)

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """Draw it."""
        layout = laid_out(self._nodes, self._pruned)
        shrunk = min(1.0, area.width() / layout.width)
        paint_kinds(painter, QRectF(area.left(), area.top(), area.width(), _LEGEND), self._pruned)
        painter.save()
        painter.translate(area.left(), area.top() + _LEGEND)
        painter.scale(shrunk, shrunk)
        paint_tree(painter, self._nodes, layout)
        painter.restore()


def laid_out(nodes: Sequence[Node], pruned: bool) -> Layout:
    """Where the nodes lie, for the font of now; with what the search gave up or without."""
    plain, strong = QFontMetricsF(theme.font()), QFontMetricsF(theme.font(strong=True))
    widths = [(strong if node.state == "best" else plain).horizontalAdvance(caption(node)) + 4 for node in nodes]
    return lay_out(nodes, widths, pruned, reads_right_to_left(" ".join(node.text for node in nodes)))


def word_rect(place: Place) -> QRectF:
    """Where a node's word stands, in pixels of the whole drawing."""
    top = place.y - _WORD
    if place.x < place.start:  # it grows to the left
        return QRectF(place.x, top, place.start - place.x + 3, _WORD)
    return QRectF(place.start - 3, top, place.x - place.start + 3, _WORD)


def with_mark(place: Place) -> QRectF:
    """Where a node's word and its dot are."""
    left, right = (8, 0) if place.x < place.start else (0, 8)
    return word_rect(place).adjusted(-left, 0, right, 6)


def paint_tree(
    painter: QPainter, nodes: Sequence[Node], layout: Layout, seen: QRectF | None = None, outlined: int = -1
) -> None:
    """Draw it, the best way last, over the others.

    Args:
        seen: the part in sight; None for all.
        outlined: the node that the keyboard is on, or -1.
    """
    for index in sorted(layout.places, key=lambda i: _ORDER.index(nodes[i].state)):
        _paint_node(painter, nodes, layout, index, seen, index == outlined)


def _paint_node(
    painter: QPainter, nodes: Sequence[Node], layout: Layout, index: int, seen: QRectF | None, outlined: bool
) -> None:
    node, place = nodes[index], layout.places[index]
    now = theme.current()
    if node.parent >= 0:
        start = layout.places[node.parent]
        left, right = sorted((start.x, place.x))
        if seen is not None and not seen.intersects(
            QRectF(left - 8, start.y - _WORD, right - left + 16, place.y - start.y + _WORD + 8)
        ):
            return
        path = QPainterPath(QPointF(start.x, start.y))
        if place.y > start.y:
            turn = min(_TURN, place.y - start.y)
            path.lineTo(start.x, place.y - turn)
            path.quadTo(start.x, place.y, start.x - turn if layout.from_right else start.x + turn, place.y)
        path.lineTo(place.x, place.y)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen_of(node.state))
        painter.drawPath(path)
    painter.setFont(theme.font(strong=node.state == "best"))
    painter.setPen(QColor(now.muted if node.state == "pruned" else now.text))
    word = word_rect(place)
    room = word.adjusted(-40, 0, -3, 0) if layout.from_right else word.adjusted(3, 0, 40, 0)
    side = Qt.AlignmentFlag.AlignRight if layout.from_right else Qt.AlignmentFlag.AlignLeft
    painter.drawText(room, side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter, caption(node))
    paint_mark(painter, QPointF(place.x, place.y), node.state, node.end)
    if outlined:
        painter.setPen(QPen(QColor(now.accent), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(with_mark(place).adjusted(-1, 0, 1, 0), 4, 4)


def caption(node: Node) -> str:
    """What stands on the line of a node: its word, or of a finished sentence its rank and log p."""
    if not node.end:
        return node.text
    score = signed(node.total)
    return f"{node.rank + 1}.  {score}" if node.rank >= 0 else score


def pen_of(state: NodeState) -> QPen:
    """Kept and ended ways are lines, the best a thick one, those given up are dashed."""
    now = theme.current()
    if state == "best":
        return QPen(QColor(now.accent), 2.6)
    if state == "pruned":
        return QPen(QColor(now.border_strong), 1.0, Qt.PenStyle.DashLine)
    return QPen(QColor(now.muted), 1.3)


def paint_mark(painter: QPainter, at: QPointF, state: NodeState, end: bool) -> None:
    """A square where a sentence ends, a cross where the search gave up, else a dot."""
    now = theme.current()
    colour = QColor(now.accent if state == "best" else now.muted)
    if state == "pruned":
        painter.setPen(QPen(QColor(now.muted), 1.2))
        painter.drawLine(at + QPointF(-2.5, -2.5), at + QPointF(2.5, 2.5))
        painter.drawLine(at + QPointF(-2.5, 2.5), at + QPointF(2.5, -2.5))
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    if end:
        half = 5.0 if state == "best" else 4.0
        painter.drawRect(QRectF(at.x() - half, at.y() - half, 2 * half, 2 * half))
    else:
        radius = 3.4 if state == "best" else 2.4
        painter.drawEllipse(at, radius, radius)


def paint_kinds(painter: QPainter, area: QRectF, pruned: bool) -> None:
    """Draw a piece of line for each kind of way."""
    font, x, y = theme.font(theme.SMALL_SIZE), area.left() + 2, area.center().y()
    painter.setFont(font)
    for state, end, text in KINDS:
        name = text or "given up"
        if state == "pruned" and not pruned:
            continue
        painter.setPen(pen_of(state))
        painter.drawLine(QPointF(x, y), QPointF(x + _SAMPLE, y))
        paint_mark(painter, QPointF(x + _SAMPLE, y), state, end)
        painter.setPen(QColor(theme.current().muted))
        painter.drawText(QPointF(x + _SAMPLE + 10, y + QFontMetricsF(font).ascent() / 2 - 1), name)
        x += _SAMPLE + QFontMetricsF(font).horizontalAdvance(name) + 24
