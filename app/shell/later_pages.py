"""The pages beside Explore, each made when it is wanted first: the window is seen earlier without them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.settings import AppSettings
from app.run.context import Context
from app.shell.main_window import MainWindow
from app.shell.session.session import Session
from app.widgets.run_menu import RunMenu

if TYPE_CHECKING:
    from app.evaluate.evaluate import Evaluate
    from app.survey.survey import Survey
    from app.train.train import Train


class LaterPages(QObject):
    """Makes the pages, and does for all that were made what is done for one.

    Signals:
        explore_requested: the name of a run and the step (None: the newest) to be opened on the Explore page.
        sentence_chosen: the number of a test sentence that is to be shown on the maps.
        measured: more of the shown models is kept than before.
    """

    explore_requested = Signal(str, object)
    sentence_chosen = Signal(int)
    measured = Signal()

    def __init__(
        self,
        context: Context,
        settings: AppSettings,
        window: MainWindow,
        session: Session,
        list_runs: Callable[[RunMenu], None],
    ) -> None:
        """Args: context, settings, window, session: of the window; list_runs: fills a menu with the runs there are."""
        super().__init__()
        self._context, self._settings, self._window = context, settings, window
        self._session, self._list_runs = session, list_runs
        self._train: Train | None = None
        self._evaluate: Evaluate | None = None
        self._survey: Survey | None = None

    @property
    def train(self) -> Train:
        """Everything behind the Train page."""
        if self._train is None:
            from app.train.train import Train

            state, window = self._context.state, self._window
            made = self._train = Train(self._context.workspace, self._settings, lambda: state.run)
            self._list_runs(made.page.head.runs)
            self._list_runs(made.page.head.compare_menu)
            made.page.form_made.connect(lambda form: self._list_runs(form.runs))
            window.add_page("Train", made.page)
            made.explore_requested.connect(self.explore_requested)
            made.told.connect(window.banner.tell)
            made.failed.connect(window.banner.complain)
            made.guarded.connect(self._guard)
            made.marked.connect(partial(window.header.mark, "Train"))
            made.leave_requested.connect(window.leave_training)
            window.closing_asked.connect(made.ask_before_closing)
            self._session.meet("Train", made)
        return self._train

    @property
    def evaluate(self) -> Evaluate:
        """Everything behind the Evaluate page."""
        if self._evaluate is None:
            from app.evaluate.evaluate import Evaluate

            made, window = Evaluate(self._context), self._window
            self._evaluate = made
            window.add_page("Evaluate", made.page)
            made.sentence_chosen.connect(self.sentence_chosen)
            made.measured.connect(self.measured)
            made.told.connect(window.banner.tell)
            made.failed.connect(window.banner.complain)
            made.marked.connect(partial(window.header.mark, "Evaluate"))
            self._session.meet("Evaluate", made)
        return self._evaluate

    @property
    def survey(self) -> Survey:
        """Everything behind the Survey page."""
        if self._survey is None:
            from app.survey.survey import Survey

            state, window = self._context.state, self._window
            made = Survey(
                self._context.workspace,
                self._settings,
                lambda: (state.run, () if state.maps.kind == "loading" else state.columns),  # may be of the run before
            )
            self._survey = made
            for signal in (state.events.columns, state.events.maps):
                signal.connect(made.run_changed, check_nargs=False, max_args=0)
            window.add_page("Survey", made.page)
            made.told.connect(window.banner.tell)
            made.failed.connect(window.banner.complain)
        return self._survey

    def page(self, name: str) -> Train | Evaluate | Survey | None:
        """What is behind a page; None of Explore."""
        if name == "Train":
            return self.train
        if name == "Evaluate":
            return self.evaluate
        return self.survey if name == "Survey" else None

    def show(self, name: str) -> None:
        """A page is in view, and the others are not."""
        self.page(name)
        for other, page in self._made.items():
            page.show(other == name)

    @property
    def drawing(self) -> bool:
        """Whether a page that shows itself part by part has something left to show."""
        return any(page.drawing for page in (self._train, self._evaluate) if page is not None)

    @property
    def under_way(self) -> list[str]:
        """What is under way and is lost with the window, a sentence each. What is evaluated is kept."""
        exports = self._evaluate.exports if self._evaluate is not None else None
        said = [part.under_way for part in (self._train, self._survey, exports) if part is not None]
        return [each for each in said if each]

    def everything(self) -> None:
        """Show all anew, as after a change of theme."""
        for page in self._made.values():
            page.everything()

    def flush(self) -> None:
        """Show what changed, now."""
        for page in self._made.values():
            page.flush()

    def close(self) -> None:
        """The window is closed."""
        for page in self._made.values():
            page.close()

    @property
    def _made(self) -> dict[str, Train | Evaluate | Survey]:
        made = {"Train": self._train, "Evaluate": self._evaluate, "Survey": self._survey}
        return {name: page for name, page in made.items() if page is not None}

    def _guard(self, on: bool) -> None:
        self._window.asks_before_closing = on
