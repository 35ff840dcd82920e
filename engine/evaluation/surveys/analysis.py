"""What the answers to a survey say: counts with intervals and tests, a ranking, agreement, and catch trials.

Answers are told by model here, not by side: the form of each respondent is dealt again to know what stood where. Catch
trials are judged apart and enter nothing else. "Can't decide" counts for neither model, and is reported.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from engine.errors import UsageError
from engine.evaluation.surveys.agreement import Agreement, agreement
from engine.evaluation.surveys.forms import Form, Item, form_of
from engine.evaluation.surveys.proportions import Share, binomial_p, fisher_p, holm, share
from engine.evaluation.surveys.ranking import Ranking, ranking
from engine.evaluation.surveys.request import Group
from engine.evaluation.surveys.response import Response
from engine.evaluation.surveys.survey import Survey, group_name

Length = Literal["all", "short", "long"]
"""All sentences, those of at most 10 tokens, or those of more."""
LENGTHS: tuple[Length, ...] = ("all", "short", "long")
UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Preference:
    """How often each model of a pair was preferred.

    Attributes:
        first, second: wins.
        undecided: answers for neither.
        decided: wins of the first among those for one of them.
        p: of the exact two-sided binomial test of `decided` against 1/2; None without answers.
        corrected: p by Holm over all pairs; None for a single length.
    """

    group: Group
    length: Length
    first: int
    second: int
    undecided: int
    decided: Share
    p: float | None
    corrected: float | None = None

    @property
    def answers(self) -> int:
        """All of them."""
        return self.first + self.second + self.undecided


@dataclass(frozen=True, slots=True)
class Sense:
    """How many sentences of a model made sense to respondents."""

    variant: str
    length: Length
    yes: Share


@dataclass(frozen=True, slots=True)
class Difference:
    """Two models' shares of sentences that made sense: percentage points, p of Fisher's exact test, and by Holm."""

    first: str
    second: str
    length: Length
    points: float | None
    p: float | None
    corrected: float | None = None


@dataclass(frozen=True, slots=True)
class Respondent:
    """One response: how far it came, its catch trials, and the time it took, in seconds a question (median)."""

    response: Response
    asked: int
    trials: int
    failed: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that is found.

    Attributes:
        respondents: whose answers count.
        left_out: who failed more catch trials than is allowed; their answers do not count.
        preferences: of a survey of reconstructions, by pair and length.
        ranked: of the same.
        senses, differences: of a survey of generated sentences.
        agreements: between respondents, of all questions ("") and of each group.
        left: how often the left sentence was preferred, of those that were decided; a habit shows here.
        left_p: of its binomial test against 1/2.
    """

    survey: Survey
    respondents: tuple[Respondent, ...]
    left_out: tuple[Respondent, ...]
    preferences: tuple[Preference, ...]
    ranked: Ranking
    senses: tuple[Sense, ...]
    differences: tuple[Difference, ...]
    agreements: tuple[tuple[str, Agreement], ...]
    left: Share
    left_p: float | None

    @property
    def answers(self) -> int:
        """Answers that count, without catch trials."""
        if self.survey.kind_of == "reconstruction":
            return sum(each.answers for each in self.preferences if each.length == "all")
        return sum(each.yes.n for each in self.senses if each.length == "all")


@dataclass(frozen=True, slots=True)
class _Judged:
    """An answer to a question that is no catch trial; `judgement` names a model, or is "undecided", "yes" or "no"."""

    question: str
    group: Group
    short: bool
    judgement: str
    side: str


def analyse(survey: Survey, responses: Sequence[Response], most_failed: int | None = None) -> Analysis:
    """Analyse responses that were checked (`response.check_response`).

    Args:
        survey: with its key.
        responses: each from another sitting.
        most_failed: catch trials that a respondent may fail whose answers count; None for any number.

    Raises:
        UsageError: `most_failed` is negative.
    """
    if most_failed is not None and most_failed < 0:
        raise UsageError(f"{most_failed} failed catch trials cannot be.", "Choose 0 or more.")
    everybody = [_respondent(form_of(survey, each.form), each) for each in responses]
    fit = [who for who in everybody if most_failed is None or who.failed <= most_failed]
    judged = [found for who in fit for found in _judged(form_of(survey, who.response.form), who.response)]
    sides = Counter(each.side for each in judged)
    left = share(sides["left"], sides["left"] + sides["right"])
    preferences = _preferences(survey, judged) if survey.kind_of == "reconstruction" else ()
    senses = _senses(survey, judged) if survey.kind_of == "generation" else ()
    return Analysis(
        survey,
        tuple(fit),
        tuple(who for who in everybody if most_failed is not None and who.failed > most_failed),
        preferences,
        _ranked(survey, preferences, any(each.answers for each in responses)),
        senses,
        _differences(survey, senses),
        _agreements(survey, judged),
        left,
        binomial_p(left.count, left.n),
    )


