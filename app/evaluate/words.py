"""What the Evaluate page says: rows, cells and lines from what was measured. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from app.core.times import local
from app.core.values import Column
from app.evaluate.state import QUICK, Choice, Known
from app.evaluate.traps import stem, trap
from engine.evaluation.measures.definitions import (
    DEFINITIONS,
    GROUPS,
    HEADLINE_WAY,
    LENGTHS,
    RECURRENT,
    WAYS,
    Definition,
)

if TYPE_CHECKING:
    from engine.evaluation.measures.result import Difference, Evaluation, Number, VariantResult

Mark = Literal[-1, 0, 1]
SIGNS: dict[Mark, str] = {1: "+", -1: "−", 0: ""}
"""What stands beside a number that is better or worse than the baseline's."""
_JUDGED: dict[Mark, str] = {1: "better", -1: "worse", 0: "not significant"}
_UNITS = {"nats": "nats", "tokens": "tokens", "points": "0 to 100", "dimensions": "dimensions", "share": "", "": ""}
WAIT = "…"

Differences = Mapping[str, Mapping[str, "Difference"]]


@dataclass(frozen=True, slots=True)
class NumberCell:
    """A number as it stands in the table.

    Attributes:
        value: as it is read.
        beneath: its interval, or why it has none.
        mark: whether it is better (1) or worse (-1) than the baseline's with the whole interval of the difference.
        tooltip: all that is known of it.
        spoken: what a screen reader says.
        missing: whether there is no value.
        grey: whether it is of fewer items than were asked for, and will be measured of more.
    """

    value: str
    beneath: str = ""
    mark: Mark = 0
    tooltip: str = ""
    spoken: str = ""
    missing: bool = False
    grey: bool = False


@dataclass(frozen=True, slots=True)
class NumberRow:
    """A number of every variant, or a heading where `key` is "".

    Attributes:
        key: of its definition.
        title, arrow, unit: its name, an arrow to where it is better, and in what it is measured and how it was made.
        tooltip: what it means.
        cells: one a variant; none in a heading.
    """

    key: str
    title: str
    arrow: str = ""
    unit: str = ""
    tooltip: str = ""
    cells: tuple[NumberCell, ...] = ()


