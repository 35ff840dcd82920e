"""What the table says of its rows, on the screen and in files: pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from app.bench.rows import STOP_LETTERS, GatheredRow
from app.bench.table.columns import headings, sentence_in, variant_in
from app.core.picks import Origin
from app.core.readings import TYPED, WRITTEN, signed
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

    Rows of several runs or steps say of which they are. Greek letters are written in words, which every spreadsheet and
    LaTeX can read.
    """
    present = [column for column in columns if any(sentence_in(row, column) for row in rows)]
    several = len(origins(rows)) > 1
    header = ["Input", *headings(present), "How", *(("Run", "Step") if several else ())]
    return header, [
        [
            source,
            *(sentence_in(row, column) for column in present),
            in_letters(row.how),
            *((row.origin.run, step_in_words(row)) if several else ()),
        ]
        for source, row in zip(inputs(rows), rows, strict=True)
    ]


def origins(rows: Sequence[GatheredRow]) -> list[Origin]:
    """The runs and steps that the rows are of, in the order in which they come."""
    return list(dict.fromkeys(row.origin for row in rows))


def subject(rows: Sequence[GatheredRow], usual: str) -> str:
    """What rows are of, as in "runs demo, step 2,000 and novel"; the run `usual` where they do not say it."""
    *most, last = [origin.label or usual for origin in origins(rows)] or [usual]
    return f"runs {'; '.join(most)} and {last}" if most else f"run {last}"


def note(row: GatheredRow) -> str:
    """How a row was made and by the models of which run."""
    return " · ".join(part for part in (row.how, row.origin.label) if part)


def numbers_in_words(row: GatheredRow, column: Column) -> str:
    """What is known of the sentence in a column, as in "log p(x̂|z) −8.2 · KL 3.1"."""
    numbers = row.numbers.get(variant_in(row, column))
    if numbers is None:
        return ""
    named = (
        (WRITTEN, numbers.log_probability),
        (TYPED, numbers.input_log_probability),
        ("log p(x)", numbers.marginal),
        ("KL", numbers.kl),
        ("Σ", numbers.credit),
    )
    said = [f"{name} {signed(value)}" for name, value in named if value is not None]
    said += [f"distance {numbers.distance:.2f}"] if numbers.distance is not None else []
    return " · ".join(said)


def count_words(rows: Sequence[GatheredRow]) -> str:
    """How many rows there are, and of how many runs and steps."""
    if not rows:
        return ""
    of = [
        f" of {len(found)} {what}s" for what, found in (("run", _runs(rows)), ("step", origins(rows))) if len(found) > 1
    ]
    return rows_in_words(len(rows)) + (of[0] if of else "")


def rows_in_words(count: int) -> str:
    """As in "1 row"."""
    return f"{count:,} row{'s' * (count != 1)}"


def written(rows: int, lines: int) -> str:
    """How much a file holds, as in "3 rows (12 lines, one a model)"."""
    return rows_in_words(rows) if lines <= rows else f"{rows_in_words(rows)} ({lines:,} lines, one a model)"


def in_letters(text: str) -> str:
    """With Greek letters written in words."""
    return text.replace("μ", "mu")


def step_in_words(row: GatheredRow) -> str:
    """The step of the row's models, or "" where it is not known."""
    return "" if row.origin.step is None else str(row.origin.step)


def whole_how(row: GatheredRow, variant: str) -> str:
    """How a sentence was made, in one line from which it can be had again, the way that it is on included."""
    numbers = row.numbers.get(variant)
    how = (numbers.how if numbers is not None else "") or row.how
    if row.path is None:
        return how
    a, *between, b = (f"“{stop}”" for stop in row.path)
    through = f" through {', '.join(between)}" if between else ""
    return f"{how}, step {row.step} of {(len(row.path) - 1) * row.steps} from {a}{through} to {b}"


def table_notes(whose: str, rows: Sequence[GatheredRow]) -> tuple[str, ...]:
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
    return (whose, *ways, *said)


def _runs(rows: Sequence[GatheredRow]) -> set[str]:
    return {row.origin.run for row in rows}


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


def taking(taken: int, given: int, done: int = 0) -> str:
    """That several sentences are on their way into the table, `taken` of those given; `done` of them so far."""
    many = "1 sentence" if taken == 1 else f"{taken:,} sentences"
    what = many if taken == given else f"the first {many} of {given:,}"
    return f"Decoding {what} for the table{f': {done:,} done' if done else ''}"


def cut_short(done: int, total: int) -> str:
    """That the models are gone before all sentences have come from them."""
    return f"The run was left while it decoded for the table: {_share(done, total)} came"


def under_way(done: int, total: int) -> str:
    """That sentences are on their way into the table, and what becomes of them when the window closes."""
    return f"Sentences are being decoded for the table: {_share(done, total)} came so far, and only these stay in it."


def _share(done: int, total: int) -> str:
    return f"{done:,} of {total:,} sentence{'s' * (total != 1)}"
