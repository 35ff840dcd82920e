"""The Train page: a training that is followed, the form that starts one, or the text for it. Layout only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from app.core import theme
from app.train.checkpoint_bar import CheckpointBar
from app.train.form.view import TrainForm
from app.train.head import TrainHead
from app.train.plots.heat import HeatRow
from app.train.probe import ProbeTable
from app.train.state import Face
from app.widgets.pages import Pages
from app.widgets.parts import button
from app.widgets.pick_drag import files_of
from app.widgets.state_overlay import State, StateOverlay
from app.widgets.tab_pane import TabPane

if TYPE_CHECKING:
    from app.train.plots.plots import TrainPlots


_USUAL_SPLIT = (360, 270)


class _Message(StateOverlay):
    """The message over the page's own ground, as it has nothing to cover."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing beneath the words."""


class TrainPage(QWidget):
    """Head, plots and bench; or a message where there is nothing to follow; or the form; or the text to prepare.

    Signals:
        built: the plots are there now and can be connected and filled.
        retry_requested: the folder that could not be read is to be read again.
        form_made: the form, which is there now and can be connected.
        dropped: files and folders (list of paths) were let fall on the page.
    """

    built = Signal()
    form_made = Signal(object)
    retry_requested = Signal()
    dropped = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self.head = TrainHead()
        self.probe = ProbeTable()
        self.heat = HeatRow()
        self.checkpoints = CheckpointBar()
        self.form: TrainForm | None = None
        self.plots: TrainPlots | None = None
        self._building: TrainPlots | None = None
        self.bench = TabPane(
            [
                ("Probe sentences", "The same few test sentences, written again at every evaluation", self.probe),
                ("KL per dimension", "Which dimensions of z carry something, and since when", self.heat),
            ],
            self.checkpoints,
        )
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(6)
        self._place = QWidget()
        QVBoxLayout(self._place).setContentsMargins(0, 0, 0, 0)
        self._splitter.addWidget(self._place)
        self._splitter.addWidget(self.bench)
        self._split: tuple[int, ...] = ()
        self._splitter.splitterMoved.connect(self._dragged)
        self._splitter.setStretchFactor(0, 3)
        self._splitter.setStretchFactor(1, 2)
        self._overlay = _Message()
        self._overlay.action_requested.connect(self.retry_requested)
        self._body = Pages()
        self._body.addWidget(self._splitter)
        self._why = self._message()
        self._body.addWidget(self._why)
        self._text_view: QWidget | None = None
        self._follow = QWidget()
        column = QVBoxLayout(self._follow)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.head)
        column.addWidget(self._body, 1)
        self._stack = Pages()
        self._stack.addWidget(self._follow)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)

    @property
    def split(self) -> tuple[int, ...]:
        """How a person has shared the height among the parts, () as long as nobody has."""
        return self._split

    def set_split(self, heights: tuple[int, ...]) -> None:
        """Share the height so."""
        self._split = heights if len(heights) == self._splitter.count() else ()
        self._splitter.setSizes(self._split or _USUAL_SPLIT)

    def _dragged(self) -> None:
        self._split = tuple(self._splitter.sizes())

    def _message(self) -> QWidget:
        """The overlay, with the two ways to begin beneath it."""
        page = QWidget()
        self._begin = button("New training", "Choose text, models and settings, and start", "plus", "primary")
        self._begin.setIcon(theme.icon("plus", "on_accent"))
        self._begin.clicked.connect(self.head.new_requested)
        self._attach = button("Choose a run folder…", "Follow a training that any machine writes", "folder")
        self._attach.clicked.connect(self.head.folder_requested)
        self._text = button("Open a text…", "Prepare a file or folder of text, then train on it", "import")
        self._text.clicked.connect(self.head.text_requested)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for each in (self._begin, self._text, self._attach):
            buttons.addWidget(each)
        buttons.addStretch(1)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addStretch(2)
        column.addWidget(self._overlay, 3)
        column.addLayout(buttons)
        column.addStretch(4)
        return page

    def build_plots(self) -> None:
        """Make the plots; only once pyqtgraph is imported, which would hold up the window."""
        if self._building is not None:
            return
        from app.train.plots.plots import TrainPlots

        self._building = TrainPlots()
        layout = self._place.layout()
        assert layout is not None
        layout.addWidget(self._building)
        self._splitter.setSizes(self._split or _USUAL_SPLIT)
        QTimer.singleShot(0, self, self._next_plot)

    def _next_plot(self) -> None:
        """One plot a turn of the event loop: all at once, they would hold up the window."""
        assert self._building is not None
        if self._building.add_plot():
            QTimer.singleShot(0, self, self._next_plot)
        else:
            self.plots = self._building
            self.built.emit()

    def show_face(self, face: Face) -> None:
        """The form, which is made when it is wanted first, the text that is prepared, or what is followed."""
        if face == "form" and self.form is None:
            self.form = TrainForm()
            self._stack.addWidget(self.form)
            QTimer.singleShot(0, self, self._next_part)
        shown = {"form": self.form, "text": self._text_view}.get(face)
        self._stack.turn_to(shown or self._follow)

    def add_text(self, view: QWidget) -> None:
        """Where a text is prepared, made when it is wanted first."""
        self._text_view = view
        self._stack.addWidget(view)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files are welcome everywhere on the page."""
        if files_of(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Likewise, wherever they are held."""
        if files_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """A text to train on."""
        if files := files_of(event.mimeData()):
            event.acceptProposedAction()
            self.dropped.emit(files)

    def _next_part(self) -> None:
        assert self.form is not None
        if self.form.add_part():
            QTimer.singleShot(0, self, self._next_part)
        else:
            self.form_made.emit(self.form)

    def show_message(self, state: State, text: str, hint: str, fraction: float | None = None, action: str = "") -> None:
        """Say why there is nothing to see yet."""
        self._overlay.show_message(state, text, hint, fraction, action)
        for each in (self._begin, self._text, self._attach):
            each.setVisible(state != "loading")
        self._body.turn_to(self._why)

    def show_training(self) -> None:
        """Show the plots and the bench."""
        self._body.turn_to(self._splitter)

    @property
    def in_view(self) -> tuple[QWidget, ...]:
        """What can be saved as a picture, the first thing first."""
        plots = (self.plots,) if self.plots is not None else ()
        return (*plots, {"KL per dimension": self.heat}.get(self.bench.current, self.probe))

    @property
    def showing_training(self) -> bool:
        """Whether the plots are in view."""
        return self._body.currentIndex() == 0 and self._stack.currentWidget() is self._follow
