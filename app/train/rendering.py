"""The training's state to the views of the Train page, once a turn of the event loop, and only while it is in view."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from app.core.refresh import Refresh
from app.core.values import Column
from app.train import words
from app.train.compare import other_columns, other_lines
from app.train.controller import TrainController
from app.train.files import Watched
from app.train.form.state import FormState
from app.train.form.timing import can_be_timed, time_words
from app.train.page import TrainPage
from app.train.plots.panels import PANELS, panel_keys
from app.train.words import columns_of

_NO_PROBES = "The probe sentences are written again at every evaluation; none has been written."
_OLD = "This run has no probe sentences: it was trained before they were written down."


class TrainRenderer(QObject):
    """Calls the setters of the Train page; the only one who does."""

    def __init__(self, controller: TrainController, form: FormState, page: TrainPage) -> None:
        super().__init__()
        self._controller, self._page = controller, page
        self._state, self._form_state = controller.state, form
        self._plotted: Path | None = None
        self._revealed: Path | None = None
        renders: dict[Callable[[], None], tuple[str, ...]] = {
            self._face: ("face",),
            self._stage: ("stage", "watched", "own", "waited"),
            self._head: ("watched", "own", "stage", "waited"),
            self._columns: ("watched", "others"),
            self._newest: ("watched", "share_of", "others"),
            **{partial(self._curves, i): ("watched", "share_of") for i in range(len(PANELS))},
            **{partial(self._others, i): ("watched", "share_of", "others") for i in range(len(PANELS))},
            self._values: ("watched", "hover", "share_of", "read_from", "others"),
            self._compared: ("compared", "watched"),
            self._heat: ("watched",),
            self._probe: ("watched", "probe_step"),
            self._checkpoints: ("watched", "kept_step"),
            self._form: ("form", "own"),
            self._time: ("form", "timing", "measured", "own"),
            self._reveal: ("stage", "watched", "own"),
        }
        self.refresh = Refresh(renders, [self._state, form], one_a_turn=True, in_view=False)

    # what the setters are told

    def _face(self) -> None:
        self._page.show_face(self._state.face)

    def _stage(self) -> None:
        stage, page = self._state.stage, self._page
        if stage.kind != "ready":
            self._revealed = None
        if stage.kind == "ready" and page.plots is not None and self._revealed == self._controller.path:
            page.show_training()
        elif stage.kind == "none":
            page.show_message("empty", stage.text, stage.hint)
        elif stage.kind == "failed":
            page.show_message("failed", stage.text, stage.hint, action="Try again")
        else:
            starting = self._controller.is_own and self._state.own.kind == "starting"
            text = words.start_words(self._state.own, self._state.waited) if starting else stage.text
            page.show_message("loading", text or "Reading the run", stage.hint, stage.fraction)

    def _reveal(self) -> None:
        """Show the run only once nothing of the one before is left on the page, which is filled a part a turn."""
        if self._state.stage.kind == "ready" and self._page.plots is not None:
            self._revealed = self._controller.path
            self._page.show_training()

    def _head(self) -> None:
        head, watched, controller = self._page.head, self._state.watched, self._controller
        own = self._state.own if controller.is_own else words.NOT_OURS
        asked = own.kind in ("pausing", "stopping")
        head.set_actions(
            pause=own.kind in ("starting", "running"),
            resume=controller.training.can_resume(),
            stop=own.alive,
            insist=asked,
        )
        head.set_ways_to_end(words.ways_to_end(watched, own))
        head.new.setEnabled(not self._state.own.alive)
        head.new.setToolTip(
            "One training at a time: pause or stop the one that runs first"
            if self._state.own.alive
            else "Choose text, models and settings, and start"
        )
        if watched is None:
            path = controller.path
            head.set_state(path.name if path is not None else "Train", str(path or ""), "muted", "", "")
            head.set_progress(None, [])
            return
        role, state, about = words.headline(watched, own)
        head.set_state(watched.name, str(watched.path), role, state, about)
        share = watched.step / watched.total if watched.total else None
        facts = words.facts(watched, own, self._state.waited) if watched.settings is not None else []
        head.set_progress(share, facts, words.stopped_summary(watched), words.stopped_lines(watched))

    def _columns(self) -> None:
        watched, page = self._state.watched, self._page
        if watched is None or watched.settings is None:
            return
        columns = columns_of(watched)
        page.probe.set_columns(columns)
        page.heat.set_columns(columns)
        if page.plots is not None:
            page.plots.readout.set_columns(columns, other_columns(self._shown_others()))

    def _newest(self) -> None:
        watched, plots = self._state.watched, self._page.plots
        if watched is None or plots is None:
            return
        if watched.path != self._plotted:
            self._plotted = watched.path
            plots.begin_anew()
        plots.set_newest(watched.step, max((each.step for each in self._shown_others().values()), default=0))
        plots.set_share_of(self._state.share_of)

    def _curves(self, index: int) -> None:
        watched, plots = self._state.watched, self._page.plots
        if watched is not None and plots is not None and watched.curves is not None:
            key = panel_keys(self._state.share_of)[PANELS[index].name]
            plots.show_curves(index, columns_of(watched), watched.curves, key)

    def _others(self, index: int) -> None:
        plots = self._page.plots
        if plots is not None:
            key = panel_keys(self._state.share_of)[PANELS[index].name]
            plots.show_others(index, other_lines(self._shown_others(), key), key)

    def _shown_others(self) -> dict[str, Watched]:
        """The other runs that are laid over, but for the one that is followed itself."""
        path = self._controller.path
        return {name: watched for name, watched in self._state.others.items() if watched.path != path}

    def _shown_columns(self) -> list[tuple[Watched, Column]]:
        """The variants in the order of the table, each with its run."""
        runs = [self._state.watched, *self._shown_others().values()]
        return [(each, column) for each in runs if each is not None for column in columns_of(each)]

    def _compared(self) -> None:
        path = self._controller.path
        self._page.head.compare_menu.set_shown(self._state.compared, path.name if path is not None else "")

    def _values(self) -> None:
        watched, plots = self._state.watched, self._page.plots
        if watched is None or plots is None or watched.settings is None:
            return
        step, split = self._state.hover, self._state.read_from
        keys = panel_keys(self._state.share_of)
        shown = [keys[panel.name] for panel in PANELS]
        texts = [words.readout(watched, column.name, shown, step, split) for column in columns_of(watched)]
        at = words.step_read(watched, step, split)
        for other in self._shown_others().values():
            texts += [words.readout_at(other, column.name, shown, at, split) for column in columns_of(other)]
        wanted = step if step is not None else watched.step
        for row, (each, column) in zip(texts, self._shown_columns(), strict=True):
            row.append(words.spread(each, column.name, wanted))
        note = words.spread_note(watched, columns_of(watched), wanted)
        plots.readout.show_values(words.read_caption(watched, step, split), split, texts, note)
        plots.set_hover(step)

    def _heat(self) -> None:
        if self._state.watched is not None and self._state.watched.curves is not None:
            self._page.heat.show_curves(self._state.watched.curves)

    def _probe(self) -> None:
        watched, probe = self._state.watched, self._page.probe
        if watched is None or watched.settings is None:
            probe.set_steps((), None, "")
            return
        steps, chosen = words.evaluations(watched), self._state.probe_step
        measured = any(len(curves.test.steps) for curves in (watched.curves or {}).values())
        in_depth = any(len(curves.heat.steps) for curves in (watched.curves or {}).values())
        # A run from before there were probe sentences, such as the packaged one: the plots take the whole room.
        old = measured and not steps and not watched.sentences
        self._page.bench.set_folded(old and not in_depth)
        probe.set_steps(steps, chosen, _OLD if old else _NO_PROBES)
        if steps:
            step = chosen if chosen in steps else steps[-1]
            written = {column.name: words.probe_words(watched, column.name, step) for column in columns_of(watched)}
            probe.show_sentences(watched.sentences, written)

    def _checkpoints(self) -> None:
        watched, plots = self._state.watched, self._page.plots
        steps = watched.checkpoints if watched is not None else ()  # those of the run before are no choice of this one
        self._page.checkpoints.set_steps(steps, self._state.kept_step, self._controller.can_explore())
        if plots is not None:
            plots.set_kept(self._controller.chosen_step)

    def _form(self) -> None:
        if self._page.form is not None:
            self._page.form.show_form(self._form_state.form, self._state.own.alive)

    def _time(self) -> None:
        if self._page.form is not None:
            state = self._form_state
            measuring = state.timing.kind == "computing"
            possible = can_be_timed(state.form) and not self._state.own.alive
            self._page.form.show_time(time_words(state), measuring, possible)
