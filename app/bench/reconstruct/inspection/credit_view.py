"""Token credit: the words of the sentence, shaded by what the latent variable adds to the probability of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.bench.reconstruct.inspection.column_cells import reason_of
from app.bench.reconstruct.inspection.token_flow import TokenFlow, lay_tokens, number, paint_tokens, texts_of
from app.bench.reconstruct.inspection.token_shading import scale_end, tint
from app.bench.reconstruct.inspection.values import Answers, Credit, Token
from app.core import theme
from app.core.readings import TYPED, WRITTEN, signed
from app.core.values import Column
from app.widgets.parts import BAR, EDGE, breakable, columns_area, columns_layout, label, paint_edge
from app.widgets.pictures.columns import columns_figure, places
from app.widgets.pictures.figure import Figure
from app.widgets.pictures.text import Lines

_BAR, _BAR_HEIGHT = 120, 10  # logical pixels
_LINE = 22.0  # height of the scale in a figure
_INDENT = 10.0  # of the words in a figure
_MEANING = (
    "log p(token | words before, z) − log p(token | words before, z = 0), in nats: what knowing z adds to a decoder\n"
    "that is given the middle of the prior instead. Words with a high number are those that z pays for.\n"
    "A dotted underline and a minus: without z the word would be more probable."
)


@dataclass(frozen=True, slots=True)
class Shaded:
    """The tokens of one variant, and what is said of their sum; no tokens where it has no answer."""

    tokens: tuple[Token, ...]
    said: tuple[str, ...]


class Credits:
    """Shaded words in the columns of the variants; a credit of `end` nats has the full shade."""

    def __init__(self, shaded: Sequence[Shaded], end: float) -> None:
        self._shaded, self._end = tuple(shaded), end

    @property
    def columns(self) -> int:
        """How many they are."""
        return len(self._shaded)

    def only(self, index: int) -> Credits:
        """One of them."""
        return Credits(self._shaded[index : index + 1], self._end)

    def height(self, width: float) -> float:
        """That of the highest."""
        rooms = [room - _INDENT for _, room in places(len(self._shaded), width)]
        heights = [
            _bottom(one, room) + sum(lines.height + 3 for lines in _said(one, room))
            for one, room in zip(self._shaded, rooms, strict=True)
        ]
        return max(heights, default=0.0)

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """Words, and beneath them the sum."""
        for one, (left, width) in zip(self._shaded, places(len(self._shaded), area.width()), strict=True):
            room, texts = width - _INDENT, texts_of(one.tokens)
            painter.save()
            painter.translate(area.left() + left + _INDENT, area.top())
            paint_tokens(painter, lay_tokens(texts, one.tokens, room), texts, one.tokens, self._end)
            y = _bottom(one, room)
            for lines in _said(one, room):
                lines.draw(painter, 0, y)
                y += lines.height + 3
            painter.restore()


class CreditScale:
    """What the shades mean: from a loss of `end` nats to a gain of as many."""

    def __init__(self, end: float) -> None:
        self._end = end

    def height(self, width: float) -> float:
        """One line."""
        return _LINE

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """Draw it."""
        paint_credit_scale(painter, area, self._end)


class CreditLegend(QWidget):
    """`label  low [gradient] high`, in the tints of the tokens."""

    def __init__(self) -> None:
        super().__init__()
        self._end = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip(_MEANING)

    def set_end(self, end: float) -> None:
        """The credit in nats that has the full shade."""
        self._end = end
        self.setAccessibleName(f"Shades from {number(-end)} to {number(end)} nats, the same in all columns")
        self.updateGeometry()
        self.update()

    @property
    def texts(self) -> tuple[str, str]:
        """What is written at the ends of the bar."""
        return number(-self._end), f"{number(self._end)} nats"

    def sizeHint(self) -> QSize:
        """Room for bar and numbers."""
        metrics = QFontMetricsF(theme.font(theme.SMALL_SIZE))
        return QSize(
            round(sum(metrics.horizontalAdvance(text) for text in self.texts)) + _BAR + 2 * theme.SPACE + 4, 22
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """The bar with a mark at 0."""
        with QPainter(self) as painter:
            paint_credit_scale(painter, QRectF(self.rect()), self._end)


class CreditCard(QFrame):
    """One variant's tokens with their sum, or why there are none."""

    def __init__(self, column: Column) -> None:
        super().__init__()
        self._column, self._reason = column, ""
        self.setProperty("role", "panel")
        self.flow = TokenFlow(column.label)
        self.sum = label(wrap=True)
        self.sum.setTextFormat(Qt.TextFormat.PlainText)
        self.far = label(wrap=True, role="label")
        self.far.setTextFormat(Qt.TextFormat.PlainText)
        self.how = label(wrap=True, role="label")
        self.note = label(wrap=True, role="muted")
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 8, 10, 8)
        box.setSpacing(5)
        for widget in (self.flow, self.note, self.sum, self.far, self.how):
            box.addWidget(widget)
        box.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)

    def show_credit(self, credit: Credit, end: float) -> None:
        """Show the tokens; a credit of `end` nats has the full shade."""
        self.flow.show_tokens(credit.tokens, end)
        name = WRITTEN if credit.written else TYPED
        said = "the sentence x̂ that this model writes from the point" if credit.written else "the typed sentence x"
        self.sum.setText(
            f"Σ {number(credit.credit)} nats: {name} {signed(credit.given)}, at z=0 {signed(credit.without)}"
        )
        self.sum.setToolTip(
            f"The sum over the words and the end of {said}: {name} − {name.replace('|z', '|z=0')} = "
            f"{signed(credit.given)} − ({signed(credit.without)}) nats."
        )
        self.far.setText(credit.note)
        self.how.setText(credit.how)
        self._switch(True)

    def show_note(self, text: str) -> None:
        """Show why there are no tokens."""
        self._reason = text
        self.note.setText(breakable(text))
        self._switch(False)

    @property
    def shaded(self) -> Shaded:
        """What it shows, for a figure."""
        if self.flow.isHidden():
            return Shaded((), (self._reason,))
        return Shaded(self.flow.tokens, (self.sum.text(), self.far.text(), self.how.text()))

    def _switch(self, there: bool) -> None:
        for widget in (self.flow, self.sum, self.how):
            widget.setVisible(there)
        self.far.setVisible(there and bool(self.far.text()))
        self.note.setVisible(not there)

    def paintEvent(self, event: QPaintEvent) -> None:
        """An edge in the variant's colour, as on the other cards."""
        super().paintEvent(event)
        paint_edge(self, self._column.colour)


