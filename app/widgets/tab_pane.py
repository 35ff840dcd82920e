"""Tabs at the left, controls at the right of them, and beneath what every tab has and the page of the chosen one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.widgets.parts import EDGE
from app.widgets.pick_tabs import PickTabs

QWIDGETSIZE_MAX = 16_777_215
"""Qt's word for no limit, which PySide6 does not name."""


class TabPane(QWidget):
    """Like a QTabWidget, with room for a whole row of controls beside the tabs.

    Signals:
        opened: the name of the tab that was opened.
        dropped: a `Pick` and the name of the tab that it was dropped on.
    """

    opened = Signal(str)
    dropped = Signal(object, str)

    def __init__(
        self, tabs: Sequence[tuple[str, str, QWidget]], controls: QWidget, shared: QWidget | None = None
    ) -> None:
        """Put the tabs together.

        Args:
            tabs: name, tooltip and content of each.
            controls: what stands at the right of the tabs.
            shared: what stands above the content of every tab.
        """
        super().__init__()
        self._names = [name for name, _, _ in tabs]
        self._bar = PickTabs()
        self._bar.setAccessibleName("Tabs")
        self._bar.setDrawBase(False)
        self._bar.setExpanding(False)
        self._bar.setUsesScrollButtons(False)
        self._pages = QStackedWidget()
        for name, tooltip, page in tabs:
            self._bar.setTabToolTip(self._bar.addTab(name), tooltip)
            self._pages.addWidget(page)
        self._bar.currentChanged.connect(self._open)
        self._bar.dropped.connect(self.dropped)
        top = QHBoxLayout()
        top.setContentsMargins(EDGE, 0, 0, 0)
        top.addWidget(self._bar)
        top.addStretch(1)
        top.addWidget(controls)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        if shared is not None:
            column.addWidget(shared)
        column.addWidget(self._pages, 1)

    def set_takers(self, names: Collection[str]) -> None:
        """The tabs onto which sentences and points can be dropped."""
        self._bar.set_takers(names)

    def set_folded(self, folded: bool) -> None:
        """Show the controls alone, where no tab has anything to show."""
        self._bar.setVisible(not folded)
        self._pages.setVisible(not folded)
        self.setMaximumHeight(self.minimumSizeHint().height() if folded else QWIDGETSIZE_MAX)

    def set_page(self, name: str, page: QWidget) -> None:
        """What a tab shows, where that is made only once the tab is wanted."""
        index = self._names.index(name)
        before = self._pages.widget(index)
        if before is page:
            return
        self._pages.insertWidget(index, page)
        if self._pages.currentWidget() is before:
            self._pages.setCurrentWidget(page)
        if before is not None:
            self._pages.removeWidget(before)
            before.deleteLater()

    def show_tab(self, name: str) -> None:
        """Open a tab."""
        self._bar.setCurrentIndex(self._names.index(name))

    @property
    def current(self) -> str:
        """The name of the open tab."""
        return self._names[self._bar.currentIndex()]

    def _open(self, index: int) -> None:
        # Qt would give the keyboard to the next widget, often a field, which then swallows the keys A, B and R.
        focused = QApplication.focusWidget()
        if focused is not None and self._pages.isAncestorOf(focused):
            self._bar.setFocus()
        self._pages.setCurrentIndex(index)
        self.opened.emit(self._names[index])
