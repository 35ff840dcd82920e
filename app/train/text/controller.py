"""The first stage of a training: a text is chosen, looked at, named and prepared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from app.core.jobs.live_worker import LiveWorker
from app.core.jobs.process_job import ProcessJob
from app.core.values import Stage
from app.train.text import words
from app.train.text.state import Draft, TextState
from engine.corpus.preview.values import Preview
from engine.workspace import Workspace

ONE = "One file, or one folder that holds them, at a time; or the parts of one text, by names as train, valid, test."


class TextController(QObject):
    """Keeps the state of a text true: every change of what is wanted is looked at anew, beside the window's thread.

    Signals:
        prepared: the name of a corpus that is ready for training.
        told: a word to the person.
    """

    prepared = Signal(str)
    told = Signal(str)

    def __init__(
        self,
        state: TextState,
        workspace: Workspace,
        make_worker: Callable[..., LiveWorker] = LiveWorker,
        make_job: Callable[[Sequence[str]], ProcessJob] = ProcessJob,
    ) -> None:
        super().__init__()
        self.state, self._workspace = state, workspace
        self._make_worker, self._make_job = make_worker, make_job
        self._worker: LiveWorker | None = None
        self._job: ProcessJob | None = None

    def open(self) -> None:
        """The stage is in view: see which names are taken by now."""
        if self._worker is None:
            worker = self._worker = self._make_worker(lambda _tell: self._workspace, name="text")
            worker.answered.connect(self._answered)
            worker.completed.connect(self._completed)
            worker.refused.connect(self._refused)
            worker.start()
        self._worker.request("names", _names)

    def choose(self, paths: Sequence[Path]) -> None:
        """Take a file or a folder, or the parts of a text that are named so; of others nothing is taken."""
        parts: dict[str, Any] = {"source": str(paths[0])} if len(paths) == 1 else words.parts_of(paths)
        if self.state.preparing.kind == "computing":
            self.told.emit("A text is being prepared; cancel that first, or wait for it.")
        elif not parts:
            self.told.emit(ONE)
        else:
            self.state.preparing = Stage()
            before = self.state.draft
            limits = {key: getattr(before, key) for key in ("min_words", "max_words", "vocabulary", "test_percent")}
            self._change(Draft(**parts, **limits), anew=True)
            if len(parts) > 1:
                self.told.emit(words.taken_as_parts(parts))

    def set_columns(self, names: tuple[str, ...]) -> None:
        """Read these columns; none to have it found out."""
        kept = self.state.draft.kept
        kept = None if kept is None else tuple(name for name in kept if name not in names)
        self._change(replace(self.state.draft, columns=names, kept=kept))

    def set_kept(self, names: tuple[str, ...] | None) -> None:
        """Keep these columns beside the sentences; None to have it found out."""
        self._change(replace(self.state.draft, kept=names))

    def set_file(self, key: str, paths: Sequence[Path]) -> None:
        """Take a file as what a key of `GIVEN` names; none to do without."""
        if len(paths) > 1:
            self.told.emit("One file at a time belongs there.")
            return
        changed: dict[str, Any] = {key: str(paths[0]) if paths else ""}
        self._change(replace(self.state.draft, **changed))

    def set_separator(self, name: str) -> None:
        """Cut the rows of a table at this of `SEPARATORS`, or "" to have it found out. The columns are others then."""
        self._change(replace(self.state.draft, separator=name or None, columns=(), kept=None))

    def set_encoding(self, name: str) -> None:
        """Read the files as written in an encoding, "" for UTF-8 or UTF-16 with its mark."""
        self._change(replace(self.state.draft, encoding=name or None))

    def set_words(self, how: str) -> None:
        """Read words as `Draft.words` says."""
        self._change(replace(self.state.draft, words=how))

    def set_number(self, key: str, value: int) -> None:
        """A limit: min_words, max_words, vocabulary or test_percent."""
        changed: dict[str, Any] = {key: value}
        self._change(replace(self.state.draft, **changed))

    def set_name(self, name: str) -> None:
        """What the corpus is called."""
        self.state.draft = replace(self.state.draft, typed_name=name.strip())

    def look_again(self) -> None:
        """Read the text anew, as after it was mended."""
        self._change(self.state.draft)

    def prepare(self) -> None:
        """Have the command prepare it."""
        if not words.can_prepare(self.state):
            return
        self.state.preparing = Stage("computing", "Starting", "", None)
        self._job = self._make_job(_command(self.state, self._workspace))
        self._job.reported.connect(self._reported)
        self._job.finished.connect(self._finished)
        self._job.failed.connect(self._failed)
        self._job.start()

    def cancel(self) -> None:
        """Give the preparation up; the command leaves nothing behind."""
        if self._job is not None:
            self._job.stop()
            self._job = None
        self.state.preparing = Stage()

    def close(self) -> None:
        """End whatever was started."""
        self.cancel()
        if self._worker is not None:
            self._worker.stop()
            self._worker = None

    # within

    def _change(self, draft: Draft, anew: bool = False) -> None:
        self.state.draft = draft
        if not draft.source:
            return
        if anew:
            self.state.seen = None
        self.state.stage = Stage("loading", "Looking at the text")
        self.open()
        assert self._worker is not None
        self._worker.request("look", partial(_look, draft))

    @Slot(str, object)
    def _answered(self, channel: str, answer: Any) -> None:
        if channel == "names":
            self.state.taken = answer
        else:
            self.state.seen = answer

    @Slot(str)
    def _completed(self, channel: str) -> None:
        if channel == "look":
            self.state.stage = Stage("ready")

    @Slot(str, str, str)
    def _refused(self, channel: str, message: str, hint: str) -> None:
        if channel == "look":
            self.state.stage = Stage("failed", message, words.hint_in_window(hint))

    @Slot(object)
    def _reported(self, event: dict[str, Any]) -> None:
        self.state.preparing = words.progress(event) or self.state.preparing

    @Slot(object)
    def _finished(self, result: dict[str, Any]) -> None:
        self._drop_job()
        state = self.state
        state.preparing, state.stage, state.seen = Stage(), Stage(), None
        state.draft = Draft()
        self.told.emit(words.prepared_words(result))
        self.prepared.emit(str(result.get("name", "")))

    @Slot(str, str)
    def _failed(self, message: str, hint: str) -> None:
        self._drop_job()
        self.state.preparing = Stage("failed", message, words.hint_in_window(hint))
        self.open()

    def _drop_job(self) -> None:
        if self._job is not None:
            self._job.deleteLater()
            self._job = None


_WORDS = {"": [], "given": ["--tokenised"], "lower": ["--tokenised", "--lower"], "cut": ["--no-tokenised"]}


def _command(state: TextState, workspace: Workspace) -> list[str]:
    draft = state.draft
    arguments = ["corpus", draft.source, "--name", words.name_of(draft, state.taken)]
    arguments += ["--min-words", str(draft.min_words), "--max-words", str(draft.max_words)]
    arguments += ["--vocabulary", str(draft.vocabulary)] if not draft.vocabulary_file else []
    arguments += ["--test-fraction", f"{draft.test_percent / 100:g}"] if not draft.test else []
    for column in draft.columns:
        arguments += ["--column", column]
    arguments += ["--no-keep"] if draft.kept == () else []
    for column in draft.kept or ():
        arguments += ["--keep", column]
    for key, file in draft.files.items():
        arguments += [f"--{key.replace('_', '-')}", file] if file else []
    arguments += ["--separator", draft.separator] if draft.separator is not None else []
    arguments += ["--encoding", draft.encoding] if draft.encoding is not None else []
    arguments += _WORDS[draft.words]
    return [*arguments, "--workspace", str(workspace.root)]


def _names(workspace: Workspace) -> Iterator[frozenset[str]]:
    """In the worker's thread: the names that no corpus can have any more."""
    folder = workspace.root / "corpora"
    yield frozenset(each.name for each in folder.glob("[!.]*"))


def _look(draft: Draft, _workspace: Workspace) -> Iterator[Preview]:
    """In the worker's thread, which imports what reading takes."""
    from engine.corpus.prepare import CorpusRequest
    from engine.corpus.preview.looking import preview

    doubled = words.doubled(draft)  # told beside its field, and the rest is looked at
    files = {key: None if key in doubled else file or None for key, file in draft.files.items()}
    request = CorpusRequest(
        draft.source,
        "text",
        min_words=draft.min_words,
        max_words=draft.max_words,
        vocabulary=draft.vocabulary,
        test_fraction=draft.test_percent / 100,
        column=draft.columns or None,
        keep=draft.kept,
        separator=draft.separator,
        encoding=draft.encoding,
        tokenised=draft.words != "cut" if draft.words else None,
        lower=draft.words == "lower",
        valid_source=files["valid"],
        test_source=files["test"],
        vocabulary_file=files["vocabulary_file"],
    )
    yield from preview(request)
