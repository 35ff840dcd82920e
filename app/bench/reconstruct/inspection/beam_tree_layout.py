"""Where the nodes of a beam tree lie: pure numbers, so that drawing and keyboard agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.bench.reconstruct.inspection.values import Node

ROW = 27  # logical pixels from one line to the next
_GAP = 26  # between two words on a line: the turn of a branch and its dot
_LEFT, _TOP = 16, 12


@dataclass(frozen=True, slots=True)
class Place:
    """A node's dot at (x, y), and `start`, where its word begins; logical pixels."""

    start: float
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Layout:
    """The nodes that are drawn: their places, and their children, best first, by index.

    `from_right` says that the tree grows to the left: then a word begins at the right of its dot.
    """

    places: dict[int, Place]
    children: dict[int, list[int]]
    width: float
    height: float
    from_right: bool = False


def lay_out(nodes: Sequence[Node], widths: Sequence[float], pruned: bool, from_right: bool = False) -> Layout:
    """Places of a tree that grows to the right, or `from_right` to the left, the way its words read.

    The first child of a node lies on its line, and the way to the best sentence on the first line of all; each other
    child begins a line of its own beneath. All nodes of a depth have their dots below each other.

    Args:
        nodes: each after its parent, those of a parent best first.
        widths: of their words, logical pixels.
        pruned: whether what the search gave up is drawn.
    """
    shown = [i for i, node in enumerate(nodes) if pruned or node.state != "pruned"]
    children: dict[int, list[int]] = {i: [] for i in shown}
    depths = max((nodes[i].depth for i in shown), default=0)
    columns = [0.0] * (depths + 1)
    for i in shown:
        columns[nodes[i].depth] = max(columns[nodes[i].depth], widths[i])
        if nodes[i].parent >= 0:
            children[nodes[i].parent].append(i)
    starts, x = [0.0] * (depths + 1), float(_LEFT)
    for depth in range(1, depths + 1):
        starts[depth] = x + _GAP
        x = starts[depth] + columns[depth]
    places: dict[int, Place] = {}
    waiting, line = [0] if shown else [], -1
    while waiting:
        i = waiting.pop()
        parent = nodes[i].parent
        first = parent >= 0 and children[parent][0] == i
        if not first:
            line += 1
        y = places[parent].y if first else _TOP + (line + 0.75) * ROW
        depth = nodes[i].depth
        places[i] = Place(starts[depth], _LEFT if depth == 0 else starts[depth] + columns[depth] + 4, y)
        children[i].sort(key=lambda child: nodes[child].state != "best")
        waiting += reversed(children[i])
    width = x + 2 * _LEFT
    if from_right:
        places = {i: Place(width - place.start, width - place.x, place.y) for i, place in places.items()}
    return Layout(places, children, width, _TOP + (line + 1) * ROW + _TOP, from_right)
