"""The clicked sentence across the window, and beneath it what each model makes of it, in the columns of the maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from app.core import theme
from app.core.picks import Pick
from app.widgets.parts import EDGE, button, label, tool_button
from app.widgets.pick_drag import drag, is_drag
from app.widgets.picture_area import add_saving
from app.widgets.send_menu import SendButton, add_sending, carried
from app.widgets.sentences.sentence_cards import SentenceCards

if TYPE_CHECKING:
    from app.core.values import Column, Decoded
    from app.widgets.pictures.figure import Figure

_BESIDE = 260  # logical pixels of what stands beside a sentence


class SourceLine(QWidget):
    """One test sentence on one line, cut with an ellipsis where it must be, and what can be done with it.

    It can be dragged to a field or a tab.
    """

    end_chosen = Signal(str)
    add_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._pressed: QPointF | None = None
        self._caption = label(role="label")
        self._beside = label(role="muted")
        self._beside.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence = label(role="sentence")
        self._sentence.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._buttons = [
            button("A", "Take this sentence as the start A of an interpolation (key A)"),
            button("B", "Take this sentence as the end B of an interpolation (key B)"),
            button("Add to table", "Keep this sentence and what the models make of it in the table", "plus"),
        ]
        for end, taker in zip("AB", self._buttons, strict=False):
            taker.setAccessibleName(f"{end}: take this sentence as an end of an interpolation")
        self._buttons[0].clicked.connect(lambda: self.end_chosen.emit("A"))
        self._buttons[1].clicked.connect(lambda: self.end_chosen.emit("B"))
        self._buttons[2].clicked.connect(self.add_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(EDGE, 0, EDGE, 0)
        row.setSpacing(10)
        self.fold = tool_button("chevron-down", "")
        self.set_folded(False)
        row.addWidget(self.fold)
        row.addWidget(self._caption)
        row.addWidget(self._sentence, 1)
        row.addWidget(self._beside)
        self.send = SendButton("this sentence")
        for one in (self.send, *self._buttons):
            row.addWidget(one)

    def set_sentence(self, caption: str, text: str, pick: Pick | None, beside: str = "") -> None:
        """Show a sentence; `pick` is the clicked one, which the buttons act on, or None if another is in view.

        `beside` is what stands beside it in its table.
        """
        room = self._beside.fontMetrics().elidedText(beside, Qt.TextElideMode.ElideRight, _BESIDE)
        self._beside.setText(room)
        self._beside.setToolTip(beside if room != beside else "")
        self._beside.setVisible(bool(beside))
        self._caption.setText(caption)
        self._caption.setVisible(bool(caption))
        self._text = text
        for one in self._buttons:
            one.setEnabled(pick is not None)
        self.send.set_picks([pick])
        self.setCursor(Qt.CursorShape.ArrowCursor if pick is None else Qt.CursorShape.OpenHandCursor)
        self._elide()

    def set_folded(self, folded: bool) -> None:
        """Show whether the cards beneath are folded away."""
        self.fold.setIcon(theme.icon("chevron-right" if folded else "chevron-down"))
        what = "Show what the models make of this sentence" if folded else "Fold this sentence's cards away"
        self.fold.setToolTip(what)
        self.fold.setAccessibleName(what)

    @property
    def text(self) -> str:
        """The whole sentence."""
        return self._text

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """It may become a drag."""
        self._pressed = event.position() if event.button() == Qt.MouseButton.LeftButton else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Carry the sentence."""
        if self._pressed is not None and self.send.picks and is_drag(self._pressed, event.position()):
            self._pressed = None
            drag(self, carried(self, self.send.picks, event.modifiers()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with the sentence."""
        if self.send.picks:
            self.menu().popup(event.globalPos())

    def menu(self) -> QMenu:
        """The menu of the clicked sentence. It deletes itself when closed."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        text = self._text
        menu.addAction("Copy this sentence").triggered.connect(lambda: QGuiApplication.clipboard().setText(text))
        add_sending(menu, self, self.send.picks)
        add_saving(menu, self)
        return menu

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the sentence anew."""
        super().resizeEvent(event)
        self._elide()

    def changeEvent(self, event: QEvent) -> None:
        """Another font cuts it elsewhere."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._elide()

    def _elide(self) -> None:
        cut = self._sentence.fontMetrics().elidedText(
            self._text, Qt.TextElideMode.ElideRight, self._sentence.width() - 4
        )
        self._sentence.setText(cut)
        self._sentence.setToolTip(self._text if cut != self._text else "")


POINT_AT = "Point at a sentence to find it in all maps; click it to decode it."


class ClickedSentence(QWidget):
    """The line of the sentence and the cards of the variants, which can be folded away.

    Signals:
        fold_wanted: whether the cards are to be folded.
    """

    fold_wanted = Signal(bool)

    figure_name = "the clicked sentence"

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[Column, ...] = ()
        self.source = SourceLine()
        self.source.set_sentence("", POINT_AT, None)
        self.cards = SentenceCards(brief=True)
        self.source.fold.clicked.connect(lambda: self.fold_wanted.emit(not self.cards.isHidden()))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.source)
        column.addWidget(self.cards)

    def set_folded(self, folded: bool) -> None:
        """Leave the room of the cards to the tab."""
        self.cards.setVisible(not folded)
        self.source.set_folded(folded)

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants."""
        self._columns = columns
        self.cards.set_columns(columns)

    def figure(self) -> Figure | None:
        """The clicked sentence and what the models make of it as a figure; None while none is clicked."""
        if not self.source.send.picks:
            return None
        # the first picture that is wanted brings what draws it
        from app.widgets.pictures.cards import Cards
        from app.widgets.pictures.columns import columns_figure

        pick, parts = self.source.send.picks[0], (Cards(self.cards.said),)
        title = f"Test sentence {pick.index + 1:,}: “{pick.text}”"
        return columns_figure("clicked-sentence", title, self._columns, parts, (), self.width())

    def figure_columns(self) -> tuple[str, ...]:
        """Its columns."""
        return tuple(column.label for column in self._columns)

    def show_decoded(self, decoded: Decoded, broken: Mapping[str, str], note: str) -> None:
        """Show what the models make of the clicked sentence."""
        self.cards.show_decoded(decoded, broken, note)
