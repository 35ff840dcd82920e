"""What the Survey page says, as HTML in the colours of a theme. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from app.core.theme import Theme
from app.core.times import local
from app.survey.state import Draft, Known
from app.widgets.sentences.rich_text import counted
from engine.errors import LoomError
from engine.evaluation.surveys.request import PAPERS_PAIRS, Group, Kind, SurveyRequest
from engine.evaluation.surveys.response import Response
from engine.evaluation.surveys.results_tables import SAVED, about
from engine.evaluation.surveys.survey import Survey
from engine.evaluation.tables import Table
from engine.workspace import checked_name

QUESTIONS: Mapping[Kind, str] = {
    "reconstruction": "Which of the two is more like this sentence?",
    "generation": "Does this sentence make sense?",
}
TASKS: Mapping[Kind, str] = {
    "reconstruction": "You see a sentence, and two others that computer programs wrote to say the same. Choose the one "
    "that is more like it. Where neither is, or both are alike, you can say that you can't decide.",
    "generation": "You see one sentence at a time, written by a computer program or by a person. Say whether it makes "
    "sense. What that means is for you to judge.",
}
KINDS: Mapping[Kind, str] = {"reconstruction": "Which is more alike?", "generation": "Does it make sense?"}
NOTHING = "No survey yet"
HOW = (
    "In a survey, people judge what the models write without knowing which model it was: which of two reconstructions "
    "is better, or whether a sampled sentence makes sense. Press New survey to make one of the open run."
)


def head(survey: Survey) -> str:
    """What a survey is, in a line."""
    groups = len(survey.groups)
    of = f"{groups} pair{'s' * (groups != 1)}" if survey.kind_of == "reconstruction" else f"{groups} models"
    return (
        f"{KINDS[survey.kind_of]}  {of}, {len(survey.questions)} questions, {survey.asked} for each respondent; "
        f"run {survey.run}, seed {survey.seed}"
    )


def followed(known: Known) -> str:
    """How far it is, in a line."""
    people, unfinished = len(known.responses), sum(not each.finished for each in known.responses)
    if not people:
        return f"Nobody has answered yet; {known.survey.respondents} are expected."
    said = f"{people} respondent{'s' * (people != 1)}, {known.survey.respondents} expected"
    if unfinished:
        said += f"; {unfinished} broke off"
    if known.analysis.left_out:
        said += f"; {len(known.analysis.left_out)} left out for failed catch trials"
    return f"{said}."


def broken_off(response: Response, survey: Survey) -> str:
    """A response to be gone on with, in a menu."""
    who = response.respondent or "without a name"
    return f"Go on: {who}, form {response.form}, {len(response.answers)} of {survey.asked} answered"


def page(known: Known, theme: Theme) -> str:
    """All tables of a survey."""
    shared = set(about(known.analysis))
    parts = [f'<p style="color:{theme.danger}">Not counted: {escape(each)}</p>' for each in known.refused]
    parts += [_table(table, shared, theme) for table in known.tables]
    parts.append(_quiet(about(known.analysis), theme))
    return "".join(parts)


def _table(table: Table, shared: set[str], theme: Theme) -> str:
    title = f"<h3>{escape(table.caption)}</h3>"
    notes = _quiet([note for note in table.notes if note not in shared], theme)
    if not table.rows:
        return title + notes
    numeric = [not any(isinstance(row[place], str) for row in table.rows) for place in range(len(table.columns))]
    edge = f"border-bottom:1px solid {theme.border_strong}"
    heads = "".join(
        f'<td align="{"right" if right else "left"}" style="{edge}; font-size:11px; color:{theme.muted}">'
        f"{escape(column)}</td>"
        for column, right in zip(table.columns, numeric, strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td align="{"right" if right else "left"}">{escape(cell(value, column))}</td>'
            for value, column, right in zip(row, table.columns, numeric, strict=True)
        )
        + "</tr>"
        for row in table.rows
    )
    return f'{title}<table cellpadding="5" cellspacing="0"><tr>{heads}</tr>{rows}</table>{notes}'


def cell(value: Any, column: str) -> str:
    """A cell of a column as it is read."""
    if value is None:
        return "–"
    if column == SAVED:
        return local(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _quiet(lines: Sequence[str], theme: Theme) -> str:
    text = "<br>".join(map(escape, lines))
    return f'<p style="font-size:11px; color:{theme.muted}">{text}</p>'


# a new survey


def possible(draft: Draft) -> tuple[Group, ...]:
    """Everything that a survey of this kind can ask about, the paper's comparisons first and its way round."""
    names = list(draft.labels)
    if draft.kind == "generation":
        return tuple((name,) for name in names)
    papers = [pair for pair in PAPERS_PAIRS if set(pair) <= set(names)]
    others = [
        (later, earlier)
        for place, later in enumerate(names)
        for earlier in names[:place]
        if not any({later, earlier} == set(pair) for pair in papers)
    ]
    return (*papers, *others)


def usual(draft: Draft) -> tuple[Group, ...]:
    """What is asked about unless a person chooses: the paper's, or else neighbours, or all single models."""
    every = possible(draft)
    if draft.kind == "generation":
        return every
    papers = tuple(pair for pair in every if pair in PAPERS_PAIRS)
    return papers or every[: max(1, len(draft.labels) - 1)]


def group_label(group: Group, labels: Mapping[str, str]) -> str:
    """What a group is called."""
    return " against ".join(labels.get(name, name) for name in group)


def problem(draft: Draft, taken: Sequence[str]) -> str:
    """Why a survey cannot be made like this; "" if it can."""
    if not draft.labels:
        return "No run is open whose models could be asked about."
    if draft.survey_name in taken:
        return f"There is a survey {draft.survey_name} already. Give this one another name."
    try:
        checked_name(draft.survey_name, "survey")
        request(draft)
    except LoomError as error:
        return f"{error.message} {error.hint}".strip()
    return ""


def request(draft: Draft) -> SurveyRequest:
    """The request that a draft stands for. Raises a UsageError where it cannot be."""
    numbers = (draft.questions, draft.catch, draft.respondents, draft.repeats)
    return SurveyRequest(draft.kind, draft.chosen, *numbers, seed=draft.seed)


def plan(draft: Draft) -> str:
    """What comes of a draft that can be made, in a line."""
    made = request(draft)
    what = "pair" if draft.kind == "reconstruction" else "model"
    said = f"{counted(made.each, 'question')} about each {what}", counted(made.catch, "catch trial")
    return f"Each respondent: {', '.join(filter(None, said))}, {made.asked} in all."


def command(draft: Draft) -> list[str]:
    """The arguments of `survey make` for a draft."""
    groups = ",".join(":".join(group) for group in draft.chosen)
    return [
        *("survey", "make", draft.run, "--kind", draft.kind, "--name", draft.survey_name),
        *("--pairs" if draft.kind == "reconstruction" else "--variants", groups),
        *("--questions", str(draft.questions), "--catch", str(draft.catch)),
        *("--respondents", str(draft.respondents), "--repeats", str(draft.repeats), "--seed", str(draft.seed)),
    ]
