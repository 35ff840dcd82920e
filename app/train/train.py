"""The Train page put together: its state, its controllers, its view, and the intents from one to the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox

from app.core.settings import AppSettings
from app.train import words
from app.train.controller import TrainController
from app.train.form.controller import TrainFormController
from app.train.form.state import FormState
from app.train.form.timing import Timing
from app.train.form.view import TrainForm
from app.train.page import TrainPage
from app.train.rendering import TrainRenderer
from app.train.state import TrainingState, TrainWish
from app.train.text.text import Text
from engine.workspace import Workspace

_TOML = "TOML (*.toml)"


class Train(QObject):
    """Everything behind the Train page.

    Signals:
        explore_requested: the name of a run and the step (None: the newest) to be opened on the Explore page.
        told: a word to the person.
        failed: what went wrong, and what to do next.
        guarded: whether the person is to be asked before the window is closed: a training of ours runs.
        marked: what stands beside the page's name, such as a dot while a training runs.
        leave_requested: the window is to be closed without a question.
    """

    explore_requested = Signal(str, object)
    told = Signal(str)
    failed = Signal(str, str)
    guarded = Signal(bool)
    marked = Signal(str)
    leave_requested = Signal()

    def __init__(self, workspace: Workspace, settings: AppSettings, current_run: Callable[[], str]) -> None:
        """Args: workspace, settings: of the window; current_run: gives the run that the Explore page shows."""
        super().__init__()
        self._workspace, self._current_run = workspace, current_run
        self.state = TrainingState()
        self.controller = TrainController(self.state, workspace, settings)
        self.form = TrainFormController(FormState(), workspace)
        self.timing = Timing(self.form.state, workspace)
        self.page = TrainPage()
        self.renderer = TrainRenderer(self.controller, self.form.state, self.page)
        self._closing = self._in_view = False
        self._text: Text | None = None
        self._connect_page()
        self.page.form_made.connect(self._connect_form)
        self.state.events.own.connect(self._own_changed, check_nargs=False, max_args=0)
        self.state.events.face.connect(self._text_in_view, check_nargs=False, max_args=0)

    @property
    def text(self) -> Text:
        """The text that is prepared for a training, made when it is wanted first."""
        if self._text is None:
            made = self._text = Text(self._workspace)
            self.page.add_text(made.view)
            made.view.closed.connect(lambda: self.controller.show_form(False))
            made.controller.told.connect(self.told)
            made.controller.prepared.connect(self._prepared)
        return self._text

    def open_text(self, paths: Sequence[Path] = ()) -> None:
        """Show where a text is prepared, with a file or folder if there is one."""
        text = self.text
        self.controller.show_text()
        if paths:
            text.controller.choose(paths)

    def show(self, in_view: bool) -> None:
        """The page is in view or not."""
        self.controller.show(in_view, self._current_run())
        self.renderer.refresh.show(in_view)
        self._in_view = in_view
        self._text_in_view()

    def wish(self) -> TrainWish:
        """What is followed, and how the page is shared out."""
        return replace(self.controller.wish(), split=self.page.split)

    def want(self, wish: TrainWish) -> None:
        """Follow something else, on a page shared out otherwise."""
        self.controller.want(wish)
        self.page.set_split(wish.split)

    @property
    def drawing(self) -> bool:
        """Whether something in view is still to be shown."""
        plots = self.page.plots
        return self.renderer.refresh.pending or (plots is not None and plots.isVisible() and not plots.painted)

    def close(self) -> None:
        """Follow nothing any more; a training goes on by itself."""
        self.renderer.refresh.stop()
        self.controller.close()
        self.timing.cancel()
        if self._text is not None:
            self._text.close()

    def everything(self) -> None:
        """Show all of it anew, as after a change of theme."""
        self.renderer.refresh.everything()
        if self._text is not None:
            self._text.refresh.everything()

    def flush(self) -> None:
        """Show what changed, now."""
        self.renderer.refresh.flush()
        if self._text is not None:
            self._text.refresh.flush()

    @property
    def subject(self) -> str:
        """What is followed, as in "novel, step 2,000"; "" for nothing."""
        watched = self.state.watched
        return f"{watched.name}, step {watched.step:,}" if watched is not None else ""

    @property
    def under_way(self) -> str:
        """What text is being prepared, in a sentence; "" for none. A training does not end with the window."""
        return self._text.under_way if self._text is not None else ""

    def ask_before_closing(self) -> None:
        """The window is to be closed while a training runs."""
        name = self.controller.training.name
        question = QMessageBox(self.page.window())
        question.setIcon(QMessageBox.Icon.NoIcon)
        question.setText(f"The training of {name} is under way.")
        question.setInformativeText(
            "It can go on without the window; the next window shows it again. Or pause it: a checkpoint is written, "
            "and Resume goes on from there."
        )
        let_go = question.addButton("Let it go on", QMessageBox.ButtonRole.AcceptRole)
        pause = question.addButton("Pause and close", QMessageBox.ButtonRole.DestructiveRole)
        question.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        question.setDefaultButton(let_go)
        let_go.clicked.connect(self.leave_requested)
        pause.clicked.connect(self._pause_and_leave)
        question.finished.connect(question.deleteLater)
        question.open()

    def _pause_and_leave(self) -> None:
        if not self.state.own.alive:  # it has ended while the question was open
            self.leave_requested.emit()
            return
        self._closing = True
        self.controller.training.pause()
        self.told.emit("Writing a checkpoint; the window closes then.")

    def _released(self) -> None:
        closing, self._closing = self._closing, False  # the window may stay all the same
        if closing:
            self.leave_requested.emit()

    def _own_changed(self) -> None:
        own = self.state.own
        self.guarded.emit(own.alive and not self._closing)
        self.marked.emit("●" if own.alive else "")

    def _connect_page(self) -> None:
        page, controller = self.page, self.controller
        head = page.head
        head.run_chosen.connect(controller.follow_run)
        head.folder_requested.connect(self._ask_folder)
        head.compare_requested.connect(controller.compare)
        head.new_requested.connect(self._new)
        head.text_requested.connect(lambda: self.open_text())
        page.dropped.connect(self.open_text)
        head.pause_requested.connect(controller.training.pause)
        head.resume_requested.connect(controller.training.resume)
        head.stop_requested.connect(self._stop)
        page.retry_requested.connect(controller.retry)
        page.probe.step_chosen.connect(controller.show_probe)
        page.checkpoints.step_chosen.connect(controller.keep)
        page.checkpoints.explore_requested.connect(self._explore)
        page.built.connect(self._built)
        controller.ready.connect(page.build_plots)
        controller.failed.connect(self.failed)
        controller.training.released.connect(self._released)
        controller.training.told.connect(self.told)
        self.form.told.connect(self.told)
        self.form.failed.connect(self.failed)

    def _connect_form(self, view: TrainForm) -> None:
        form = self.form
        view.corpus_chosen.connect(form.set_corpus)
        view.run_named.connect(form.set_run)
        view.preset_chosen.connect(form.set_preset)
        view.device_chosen.connect(form.set_device)
        view.weights_named.connect(form.set_weights_from)
        view.edited.connect(form.set_value)
        view.variant_edited.connect(form.set_variant)
        view.variant_removed.connect(form.remove_variant)
        view.variant_added.connect(form.add_variant)
        view.open_requested.connect(self._ask_toml)
        view.save_requested.connect(self._ask_where)
        view.text_requested.connect(lambda: self.open_text())
        view.time_requested.connect(self.timing.toggle)
        view.start_requested.connect(self._start)
        view.closed.connect(lambda: self.controller.show_form(False))
        self.renderer.refresh.everything()

    def _built(self) -> None:
        plots = self.page.plots
        if plots is not None:
            plots.hovered.connect(self.controller.hover)
            plots.readout.split_chosen.connect(self.controller.read_from)
            plots.share_of_chosen.connect(self.controller.show_share_of)
        self.renderer.refresh.everything()

    def _start(self) -> None:
        self.timing.cancel()  # it would be in the way of the training
        self.controller.training.start(self.form.state.form)

    def _text_in_view(self) -> None:
        if self._text is not None:
            self._text.show(self._in_view and self.state.face == "text")

    def _prepared(self, corpus: str) -> None:
        """A text is prepared: on to the form, if the person has waited for it here."""
        if self.state.face == "text":
            self.form.open()
            self.form.set_corpus(corpus)
            self.controller.show_form(True)

    def _new(self) -> None:
        self.form.open()
        self.controller.show_form(True)

    def _stop(self) -> None:
        """Ask before a training is ended without a checkpoint; asked again while it ends, end it at once."""
        own = self.state.own
        if own.kind in ("pausing", "stopping"):
            self.controller.training.stop()
            return
        question = QMessageBox(self.page.window())
        question.setIcon(QMessageBox.Icon.NoIcon)
        question.setText(f"Stop the training of {self.controller.training.name}?")
        question.setInformativeText(f"{words.ANY_LOSS} Pause writes one now, and Resume goes on from it.")
        question.addButton("Stop", QMessageBox.ButtonRole.DestructiveRole).clicked.connect(
            self.controller.training.stop
        )
        pause = question.addButton("Pause instead", QMessageBox.ButtonRole.AcceptRole)
        pause.clicked.connect(self.controller.training.pause)
        question.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        question.setDefaultButton(pause)
        question.finished.connect(question.deleteLater)
        question.open()

    def _explore(self) -> None:
        watched = self.state.watched
        if watched is not None and not self.controller.can_explore():
            self.explore_requested.emit(watched.name, self.controller.chosen_step)

    def _ask_folder(self) -> None:
        dialog = QFileDialog(self.page.window(), "Follow a run folder", str(self._workspace.root / "runs"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda folder: self.controller.follow(Path(folder)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ask_toml(self) -> None:
        dialog = QFileDialog(self.page.window(), "Take settings from a file", str(self._workspace.root), _TOML)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda file: self.form.read(Path(file)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ask_where(self) -> None:
        dialog = QFileDialog(
            self.page.window(), "Save the settings", f"{self.form.state.form.run or 'training'}.toml", _TOML
        )
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("toml")
        dialog.fileSelected.connect(lambda file: self.form.save(Path(file)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
