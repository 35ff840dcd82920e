"""The state of the evaluation to the Evaluate page, once a turn of the event loop, and only while it is in view."""

from __future__ import annotations

import math
from functools import partial

from PySide6.QtCore import QObject

from app.core.refresh import Refresh
from app.core.state import ExplorerState
from app.core.values import Column
from app.evaluate import words
from app.evaluate.behind import ARROW as _ARROW
from app.evaluate.behind import heads_of, rows_of
from app.evaluate.distribution import HistogramPart, left_out_line
from app.evaluate.page import EvaluatePage
from app.evaluate.state import EvaluateState
from app.evaluate.traps import trap
from engine.evaluation.measures.definitions import DEFINITIONS, Definition

_WHAT = (
    "Likelihood, use of z, reconstruction, generation and interpolation of every variant, each number with its 95% "
    "interval. The first numbers come within seconds, the others kind by kind; what is measured is kept."
)
_ORDERS = {True: ("Worst first", "Best first"), False: ("Highest first", "Lowest first")}


class EvaluateRenderer(QObject):
    """Calls the setters of the Evaluate page; the only one who does."""

    def __init__(self, state: EvaluateState, explorer: ExplorerState, page: EvaluatePage) -> None:
        super().__init__()
        self._state, self._explorer, self._page = state, explorer, page
        measured = ("evaluation", "over", "choice")
        renders = {
            self._subject: ("known", "evaluation", "over", "run"),
            self._actions: ("known", "evaluation", "over", "asked", "job"),
            self._job: ("known", "evaluation", "asked", "job"),
            self._choice: measured,
            self._selected: ("chosen",),
            self._table: (*measured, "differences", "variant", "key", "beside"),
            self._number: (*measured, "differences", "variant", "key", "beside", "worst"),
            self._spread: (*measured, "behind", "beside"),
            self._rows: ("behind", "beside", "over"),
            self._body: ("reading", "known", "evaluation", "over", "job"),
        }
        self.refresh = Refresh(renders, [state, explorer], one_a_turn=True, in_view=False)

    @property
    def _running(self) -> bool:
        return self._state.asked > 0 or self._state.job.kind == "computing"

    def _subject(self) -> None:
        known, evaluation = self._state.known, self._state.shown
        step = f", step {known.step:,}" if known.step is not None else ""
        about = words.about(evaluation) if evaluation is not None else ""
        self._page.show_subject(f"{known.run}{step}" if known.run else self._explorer.run, about)

    def _actions(self) -> None:
        known, evaluation, running = self._state.known, self._state.evaluation, self._running
        lead = words.lead(known, evaluation, running) if evaluation is not None else ""  # the message has it else
        refine = words.refine(known, evaluation, running)
        judge = words.second_judge(known, evaluation, running)
        self._page.show_actions(lead, refine, judge, running, self._state.shown is not None, known.reports)

    def _job(self) -> None:
        state = self._state
        job, evaluation = state.job, state.evaluation
        if evaluation is None:  # the message says it
            self._page.show_job(False, "", None, False, "")
            return
        told = f"{job.text} {job.hint}".strip() or " ".join(filter(None, (state.known.without, state.known.problem)))
        busy = job.kind == "computing"
        so_far = words.so_far(evaluation)
        if busy and not so_far:
            told = f"{told}. The table shows what was measured before until the new numbers are there."
        self._page.show_job(busy, told, job.fraction if busy else 0.0, job.kind == "failed", so_far)

    def _selected(self) -> None:
        self._page.show_selected(self._explorer.chosen.count)

    def _choice(self) -> None:
        evaluation, choice = self._state.evaluation, self._state.choice
        if evaluation is None:
            return
        columns = [Column(each.name, each.label, each.colour, each.m) for each in evaluation.variants]
        against = words.baseline_of(evaluation, choice)
        self._page.show_choice(choice, columns, against.name if against is not None else "")
        self._page.show_legend(words.legend(evaluation, choice))

    def _table(self) -> None:
        state = self._state
        if state.shown is None:
            return
        shown = words.table(state.shown, state.differences, state.choice)
        self._page.table.show_table(shown, self._opened() if state.beside else ("", ""))

    def _number(self) -> None:
        state, page = self._state, self._page
        page.show_beside(state.beside)
        if state.shown is None or not state.beside:
            return
        variant, key = self._opened()
        if not key:
            return
        definition, measured = DEFINITIONS[key], state.shown.variant(variant)
        number = measured.numbers.get(key)
        value = (
            f": {words.said(number.value, definition)}" if number is not None and not math.isnan(number.value) else ""
        )
        facts = words.facts_of(number, definition) if number is not None else "Not measured yet"
        if number is not None and number.why:
            facts = f"{facts}. {number.why.rstrip('.')}"
        if definition.group == "generation":
            facts = f"{facts}. {words.language_model(state.shown)}".strip(". ")
        against = words.baseline_of(state.shown, state.choice)
        compared = ""
        if against is not None and against.name != variant:
            difference = state.differences.get(variant, {}).get(key)
            compared = words.difference_line(difference, definition, measured.label, against.label)
        title = f"{definition.title}, {measured.label}{value}"
        page.detail.show_number(measured.colour, title, definition.meaning, compared, f"{facts}. {trap(definition)}")
        page.detail.show_order(state.worst, _ORDERS[bool(definition.better)])

    def _spread(self) -> None:
        state, behind = self._state, self._state.behind
        if state.shown is None or not state.beside:
            return
        part, told = None, behind.problem or "Reading …"
        if behind.histogram is not None:
            definition = DEFINITIONS[behind.key]
            columns = words.shown_columns(state.shown, state.choice)
            shown = tuple(column for column in columns if column.name in behind.histogram.counts)
            told = "No single item has a value of its own: it is a number of all of them together."
            if shown:
                say = partial(_say, definition)
                part = HistogramPart(behind.histogram, shown, behind.variant, say)
                told = left_out_line(behind.histogram, shown)
        elif behind.key and behind.key not in state.shown.variant(behind.variant).numbers:
            told = "Not measured yet."
        self._page.detail.show_spread(part, told)

    def _rows(self) -> None:
        state, behind = self._state, self._state.behind
        if state.shown is None or not state.beside or not behind.key:
            self._page.detail.show_rows((), "", "")
            return
        if behind.items is None:
            self._page.detail.show_rows((), "", "" if behind.histogram is None else "Reading …")
            return
        definition = DEFINITIONS[behind.key]
        measured = state.shown.variant(behind.variant)
        column = Column(measured.name, measured.label, measured.colour, measured.m)
        rows = rows_of(behind.items, definition, column)
        heads = _ARROW.join(heads_of(definition, behind.items)) if rows else ""
        note = "" if rows or behind.problem else "There are no single items behind this number."
        self._page.detail.show_rows(rows, heads, note)

    def _body(self) -> None:
        state, page = self._state, self._page
        reading, known, job = state.reading, state.known, state.job
        over = state.over
        if state.shown is not None:
            page.show_numbers()
        elif over.problem:
            page.show_message("failed", "There are no numbers over these sentences", over.problem, chooses=True)
        elif over.text and state.evaluation is not None:
            page.show_message("loading", "Taking the numbers over these sentences", "", chooses=True)
        elif job.kind == "computing":
            page.show_message("loading", job.text, "The first numbers come within seconds.", job.fraction)
        elif reading.kind == "failed":
            page.show_message("failed", reading.text, reading.hint, action="Try again")
        elif reading.kind == "none":
            page.show_message("empty", "No run is open", "Open one on the Explore page, or train one.")
        elif reading.kind != "ready":
            page.show_message("loading", reading.text, "")
        elif known.why_not:
            page.show_message("failed", "Nothing can be measured", known.why_not, action="Try again")
        elif job.kind == "failed":
            page.show_message("failed", job.text, job.hint, action="Try again", measures=True)
        else:
            hint = " ".join(part for part in (_WHAT, known.without, known.problem) if part)
            lead = words.lead(known, None, False)
            page.show_message("empty", "Nothing of these models is measured yet", hint, action=lead, measures=True)

    def _opened(self) -> tuple[str, str]:
        state = self._state
        assert state.shown is not None
        return words.opened(state.shown, state.choice, state.variant, state.key)


def _say(definition: Definition, value: float) -> str:
    return words.said(value, definition)
