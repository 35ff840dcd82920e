"""What the points are coloured by: the menu, the variant where it is of one, and the scale beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from app.maps.colours.kinds import BY_NAME, KINDS
from app.maps.colours.scale import ColourRange
from app.maps.given_back.tools import GivenBackTools
from app.widgets.categories.colours import title
from app.widgets.parts import DropDown, label, tool_button

if TYPE_CHECKING:
    from app.core.values import Column
    from app.maps.state import Span
    from app.run.atlas import ColourBy

_MENU, _ARROW = 170, 62  # logical pixels
_COLUMN = Qt.ItemDataRole.UserRole + 1
"""Where an item of the menu has the name of a column."""


def short_label(label: str) -> str:
    """The part of a variant's label that tells it from the others."""
    return label.replace("AutoGen ", "").replace("VAE + ", "+ ")


class ColourChooser(QWidget):
    """`colour by [menu] of [variant]  low [scale] high  1,000 of 10,066 sentences measured`.

    Signals:
        kind_chosen: a name of `KINDS`.
        column_chosen: the name of a column that is kept beside the sentences.
        of_chosen: the name of a variant.
        play_wanted: the points are to be seen going from that variant's map to their own.
        span_chosen: (low, high) of the values that keep their colour; None for all of them.
    """

    kind_chosen = Signal(str)
    column_chosen = Signal(str)
    of_chosen = Signal(str)
    play_wanted = Signal()
    span_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.caption = label("colour by", role="muted")
        self._roomy = True
        self._names: list[tuple[str, str]] = []  # and labels of the variants
        self.menu = DropDown()
        self.menu.setAccessibleName("Colour by")
        for kind in KINDS:
            self.menu.addItem(kind.text, kind.name)
            self._explain(kind.meaning)
        self.menu.setMaxVisibleItems(24)
        self.menu.setProperty("follows", True)
        self.menu.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.menu.activated.connect(self._chosen)
        self.of = DropDown()
        self.of.setAccessibleName("Of the variant")
        self.of.setToolTip("Whose map or regions the colours are of, on all maps")
        self.of.setProperty("follows", True)
        self.of.activated.connect(lambda at: self.of_chosen.emit(self.of.itemData(at)))
        self.of.setVisible(False)
        self.play = tool_button("play", "Watch the sentences go from their places on this variant's map to their own")
        self.play.clicked.connect(self.play_wanted)
        self.play.setVisible(False)
        self.scale = ColourRange()
        self.scale.span_chosen.connect(self.span_chosen)
        self.note = label(role="muted")
        self.note.setVisible(False)
        self.given_back = GivenBackTools()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for part in (self.caption, self.menu, self.of, self.play, self.scale, self.note, self.given_back):
            row.addWidget(part)
        self._fit()

    def set_kept(self, names: tuple[str, ...]) -> None:
        """Offer columns that are kept beside the sentences too."""
        menu = self.menu
        if names == tuple(menu.itemData(at, _COLUMN) for at in range(len(KINDS) + 1, menu.count())):
            return
        while menu.count() > len(KINDS):
            menu.removeItem(menu.count() - 1)
        if names:
            menu.insertSeparator(menu.count())
        for name in names:
            menu.addItem(title(name))
            menu.setItemData(menu.count() - 1, name, _COLUMN)
            self._explain(f"what stands beside each sentence as {name}")

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """The variants that colours can be of."""
        names = [(each.name, each.label) for each in columns]
        if names == self._names:
            return
        self._names = names
        self.of.clear()
        for name, said in names:
            self.of.addItem(said if self._roomy else short_label(said), name)

    def set_chosen(self, by: ColourBy, column: str, of: str, density: bool) -> None:
        """Show what is chosen; while the colours mean the density, nothing can be."""
        at = self.menu.findData(column, _COLUMN) if column else self.menu.findData(by)
        with QSignalBlocker(self.menu):
            self.menu.setCurrentIndex(at)
        self.menu.setToolTip(f"What the colour of a point means: {self.menu.itemData(at, Qt.ItemDataRole.ToolTipRole)}")
        self.of.setCurrentIndex(max(0, self.of.findData(of)))
        self.of.setVisible(not column and not density and BY_NAME[by].of_one and self.of.count() > 1)
        asked = self.of.isVisibleTo(self)
        self.play.setVisible(asked and by == "drift")
        self._tell_caption()
        for part in (self.caption, self.menu):
            part.setEnabled(not density)
        self._fit()

    def set_roomy(self, roomy: bool) -> None:
        """Whether there is room to say what the menu is of, and the whole names of variants."""
        if roomy != self._roomy:
            self._roomy = roomy
            for at, (_, said) in enumerate(self._names):
                self.of.setItemText(at, said if roomy else short_label(said))
            self._fit()
        self._tell_caption()

    def _tell_caption(self) -> None:
        """The variant that colours are of takes its room."""
        self.caption.setVisible(self._roomy and not self.of.isVisibleTo(self))

    def show_scale(self, text: str, low: float, high: float, span: Span) -> None:
        """Show the scale of numbers, and which of them keep their colour."""
        self.note.setVisible(False)
        self.scale.set_scale(text, low, high)
        self.scale.set_span(span)

    def show_density(self) -> None:
        """Show the scale of the density, of which nothing can be chosen."""
        self.note.setVisible(False)
        self.scale.set_density()

    def show_note(self, text: str) -> None:
        """Say why there is no scale, or nothing where a legend takes its place."""
        self.scale.clear()
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def _explain(self, meaning: str) -> None:
        self.menu.setItemData(self.menu.count() - 1, meaning, Qt.ItemDataRole.ToolTipRole)

    def _fit(self) -> None:
        """As wide as what is chosen needs."""
        metrics = self.menu.fontMetrics()
        for box in (self.menu, self.of):
            box.setFixedWidth(min(_MENU, metrics.horizontalAdvance(box.currentText()) + _ARROW))

    def _chosen(self, at: int) -> None:
        name = self.menu.itemData(at, _COLUMN)
        if name is not None:
            self.column_chosen.emit(name)
        else:
            self.kind_chosen.emit(self.menu.itemData(at))