@dataclass(frozen=True, slots=True)
class NumberTable:
    """What stands in the table: its columns, which of them is the baseline, and its rows."""

    columns: tuple[Column, ...] = ()
    baseline: str = ""
    rows: tuple[NumberRow, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The numbers that are shown."""
        return tuple(row.key for row in self.rows if row.key)


def table(evaluation: Evaluation, differences: Differences, choice: Choice) -> NumberTable:
    """What is shown of an evaluation."""
    columns = shown_columns(evaluation, choice)
    against = baseline_of(evaluation, choice)
    rows: list[NumberRow] = []
    group = ""
    for key in shown_keys(evaluation, choice):
        definition = DEFINITIONS[key]
        if definition.group != group:
            group = definition.group
            rows.append(NumberRow("", GROUPS[definition.group]))
        cells = tuple(_cell(evaluation, column, definition, differences, against) for column in columns)
        rows.append(_row(definition, cells))
    return NumberTable(columns, against.name if against is not None else "", tuple(rows))


def shown_columns(evaluation: Evaluation, choice: Choice) -> tuple[Column, ...]:
    """The variants that are shown, in the order of the run; all of them where all would be hidden."""
    every = tuple(Column(each.name, each.label, each.colour, each.m) for each in evaluation.variants)
    return tuple(column for column in every if column.name not in choice.hidden) or every


def baseline_of(evaluation: Evaluation, choice: Choice) -> VariantResult | None:
    """The variant that the others are held against: the chosen one, or the first."""
    found = [each for each in evaluation.variants if each.name == choice.baseline]
    return next(iter(found or evaluation.variants), None)


def shown_keys(evaluation: Evaluation, choice: Choice) -> tuple[str, ...]:
    """The numbers that are shown, in the order of the definitions; while it goes on, those still to come too."""
    there = {key for each in evaluation.variants for key in each.numbers}
    return tuple(
        key
        for key, each in DEFINITIONS.items()
        if (choice.every_row or is_headline(each))
        and (not each.way or not choice.way or each.way == choice.way)
        and (choice.by_length or not each.length)
        and (key in there or _is_to_come(evaluation, each))
    )


def _is_to_come(evaluation: Evaluation, definition: Definition) -> bool:
    """Whether a number that is not there is still to be measured; that of the second judge only where there is one."""
    judged = stem(definition) != RECURRENT or "recurrent" in evaluation.language_model
    return judged and not evaluation.complete


def is_headline(definition: Definition) -> bool:
    """Whether a number stands in the short table, whatever its way and its class of lengths."""
    way = f"_{HEADLINE_WAY}" if definition.way else ""
    return DEFINITIONS[f"{stem(definition)}{way}"].headline


def opened(evaluation: Evaluation, choice: Choice, variant: str, key: str) -> tuple[str, str]:
    """Variant and key of the number that is open: the wanted one, if the table has it, else the first; "" for none."""
    names = [column.name for column in shown_columns(evaluation, choice)]
    keys, against = shown_keys(evaluation, choice), baseline_of(evaluation, choice)
    if not names or not keys:
        return "", ""
    usual = next((name for name in names if against is None or name != against.name), names[0])
    return variant if variant in names else usual, key if key in keys else keys[0]


def title_of(definition: Definition) -> str:
    """A name without the way and the class of lengths, which stand beneath it."""
    title = definition.title
    if definition.length:
        title = title.removesuffix(f", {LENGTHS[definition.length]}")
    return title.removesuffix(f" ({WAYS[definition.way]})") if definition.way else title


def said(value: float, definition: Definition) -> str:
    """A value as it is read."""
    return definition.shown(value).replace("-", "−")


def interval(number: Number | Difference, definition: Definition) -> str:
    """An interval as it is read; "" where there is none."""
    if number.low is None or number.high is None:
        return ""
    return f"{said(number.low, definition)} to {said(number.high, definition)}"


def difference_line(difference: Difference | None, definition: Definition, variant: str, baseline: str) -> str:
    """How a number differs from the baseline's, in a sentence; "" where that is not known."""
    if difference is None or math.isnan(difference.value):
        return ""
    value = f"{'+' if difference.value > 0 else ''}{said(difference.value, definition)}".replace("%", " points")
    paired = _paired(difference.n, definition)
    reach = interval(difference, definition).replace("%", "")
    if not reach:
        return f"{variant} − {baseline}: {value}, too few for an interval ({paired})"
    if definition.better:
        verdict = f": {_JUDGED[mark_of(difference)]}"
    else:
        crosses = difference.low is None or difference.high is None or difference.low <= 0 <= difference.high
        verdict = ": not significant" if crosses else ": they differ"
    return f"{variant} − {baseline}: {value} ({reach}) {paired}{verdict}"


def mark_of(difference: Difference | None) -> Mark:
    """Whether a difference is significant, and which way."""
    if difference is None or difference.low is None:
        return 0
    return 1 if difference.better > 0 else -1 if difference.better < 0 else 0


def _paired(n: int, definition: Definition) -> str:
    """Over what a difference is. Samples of one length are not the same of both variants, but among the same draws."""
    items = items_of(definition)
    if items == "samples" and definition.length:
        return f"over the {items} of {LENGTHS[definition.length]} among the same draws, {n:,} or more of each"
    return f"over the same {n:,} {items}" if n != 1 else f"over the same {items[:-1]}"


def items_of(definition: Definition) -> str:
    """What a number is made of; reverse perplexity is of test sentences although it is said of samples."""
    if definition.key == "reverse_perplexity":
        return "sentences"
    return {"generation": "samples", "interpolation": "pairs"}.get(definition.group, "sentences")


def facts_of(number: Number, definition: Definition) -> str:
    """How a number was made: estimator, items, unit and seed."""
    unit = {"share": "per cent", "points": "0 to 100", "": "no unit"}.get(definition.unit, definition.unit)
    return f"n = {number.n:,}, {unit}, seed {number.seed}. {number.how[:1].upper()}{number.how[1:]}"


def about(evaluation: Evaluation) -> str:
    """What an evaluation is of, in a line."""
    of = "all" if evaluation.sentences >= evaluation.of else f"the first {evaluation.sentences:,} of"
    of = f"{of} {evaluation.of:,} test sentences"
    parts = [
        f"{evaluation.selected:,} selected of {of}" if evaluation.selection else of,
        f"{evaluation.tokens:,} tokens{' of all of these' if evaluation.selection else ''}",
        f"{evaluation.samples:,} importance samples",
        f"beam {evaluation.beam}",
        f"{evaluation.draws:,} samples of the prior" if evaluation.draws else "",
        f"{evaluation.pairs:,} pairs" if evaluation.pairs else "",
        f"seed {evaluation.seed}",
        local(evaluation.created),
    ]
    line = " · ".join(part for part in parts if part)
    return f"{line[:1].upper()}{line[1:]}"


def so_far(evaluation: Evaluation) -> str:
    """That numbers are still to come, and of how many sentences those are that there are; "" where all have come."""
    if evaluation.complete:
        return ""
    there = [each.numbers for each in evaluation.variants]
    missing = []
    for group, name in GROUPS.items():
        keys = [key for key, each in DEFINITIONS.items() if each.group == group and not key.startswith(RECURRENT)]
        if not all(any(key in numbers for key in keys) for numbers in there):
            missing.append(name)
        elif not all(key in numbers for key in keys for numbers in there):
            missing.append(f"more of {name}")
    counts = [number.n for numbers in there for key, number in numbers.items() if _of_sentences(DEFINITIONS[key])]
    least, most = min(counts, default=0), max(counts, default=0)
    reach = f"{least:,}" if least == most else f"{least:,} to {most:,}, by number,"
    grey = "" if least == most else " Grey ones are of fewer."
    rest = f" Still to come: {', '.join(missing)}." if missing else ""
    return f"So far: {reach} of {evaluation.sentences:,} sentences.{grey}{rest}"


def _of_sentences(definition: Definition) -> bool:
    return definition.group in ("likelihood", "reconstruction") and not definition.length


def is_whole(number: Number, definition: Definition, evaluation: Evaluation) -> bool:
    """Whether a number is of as many items as were asked for; of a class of lengths that is not known."""
    if evaluation.complete or evaluation.selection or definition.length or definition.key == "reverse_perplexity":
        return True
    asked = {"generation": evaluation.draws, "interpolation": evaluation.pairs}
    return number.n >= asked.get(definition.group, evaluation.sentences)


def legend(evaluation: Evaluation, choice: Choice) -> str:
    """What the marks mean, beneath the table."""
    against = baseline_of(evaluation, choice)
    arrows = "↑ higher is better, ↓ lower. Beneath each number: its 95% interval."
    if against is None or len(evaluation.variants) < 2:
        return arrows
    return (
        f"{arrows} + better, − worse than {against.label}: the 95% interval of the difference, paired over the same "
        "items, leaves out 0. Of many comparisons, one in twenty does so by chance."
    )


def language_model(evaluation: Evaluation) -> str:
    """What scores the samples; "" where nothing is known of it."""
    known = evaluation.language_model
    if not known:
        return ""
    parts = [f"Generation is scored by {str(known.get('how', 'a language model')).rstrip('.')}"]
    if isinstance(perplexity := known.get("perplexity"), int | float):
        parts.append(f"perplexity {perplexity:.1f} on the test sentences")
    if isinstance(floor := known.get("reverse_floor"), int | float):
        parts.append(f"real sentences, as many as samples, have a reverse perplexity of {floor:.1f}")
    said = "; ".join(parts) + "."
    if second := known.get("recurrent"):
        said += f" The second judge is {second['how']}; perplexity {second['perplexity']:.1f} on the same sentences."
    return said


def lead(known: Known, evaluation: Evaluation | None, running: bool) -> str:
    """What the button says that measures; "" where nothing can be, or something is."""
    if running or known.why_not or not known.run:
        return ""
    if evaluation is None:
        return f"Measure {first_sentences(known)}"
    return "Measure again" if evaluation.complete else "Resume"


def refine(known: Known, evaluation: Evaluation | None, running: bool) -> str:
    """What the button says that refines to the whole test set; "" where it is not offered."""
    if running or known.why_not or evaluation is None or not evaluation.complete:
        return ""
    return f"Refine to all {evaluation.of:,}" if evaluation.sentences < evaluation.of else ""


def second_judge(known: Known, evaluation: Evaluation | None, running: bool) -> str:
    """What the button says that trains the second judge; "" where there is one, or none can be."""
    if running or known.why_not or evaluation is None or not evaluation.complete or not evaluation.language_model:
        return ""
    return "" if "recurrent" in evaluation.language_model else "Second judge"


def first_sentences(known: Known) -> str:
    """How many sentences are measured first."""
    if known.sentences and known.sentences <= QUICK:
        return f"all {known.sentences:,} sentences"
    return f"{QUICK:,} sentences"


def only(evaluation: Evaluation, columns: Iterable[Column]) -> Evaluation:
    """The same of some variants."""
    names = {column.name for column in columns}
    return replace(evaluation, variants=tuple(each for each in evaluation.variants if each.name in names))


def _row(definition: Definition, cells: tuple[NumberCell, ...]) -> NumberRow:
    title, recurrent, _ = title_of(definition).partition(" (recurrent)")
    judged = "by a recurrent network" if recurrent else ""  # beneath the title, as the column is narrow
    parts = (_UNITS[definition.unit], judged, LENGTHS.get(definition.length, ""), WAYS.get(definition.way, ""))
    unit = " · ".join(part for part in parts if part)
    better = {"higher": "Higher is better.", "lower": "Lower is better.", "": "Neither more nor less is better."}
    tooltip = f"{definition.title}\n{definition.meaning}\n{better[definition.better]} {trap(definition)}".rstrip()
    return NumberRow(definition.key, title, definition.arrow, unit, tooltip, cells)


def _cell(
    evaluation: Evaluation,
    column: Column,
    definition: Definition,
    differences: Differences,
    against: VariantResult | None,
) -> NumberCell:
    number = evaluation.variant(column.name).numbers.get(definition.key)
    named = f"{definition.title}, {column.label}"
    if number is None:
        why = "not measured yet" if not evaluation.complete else "not measured"
        value = WAIT if not evaluation.complete else "–"
        return NumberCell(value, why, 0, f"{named}: {why}", f"{named}: {why}", True)
    if math.isnan(number.value):
        why = number.why or "it cannot be had"
        beneath = "no value" if number.n else "none to measure"
        return NumberCell("–", beneath, 0, f"{named}: {why}\n{facts_of(number, definition)}", f"{named}: {why}", True)
    value, reach = said(number.value, definition), interval(number, definition)
    beneath = reach or f"n = {number.n:,}, too few"  # as wide as an interval, so that it is not cut off
    difference = None
    if against is not None and against.name != column.name:
        difference = differences.get(column.name, {}).get(definition.key)
    mark = mark_of(difference)
    told = f"95% interval {reach}" if reach else number.why or f"{beneath} for an interval"
    compared = difference_line(difference, definition, column.label, against.label if against is not None else "")
    lines = [f"{named}: {value}", told, facts_of(number, definition), compared]
    judged = f", {_JUDGED[mark]} than {against.label}" if mark and against is not None else ""
    grey = not is_whole(number, definition, evaluation)
    lines += [f"So far of {number.n:,}; it goes on."] if grey else []
    spoken = f"{named}: {value}, {told}{judged}{', so far' if grey else ''}"
    return NumberCell(value, beneath, mark, "\n".join(filter(None, lines)), spoken, grey=grey)
