"""The drawing of a beam tree: scrolls both ways, tells about a node under the pointer, and is walked with the keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip

from app.bench.reconstruct.inspection.beam_tree_layout import ROW, Layout, Place
from app.bench.reconstruct.inspection.tree_drawing import laid_out, paint_tree, with_mark, word_rect
from app.bench.reconstruct.inspection.values import Node
from app.widgets.reading.marks import shown


class BeamTreeCanvas(QAbstractScrollArea):
    """Draws nodes. Left goes to the beginning, Right to its best continuation, Up and Down to the lines beside; where
    words read from the right, Left and Right are the other way round.

    Signals:
        pointed: what is to be said of the node under the keyboard; "" of none.
    """

    pointed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._nodes: tuple[Node, ...] = ()
        self._pruned = True
        self._layout = Layout({}, {}, 0.0, 0.0)
        self._current = -1
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Beam tree")
        self.viewport().setAutoFillBackground(False)
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.setSingleStep(ROW)

    def show_nodes(self, nodes: Sequence[Node], pruned: bool) -> None:
        """Draw these, with what the search gave up or without."""
        if (tuple(nodes), pruned) == (self._nodes, self._pruned):
            return
        if tuple(nodes) != self._nodes:
            self._current = -1
        self._nodes, self._pruned = tuple(nodes), pruned
        if self._current >= 0 and not pruned and nodes[self._current].state == "pruned":
            self._current = -1
        self._lay_out()

    @property
    def places(self) -> dict[int, Place]:
        """Where each node that is drawn lies, in pixels of the whole drawing."""
        return self._layout.places

    @property
    def current(self) -> int:
        """The node that the keyboard is on, or -1."""
        return self._current

    def word_rect(self, index: int) -> QRectF:
        """Where a node's word stands, in pixels of the whole drawing."""
        return word_rect(self._layout.places[index])

    def sizeHint(self) -> QSize:
        """Modest: the drawing scrolls."""
        return QSize(400, 120)

    def _lay_out(self) -> None:
        self._layout = laid_out(self._nodes, self._pruned)
        self._set_ranges()
        if self._current >= 0:
            self._reveal(self._current)
        else:
            self._to_start()
        self.viewport().update()

    def _to_start(self) -> None:
        bar = self.horizontalScrollBar()
        bar.setValue(bar.maximum() if self._layout.from_right else 0)
        self.verticalScrollBar().setValue(0)

    @property
    def _offset(self) -> QPointF:
        """The place of the drawing in the upper left corner: one that grows to the left begins at the right edge."""
        spare = self.viewport().width() - self._layout.width if self._layout.from_right else 0.0
        return QPointF(self.horizontalScrollBar().value() - max(0.0, spare), self.verticalScrollBar().value())

    def _set_ranges(self) -> None:
        size = self.viewport().size()
        for bar, whole, seen in (
            (self.horizontalScrollBar(), self._layout.width, size.width()),
            (self.verticalScrollBar(), self._layout.height, size.height()),
        ):
            bar.setRange(0, max(0, round(whole) - seen))
            bar.setPageStep(seen)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or less of it is seen."""
        super().resizeEvent(event)
        bar = self.horizontalScrollBar()
        at_start = self._layout.from_right and bar.value() == bar.maximum()
        self._set_ranges()
        if at_start:
            bar.setValue(bar.maximum())

    def changeEvent(self, event: QEvent) -> None:
        """Other colours."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.viewport().update()

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """What is in sight, the best way last, over the others."""
        with QPainter(self.viewport()) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            offset = self._offset
            painter.translate(-offset)
            seen = QRectF(event.rect()).translated(offset).adjusted(-2, -ROW, 2, ROW)
            paint_tree(painter, self._nodes, self._layout, seen, self._current if self.hasFocus() else -1)

    # the pointer and the keyboard

    def node_at(self, at: QPointF) -> int:
        """The node whose word or dot is at a place of the viewport, or -1."""
        whole = at + self._offset
        return next((i for i, place in self._layout.places.items() if with_mark(place).contains(whole)), -1)

    def explanation(self, index: int) -> str:
        """All that is known of a node, in lines."""
        node = self._nodes[index]
        if node.parent < 0:
            return "The start: no word is chosen yet."
        words, at = [], index
        while self._nodes[at].parent >= 0:
            words.append(self._nodes[at].text)
            at = self._nodes[at].parent
        said = " ".join(word for word in reversed(words) if word)
        what = f"the end: log p {_exact(node.own)}" if node.end else f"“{node.text}”: log p {_exact(node.own)}"
        return f"{shown(said)}\n{what}, together {_exact(node.total)} nats\n{_fate(node)}"

    def viewportEvent(self, event: QEvent) -> bool:
        """Tooltips."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self.node_at(QPointF(event.pos()))
            if index >= 0:
                QToolTip.showText(event.globalPos(), self.explanation(index), self.viewport())
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The keyboard goes on from the node that was clicked."""
        index = self.node_at(event.position())
        if index >= 0:
            self._move_to(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk along the tree; Home is its start, End the best sentence."""
        key = Qt.Key(event.key())
        target = self._target(key) if self._layout.places else None
        if target is None:
            event.ignore()
        else:
            self._move_to(target)

    def _target(self, key: Qt.Key) -> int | None:
        at = max(0, self._current)
        back = Qt.Key.Key_Right if self._layout.from_right else Qt.Key.Key_Left
        if key == Qt.Key.Key_Home:
            return 0
        if key == Qt.Key.Key_End:
            return max((i for i in self._layout.places if self._nodes[i].state == "best"), default=0)
        if key == back:
            return max(0, self._nodes[at].parent)
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            return (self._layout.children[at] or [at])[0]
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            return self._beside(at, -1 if key == Qt.Key.Key_Up else 1)
        return None

    def _beside(self, at: int, way: int) -> int:
        """The nearest node of the same depth above (-1) or beneath (1)."""
        y, depth = self._layout.places[at].y, self._nodes[at].depth
        others = [
            (abs(place.y - y), i)
            for i, place in self._layout.places.items()
            if self._nodes[i].depth == depth and (place.y - y) * way > 0
        ]
        return min(others)[1] if others else at

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard begins at the start."""
        super().focusInEvent(event)
        if self._current < 0 and self._layout.places and event.reason() != Qt.FocusReason.MouseFocusReason:
            self._move_to(0)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The outline goes."""
        super().focusOutEvent(event)
        self.viewport().update()

    def _move_to(self, index: int) -> None:
        self._current = index
        self._reveal(index)
        said = self.explanation(index).replace("\n", "  ·  ")
        self.setAccessibleDescription(said)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, said))
        self.pointed.emit(said)
        self.viewport().update()

    def _reveal(self, index: int) -> None:
        rect, size = self.word_rect(index).adjusted(-30, -6, 30, 10), self.viewport().size()
        for bar, low, high, seen in (
            (self.horizontalScrollBar(), rect.left(), rect.right(), size.width()),
            (self.verticalScrollBar(), rect.top(), rect.bottom(), size.height()),
        ):
            if low < bar.value():
                bar.setValue(round(low))
            elif high > bar.value() + seen:
                bar.setValue(round(high) - seen)


def _fate(node: Node) -> str:
    ranked = f", number {node.rank + 1} of the best" if node.rank >= 0 else ""
    if node.state == "best":
        return f"The sentence that won{ranked}." if node.end else "On the way to the sentence that won."
    if node.end:
        return f"A finished sentence{ranked}."
    return "Kept: the search went on from here." if node.state == "kept" else "Given up: others were better by then."


def _exact(value: float) -> str:
    return f"{value:.2f}".replace("-", "\N{MINUS SIGN}")
