"""The gathered rows with their numbers, as tables for programs and for people: pure functions.

A line is one sentence of one variant, so that each quantity is one column: the long form that pandas is made for. Means
by variant are then `frame.groupby("model")["kl"].mean()`, runs with other variants add lines and no half-empty columns,
and the columns are the same whatever was gathered, but for what stands beside test sentences in tables of their own
(`data.label`). `row` says which lines were one row of the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.bench.rows import GatheredRow
from app.bench.table.words import in_letters, inputs, whole_how
from app.core.picks import Numbers

_COLUMNS = {
    "row": "Row",
    "input": "Input",
    "variant": "Variant",
    "model": "Model",
    "sentence": "Sentence",
    "log_p_xhat_given_z": "log p(xhat|z)",
    "log_p_x_given_z": "log p(x|z)",
    "log_p_x": "log p(x)",
    "kl": "KL",
    "credit": "Credit",
    "distance": "Distance",
    "neighbour": "Neighbour",
    "how": "How",
    "test_sentence": "Test sentence",
    "run": "Run",
    "step": "Step",
}
"""What programs and what people call each column."""
BESIDE = "data."
"""What the names of columns begin with, for programs, that stand beside the test sentence in its own table."""
_FOR_PROGRAMS = ("row", "variant")
"""What people see without being told."""
_OF_THE_ROW = ("input", "how", "test_sentence", "run", "step")
"""What is the same in all lines of a row; people read it in the first of them."""

NOTES = {
    "log p(xhat|z)": "log p(xhat|z): of the sentence xhat that was written, nats, its end counted",
    "log p(x|z)": "log p(x|z): of the input x at the same z, nats, its end counted",
    "log p(x)": "log p(x): nats, z integrated out",
    "Credit": "Credit: log p(x|z) - log p(x|z=0), nats; in the sentence stands that of each word",
    "Distance": "Distance: of the test sentence from the input, in the measure named under How",
    "Neighbour": "Neighbour: the number of that test sentence in the test set of the run, from 1",
    "KL": "KL: KL(q(z|x) || p(z)), nats; none where z was not made from a sentence alone",
    "Test sentence": "Test sentence: its number in the test set of the run, from 1 as the maps count them",
}
"""What the headings mean that need it."""
_NOTHING_KNOWN = Numbers()


def for_programs(rows: Sequence[GatheredRow]) -> tuple[list[str], list[list[Any]]]:
    """Header and lines, every column always there, every line complete in itself."""
    sources = zip(rows, inputs(rows), strict=True)
    lines = [line for number, (row, source) in enumerate(sources, start=1) for line in _lines(row, number, source)]
    names = [*_COLUMNS, *_beside(rows)]
    return names, [[line.get(name) for name in names] for line in lines]


def for_people(rows: Sequence[GatheredRow]) -> tuple[list[str], list[list[Any]]]:
    """Header and lines, without columns that are empty, nothing said twice of a row, numbers to two decimals."""
    lines = []
    for number, (row, source) in enumerate(zip(rows, inputs(rows), strict=True), start=1):
        for i, line in enumerate(_lines(row, number, source)):
            if row.path is not None:
                line["how"] = in_letters(row.how)  # where the way goes is said in the notes
            of_the_row = (*_OF_THE_ROW, *(f"{BESIDE}{name}" for name in row.beside))
            shown = {name: None if i and name in of_the_row else _rounded(cell) for name, cell in line.items()}
            lines.append(shown)
    beside = {name: name.removeprefix(BESIDE) for name in _beside(rows)}
    every = [name for name in (*_COLUMNS, *beside) if name not in _FOR_PROGRAMS]
    there = [name for name in every if any(line.get(name) not in (None, "") for line in lines)]
    return [{**_COLUMNS, **beside}[name] for name in there], [[line.get(name) for name in there] for line in lines]


def _beside(rows: Sequence[GatheredRow]) -> list[str]:
    """The columns of what stands beside test sentences, in the order of their tables."""
    return list(dict.fromkeys(f"{BESIDE}{name}" for row in rows for name in row.beside))


def _lines(row: GatheredRow, number: int, source: str) -> list[dict[str, Any]]:
    made = []
    labels = {column.name: column.label for column in row.columns}
    order = list(labels)
    for variant in sorted(row.sentences, key=lambda name: order.index(name) if name in labels else len(order)):
        numbers = row.numbers.get(variant, _NOTHING_KNOWN)
        cells = (
            number,
            source,
            variant,
            labels.get(variant, variant),
            row.sentences[variant],
            numbers.log_probability,
            numbers.input_log_probability,
            numbers.marginal,
            numbers.kl,
            numbers.credit,
            numbers.distance,
            numbers.neighbour + 1 if numbers.neighbour >= 0 else None,
            in_letters(whole_how(row, variant)),
            row.index + 1 if row.index >= 0 else None,
            row.origin.run,
            row.origin.step,
        )
        beside = {f"{BESIDE}{name}": value for name, value in row.beside.items()}
        made.append({**dict(zip(_COLUMNS, cells, strict=True)), **beside})
    return made


def _rounded(cell: Any) -> Any:
    return round(cell, 2) + 0.0 if isinstance(cell, float) else cell  # no minus before a zero
