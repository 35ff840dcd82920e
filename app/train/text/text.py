"""The first stage of a training put together: its state, its controller, its view, and the ways between them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from app.core import theme
from app.core.refresh import Refresh
from app.train.text import words
from app.train.text.controller import TextController
from app.train.text.state import TextState
from app.train.text.view import TextView
from engine.corpus.sources import SUFFIXES
from engine.workspace import Workspace

_FILES = ";;".join(
    (
        f"Text ({' '.join(f'*{suffix}' for suffix in SUFFIXES)})",
        "All files (*)",
    )
)


class Text(QObject):
    """Everything behind the text that is prepared. The view is made when it is wanted first."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.state = TextState()
        self.controller = TextController(self.state, workspace)
        self.view = TextView()
        self.refresh = Refresh(
            {
                self._draft: ("draft", "taken", "preparing"),
                self._columns: ("seen", "draft"),
                self._given: ("seen", "draft"),
                self._stage: ("stage",),
                self._seen: ("seen", "stage"),
                self._preparing: ("preparing", "stage", "seen", "draft", "taken"),
            },
            [self.state],
            in_view=False,
        )
        self._connect()

    def _connect(self) -> None:
        view, controller = self.view, self.controller
        view.file_requested.connect(self._ask_file)
        view.folder_requested.connect(self._ask_folder)
        view.columns.chosen.connect(controller.set_columns)
        view.kept.chosen.connect(controller.set_kept)
        view.given.requested.connect(self._ask_given)
        view.given.chosen.connect(controller.set_file)
        view.separator_chosen.connect(controller.set_separator)
        view.encoding_chosen.connect(controller.set_encoding)
        view.words_chosen.connect(controller.set_words)
        view.number_edited.connect(controller.set_number)
        view.name_edited.connect(controller.set_name)
        view.retry_requested.connect(controller.look_again)
        view.prepare_requested.connect(controller.prepare)
        view.cancel_requested.connect(controller.cancel)

    def show(self, in_view: bool) -> None:
        """The stage is in view or not."""
        if in_view:
            self.controller.open()
        self.refresh.show(in_view)

    @property
    def under_way(self) -> str:
        """What is being prepared, in a sentence; "" for nothing."""
        preparing = self.state.preparing.kind == "computing"
        name = words.name_of(self.state.draft, self.state.taken)
        return f"The text {name} is being prepared." if preparing else ""

    def close(self) -> None:
        """End whatever was started."""
        self.refresh.stop()
        self.controller.close()

    # what the setters are told

    def _draft(self) -> None:
        draft, taken = self.state.draft, self.state.taken
        self.view.show_source(draft.source)
        self.view.show_numbers([(key, getattr(draft, key)) for key in self.view.numbers])
        name = words.name_of(draft, taken)
        # while it is prepared, its name is taken by itself
        judged = bool(draft.source) and self.state.preparing.kind != "computing"
        self.view.show_name(name, words.name_problem(name, taken) if judged else "")

    def _columns(self) -> None:
        seen, draft = self.state.seen, self.state.draft
        if seen is not None:
            self.view.show_columns(seen.columns, draft.columns or (seen.column,))
        else:
            self.view.show_columns((), ())
        beside, kept = (seen.beside, seen.kept) if seen is not None else ((), ())
        self.view.show_kept(beside, kept if draft.kept is None else draft.kept, draft.kept is None)
        found = seen.separator if seen is not None else ""
        self.view.show_separator(found, draft.separator or "", doubt=bool(found) and not (seen and seen.columns))
        self.view.show_words(seen.given if seen is not None and seen.sentences else None, draft.words)

    def _given(self) -> None:
        seen, draft = self.state.seen, self.state.draft
        self.view.given.show_files(draft.files, words.file_problems(seen, draft))
        self.view.show_replaced(test=bool(draft.test), vocabulary=bool(draft.vocabulary_file))

    def _stage(self) -> None:
        self.view.show_stage(self.state.stage)
        doubt = self.state.stage.kind == "failed" and "Encoding" in self.state.stage.hint
        self.view.show_encoding(self.state.draft.encoding or "", doubt)

    def _seen(self) -> None:
        seen, draft = self.state.seen, self.state.draft
        if seen is None or self.state.stage.kind == "failed":
            self.view.show_seen((), (), ())
            return
        examples = [words.example_html(example, theme.current().unknown) for example in seen.examples]
        self.view.show_seen(words.facts(seen, draft), [words.hint_in_window(note) for note in seen.notes], examples)

    def _preparing(self) -> None:
        self.view.show_preparing(self.state.preparing, words.can_prepare(self.state))

    # dialogs

    def _ask_file(self) -> None:
        dialog = QFileDialog(self.view.window(), "A file of text", self._folder(), _FILES)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._ask(dialog)

    def _ask_folder(self) -> None:
        dialog = QFileDialog(self.view.window(), "A folder of text", self._folder())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        self._ask(dialog)

    def _ask_given(self, key: str) -> None:
        title = "A list of words, one a line" if key == "vocabulary_file" else "A file of text"
        dialog = QFileDialog(self.view.window(), title, self._folder(), "All files (*)" if "words" in title else _FILES)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._ask(dialog, lambda path: self.controller.set_file(key, [path]))

    def _ask(self, dialog: QFileDialog, take: Callable[[Path], None] | None = None) -> None:
        take = take or (lambda path: self.controller.choose([path]))
        dialog.fileSelected.connect(lambda path: take(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _folder(self) -> str:
        source = self.state.draft.source
        return str(Path(source).parent) if source else str(Path.home())
