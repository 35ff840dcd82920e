"""`table` and `curves`: a run in numbers and figures for a paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.command.options import DeviceOption, MostFailedOption, SeedOption, command
from engine.cli.command.reporting import Output
from engine.cli.command.without_effect import refuse_given
from engine.errors import LoomError, UsageError

if TYPE_CHECKING:
    from engine.evaluation.tables import Table
    from engine.runs.run import Run


@command
def table(
    output: Output,
    run: Annotated[str, typer.Argument(help="Name of the run; may be left out for the demo.")],
    name: Annotated[
        str | None,
        typer.Argument(
            help="objective, reconstruction, generation, interpolation; of what was evaluated: evaluation, sense, "
            "winners, interpolation-statistics, numbers; of what people said: survey-preference, survey-ranking, "
            "survey-sense, survey-differences, survey-agreement, survey-respondents.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(help="csv, tsv, md, tex, html, xlsx, parquet or json.", show_default="the file's ending, or md"),
    ] = None,
    target: Annotated[
        Path | None, typer.Option("-o", "--output", help="File.", show_default="out/RUN-NAME.FORMAT")
    ] = None,
    survey: Annotated[
        str | None,
        typer.Option(help="Which one, where several of these models were answered.", show_default="the only one"),
    ] = None,
    most_failed: MostFailedOption = None,
    seed: SeedOption = 0,
    device: DeviceOption = "auto",
) -> None:
    """Write a comparison table of a run's variants. A table alone is one of the demo.

    Example: python main.py table demo reconstruction --format tex -o table1.tex
    """
    from engine.evaluation.comparison import checked_table_name
    from engine.evaluation.measured import MEASURED
    from engine.evaluation.surveys.of_run import SURVEYED
    from engine.evaluation.tables import format_of, write_table
    from engine.runs.run import Run
    from engine.streams import check_file

    if name is None:
        _check_alone(run, output)
        run, name = "demo", run
    kept = (*MEASURED, *SURVEYED)
    if name not in kept:
        checked_table_name(name, kept)
    if name not in SURVEYED and (survey is not None or most_failed is not None):
        option = "--survey" if survey is not None else "--most-failed"
        raise UsageError(f"{name} is no table of a survey, as {option} asks for.", f"Those are {', '.join(SURVEYED)}.")
    if name in kept:
        of_people = name in SURVEYED
        refuse_given(f"{name} is made of {'answers' if of_people else 'what was evaluated'}", "seed")
    elif name == "objective":
        refuse_given("objective is of all test sentences", "seed")
    chosen = format_of(format, target, "md")
    if target is not None and target.is_dir():
        raise UsageError(f"{target} is a folder.", f"Name the file in it: -o {target / f'{run}-{name}.{chosen}'}")
    opened = Run.open(output.workspace.run(run))
    path = target or output.workspace.root / "out" / f"{run}-{name}.{chosen}"
    check_file(path)
    if name in MEASURED:
        made = _measured(opened, name, output)
    elif name in SURVEYED:
        made = _by_people(opened, name, survey, most_failed, output)
    else:
        made = _by_the_models(opened, name, device, seed, output)
    for remark in write_table(made, path, chosen):
        output.note(remark)
    output.result({"path": str(path), "rows": len(made.rows), "columns": list(made.columns)})
    output.say(f"{made.caption}\n{len(made.rows)} rows -> {path}")


def _by_the_models(run: Run, name: str, device: str, seed: int, output: Output) -> Table:
    """A table that the models make now, of those that can be loaded.

    Raises:
        LoomError: the cache is missing or out of date, or no model can be loaded.
    """
    from engine.encoding.encode import check_fresh
    from engine.evaluation.comparison import TABLES
    from engine.evaluation.tables import noted
    from engine.runs.compared import told_without
    from engine.storage.latent_cache import LatentCache

    with LatentCache.open(output.workspace.cache(run.name)) as cache:
        check_fresh(run, cache)
        from engine.session import Session

        session = Session.load(run, device)
        if session.note:
            output.note(session.note)
        without = told_without([run.variant(variant).label for variant in session.failed])
        for remark in filter(None, (without, *session.failed.values())):
            output.note(remark)
        return noted(TABLES[name](session, cache, seed), without)


def _measured(run: Run, name: str, output: Output) -> Table:
    """A table of what was evaluated and still holds.

    Raises:
        LoomError: nothing was.
    """
    from engine.evaluation import winners
    from engine.evaluation.measured import measured_tables
    from engine.evaluation.measures.behind import Behind
    from engine.evaluation.measures.kept import most_thorough
    from engine.evaluation.tables import noted
    from engine.runs.compared import comparable

    there = comparable(run)
    if there.without:
        output.note(there.without)
    evaluation = most_thorough(run, output.workspace)
    if evaluation is None:
        raise LoomError(
            f"There is no evaluation of run {run.name!r} with its models as they are.",
            f"Do it: python main.py evaluate {run.name}{there.option}",
        )
    if not evaluation.complete:
        go_on = f"python main.py evaluate {run.name}{there.option}"
        output.note(f"The evaluation was not finished. Go on with it: {go_on}")
    if name == winners.NAME:
        behind = Behind(run, output.workspace, evaluation)
        statistics = {each.name: behind.statistics(each.name) for each in evaluation.variants}
        return noted(winners.winners_table(evaluation, statistics), there.without)
    try:
        differences = Behind(run, output.workspace, evaluation).differences(evaluation.variants[0].name)
    except LoomError as error:
        differences = None
        output.note(f"{error.message} So no differences to a baseline stand in the table. {error.hint}".rstrip())
    made = next(each for each in measured_tables(evaluation, differences) if each.name == name)
    return noted(made, there.without)


def _by_people(run: Run, name: str, survey: str | None, most_failed: int | None, output: Output) -> Table:
    """A table of what people said of these models. Raises as `survey_table`."""
    from engine.evaluation.surveys.of_run import survey_table

    made, told = survey_table(run, output.workspace, name, survey, most_failed)
    for remark in told:
        output.note(remark)
    return made


def _check_alone(given: str, output: Output) -> None:
    """What stands alone names a table of the demo.

    Raises:
        UsageError: it names a run, or nothing that there is.
    """
    from engine.evaluation.comparison import TABLES
    from engine.evaluation.measured import MEASURED
    from engine.evaluation.surveys.of_run import SURVEYED

    names = (*TABLES, *MEASURED, *SURVEYED)
    if given in names:
        return
    tables = f"Tables are {', '.join(names)}."
    if given in output.workspace.run_names():
        raise UsageError(
            f"Which table of run {given!r} is meant?",
            f"Name it after the run: python main.py table {given} objective\n  {tables}",
        )
    raise UsageError(
        f"There is no table {given!r}, and no run of that name.",
        f"Give the run and the table: python main.py table RUN objective\n  {tables}",
    )


@command
def curves(
    output: Output,
    run: Annotated[str, typer.Argument(help="Name of the run.")] = "demo",
    format: Annotated[str, typer.Option(help="Of the figure: svg, pdf or png.")] = "svg",
    target: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder.", show_default="out in the workspace")
    ] = None,
    width: Annotated[float, typer.Option(min=5, max=60, help="Of the figure in print, in cm.")] = 17,
    data: Annotated[
        str, typer.Option(help="Format of the numbers: csv, tsv, md, tex, html, xlsx, parquet, json.")
    ] = "csv",
) -> None:
    """Write a training's curves as data, and as figure 2 of the paper: KL share and true ELBO over the steps.

    Example: python main.py curves demo --format pdf --data xlsx -o figures
    """
    from engine.evaluation.curves import write_curves
    from engine.runs.metrics import damaged_lines, log_damage
    from engine.runs.run import Run

    opened = Run.open(output.workspace.run(run))
    files, told = write_curves(opened, target or output.workspace.root / "out", format, width, data)
    damaged = {variant.name: damaged_lines(opened.metrics_path(variant.name)) for variant in opened.variants}
    output.result({"run": opened.name, "files": [str(file) for file in files], "damaged_lines": damaged})
    for remark in told:
        output.note(remark)
    for variant in opened.variants:
        if lost := log_damage(opened, variant.name):
            output.note(lost)
    for file in files:
        output.say(str(file))
