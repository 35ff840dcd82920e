"""The options that every command takes, and how a command is declared."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from engine.cli.command.reporting import Output, run
from engine.errors import UsageError
from engine.training.distributed import launched_processes, launched_rank
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
MostFailedOption = Annotated[
    int | None,
    typer.Option(
        "--most-failed",
        min=0,
        help="Of a survey, leave out who failed more catch trials.",
        show_default="nobody is left out",
    ),
]
RunArgument = Annotated[str, typer.Argument(help="Name of the run.")]
StepOption = Annotated[
    str | None,
    typer.Option(
        "--step",
        help="Take the checkpoints of this step, or of the `best` one where all variants have the same.",
        show_default="the newest that all have",
    ),
]


def command(body: Callable[..., None], several: bool = False) -> Callable[..., None]:
    """Make a command of a function that takes its `Output` first.

    The command takes the function's other parameters and the options that all commands have, runs it at the job
    boundary, and exits with its code.

    Args:
        body: the function.
        several: whether torchrun may start it in several processes, of which the first one speaks.
    """

    def run_command(workspace: Path, json: bool, quiet: bool, events: bool, **own: Any) -> None:
        place = Workspace(workspace.resolve())
        speaks = launched_rank() == 0
        output = Output(place, json, quiet, events) if speaks else Output(place, quiet=True)
        work = partial(body, output, **own) if several or launched_processes() == 1 else partial(_refuse, body.__name__)
        raise typer.Exit(run(work, events, place))

    _, *own = inspect.signature(body, eval_str=True).parameters.values()
    parameters = [*own, *inspect.signature(_common).parameters.values()]
    hints = get_type_hints(body, include_extras=True) | get_type_hints(_common, include_extras=True)
    signature = [each.replace(kind=each.KEYWORD_ONLY, annotation=hints[each.name]) for each in parameters]
    run_command.__name__, run_command.__doc__ = body.__name__, body.__doc__
    run_command.__annotations__ = {each.name: each.annotation for each in signature}
    run_command.__signature__ = inspect.Signature(signature)  # type: ignore[attr-defined]
    return run_command


shared_command = partial(command, several=True)
"""Like `command`, for work that several processes can share."""


def _refuse(name: str) -> None:
    raise UsageError(f"{name} runs in one process.", "Give the same command without torchrun.")


def _common(
    *,
    workspace: WorkspaceOption = CHECKOUT,
    json: JsonOption = False,
    quiet: QuietOption = False,
    events: EventsOption = False,
) -> None:
    """The options of every command, as a signature."""


def split_names(names: str) -> tuple[str, ...]:
    """The names of a comma-separated option; empty if none were given."""
    return tuple(name.strip() for name in names.split(",") if name.strip())


def not_empty(**given: str | None) -> None:
    """Refuse options that were given with nothing in them, as by a script whose variable was not set.

    Args:
        given: by the names of the options, with underscores; None where one was not given.

    Raises:
        UsageError: one is empty.
    """
    for name, value in given.items():
        if value is not None and not value.strip():
            raise UsageError(f"--{name.replace('_', '-')} is empty.", "Say what it is to be, or leave it out.")


def numbers_of(text: str, option: str) -> tuple[float, ...]:
    """The numbers of an option, with commas between.

    Raises:
        UsageError: one is none.
    """
    try:
        return tuple(float(number) for number in text.split(","))
    except ValueError as error:
        raise UsageError(f"{option} {text!r} is no list of numbers.", f"Write it like {option} -1,0,1.5") from error
