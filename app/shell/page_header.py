"""The line over everything: what is open at the left, what is told in the middle, the pages at the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, QSize, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QTabBar, QWidget

from app.core import theme
from app.widgets.labels import ElidedLabel
from app.widgets.parts import EDGE, label

_NOTICE = 4  # times the room of what is open


class PageHeader(QFrame):
    """The name of the app, what it shows, and the switch between its pages.

    Signals:
        opened: the name of the page that was chosen.
    """

    opened = Signal(str)

    def __init__(self, pages: Sequence[tuple[str, str]], buttons: Sequence[QWidget]) -> None:
        """Args: pages: name and tooltip of each; buttons: what stands at the right end, on every page."""
        super().__init__()
        self.setProperty("role", "bar")
        picture = label()
        picture.setPixmap(theme.app_icon().pixmap(QSize(18, 18)))
        self._subject = ElidedLabel()
        self._names = [name for name, _ in pages]
        self._bar = QTabBar()
        self._bar.setDrawBase(False)
        self._bar.setExpanding(False)
        self._bar.setUsesScrollButtons(False)
        self._bar.setAccessibleName("Pages")
        for name, tooltip in pages:
            self._bar.setTabToolTip(self._bar.addTab(name), tooltip)
        self._bar.currentChanged.connect(lambda index: self.opened.emit(self._names[index]))
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(EDGE, 0, EDGE, 0)
        row.setSpacing(6)
        row.addWidget(picture)
        row.addWidget(label("Latent Loom", role="title"))
        row.addWidget(self._subject, 1)
        row.addWidget(self._bar)
        for button in buttons:
            row.addWidget(button)

    def set_subject(self, text: str) -> None:
        """What is open, as in "novel, step 2,000"."""
        self._subject.setText(text)

    def set_notice(self, notice: QWidget) -> None:
        """What is told has the room in the middle while it is in view."""
        self._row.insertWidget(self._row.indexOf(self._bar), notice, _NOTICE)

    def show_page(self, name: str) -> None:
        """Show which page is open; tells nobody."""
        with QSignalBlocker(self._bar):
            self._bar.setCurrentIndex(self._names.index(name))

    def mark(self, name: str, text: str) -> None:
        """Write something beside a page's name, such as that a training runs there."""
        self._bar.setTabText(self._names.index(name), f"{name} {text}".strip())
