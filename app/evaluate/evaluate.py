"""The Evaluate page put together: what was kept of the shown models, what is measured, which number is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.jobs.live_worker import LiveWorker, Work
from app.core.jobs.process_job import ProcessJob
from app.core.requester import Requester, Take
from app.core.values import Stage
from app.evaluate import requests, words
from app.evaluate.behind import is_sentence
from app.evaluate.exports import Exports
from app.evaluate.measuring import MakeJob, Measuring, as_many, is_same, of_same_models, same_again, says_more
from app.evaluate.open_number import OpenNumber
from app.evaluate.page import EvaluatePage
from app.evaluate.rendering import EvaluateRenderer
from app.evaluate.requests import Found
from app.evaluate.state import Behind, Choice, EvaluateState, EvaluateWish, Known, Over
from app.run.context import Context
from engine.evaluation.measures.definitions import DEFINITIONS, PICKED

if TYPE_CHECKING:
    from engine.evaluation.measures.result import Difference, Evaluation

MakeWorker = Callable[..., LiveWorker]


class Evaluate(QObject):
    """Everything behind the Evaluate page.

    Signals:
        told: a word to the person.
        failed: what went wrong, and what to do next.
        sentence_chosen: the number of a test sentence that is to be shown on the maps.
        marked: what stands beside the page's name, such as a dot while something is measured.
        measured: more of the shown models is kept than before.
    """

    told = Signal(str)
    failed = Signal(str, str)
    sentence_chosen = Signal(int)
    marked = Signal(str)
    measured = Signal()

    def __init__(self, context: Context, make_job: MakeJob = ProcessJob, make_worker: MakeWorker = LiveWorker) -> None:
        """Args: context: of the open run; make_job, make_worker: how commands and threads are had."""
        super().__init__()
        self._context, self._explorer = context, context.state
        self._make_worker = make_worker
        self.state = EvaluateState()
        self.page = EvaluatePage()
        self.measuring = Measuring(self.state, context.workspace, make_job)
        self.renderer = EvaluateRenderer(self.state, self._explorer, self.page)
        self._requests = Requester(self)
        self._worker: LiveWorker | None = None
        self._coming: Evaluation | None = None  # is shown once it is known how its variants differ
        self._behind = OpenNumber(self.state, self._requests, self._ask)
        compares = partial(self._requests.awaits, "differences")
        self.exports = Exports(self.state, context, self.page, self._ask, compares, make_job)
        self._in_view, self._stale = False, True
        self._looked: tuple[str, int | None] = "", None
        for signal in (self._explorer.events.run, self._explorer.events.shown_step, self._explorer.events.maps):
            signal.connect(self._run_changed, check_nargs=False, max_args=0)
        self._explorer.events.broken.connect(self._look_again, check_nargs=False, max_args=0)
        self.state.events.job.connect(self._job_changed, check_nargs=False, max_args=0)
        self._connect()

    def _connect(self) -> None:
        page, measuring = self.page, self.measuring
        page.measure_requested.connect(self.measure)
        page.refine_requested.connect(self.refine)
        page.judge_requested.connect(self.judge)
        page.stop_requested.connect(self.stop)
        page.retry_requested.connect(self._look)
        page.copy_requested.connect(self.exports.copy)
        page.export_requested.connect(self.exports.ask_where)
        page.report_requested.connect(self.exports.ask_folder)
        page.choice_made.connect(self.choose)
        page.selected_requested.connect(self.take_selected)
        page.table.number_chosen.connect(self.open_number)
        page.table.walked.connect(self._walk)
        page.table.left.connect(self.close_number)
        page.detail.closed.connect(self.close_number)
        page.detail.worst_chosen.connect(self.show_worst)
        page.detail.row_chosen.connect(self._choose_row)
        measuring.advanced.connect(self._read_again)
        measuring.ended.connect(self._ended)
        measuring.left.connect(self._look_again)  # it may have kept its last numbers after the page looked
        for signal in (measuring.advanced, measuring.ended, measuring.left, measuring.failed):
            signal.connect(self.measured)
        measuring.told.connect(self.told)
        self.exports.told.connect(self.told)
        self.exports.failed.connect(self.failed)
        measuring.failed.connect(self._not_measured)

    # what a person wants

    def show(self, in_view: bool) -> None:
        """The page is in view or not."""
        self._in_view = in_view
        self.renderer.refresh.show(in_view)
        if in_view and self._stale:
            self._look()
        else:
            self._look_again()  # a command may have measured more meanwhile

    def wish(self) -> EvaluateWish:
        """What is shown of the numbers."""
        state = self.state
        return EvaluateWish(state.choice, state.variant, state.key, state.beside, state.worst)

    def want(self, wish: EvaluateWish) -> None:
        """Show this of the numbers."""
        state = self.state
        state.variant, state.key, state.beside, state.worst = wish.variant, wish.key, wish.beside, wish.worst
        self.choose(wish.choice)
        self._behind.ask()

    def choose(self, choice: Choice) -> None:
        """Show something else of what was measured."""
        before, self.state.choice = self.state.choice, choice
        if (before.over.strip(), before.picked) != (choice.over.strip(), choice.picked):
            self._take_over()
        elif before.baseline != choice.baseline:
            self.state.differences = {}
            self._compare()
        self._behind.ask()

    def take_selected(self) -> None:
        """Take the numbers over what is selected on the maps now."""
        self.choose(replace(self.state.choice, over=PICKED, picked=self._explorer.chosen))

    def open_number(self, variant: str, key: str) -> None:
        """Show what stands behind a number."""
        self.state.beside = True
        self.state.variant, self.state.key = variant, key
        self._behind.ask()

    def close_number(self) -> None:
        """The table has the whole width."""
        self.state.beside = False

    def show_worst(self, worst: bool) -> None:
        """Which items come first."""
        self.state.worst = worst
        self._behind.ask()

    def measure(self) -> None:
        """Measure the first sentences, go on where that was stopped, or measure the same anew."""
        evaluation = self.state.evaluation
        self._start(as_many(evaluation), anew=evaluation is not None and evaluation.complete)

    def refine(self) -> None:
        """Measure the rest of the test set."""
        self._start(0)

    def judge(self) -> None:
        """Train the second judge of the samples, and have what it says of them."""
        self._start(as_many(self.state.evaluation), judge=True)

    def _start(self, limit: int, anew: bool = False, judge: bool = False) -> None:
        state, known = self.state, self.state.known
        if known.why_not or not known.run or self.measuring.running:
            return
        named = {column.name: column.label for column in self._explorer.columns}
        labels = tuple(named.get(name, name) for name in known.variants)
        evaluation, request = state.evaluation, same_again(state.evaluation, limit, judge)
        if evaluation is None or not anew:
            self.measuring.start(known, labels, request)
            return
        state.job, state.asked = Stage("computing", "Starting to measure"), limit or known.sentences

        def start(_problem: str) -> None:  # what is gone already cannot be held, and is measured again all the more
            self.measuring.start(known, labels, request, anew=True)

        self._ask("hold", partial(requests.hold, evaluation=evaluation), lambda _variant: None, start)

    def stop(self) -> None:
        """Stop measuring; what is kept of it is shown, now and when the command has ended."""
        self._requests.forget("hold")
        self.measuring.stop()
        self._read_again()

    # the window

    @property
    def subject(self) -> str:
        """What is shown, as in "novel, step 2,000"; "" for nothing."""
        known = self.state.known
        return f"{known.run}, step {known.step:,}" if known.run and known.step is not None else known.run

    @property
    def drawing(self) -> bool:
        """Whether something in view is still to be shown."""
        return self.renderer.refresh.pending

    def everything(self) -> None:
        """Show all anew, as after a change of theme."""
        self.renderer.refresh.everything()

    def flush(self) -> None:
        """Show what changed, now."""
        self.renderer.refresh.flush()

    def close(self) -> None:
        """The window is closed; what is measured so far is kept."""
        self._in_view = False
        self.renderer.refresh.stop()
        self.measuring.stop()
        self.exports.close()
        self._requests.detach()
        if self._worker is not None:
            self._worker.stop()
            self._worker = None

    # what is known

    def _run_changed(self) -> None:
        """Other models are to be shown: nothing of those before is."""
        now = self._explorer.run, self._explorer.shown_step
        if now == self._looked:
            return
        if self._looked == (now[0], None) and now[1] == self.state.known.step:  # it was found out here before
            self._looked = now
            return
        if self.measuring.running:
            self.told.emit("The evaluation was stopped, as other models are to be shown; what is measured is kept.")
        self.measuring.stop()
        self._requests.forget_all()
        self._coming = None
        state = self.state
        state.known, state.evaluation, state.differences, state.over = Known(), None, {}, Over()
        state.behind = Behind()
        state.reading = Stage("loading", "Reading what was measured") if now[0] else Stage()
        self._looked, self._stale = now, True
        if self._in_view:
            self._look()

    def _look(self) -> None:
        self._looked, self._stale = (self._explorer.run, self._explorer.shown_step), False
        if not self._explorer.run:
            return
        self.measuring.forget_failure()
        if self.state.evaluation is None:
            self.state.reading = Stage("loading", "Reading what was measured")
        self._read_again()

    def _read_again(self) -> None:
        explorer = self._explorer
        work = partial(requests.look, name=explorer.run, step=explorer.shown_step, broken=tuple(explorer.broken))
        self._ask("look", work, self._take)

    def _take(self, found: Found) -> None:
        state = self.state
        state.known = found.known
        state.reading = Stage("ready")
        new, newest = found.evaluation, self._coming or state.evaluation
        if new is not None and newest is not None and (is_same(new, newest) or not says_more(new, newest)):
            return
        if new is not None and state.evaluation is not None and of_same_models(new, state.evaluation):
            self._coming = new
            self._compare()
            return
        self._coming = None
        self._behind.forget()
        state.evaluation, state.differences, state.over = new, {}, Over()
        if new is not None:
            self._take_over()

    def _look_again(self) -> None:
        """There may be more to know of the same models; a page out of view looks when it is shown."""
        if self._in_view and self._explorer.run:
            self._read_again()

    def _ended(self) -> None:
        self._read_again()
        if not self._in_view:
            self.told.emit("The evaluation is there: Ctrl+3 shows it.")

    def _not_measured(self, message: str, hint: str) -> None:
        self._read_again()
        if not self._in_view:
            self.failed.emit(f"The evaluation was not measured: {message}", hint)

    def _job_changed(self) -> None:
        self.marked.emit("●" if self.measuring.running else "")

    def _take_over(self) -> None:
        """Take the numbers over the sentences that are wanted. What is shown of as many stays until they are there."""
        state, text, picked = self.state, self.state.choice.over.strip(), self.state.choice.picked
        if state.evaluation is None or not text:
            self._requests.forget("over")
            state.over, state.differences = Over(), {}
            self._compare()
            self._behind.ask(again=True)
            return
        same = (state.over.text, state.over.picked) == (text, picked)
        state.over = Over(text, picked, state.over.evaluation if same else None)
        work = partial(requests.take_over, evaluation=state.evaluation, text=text, picked=picked)
        self._ask("over", work, self._taken, self._not_taken)

    def _taken(self, found: Evaluation) -> None:
        self.state.over, self.state.differences = replace(self.state.over, evaluation=found), {}
        self._compare()
        self._behind.ask(again=True)

    def _not_taken(self, problem: str) -> None:
        if problem:
            self.state.over = replace(self.state.over, evaluation=None, problem=problem)

    def _compare(self) -> None:
        """How the variants differ: those of the evaluation that is coming, which is shown with that, else the shown."""
        evaluation = self._coming or self.state.shown
        against = words.baseline_of(evaluation, self.state.choice) if evaluation is not None else None
        if evaluation is not None and against is not None and len(evaluation.variants) > 1:
            work = partial(requests.compare, evaluation=evaluation, baseline=against.name)
            self._ask("differences", work, self._compared, self._not_compared)
        else:
            self._compared({})

    def _compared(self, differences: Mapping[str, Mapping[str, Difference]]) -> None:
        coming, self._coming = self._coming, None
        if coming is not None and self.state.over.text:
            self.state.evaluation = coming
            self._take_over()  # how those differ is asked with them
            return
        self.state.differences = differences
        if coming is not None:
            self.state.evaluation = coming
            self._behind.ask(again=True)

    def _not_compared(self, problem: str) -> None:
        if problem and self._coming is not None:
            self._compared({})
        self._finished("differences", problem)

    # the open number

    def _walk(self, variant: str, key: str) -> None:
        """The keyboard has come to another number: if one is open, that is."""
        if self.state.beside and (variant, key) != (self.state.variant, self.state.key):
            self.open_number(variant, key)

    def _choose_row(self, row: int) -> None:
        behind = self.state.behind
        items = behind.items or ()
        if 0 <= row < len(items) and is_sentence(DEFINITIONS[behind.key], items):
            self.sentence_chosen.emit(items[row].index)

    def _ask(self, channel: str, work: Work, take: Take, finish: Callable[[str], None] | None = None) -> None:
        """Ask the page's thread, which is started when it is needed first."""
        if self._worker is None:
            self._worker = self._make_worker(lambda _tell: requests.Reader(self._context.workspace), name="evaluation")
            self._requests.attach(self._worker)
            self._worker.start()
        self._requests.ask(channel, work, take, finish or partial(self._finished, channel))

    def _finished(self, channel: str, problem: str) -> None:
        if problem and channel == "look":
            self.state.reading = Stage("failed", problem)
        elif problem:
            self.failed.emit(problem, "")
