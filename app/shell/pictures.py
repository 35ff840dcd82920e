"""Saving pictures: how and where is asked; drawn piece by piece, and published beside the window's thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from app.core.file_names import format_of, with_ending
from app.core.jobs.aside import Aside, aside
from app.core.jobs.in_turns import InTurns
from app.core.settings import AppSettings
from app.core.theme import Theme
from app.widgets.pictures.dialog import PictureDialog
from app.widgets.pictures.figure import Figure, file_name
from app.widgets.pictures.writing import FORMATS, Style, Write, drawn
from engine.errors import LoomError, from_os_error
from engine.storage.files import export

Beside = Callable[[Callable[[], None]], Aside]


class Pictures(QObject):
    """Saves figures.

    Signals:
        told: a word to the person.
        failed: what went wrong, and what to do next.
    """

    told = Signal(str)
    failed = Signal(str, str)
    _prepared = Signal(object, object, object)
    _written = Signal(object, object)

    def __init__(self, window: QWidget, settings: AppSettings, aside: Beside = aside) -> None:
        """Args: window: which the dialogs belong to; settings: remember folder and style; aside: another thread."""
        super().__init__(window)
        self._window, self._settings, self._aside = window, settings, aside
        self._threads: list[Aside] = []
        self._drawings = InTurns(self)
        self._prepared.connect(self._draw)
        self._written.connect(self._tell)

    @property
    def style(self) -> Style:
        """How the last picture was saved."""
        _, format, ratio, for_print = self._settings.picture
        return Style(format if format in FORMATS else "png", ratio, for_print)

    def ask(self, figure: Figure) -> PictureDialog:
        """Ask how, then where."""
        dialog = PictureDialog(self._window, figure, self.style)
        dialog.chosen.connect(lambda style: self.ask_where(figure, style))
        dialog.open()
        return dialog

    def ask_where(self, figure: Figure, style: Style) -> QFileDialog:
        """Ask for the file."""
        dialog = QFileDialog(self._window, "Save picture")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([f"{FORMATS[style.format]} (*.{style.format})"])
        dialog.setDefaultSuffix(style.format)
        folder = self._settings.picture[0]
        if folder.is_absolute() and folder.is_dir():
            dialog.setDirectory(str(folder))
        dialog.selectFile(f"{name_of(figure)}.{style.format}")
        dialog.fileSelected.connect(lambda file: self.save(figure, Path(file), style))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def save(self, figure: Figure, path: Path, style: Style) -> None:
        """Save to the file that a person named, in the format of its ending, else in that of the style."""
        try:
            path = with_ending(path, FORMATS, style.format)
        except LoomError as error:
            self.failed.emit(error.message, error.hint)
            return
        style = replace(style, format=format_of(path, FORMATS, style.format))
        now: Theme = style.colours  # of the window, which another thread must not ask
        self._start(lambda: self._prepare(figure, path, style, now))

    def close(self) -> None:
        """The window is closed; returns when what was to be saved is saved."""
        while self._threads or self._drawings.busy:
            if self._threads:
                self._threads.pop(0).join()
                QCoreApplication.sendPostedEvents(self)  # drawing follows, and then the file
            self._drawings.take_turn()

    def _start(self, action: Callable[[], None]) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._threads.append(self._aside(action))

    # in another thread

    def _prepare(self, figure: Figure, path: Path, style: Style, now: Theme) -> None:
        figure.prepare(style.pixels, now)
        self._prepared.emit(figure, path, style)

    def _write(self, write: Write, path: Path, style: Style) -> None:
        problem: LoomError | None = None
        try:
            with export(path) as scratch:
                write(scratch)
        except LoomError as error:
            problem = error
        except OSError as error:
            problem = from_os_error(error, f"writing {path}")
        self._written.emit(path, problem or style)

    # in the window's

    def _draw(self, figure: Figure, path: Path, style: Style) -> None:
        self._drawings.add(
            drawn(figure, style),
            lambda write: self._start(lambda: self._write(write, path, style)),
            lambda error: self.failed.emit(error.message, error.hint),
        )

    def _tell(self, path: Path, outcome: LoomError | Style) -> None:
        if isinstance(outcome, LoomError):
            self.failed.emit(outcome.message, outcome.hint)
            return
        self._settings.picture = (path.absolute().parent, outcome.format, outcome.ratio, outcome.for_print)
        self.told.emit(f"Saved the picture as {path}.")


def name_of(figure: Figure) -> str:
    """What its file is called, as in "demo-step-2000-maps"; of several runs the name says none."""
    subject = "" if ";" in figure.subject else figure.subject.removeprefix("Run ").replace(",", "")
    return "-".join(part for part in (file_name(subject), figure.name) if part)