class CreditView(QWidget):
    """The legend, and a card of tokens for each variant, all on one scale."""

    figure_name = "the token credit"

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[Column, ...] = ()
        self.cards: dict[str, CreditCard] = {}
        self._text, self._end = "", 0.0
        self.legend = CreditLegend()
        caption = label("what z adds to each word", role="muted")
        caption.setToolTip(_MEANING)
        self._note = label(role="muted")
        top = QHBoxLayout()
        top.setContentsMargins(EDGE, 0, EDGE, 0)
        top.setSpacing(10)
        for widget in (caption, self.legend, self._note):
            top.addWidget(widget)
        top.addStretch(1)
        cards, inside = QWidget(), QWidget()
        self._row = columns_layout(cards)
        self._row.setContentsMargins(EDGE, 0, EDGE - BAR, 4)
        upright = QVBoxLayout(inside)
        upright.setContentsMargins(0, 0, 0, 0)
        upright.addWidget(cards)
        upright.addStretch(1)
        area = columns_area(inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(area, 1)

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants."""
        if columns == self._columns:
            return
        self._columns = columns
        for card in self.cards.values():
            self._row.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = {column.name: CreditCard(column) for column in columns}
        for card in self.cards.values():
            self._row.addWidget(card, 1)

    def show_credit(self, answers: Answers[Credit], broken: Mapping[str, str], note: str) -> None:
        """Show the tokens of every variant; `note` stands where there are none."""
        shown = {name: answers.found[name] for name in self.cards if name in answers.found}
        largest = max((abs(token.credit) for credit in shown.values() for token in credit.tokens), default=0.0)
        end = scale_end(largest)
        self.legend.set_end(end)
        self.legend.setVisible(bool(shown))
        self._text, self._end = answers.text, end if shown else 0.0
        self._note.setText("…" if answers.busy and shown else "")
        for column in self._columns:
            card, credit = self.cards[column.name], answers.found.get(column.name)
            if credit is None or column.name in broken or column.name in answers.failed:
                card.show_note(reason_of(column, answers, broken, note))
            else:
                card.show_credit(credit, end)

    def figure(self) -> Figure | None:
        """The words of all variants as a figure; None before there are any."""
        if not self._end:
            return None
        parts = Credits([card.shaded for card in self.cards.values()], self._end), CreditScale(self._end)
        facts = ("What z adds to each word: " + " ".join(_MEANING.split()),)
        title = f"Token credit of “{self._text}”"
        return columns_figure("token-credit", title, self._columns, parts, facts, self.width())

    def figure_columns(self) -> tuple[str, ...]:
        """Its columns."""
        return tuple(column.label for column in self._columns)

    def changeEvent(self, event: QEvent) -> None:
        """Other colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()


def paint_credit_scale(painter: QPainter, area: QRectF, end: float) -> None:
    """Draw the bar with a mark at 0, and its ends in nats, from the left of an area on."""
    now, font = theme.current(), theme.font(theme.SMALL_SIZE)
    low, high = number(-end), f"{number(end)} nats"
    left = area.left() + QFontMetricsF(font).horizontalAdvance(low) + theme.SPACE
    middle = area.center().y()
    painter.setFont(font)
    painter.setPen(QColor(now.muted))
    painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, low)
    after = QRectF(left + _BAR + theme.SPACE, area.top(), area.width(), area.height())
    painter.drawText(after, Qt.AlignmentFlag.AlignVCenter, high)
    bar = QRectF(left, middle - _BAR_HEIGHT / 2, _BAR, _BAR_HEIGHT)
    gradient = QLinearGradient(bar.topLeft(), bar.topRight())
    for step in range(-5, 6):
        gradient.setColorAt((step + 5) / 10, QColor(tint(step / 5)))
    painter.fillRect(bar, gradient)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QColor(now.border_strong))
    painter.drawRect(bar)
    zero = round(bar.center().x())
    painter.drawLine(QPointF(zero, bar.top() - 2), QPointF(zero, bar.bottom() + 2))


def _bottom(one: Shaded, width: float) -> float:
    boxes = lay_tokens(texts_of(one.tokens), one.tokens, width)
    return boxes[-1].bottom() + 8 if boxes else 0.0


def _said(one: Shaded, width: float) -> list[Lines]:
    sizes = [theme.font(), *[theme.font(theme.SMALL_SIZE)] * (len(one.said) - 1)]
    roles = ["text" if one.tokens else "muted", *["muted"] * (len(one.said) - 1)]
    return [
        Lines(text, font, width, "text" if role == "text" else "muted")
        for text, font, role in zip(one.said, sizes, roles, strict=True)
        if text
    ]
