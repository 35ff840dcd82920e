"""One variant's column head: its name and colour, its map, its numbers, and what it says when there is no map."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.core import theme
from app.maps.badge import MOST_LINES, Badge
from app.maps.map_note import MapNote
from app.maps.picture import MapShown, Meaning, map_figure
from app.maps.view import MapView
from app.widgets.categories.colours import Entry
from app.widgets.labels import ColourChip, ElidedLabel
from app.widgets.pictures.figure import Figure
from app.widgets.state_overlay import StaleBanner, State, StateOverlay

_LOW = 250  # logical pixels: a lower panel leaves what it can to its map
_NUMBER = 72  # logical pixels of a name and its value side by side
_ROOMY = 182
"""Logical pixels of height from which the verdict may take all its lines."""


class MapPanel(QFrame):
    """Header, map and numbers of one variant.

    Attributes:
        variant: the name of the variant in its run, "" before there is one.
        said, traced: what flags, numbers and lines on the map are of, and the path, in words, for pictures.

    Signals:
        action_requested: the button of the state shown was pressed; carries the state ("failed", "stale", ...).
        diagnosis_requested: the verdict beneath the map was pressed.
    """

    action_requested = Signal(str)
    diagnosis_requested = Signal()
    figure_name = "this map"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._state: State = "ready"
        self._colour = ""
        self._meaning: tuple[str, str, str, tuple[Entry, ...]] = ("", "", "", ())
        self._told: tuple[tuple[str, str], ...] = ()
        self._column = 0
        self.variant = self.said = self.traced = ""
        self._chip = ColourChip()
        self._label = ElidedLabel()
        self._label.setProperty("role", "title")
        self._caption = QLabel()
        self._caption.setProperty("role", "label")
        self._map = MapView()
        self.density, self.farness = MapNote(self._map), MapNote(self._map)
        self._overlay = StateOverlay()
        self._banner = StaleBanner()
        for part in (self._overlay, self._banner):
            part.action_requested.connect(lambda: self.action_requested.emit(self._state))
        self.badge = Badge()
        self.badge.clicked.connect(self.diagnosis_requested)
        self._footer = QWidget()
        self._shown_numbers: list[_Number] = []
        self._numbers = QHBoxLayout(self._footer)
        self._numbers.setContentsMargins(theme.SPACE + 2, 6, theme.SPACE + 2, 6)
        self._numbers.setSpacing(theme.SPACE)
        self._footer.setVisible(False)

        header = self._header = QHBoxLayout()
        header.setContentsMargins(theme.SPACE + 2, theme.SPACE, theme.SPACE + 2, theme.SPACE)
        header.setSpacing(theme.SPACE)
        header.addWidget(self._chip)
        header.addWidget(self._label, 1)
        header.addWidget(self._caption)
        stage = QGridLayout()
        stage.setContentsMargins(1, 0, 1, 0)
        stage.addWidget(self._map, 0, 0)
        for note, corner in ((self.density, Qt.AlignmentFlag.AlignTop), (self.farness, Qt.AlignmentFlag.AlignBottom)):
            stage.addWidget(note, 0, 0, corner | Qt.AlignmentFlag.AlignLeft)
        stage.addWidget(self._overlay, 0, 0)
        stage.addWidget(self._banner, 0, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addLayout(stage, 1)
        column.addWidget(self.badge)
        column.addWidget(self._footer)

    @property
    def map(self) -> MapView:
        """The map itself."""
        return self._map

    @property
    def state(self) -> State:
        """What `set_state` was last told."""
        return self._state

    def clear(self) -> None:
        """Show nothing of any variant."""
        self._map.set_points(None)
        self._map.set_beneath(contours=None, spokes=None, names=None, shares=None)
        self.set_numbers(())
        self.set_caption("")
        self.badge.set_finding(None)
        self.farness.set_text("")
        self.set_state("ready")
        self.said = self.traced = ""

    def set_variant(self, name: str, label: str, colour: str) -> None:
        """Which variant it is of, for example ("autogen-m1", "AutoGen m=1", "#1BB58A")."""
        self.variant = name
        self._label.setText(label)
        self._fit_header()
        self._chip.set_colour(colour)
        self._colour = colour
        self._map.set_accent(colour)
        self._map.setAccessibleName(f"Map of {label}")
        self.setAccessibleName(label)

    def set_column(self, width: int) -> None:
        """How wide the columns are, but for a pixel: what is laid out by it is alike in all of them."""
        if width != self._column:
            self._column = width
            self._fit_height()

    def set_caption(self, text: str, tooltip: str = "") -> None:
        """Small print at the right of the header ("UMAP, 6,998 sentences"); the tooltip says what the axes are."""
        self._caption.setText(text)
        self._caption.setToolTip(tooltip)
        self._fit_header()

    def set_numbers(self, numbers: Sequence[tuple[str, str, str]]) -> None:
        """Show (name, value, how it was computed) below the map, for example ("KL", "11.2 nats", "Mean over ...")."""
        for _ in range(len(self._shown_numbers), len(numbers)):
            made = _Number()
            self._shown_numbers.append(made)
            self._numbers.addWidget(made, 1)
        for number, told in zip_longest(self._shown_numbers, numbers):
            number.setVisible(told is not None)
            if told is not None:
                number.tell(*told)
        self._footer.setVisible(bool(numbers))
        self._told = tuple((name, value) for name, value, _ in numbers)
        self._fit_height()

    def set_meaning(self, meaning: tuple[str, str, str, tuple[Entry, ...]]) -> None:
        """What the colours of the points mean, for pictures of the map: a name and the ends of its scale."""
        self._meaning = meaning

    @property
    def shown(self) -> MapShown | None:
        """The map as it can be pictured; None while there is none."""
        if self._state not in ("ready", "stale"):
            return None
        view, verdict = self._map, "" if self.badge.isHidden() else self.badge.text()
        kind, scene = self._caption.text(), view.scene()
        said = "; ".join(filter(None, (self.said, self.traced)))
        return MapShown(self._label.text(), self._colour, kind, scene, self._told, view.selected, verdict, said)

    def figure(self) -> Figure | None:
        """The map as a figure."""
        shown = self.shown
        return map_figure(shown, Meaning(*self._meaning), self.width()) if shown is not None else None

    def set_state(
        self, state: State, text: str = "", hint: str = "", fraction: float | None = None, action: str = ""
    ) -> None:
        """Say what is going on; "ready" shows the map.

        Args:
            state: "loading", "empty" and "failed" cover the map; "stale" leaves it usable and adds a strip.
            text: what is happening or wrong, in one sentence.
            hint: the next step.
            fraction: 0..1 of the work done while loading, None when it is not known.
            action: words on a button that emits `action_requested`; no button when empty.
        """
        self._state = state
        covers = state in ("loading", "empty", "failed")
        if covers:
            self._overlay.show_message(state, text, hint, fraction, action)
        self._overlay.setVisible(covers)
        if state == "stale":
            self._banner.show_message(text, hint, action)
        self._banner.setVisible(state == "stale")
        self._map.setEnabled(not covers)

    def _fit_header(self) -> None:
        """The name comes first: where there is no room beside it, the small print goes into its tooltip."""
        room = self.width() - 2 * (theme.SPACE + 2) - self._chip.width() - 2 * theme.SPACE
        needed = self._label.fontMetrics().horizontalAdvance(self._label.text()) + self._caption.sizeHint().width()
        self._caption.setVisible(needed <= room)
        hidden = self._caption.text() if needed > room else ""
        self._label.setToolTip("\n".join(part for part in (self._label.text(), hidden) if part))

    def _fit_height(self) -> None:
        """In a low panel the names of the numbers stand beside them, where there is room, and margins are small."""
        side, low = theme.SPACE + 2, self.height() < _LOW
        margin = theme.SPACE // 2 if low else theme.SPACE
        self._header.setContentsMargins(side, margin, side, margin)
        self._numbers.setContentsMargins(side, margin - 2, side, margin - 2)
        numbers = [number for number in self._shown_numbers if not number.isHidden()]
        beside = low and (self._column or self.width()) - 2 * side >= len(numbers) * (_NUMBER + theme.SPACE)
        for number in numbers:
            number.set_beside(beside)

    def minimumSizeHint(self) -> QSize:
        """What it needs with one line of the verdict: a second one is no reason to stay as high as it is."""
        hint, badge = super().minimumSizeHint(), self.badge
        if badge.isHidden():
            return hint
        return QSize(hint.width(), hint.height() - badge.sizeHint().height() + badge.height_of(1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_header()
        self._fit_height()
        self.badge.set_lines(MOST_LINES if self.height() >= _ROOMY else 1)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._chip.update()
        super().changeEvent(event)


class _Number(QWidget):
    """A name in small letters above its value."""

    def __init__(self) -> None:
        super().__init__()
        self._parts = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._parts.setContentsMargins(0, 0, 0, 0)
        self._parts.setSpacing(1)
        self._name, self._value = ElidedLabel(), ElidedLabel()
        self._name.setProperty("role", "label")
        self._name.setFont(theme.font(theme.SMALL_SIZE, label=True))
        self._value.setProperty("role", "value")
        self._parts.addWidget(self._name, 0)
        self._parts.addWidget(self._value, 1)

    def tell(self, name: str, value: str, tooltip: str) -> None:
        """Show a name and its value; the tooltip says how it was computed."""
        self._name.setText(name)
        self._value.setText(value)
        self.setToolTip(tooltip)
        self.setAccessibleName(f"{name}: {value}")
        self.setAccessibleDescription(tooltip)

    def set_beside(self, beside: bool) -> None:
        """The name stands before its value, or above it."""
        ways = QBoxLayout.Direction
        self._parts.setDirection(ways.LeftToRight if beside else ways.TopToBottom)
        self._parts.setSpacing(5 if beside else 1)
        policy = QSizePolicy.Policy.Maximum if beside else QSizePolicy.Policy.Ignored
        self._name.setSizePolicy(policy, QSizePolicy.Policy.Fixed)
