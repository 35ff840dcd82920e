"""The words of a sentence, one after the other, each shaded by a number that stands beneath it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.bench.reconstruct.inspection.token_shading import line, tint
from app.bench.reconstruct.inspection.values import Token
from app.core import theme
from app.core.readings import signed
from app.widgets.reading.direction import draw_text
from app.widgets.reading.marks import shown
from engine.corpus.tokens import join_words
from engine.right_to_left import reads_right_to_left

_PAD, _GAP, _ROW_GAP = 4, 4, 6  # logical pixels within a word's box and between boxes
_SIZE = 15
_END = "end"


class TokenFlow(QWidget):
    """Paints tokens; Left and Right, or a click, go from one to the next, and a tooltip has its numbers."""

    def __init__(self, name: str) -> None:
        """Args: name: whose tokens they are, for assistive technology."""
        super().__init__()
        self._name = name
        self._tokens: tuple[Token, ...] = ()
        self._texts: tuple[str, ...] = ()
        self._end = 1.0
        self._boxes: list[QRectF] = []
        self._laid_for = -1
        self._current = -1
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)

    def show_tokens(self, tokens: Sequence[Token], end: float) -> None:
        """Show these; a credit of `end` nats has the full shade."""
        if (tuple(tokens), end) == (self._tokens, self._end):
            return
        self._tokens, self._end = tuple(tokens), end
        self._texts = texts_of(tokens)
        self._current = min(self._current, len(tokens) - 1)
        self._laid_for = -1
        said = ", ".join(f"{text} {number(token.credit)}" for text, token in zip(self._texts, tokens, strict=True))
        self.setAccessibleName(f"{self._name}: {said}" if tokens else self._name)
        self.updateGeometry()
        self.update()

    @property
    def tokens(self) -> tuple[Token, ...]:
        """What is shown."""
        return self._tokens

    @property
    def boxes(self) -> list[QRectF]:
        """Where each token is."""
        self._lay_out(self.width())
        return self._boxes

    @property
    def current(self) -> int:
        """The token that the keyboard is on, or -1."""
        return self._current

    def tooltip_at(self, at: QPointF) -> str:
        """The numbers of the token at a place, or ""."""
        index = next((i for i, box in enumerate(self.boxes) if box.contains(at)), -1)
        return explanation(self._texts[index], self._tokens[index]) if index >= 0 else ""

    def hasHeightForWidth(self) -> bool:
        """More lines in a narrow column."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Room for all lines."""
        self._lay_out(width)
        return round(self._boxes[-1].bottom() + 2) if self._boxes else 0

    def sizeHint(self) -> QSize:
        """As high as it must be."""
        return QSize(200, self.heightForWidth(max(120, self.width())))

    def minimumSizeHint(self) -> QSize:
        """The same: nothing is cut off, the list around it scrolls."""
        return QSize(60, self.heightForWidth(max(120, self.width())))

    def _lay_out(self, width: int) -> None:
        if width != self._laid_for:
            self._laid_for = width
            self._boxes = lay_tokens(self._texts, self._tokens, width)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Box, word, underline, number."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_tokens(
                painter, self.boxes, self._texts, self._tokens, self._end, self._current if self.hasFocus() else -1
            )

    def event(self, event: QEvent) -> bool:
        """Tooltips."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self.tooltip_at(QPointF(event.pos()))
            if text:
                QToolTip.showText(event.globalPos(), text, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left, Right, Home and End go along the tokens."""
        last = len(self._tokens) - 1
        onward = -1 if _from_right(self._tokens) else 1
        moves = {
            Qt.Key.Key_Left: self._current - onward,
            Qt.Key.Key_Right: self._current + onward,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        key = Qt.Key(event.key())
        if key in moves and last >= 0:
            self._move_to(min(max(0, moves[key]), last), tell=True)
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The keyboard goes on from the token that was clicked."""
        index = next((i for i, box in enumerate(self.boxes) if box.contains(event.position())), -1)
        if index >= 0:
            self._move_to(index, tell=False)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard begins at the first token."""
        super().focusInEvent(event)
        if self._current < 0 and self._tokens and event.reason() != Qt.FocusReason.MouseFocusReason:
            self._move_to(0, tell=True)

    def _move_to(self, index: int, tell: bool) -> None:
        self._current = index
        said = explanation(self._texts[index], self._tokens[index])
        self.setAccessibleDescription(said)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, said))
        if tell and self.isVisible():
            QToolTip.showText(self.mapToGlobal(self.boxes[index].bottomLeft().toPoint()), said, self)
        self.update()


