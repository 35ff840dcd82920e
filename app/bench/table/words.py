"""The gathered rows as cells and notes of a table: pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from app.bench.rows import STOP_LETTERS, GatheredRow
from app.core.values import Column


def inputs(rows: Sequence[GatheredRow]) -> list[str]:
    """What each row was made from. Of an interpolation only the first and the last row say a whole sentence."""
    numbers = {path: i for i, path in enumerate(_paths(rows), start=1)}
    return [
        row.source if row.path is None else _input_of(row.path, row.steps, row.step, numbers[row.path, row.steps])
        for row in rows
    ]


def table_cells(columns: Sequence[Column], rows: Sequence[GatheredRow]) -> tuple[list[str], list[list[str]]]:
    """The gathered rows as the header and cells of a table: the input, a column a variant, how made.

    Greek letters are written in words, which every spreadsheet and LaTeX can read.
    """
    present = [c for c in columns if any(c.name in row.sentences for row in rows)]
    header = ["Input", *(column.label for column in present), "How"]
    return header, [
        [source, *(row.sentences.get(c.name, "") for c in present), row.how.replace("μ", "mu")]
        for source, row in zip(inputs(rows), rows, strict=True)
    ]


def table_notes(run: str, rows: Sequence[GatheredRow]) -> tuple[str, ...]:
    """What the cells of the table do not say: where the sentences come from and what the last column means."""
    ways = [_way(path, i) for i, (path, _) in enumerate(_paths(rows), start=1)]
    parts = {part for row in rows for part in row.how.replace("; ", ", ").split(", ")}
    meanings: list[tuple[str | tuple[str, ...], str]] = [
        ("z = μ", "z = mu: the mean of q(z|x) is decoded"),
        ("z ~ q", "z ~ q(z|x): a sample of q(z|x) is decoded"),
        ("lerp", "lerp: z on the straight line from A to B, in even steps"),
        ("slerp", "slerp: z on the arc from A to B, in even steps"),
        (("a − ", "a + "), "a - b + c: the z of a, less that of b, plus that of c; or another share of c - b"),
        (("x − ", "x + "), "with - without: the mean mu of one group of sentences, less that of the other"),
        ("beam", "beam n: beam search of width n"),
        ("length normalisation", "length normalisation a: sentences compete by log p(xhat|z) / (tokens + 1)^a"),
        ("greedy", "greedy: the most probable word at each step"),
    ]
    said = [words for sign, words in meanings if any(part.startswith(sign) for part in parts)]
    if any(row.source.startswith("Prior sample") for row in rows):
        said.append("Prior sample: z ~ N(0, I); each draw of a seed is the same z for every variant")
        if any("none unknown" in row.how for row in rows):
            said.append("4 to 20 tokens, none unknown: draws whose sentence is not so are left out, variant by variant")
    return (f"run {run}", *ways, *said)


def _paths(rows: Sequence[GatheredRow]) -> list[tuple[tuple[str, ...], int]]:
    """The interpolations among the rows, stops and steps, in order."""
    return list(dict.fromkeys((row.path, row.steps) for row in rows if row.path is not None))


def _input_of(path: Sequence[str], steps: int, step: int, number: int) -> str:
    """What a row of the table says of a step of interpolation `number`; a stop says its whole sentence."""
    piece, within = divmod(step, steps)
    if within:
        return f"Interpolation {number}, step {step} of {(len(path) - 1) * steps}"
    letters = ("A", *STOP_LETTERS[: len(path) - 2], "B")
    return f"Interpolation {number}, {letters[piece]}: {path[piece]}"


def _way(path: Sequence[str], number: int) -> str:
    """Where interpolation `number` goes."""
    a, *between, b = path
    through = "".join(f" through {letter}: {text}" for letter, text in zip(STOP_LETTERS, between, strict=False))
    return f"Interpolation {number} goes from A: {a}{through} to B: {b}"
