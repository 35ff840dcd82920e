"""The legend of categories: a dot, a name and a number of sentences each, in one line. A click finds its sentences."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from app.core import theme
from app.widgets.categories.colours import Entry, colours
from app.widgets.parts import label

_DOT = 10.0  # logical pixels
_GAP = 4
_WAYS = ((24, True), (16, True), (11, True), (24, False), (16, False), (11, False), (7, False), (4, False), (0, False))
"""Letters of the longest name that is written out, and whether with its count, from much room to none."""


class CategoryLegend(QWidget):
    """The entries of `set_entries`, in the colours that the maps have.

    Signals:
        chosen: the value of an entry that was clicked, if it can be searched for.
        entry_chosen: what one that cannot is called.
    """

    chosen = Signal(str)
    entry_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[Entry, ...] = ()
        self._name = label(role="muted")
        self._buttons: list[QPushButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(_GAP)
        self._row.addWidget(self._name)
        self._row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setVisible(False)

    def set_entries(
        self, name: str, entries: tuple[Entry, ...], searched: str | None = None, only: tuple[int, ...] = ()
    ) -> None:
        """Show the legend of a column; no entries take it away.

        `searched` is the value that is searched for now, `only` the places of those that keep their colour.
        """
        if entries != self._entries:
            for old in self._buttons:
                self._row.removeWidget(old)
                old.hide()
                old.deleteLater()
            self._buttons = [self._made(entry) for entry in entries]
            self._entries = entries
        self._name.setText(name)
        self._name.setAccessibleName(f"Colours: {name}")
        for one, entry in zip(self._buttons, entries, strict=True):
            one.setIcon(_dot(entry.place))
            one.setChecked(entry.value == searched if entry.value is not None else entry.place in only)
        self.setVisible(bool(entries))
        self._fit()

    @property
    def name(self) -> str:
        """Of the column."""
        return self._name.text()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Those that are shown."""
        return self._entries

    def _made(self, entry: Entry) -> QPushButton:
        one = QPushButton()
        one.setCheckable(True)
        one.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        one.setAccessibleName(f"{entry.text}, {entry.count:,} sentences")
        about = f"{entry.text}: {entry.count:,} sentences"
        if entry.value is None:
            one.setToolTip(f"{about}. Click to grey all others; again to let go.")
            one.clicked.connect(lambda _, text=entry.text: self.entry_chosen.emit(text))
        else:
            one.setToolTip(f"{about}. Click to find them; again to let go.")
            one.clicked.connect(lambda _, value=entry.value: self.chosen.emit(value))
        self._row.insertWidget(self._row.count() - 1, one)
        one.show()
        return one

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Write as much of the names as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """As narrow as one likes: names are shortened."""
        return QSize(0, super().minimumSizeHint().height())

    def _fit(self) -> None:
        for letters, counted in _WAYS:
            for one, entry in zip(self._buttons, self._entries, strict=True):
                whole = entry.text if len(entry.text) <= letters else entry.text[: max(letters - 1, 0)].rstrip() + "…"
                name = whole.replace("&", "&&") if letters else ""
                one.setText(f"{name}  {entry.count:,}" if counted else name)
            self._row.invalidate()
            if self._row.totalMinimumSize().width() <= self.width():
                return


def paint_legend(painter: QPainter, area: QRectF, name: str, entries: tuple[Entry, ...]) -> None:
    """Draw the legend in an area, in as many lines as it needs."""
    now, metrics = theme.current(), QFontMetricsF(theme.font(theme.SMALL_SIZE))
    painter.setFont(theme.font(theme.SMALL_SIZE))
    for x, y, text, place in _laid_out(area.width(), name, entries, metrics):
        at = QRectF(area.left() + x, area.top() + y, metrics.horizontalAdvance(text) + 2, metrics.height())
        if place is not None:
            disc = QRectF(at.left() - _DOT - _GAP, at.center().y() - _DOT / 2, _DOT, _DOT)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(_colour(place)))
            painter.drawEllipse(disc)
        painter.setPen(QColor(now.muted if place is None else now.text))
        painter.drawText(at, Qt.AlignmentFlag.AlignVCenter, text)


def legend_height(width: float, name: str, entries: tuple[Entry, ...]) -> float:
    """Logical pixels that `paint_legend` needs of height."""
    metrics = QFontMetricsF(theme.font(theme.SMALL_SIZE))
    return max(y for _, y, _, _ in _laid_out(width, name, entries, metrics)) + metrics.height() + _GAP


def _laid_out(
    width: float, name: str, entries: tuple[Entry, ...], metrics: QFontMetricsF
) -> list[tuple[float, float, str, int | None]]:
    """Where each text stands, (x, y, text, place in the palette), from left to right and line to line."""
    made: list[tuple[float, float, str, int | None]] = [(0.0, 0.0, name, None)]
    x, y = metrics.horizontalAdvance(name) + 3 * _GAP, 0.0
    for entry in entries:
        text = metrics.elidedText(f"{entry.text}  {entry.count:,}", Qt.TextElideMode.ElideMiddle, width / 2)
        needed = _DOT + _GAP + metrics.horizontalAdvance(text)
        if x + needed > width and x > 0:
            x, y = 0.0, y + metrics.height() + _GAP
        made.append((x + _DOT + _GAP, y, text, entry.place))
        x += needed + 3 * _GAP
    return made


def _colour(place: int) -> str:
    now = theme.current()
    return colours(now)[place] if place >= 0 else now.dimmed


def _dot(place: int) -> QIcon:
    pixmap = QPixmap(24, 24)
    pixmap.fill(QColor(0, 0, 0, 0))
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(_colour(place)))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(4, 4, 16, 16)
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Disabled)  # entries that cannot be clicked keep their colour
    return icon
