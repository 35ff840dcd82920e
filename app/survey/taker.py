"""One person takes a survey: question after question, each answer kept at once, to be broken off and gone on with."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject

from app.survey.controller import SurveyController
from app.survey.state import SurveyState, Taking
from engine.evaluation.surveys.forms import form_of
from engine.evaluation.surveys.response import ANSWERS, MOST_NAME, Answer, Response, answered, begun


class Taker(QObject):
    """Keeps `SurveyState.taking` true."""

    def __init__(
        self, state: SurveyState, controller: SurveyController, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Args: clock: gives seconds, by which the time of an answer is measured."""
        super().__init__()
        self._state, self._controller, self._clock = state, controller, clock
        self._name, self._since = "", 0.0
        controller.kept.connect(lambda _: self._tell(""))
        controller.not_kept.connect(self._tell)

    def begin(self, response: Response | None = None) -> None:
        """Take the survey that is shown: with the next form, or go on at the first open question of a response."""
        known = self._state.known
        if known is None:
            return
        self._name = self._state.name
        form = form_of(known.survey, response.form if response is not None else known.next_form)
        if response is None:
            self._state.taking = Taking(form, begun(form))
        else:
            self._go(_at_first_open(Taking(form, self._controller.newest(self._name, response))))

    def start(self, respondent: str) -> None:
        """From the beginning to the first question without an answer."""
        taking = self._state.taking
        if taking is not None:
            response = taking.response.model_copy(update={"respondent": respondent.strip()[:MOST_NAME]})
            self._go(_at_first_open(replace(taking, response=response)))
            if response.answers and response != taking.response:
                self._controller.keep(self._name, response)

    def answer(self, answer: Answer) -> None:
        """Answer the question in view, keep that, and go on."""
        taking = self._state.taking
        if taking is None or not 0 <= taking.at < len(taking.form.items) or answer not in ANSWERS[taking.form.kind]:
            return
        milliseconds = max(0, round(1000 * (self._clock() - self._since)))
        question = taking.form.items[taking.at].question.id
        response = answered(taking.response, taking.form, question, answer, milliseconds)
        self._go(replace(taking, response=response, at=taking.at + 1))
        self._controller.keep(self._name, response)

    def back(self) -> None:
        """To the question before, whose answer can be changed."""
        taking = self._state.taking
        if taking is not None and taking.at > -1:
            self._go(replace(taking, at=taking.at - 1))

    def leave(self) -> None:
        """Break off, or end; what was answered is kept already, or tried once more by the look at the page."""
        if self._state.taking is not None:
            self._state.taking = None
            self._controller.look()

    def _go(self, taking: Taking) -> None:
        self._since = self._clock()
        self._state.taking = taking

    def _tell(self, problem: str) -> None:
        taking = self._state.taking
        if taking is not None and taking.problem != problem:
            self._state.taking = replace(taking, problem=problem)


def _at_first_open(taking: Taking) -> Taking:
    """At the first question without an answer, or at the end."""
    items = enumerate(taking.form.items)
    first = next((place for place, item in items if taking.response.answer_to(item.question.id) is None), None)
    return replace(taking, at=len(taking.form.items) if first is None else first)
