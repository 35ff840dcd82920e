"""Tables of what `evaluate` measured, in the manner of the paper: table 4 by a language model, table 5 over many pairs.

Rows are models; a cell is a number with its 95 % interval, as people read it. For programs there is the table of all
numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from engine.evaluation.measures.definitions import DEFINITIONS, LENGTHS, RECURRENT, SHORT, Definition
from engine.evaluation.measures.result import Evaluation, Number
from engine.evaluation.measures.tables import Differences, comparison_table, notes, numbers_table
from engine.evaluation.tables import Table
from engine.evaluation.winners import NAME

MEASURED = ("evaluation", "sense", NAME, "interpolation-statistics", "numbers")
"""The names of the tables; that of the winners is made by `winners.py`."""
INTERPOLATION = tuple(key for key, each in DEFINITIONS.items() if each.group == "interpolation")


def measured_tables(evaluation: Evaluation, differences: Differences | None = None) -> tuple[Table, ...]:
    """Every table of numbers of an evaluation but the winners; differences are to a baseline, of `Behind`."""
    return (
        comparison_table(evaluation, differences=differences),
        sense_table(evaluation),
        ways_table(evaluation),
        numbers_table(evaluation, differences),
    )


def cell(definition: Definition, number: Number | None) -> str:
    """A number as people read it: "45.2% [41.9%, 48.5%]"; why there is none, where there is none."""
    if number is None:
        return "not measured"
    if not math.isfinite(number.value):
        return f"none: {number.why}" if number.why else "none"
    value = definition.shown(number.value)
    return f"{value} [{interval(definition, number)}]" if number.low is not None else f"{value} (no interval)"


def interval(definition: Definition, number: Number, between: str = ", ") -> str:
    """The interval of a number that has one."""
    assert number.low is not None
    assert number.high is not None
    return f"{definition.shown(number.low)}{between}{definition.shown(number.high)}"


def sense_table(evaluation: Evaluation) -> Table:
    """How surprising short and long samples are to a language model of the training text (the paper's table 4)."""
    by = ["forward_perplexity"]
    if any(RECURRENT in each.numbers for each in evaluation.variants):
        by.append(RECURRENT)
    keys = [f"{judge}_{length}" for length in LENGTHS if length for judge in by]
    rows = tuple(
        (
            each.label,
            *(part for key in keys for part in _judged(key, each.numbers)),
        )
        for each in evaluation.variants
    )
    headings = [heading for key in keys for heading in _headings(DEFINITIONS[key])]
    return Table(
        name="sense",
        columns=("Model", *headings),
        rows=rows,
        caption=f"Do the samples make sense? Perplexity of a language model, up to {SHORT} and over {SHORT} tokens.",
        notes=(
            *notes(evaluation),
            "A low perplexity is fluent, or dull: who says the same common sentence again and again has a low one. The "
            "paper asked people instead.",
        ),
    )


def ways_table(evaluation: Evaluation, keys: Sequence[str] = INTERPOLATION) -> Table:
    """How smooth the ways between random pairs of test sentences are (the statistics the paper's table 5 lacks)."""
    definitions = [DEFINITIONS[key] for key in keys]
    return Table(
        name="interpolation-statistics",
        columns=("Model", *(f"{each.title} {each.arrow}".strip() for each in definitions)),
        rows=tuple(
            (variant.label, *(cell(each, variant.numbers.get(each.key)) for each in definitions))
            for variant in evaluation.variants
        ),
        caption=f"Ways between {evaluation.pairs:,} random pairs of test sentences.",
        notes=(
            f"Seed {evaluation.seed}, the same pairs for every model. [95% bootstrap interval over pairs]",
            *(f"{each.title}: {each.meaning}" for each in definitions),
        ),
    )


def _judged(key: str, numbers: Mapping[str, Number]) -> tuple[object, ...]:
    """What a judge says of the samples of one class of lengths, and how many they are, which is the same for both."""
    found = cell(DEFINITIONS[key], numbers.get(key))
    if key.startswith(RECURRENT):
        return (found,)
    return found, numbers[key].n if key in numbers else None


def _headings(definition: Definition) -> tuple[str, ...]:
    of = LENGTHS[definition.length]
    if definition.key.startswith(RECURRENT):
        return (f"By the recurrent model, {of} {definition.arrow}".rstrip(),)
    return f"Perplexity, {of} {definition.arrow}".rstrip(), f"Samples {of}"
