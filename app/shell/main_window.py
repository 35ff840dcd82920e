"""The window: its pages. Explore has the maps in columns and the bench beneath; Train follows a training; Evaluate
compares the variants by numbers. Layout only, no behaviour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QDialog, QMainWindow, QMessageBox, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.bench.decoding_bar import DecodingBar
from app.bench.tabs import KINDS, places
from app.core import theme
from app.core.settings import AppSettings
from app.maps.clicked_sentence import ClickedSentence
from app.maps.row import MapRow
from app.maps.step_strip import StepStrip
from app.maps.toolbar import Toolbar
from app.shell import placing
from app.shell.dressing import Dressing
from app.shell.page_header import PageHeader
from app.widgets.pages import Pages
from app.widgets.picture_area import PictureArea
from app.widgets.send_menu import SendingArea
from app.widgets.tab_pane import TabPane

if TYPE_CHECKING:
    from app.shell.notifications import Banner
    from app.shell.welcome import Welcome

_LEAST = 1086, 560  # logical pixels: a screen of 1100 x 640 has a frame and perhaps a task bar too
_LEAST_LOWER, _LEAST_UPPER = 366, 170  # of a small window: five rows of any tab, as long as the maps can be read
_LOWER_SHARE = 0.54  # of the height is the bench's in a larger one ...
_LOWER = 475  # ... up to these logical pixels: eleven steps of an interpolation ...
_TALL, _LOWER_GROWTH = 1000, 0.2  # ... and a share of what is more than this


class MainWindow(QMainWindow):
    """Makes and lays out the views of the first picture, and remembers its sizes. What is behind them comes after it.

    Attributes:
        tab_views: those of the tabs of the bench that are there from the beginning, by their names.
        ending: tells what is under way and ends with the window, and what is lost of it, a sentence each.

    Signals:
        painted: the window was on the screen for the first time.
        closing: the person closes it; whoever started jobs stops them now.
        closing_asked: it is to be closed while `asks_before_closing`; whoever set that asks the person.
        retry_requested: there is nothing to explore; it is to be looked for once more.
        escaped: Escape was pressed on the Explore page, and no control wanted it.
        step_requested: Left (-1) or Right (+1) was pressed on the Explore page, and no control wanted it.
    """

    painted = Signal()
    closing = Signal()
    closing_asked = Signal()
    retry_requested = Signal()
    escaped = Signal()
    step_requested = Signal(int)

    def __init__(self, settings: AppSettings) -> None:
        super().__init__()
        self._settings = settings
        self._was_painted = self._own_split = False
        self.asks_before_closing = self._sure = False
        self.ending: Callable[[], Sequence[str]] = tuple
        self.dressing = Dressing(self)
        self.setWindowTitle("Latent Loom")
        self.setWindowIcon(theme.app_icon())
        self.setMinimumSize(*_LEAST)
        self.toolbar, self.maps, self.decoded = Toolbar(), MapRow(), ClickedSentence()
        self.toolbar.set_theme_icon(theme.current().mode == "dark")
        self.maps.set_busy("loading", "Opening the run")
        self.decoding = DecodingBar()
        first, *others = KINDS
        self.tab_views = {first.name: first.make_view()}
        pages = [self.tab_views[first.name], *(QWidget() for _ in others)]
        tabs = [(kind.name, kind.tooltip, page) for kind, page in zip(KINDS, pages, strict=True)]
        self.bench = TabPane(tabs, self.decoding, self.decoded)
        self.welcome: Welcome | None = None
        self.sending = SendingArea(places())
        self.strip = StepStrip()
        self._stack = Pages()
        self._stack.addWidget(self._explorer())
        self._stack.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # a click beside the fields gives the keys back
        self._pages = QStackedWidget()
        self._added: dict[str, QWidget] = {}
        self._pages.addWidget(self._stack)
        self._pages.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        bar = self.toolbar
        self.header = PageHeader(
            [
                ("Explore", "The latent spaces side by side (Ctrl+1)"),
                ("Train", "Start, follow and compare trainings (Ctrl+2)"),
                ("Evaluate", "The variants by numbers, and what stands behind each (Ctrl+3)"),
                ("Survey", "Ask people what they prefer, without names of models (Ctrl+4)"),
            ],
            [bar.theme_button, bar.help_button, bar.menu_button],
        )
        whole = self.pictured = PictureArea()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self._pages, 1)
        self.setCentralWidget(whole)
        self._stack.setFocus()
        self._banner: Banner | None = None
        self._restore()

    def _explorer(self) -> QWidget:
        self._splitter = _Halves()
        self._splitter.resized.connect(self._share)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(6)
        self._splitter.addWidget(self.maps)
        self._splitter.addWidget(self.bench)
        self._splitter.splitterMoved.connect(self._dragged)
        whole = QVBoxLayout(self.sending)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addWidget(self.toolbar)
        whole.addWidget(self.strip)
        whole.addWidget(self._splitter, 1)
        return self.sending

    @property
    def banner(self) -> Banner:
        """What tells of things in the head of the window, made when there is something to tell first."""
        if self._banner is None:
            from app.shell.notifications import Banner

            self._banner = Banner()
            self.header.set_notice(self._banner)
        return self._banner

    def add_page(self, name: str, page: QWidget) -> None:
        """A page that is made when it is wanted first: the window is seen earlier without it."""
        self._added[name] = page
        self._pages.addWidget(page)

    def show_page(self, name: str) -> None:
        """Explore, or one that was added."""
        self.header.show_page(name)
        page = self._added.get(name, self._stack)
        if self._pages.currentWidget() is page:
            return
        self._pages.setFocus()  # Qt would give the keys to whichever control comes next
        self._pages.setCurrentWidget(page)

    def leave(self) -> None:
        """Close without a question; a training goes on by itself."""
        self._sure = True
        self.close()

    def leave_training(self) -> None:
        """Close; what becomes of a training has been asked."""
        self.asks_before_closing = False
        self.close()

    def set_welcome(self, reason: str, hint: str) -> None:
        """Show that there is nothing to explore, and why."""
        if self.welcome is None:
            from app.shell.welcome import Welcome

            self.welcome = Welcome(self.banner.workspace)
            self.welcome.retry_requested.connect(self.retry_requested)
            self._stack.addWidget(self.welcome)
        self.welcome.set_reason(reason, hint)
        self._stack.turn_to(self.welcome)

    def set_explorer(self) -> None:
        """Show the maps and the bench."""
        self._stack.turn_to(self.sending)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell when the window is first seen; whatever takes time begins only then."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            self.painted.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right belong to the open tab, Escape to the maps, wherever no other widget wants them."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        exploring = self._pages.currentIndex() == 0
        if exploring and event.key() in steps:
            self.step_requested.emit(steps[Qt.Key(event.key())])
        elif exploring and event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes as one reads."""
        from app.widgets.reading_order import move_focus  # the first picture needs none

        whole = self.centralWidget()
        return whole is not None and move_focus(whole, forward)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the sizes, and let the jobs be stopped out of sight; where something would be lost, ask first."""
        if self.asks_before_closing and not self._sure:
            event.ignore()
            self.closing_asked.emit()
            return
        if not self._sure and (lost := self.ending()):
            event.ignore()
            self._ask_before_losing(lost)
            return
        self._settings.set_layout("geometry", self.saveGeometry())
        if self._own_split:
            self._settings.set_layout("splitter", self._splitter.saveState())
        for dialog in self.findChildren(QDialog):
            dialog.close()  # the guide left open would keep the program alive without its window
        self.hide()
        self.closing.emit()
        super().closeEvent(event)

    def _ask_before_losing(self, lost: Sequence[str]) -> None:
        question = QMessageBox(self)
        question.setIcon(QMessageBox.Icon.NoIcon)
        question.setText(" ".join(lost))
        close = question.addButton("Close all the same", QMessageBox.ButtonRole.DestructiveRole)
        question.setDefaultButton(question.addButton("Cancel", QMessageBox.ButtonRole.RejectRole))
        close.clicked.connect(self.leave)
        question.finished.connect(question.deleteLater)
        question.open()

    def _restore(self) -> None:
        geometry, splitter = self._settings.layout("geometry"), self._settings.layout("splitter")
        self.setGeometry(placing.opened(self.screen().availableGeometry()))
        if geometry is not None and not self.restoreGeometry(geometry):
            self._settings.refuse_layout("geometry")
        if splitter is not None:
            self._own_split = self._restore_split(splitter)
            if not self._own_split:
                self._settings.refuse_layout("splitter")

    def _restore_split(self, state: QByteArray) -> bool:
        """Share the height as the person did; False where the state is none. It holds more than the sizes."""
        usual, shape = self._splitter.saveState(), self._shape_of_split()
        if self._splitter.restoreState(state) and self._shape_of_split() == shape:
            return True
        self._splitter.setOrientation(shape[0])
        self._splitter.restoreState(usual)
        return False

    def _shape_of_split(self) -> tuple[Qt.Orientation, int, bool]:
        return self._splitter.orientation(), self._splitter.handleWidth(), self._splitter.childrenCollapsible()

    def _share(self) -> None:
        """Share the height, unless the person has done so: the bench needs little, the maps gain by every pixel."""
        if not self._own_split:
            height = self._splitter.height()
            lower = min(round(_LOWER_SHARE * height), _LOWER + round(_LOWER_GROWTH * max(0, height - _TALL)))
            lower = max(lower, min(_LEAST_LOWER, height - _LEAST_UPPER))
            self._splitter.setSizes([height - lower, lower])

    def _dragged(self) -> None:
        self._own_split = True


class _Halves(QSplitter):
    """What is above and beneath; tells when there is more or less to share.

    Signals:
        resized: it has another height.
    """

    resized = Signal()

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Vertical)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The layout has come to it."""
        super().resizeEvent(event)
        self.resized.emit()
