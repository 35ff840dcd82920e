"""Lines of the table from what a closer look shows: pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from app.bench.reconstruct.inspection.state import InspectionState
from app.bench.reconstruct.inspection.values import Answers, Beams, Cloud, Credit, Fillings
from app.bench.rows import GatheredRow
from app.core.picks import Numbers, Pick
from app.core.readings import numbers_of, point_pick
from app.core.values import Column, Reading

MOST_ROWS = 10
"""Of one look; what comes after says little, and a cloud of 200 sentences would bury the table."""


def rows(state: InspectionState, columns: Sequence[Column]) -> tuple[GatheredRow, ...]:
    """What the open look shows, best or most frequent first; nothing for looks that show no sentences.

    Nor is there anything while an answer is awaited: what is shown may still be that to the sentence before.
    """
    labels = {column.name: column.label for column in columns}
    if state.look != "sentence" and getattr(state, state.look).busy:
        return ()
    if state.look == "cloud":
        return _cloud_rows(state.cloud, labels)
    if state.look == "tree":
        drawn = state.tree_variant if state.tree_variant in labels else next(iter(labels), "")
        chosen = tuple(labels) if state.tree_listed else (drawn,)
        return _beam_rows(state.tree, chosen)
    if state.look == "credit":
        return _credit_rows(state.credit, labels)
    return _fill_rows(state.fill, labels) if state.look == "fill" else ()


def _cloud_rows(answers: Answers[Cloud], labels: Mapping[str, str]) -> tuple[GatheredRow, ...]:
    clouds = {name: cloud for name, cloud in answers.found.items() if name in labels}
    made = []
    for rank in range(_height(cloud.groups for cloud in clouds.values())):
        there = {name: cloud.groups[rank] for name, cloud in clouds.items() if rank < len(cloud.groups)}
        readings = {name: group.reading for name, group in there.items()}
        counts = ", ".join(f"{labels[name]} {group.count}" for name, group in there.items())
        first = clouds[next(iter(there))]
        made.append(
            GatheredRow(
                answers.text,
                {name: reading.text for name, reading in readings.items()},
                f"number {rank + 1} by frequency ({counts}) of {first.how}",
                numbers=_plain(readings),
                pick=point_pick(answers.text, readings),
            )
        )
    return tuple(made)


def _beam_rows(answers: Answers[Beams], variants: Sequence[str]) -> tuple[GatheredRow, ...]:
    found = {name: answers.found[name] for name in variants if name in answers.found}
    made = []
    for rank in range(_height(beams.best for beams in found.values())):
        there = {name: beams.best[rank] for name, beams in found.items() if rank < len(beams.best)}
        first = found[next(iter(there))]
        sentences = {name: reading.text for name, reading in there.items()}
        how, pick = f"number {rank + 1} of {first.how}", point_pick(answers.text, there)
        made.append(GatheredRow(answers.text, sentences, how, numbers=_plain(there), pick=pick))
    return tuple(made)


def _fill_rows(answers: Answers[Fillings], labels: Mapping[str, str]) -> tuple[GatheredRow, ...]:
    found = {
        name: fillings for name, fillings in answers.found.items() if name in labels and name not in answers.failed
    }
    made = []
    for rank in range(_height(fillings.best for fillings in found.values())):
        there = {name: fillings.best[rank] for name, fillings in found.items() if rank < len(fillings.best)}
        first = found[next(iter(there))]
        sentences = {name: filling.text for name, filling in there.items()}
        # The score of a draft is another quantity, so no export has it under the name of log p(x).
        numbers = {
            name: Numbers(marginal=None if found[name].draft else filling.log_probability)
            for name, filling in there.items()
        }
        made.append(GatheredRow(answers.text, sentences, f"number {rank + 1} by {first.how}", numbers=numbers))
    return tuple(made)


def _credit_rows(answers: Answers[Credit], labels: Mapping[str, str]) -> tuple[GatheredRow, ...]:
    """One row: the words with what z adds to each."""
    there = {name: credit for name, credit in answers.found.items() if name in labels and name not in answers.failed}
    if not there:
        return ()
    numbers = {
        name: Numbers(
            log_probability=credit.given if credit.written else None,
            input_log_probability=None if credit.written else credit.given,
            kl=credit.kl,
            credit=credit.credit,
        )
        for name, credit in there.items()
    }
    how = f"what z adds to each word: {next(iter(there.values())).how}"
    pick = None if any(credit.written for credit in there.values()) else Pick(answers.text)
    sentences = {name: credit_words(credit) for name, credit in there.items()}
    return (GatheredRow(answers.text, sentences, how, numbers=numbers, pick=pick),)


def credit_words(credit: Credit) -> str:
    """Each word with its credit in nats, as in "i +0.41 · see −0.02 · (end) +0.10"."""
    return " · ".join(
        f"{'(end)' if token.end else token.word} {f'{round(token.credit, 2) + 0.0:+.2f}'.replace('-', '−')}"
        for token in credit.tokens
    )


def _plain(readings: Mapping[str, Reading]) -> dict[str, Numbers]:
    """Their numbers; how they were made is said of the whole row."""
    return {name: replace(numbers, how="") for name, numbers in numbers_of(readings).items()}


def _height(lists: Iterable[Sequence[object]]) -> int:
    return min(MOST_ROWS, max((len(each) for each in lists), default=0))
