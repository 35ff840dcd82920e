"""How a picture is to be saved: format, colours and pixels, with a small view of what it will look like."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.core import theme
from app.core.jobs.in_turns import InTurns
from app.core.settings import PIXEL_RATIOS
from app.widgets.parts import Segmented, button, label
from app.widgets.pictures.figure import Figure
from app.widgets.pictures.writing import FORMATS, Style, preview, size_of
from engine.errors import LoomError

_VIEW = 520, 300  # logical pixels
_ABOUT = {
    "png": "Pixels, for slides and web pages",
    "svg": "Lines and text that can be edited, for drawing programs and web pages",
    "pdf": "Lines and text, for papers",
}


class PictureDialog(QDialog):
    """Shows a figure and asks for the style.

    Signals:
        chosen: the `Style` in which it is to be saved.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget, figure: Figure, style: Style) -> None:
        super().__init__(parent)
        self.setWindowTitle("Save picture")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.picture, self.style_chosen = figure, style
        self.format = Segmented([(name, called, _ABOUT[name]) for name, called in FORMATS.items()])
        self.colours = Segmented(
            [
                ("theme", "as in the window", "In the colours of the theme that is on"),
                ("print", "for print", "Dark on white, whatever theme is on"),
            ]
        )
        self.pixels = Segmented(
            [(str(ratio), f"{ratio}×", f"{ratio} pixels along a side to one of the window's") for ratio in PIXEL_RATIOS]
        )
        self._turns = InTurns(self)
        self._seen: theme.Theme | None = None
        self._view = label()
        self._view.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._view.setMinimumWidth(_VIEW[0])
        self._view.setAccessibleName(f"How the picture will look: {figure.title}")
        self._size = label(role="muted")
        self.save = button("Save…", "Choose where it is saved", role="primary")
        self.save.setDefault(True)
        self.save.clicked.connect(self._take)
        cancel = button("Cancel", "Save nothing")
        cancel.clicked.connect(self.reject)
        self.format.chosen.connect(lambda value: self._choose(format=value))
        self.colours.chosen.connect(lambda value: self._choose(for_print=value == "print"))
        self.pixels.chosen.connect(lambda value: self._choose(ratio=int(value)))
        self.finished.connect(self._turns.clear)  # a view that is not drawn to its end would hold its picture
        self._lay_out(cancel)
        self._show()

    def _lay_out(self, cancel: QWidget) -> None:
        choices = QGridLayout()
        choices.setHorizontalSpacing(12)
        for row, (name, choice) in enumerate(
            (("Format", self.format), ("Colours", self.colours), ("Pixels", self.pixels))
        ):
            choice.setAccessibleName(name)
            choices.addWidget(label(name, role="muted"), row, 0)
            choices.addWidget(choice, row, 1, Qt.AlignmentFlag.AlignLeft)
        choices.setColumnStretch(1, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self._size, 1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(theme.SPACE + 4)
        column.addWidget(self._view, 1)
        column.addLayout(choices)
        column.addLayout(buttons)

    def _choose(self, **values: object) -> None:
        self.style_chosen = replace(self.style_chosen, **values)  # type: ignore[arg-type]
        self._show()

    def _show(self) -> None:
        style = self.style_chosen
        self.format.set_value(style.format)
        self.colours.set_value("print" if style.for_print else "theme")
        self.pixels.set_value(str(style.ratio))
        self.pixels.setEnabled(style.format == "png")
        size = size_of(self.picture, style)
        width, height = (round(side * style.ratio) for side in (size.width(), size.height()))
        self._size.setText(f"{width:,} × {height:,} pixels" if style.format == "png" else "")
        if self._seen != style.colours:  # else it looks the same
            self._seen = style.colours
            self._draw(min(_VIEW[0] / size.width(), _VIEW[1] / size.height(), 1.0), round(size.height()))

    def _draw(self, scale: float, height: int) -> None:
        """Draw the small view, which comes when it is there, in the room that is kept for it."""
        self._turns.clear()
        self._view.setMinimumHeight(round(scale * height))
        pixels = scale * self.devicePixelRatioF()
        self._turns.add(preview(self.picture, self.style_chosen, pixels), self._take_view, self._fail)

    def _take_view(self, image: QImage) -> None:
        image.setDevicePixelRatio(self.devicePixelRatioF())
        self._view.setPixmap(QPixmap.fromImage(image))

    def _fail(self, error: LoomError) -> None:
        self._view.setText(error.message)

    def _take(self) -> None:
        self.chosen.emit(self.style_chosen)
        self.accept()
