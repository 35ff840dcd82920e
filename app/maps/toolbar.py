"""The line at the top: search, what the colours mean, which variants are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QSize, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
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
from app.maps.colours.chooser import ColourChooser, short_label
from app.maps.making.chooser import MapChooser
from app.maps.search.field import SearchField
from app.maps.selection.tools import SelectionTools
from app.maps.selection.words import rounded
from app.widgets.categories.legend import CategoryLegend
from app.widgets.parts import EDGE, toggle, tool_button

if TYPE_CHECKING:
    from app.core.values import Column
    from app.maps.colours.meaning import Colouring
    from app.maps.given_back.tools import Measured
    from app.maps.state import Span
    from app.widgets.categories.colours import Entry

_NARROW = 1300  # logical pixels
_LEAST = 900
_LEAST_SEARCH, _WIDEST_SEARCH = 100, 300


class Toolbar(QFrame):
    """What concerns all maps at once."""

    search_changed = Signal(str)
    list_toggled = Signal(bool)
    density_toggled = Signal(bool)
    contours_toggled = Signal(bool)
    names_toggled = Signal(bool)
    linked_toggled = Signal(bool)
    shown_changed = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self.search = SearchField()
        self.search.setPlaceholderText("Search sentences")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self.search_changed)
        self._matches = toggle("", "Show or hide the list of what was found")
        self._matches.setProperty("role", "quiet")
        self._matches.clicked.connect(self.list_toggled)
        self.colours = ColourChooser()
        self.selection = SelectionTools()
        self.chooser = MapChooser()
        for part in (self.selection, self.chooser):
            part.resized.connect(self._fit)
        self.legend = CategoryLegend()
        self._density = tool_button("density", "Density: how many sentences lie at a place, instead of their colours")
        self._density.setCheckable(True)
        self._density.clicked.connect(self.density_toggled)
        self._contours = tool_button(
            "contours",
            "Contours: lines around the densest places of a map, which hold 50%, 80% and 95% of its sentences "
            "(highest-density regions). Finer ones as you zoom in; a map of a collapsed model has none",
        )
        self._contours.setCheckable(True)
        self._contours.clicked.connect(self.contours_toggled)
        self._names = tool_button(
            "labels",
            "Names of regions: where sentences crowd on a map, the words that tell them from the others around. "
            "More of them as you zoom in; a map that is one even cloud has none, and says so",
        )
        self._names.setCheckable(True)
        self._names.clicked.connect(self.names_toggled)
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
        self._only: tuple[int, ...] = ()
        self._searched: str | None = None
        self._found: int | None = None
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
        row.addWidget(self.search)
        row.addWidget(self._matches)
        row.addWidget(self.chooser)
        row.addWidget(self.selection)
        for switch in (self._density, self._contours, self._names, self._linked):
            row.addWidget(switch)
        row.addWidget(self.colours)  # behind the switches, as its width changes with what it shows
        row.addStretch(0)  # what the search does not take
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
        """Say as much as there is room for: the first way of `_BRIEFER` that fits."""
        narrow = self.width() < _NARROW
        self.search.setPlaceholderText("Search" if narrow else "Search sentences")
        self.selection.set_short(narrow)
        margins = self.contentsMargins().left() + self.contentsMargins().right() + 2 * EDGE
        for way in _BRIEFER:
            self._row.setSpacing(way.space)
            self.selection.set_tight(way.brief)
            self.chooser.set_short(narrow, not way.map)
            self.colours.set_roomy(way.roomy)
            self.colours.given_back.set_short(narrow or way.chip is not _whole, way.brief, not way.map)
            self._say_matches(narrow or way.brief, way.brief, way.search or max(_LEAST_SEARCH, self.width() // 11))
            for column in self._columns:
                self._by_name[column.name].setText(way.chip(column))
                _set_role(self._by_name[column.name], way.role)
            for part in (self.selection, self.chooser, self.colours.given_back, self.colours):
                if (inside := part.layout()) is not None:
                    inside.invalidate()  # or it answers with the widths of before
                part.updateGeometry()
            self._chips.invalidate()
            self._row.invalidate()
            if self._row.totalMinimumSize().width() + margins <= self.width():
                break
        if (whole := self.layout()) is not None:
            whole.activate()  # with the widths of now

    def _say_matches(self, narrow: bool, tight: bool, search: int) -> None:
        """How many were found, in the room that many take, or in no more than is needed.

        The field of the search, else `search` pixels wide, has that room while nothing is searched, so that nothing
        else moves when it is.
        """
        found = "" if self._found is None else rounded(self._found) if tight else f"{self._found:,} found"
        self._matches.setText(found)
        self._matches.setAccessibleName("" if self._found is None else f"{self._found:,} found")
        room = self._matches.fontMetrics().horizontalAdvance(found if narrow else "888,888 found") + 22
        self._matches.setFixedWidth(room)
        self._matches.setVisible(bool(found))
        more = 0 if narrow or found else room + self._row.spacing()
        # By the window alone: what stands behind it stays where it is, whatever the colours mean or is selected.
        self.search.setFixedWidth(min(search, _WIDEST_SEARCH) + more)

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
        self._found = None if not text else matches
        self._matches.setEnabled(self._found is not None)
        self._matches.setChecked(self._found is not None and listed)
        self._fit()

    def set_colouring(
        self,
        meant: Colouring,
        density: bool,
        column: str = "",
        of: str = "",
        span: Span = None,
        only: tuple[int, ...] = (),
    ) -> None:
        """Show what the colours mean, of which `column` or `of` which variant, and what of it keeps its colour.

        `span` is of a scale, `only` are the entries of a legend, by their places in the palette.
        """
        self.colours.set_chosen(meant.by, column, of, density)
        self._meant, self._only = (meant.entries, only) if not density else ((), ())
        self.legend.set_entries(meant.label, self._meant, self._searched, self._only)
        self._density.setChecked(density)
        if density:
            self.colours.show_density()
        elif meant.label and not meant.entries and meant.known:
            self.colours.show_scale(meant.label, meant.low, meant.high, span)
        else:
            self.colours.show_note("" if meant.known else meant.label)
        self._fit()

    def set_searched(self, value: str | None) -> None:
        """The category that is searched for, which its entry of the legend shows; None for none."""
        self._searched = value
        self.legend.set_entries(self.legend.name, self._meant, value, self._only)

    @property
    def meaning(self) -> tuple[str, str, str, tuple[Entry, ...]]:
        """What the colours mean: a name and the ends of its scale, as they are written, or its legend."""
        label, low, high = self.colours.scale.texts()
        label = ", ".join(filter(None, (label, self.colours.given_back.said))) if label else ""
        return (self.legend.name, "", "", self._meant) if self._meant else (label, low, high, ())

    def show_measured(self, shown: Measured) -> None:
        """Show of how many sentences it is known what comes back, where that colours them."""
        self.colours.given_back.show_measured(shown)
        self._fit()

    def set_switches(self, contours: bool, names: bool, linked: bool) -> None:
        """Show whether contours and the names of regions are on the maps, and whether these are linked."""
        for switch, on in ((self._contours, contours), (self._names, names), (self._linked, linked)):
            switch.setChecked(on)

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
    return short_label(column.label)


def _dot_only(_column: Column) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to say what stands in the line.

    Attributes:
        chip: what is said of a variant, and the role of its chip.
        roomy: whether it is said which menu is of the colours, and there the whole names of variants.
        brief: whether numbers are rounded, and nothing is said of what they count.
        map: whether the map that is shown is named.
        search: logical pixels of the field of the search; 0 for a share of the line.
        space: those between the parts of the line.
    """

    chip: Callable[[Column], str]
    role: str = ""
    roomy: bool = True
    brief: bool = False
    map: bool = True
    search: int = 0
    space: int = 6


_BRIEFER = (
    _Way(_whole),
    _Way(_short),
    _Way(_dot_only),
    _Way(_dot_only, "dot"),
    _Way(_dot_only, "dot", roomy=False),
    _Way(_dot_only, "dot", roomy=False, brief=True),
    _Way(_dot_only, "dot", roomy=False, brief=True, search=70, space=4),
    _Way(_dot_only, "dot", roomy=False, brief=True, map=False, search=70, space=4),
)
"""Ways to say less and less; the first that fits is taken."""


def _set_role(chip: QPushButton, role: str) -> None:
    if (chip.property("role") or "") != role:
        chip.setProperty("role", role)
        chip.style().unpolish(chip)
        chip.style().polish(chip)
        chip.updateGeometry()


def _dot(colour: str) -> QIcon:
    pixmap = QPixmap(24, 24)
    pixmap.fill(QColor(0, 0, 0, 0))
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(theme.current().readable(colour)))
        painter.setPen(QColor(0, 0, 0, 0))
        painter.drawEllipse(4, 4, 16, 16)
    return QIcon(pixmap)
