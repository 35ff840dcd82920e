"""A report from a kept evaluation: tables, figures and the page, written as one folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache as cache_of_calls
from pathlib import Path
from typing import Any

from engine.diagnostics import kept as diagnoses
from engine.diagnostics.intervals import Floats
from engine.errors import LoomError, Stopped
from engine.evaluation.comparison import TABLES
from engine.evaluation.curves import curves
from engine.evaluation.figures.drawing import Drawing
from engine.evaluation.figures.numbers import dimensions, distribution, side_by_side
from engine.evaluation.figures.rate_distortion import End, rate_distortion
from engine.evaluation.figures.training import training
from engine.evaluation.figures.writing import drawn
from engine.evaluation.figures.writing import remarks as figure_remarks
from engine.evaluation.measured import measured_tables
from engine.evaluation.measures.behind import Behind
from engine.evaluation.measures.result import Evaluation
from engine.evaluation.paper import PRINTED
from engine.evaluation.report.folder import checked_folder, published
from engine.evaluation.report.page import Contents, Section, page
from engine.evaluation.report.people import judged
from engine.evaluation.report.provenance import TRAINING, settings, training_plan, versions
from engine.evaluation.report.words import Paired, in_short
from engine.evaluation.surveys.request import Kind
from engine.evaluation.tables import TABLE_FORMATS, Table, checked_format, write_table
from engine.evaluation.winners import winners_table
from engine.events import Done, Event, Note, Progress
from engine.runs.compared import comparable
from engine.runs.run import Run
from engine.storage.files import write_json, write_text
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace

PAGE = "index.html"
SPREAD = ("kl", "bleu_beam_z", "edit_distance_beam_z", "length", "largest_jump")
"""Numbers whose distribution is drawn."""
_PAPERS = {
    "reconstruction": ("table1", "Table 1: sentences given back"),
    "generation": ("table3", "Table 3: sentences of the prior"),
    "interpolation": ("table5", "Table 5: from one sentence to another"),
}


@dataclass
class _Made:
    """Tables and figures so far, by name, what to tell of them, and the paired differences, where there are any."""

    run: str
    paired: Paired | None = None
    tables: dict[str, Table] = field(default_factory=dict)
    people: dict[Kind, list[str]] = field(default_factory=dict)  # names of tables, by the kind of survey
    figures: dict[str, Drawing] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)  # at the head of the page
    left_out: dict[str, str] = field(default_factory=dict)  # why a table is not there, by its name


def report(
    run: Run,
    workspace: Workspace,
    evaluation: Evaluation,
    cache: LatentCache,
    folder: Path,
    device: str = "auto",
    seed: int = 0,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[Event]:
    """Write a comparison as a folder: the page, `tables/`, `figures/`, and where all of it comes from.

    Args:
        run: whose models were evaluated.
        workspace: where its diagnoses lie.
        evaluation: of the models as they are now.
        cache: the run's, fresh.
        folder: where to; a report that stands there is replaced when this one is complete.
        device: for the tables of sentences.
        seed: of the tables of sentences.
        should_stop: asked between tables, figures and files.

    Yields:
        Progress, Notes, and Done with path, page, run, step, sentences, complete, tables, figures, seconds.

    Raises:
        UsageError: something else stands at the place of the folder.
        LoomError: the folder cannot be written, or a model or a table cannot be had.
        Stopped: `should_stop` said so; nothing is left, and an earlier report is untouched.
    """
    began = time.perf_counter()
    place = checked_folder(folder)
    formats = tuple(format for format in TABLE_FORMATS if _can_be_written(format))
    if left_out := [TABLE_FORMATS[format] for format in TABLE_FORMATS if format not in formats]:
        yield Note(f"No tables in {', '.join(left_out)}: a library for it is not installed.", "warning")
    made = _Made(run.name)
    if without := comparable(run).without:
        made.warnings.append(without)
        yield Note(without, "warning")
    behind = yield from _behind(run, workspace, evaluation, made)
    yield from _tables(run, workspace, evaluation, cache, device, seed, made, behind, should_stop)
    yield from _figures(run, evaluation, behind, made)
    about = {"run": run.name, "step": evaluation.step, "created": evaluation.created}
    with published(place, about) as scratch:
        pictures: dict[str, bytes] = {}
        (scratch / "figures").mkdir()
        for done, drawing in enumerate(made.figures.values()):
            yield Progress("figures", done, len(made.figures), "figure")
            _go_on(should_stop)
            files = drawn(drawing)
            pictures[drawing.name] = files["svg"]
            for kind, content in files.items():
                (scratch / "figures" / f"{drawing.name}.{kind}").write_bytes(content)
        for table in made.tables.values():
            _go_on(should_stop)
            for format in formats:
                write_table(table, scratch / "tables" / f"{table.name}.{format}", format)
        contents = _contents(run, workspace, evaluation, made, pictures, seed, formats)
        write_text(scratch / PAGE, page(contents))
        write_json(scratch / "settings.json", contents.settings)
        write_json(scratch / "versions.json", contents.versions)
        write_text(scratch / TRAINING, training_plan(run))
        yield Progress("figures", len(made.figures), len(made.figures), "figure")
    for remark in dict.fromkeys(made.remarks):
        yield Note(remark)
    yield Done(
        {
            "path": str(place),
            "page": str(place / PAGE),
            "run": run.name,
            "step": evaluation.step,
            "sentences": evaluation.sentences,
            "complete": evaluation.complete,
            "tables": list(made.tables),
            "figures": list(made.figures),
            "seconds": time.perf_counter() - began,
        }
    )


def _behind(
    run: Run, workspace: Workspace, evaluation: Evaluation, made: _Made
) -> Generator[Event, None, Behind | None]:
    """What was kept of single sentences, if it is still there."""
    yield Progress("reading what was measured", 0)
    try:
        behind = Behind(run, workspace, evaluation)
        made.paired = cache_of_calls(behind.differences)
        made.paired(evaluation.variants[0].name)
    except LoomError as error:
        made.paired = None
        yield Note(
            f"{error.message} So there are neither distributions nor paired differences in the report. {error.hint}",
            "warning",
        )
        return None
    return behind


def _tables(
    run: Run,
    workspace: Workspace,
    evaluation: Evaluation,
    cache: LatentCache,
    device: str,
    seed: int,
    made: _Made,
    behind: Behind | None,
    should_stop: Callable[[], bool],
) -> Iterator[Event]:
    """The tables of sentences, by the models, and those of numbers."""
    yield Progress("loading the models", 0)
    from engine.session import Session  # brings torch

    session = Session.load(run, device, [each.name for each in evaluation.variants])
    if session.note:
        yield Note(session.note)
    for variant, reason in session.failed.items():  # whose numbers were measured while it could be read
        label = run.variant(variant).label
        made.warnings.append(f"The tables of sentences are without {label}: {reason}")
        yield Note(made.warnings[-1], "warning")
    for done, (name, make) in enumerate(TABLES.items()):
        yield Progress("tables", done, len(TABLES), "table")
        _go_on(should_stop)
        try:
            made.tables[name] = make(session, cache, seed)
        except LoomError as error:  # too few sentences of the paper's lengths, say
            made.remarks.append(f"The table {name} is left out. {error.message}")
            made.left_out[name] = f"There is none of these models. {error.message} The paper's stands below."
    yield Progress("tables", len(TABLES), len(TABLES), "table")
    against = evaluation.variants[0].name
    differences = made.paired(against) if made.paired is not None else None
    for table in (*measured_tables(evaluation, differences), *PRINTED.values()):
        made.tables[table.name] = table
    if behind is not None:
        table = winners_table(evaluation, {each.name: behind.statistics(each.name) for each in evaluation.variants})
        made.tables |= {table.name: table} if table.rows else {}
    for survey in judged(workspace, evaluation):
        made.tables |= {table.name: table for table in survey.tables}
        made.people.setdefault(survey.kind, []).extend(table.name for table in survey.tables)
        made.remarks += [survey.remark] if survey.remark else []


def _figures(run: Run, evaluation: Evaluation, behind: Behind | None, made: _Made) -> Iterator[Event]:
    """Every figure that there are numbers for."""
    drawings = [side_by_side(evaluation)]
    try:
        data = curves(run)
    except LoomError as error:
        yield Note(f"{error.message} So the figures of the training are left out.", "warning")
    else:
        drawings.append(training(run.name, run.variants, data))
        steps = {variant.name: run.checkpoints(variant.name).steps() for variant in run.variants}
        how = f"step {evaluation.step:,} on {evaluation.sentences:,} test sentences, with 95% intervals"
        drawings.append(rate_distortion(run.name, run.variants, data, steps, _ends(evaluation), how))
    if any(each.kl_per_dimension for each in evaluation.variants):
        drawings.append(dimensions(evaluation))
    for key in SPREAD:
        if values := _values(behind, evaluation, key):
            drawings.append(distribution(evaluation, key, values))
    for drawing in drawings:
        made.figures[drawing.name] = drawing
        made.remarks += figure_remarks(drawing)


def _values(behind: Behind | None, evaluation: Evaluation, key: str) -> dict[str, Floats]:
    """The values of single items for a number, by variant; without those of which it was not measured."""
    found: dict[str, Floats] = {}
    if behind is None:
        return found
    for each in evaluation.variants:
        with suppress(LoomError):
            found[each.name] = behind.distribution(each.name, key)
    return found


def _ends(evaluation: Evaluation) -> dict[str, End]:
    """Where the evaluated checkpoints lie in the plane."""
    found = {}
    for each in evaluation.variants:
        rate, log_p = each.numbers.get("kl"), each.numbers.get("reconstruction")
        if rate is not None and log_p is not None:
            rates = None if rate.low is None or rate.high is None else (rate.low, rate.high)
            distortions = None if log_p.low is None or log_p.high is None else (-log_p.high, -log_p.low)
            found[each.name] = End(each.m, rate.value, -log_p.value, rates, distortions)
    return found


def _contents(
    run: Run,
    workspace: Workspace,
    evaluation: Evaluation,
    made: _Made,
    pictures: Mapping[str, bytes],
    seed: int,
    formats: Sequence[str],
) -> Contents:
    return Contents(
        evaluation=evaluation,
        short=in_short(evaluation, made.paired),
        warnings=(*_warnings(evaluation), *made.warnings),
        sections=tuple(_sections(made, pictures)),
        diagnosis=_diagnosis(run, workspace, evaluation),
        settings=settings(run, evaluation, seed),
        versions=versions(),
        paired=made.paired,
        formats=tuple(formats),
    )


def _warnings(evaluation: Evaluation) -> Iterator[str]:
    if not evaluation.complete:
        yield (
            "The evaluation was not finished when this report was made: some numbers are missing, others are of fewer "
            f"sentences. Finish it with python main.py evaluate {evaluation.run}, then make the report again."
        )


def _sections(made: _Made, pictures: Mapping[str, bytes]) -> Iterator[Section]:
    def figures(*names: str) -> tuple[tuple[Drawing, bytes], ...]:
        return tuple((made.figures[name], pictures[name]) for name in names if name in pictures)

    def tables(*names: str) -> tuple[Table, ...]:
        return tuple(made.tables[name] for name in names if name in made.tables)

    yield Section("side", "Side by side", figures=figures("numbers"))
    if "figure2" in pictures:
        yield Section("figure2", "Figure 2: the training", figures=figures("figure2"))
        yield Section(
            "plane",
            "Rate and distortion",
            "What z stores of a sentence against what the decoder still gets wrong with it. With a larger m a model "
            "moves to the right and down: it stores more, and pays with its ELBO.",
            figures=figures("rate-distortion"),
        )
    yield Section("bounds", "The terms of the bounds", tables=tables("objective"), figures=figures("kl-per-dimension"))
    yield _of_the_paper("reconstruction", made, tables)
    yield Section("winners", "Table 2: which is better, by automatic scores", tables=tables("winners"))
    yield _by_people("table2", "Table 2: which is better, by people", made, "reconstruction", tables)
    yield _of_the_paper("generation", made, tables)
    yield Section("table4", "Table 4: do they make sense, by a language model", tables=tables("sense"))
    yield _by_people("table4-people", "Table 4: do they make sense, by people", made, "generation", tables)
    yield _of_the_paper("interpolation", made, tables)
    yield Section("ways", "Table 5 over many pairs", tables=tables("interpolation-statistics"))
    spread = [name for name in pictures if name.startswith("distribution-")]
    if spread:
        yield Section("spread", "How single sentences fare", figures=figures(*spread))


def _of_the_paper(name: str, made: _Made, tables: Callable[..., tuple[Table, ...]]) -> Section:
    key, title = _PAPERS[name]
    printed = PRINTED[name].name
    return Section(key, title, made.left_out.get(name, ""), tables(name, printed), printed=(printed,))


def _by_people(key: str, title: str, made: _Made, kind: Kind, tables: Callable[..., tuple[Table, ...]]) -> Section:
    """What people said, or how to ask them."""
    found = tables(*made.people.get(kind, ()))
    ask = f"Nobody was asked about these models. To ask: python main.py survey make {made.run} --kind {kind}"
    return Section(key, title, "" if found else ask, found)


def _diagnosis(run: Run, workspace: Workspace, evaluation: Evaluation) -> dict[str, Any]:
    """The kept diagnosis of these very models, if there is one, in the order of the evaluation."""
    made_from = diagnoses.sources(run, evaluation.models, evaluation.step)
    try:
        found = diagnoses.most_thorough(workspace.diagnosis(run.name), made_from)
    except LoomError:
        return {}
    known = found.result["variants"] if found is not None else {}
    return {each.name: known[each.name] for each in evaluation.variants if each.name in known}


def _can_be_written(format: str) -> bool:
    try:
        return bool(checked_format(format))
    except LoomError:
        return False


def _go_on(should_stop: Callable[[], bool]) -> None:
    if should_stop():
        raise Stopped("Stopped; nothing was left half-written.", "Give the same command again to redo it.")
