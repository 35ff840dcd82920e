"""`evaluate`: every number of the comparison, for every variant on the same sentences, draws and pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.command.columns import print_in_columns
from engine.cli.command.options import (
    DeviceOption,
    RunArgument,
    SeedOption,
    StepOption,
    VariantsOption,
    command,
    split_names,
)
from engine.cli.command.reporting import Output, follow
from engine.cli.command.without_effect import refuse_given
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.evaluation.measures.request import Request
    from engine.evaluation.measures.result import Evaluation
    from engine.evaluation.measures.tables import Differences
    from engine.runs.run import Run

_OF_NUMBERS = (
    *("target", "format", "baseline", "every", "anew", "judge", "containing", "tokens", "where"),
    *("samples", "draws", "pairs", "beam", "seed"),
)
"""Options of `evaluate` that belong to the numbers alone."""
SIDE_BY_SIDE = 8
"""Variants in a table on the terminal; fewer where it is narrow."""


@command
def evaluate(
    output: Output,
    run: RunArgument = "demo",
    variants: VariantsOption = "",
    limit: Annotated[int, typer.Option(help="Test sentences, the first so many; 0 for all.")] = 1000,
    samples: Annotated[int, typer.Option(help="Importance samples a sentence, K.")] = 100,
    draws: Annotated[int, typer.Option(help="Sentences drawn from the prior.")] = 1000,
    pairs: Annotated[int, typer.Option(help="Random pairs of test sentences that a way is led between.")] = 500,
    beam: Annotated[int, typer.Option(help="Width of the beam search.")] = 10,
    step: StepOption = None,
    containing: Annotated[
        str | None,
        typer.Option(
            help="Take the numbers over measured sentences with these words only, next to each other, or those that a "
            'line of conditions says: "dog tokens:5-8 stars:>3 | cat", /an expression/.',
            show_default=False,
        ),
    ] = None,
    tokens: Annotated[
        str | None, typer.Option(help="And over those of so many tokens: 5-10, 12- or -8.", show_default=False)
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            help="And over those with this beside them: label=positive, stars=2..4; or of so many: tokens=5-8.",
            show_default=False,
        ),
    ] = None,
    baseline: Annotated[
        str, typer.Option(help="Variant that the others are held against.", show_default="the first")
    ] = "",
    every: Annotated[bool, typer.Option("--every", help="Print all numbers, not only the chief ones.")] = False,
    target: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write every number as a table, one a line, to this file.")
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(help="csv, tsv, md, tex, html, xlsx, parquet or json.", show_default="the file's ending, or csv"),
    ] = None,
    judge: Annotated[
        bool,
        typer.Option(
            "--judge",
            help="Where the run has no recurrent language model yet, train one on its text; it judges the samples too.",
        ),
    ] = False,
    given_back: Annotated[
        bool,
        typer.Option("--given-back", help="Only give sentences back, greedily from mu: what the maps are coloured by."),
    ] = False,
    seed: SeedOption = 0,
    anew: Annotated[bool, typer.Option("--anew", help="Measure it also if it was kept before.")] = False,
    device: DeviceOption = "auto",
) -> None:
    """Measure likelihood, use of z, reconstructions, samples and interpolations of each variant, with intervals.

    What is measured is kept beside the cache: the same again is read, more sentences go on from there, and so does a
    command that was stopped. docs/evaluation.md has every number with its trap.

    Example: python main.py evaluate demo --limit 200
    """
    from engine.decoding.seeds import checked_seed
    from engine.evaluation.measures.behind import Behind
    from engine.evaluation.measures.recall import recall_or_evaluate
    from engine.evaluation.measures.request import Request
    from engine.evaluation.measures.result import Evaluation
    from engine.evaluation.measures.selection import Selection, beside_run
    from engine.evaluation.measures.tables import numbers_table
    from engine.evaluation.tables import write_table
    from engine.runs.best import asked_step, shared_best
    from engine.runs.compared import asked_for
    from engine.runs.run import Run
    from engine.selections.meeting import told_of_beginnings

    checked_seed(seed)
    if given_back:
        refuse_given("--given-back makes no numbers", *_OF_NUMBERS)
    written = None if target is None and format is None else _where(output, run, target, format)
    opened = Run.open(output.workspace.run(run))
    asked = asked_for(opened, split_names(variants), step is not None)
    chosen = asked.variants
    if asked.without:
        output.note(asked.without)
    against = opened.select((baseline,))[0].name if baseline else chosen[0].name
    if against not in [each.name for each in chosen]:
        output.note(f"{against} is measured too, as the others are held against it.")
        chosen = opened.select((against, *(each.name for each in chosen)))
    beside = beside_run(opened, output.workspace) if containing or where else {}
    selection = Selection.of(containing or "", tokens or "", where or (), beside)
    for remark in told_of_beginnings(selection.line, beside):
        output.note(remark)
    at = asked_step(step)
    at = shared_best(opened, chosen) if at == "best" else at
    request = Request(
        tuple(each.name for each in chosen), limit, samples, draws, pairs, beam, seed, at, selection, judge
    )
    request.check()
    if given_back:
        _give_back(output, opened, request, device)
        return

    result = follow(lambda stop: recall_or_evaluate(opened, output.workspace, request, device, stop, anew), output)
    evaluation = Evaluation.from_json(result)
    differences = Behind(opened, output.workspace, evaluation).differences(against)
    if written is not None:
        for remark in write_table(numbers_table(evaluation, differences), *written):
            output.note(remark)
        result["path"] = str(written[0])
    result["baseline"] = against
    result["differences"] = {
        name: {key: asdict(difference) for key, difference in found.items()} for name, found in differences.items()
    }
    output.result(result)
    if not (output.json or output.quiet):
        _print(evaluation, differences, every)
    if written is not None:
        output.say(f"Every number -> {written[0]}")


def _give_back(output: Output, run: Run, request: Request, device: str) -> None:
    from engine.evaluation.measures.giving_back import give_back

    result = follow(lambda stop: give_back(run, output.workspace, request, device, stop), output)
    output.result(result)
    for name, found in result["variants"].items():
        output.say(
            f"{run.variant(name).label}: {found['sentences']:,} of {result['of']:,} sentences given back and kept"
        )


def _where(output: Output, run: str, target: Path | None, format: str | None) -> tuple[Path, str]:
    """The file of the table, and its format; refused before anything is measured.

    Raises:
        UsageError: there is no such format, or the file is a folder.
        LoomError: it cannot be written.
    """
    from engine.evaluation.tables import format_of
    from engine.streams import check_file

    chosen = format_of(format, target, "csv")
    path = target or output.workspace.root / "out" / f"{run}-numbers.{chosen}"
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", f"Name the file in it: -o {path / f'{run}-numbers.{chosen}'}")
    check_file(path)
    return path, chosen


def _print(evaluation: Evaluation, differences: Differences, every: bool) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from engine.evaluation.measures.definitions import DEFINITIONS
    from engine.evaluation.measures.tables import HEADLINES, comparison_table

    made = comparison_table(evaluation, tuple(DEFINITIONS) if every else HEADLINES, differences)
    console = Console(highlight=False)

    def table(places: Sequence[int]) -> Table:
        found = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
        found.add_column(Text(made.columns[1]), no_wrap=True)
        for place in places:
            found.add_column(Text(made.columns[place]), justify="right")
        group = ""
        for row in made.rows:
            if row[0] != group:
                group = row[0]
                found.add_row(Text(group, style="bold"))
            found.add_row(Text(f"  {row[1]}"), *(_cell(row[place]) for place in places))
        return found

    print_in_columns(console, range(2, len(made.columns)), table, SIDE_BY_SIDE)
    for note in (made.caption, *made.notes):
        console.print(Text(note))


def _cell(text: str) -> Any:
    """A number, and its interval beneath it."""
    from rich.text import Text

    value, _, interval = text.partition(" [")
    if not interval:
        return Text(text)
    inside, _, mark = interval.partition("]")
    return Text.assemble(value + mark, "\n", (inside.replace(", ", ".."), "dim"))
