"""`encode` and `project`: from models to maps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Literal

import typer

from engine.cli.command.options import (
    DeviceOption,
    RunArgument,
    SeedOption,
    StepOption,
    VariantsOption,
    command,
    shared_command,
    split_names,
)
from engine.cli.command.reporting import Output, follow
from engine.errors import LoomError, UsageError
from engine.events import Event
from engine.runs.best import asked_step, shared_best
from engine.runs.run import Run
from engine.training.distributed import together


@shared_command
def encode(
    output: Output,
    run: RunArgument = "demo",
    variants: VariantsOption = "",
    device: DeviceOption = "auto",
    seed: SeedOption = 0,
    step: StepOption = None,
) -> None:
    """Write the latents of a run's test sentences to cached_latents/RUN.h5, or RUN@STEP.h5 for an earlier step.

    Several GPUs or machines: torchrun --nproc-per-node N -- main.py encode RUN (docs/several-machines.md)

    Example: python main.py encode demo
    """
    from engine.encoding.encode import encode as encode_run

    names = split_names(variants)
    at = _step(output, run, names, step)

    def task(stop: Callable[[], bool]) -> Iterator[Event]:
        with together(device) as processes:
            opened = Run.open(output.workspace.run(run))
            yield from encode_run(opened, output.workspace, names, device, seed, stop, at, processes)

    result = follow(task, output)
    output.result(result)
    output.say(f"{result['sentences']:,} sentences, {len(result['variants'])} variants -> {result['path']}")
    output.say(f"Next: python main.py project {run}{_at(at)}")


@command
def project(
    output: Output,
    run: RunArgument = "demo",
    variants: VariantsOption = "",
    method: Annotated[Literal["umap", "pca"], typer.Option(help="Kind of map.")] = "umap",
    neighbours: Annotated[int, typer.Option(help="UMAP: neighbours of a point.")] = 15,
    min_dist: Annotated[float, typer.Option(help="UMAP: how tightly points may pack.")] = 0.1,
    landmarks: Annotated[int, typer.Option(help="Fit on this many sentences at most; place the others.")] = 20_000,
    seed: SeedOption = 0,
    step: StepOption = None,
) -> None:
    """Add a map of every variant's latents to the cache.

    Example: python main.py project demo --method umap --neighbours 30
    """
    from pydantic import ValidationError

    from engine.config import ProjectionConfig
    from engine.encoding.encode import check_fresh
    from engine.maps.projection import project as project_cache
    from engine.storage.latent_cache import LatentCache

    try:
        config = ProjectionConfig(
            method=method, neighbours=neighbours, min_dist=min_dist, landmarks=landmarks, seed=seed
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"--{str(first['loc'][0]).replace('_', '-')}: {first['msg']}.") from error
    names = split_names(variants) or None
    at = _step(output, run, names or (), step)
    path = output.workspace.cache(run, at)
    if path.exists() and run in output.workspace.run_names():
        with LatentCache.open(path) as cache:
            check_fresh(Run.open(output.workspace.run(run)), cache, at)
    elif at is not None and not path.exists():
        raise LoomError(
            f"There are no latents of step {at} of run {run!r}: {path}.",
            f"Make them: python main.py encode {run}{_at(at)}",
        )
    result = follow(lambda stop: project_cache(path, names, config), output)
    output.result(result)
    output.say(f"Map {result['projection']!r} of {len(result['variants'])} variants -> {result['path']}")


def _step(output: Output, run: str, names: tuple[str, ...], text: str | None) -> int | None:
    """The step that `--step` says; the best one only where all variants have the same."""
    step = asked_step(text)
    if step != "best":
        return step
    opened = Run.open(output.workspace.run(run))
    return shared_best(opened, opened.select(names))


def _at(step: int | None) -> str:
    return f" --step {step}" if step is not None else ""
