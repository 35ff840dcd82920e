"""The options that every command takes, and how a command is declared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli.reporting import Output, run
from engine.workspace import CHECKOUT, Workspace

WorkspaceOption = Annotated[
    Path,
    typer.Option("--workspace", help="Folder with corpora/, runs/ and cached_latents/.", show_default="the checkout"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output, nothing else.")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="No progress and no summary.")]
EventsOption = Annotated[bool, typer.Option("--events", help="Progress as one JSON object a line on standard error.")]
VariantsOption = Annotated[
    str, typer.Option("--variants", help="Names with commas between; all of the run if not given.")
]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Of everything random in this command.")]
DeviceOption = Annotated[str, typer.Option("--device", help="auto, cuda, cuda:N, mps or cpu.")]
RunArgument = Annotated[str, typer.Argument(help="Name of the run.")]
BeamOption = Annotated[int, typer.Option("--beam", help="Width of the beam search.")]
GreedyOption = Annotated[bool, typer.Option("--greedy", help="Take the best word at each step instead of a beam.")]
DEFAULT_WORKSPACE = CHECKOUT


def execute(command: Callable[[Output], None], workspace: Path, json: bool, quiet: bool, events: bool) -> None:
    """Run a command's body at the job boundary and exit with its code."""
    output = Output(Workspace(workspace.resolve()), json, quiet, events)
    raise typer.Exit(run(lambda: command(output), events))


def split_names(names: str) -> tuple[str, ...]:
    """The names of a comma-separated option; empty if none were given."""
    return tuple(name.strip() for name in names.split(",") if name.strip())


def rounded(values: dict[str, Any], digits: int = 4) -> dict[str, Any]:
    """The floats of a result, rounded for people who read it."""
    return {key: round(value, digits) if isinstance(value, float) else value for key, value in values.items()}
