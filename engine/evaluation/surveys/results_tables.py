"""What an analysis has found, as tables for people, papers and programs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.config import known_variant
from engine.evaluation.surveys import paper
from engine.evaluation.surveys.analysis import Analysis, Length
from engine.evaluation.surveys.proportions import Share
from engine.evaluation.surveys.survey import SHORT, Kind, Survey
from engine.evaluation.tables import Table

LENGTH_WORDS: Mapping[Length, str] = {"all": "all", "short": f"up to {SHORT}", "long": f"over {SHORT}"}
SAVED = "Saved"
"""The column of the times at which responses were saved, in ISO 8601."""

_INDEPENDENT = (
    "Tests and intervals take every answer for independent. Answers of one person, or to one question, are not quite, "
    "so they are somewhat too sure; the paper's are of the same kind."
)


def preference_table(analysis: Analysis) -> Table:
    """How often each model of a pair was preferred (the paper's table 2)."""
    survey, rows = analysis.survey, []
    tested = sum(each.length == "all" and each.p is not None for each in analysis.preferences)
    for each in analysis.preferences:
        first, second = each.group
        rows.append(
            (
                survey.label(first),
                survey.label(second),
                LENGTH_WORDS[each.length],
                each.first,
                each.second,
                each.undecided,
                *_percent(each.decided),
                _p(each.p),
                _p(each.corrected),
                round(100 * each.first / each.answers, 2) if each.answers else None,
                paper.preferred(first, second) if each.length == "all" else None,
            )
        )
    return Table(
        "survey-preference",
        (
            "Model 1",
            "Model 2",
            "Tokens",
            "Model 1 wins",
            "Model 2 wins",
            "Can't decide",
            "Model 1 wins %",
            "Low %",
            "High %",
            "p",
            "p (Holm)",
            "Of all answers %",
            "Paper %",
        ),
        tuple(rows),
        "Which reconstruction is better? Answers of people who did not know the models.",
        (
            *about(analysis),
            *_same(survey),
            "Model 1 wins %: of the answers for one of the two, as the paper discards what is ambiguous; with its 95% "
            "Wilson interval. Of all answers %: with “can't decide” among them. p: exact two-sided binomial test "
            f"against 1/2{_corrected(f'the {tested} comparisons', tested)}.",
            _INDEPENDENT,
            paper.REFERENCE,
            "Paper: table 2, " + "; ".join(_papers_pair(*pair) for pair in paper.PREFERRED) + ".",
        ),
    )


def _corrected(of: str, comparisons: int) -> str:
    """That p is corrected; nothing where there is one comparison, of which Holm's p is p."""
    return f"; Holm: corrected for {of}" if comparisons > 1 else ""


def _known(name: str) -> str:
    """What people call a variant of the paper."""
    variant = known_variant(name, annealing=1)
    return variant.label if variant is not None else name


def _papers_pair(first: str, second: str) -> str:
    percent, people, pairs = paper.PREFERRED[first, second]
    return f"{_known(first)} against {_known(second)} {percent}% ({people} respondents, {pairs} pairs)"


def ranking_table(analysis: Analysis) -> Table:
    """The models by their strength over all pairs."""
    survey, ranked = analysis.survey, analysis.ranked
    rows = [
        (
            place,
            survey.label(each.name),
            *(round(number, 4) for number in (each.value, each.low, each.high)),
            round(100 * each.chance, 2),
        )
        for place, each in enumerate(ranked.strengths, start=1)
    ]
    return Table(
        "survey-ranking",
        ("Rank", "Model", "Strength", "Low", "High", "Wins against the others %"),
        tuple(rows),
        ranked.why_not or "The models by how often people preferred their reconstructions.",
        (
            *about(analysis),
            "Bradley-Terry model, maximum likelihood: strengths in nats (log odds of winning) that sum to 0, with 95% "
            "Wald intervals. Wins against the others: the mean chance that follows from the strengths, also for pairs "
            "that were not asked. “Can't decide” is left out.",
            _INDEPENDENT,
        ),
    )


def sense_table(analysis: Analysis) -> Table:
    """How many sentences of each model made sense (the paper's table 4)."""
    survey = analysis.survey
    rows = []
    for each in analysis.senses:
        reference = None if each.length == "all" else paper.meaningful(each.variant, each.length == "short")
        rows.append(
            (
                survey.label(each.variant),
                LENGTH_WORDS[each.length],
                each.yes.count,
                each.yes.n - each.yes.count,
                *_percent(each.yes),
                reference,
            )
        )
    return Table(
        "survey-sense",
        ("Model", "Tokens", "Yes", "No", "Makes sense %", "Low %", "High %", "Paper %"),
        tuple(rows),
        "Does this sentence make sense? Answers of people who did not know the models.",
        (
            *about(analysis),
            *_filtered(survey),
            "With 95% Wilson intervals.",
            _INDEPENDENT,
            paper.REFERENCE,
            f"Paper: table 4, {paper.MADE_SENSE}; its VAE wrote no sentences of more than 10 tokens.",
        ),
    )


def difference_table(analysis: Analysis) -> Table:
    """Which models differ in how much of theirs makes sense."""
    survey = analysis.survey
    rows = [
        (
            survey.label(each.first),
            survey.label(each.second),
            LENGTH_WORDS[each.length],
            round(each.points, 2) if each.points is not None else None,
            _p(each.p),
            _p(each.corrected),
        )
        for each in analysis.differences
    ]
    return Table(
        "survey-differences",
        ("Model 1", "Model 2", "Tokens", "Model 1 - model 2, points", "p", "p (Holm)"),
        tuple(rows),
        "Models compared by the share of their sentences that made sense.",
        (
            *about(analysis),
            "Percentage points; p: Fisher's exact two-sided test"
            f"{_corrected('the comparisons of one length', math.comb(len(survey.groups), 2))}.",
            _INDEPENDENT,
        ),
    )


def agreement_table(analysis: Analysis) -> Table:
    """How far respondents agree."""
    survey = analysis.survey
    rows = [
        (
            " against ".join(map(survey.label, name.split(":"))) if name else "all questions",
            round(each.alpha, 4) if each.alpha is not None else None,
            each.questions,
            each.answers,
            each.why_not,
        )
        for name, each in analysis.agreements
    ]
    return Table(
        "survey-agreement",
        ("Questions about", "Alpha", "Answered twice or more", "Answers to these", "Why none"),
        tuple(rows),
        "Agreement between respondents: Krippendorff's alpha, nominal.",
        (
            *about(analysis),
            "1: all agree; 0: as much as chance gives. Only questions that two respondents or more have answered "
            "count; “can't decide” is an answer of its own.",
            *_left(analysis),
        ),
    )


def respondent_table(analysis: Analysis) -> Table:
    """Every response by the number of its form, with its catch trials; last those that were left out."""
    rows = [
        (
            who.response.response,
            who.response.respondent,
            who.response.form,
            who.response.source,
            len(who.response.answers),
            who.asked,
            who.response.finished,
            who.failed,
            who.trials,
            round(who.seconds, 1) if who.seconds is not None else None,
            counts,
            who.response.saved,
        )
        for group, counts in ((analysis.respondents, True), (analysis.left_out, False))
        for who in sorted(group, key=lambda each: (each.response.form, each.response.response))
    ]
    return Table(
        "survey-respondents",
        (
            "Response",
            "Name",
            "Form",
            "From",
            "Answers",
            "Questions",
            "Finished",
            "Catch trials failed",
            "Catch trials answered",
            "Seconds a question",
            "Counts",
            SAVED,
        ),
        tuple(rows),
        "Who answered.",
        (
            *about(analysis),
            "Catch trials have an answer that is right: an exact copy against another sentence, or a sentence of the "
            "text and one whose words were shuffled. Seconds: the median.",
        ),
    )


_BOTH: Mapping[str, Callable[[Analysis], Table]] = {
    "survey-agreement": agreement_table,
    "survey-respondents": respondent_table,
}
TABLES: Mapping[Kind, Mapping[str, Callable[[Analysis], Table]]] = {
    "reconstruction": {"survey-preference": preference_table, "survey-ranking": ranking_table, **_BOTH},
    "generation": {"survey-sense": sense_table, "survey-differences": difference_table, **_BOTH},
}
"""The tables of each kind of survey by name, the most telling first."""


def tables_of(analysis: Analysis) -> tuple[Table, ...]:
    """All tables of an analysis."""
    return tuple(make(analysis) for make in TABLES[analysis.survey.kind_of].values())


def files_of(name: str, tables: Sequence[Table], folder: Path, format: str) -> list[tuple[Path, Table]]:
    """The tables of a survey, each with the file that it is written to in a folder."""
    return [(folder / f"{name}-{table.name.removeprefix('survey-')}.{format}", table) for table in tables]


def about(analysis: Analysis) -> tuple[str, ...]:
    """What every table says of where it comes from."""
    survey, people = analysis.survey, len(analysis.respondents)
    unfinished = sum(not who.response.finished for who in analysis.respondents)
    failed = sum(who.failed for who in analysis.respondents)
    trials = sum(who.trials for who in analysis.respondents)
    said = f"{people:,} respondent{'s' * (people != 1)}, {analysis.answers:,} answers"
    if unfinished:
        said += f"; {unfinished} broke off, whose answers count"
    said += f"; catch trials failed: {failed} of {trials}"
    if analysis.left_out:
        said += f"; left out for failing too many: {len(analysis.left_out)}"
    same = len(set(survey.steps.values())) == 1
    steps = "" if same else ", ".join(f"{name} {step:,}" for name, step in survey.steps.items())
    at = f"step {next(iter(survey.steps.values())):,}" if same else f"steps {steps}"
    return (
        f"{said}.",
        f"Survey {survey.name}, fingerprint {survey.fingerprint[:16]}, seed {survey.seed}; run {survey.run}, {at}.",
        f"Sentences: {survey.how}.",
    )


def _same(survey: Survey) -> tuple[str, ...]:
    parts = [
        f"{name.replace(':', ' and ')} {each.same} of {each.tried}"
        for name, each in survey.left_out.items()
        if each.same
    ]
    return (f"The same from both models and not asked: {'; '.join(parts)}.",) if parts else ()


def _filtered(survey: Survey) -> tuple[str, ...]:
    parts = [f"{name} {each.same} of {each.tried}" for name, each in survey.left_out.items()]
    return (f"Draws that the filter threw away: {'; '.join(parts)}.",) if parts else ()


def _left(analysis: Analysis) -> tuple[str, ...]:
    left = analysis.left
    if left.value is None:
        return ()
    return (
        f"The left sentence was preferred in {left.count} of {left.n} decided answers (p {_p(analysis.left_p):g}).",
    )


def _percent(value: Share) -> tuple[float | None, float | None, float | None]:
    return tuple(  # type: ignore[return-value]
        round(100 * number, 2) if number is not None else None for number in (value.value, value.low, value.high)
    )


def _p(p: float | None) -> Any:
    """p with four digits, as no more is known of it."""
    return float(f"{p:.4g}") if p is not None else None