def lay_tokens(texts: Sequence[str], tokens: Sequence[Token], width: float) -> list[QRectF]:
    """Where each token is in a width, in logical pixels; the first at the right where they read from there."""
    large, small = QFontMetricsF(theme.font(_SIZE)), QFontMetricsF(theme.font(theme.SMALL_SIZE))
    height = large.height() + small.height() + _PAD + 6
    x = y = 1.0
    boxes: list[QRectF] = []
    for text, token in zip(texts, tokens, strict=True):
        wide = max(large.horizontalAdvance(text), small.horizontalAdvance(number(token.credit))) + 2 * _PAD
        wide = min(wide, max(40.0, width - 2.0))
        if boxes and x + wide > width - 1:
            x, y = 1.0, y + height + _ROW_GAP
        boxes.append(QRectF(x, y, wide, height))
        x += wide + _GAP
    if _from_right(tokens):
        boxes = [QRectF(width - box.right(), box.top(), box.width(), height) for box in boxes]
    return boxes


def _from_right(tokens: Sequence[Token]) -> bool:
    """Whether their sentence reads from the right."""
    return reads_right_to_left(" ".join(token.word for token in tokens if not token.end))


def paint_tokens(
    painter: QPainter,
    boxes: Sequence[QRectF],
    texts: Sequence[str],
    tokens: Sequence[Token],
    end: float,
    outlined: int = -1,
) -> None:
    """Draw the tokens in their boxes; a credit of `end` nats has the full shade, and one may be outlined."""
    now = theme.current()
    large, small = theme.font(_SIZE), theme.font(theme.SMALL_SIZE)
    metrics = QFontMetricsF(large)
    word_height = metrics.height()
    for index, (box, text, token) in enumerate(zip(boxes, texts, tokens, strict=True)):
        share = token.credit / end
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tint(share)))
        painter.drawRoundedRect(box, 3, 3)
        painter.setFont(large)
        painter.setPen(QColor(now.text))
        word = QRectF(box.left(), box.top() + 1, box.width(), word_height)
        cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width() - _PAD)
        draw_text(painter, word, Qt.AlignmentFlag.AlignCenter, cut, text)
        thick = line(share)
        if thick >= 0.3:  # a loss is dashed: colour alone does not tell it from a gain
            style = Qt.PenStyle.SolidLine if share > 0 else Qt.PenStyle.DotLine
            pen = QPen(QColor(now.text), thick, style, Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            y = word.bottom() + 2.5
            painter.drawLine(QPointF(box.left() + _PAD, y), QPointF(box.right() - _PAD, y))
        if token.unknown:
            painter.setPen(QPen(QColor(now.unknown), 1.2, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.setFont(small)
        painter.setPen(QColor(now.text))
        under = QRectF(box.left(), word.bottom() + 5, box.width(), box.bottom() - word.bottom() - 6)
        painter.drawText(under, Qt.AlignmentFlag.AlignCenter, number(token.credit))
        if index == outlined:
            painter.setPen(QPen(QColor(now.accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)


def number(credit: float) -> str:
    """A credit with its sign, unless it is nothing."""
    text = signed(credit)
    if abs(credit) < 0.05:
        return "0.0"
    return text if text.startswith("\N{MINUS SIGN}") else f"+{text}"


def explanation(text: str, token: Token) -> str:
    """All that is known of a token, in lines."""
    name = "the end of the sentence" if token.end else shown(f"“{text}”")
    lines = [
        f"{name}: {number(token.credit)} nats",
        f"log p(token|z) = {_exact(token.given)}",
        f"log p(token|z=0) = {_exact(token.without)}",
        f"z makes it {_times(token.credit)}.",
    ]
    if token.unknown:
        lines.append("Not in the vocabulary: read and scored as the unknown word.")
    return "\n".join(lines)


def _times(credit: float) -> str:
    if abs(credit) < 0.05:
        return "neither more nor less probable"
    ratio = math.exp(min(abs(credit), 300.0))
    size = f"{ratio:,.1f}" if ratio < 100 else f"{ratio:,.0f}" if ratio < 1e6 else f"{ratio:.0e}"
    return f"{size} times as probable" if credit > 0 else f"{size} times less probable"


def _exact(value: float) -> str:
    return f"{value:.2f}".replace("-", "\N{MINUS SIGN}")


def texts_of(tokens: Sequence[Token]) -> tuple[str, ...]:
    """Words as people write them, and a word for the end."""
    words = [token.word for token in tokens if not token.end]
    return (*(text for text, _ in join_words(words)), *(_END for token in tokens if token.end))
