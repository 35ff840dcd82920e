"""The app put together: state, controllers, window, and the intents that go from one to the other."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from app.bench.bench_tab import Operation
from app.bench.interpolate.interpolate import InterpolateController
from app.bench.places import first_place
from app.bench.reconstruct.looks.looks import CloserDesk
from app.bench.reconstruct.reconstruct import ReconstructController
from app.bench.samples.samples import SamplesController
from app.bench.table.table import TableController
from app.bench.tabs import KINDS
from app.core import theme
from app.core.model_desk import ModelDesk
from app.core.picks import Pick, Place
from app.core.settings import AppSettings
from app.core.state import Choice, ExplorerState, Page, Tab
from app.maps.explore_controller import ExploreController
from app.maps.group_menu import group_menu
from app.run.context import Context
from app.run.run_controller import RunController
from app.shell.actions import Actions
from app.shell.guide import Guide
from app.shell.main_window import MainWindow
from app.shell.rendering import Renderer
from app.widgets.send_menu import send_menu
from engine.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.train.train import TrainingDesk

_FORMATS = {"csv": "CSV (*.csv)", "md": "Markdown (*.md)", "tex": "LaTeX (*.tex)"}


class Explorer(QObject):
    """One window with everything behind it. `open` starts it, `close` ends every job it started."""

    def __init__(self, workspace: Workspace, settings: AppSettings, run: RunController | None = None) -> None:
        super().__init__()
        self._settings = settings
        self.state = ExplorerState()
        self.context = Context(self.state, ModelDesk(self))
        self.run = run or RunController(self.context, workspace)
        self.explore = ExploreController(self.context, lambda: self.run.reader)
        self.reconstruct = ReconstructController(self.context)
        self.interpolate = InterpolateController(self.context)
        self.samples = SamplesController(self.context, workspace)
        self.table = TableController(self.context)
        self.operations: dict[str, Operation] = {}
        self.window = MainWindow(settings)
        self.closer = CloserDesk(self.context, self.window.reconstruct)
        self.actions = Actions(self.window)
        self.renderer = Renderer(self.context, self.window)
        self._workspace = workspace
        self._training: TrainingDesk | None = None
        self.window.toolbar.set_theme_icon(theme.current().mode == "dark")
        self._connect_maps()
        self._connect_bench()
        self._connect_rest()

    @property
    def training(self) -> TrainingDesk:
        """Everything behind the Train page, made when it is wanted first."""
        if self._training is None:
            from app.train.train import TrainingDesk

            self._training = TrainingDesk(self._workspace, self._settings, self.window, lambda: self.state.run)
            self._training.explore_requested.connect(self._explore_step)
        return self._training

    def open(self, run_name: str, step: int | None = None) -> None:
        """Open a run in the window, at its newest checkpoint or an earlier one."""
        self._forget()
        self.run.open(run_name, step)
        self._settings.last_run = run_name
        if self._settings.training[1]:
            self.training.controller.adopt()

    def retry(self) -> None:
        """Try to open the run again after a failure. Its models may have been asked meanwhile, and are loaded anew."""
        self._forget()
        self.run.retry()

    def _forget(self) -> None:
        """Keep nothing of the run that is open, and wait for none of its answers."""
        self.window.banner.dismiss()  # it spoke of the run before
        self.explore.found.emit(None)
        self.closer.forget()
        for operation in self.operations.values():
            operation.forget()

    def close(self) -> None:
        """Stop everything that was started; returns when it has ended."""
        self.renderer.refresh.stop()
        self.closer.refresh.stop()
        for operation in self.operations.values():
            operation.refresh.stop()
        if self._training is not None:
            self._training.close()
        self.run.close()

    def toggle_theme(self) -> None:
        """Light or dark, remembered."""
        mode: theme.Mode = "light" if theme.current().mode == "dark" else "dark"
        self._settings.theme = mode
        theme.apply(cast(QApplication, QApplication.instance()), mode)
        theme.dress(self.window)
        self.window.toolbar.set_theme_icon(mode == "dark")
        self.renderer.refresh.everything()
        self.closer.refresh.everything()
        for operation in self.operations.values():
            operation.refresh.everything()
        if self._training is not None:
            self._training.renderer.refresh.everything()

    def show_page(self, name: str) -> None:
        """Explore or Train."""
        self.state.page = cast(Page, name)
        if name == "Train" or self._training is not None:
            self.training.show(name == "Train")

    def leave(self) -> None:
        """Close the window without a question; a training goes on by itself."""
        self.window.asks_before_closing = False
        self.window.close()

    def export(self, path: Path, name: str) -> bool:
        """Write the gathered table to a file."""
        return self.table.export(path, name)

    # intents

    def _connect_maps(self) -> None:
        window, explore = self.window, self.explore
        window.maps.panels_changed.connect(self._connect_panels)
        window.maps.placeholder.action_requested.connect(lambda _: self.retry())
        window.welcome.retry_requested.connect(self.retry)
        window.toolbar.search_changed.connect(explore.search)
        window.toolbar.colour_by_chosen.connect(explore.colour_by)
        window.toolbar.density_toggled.connect(explore.show_density)
        window.toolbar.linked_toggled.connect(explore.link)
        window.toolbar.shown_changed.connect(explore.show_variant)
        window.decoded.source.end_chosen.connect(self._take_selection)
        window.decoded.source.add_requested.connect(self.table.add_selected)
        window.decoding.chosen.connect(self._choose)
        explore.found.connect(self.renderer.set_mask)

    def _connect_panels(self) -> None:
        for name, panel in self.window.maps.panels.items():
            panel.map.hovered.connect(partial(self._hover, name))
            panel.map.clicked.connect(self.explore.select)
            panel.map.mark_requested.connect(self._take_point)
            panel.map.set_sentences(self.explore.sentence)
            panel.map.enclosed.connect(self._offer_group)

    def _connect_bench(self) -> None:
        window = self.window
        window.reconstruct.picked.connect(self.reconstruct.take)
        window.reconstruct.add_requested.connect(self.table.add_reconstructed)
        self.closer.gathered.connect(self.table.add_rows)
        window.interpolate.end_picked.connect(self.interpolate.set_end)
        window.interpolate.position_changed.connect(self.interpolate.move_to)
        window.interpolate.slerp_chosen.connect(self.interpolate.set_slerp)
        window.interpolate.random_requested.connect(self._random_pair)
        window.interpolate.steps_changed.connect(self.interpolate.set_steps)
        window.interpolate.fold_toggled.connect(self.interpolate.set_fold)
        window.interpolate.stop_wanted.connect(self._add_stop)
        window.interpolate.stops.filled.connect(self.interpolate.set_stop)
        window.interpolate.stops.moved.connect(self.interpolate.move_stop)
        window.interpolate.stops.removed.connect(self.interpolate.remove_stop)
        window.interpolate.add_requested.connect(self.table.add_path)
        window.samples.changed.connect(self.samples.set_draw)
        window.samples.nearest_toggled.connect(self.samples.show_nearest)
        window.samples.new_seed_requested.connect(self.samples.new_seed)
        window.samples.add_requested.connect(self.table.add_samples)
        window.table.remove_requested.connect(self.table.remove)
        window.table.clear_requested.connect(self.table.clear)
        window.table.copy_requested.connect(self._copy)
        window.table.export_requested.connect(self._ask_where)
        window.bench.opened.connect(self._tab_opened)
        window.bench.dropped.connect(self._dropped)
        window.sending.sent.connect(self.send)
        window.step_requested.connect(self.interpolate.step)

    def _connect_rest(self) -> None:
        window, actions = self.window, self.actions
        window.closing.connect(self.close)
        window.header.opened.connect(self.show_page)
        window.strip.newest_requested.connect(lambda: self._open_other(self.state.run))
        window.toolbar.theme_button.clicked.connect(self.toggle_theme)
        window.toolbar.help_button.clicked.connect(self._guide)
        for name, action in (("Explore", actions.explore), ("Train", actions.train)):
            action.triggered.connect(partial(self._show_page, name))
        actions.search.triggered.connect(window.toolbar.focus_search)
        actions.end_a.triggered.connect(lambda: self._take_selection("A"))
        actions.end_b.triggered.connect(lambda: self._take_selection("B"))
        actions.send.triggered.connect(self._choose_place)
        actions.random_pair.triggered.connect(self._random_pair)
        actions.export.triggered.connect(lambda: self._ask_where("csv"))
        actions.density.triggered.connect(self.explore.show_density)
        actions.linked.triggered.connect(self.explore.link)
        actions.theme.triggered.connect(self.toggle_theme)
        actions.reset.triggered.connect(window.maps.reset_views)
        actions.guide.triggered.connect(self._guide)
        actions.quit.triggered.connect(window.close)
        self.table.told.connect(window.banner.tell)
        self.table.failed.connect(window.banner.complain)
        self.run.note.connect(window.banner.tell)
        self.state.events.density.connect(actions.density.setChecked, check_nargs=False, max_args=1)
        self.state.events.linked.connect(actions.linked.setChecked, check_nargs=False, max_args=1)
        actions.linked.setChecked(self.state.linked)
        self.state.events.models.connect(self._models_changed)
        self.state.events.maps.connect(self._maps_changed)
        window.toolbar.set_menu(actions.menu(self.run.names, lambda: self.state.run, self._open_other))

    def _show_page(self, name: str, _checked: bool = False) -> None:
        self.show_page(name)

    def _hover(self, variant: str, index: int) -> None:
        self.renderer.set_pointed(variant)
        self.explore.hover(index)

    def _pointed(self) -> int:
        """The point under the pointer, or else the clicked one; -1 if there is neither."""
        return self.state.hover if self.state.hover >= 0 else self.state.selection

    def _take_selection(self, end: str) -> None:
        self._take_point(end, self._pointed())

    def _choose_place(self) -> None:
        """Ask where the sentence of the point is to be sent."""
        index, line = self._pointed(), self.window.decoded.source
        if index < 0:
            self.window.banner.tell("Point at a sentence or click one first, then press S.")
            return
        pick = Pick(self.explore.sentence(index), index=index)
        send_menu(line, [pick]).popup(line.mapToGlobal(line.rect().bottomLeft()))

    def _take_point(self, end: str, index: int) -> None:
        if index < 0:
            self.window.banner.tell(f"Point at a sentence or click one first, then press {end}.")
            return
        self.interpolate.take_point(end, index)
        self.state.tab = "Interpolate"

    def _add_stop(self) -> None:
        """One stop more, to be filled at once."""
        self.interpolate.add_stop()
        self.renderer.refresh.flush()
        self.window.interpolate.stops.focus(len(self.state.through) - 1)

    def _offer_group(self, indices: NDArray[np.int64], at: QPoint) -> None:
        """Points that were drawn round on a map can be one of the two groups of a concept."""
        group_menu(self.window, len(indices), lambda name: self._take_group(indices, name)).popup(at)

    def _take_group(self, indices: NDArray[np.int64], name: str) -> None:
        self.operation("Arithmetic").take_rows(indices.tolist(), name)
        self.state.tab = "Arithmetic"

    def _random_pair(self) -> None:
        self.state.tab = "Interpolate"
        self.interpolate.random_pair()
        self.window.interpolate.slider.setFocus()

    def _choose(self, choice: Choice) -> None:
        """Another way to make sentences; what the person sees at the top is asked last, so it is answered first."""
        if choice == self.state.choice:
            return
        self.explore.choose(choice)
        if self.state.samples.readings or self.state.samples.busy:
            self.samples.ask()
        self.interpolate.ask()
        self.reconstruct.ask()
        for name, operation in self.operations.items():
            if name != self.state.tab:
                operation.ask()
        if self.state.tab in self.operations:
            self.operations[self.state.tab].ask()
        self.explore.decode()

    def _tab_opened(self, name: str) -> None:
        self.state.tab = cast(Tab, name)
        if name == "Prior samples" and self.state.models.kind in ("ready", "loading"):
            self.samples.ensure()
        if any(kind.name == name for kind in KINDS):
            self.operation(name).opened()
        for other, operation in self.operations.items():
            operation.refresh.show(other == name)

    def operation(self, name: str) -> Operation:
        """A tab that works on points of the latent space, made when it is wanted first."""
        if name not in self.operations:
            made = next(kind for kind in KINDS if kind.name == name).make(self.context)
            made.sent.connect(self.send)
            made.gathered.connect(self.table.add_rows)
            made.pointed.connect(self.explore.select)
            made.told.connect(self.window.banner.tell)
            self.operations[name] = made
            self.window.bench.set_page(name, made.view)
            made.refresh.show(self.state.tab == name)
        return self.operations[name]

    def send(self, pick: Pick, place: Place) -> None:
        """A sentence or points go to another tab, which is opened; the table gathers them out of sight."""
        if place.tab == "Table":
            self.table.take(pick)
            return
        if place.tab == "Reconstruct":
            self.reconstruct.take(pick)
        elif place.tab == "Interpolate":
            self.interpolate.take(pick, place.slot)
        else:
            self.operation(place.tab).take(pick, place.slot)
        self.state.tab = cast(Tab, place.tab)

    def _dropped(self, pick: Pick, tab: str) -> None:
        self.send(pick, first_place(tab))

    def _models_changed(self) -> None:
        if self.state.models.kind == "failed":
            self.window.banner.complain(self.state.models.text, self.state.models.hint)

    def _maps_changed(self) -> None:
        if self.state.maps.kind == "ready" and self.context.atlas is not None:
            self.window.reconstruct.set_example(self.explore.sentence(0))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.table.as_text())
        self.window.banner.tell("Copied the table")

    def _ask_where(self, name: str) -> None:
        if not self.state.gathered:
            self.window.banner.tell("The table is empty; add sentences to it first.")
            return
        dialog = QFileDialog(self.window, "Export the table", f"comparison.{name}")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([_FORMATS[name], *(text for key, text in _FORMATS.items() if key != name)])
        dialog.setDefaultSuffix(name)
        dialog.filterSelected.connect(
            lambda chosen: dialog.setDefaultSuffix(next(key for key, text in _FORMATS.items() if text == chosen))
        )
        dialog.fileSelected.connect(lambda file: self._export_as(Path(file), dialog.defaultSuffix()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _export_as(self, path: Path, chosen: str) -> None:
        suffix = path.suffix.lstrip(".").lower()
        self.export(path, suffix if suffix in _FORMATS else chosen)

    def _open_other(self, name: str, step: int | None = None) -> None:
        """Open another run or step; the gathered sentences belong to the run they come from, so ask before they go."""
        if (name, step) == (self.state.run, self.state.step):
            return
        if not self.state.gathered:
            self.open(name, step)
            return
        question = QMessageBox(self.window)
        question.setIcon(QMessageBox.Icon.NoIcon)
        question.setText(f"The table holds sentences of run {self.state.subject}.")
        question.setInformativeText("Opening another empties it. Export it first to keep them.")
        anyway = question.addButton("Empty and open", QMessageBox.ButtonRole.AcceptRole)
        question.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        anyway.clicked.connect(lambda: self.open(name, step))
        question.finished.connect(question.deleteLater)
        question.open()

    def _explore_step(self, name: str, step: int | None) -> None:
        self.show_page("Explore")
        self._open_other(name, step)

    def _guide(self) -> None:
        Guide(self.window).show()
