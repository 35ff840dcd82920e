"""What is asked in the thread of the Evaluate page: what was kept, what stands behind a number, files to be written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.evaluate.distribution import Histogram, histogram
from app.evaluate.state import Known
from engine.errors import LoomError
from engine.selections.chosen import Chosen
from engine.workspace import Workspace

if TYPE_CHECKING:
    from engine.evaluation.measures.behind import Behind
    from engine.evaluation.measures.result import Difference, Evaluation, Item
    from engine.evaluation.tables import Table

MOST_ITEMS = 50
"""Sentences behind a number that are shown."""

FOR_PROGRAMS = ("csv", "tsv", "xlsx", "parquet", "json")
"""Formats that get every number of every variant, a line each; the others what the window shows."""


@dataclass(frozen=True, eq=False)
class Found:
    """What is known, and the evaluation that was kept of just these models; None if there is none."""

    known: Known
    evaluation: Evaluation | None = None


class Reader:
    """What lies behind the evaluations that were asked about last, each read once. It lives in the page's thread.

    Three of them: the shown one stays until all of a newer one is there, and one may be over some sentences of another.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._read: list[tuple[Evaluation, Behind]] = []

    def behind(self, evaluation: Evaluation) -> Behind:
        """The parts of an evaluation.

        Raises:
            LoomError: the corpus or the run is not there any more.
        """
        from engine.evaluation.measures.behind import Behind
        from engine.runs.run import Run

        for of, there in self._read:
            if of is evaluation:
                return there
        found = Behind(Run.open(self.workspace.run(evaluation.run)), self.workspace, evaluation)
        self.keep(found)
        return found

    def keep(self, behind: Behind) -> None:
        """Remember what lies behind an evaluation."""
        self._read = [*self._read[-2:], (behind.evaluation, behind)]


def look(reader: Reader, name: str, step: int | None, broken: Collection[str] = ()) -> Iterator[Found]:
    """What is known of the models of a run, and what was kept of them.

    Args:
        reader: of the workspace.
        name: of the run.
        step: that is shown; None for the newest that all variants have.
        broken: variants whose models cannot be loaded.
    """
    from engine.corpus.store import read_description
    from engine.evaluation.measures import kept
    from engine.runs.compared import comparable, compared
    from engine.runs.corpus_of_run import corpus_path
    from engine.runs.run import Run

    known = Known(name, step, reports=True)
    try:
        run = Run.open(reader.workspace.run(name))
        known = replace(known, sentences=int(read_description(corpus_path(run, reader.workspace))["test"]))
        steps, found = compared(run, step), comparable(run, step, broken)
    except LoomError as error:
        yield Found(replace(known, why_not=f"{error.message} {error.hint}".strip()))
        return
    there = found.variants
    known = replace(known, variants=tuple(variant.name for variant in there), without=found.without)
    at = {steps.steps[variant.name] for variant in there}
    if len(at) > 1:
        yield Found(replace(known, why_not="Its variants are not of one step, so their numbers cannot be compared."))
        return
    known = replace(known, step=at.pop())
    if compared(run).shared != known.step:
        known = replace(known, reports=False)  # a report is of the newest step
    try:
        evaluation = kept.most_thorough(run, reader.workspace, known.step, there)
    except LoomError as error:
        yield Found(replace(known, problem=f"{error.message} {error.hint}".strip()))
        return
    yield Found(known, evaluation)


def compare(reader: Reader, evaluation: Evaluation, baseline: str) -> Iterator[Mapping[str, Mapping[str, Difference]]]:
    """How the numbers of every variant differ from the baseline's."""
    yield reader.behind(evaluation).differences(baseline)


def take_over(reader: Reader, evaluation: Evaluation, text: str, picked: Chosen) -> Iterator[Evaluation]:
    """The numbers of an evaluation over some of its sentences.

    Raises:
        LoomError: the text does not say which, none is meant, or what was measured is gone.
    """
    from engine.evaluation.measures.selection import Selection

    behind = reader.behind(evaluation)
    selection = Selection.typed(text, behind.beside, picked)
    found = behind.over(selection)
    reader.keep(found)
    yield found.evaluation


def hold(reader: Reader, evaluation: Evaluation) -> Iterator[str]:
    """Read all that stands behind an evaluation, as measuring anew takes the place of it on the disk.

    Yields:
        the name of each variant that is read.

    Raises:
        LoomError: some of it is gone already.
    """
    behind = reader.behind(evaluation)
    for each in evaluation.variants:
        behind.statistics(each.name)
        yield each.name


def open_number(
    reader: Reader, evaluation: Evaluation, variant: str, key: str, worst: bool
) -> Iterator[Histogram | tuple[Item, ...]]:
    """What stands behind a number: first how it spreads in every variant that has it, then the items of one."""
    behind = reader.behind(evaluation)
    named = [each.name for each in evaluation.variants if key in each.numbers]
    yield histogram({name: behind.distribution(name, key) for name in named})
    yield behind.items(variant, key, MOST_ITEMS, worst)


def copied(_reader: Reader, table: Table) -> Iterator[tuple[str, str]]:
    """A table with tabs between, as spreadsheets paste it, and as HTML."""
    from engine.evaluation.tables import table_text

    yield table_text(table, "tsv"), table_text(table, "html")


def write(
    _reader: Reader,
    path: Path,
    format: str,
    shown: Table,
    evaluation: Evaluation,
    differences: Mapping[str, Mapping[str, Difference]],
) -> Iterator[str]:
    """Write the numbers: for programs all of them, for people what the window shows.

    Yields:
        what to tell.

    Raises:
        LoomError: it cannot be written.
    """
    from engine.evaluation.tables import write_table

    table, programs = shown, format in FOR_PROGRAMS
    if programs:
        from engine.evaluation.measures.tables import numbers_table

        table = numbers_table(evaluation, differences or None)
    remarks = write_table(table, path, format)
    what = "all numbers" if programs else "the numbers that are shown"
    yield " ".join([f"Wrote {what} to {path}.", *remarks])
