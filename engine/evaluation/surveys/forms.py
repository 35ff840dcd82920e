"""What one respondent is asked: which questions, in which order, and what stands left and right. Pure functions.

Form 1, 2, 3... of a survey are all different and always the same. Every form has as many questions of each group; of a
pair, each model stands left as often as right, and the odd one goes to the other model in the next form. The questions
of a group are dealt out in rounds: all of them once, in an order of the round's own, before any of them again. There is
no last form: after `respondents` of them, further rounds follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.errors import UsageError
from engine.evaluation.surveys.request import Kind
from engine.evaluation.surveys.survey import Question, Survey, wanted_trials

MOST_FORM = 1_000_000
_QUESTIONS, _SIDES, _CATCH, _ORDER = range(4)
"""What random numbers are drawn for; each has a stream of its own."""


@dataclass(frozen=True, slots=True)
class Item:
    """A question as it is shown: `turned` if the second of its texts stands left. Only the maker may see `turned`."""

    question: Question
    turned: bool = False

    @property
    def shown(self) -> tuple[str, ...]:
        """The texts, from left to right."""
        return self.question.texts[::-1] if self.turned else self.question.texts


@dataclass(frozen=True, slots=True)
class Form:
    """What the respondent with that number is asked, in order."""

    number: int
    kind: Kind
    survey: str
    items: tuple[Item, ...]

    def item(self, id: str) -> Item | None:
        """The item of a question."""
        return next((item for item in self.items if item.question.id == id), None)

    def public(self) -> dict[str, Any]:
        """All that a respondent's page may hold: no model, no key, no seed, and nothing that tells a catch trial."""
        items = [
            {"id": item.question.id, "sentence": item.question.sentence, "texts": list(item.shown)}
            for item in self.items
        ]
        return {"survey": self.survey, "form": self.number, "kind": self.kind, "items": items}


def checked_form(number: int) -> int:
    """Return the number of a form if there can be one.

    Raises:
        UsageError: it is not from 1 to a million.
    """
    if not 1 <= number <= MOST_FORM:
        raise UsageError(f"There is no form {number}.", f"Forms are numbered from 1 to {MOST_FORM:,}.")
    return number


def form_of(survey: Survey, number: int) -> Form:
    """The form of a number.

    Raises:
        UsageError: as `checked_form`.
    """
    checked_form(number)
    items = [item for place in range(len(survey.groups)) for item in _of_group(survey, place, number)]
    items += _catch_trials(survey, number)
    order = _random(survey, _ORDER, number).permutation(len(items))
    return Form(number, survey.kind_of, survey.fingerprint, tuple(items[place] for place in order))


def _of_group(survey: Survey, place: int, number: int) -> list[Item]:
    """A form's questions of the group at a place."""
    chosen = _dealt(survey, survey.of_group(survey.groups[place]), survey.each, number, _QUESTIONS, place)
    return _sided(survey, chosen, number, place)


def _catch_trials(survey: Survey, number: int) -> list[Item]:
    """A form's catch trials; of copies, half stand left, as with the questions."""
    found: list[Question] = []
    for place, (trial, count) in enumerate(wanted_trials(survey.kind_of, survey.catch).items()):
        kept = [question for question in survey.trials if question.trial == trial]
        found += _dealt(survey, kept, count, number, _CATCH, place) if count else []
    return _sided(survey, found, number, len(survey.groups))


def _dealt(
    survey: Survey, questions: Sequence[Question], each: int, number: int, stream: int, place: int
) -> list[Question]:
    """The `each` questions that a form gets. Those left over at the end of a round wait for another round's order."""
    hands = len(questions) // each
    turn, hand = divmod(number - 1, hands)
    order = _random(survey, stream, place, turn).permutation(len(questions))
    return [questions[index] for index in order[hand * each : (hand + 1) * each]]


def _sided(survey: Survey, chosen: Sequence[Question], number: int, place: int) -> list[Item]:
    """Questions with their sides: half of them turned, in random order; the odd one is turned in every other form."""
    if survey.kind_of == "generation":
        return [Item(question) for question in chosen]
    half, odd = divmod(len(chosen), 2)
    turned = np.zeros(len(chosen), bool)
    turned[: half + (odd if (number + place) % 2 else 0)] = True
    turned = _random(survey, _SIDES, place, number).permutation(turned)
    return [Item(question, bool(each)) for question, each in zip(chosen, turned, strict=True)]


def _random(survey: Survey, *stream: int) -> np.random.Generator:
    return np.random.default_rng([int(survey.fingerprint[:16], 16), survey.seed, *stream])
