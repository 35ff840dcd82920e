"""`export`: test sentences of a run, with their latents, in files for other programs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.command.options import RunArgument, StepOption, VariantsOption, command, split_names
from engine.cli.command.reporting import Output, follow
from engine.errors import LoomError, UsageError
from engine.events import Event

if TYPE_CHECKING:
    from engine.selections.chosen import Mask
    from engine.storage.latent_cache import LatentCache


@command
def export(
    output: Output,
    run: RunArgument = "demo",
    target: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="File, or new folder for projector and npy.", show_default=False),
    ] = None,
    format: Annotated[
        str | None, typer.Option(help="csv, parquet, projector or npy.", show_default="the file's ending, or csv")
    ] = None,
    selection: Annotated[
        str | None, typer.Option(help="Those that the window has saved under this name.", show_default=False)
    ] = None,
    containing: Annotated[
        str | None,
        typer.Option(
            help='Those with these words, next to each other, or with one of several: "was | were". Or those that a '
            'line of conditions says: "dog tokens:5-8 stars:>3 | cat", /an expression/.',
            show_default=False,
        ),
    ] = None,
    matching: Annotated[
        str | None, typer.Option(help="Those with this regular expression.", show_default=False)
    ] = None,
    tokens: Annotated[
        str | None, typer.Option(help="Those of so many tokens: 5-10, 12- or -8.", show_default=False)
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            help="Those with this beside them: label=positive, stars=2..4; or of so many tokens: tokens=5-8.",
            show_default=False,
        ),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option("--map", help="The map whose places stand in a table.", show_default="that of most variants"),
    ] = None,
    variants: VariantsOption = "",
    step: StepOption = None,
) -> None:
    """Write test sentences, all of them or those that meet every condition.

    CSV and Parquet have their KL, nll (-log p(x|z)) and places on a map; projector and npy the means of their latents.
    Sentences are numbered from 1, in tables and for people; ids.npy counts from 0, as NumPy does.

    Example: python main.py export demo --containing "dog | cat" --format projector -o dogs-and-cats
    """
    from engine.encoding.encode import check_fresh
    from engine.encoding.missing_latents import no_latents
    from engine.runs.best import asked_step, shared_best
    from engine.runs.run import Run
    from engine.selections.conditions import Conditions, read_as_words, read_options
    from engine.selections.exporting import FOLDERS, FORMATS, export_chosen
    from engine.selections.meeting import meeting, told_of_beginnings
    from engine.storage.kept_values import Beside
    from engine.storage.latent_cache import LatentCache
    from engine.streams import check_file, check_folder

    if target is not None and str(target) == "-":
        raise UsageError("Sentences are written to a file.", "Name it: -o sentences.csv")
    ending = target.suffix.lstrip(".").lower() if target is not None else ""
    named = format or ending or "csv"
    chosen = next((each for each in FORMATS if each == named), None)
    if chosen is None or (format is None and chosen in FOLDERS):
        folders = f"{' and '.join(FOLDERS)} are folders and have to be named: --format {chosen or FOLDERS[0]}"
        raise UsageError(
            f"Sentences cannot be exported as {named!r}." if chosen is None else f"{named} is no ending of a file.",
            f"Formats are {', '.join(FORMATS)}; {folders}.",
        )
    if ending in FORMATS and ending != chosen:
        raise UsageError(
            f"--format {chosen} and the ending of {target} are two formats.", "Leave one out, or give them alike."
        )
    if on is not None and chosen in FOLDERS:
        raise UsageError(f"{chosen} has no places on a map.", "Leave out --map, or write csv or parquet.")
    at = asked_step(step)
    if at == "best":
        opened = Run.open(output.workspace.run(run))
        at = shared_best(opened, opened.select(split_names(variants)))
    path = output.workspace.cache(run, at)
    if not path.is_file():
        raise no_latents(output.workspace, run, at)
    ends = f"-{chosen}" if chosen in FOLDERS else f".{chosen}"
    place = target or output.workspace.root / "out" / f"{run}-sentences{ends}"
    if chosen in FOLDERS:
        check_folder(place.parent, written=place)
    elif not place.is_dir():  # which is told with the file that is meant
        check_file(place)
    with LatentCache.open(path) as cache:
        if run in output.workspace.run_names():
            check_fresh(Run.open(output.workspace.run(run)), cache, at)
        columns = cache.columns
        beside = Beside(columns.all, lambda: nullcontext(columns)) if columns is not None else {}
        line = read_options(containing or "", matching or "", tokens or "", where or (), beside)
        for remark in told_of_beginnings(line, beside):
            output.note(remark)
        *_, mask = meeting(line or (Conditions(),), cache, cache.words(), beside)
        assert mask is not None
        if selection:
            mask &= _saved(output, run, selection, cache)
        if not mask.any():
            words = read_as_words(text for each in line for text in each.holding)
            said = f"None of the {cache.n:,} test sentences is asked for."
            raise LoomError(said, f"{words} Choose other conditions.".strip())

        names = split_names(variants) or cache.variants
        having = [name for name in names if on in cache.projections(name)]
        if on is not None and not having:
            known = dict.fromkeys(each for name in names for each in cache.projections(name))
            raise LoomError(f"There is no map {on!r}.", f"Maps are: {', '.join(known) or 'none'}.")
        maps = {name: on if name in having else "" for name in names} if on is not None else {}

        def task(_stop: object) -> Iterator[Event]:
            return export_chosen(cache, mask, place, chosen, split_names(variants), maps)

        result = follow(task, output)
    output.result(result)
    output.say(f"{result['sentences']:,} sentences -> {result['path']}")


def _saved(output: Output, run: str, name: str, cache: LatentCache) -> Mask:
    """The sentences (n,) of a saved selection.

    Raises:
        LoomError: there is none of that name, it is of other sentences, or damaged.
    """
    from engine.selections.kept import of_corpus, read

    path = output.workspace.selections(run)
    every = read(path)
    own = of_corpus(every, cache.corpus_fingerprint, cache.n)
    found = next((each for each in own if each.name == name), None)
    if found is None and any(each.name == name for each in every):
        raise LoomError(f"The selection {name!r} is of other sentences than those of run {run!r} now.")
    if found is None:
        known = ", ".join(each.name for each in own) or "none yet; the window saves them (Ctrl+E)"
        raise LoomError(f"No selection of run {run!r} is saved as {name!r}.", f"There are {known}.")
    try:
        return found.chosen.mask()
    except ValueError as error:
        raise LoomError(
            f"{path}: the selection {name!r} is damaged: {error}.", "Save it anew in the window."
        ) from error
