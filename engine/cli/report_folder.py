"""`report`: the comparison of a run's models as one folder that can be handed on."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.command.options import DeviceOption, RunArgument, SeedOption, command
from engine.cli.command.reporting import Output, follow
from engine.errors import LoomError
from engine.events import Done, Event, Note

if TYPE_CHECKING:
    from engine.evaluation.measures.result import Evaluation
    from engine.runs.run import Run


@command
def report(
    output: Output,
    run: RunArgument = "demo",
    target: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder.", show_default="out/RUN-report in the workspace")
    ] = None,
    seed: SeedOption = 0,
    device: DeviceOption = "auto",
) -> None:
    """Write the comparison of a run's variants as one folder: a page, tables and figures in every format.

    It is made from the kept evaluation with the most sentences; where there is none, the first 1,000 are evaluated. The
    seed is that of the tables of sentences. A report in the folder is replaced when the new one is complete.

    Example: python main.py report demo -o demo-report
    """
    from engine.decoding.seeds import checked_seed
    from engine.evaluation.report.folder import checked_folder
    from engine.runs.run import Run

    checked_seed(seed)
    opened = Run.open(output.workspace.run(run))
    folder = checked_folder(target or output.workspace.root / "out" / f"{opened.name}-report")
    result = follow(partial(_task, opened, output, folder, seed, device), output)
    output.result(result)
    output.say(f"{len(result['tables'])} tables and {len(result['figures'])} figures -> {result['page']}")


def _task(
    run: Run, output: Output, folder: Path, seed: int, device: str, should_stop: Callable[[], bool]
) -> Iterator[Event]:
    from engine.encoding.missing_latents import encoded, why_to_encode
    from engine.evaluation.report.making import report as make
    from engine.runs.compared import present
    from engine.storage.latent_cache import LatentCache

    present(run)  # where no variant has a checkpoint, nothing is begun
    evaluation = yield from _evaluated(run, output, device, should_stop)
    why = why_to_encode(run, output.workspace)  # the tables of sentences are taken from the latents
    if why is not None:
        yield Note(f"{why.message} So the latents are computed first.")
        yield from encoded(run, output.workspace, device, should_stop, _names(run))
    with LatentCache.open(output.workspace.cache(run.name)) as cache:
        yield from make(run, output.workspace, evaluation, cache, folder, device, seed, should_stop)


def _evaluated(
    run: Run, output: Output, device: str, should_stop: Callable[[], bool]
) -> Generator[Event, None, Evaluation]:
    """The kept evaluation, or a new one where none is kept that fits."""
    from engine.evaluation.measures.kept import most_thorough
    from engine.evaluation.measures.recall import recall_or_evaluate
    from engine.evaluation.measures.request import Request
    from engine.evaluation.measures.result import Evaluation

    try:
        found = most_thorough(run, output.workspace)
    except LoomError as error:
        found = None
        yield Note(f"{error.message} So it is evaluated anew.", "warning")
    if found is not None:
        return found
    yield Note("Nothing was evaluated of these models, so that is done first.")
    for event in recall_or_evaluate(run, output.workspace, Request(_names(run)), device, should_stop):
        if isinstance(event, Done):
            return Evaluation.from_json(event.result)
        yield event
    raise AssertionError("an evaluation ends with Done")


def _names(run: Run) -> tuple[str, ...]:
    """The variants whose numbers can be compared."""
    from engine.runs.compared import comparable

    return tuple(each.name for each in comparable(run).variants)