def _respondent(form: Form, response: Response) -> Respondent:
    failed = trials = 0
    for item in form.items:
        given = response.answer_to(item.question.id)
        if given is not None and item.question.trial:
            trials += 1
            failed += _judgement(item, given.answer) != item.question.expected
    times = sorted(given.milliseconds / 1000 for given in response.answers)
    middle = len(times) // 2
    median = None if not times else times[middle] if len(times) % 2 else (times[middle - 1] + times[middle]) / 2
    return Respondent(response, len(form.items), trials, failed, median)


def _judgement(item: Item, answer: str) -> str:
    """An answer as "first" or "second" text of the question; what names no side stays."""
    if answer not in ("left", "right"):
        return answer
    return "first" if (answer == "left") != item.turned else "second"


def _judged(form: Form, response: Response) -> Iterator[_Judged]:
    for given in response.answers:
        item = form.item(given.question)
        if item is None or item.question.trial:
            continue
        question, judgement = item.question, _judgement(item, given.answer)
        if judgement in ("first", "second"):
            judgement = question.group[judgement == "second"]
        yield _Judged(question.id, question.group, question.short, judgement, given.answer)


def _of_length(judged: Sequence[_Judged], length: Length) -> list[_Judged]:
    return [each for each in judged if length == "all" or each.short == (length == "short")]


def _preferences(survey: Survey, judged: Sequence[_Judged]) -> tuple[Preference, ...]:
    found = []
    for length in LENGTHS:
        rows = []
        for group in survey.groups:
            counts = Counter(each.judgement for each in _of_length(judged, length) if each.group == group)
            first, second = counts[group[0]], counts[group[1]]
            decided = share(first, first + second)
            p = binomial_p(first, first + second)
            rows.append(Preference(group, length, first, second, counts[UNDECIDED], decided, p))
        if length == "all":
            corrected = holm([row.p for row in rows])
            rows = [replace(row, corrected=p) for row, p in zip(rows, corrected, strict=True)]
        found += rows
    return tuple(found)


def _ranked(survey: Survey, preferences: Sequence[Preference], answered: bool) -> Ranking:
    """The ranking; `answered` tells whether anybody has answered anything, whether or not that counts."""
    if survey.kind_of != "reconstruction":
        return Ranking((), "Not to be ranked: single sentences were judged, and no pairs.")
    if not any(each.answers for each in preferences):
        return Ranking((), "No answer counts." if answered else "Nobody has answered yet.")
    wins: dict[tuple[str, str], int] = {}
    for each in preferences:
        if each.length == "all":
            one, other = each.group
            wins[one, other], wins[other, one] = each.first, each.second
    names = dict.fromkeys(name for group in survey.groups for name in group)
    return ranking(tuple(names), wins, survey.label)


def _senses(survey: Survey, judged: Sequence[_Judged]) -> tuple[Sense, ...]:
    found = []
    for length in LENGTHS:
        for group in survey.groups:
            counts = Counter(each.judgement for each in _of_length(judged, length) if each.group == group)
            found.append(Sense(group[0], length, share(counts["yes"], counts["yes"] + counts["no"])))
    return tuple(found)


def _differences(survey: Survey, senses: Sequence[Sense]) -> tuple[Difference, ...]:
    """Every two models, at each length apart; Holm's correction is over the comparisons of one length."""
    found: list[Difference] = []
    for length in LENGTHS:
        of_length = [each for each in senses if each.length == length]
        rows = []
        for one, other in combinations(of_length, 2):
            known = one.yes.value is not None and other.yes.value is not None
            points = 100 * ((one.yes.value or 0.0) - (other.yes.value or 0.0)) if known else None
            rows.append(Difference(one.variant, other.variant, length, points, fisher_p(one.yes, other.yes)))
        corrected = holm([row.p for row in rows])
        found += [replace(row, corrected=p) for row, p in zip(rows, corrected, strict=True)]
    return tuple(found)


def _agreements(survey: Survey, judged: Sequence[_Judged]) -> tuple[tuple[str, Agreement], ...]:
    answers: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for each in judged:
        # By place in the pair, so that the answers to different pairs are the same categories.
        judgement = each.judgement
        if judgement in each.group:
            judgement = "first" if judgement == each.group[0] else "second"
        for name in ("", group_name(each.group)):
            answers[name][each.question].append(judgement)
    return tuple((name, agreement(answers[name])) for name in ("", *map(group_name, survey.groups)))
