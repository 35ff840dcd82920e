"""The numbers of an evaluation as tables: a short one for people, and one with everything for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.evaluation.measures.definitions import DEFINITIONS, GROUPS
from engine.evaluation.measures.result import Difference, Evaluation, Number
from engine.evaluation.measures.selection import Selection
from engine.evaluation.tables import Table

HEADLINES = tuple(key for key, each in DEFINITIONS.items() if each.headline)
"""The numbers of the short table."""

Differences = Mapping[str, Mapping[str, Difference]]


def comparison_table(
    evaluation: Evaluation,
    keys: Sequence[str] = HEADLINES,
    differences: Differences | None = None,
) -> Table:
    """Numbers as rows and variants as columns, each with its interval, and marked where it differs from the baseline.

    Args:
        evaluation: the numbers.
        keys: which of them; those that no variant has are left out.
        differences: from `Behind.differences`; a better number is marked with "+", a worse one with "-".
    """
    rows = []
    selected = Selection.from_json(evaluation.selection).describe()
    chosen = f", of them the {evaluation.selected:,} {selected}" if selected else ""
    for key in (key for key in DEFINITIONS if key in keys):
        definition = DEFINITIONS[key]
        if any(key in each.numbers for each in evaluation.variants):
            cells = [
                cell(key, each.numbers.get(key), (differences or {}).get(each.name, {}).get(key))
                for each in evaluation.variants
            ]
            rows.append((GROUPS[definition.group], f"{definition.title} {definition.arrow}".strip(), *cells))
    marks = (f"+ better, - worse than {_baseline(evaluation, differences)}: the paired 95% interval leaves out 0.",)
    remarks = dict.fromkeys(
        f"{DEFINITIONS[key].title}, {each.label}: {each.numbers[key].why}"
        for each in evaluation.variants
        for key in keys
        if key in each.numbers and each.numbers[key].low is not None and each.numbers[key].why
    )
    return Table(
        name="evaluation",
        columns=("Kind", "Number", *distinct([each.label for each in evaluation.variants])),
        rows=tuple(rows),
        caption=f"Run {evaluation.run}, step {evaluation.step:,}: the first {evaluation.sentences:,} of "
        f"{evaluation.of:,} test sentences{chosen}.",
        notes=(*notes(evaluation), *(marks if differences else ()), *remarks),
    )


def numbers_table(evaluation: Evaluation, differences: Differences | None = None) -> Table:
    """One row a variant and number, at full precision, with interval, n, seed, unit and estimator."""
    columns = ("variant", "label", "m", "number", "value", "low", "high", "n", "unit", "better", "seed", "how")
    more = ("difference", "difference_low", "difference_high") if differences is not None else ()
    rows: list[tuple[object, ...]] = []
    for each in evaluation.variants:
        for key, number in each.numbers.items():
            definition = DEFINITIONS[key]
            row: list[object] = [each.name, each.label, each.m, key, number.value, number.low, number.high, number.n]
            how = "; ".join(filter(None, (number.how, number.why)))
            row += [number.unit, definition.better, number.seed, how]
            if differences is not None:
                found = differences.get(each.name, {}).get(key)
                row += [found.value, found.low, found.high] if found is not None else [None, None, None]
            rows.append(tuple(row))
    return Table(
        name="numbers",
        columns=(*columns, *more),
        rows=tuple(rows),
        caption=f"Every number of run {evaluation.run} at step {evaluation.step:,}.",
        notes=(
            *notes(evaluation),
            *((f"difference: less {_baseline(evaluation, differences)}, paired.",) if differences else ()),
        ),
    )


def _baseline(evaluation: Evaluation, differences: Differences | None) -> str:
    """The label of the variant that the others are held against."""
    return next((each.label for each in evaluation.variants if each.name not in (differences or {})), "the baseline")


def notes(evaluation: Evaluation) -> tuple[str, ...]:
    """What is needed to understand the numbers, and to get them again."""
    judge = evaluation.language_model
    found = [
        f"{evaluation.sentences:,} test sentences, {evaluation.tokens:,} tokens with their ends; importance-weighted "
        f"with K={evaluation.samples}; {evaluation.draws:,} samples of the prior; {evaluation.pairs:,} pairs; beam "
        f"{evaluation.beam}; seed {evaluation.seed}.",
        *over(evaluation),
        "95% intervals of the bootstrap, the same resamples for every model.",
    ]
    if judge:
        found.append(
            f"Language model: {judge['how']}. On {judge['tests']:,} test sentences its own perplexity is "
            f"{judge['perplexity']:.1f}: real text has about that, and samples far below it are duller. "
            f"Of {judge.get('floor_sentences', evaluation.draws):,} real sentences the reverse perplexity is "
            f"{judge['reverse_floor']:.1f}."
        )
        if recurrent := judge.get("recurrent"):
            found.append(
                f"Recurrent language model: {recurrent['how']}. On the same {recurrent['tests']:,} sentences its own "
                f"perplexity is {recurrent['perplexity']:.1f}. It is a network of the kind that wrote the samples, and "
                "may share their faults: read it beside the counted one."
            )
    if not evaluation.complete:
        found.append("Not everything is measured yet.")
    return tuple(found)


def over(evaluation: Evaluation) -> tuple[str, ...]:
    """Which of the sentences the numbers are taken over, in a sentence; () for all of them."""
    if not evaluation.selection:
        return ()
    words = Selection.from_json(evaluation.selection).describe()
    return (
        f"Over {evaluation.selected:,} of the {evaluation.sentences:,}: those {words}. Samples of the prior are all.",
    )


def cell(key: str, number: Number | None, difference: Difference | None = None) -> str:
    """A number with its interval as people read it; "none" where there is none."""
    if number is None or number.value != number.value:
        return "none"
    definition = DEFINITIONS[key]
    mark = {1: " +", -1: " -", 0: ""}[difference.better] if difference is not None else ""
    if number.low is None or number.high is None:
        return f"{definition.shown(number.value)} (n={number.n}){mark}"
    return f"{definition.shown(number.value)} [{definition.shown(number.low)}, {definition.shown(number.high)}]{mark}"


def distinct(labels: Sequence[str]) -> list[str]:
    """Labels as headings: equal ones numbered."""
    found: list[str] = []
    for label in labels:
        number = 1 + sum(other == label or other.startswith(f"{label} (") for other in found)
        found.append(label if number == 1 else f"{label} ({number})")
    return found
