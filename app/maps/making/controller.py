"""Shows another of the kept maps, and has the command line make, rename and delete them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from app.core.jobs.process_job import ProcessJob
from app.core.values import Stage
from app.maps.making.renaming import Renamed, Renaming, RenamingWish
from app.maps.making.state import MakingState
from app.maps.making.words import title
from app.run.atlas import Atlas
from app.run.context import Context
from app.run.job_progress import JobProgress
from app.run.other_map import changed_elsewhere, with_map
from engine.workspace import repeated

MakeJob = Callable[..., ProcessJob]
_CHANNEL, _LOOK = "map", "maps that there are"


class MakingController(QObject):
    """One command at a time; what it has made is shown.

    Signals:
        failed: what went wrong, in words.
        told: what is good to know.
    """

    failed = Signal(str)
    told = Signal(str)

    def __init__(self, context: Context, state: MakingState, make_job: MakeJob = ProcessJob) -> None:
        """Args: context: of the open run; state: to keep; make_job: how processes are had."""
        super().__init__()
        self._context, self._explorer, self._state = context, context.state, state
        self._make_job = make_job
        self._job: ProcessJob | None = None
        self._progress = JobProgress(())
        self._renaming = Renaming()
        self._renamed: Renamed | None = None
        self._deleted = self._chosen = ""

    def wish(self) -> RenamingWish:
        """Which maps are to have got other names, and which one was chosen."""
        return replace(self._renaming.wish(), shown=self._chosen)

    def want(self, wish: RenamingWish) -> None:
        """Have these renamed, and those that are not among them called as before, after what is under way.

        The map that was chosen is shown, if it is there and is not shown already.
        """
        self._renaming.want(wish)
        atlas = self._context.atlas
        if wish.shown and wish.shown != self._chosen and atlas is not None:
            self._chosen = wish.shown
            if any(each.name == wish.shown for each in atlas.maps):
                self.show(wish.shown)
        self._go_on()

    def choose(self, name: str) -> None:
        """Show the map that a person has chosen, which can be undone."""
        if self._context.atlas is not None:
            self._chosen = self._context.atlas.map  # made, renamed or deleted since
        with self._context.history.deed(f"show the map “{title(name)}”"):
            self._chosen = name
        self.show(name)

    @property
    def under_way(self) -> bool:
        """Whether a map is still to be renamed."""
        return self._renaming.next is not None

    def show(self, name: str, chosen: bool = True) -> None:
        """Show the map of a name; "" for the usual one. It is read in the reader's thread.

        Once it is shown it is remembered, if a person has chosen it, and is the first one when the run is opened again.
        """
        atlas = self._context.atlas
        if atlas is not None:
            work = partial(with_map, path=atlas.cache.path, name=name)
            take = partial(self._shown, remembered=name if chosen else None)
            self._context.archive.ask(_CHANNEL, work, take, self._not_shown)

    def look(self) -> None:
        """See whether a command has made, renamed or deleted maps; while one of ours does, it tells itself."""
        atlas = self._context.atlas
        if atlas is not None and not self._state.making:
            work = partial(changed_elsewhere, path=atlas.cache.path)
            self._context.archive.ask(_LOOK, work, self._looked, self._not_shown)

    def make(self, making: str, options: Sequence[str], coarse: bool = False) -> None:
        """Make a map, called so in words, by the command's options; while one is made, nothing."""
        if self._state.making or self._context.atlas is None:
            return
        labels = [column.label for column in self._explorer.columns if column.name not in self._explorer.broken]
        self._progress = JobProgress(labels, encodes=False)
        self._state.fraction, self._state.stage, self._state.coarse = 0.0, "", coarse
        self._state.making = making
        self._run(options)

    def refine(self) -> None:
        """What is shown is a coarse map: make the usual one behind it."""
        self.make("UMAP", [], coarse=True)

    def rename(self, name: str, new: str) -> None:
        """Give a map another name; once it has it, that can be undone."""
        if not self._state.making and new != name:
            self._rename((name, new))

    def delete(self, name: str) -> None:
        """Delete a map."""
        if not self._state.making:
            self._state.making, self._deleted = "deleting", name
            self._run(["--delete", name])

    def cancel(self) -> None:
        """Make it no further; maps of models that are done already are kept."""
        if self._job is not None:
            self._job.stop()
            self._job = None
            self._let_go()

    def forget(self) -> None:
        """Another run is opened."""
        self._renaming.forget()
        self._chosen = ""
        self._context.history.arrived(came=False)
        self.cancel()
        self._context.archive.forget(_CHANNEL)
        self._context.archive.forget(_LOOK)

    def _rename(self, renamed: Renamed) -> None:
        self._state.making, self._renamed = "renaming", renamed
        self._run(["--rename", renamed[0], "--name", renamed[1]])

    def _go_on(self) -> None:
        """Rename what is still to be, once nothing else is under way."""
        if not self._state.making and self._context.atlas is not None and (renamed := self._renaming.next) is not None:
            self._rename(renamed)

    def _run(self, options: Sequence[str]) -> None:
        explorer = self._explorer
        arguments = ["project", explorer.run, "--workspace", str(self._context.workspace.root), *options]
        if explorer.step is not None:
            arguments += ["--step", str(explorer.step)]
        if explorer.broken and "--delete" not in options and "--rename" not in options:
            arguments += ["--variants", ",".join(explorer.usable())]
        self._job = self._make_job(arguments)
        self._job.reported.connect(self._progressed)
        self._job.finished.connect(self._finished)
        self._job.failed.connect(self._failed)
        self._job.start()

    @Slot(object)
    def _progressed(self, event: dict[str, Any]) -> None:
        if event["event"] == "progress":
            total = event.get("total")
            done = float(event.get("done") or 0)
            self._progress.take(str(event.get("stage", "")), done, float(total) if total else None)
            self._state.fraction, self._state.stage = self._progress.fraction, self._progress.words

    @Slot(object)
    def _finished(self, result: dict[str, Any]) -> None:
        renamed, deleted, chosen = self._renamed, self._deleted, not self._state.coarse
        self._drop()
        atlas = self._context.atlas
        if deleted and self._context.archive.awaits(_CHANNEL):
            pass  # another one was chosen meanwhile, and is being read
        elif deleted and atlas is not None and atlas.map != deleted:
            self.look()  # another one was chosen meanwhile, and stays
        elif renamed is None:
            self.show(str(result.get("projection", "")), chosen)
            if result.get("made") == []:
                self.told.emit("There is such a map already, made with the same settings. It is shown.")
        else:
            with self._context.history.deed(f"rename the map “{title(renamed[0])}”"):
                self._renaming.took(renamed)
            if atlas is not None and atlas.map == renamed[0]:
                self.show(renamed[1])
            else:
                self.look()
        self._go_on()
        if not self.under_way:
            self._context.history.arrived()

    @Slot(str, str)
    def _failed(self, message: str, hint: str) -> None:
        self._let_go()
        self.failed.emit(f"{message} {repeated(hint, self._context.workspace)}".strip())

    def _let_go(self) -> None:
        """What is under way does not come about; what was to follow it may."""
        if self._renamed is not None:
            self._renaming.give_up()
            self._context.history.arrived(came=False)
        self._drop()
        self._go_on()

    def _drop(self) -> None:
        if self._job is not None:
            self._job.deleteLater()
            self._job = None
        self._renamed, self._deleted = None, ""
        self._state.making, self._state.fraction, self._state.coarse = "", 0.0, False

    def _looked(self, atlas: Atlas | None) -> None:
        if atlas is not None:
            self._shown(atlas, None)

    def _shown(self, atlas: Atlas, remembered: str | None) -> None:
        if self._context.atlas is None or self._explorer.maps.kind != "ready":
            return
        if remembered is not None:
            self._context.choose_map(remembered)
        self._explorer.maps = Stage("loading", "Reading the map")  # or nobody would hear of the maps that are ready
        self._context.atlas = atlas
        self._explorer.maps = Stage("ready")

    def _not_shown(self, problem: str) -> None:
        if problem:
            self.failed.emit(problem)
