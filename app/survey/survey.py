"""The Survey page put together: its state, its controllers, its views, and the intents from one to the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from app.core import theme
from app.core.refresh import Refresh
from app.core.settings import AppSettings
from app.core.values import Column
from app.survey import words
from app.survey.controller import SurveyController
from app.survey.form import SurveyForm
from app.survey.page import SurveyPage
from app.survey.state import SurveyState
from app.survey.taker import Taker
from app.survey.taking import TakingWindow
from engine.evaluation.surveys.response import ANSWERS
from engine.evaluation.tables import TABLE_FORMATS, table_text
from engine.workspace import Workspace

_NUMBERS = ("questions", "catch", "respondents", "repeats", "seed")


class Survey(QObject):
    """Everything behind the Survey page.

    Signals:
        told: a word to the person.
        failed: what went wrong, and what to do next.
    """

    told = Signal(str)
    failed = Signal(str, str)

    def __init__(
        self,
        workspace: Workspace,
        settings: AppSettings,
        current: Callable[[], tuple[str, Sequence[Column]]],
        controller: SurveyController | None = None,
    ) -> None:
        """Args: current: gives the open run and its columns; controller: if it is there already."""
        super().__init__()
        self._workspace, self._settings, self._current = workspace, settings, current
        self.controller = controller or SurveyController(SurveyState(), workspace)
        self.state = self.controller.state
        self.taker = Taker(self.state, self.controller)
        self.page = SurveyPage(list(TABLE_FORMATS.items()))
        self.form: SurveyForm | None = None
        self.window: TakingWindow | None = None
        self.refresh = Refresh(
            {
                self._show_names: ("names", "name"),
                self._show_head: ("known", "stage"),
                self._show_results: ("known", "stage"),
                self._show_job: ("job",),
            },
            [self.state],
            in_view=False,
        )
        self._connect()

    def show(self, in_view: bool) -> None:
        """The page is in view or not."""
        if in_view:
            self.controller.look()
        self.refresh.show(in_view)

    def everything(self) -> None:
        """Show all of it anew, as after a change of theme."""
        self.refresh.everything()

    def flush(self) -> None:
        """Show what changed, now."""
        self.refresh.flush()

    @property
    def subject(self) -> str:
        """The survey that is shown."""
        return self.state.name

    @property
    def under_way(self) -> str:
        """What is being made, in a sentence; "" for nothing."""
        making = self.state.job.kind == "computing"
        return f"The survey {self.state.draft.survey_name} is being made." if making else ""

    def close(self) -> None:
        """End whatever was started."""
        self.refresh.stop()
        if self.window is not None:
            self.window.close()
        self.controller.close()

    def _connect(self) -> None:
        page, controller, events = self.page, self.controller, self.state.events
        page.chosen.connect(controller.choose)
        page.counted.connect(controller.leave_out)
        page.new_requested.connect(self.open_form)
        page.take_requested.connect(self._take)
        page.pages_requested.connect(self._ask_pages)
        page.import_requested.connect(self._ask_files)
        page.dropped.connect(lambda files: controller.merge(files, self.state.name))
        page.copy_requested.connect(self._copy)
        page.export_requested.connect(self._ask_where)
        page.retry_requested.connect(controller.look)
        controller.told.connect(self.told)
        controller.failed.connect(self.failed)
        controller.made.connect(lambda: self.told.emit(f"The survey {self.state.draft.survey_name} is made."))
        events.draft.connect(self._show_draft, check_nargs=False, max_args=0)
        events.taking.connect(self._show_taking, check_nargs=False, max_args=0)

    # a new survey

    def open_form(self) -> None:
        """Show the form of a new survey."""
        if self.state.job.kind == "computing":
            self.told.emit(self.under_way)
            return
        run, columns = self._current()
        if self.form is None:
            form = self.form = SurveyForm(self.page.window())
            form.kind_chosen.connect(self.controller.set_kind)
            form.group_chosen.connect(self.controller.set_group)
            form.number_edited.connect(self.controller.set_number)
            form.name_edited.connect(self.controller.set_name)
            form.make_requested.connect(self._make)
        self.controller.begin(run, columns)
        self._show_draft()
        self.form.open()

    def run_changed(self) -> None:
        """Another run is open, and its variants are known: a form that is open is about that."""
        run, columns = self._current()
        if columns and self.form is not None and self.form.isVisible():
            self.controller.begin(run, columns)

    def _make(self) -> None:
        self.controller.make()
        if self.form is not None:
            self.form.accept()

    def _show_draft(self) -> None:
        form, draft = self.form, self.state.draft
        if form is None:
            return
        groups = [(group, words.group_label(group, draft.labels)) for group in words.possible(draft)]
        form.show_draft(draft.run, draft.kind, groups, draft.chosen, draft.survey_name)
        form.show_numbers([(key, getattr(draft, key)) for key in _NUMBERS])
        form.show_said(draft.problem or words.plan(draft), bool(draft.problem))

    # taking it

    def _take(self, place: int) -> None:
        known = self.state.known
        if known is not None:
            self.taker.begin(known.broken_off[place] if 0 <= place < len(known.broken_off) else None)

    def _show_taking(self) -> None:
        taking = self.state.taking
        if taking is None:
            if self.window is not None:
                window, self.window = self.window, None
                window.close()
                window.deleteLater()
            return
        if self.window is None:
            window = self.window = TakingWindow(self.page.window())
            window.started.connect(self.taker.start)
            window.answered.connect(self.taker.answer)
            window.back_requested.connect(self.taker.back)
            window.left.connect(self.taker.leave)
            window.setGeometry(window.screen().geometry())  # also where no window manager makes it full screen
            window.showFullScreen()
        self.window.show_problem(taking.problem)
        form, response, count = taking.form, taking.response, len(taking.form.items)
        done = len(response.answers)
        if taking.at < 0:
            title = words.KINDS[form.kind]
            self.window.show_beginning(title, words.TASKS[form.kind], count, done, response.respondent)
        elif taking.at >= count:
            self.window.show_end(count, kept=not taking.problem)
        else:
            item = form.items[taking.at]
            given = response.answer_to(item.question.id)
            pairs = form.kind == "reconstruction"
            self.window.show_question(
                words.QUESTIONS[form.kind],
                item.question.sentence if pairs else item.shown[0],
                item.shown if pairs else ("Yes", "No"),
                ANSWERS[form.kind],
                given.answer if given is not None else "",
                taking.at,
                done,
                count,
            )

    # what the page is told

    def _show_names(self) -> None:
        self.page.show_names(self.state.names, self.state.name)

    def _show_head(self) -> None:
        known = self.state.known
        if known is None:
            self.page.show_head("", "", (), counted=False)
            return
        broken_off = [words.broken_off(each, known.survey) for each in known.broken_off]
        counted = self.state.stage.kind == "ready"
        self.page.show_head(words.head(known.survey), words.followed(known), broken_off, counted)

    def _show_results(self) -> None:
        if self.state.known is not None:
            self.page.show_text(self.state.name, words.page(self.state.known, theme.current()))
        else:
            self.page.show_message(self.state.stage)

    def _show_job(self) -> None:
        self.page.show_job(self.state.job)

    # dialogs

    def _copy(self) -> None:
        if self.state.known is not None:
            QGuiApplication.clipboard().setText("\n".join(table_text(each, "md") for each in self.state.known.tables))
            self.told.emit("Copied the tables as Markdown")

    def _ask_files(self) -> None:
        dialog = QFileDialog(self.page.window(), "Files that respondents have sent", self._folder())
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters(["Answers (*.json *.txt)", "All files (*)"])
        name = self.state.name  # another may be shown when the dialog is answered
        dialog.filesSelected.connect(lambda files: self.controller.merge([Path(file) for file in files], name))
        self._open(dialog)

    def _ask_pages(self) -> None:
        write = partial(self.controller.write_pages, name=self.state.name)
        self._ask_folder("A folder for the web pages", write)

    def _ask_where(self, format: str) -> None:
        if (known := self.state.known) is not None:
            write = partial(self.controller.export, format=format, name=self.state.name, known=known)
            self._ask_folder("A folder for the tables", write)

    def _ask_folder(self, title: str, then: Callable[[Path], None]) -> None:
        dialog = QFileDialog(self.page.window(), title, self._folder())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda folder: then(Path(folder)))
        self._open(dialog)

    def _open(self, dialog: QFileDialog) -> None:
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _folder(self) -> str:
        folder = self._settings.export[0]
        return str(folder if folder.is_absolute() and folder.is_dir() else Path.home())
