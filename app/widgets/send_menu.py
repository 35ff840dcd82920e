"""The menu "Send to", and the area of the window whose sentences and points can be sent on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from app.core import theme
from app.core.picks import Origin, Pick, Place
from app.widgets.pick_drag import drag, is_drag, pick_of
from app.widgets.reading.marks import shown

_QUOTED = 40  # signs of a sentence in a menu
_SIDE_BY_SIDE = 3  # slots of a tab that stand in the menu itself; more get a menu of their own
_KEYS = {
    "Reconstruct": "R",
    "Interpolate A": "A",
    "Interpolate through": "H",
    "Interpolate B": "B",
    "Traverse": "V",
    "Arithmetic": "I",
    "Neighbours": "N",
    "Table": "T",
}
"""The letter of each entry; those of the guide."""


class SendingArea(QWidget):
    """Whatever is picked inside it, however deep, is sent on by it; points with the models that they are of.

    Signals:
        sent: a `Pick` and the `Place` that a person chose for it.
    """

    sent = Signal(object, object)

    def __init__(self, places: Sequence[Place] = ()) -> None:
        """Args: places: those that exist."""
        super().__init__()
        self.places = tuple(places)
        self._origin: Callable[[], Origin] = Origin

    def set_origin(self, origin: Callable[[], Origin]) -> None:
        """Which models points are of that do not say so, whenever that is asked."""
        self._origin = origin

    def marked(self, pick: Pick) -> Pick:
        """A pick as it leaves its place."""
        return pick.of(self._origin())

    def taken(self, pick: Pick) -> Pick:
        """A pick as it counts here, wherever it has come from."""
        return pick.within(self._origin().run)


def area_of(widget: QWidget) -> SendingArea | None:
    """The area that a widget lies in; None where nothing can be sent from it."""
    above: QWidget | None = widget
    while above is not None and not isinstance(above, SendingArea):
        above = above.parentWidget()
    return above


def dropped(target: QWidget, data: QMimeData) -> Pick | None:
    """What was dropped on a widget, as it counts in its area; None if it is neither a pick nor a text.

    A drag may be let go after another run was opened: its test sentences are others.
    """
    pick, area = pick_of(data), area_of(target)
    return pick if pick is None or area is None else area.taken(pick)


def send(source: QWidget, pick: Pick, place: Place) -> bool:
    """Send a pick on, if the place exists; whether it was sent."""
    area = area_of(source)
    if area is None or place not in area.places:
        return False
    area.sent.emit(area.marked(pick), place)
    return True


def add_sending(menu: QMenu, source: QWidget, picks: Sequence[Pick]) -> None:
    """Add "Send ... to", with every place there is, once for each different pick."""
    area = area_of(source)
    if area is None or not area.places:
        return
    for i, pick in enumerate(picks):
        if pick not in picks[:i]:
            _fill(menu.addMenu(f"Send {_quoted(pick)} to"), area, pick)


def send_menu(source: QWidget, picks: Sequence[Pick]) -> QMenu:
    """A menu that sends one of `picks` on; empty if there is nowhere to send it. It deletes itself when closed."""
    menu = QMenu(source)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    area = area_of(source)
    if area is not None and picks and all(pick == picks[0] for pick in picks):
        _fill(menu, area, picks[0])
    else:
        add_sending(menu, source, picks)
    return menu


class SendButton(QToolButton):
    """Sends on what stands beside it: pressed it opens the menu, dragged it carries it.

    A drag carries the first of the picks, with Shift the last.
    """

    def __init__(self, what: str) -> None:
        """Args: what: what is sent, as in "this sentence"."""
        super().__init__()
        self._picks: tuple[Pick, ...] = ()
        self._pressed: QPointF | None = None
        self.setIcon(theme.icon("send", "muted"))
        self.setAutoRaise(True)
        self.set_what(what)
        self.setEnabled(False)
        self.clicked.connect(self.open_menu)

    def set_what(self, what: str) -> None:
        """What is sent, as in "this sentence"."""
        self.setToolTip(f"Send {what} to another tab, or drag it there")
        self.setAccessibleName(f"Send {what} on")

    def set_picks(self, picks: Sequence[Pick | None]) -> None:
        """What can be sent: a sentence, its point."""
        self._picks = tuple(pick for pick in picks if pick is not None)
        self.setEnabled(bool(self._picks))

    @property
    def picks(self) -> tuple[Pick, ...]:
        """What can be sent."""
        return self._picks

    def open_menu(self) -> None:
        """Open the menu beneath the button."""
        if self._picks:
            send_menu(self, self._picks).popup(self.mapToGlobal(QPoint(0, self.height())))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """It may become a drag."""
        self._pressed = event.position() if event.button() == Qt.MouseButton.LeftButton else None
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Carry the sentence."""
        if self._pressed is not None and self._picks and is_drag(self._pressed, event.position()):
            self._pressed = None
            self.setDown(False)
            drag(self, carried(self, self._picks, event.modifiers()))
        else:
            super().mouseMoveEvent(event)


def carried(source: QWidget, picks: Sequence[Pick], keys: Qt.KeyboardModifier) -> Pick:
    """Which of `picks` (one or more) a drag from `source` takes along: the first, with Shift the last."""
    pick, area = picks[-1] if keys & Qt.KeyboardModifier.ShiftModifier else picks[0], area_of(source)
    return pick if area is None else area.marked(pick)


def _fill(menu: QMenu, area: SendingArea, pick: Pick) -> None:
    for tab, several in groupby(area.places, key=lambda place: place.tab):
        slots = list(several)
        inner = menu if len(slots) <= _SIDE_BY_SIDE else menu.addMenu(_with_key(tab))
        for place in slots:
            words = f"{tab} {place.slot}".strip()
            action = inner.addAction(_with_key(words) if inner is menu else f"&{place.slot}")
            action.triggered.connect(partial(_emit, area, pick, place))


def _emit(area: SendingArea, pick: Pick, place: Place, _checked: bool = False) -> None:
    area.sent.emit(area.marked(pick), place)


def _with_key(words: str) -> str:
    key = _KEYS.get(words, "")
    at = words.rfind(key) if key in words else words.lower().find(key.lower())
    return f"{words[:at]}&{words[at:]}" if key and at >= 0 else words


def _quoted(pick: Pick) -> str:
    text = pick.label if len(pick.label) <= _QUOTED else pick.label[: _QUOTED - 1].rstrip() + "…"
    return shown(text if pick.is_point else f"“{text}”").replace("&", "&&")
