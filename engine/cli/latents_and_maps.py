"""`encode` and `project`: from models to maps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from engine.cli.command.reporting import Output, follow, rounded
from engine.cli.command.without_effect import refuse_given
from engine.config import MapMethod, MapMetric, MapOf
from engine.errors import UsageError
from engine.events import Event
from engine.maps.presets import PresetName
from engine.runs.best import asked_step, shared_best
from engine.runs.run import Run
from engine.training.distributed import together
from engine.workspace import naming

if TYPE_CHECKING:
    from engine.maps.kept_maps import KeptMap
    from engine.maps.quality import Quality
    from engine.storage.latent_cache import LatentCache

_OF_MAPS = (
    *("method", "preset", "neighbours", "min_dist", "metric"),
    *("epochs", "of", "alone", "landmarks", "seed"),
)
"""Options of `project` that say how a map is made."""


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
    method: Annotated[MapMethod, typer.Option(help="Kind of map.")] = "umap",
    preset: Annotated[
        PresetName | None,
        typer.Option(
            help="UMAP and t-SNE: settings that go together, for small groups or the large shape.",
            show_default="balanced",
        ),
    ] = None,
    name: Annotated[str, typer.Option(help="Of the map.", show_default="what is unusual of its settings")] = "",
    neighbours: Annotated[
        int | None, typer.Option(help="UMAP: neighbours of a point. t-SNE: perplexity.", show_default="the preset's")
    ] = None,
    min_dist: Annotated[
        float | None, typer.Option(help="UMAP: how tightly points may pack.", show_default="the preset's")
    ] = None,
    metric: Annotated[
        MapMetric | None, typer.Option(help="UMAP and t-SNE: which points are near.", show_default="euclidean")
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Steps of the layout.", show_default="UMAP 200, t-SNE 250")] = None,
    of: Annotated[MapOf, typer.Option(help="Map the means of q(z|x), or one draw of it for each sentence.")] = "mu",
    alone: Annotated[
        bool, typer.Option("--alone", help="Each model by itself, not turned so that models can be compared.")
    ] = False,
    landmarks: Annotated[
        int | None,
        typer.Option(
            help="UMAP and t-SNE: fit on this many sentences at most; place the others.", show_default="20000"
        ),
    ] = None,
    seed: SeedOption = 0,
    step: StepOption = None,
    listed: Annotated[bool, typer.Option("--list", help="Make none: list the maps that are kept.")] = False,
    delete: Annotated[
        str | None, typer.Option("--delete", metavar="NAME", help="Make none: delete the maps of a name.")
    ] = None,
    rename: Annotated[
        str | None, typer.Option("--rename", metavar="NAME", help="Make none: give the maps of a name that of --name.")
    ] = None,
) -> None:
    """Add a map of every variant's latents to the cache, and tell how far it can be trusted; or list, delete, rename.

    Example: python main.py project demo --method tsne --preset local
    """
    from pydantic import ValidationError

    from engine.config import ProjectionConfig
    from engine.encoding.encode import check_fresh
    from engine.encoding.missing_latents import no_latents
    from engine.maps.kept_maps import kept_maps
    from engine.maps.presets import settings_of
    from engine.maps.projection import project as project_cache
    from engine.storage.latent_cache import LatentCache
    from engine.storage.maps.map_list import folder_of

    if sum(map(bool, (listed, delete, rename))) > 1:
        raise UsageError("--list, --delete and --rename are three different things.", "Give one of them.")
    if rename and not name:
        raise UsageError("--rename needs the new name.", "Add it: --name NAME")
    if listed or delete or rename:
        what = "--list" if listed else "--delete" if delete else "--rename"
        refuse_given(f"{what} makes no map", *_OF_MAPS, *(() if rename else ("name",)))
    _check_meant(
        method, of, preset=preset, neighbours=neighbours, min_dist=min_dist, metric=metric, epochs=epochs,
        landmarks=landmarks, seed=seed or None,
    )  # fmt: skip
    names = split_names(variants) or None
    at = _step(output, run, names or (), step)
    path = output.workspace.cache(run, at)
    try:
        given: dict[str, Any] = {"metric": metric, "landmarks": landmarks}
        of_both = {key: value for key, value in given.items() if value is not None}
        own = settings_of(preset or "balanced", neighbours=neighbours, min_dist=min_dist)
        config = ProjectionConfig(
            method=method, name=name, epochs=epochs, of=of, aligned=not alone, seed=seed, **own, **of_both,
        )  # fmt: skip
    except ValidationError as error:
        first = error.errors()[0]
        if first["loc"][0] == "name":
            raise UsageError(
                f"A map cannot be called {name!r}.",
                "Names have up to 40 of a-z, A-Z, 0-9, spaces, points, hyphens and underscores, and begin with none of "
                "the signs.",
            ) from error
        raise UsageError(f"--{str(first['loc'][0]).replace('_', '-')}: {first['msg']}.") from error
    if not path.exists():
        raise no_latents(output.workspace, run, at)
    if names and run in output.workspace.run_names():
        Run.open(output.workspace.run(run)).select(tuple(names))
    if listed or delete or rename:
        _kept_maps(output, path, names, delete or "", rename or "", name)
        return
    if run in output.workspace.run_names():
        with LatentCache.open(path) as cache:
            check_fresh(Run.open(output.workspace.run(run)), cache, at)
    result = follow(lambda stop: project_cache(path, names, config), output)
    result["written"] = str(folder_of(path))
    with LatentCache.open(path) as cache:
        kept = next(each for each in kept_maps(cache) if each.name == result["projection"])
        result["quality"] = {each: _quality(kept.qualities.get(each)) for each in result["variants"]}
        result["warnings"] = {each: kept.warnings[each] for each in result["variants"] if each in kept.warnings}
        output.result(result)
        output.say(f"Map {result['projection']!r} of {len(result['variants'])} variants -> {result['written']}")
        for line in _lines(cache, kept, result["variants"]):
            output.say(line)


def _check_meant(method: str, of: str, **given: object) -> None:
    """Refuse settings that the kind of map does not have, which would be made as if they had not been given."""
    from engine.maps.presets import has_seed

    none = ("preset", "neighbours", "min_dist", "metric", "epochs", "landmarks")
    unknown = {"pca": none, "tsne": ("min_dist",)}.get(method, ())
    for name in unknown:
        if given[name] is not None:
            raise UsageError(f"A map by {method} has no --{name.replace('_', '-')}.", "Leave it out.")
    if given["seed"] is not None and not has_seed(method, of):
        raise UsageError(f"A map by {method} of the means has no --seed.", "Leave it out.")


def _kept_maps(output: Output, path: Path, names: Sequence[str] | None, delete: str, rename: str, new: str) -> None:
    """List, delete or rename the maps of a cache."""
    from engine.maps.kept_maps import kept_maps, settings_told
    from engine.storage.cache_maps import delete_projections, rename_projections
    from engine.storage.latent_cache import LatentCache

    if delete:
        having = delete_projections(path, delete, names)
        output.result({"path": str(path), "deleted": delete, "variants": having})
        output.say(f"Deleted map {delete!r} of {', '.join(having)}.")
        return
    if rename:
        having = rename_projections(path, rename, new, names)
        output.result({"path": str(path), "renamed": rename, "to": new, "variants": having})
        output.say(f"Map {rename!r} of {', '.join(having)} is {new!r} now.")
        return
    with LatentCache.open(path) as cache:
        shown = [each for each in cache.variants if not names or each in names]
        every = (each.only(shown) for each in kept_maps(cache))
        found = [each for each in every if each.variants or each.stale or each.damaged]
        document = [
            {
                "name": each.name,
                "settings": dict(each.settings),
                "variants": list(each.variants),
                "quality": {variant: _quality(quality) for variant, quality in each.qualities.items()},
                "warnings": dict(each.warnings),
                "of_other_weights": list(each.stale),
                "damaged": list(each.damaged),
            }
            for each in found
        ]
        problem = cache.maps.listed.problem
        output.result({"path": str(path), "maps": document, "problem": problem})
        if problem:
            output.note(f"Maps may be missing here, or be shown that were deleted: {problem}")
        for each in found:
            output.say(f"{each.name}: {settings_told(each.settings)}" if each.settings else each.name)
            for line in _lines(cache, each, shown):
                output.say(line)
        if not found:
            output.say(f"{path} has no maps. Make some: python main.py project {naming(path)}")


def _quality(quality: Quality | None) -> dict[str, Any] | None:
    return rounded(asdict(quality)) if quality is not None else None


def _lines(cache: LatentCache, kept: KeptMap, variants: Sequence[str]) -> Iterator[str]:
    """What is to be told of the maps of a name, a line for each variant."""
    from engine.maps.kept_maps import quality_told

    for variant in variants:
        label = cache.info(variant).label
        quality = kept.qualities.get(variant)
        if variant in kept.stale:
            yield f"  {label}: of other weights than the latents, not shown; make it anew"
        elif variant in kept.damaged:
            yield f"  {label}: damaged; make it anew"
        elif variant in kept.qualities:
            told = quality_told(quality) if quality is not None else "how far it can be trusted was not measured"
            yield f"  {label}: {kept.warnings.get(variant) or told}"


def _step(output: Output, run: str, names: tuple[str, ...], text: str | None) -> int | None:
    """The step that `--step` says; the best one only where all variants have the same."""
    step = asked_step(text)
    if step != "best":
        return step
    opened = Run.open(output.workspace.run(run))
    return shared_best(opened, opened.select(names))


def _at(step: int | None) -> str:
    return f" --step {step}" if step is not None else ""
