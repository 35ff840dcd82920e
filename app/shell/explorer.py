"""The window put together: the features, what goes from one to the other, and the actions of keys and menu."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from app.bench.bench import Bench
from app.bench.tabs import KINDS
from app.core import theme
from app.core.choice import Choice
from app.core.jobs.listing import Listing
from app.core.memory import GivingBack
from app.core.requester import Requester
from app.core.settings import AppSettings
from app.core.state import ExplorerState
from app.core.values import Page
from app.core.wish import Wish
from app.diagnosis.diagnosis import Diagnosis
from app.maps.maps import Maps
from app.maps.search.lasting import LastingMaps
from app.run.context import Context
from app.run.run_controller import RunController
from app.shell.actions import Actions
from app.shell.choosing import ChoiceWish, Choosing
from app.shell.exchange import Exchange
from app.shell.help import keys
from app.shell.help.guide import Guide, Lesson
from app.shell.later_pages import LaterPages
from app.shell.main_window import MainWindow
from app.shell.rendering import Renderer
from app.shell.session.session import Session
from app.shell.session.start import Start, start
from app.shell.undoing import Undoing
from app.shell.warming import warm
from app.widgets.run_menu import RunMenu
from engine.workspace import Workspace

if TYPE_CHECKING:
    from app.bench.table.table import Table
    from app.evaluate.evaluate import Evaluate
    from app.shell.pictures import Pictures
    from app.survey.survey import Survey
    from app.train.train import Train
    from app.widgets.pictures.figure import Figure

SESSION = "session.jsonl"
"""The file beside the settings that holds what the window is about."""


class Explorer(QObject):
    """One window with everything behind it. `begin` starts it, `close` ends every job it started."""

    def __init__(self, workspace: Workspace, settings: AppSettings, window: MainWindow | None = None) -> None:
        """Args: workspace, settings: of the window; window: if it is there already."""
        super().__init__()
        self._workspace, self._settings = workspace, settings
        self.state = ExplorerState()
        self.context = Context(self.state, Requester(self), workspace=workspace, settings=settings)
        self.run = RunController(self.context, workspace, warm=warm)
        self.runs = Listing(workspace.run_names, self)
        self.window = window or MainWindow(settings)
        self.window.banner.workspace = workspace
        views, self.actions = self.window, Actions(self.window)
        self.choice = Choosing(self.state, self._ask_all)
        self.context.history.watch("Choice", self.choice)
        self.maps = Maps(self.context, views.maps, views.toolbar, views.decoded)
        self.maps.state.unfolded = frozenset(kind.name for kind in KINDS if kind.with_clicked)
        self.context.history.watch("Maps", self.maps.controller)
        self.context.history.watch("Selection", self.maps.selecting.controller)
        self.bench = Bench(self.context, views.bench, views.decoding, views.tab_views)
        self.exchange = Exchange(self.state, self.window, self.maps, self.bench)
        self.diagnosis = Diagnosis(self.context, self.window)
        self._pictures: Pictures | None = None
        self._asked_of: tuple[str, ...] = ()
        self.renderer = Renderer(self.state, self.window)
        self._giving_back = GivingBack(self)
        self.session = Session(self.context, lambda: self.run.asked_step)
        for name, feature in self.context.history.features.items():
            self.session.meet(name, LastingMaps(self.maps.controller) if name == "Maps" else feature)
        self.context.history.watch("Saved selections", self.maps.selecting.saving)  # the workspace remembers them
        self.context.history.watch("Path", self.maps.tracing)  # the next start shows none
        self.context.history.watch("Map names", self.maps.making.controller)  # they lie beside the cache
        self.pages = LaterPages(self.context, settings, self.window, self.session, self._list_runs)
        self.pages.explore_requested.connect(self._explore_step)
        self.pages.sentence_chosen.connect(self._show_sentence)
        self.pages.measured.connect(partial(self.maps.colours.values.read_again, "score"))
        self.undoing = Undoing(self.context.history, self.actions, self.state)
        self._connect_features()
        self._connect_window()
        self._connect_actions()

    @property
    def train(self) -> Train:
        """Everything behind the Train page."""
        return self.pages.train

    @property
    def evaluate(self) -> Evaluate:
        """Everything behind the Evaluate page."""
        return self.pages.evaluate

    @property
    def survey(self) -> Survey:
        """Everything behind the Survey page."""
        return self.pages.survey

    @property
    def pictures(self) -> Pictures:
        """What saves pictures, made when one is wanted first."""
        if self._pictures is None:
            from app.shell.pictures import Pictures

            self._pictures = Pictures(self.window, self._settings)
            self._pictures.told.connect(self.window.banner.tell)
            self._pictures.failed.connect(self.window.banner.complain)
        return self._pictures

    @property
    def table(self) -> Table:
        """The table of gathered sentences, made when something is gathered first."""
        return self.exchange.table

    def begin(self, run_name: str | None = None) -> None:
        """Begin where the last window ended, but with a run that is asked for; and remember this one from then on."""
        path, last = self._settings.folder / SESSION, self._settings.last_run
        usual = Start(run_name or last or "demo")
        self.session.begin(partial(start, self._workspace, path, run_name, last), usual)

    def _begun(self, start: Start) -> None:
        self.open(start.run, start.step)
        self.session.give_back(start)
        if start.remembered is not None:
            self.state.tab = start.remembered.head.tab
            if start.remembered.head.page != self.state.page:
                self.show_page(start.remembered.head.page)
        if start.note:  # where nothing was remembered it stays until it has been read
            banner = self.window.banner
            (banner.complain if start.remembered is None else banner.tell)(start.note)

    def open(self, run_name: str, step: int | None = None) -> None:
        """Open a run in the window, at its newest checkpoint or an earlier one. Texts and gathered sentences stay."""
        self.session.leave_run()
        kept = self._leave()
        self.run.open(run_name, step)
        self._want(kept)
        self.session.come_back(run_name, step)
        self._settings.last_run = run_name
        self.runs.look()
        if self._settings.training[1]:
            self.train.controller.training.adopt()
        if damage := self._settings.take_damage():
            self.window.banner.tell(damage)
        self.bench.reopened()

    def retry(self) -> None:
        """Try to open the run again after a failure. Its models may have been asked meanwhile, and are loaded anew."""
        kept = self._leave()
        self.run.retry()
        self._want(kept)
        self.bench.reopened()

    def close(self) -> None:
        """Stop everything that was started; it ends behind the window, which is remembered before."""
        self.bench.settle()
        self.session.close()
        self._giving_back.stop()
        self.runs.stop()
        self.renderer.refresh.stop()
        self.maps.refresh.stop()
        self.maps.colours.drifting.forget()
        self.maps.selecting.close()
        self.maps.making.close()
        self.maps.colours.given_back.stop()
        self.bench.close()
        self.diagnosis.close()
        self.pages.close()
        if self._pictures is not None:
            self._pictures.close()
        self.run.close()

    def toggle_theme(self) -> None:
        """Light or dark, remembered."""
        mode: theme.Mode = "light" if theme.current().mode == "dark" else "dark"
        self._settings.theme = mode
        theme.apply(cast(QApplication, QApplication.instance()), mode)
        self.window.toolbar.set_theme_icon(mode == "dark")
        maps, bench = self.maps, self.bench
        parts = (self.renderer.refresh, maps.refresh, maps.selecting.refresh, bench, self.diagnosis, self.pages)
        self.window.dressing.follow([part.everything for part in parts])

    @property
    def drawing(self) -> bool:
        """Whether a page that shows itself part by part has something left to show."""
        return self.pages.drawing

    def flush(self) -> None:
        """Show what changed, now, in every part that is in view."""
        self.window.dressing.mark()
        self.renderer.refresh.flush()
        self.maps.refresh.flush()
        self.maps.selecting.refresh.flush()
        self.bench.flush()
        self.diagnosis.refresh.flush()
        self.pages.flush()
        self.window.dressing.flush()

    def show_page(self, name: str) -> None:
        """Explore, or a page that is made when it is wanted first."""
        self.state.page = cast(Page, name)
        self.actions.of_page(name)
        self.pages.show(name)

    # from feature to feature

    def _connect_features(self) -> None:
        maps, bench = self.maps, self.bench
        maps.end_wanted.connect(self.exchange.take_point)
        maps.enclosed.connect(self.exchange.offer_group)
        maps.gather_wanted.connect(self.exchange.gather_clicked)
        maps.retry_requested.connect(self.retry)
        maps.diagnosis_wanted.connect(self.diagnosis.open)
        bench.made.connect(self.session.meet)
        self.session.began.connect(self._begun)
        bench.gathered.connect(lambda rows: self.table.add_rows(rows))
        bench.pointed.connect(maps.controller.select)
        self.diagnosis.pictured.connect(self._save_picture)
        self.diagnosis.lesson_requested.connect(lambda: Lesson.opened(self.window))
        bench.decoding.chosen.connect(self._choose)
        maps.complained.connect(lambda problem: self.window.banner.complain(problem))
        maps.controller.mended.connect(self.window.banner.withdraw)
        for each in (maps.making, maps.selecting, bench, self.session, self.diagnosis, self.undoing):
            each.told.connect(lambda words: self.window.banner.tell(words))
        for each in (bench, self.session, self.diagnosis):
            each.failed.connect(lambda message, hint: self.window.banner.complain(message, hint))
        for signal in (self.state.events.columns, self.state.events.broken):
            signal.connect(self._renew, check_nargs=False, max_args=0)

    def _choose(self, choice: Choice) -> None:
        """Another way to make sentences; what the person sees at the top is asked last, so it is answered first."""
        words = self.state.choice.change_to(choice)
        with self.context.history.deed(words, words):
            self.choice.want(ChoiceWish(choice))

    def _ask_all(self) -> None:
        self.bench.ask()
        self.maps.controller.decode()

    def _renew(self) -> None:
        """Other models than before can answer: whatever is wanted is asked of them."""
        if self.state.usable() != self._asked_of:
            self._asked_of = self.state.usable()
            self.bench.renew()
            self.maps.controller.decode()

    def _show_sentence(self, index: int) -> None:
        """A test sentence behind a number is to be seen on the maps."""
        self.show_page("Explore")
        self.maps.controller.select(index)

    def _leave(self) -> dict[str, Wish]:
        """Wait for no answers of the open run, and keep nothing but what is wanted of any run, which is returned."""
        self.window.banner.leave_run()
        self.bench.settle()
        kept = self._texts()
        with self.context.history.quiet():
            self.maps.controller.forget()
            self.maps.selecting.forget()
            self.maps.guessing.forget()
            self.maps.tracing.forget()
            self.maps.making.forget()
            self.maps.colours.given_back.stop()
            self.bench.forget()
        self.context.history.keep(["Table"])
        return kept

    def _texts(self) -> dict[str, Wish]:
        """What is wanted that means the same with any run, by feature; and which variants, should it have them too."""
        maps = self.maps.controller.wish()
        texts = {name: feature.wish().elsewhere() for name, feature in self.context.history.features.items()}
        return {**texts, "Maps": replace(maps.elsewhere(), shown=maps.shown)}

    def _want(self, wishes: Mapping[str, Wish]) -> None:
        """Have features want this, which asks the models that are to come."""
        with self.context.history.quiet():
            for name, wish in wishes.items():
                self.context.history.features[name].want(wish)

    # the window, its keys and its menu

    def _connect_window(self) -> None:
        window = self.window
        window.closing.connect(self.close)
        window.ending = self._ending
        window.header.opened.connect(self.show_page)
        window.strip.newest_requested.connect(lambda: self._open_other(self.state.run))
        window.retry_requested.connect(self.retry)
        window.sending.sent.connect(self.bench.send)
        window.sending.set_origin(lambda: self.state.origin)
        window.escaped.connect(self.maps.escape)
        window.step_requested.connect(self.bench.step)
        window.pictured.asked.connect(self._save_picture)
        window.toolbar.theme_button.clicked.connect(self.toggle_theme)
        window.toolbar.help_button.clicked.connect(self._guide)
        menu, chooser = self.actions.menu(lambda: self.state.run)
        window.toolbar.set_menu(menu)
        chooser.chosen.connect(self._open_other)
        self._list_runs(chooser)
        self.run.note.connect(window.banner.tell)
        self.run.coarse.connect(self.maps.making.refine)
        self.state.events.models.connect(self._models_changed)

    def _connect_actions(self) -> None:
        window, actions, maps, exchange = self.window, self.actions, self.maps, self.exchange
        pages = {"Explore": actions.explore, "Train": actions.train, "Evaluate": actions.evaluate}
        pages["Survey"] = actions.survey
        for name, action in pages.items():
            action.triggered.connect(lambda _checked=False, name=name: self.show_page(name))
        actions.text.triggered.connect(self._open_text)
        actions.search.triggered.connect(window.toolbar.focus_search)
        actions.keep.triggered.connect(exchange.keep_chosen)
        actions.end_a.triggered.connect(lambda: exchange.take_point("A", maps.pointed))
        actions.end_b.triggered.connect(lambda: exchange.take_point("B", maps.pointed))
        actions.send.triggered.connect(exchange.choose_place)
        actions.random_pair.triggered.connect(exchange.random_pair)
        actions.export.triggered.connect(lambda: self.table.ask_where())
        actions.picture.triggered.connect(self._picture)
        actions.density.triggered.connect(maps.controller.show_density)
        actions.linked.triggered.connect(maps.controller.link)
        selecting = maps.selecting
        tools = {"look": actions.look, "box": actions.box, "lasso": actions.lasso, "path": actions.path}
        for tool, action in tools.items():
            action.triggered.connect(partial(selecting.use, tool))
        actions.select_by.triggered.connect(selecting.open)
        actions.list_selected.triggered.connect(selecting.list_chosen)
        actions.invert.triggered.connect(selecting.controller.invert)
        actions.unselect.triggered.connect(selecting.controller.clear)
        actions.theme.triggered.connect(self.toggle_theme)
        actions.reset.triggered.connect(window.maps.reset_views)
        actions.diagnosis.triggered.connect(self.diagnosis.open)
        actions.guide.triggered.connect(self._guide)
        actions.keys.triggered.connect(self._show_keys)
        actions.quit.triggered.connect(window.close)
        maps.state.events.density.connect(actions.density.setChecked, check_nargs=False, max_args=1)
        maps.state.events.linked.connect(actions.linked.setChecked, check_nargs=False, max_args=1)
        actions.linked.setChecked(maps.state.linked)

    def _list_runs(self, menu: RunMenu) -> None:
        menu.asked.connect(self.runs.look)
        self.runs.changed.connect(lambda: menu.set_names(self.runs.names))
        menu.set_names(self.runs.names)

    def _open_text(self) -> None:
        self.show_page("Train")
        self.train.open_text()

    def _picture(self) -> None:
        """Save what has the keys, or else the first thing in view."""
        page = self.pages.page(self.state.page)
        explore = (self.bench.tab(self.state.tab).in_view, self.window.maps)
        in_view = page.page.in_view if page is not None else explore
        if not any(self.window.pictured.ask(view) for view in (QApplication.focusWidget(), *in_view)):
            self.window.banner.tell("There is nothing to save as a picture yet.")

    def _save_picture(self, figure: Figure) -> None:
        """Say whose it is, unless it says so itself, and ask how and where."""
        page = self.pages.page(self.state.page)
        subject = page.subject if page is not None else self.state.subject
        self.pictures.ask(figure if figure.subject else replace(figure, subject=subject and f"Run {subject}"))

    def _models_changed(self) -> None:
        if self.state.models.kind == "failed":
            self.window.banner.complain(self.state.models.text, self.state.models.hint)

    def _ending(self) -> list[str]:
        """What is under way and ends with the window, and what is lost of it, a sentence each."""
        said = [each for each in (self.diagnosis.under_way, *self.pages.under_way) if each]
        if said:
            said.append("What has been done of it is lost when the window closes.")
        maps = self.maps.making.under_way, self.maps.selecting.exports.under_way
        return [*said, *(each for each in (*maps, *self.bench.under_way) if each)]

    def _open_other(self, name: str, step: int | None = None) -> None:
        """Open another run or step, unless it is the one that is open."""
        self.run.unless_shown(name, step, partial(self.open, name, step))

    def _explore_step(self, name: str, step: int | None) -> None:
        self.show_page("Explore")
        self._open_other(name, step)

    def _guide(self) -> None:
        Guide.opened(self.window, keys.page(self.actions.all())).show_text()

    def _show_keys(self) -> None:
        Guide.opened(self.window, keys.page(self.actions.all())).show_keys()
