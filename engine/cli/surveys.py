"""`survey`: people judge what the models wrote; its commands make a survey, its pages, and sense of the answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.command.options import (
    DeviceOption,
    MostFailedOption,
    RunArgument,
    SeedOption,
    Strict,
    VariantsOption,
    command,
    split_names,
)
from engine.cli.command.reporting import Output, follow
from engine.errors import LoomError, UsageError

if TYPE_CHECKING:
    from engine.evaluation.surveys.analysis import Analysis
    from engine.runs.run import Run

NameArgument = Annotated[str, typer.Argument(help="Name of the survey.")]
_LONGEST = 1000
"""Pages that one command writes at most."""


@command
def make(
    output: Output,
    run: RunArgument = "demo",
    name: Annotated[str | None, typer.Option("--name", help="Of the survey.", show_default="RUN-KIND")] = None,
    kind: Annotated[
        str, typer.Option(help="reconstruction (which is more alike?) or generation (does it make sense?).")
    ] = "reconstruction",
    pairs: Annotated[
        str | None,
        typer.Option(help="Pairs, like autogen-m1:vae,autogen-m2:autogen-m1.", show_default="the paper's"),
    ] = None,
    variants: VariantsOption = "",
    questions: Annotated[int, typer.Option(help="For each respondent, at most 20.")] = 20,
    catch: Annotated[int, typer.Option(help="Of these, catch trials, whose answer is known.")] = 2,
    respondents: Annotated[int, typer.Option(help="People who are expected; more may answer.")] = 6,
    repeats: Annotated[int, typer.Option(help="People who answer the same question, for their agreement.")] = 2,
    beam: Annotated[int, typer.Option(help="Width of the search that writes the sentences.")] = 10,
    seed: SeedOption = 0,
    device: DeviceOption = "auto",
) -> None:
    """Make a survey of what a run's models write, as the paper's tables 2 and 4 rest on.

    The file in surveys/NAME/ holds the key to which model wrote what: keep it, and give respondents pages only.

    Example: python main.py survey make demo --kind reconstruction --respondents 6
    """
    from engine.cli.queries.asking_models import check_request, open_with_latents
    from engine.decoding.options import DecodeOptions
    from engine.evaluation.surveys import place as places
    from engine.evaluation.surveys.request import SurveyRequest, checked_kind, groups_of, read_pairs
    from engine.runs.run import Run
    from engine.streams import check_file

    opened = Run.open(output.workspace.run(run))
    checked = checked_kind(kind)
    groups = groups_of(opened, checked, read_pairs(pairs or ""), split_names(variants))
    decoding = DecodeOptions(beam=beam)
    request = SurveyRequest(checked, groups, questions, catch, respondents, repeats, beam, seed)
    place = places.place_of(output.workspace, name or f"{run}-{kind}")
    places.check_request(place, request)
    if not place.survey_file.exists():
        check_file(place.survey_file, "Choose a folder you may write to with --workspace DIR.")

    def check(opened: Run) -> None:
        check_request(opened, (), decoding)

    check(opened)
    _encode_if_needed(opened, output, device)
    with open_with_latents(output, run, device, list(request.variants), check) as (session, cache):
        from engine.evaluation.surveys.making import make_and_keep

        made = follow(lambda stop: make_and_keep(session, cache, request, place), output)
    output.result(made)
    output.say(
        f"{'Made' if made['new'] else 'There already, the very same'}: {made['questions']} questions and "
        f"{made['trials']} catch trials, {made['asked']} for each respondent -> {made['path']}\n"
        f"It holds the key: keep it. Pages for respondents: python main.py survey page {made['survey']}"
    )
    if made["asked"] < questions:
        output.say(f"{made['asked']} questions instead of {questions}, as they are spread evenly.")


@command
def page(
    output: Output,
    name: NameArgument,
    forms: Annotated[
        str | None,
        typer.Option(help="Numbers of forms, like 1-6 or 3,7.", show_default="one for each expected respondent"),
    ] = None,
    target: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder.", show_default="surveys/NAME/pages")
    ] = None,
) -> None:
    """Write the survey as web pages for people without the app: one file each, which needs no network.

    Every respondent gets a form of another number. A page holds no model's name and no key; at its end the respondent
    saves a small file and sends it, for `survey merge`.

    Example: python main.py survey page demo-reconstruction --forms 1-6 -o pages
    """
    from engine.evaluation.surveys.forms import checked_form
    from engine.evaluation.surveys.page import write_pages
    from engine.evaluation.surveys.place import open_survey
    from engine.streams import check_folder

    given = _numbers(forms) if forms else []
    place, survey = open_survey(output.workspace, name)
    numbers = given or list(range(1, min(survey.respondents, _LONGEST) + 1))
    for number in numbers:
        checked_form(number)
    folder = target or place.folder / "pages"
    check_folder(folder)
    files = write_pages(folder, survey, numbers)
    output.result({"survey": name, "forms": numbers, "files": [str(file) for file in files]})
    output.say(f"{len(files)} page{'s' * (len(files) != 1)}, one for each respondent -> {folder}")


@command
def merge(
    output: Output,
    name: NameArgument,
    files: Annotated[list[Path] | None, typer.Argument(help="Files that respondents sent, or folders of them.")] = None,
) -> None:
    """Take the answers that respondents sent into a survey.

    Each file is checked: one that is cut off, edited, of another survey or form, or there already is not taken in, and
    you are told. What can be taken in is, whatever the others are.

    Example: python main.py survey merge demo-reconstruction answers/
    """
    from engine.evaluation.surveys.merging import kept, take_in
    from engine.evaluation.surveys.place import open_survey

    place, survey = open_survey(output.workspace, name)
    given = _files(files or [])
    taken = take_in(place, survey, given)
    everybody = kept(place, survey)
    output.result(
        {
            "survey": name,
            "merged": [each.response for each in taken.responses],
            "newer": list(taken.newer),
            "again": [str(file) for file in taken.again],
            "refused": [{"file": str(file), "why": error.message} for file, error in taken.refused],
            "responses": len(everybody.responses),
            "unfinished": everybody.unfinished,
        }
    )
    for file in taken.again:
        output.say(f"{file}: merged before, and not counted again.")
    for id in taken.newer:
        output.say(f"{id}: a later state of a response that was there, which it replaces.")
    for _, error in taken.refused:
        output.note(f"refused: {error}")
    output.say(
        f"{len(taken.responses)} of {len(given)} files taken in. Responses in the survey: {len(everybody.responses)}, "
        f"of them unfinished: {everybody.unfinished}."
    )
    if taken.refused:
        if len(taken.refused) == len(given):
            rest = "Nothing was taken in."
        else:
            rest = "The others were taken in." if taken.responses else "The others were there already."
        which = f"{len(taken.refused)} of {len(given)} files were refused, for the reasons above."
        raise LoomError(which if len(given) > 1 else "The file was refused, for the reason above.", rest)


@command
def analyse(
    output: Output,
    name: NameArgument,
    most_failed: MostFailedOption = None,
    format: Annotated[
        str | None,
        typer.Option(help="csv, tsv, md, tex, html, xlsx, parquet or json.", show_default="md; with -o csv"),
    ] = None,
    target: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder to write the tables to.", show_default="printed")
    ] = None,
) -> None:
    """Say what people preferred: counts, intervals, exact tests, a ranking, agreement and catch trials.

    Example: python main.py survey analyse demo-reconstruction --format tex -o tables
    """
    from engine.evaluation.surveys.analysis import analyse as analysed
    from engine.evaluation.surveys.merging import answered
    from engine.evaluation.surveys.place import open_survey
    from engine.evaluation.surveys.results_tables import files_of, tables_of
    from engine.evaluation.tables import checked_format, table_text, write_tables
    from engine.streams import check_folder

    chosen = checked_format(format or ("csv" if target else "md"))
    place, survey = open_survey(output.workspace, name)
    if target is not None:
        check_folder(target)
    found = answered(place, survey)
    for _, error in found.refused:
        output.note(f"not counted: {error}")
    analysis = analysed(survey, found.responses, most_failed)
    tables = tables_of(analysis)
    files: list[str] = []
    if target is not None:
        written = files_of(name, tables, target, chosen)
        for remark in write_tables(written, chosen):
            output.note(remark)
        files = [str(path) for path, _ in written]
        output.say("\n".join(files))
    elif not output.json:
        for table in tables:
            output.say(table_text(table, chosen))
    output.result({**document(analysis), "files": files, "refused": len(found.refused)})


def document(analysis: Analysis) -> dict[str, Any]:
    """An analysis for programs, from the same values as its tables."""
    from dataclasses import asdict

    survey = analysis.survey
    return {
        "survey": survey.name,
        "kind": survey.kind_of,
        "fingerprint": survey.fingerprint,
        "run": survey.run,
        "respondents": len(analysis.respondents),
        "unfinished": sum(not who.response.finished for who in analysis.respondents),
        "left_out": len(analysis.left_out),
        "answers": analysis.answers,
        "trials": {
            "answered": sum(who.trials for who in analysis.respondents),
            "failed": sum(who.failed for who in analysis.respondents),
        },
        "preferences": [{**asdict(each), "answers": each.answers} for each in analysis.preferences],
        "ranking": asdict(analysis.ranked),
        "senses": [asdict(each) for each in analysis.senses],
        "differences": [asdict(each) for each in analysis.differences],
        "agreement": {name or "all": asdict(each) for name, each in analysis.agreements},
        "left": {**asdict(analysis.left), "p": analysis.left_p},
    }


def _encode_if_needed(run: Run, output: Output, device: str) -> None:
    """Make the latents of a run where they are missing or out of date: sentences are drawn from what they belong to."""
    from functools import partial

    from engine.encoding.missing_latents import encoded, why_to_encode

    if why_to_encode(run, output.workspace) is not None:
        follow(partial(encoded, run, output.workspace, device), output)


def _numbers(text: str) -> list[int]:
    """Numbers of forms from an option like 1-6 or 3,7.

    Raises:
        UsageError: it is written otherwise, or asks for too many.
    """
    wanted: dict[int, None] = {}
    for part in text.split(","):
        first, dash, last = (each.strip() for each in part.partition("-"))
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise UsageError(f"--forms {text!r} names no forms.", "Write it like --forms 1-6 or --forms 3,7")
        begin, end = int(first), int(last) if dash else int(first)
        if end < begin:
            raise UsageError(f"No form has a number from {begin} to {end}.", f"Write it like --forms {end}-{begin}")
        if end - begin >= _LONGEST or len(wanted) >= _LONGEST:
            raise UsageError(f"--forms {text!r} is out of range.", f"Ask for 1 to {_LONGEST} forms at a time.")
        wanted.update(dict.fromkeys(range(begin, end + 1)))
    return list(wanted)


def _files(given: Sequence[Path]) -> list[Path]:
    """The files that are named, those of a folder among them, each once.

    Raises:
        UsageError: none is named, or one is not there.
    """
    found: dict[Path, None] = {}
    for path in given:
        if path.is_dir():
            sent = (each for each in path.iterdir() if each.suffix.lower() in (".json", ".txt"))
            inside = sorted(each for each in sent if not each.is_dir())
            if not inside:
                raise UsageError(f"There is no .json or .txt file in {path}.", "Name the files that were sent.")
            found.update(dict.fromkeys(inside))
        elif path.exists():
            found[path] = None
        else:
            raise UsageError(f"There is no file {path}.", "Name files that respondents have sent.")
    if not found:
        raise UsageError("No file was named.", "Name the files that respondents have sent, or their folder.")
    return list(found)


group = typer.Typer(
    name="survey",
    no_args_is_help=True,
    rich_markup_mode=None,
    help="People judge what the models wrote: make a survey, write its pages, merge answers, analyse them.",
)
for each in (make, page, merge, analyse):
    group.command(cls=Strict)(each)
