"""The line at the top: search, what the colours mean, which variants are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core import theme
from app.maps.search.field import SearchField
from app.widgets.categories.colours import title
from app.widgets.categories.legend import CategoryLegend
from app.widgets.colour_scale import ColourScale
from app.widgets.parts import EDGE, label, toggle, tool_button

if TYPE_CHECKING:
    from app.core.values import Column
    from app.widgets.categories.colours import Entry

_NARROW = 1300  # logical pixels
_LEAST = 900
_MENU = 150
_COLUMN = Qt.ItemDataRole.UserRole + 1
"""Where an item of the menu has the name of a column."""
_COLOURS = (
    ("KL", "KL", "how much z tells about the sentence, in nats"),
    ("nll", "NLL", "how badly the sentence is written again, -log p(x|z) in nats"),
    ("length", "length", "tokens of the sentence: words and punctuation marks"),
)


class Toolbar(QFrame):
    """What concerns all maps at once."""

    search_changed = Signal(str)
    list_toggled = Signal(bool)
    colour_by_chosen = Signal(str)
    column_chosen = Signal(str)
    density_toggled = Signal(bool)
    linked_toggled = Signal(bool)
    shown_changed = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self.search = SearchField()
        self.search.setPlaceholderText("Search sentences")
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(100)
        self.search.setMaximumWidth(300)
        self.search.textChanged.connect(self.search_changed)
        self._matches = toggle("", "Show or hide the list of what was found")
        self._matches.setProperty("role", "quiet")
        self._matches.setFixedWidth(self._matches.fontMetrics().horizontalAdvance("888,888 found") + 22)
        self._matches.clicked.connect(self.list_toggled)
        self._colour_by = label("colour by", role="muted")
        self._colour = QComboBox()
        self._colour.setAccessibleName("Colour by")
        for value, text, meaning in _COLOURS:
            self._colour.addItem(text, value)
            self._colour.setItemData(self._colour.count() - 1, meaning, Qt.ItemDataRole.ToolTipRole)
        self._colour.setToolTip("What the colour of a point means: " + "; ".join(f"{t}: {m}" for _, t, m in _COLOURS))
        self._colour.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._colour.setMaximumWidth(_MENU)
        self._colour.activated.connect(self._colour_chosen)
        self._scale = ColourScale()
        self.legend = CategoryLegend()
        self._density = tool_button("density", "Density: how many sentences lie at a place, instead of their colours")
        self._density.setCheckable(True)
        self._density.clicked.connect(self.density_toggled)
        self._linked = tool_button(
            "link", "Linked maps: moving or zooming one moves and zooms all, about the same sentence (Ctrl+L)"
        )
        self._linked.setCheckable(True)
        self._linked.clicked.connect(self.linked_toggled)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(4)
        self._by_name: dict[str, QPushButton] = {}
        self._columns: tuple[Column, ...] = ()
        self._meant: tuple[Entry, ...] = ()
        self._searched: str | None = None
        self.theme_button = tool_button("sun", "Light or dark (Ctrl+T)")
        self.help_button = tool_button("info", "What the maps show, in plain words (F1), and all keys (?)")
        self.menu_button = QToolButton()
        self.menu_button.setText("☰")
        self.menu_button.setAutoRaise(True)
        self.menu_button.setToolTip("Runs, export and the rest")
        self.menu_button.setAccessibleName("Menu")
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._lay_out()

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(EDGE, 6, EDGE, 6)
        whole.setSpacing(4)
        row = self._row = QHBoxLayout()
        row.setSpacing(6)
        whole.addLayout(row)
        whole.addWidget(self.legend)
        row.addWidget(self.search, 2)
        row.addWidget(self._matches)
        row.addWidget(self._colour_by)
        row.addWidget(self._colour)
        row.addWidget(self._scale)
        row.addWidget(self._density)
        row.addWidget(self._linked)
        row.addStretch(1)
        row.addLayout(self._chips)
        for button in (self.theme_button, self.help_button, self.menu_button):
            row.addWidget(button)

    def set_menu(self, menu: QMenu) -> None:
        """The menu behind the last button."""
        self.menu_button.setMenu(menu)

    def set_columns(self, columns: tuple[Column, ...], shown: tuple[str, ...], broken: Mapping[str, str]) -> None:
        """One chip for each variant, down while it is shown."""
        if columns != self._columns:
            self._columns = ()  # showing a chip may resize this bar, before there are chips for all
            for chip in self._by_name.values():
                self._chips.removeWidget(chip)
                chip.hide()
                chip.deleteLater()
            self._by_name = {column.name: self._chip(column) for column in columns}
            self._columns = columns
        for column in columns:
            chip = self._by_name[column.name]
            chip.setIcon(_dot(column.colour))
            chip.setChecked(column.name in shown)
            chip.setToolTip(broken.get(column.name) or f"Show or hide {column.label}")
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow window has room for short names only; the maps beneath carry the whole ones."""
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """Narrower than what the names need, as they are shortened to the room there is."""
        return QSize(_LEAST, super().minimumSizeHint().height())

    def _fit(self) -> None:
        """Say as much of the names as there is room for: all, the part that tells them apart, or the dots alone."""
        self.search.setPlaceholderText("Search sentences" if self.width() >= _NARROW else "Search")
        margins = self.contentsMargins().left() + self.contentsMargins().right() + 2 * EDGE
        for name in (_whole, _short, _dot_only):
            for column in self._columns:
                self._by_name[column.name].setText(name(column))
            self._chips.invalidate()  # or it answers with the widths of before
            self._row.invalidate()
            if self._row.totalMinimumSize().width() + margins <= self.width():
                return

    def _chip(self, column: Column) -> QPushButton:
        chip = QPushButton()
        chip.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        chip.setCheckable(True)
        chip.setAccessibleName(f"Show {column.label}")
        chip.clicked.connect(lambda down, name=column.name: self.shown_changed.emit(name, down))
        self._chips.addWidget(chip)
        chip.show()  # or the layout does not count it yet
        return chip

    def set_search(self, text: str, matches: int | None, listed: bool = False) -> None:
        """Show the search and how many sentences match; None while nothing is searched or found yet.

        `listed` says whether they are listed.
        """
        if self.search.text() != text:
            with QSignalBlocker(self):
                self.search.setText(text)  # it must hear of it itself: its cross goes with the text
        found = "" if not text or matches is None else f"{matches:,} found"
        self._matches.setText(found)
        self._matches.setEnabled(bool(found))
        self._matches.setChecked(bool(found) and listed)

    def set_kept(self, names: tuple[str, ...]) -> None:
        """Offer columns that are kept beside the sentences as what the colours can mean."""
        if names == tuple(self._colour.itemData(at, _COLUMN) for at in range(len(_COLOURS) + 1, self._colour.count())):
            return
        while self._colour.count() > len(_COLOURS):
            self._colour.removeItem(self._colour.count() - 1)
        if names:
            self._colour.insertSeparator(self._colour.count())
        for name in names:
            self._colour.addItem(title(name))
            at = self._colour.count() - 1
            self._colour.setItemData(at, name, _COLUMN)
            self._colour.setItemData(at, f"what stands beside each sentence as {name}", Qt.ItemDataRole.ToolTipRole)

    def _colour_chosen(self, at: int) -> None:
        name = self._colour.itemData(at, _COLUMN)
        if name is not None:
            self.column_chosen.emit(name)
        else:
            self.colour_by_chosen.emit(self._colour.itemData(at))

    def set_colouring(
        self,
        by: str,
        density: bool,
        text: str,
        vmin: float,
        vmax: float,
        column: str = "",
        entries: tuple[Entry, ...] = (),
    ) -> None:
        """Show what the colours mean, and the ends of their scale, or the `entries` of the categories of a `column`."""
        named = self._colour.findData(column, _COLUMN) if column else self._colour.findData(by)
        self._colour.setCurrentIndex(named)
        self._meant = entries if not density else ()
        self.legend.set_entries(text, self._meant, self._searched)
        self._density.setChecked(density)
        self._colour.setEnabled(not density)  # the colours then mean the density
        self._colour_by.setEnabled(not density)
        if density:
            self._scale.set_density()
        elif text and not entries:
            self._scale.set_scale(text, vmin, vmax)
        else:
            self._scale.clear()
        self._fit()

    def set_searched(self, value: str | None) -> None:
        """The category that is searched for, which its entry of the legend shows; None for none."""
        self._searched = value
        self.legend.set_entries(self.legend.name, self._meant, value)

    @property
    def meaning(self) -> tuple[str, str, str, tuple[Entry, ...]]:
        """What the colours mean: a name and the ends of its scale, as they are written, or its legend."""
        return (self.legend.name, "", "", self._meant) if self._meant else (*self._scale.texts(), ())

    def set_linked(self, linked: bool) -> None:
        """Show whether the maps are linked."""
        self._linked.setChecked(linked)

    def set_theme_icon(self, dark: bool) -> None:
        """The icon of the theme that the button leads to."""
        self.theme_button.setIcon(theme.icon("sun" if dark else "moon"))

    def focus_search(self) -> None:
        """Put the cursor into the search."""
        self.search.setFocus()
        self.search.selectAll()


def _whole(column: Column) -> str:
    return column.label


def _short(column: Column) -> str:
    return column.label.replace("AutoGen ", "").replace("VAE + ", "+ ")


def _dot_only(_column: Column) -> str:
    return ""


def _dot(colour: str) -> QIcon:
    pixmap = QPixmap(24, 24)
    pixmap.fill(QColor(0, 0, 0, 0))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(theme.current().readable(colour)))
    painter.setPen(QColor(0, 0, 0, 0))
    painter.drawEllipse(4, 4, 16, 16)
    painter.end()
    return QIcon(pixmap)
