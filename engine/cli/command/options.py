"""The options that every command takes, and how a command is declared."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any, ClassVar, get_type_hints

import typer
from typer.core import TyperCommand

from engine.cli.command.reporting import Output, run
from engine.cli.command.without_effect import note_given
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


class Strict(TyperCommand):
    """A command that refuses what was given with nothing in it, as by a script whose variable was not set.

    What is parsed no longer tells: an empty name is then that of no variant, and an empty path the folder one is in.
    """

    refused: ClassVar[frozenset[str] | None] = None
    """Parameters that are looked at; None for all."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        given, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        ctx.meta["empty"] = [
            each
            for each in self.params
            if (self.refused is None or each.name in self.refused) and _holds_an_empty_text(given.get(each.name))
        ]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        def refuse() -> None:
            first = ctx.meta["empty"][0]
            name = max(first.opts, key=len) if first.param_type_name == "option" else str(first.name).upper()
            raise UsageError(
                f"{name} is empty.", "Say what it is to be" + (", or leave it out." if not first.required else ".")
            )

        if ctx.meta["empty"]:
            place = Workspace(ctx.params["workspace"].resolve())
            raise typer.Exit(run(refuse, ctx.params["events"], place))
        note_given(ctx)
        return super().invoke(ctx)


class StrictButSentences(Strict):
    """One that asks the models, which tells by itself which of its sentences has no word in it."""

    refused = frozenset({"run", "variant", "device", "step", "workspace"})


def _holds_an_empty_text(given: object) -> bool:
    texts = given if isinstance(given, list | tuple) else [given]
    return any(isinstance(text, str) and not text.strip() for text in texts)


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
    """The names of a comma-separated option; empty if it was left out.

    Raises:
        UsageError: there is none between its commas.
    """
    found = tuple(name.strip() for name in names.split(",") if name.strip())
    if names and not found:
        raise UsageError(f"--variants {names!r} names nothing.", "Give names with commas between, or leave it out.")
    return found


def numbers_of(text: str, option: str) -> tuple[float, ...]:
    """The numbers of an option, with commas between.

    Raises:
        UsageError: one is none.
    """
    try:
        return tuple(float(number) for number in text.split(","))
    except ValueError as error:
        raise UsageError(f"{option} {text!r} is no list of numbers.", f"Write it like {option} -1,0,1.5") from error
