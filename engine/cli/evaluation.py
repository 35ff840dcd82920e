"""`evaluate`: every number of the comparison, for every variant on the same sentences, draws and pairs."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from engine.cli.command.options import DeviceOption, RunArgument, SeedOption, VariantsOption, command, split_names
from engine.cli.command.reporting import Output, follow


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
    step: Annotated[
        int | None, typer.Option(help="Checkpoint of this step.", show_default="the newest that all variants have")
    ] = None,
    baseline: Annotated[
        str, typer.Option(help="Variant that the others are held against.", show_default="the first")
    ] = "",
    every: Annotated[bool, typer.Option("--every", help="Print all numbers, not only the chief ones.")] = False,
    seed: SeedOption = 0,
    anew: Annotated[bool, typer.Option("--anew", help="Measure it also if it was kept before.")] = False,
    device: DeviceOption = "auto",
) -> None:
    """Measure likelihood, use of z, reconstructions, samples and interpolations of each variant, with intervals.

    What is measured is kept beside the cache: the same again is read, more sentences go on from there, and so does a
    command that was stopped. `table RUN numbers` writes all of it as a table.

    Example: python main.py evaluate demo --limit 200
    """
    from engine.decoding.seeds import checked_seed
    from engine.evaluation.measures.recall import recall_or_evaluate
    from engine.evaluation.measures.request import Request
    from engine.runs.run import Run

    checked_seed(seed)
    opened = Run.open(output.workspace.run(run))
    chosen = opened.select(split_names(variants))
    against = opened.select((baseline,))[0].name if baseline else chosen[0].name
    if against not in [each.name for each in chosen]:
        chosen = opened.select((against, *(each.name for each in chosen)))
    request = Request(tuple(each.name for each in chosen), limit, samples, draws, pairs, beam, seed, step)
    request.check()

    result = follow(lambda stop: recall_or_evaluate(opened, output.workspace, request, device, stop, anew), output)
    output.result(result)
    if not (output.json or output.quiet):
        _print(output, opened, result, against, every)


def _print(output: Output, run: Any, result: dict[str, Any], baseline: str, every: bool) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from engine.evaluation.measures.behind import Behind
    from engine.evaluation.measures.definitions import DEFINITIONS
    from engine.evaluation.measures.result import Evaluation
    from engine.evaluation.measures.tables import HEADLINES, comparison_table

    evaluation = Evaluation.from_json(result)
    differences = Behind(run, output.workspace, evaluation).differences(baseline)
    made = comparison_table(evaluation, tuple(DEFINITIONS) if every else HEADLINES, differences)
    console = Console(highlight=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for position, heading in enumerate(made.columns[1:]):
        table.add_column(Text(heading), justify="right" if position else "left")
    group = ""
    for row in made.rows:
        if row[0] != group:
            group = row[0]
            table.add_row(Text(group, style="bold"))
        table.add_row(Text(f"  {row[1]}"), *(_cell(text) for text in row[2:]))
    console.print()
    console.print(table)
    console.print()
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
