"""The steps of an interpolation as rows, made when they are asked for: a long way has hundreds of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

from app.bench.interpolate import way
from app.bench.interpolate.state import Path
from app.core.readings import no_answer, numbers_line, sentence_pick
from app.core.values import Column
from app.widgets.sentences.rich_text import Span, diff_spans
from app.widgets.sentences.sentence_row import Cell, LazyRows, Row


class PathRows(LazyRows):
    """One row a step. Folded, a run of equal sentences is said once, as "3–6", and steps where no column says anything
    new have no row.
    """

    def __init__(self, columns: tuple[Column, ...], path: Path, broken: Mapping[str, str], fold: bool) -> None:
        self._columns, self._path, self._fold = columns, path, fold
        self._reasons = {c.name: broken.get(c.name) or path.failed.get(c.name, "") for c in columns}
        said = [path.readings[c.name] for c in columns if c.name in path.readings and not self._reasons[c.name]]
        shown = bool(path.readings or path.failed or path.busy)
        self._steps = way.kept_rows(said, path.last + 1, fold) if shown else ()
        last = "0" * len(str(path.last))
        folded = fold and any(way.run_end(readings, i) > i for readings in said for i in range(len(readings)))
        self._room = f"{last}–{last}" if folded else max(last, "00", key=len)

    def __len__(self) -> int:
        return len(self._steps)

    def row(self, index: int) -> Row:
        step = self._steps[index]
        return Row(tuple(self._cell(column, step) for column in self._columns), pick=way.step_pick(self._path, step))

    def step_of(self, row: int) -> int:
        """The step that a row begins with."""
        return self._steps[row]

    def row_of(self, step: int) -> int:
        """The row that a step is on; -1 without rows."""
        return bisect_right(self._steps, step) - 1

    def _cell(self, column: Column, step: int) -> Cell:
        readings, reason = self._path.readings.get(column.name, ()), self._reasons[column.name]
        if reason or not readings:
            text = no_answer(reason) if reason else "…"
            return Cell((Span(text, "muted"),)) if step == 0 else Cell()
        if step >= len(readings):
            return Cell(edge=column.colour)
        reading, repeated = readings[step], way.repeats(readings, step)
        if repeated and self._fold:
            return Cell(edge=column.colour)
        end = way.run_end(readings, step) if self._fold else step
        if repeated or step == 0:
            spans: tuple[Span, ...] = (Span(reading.text, "muted" if repeated else "text"),)
        else:
            spans = diff_spans(readings[step - 1].words, reading.words, reading.text)
        number = str(step) if end == step else f"{step}–{end}"
        tooltip = numbers_line(reading) + (f"\nSteps {step} to {end} say the same." if end > step else "")
        return Cell(spans, tooltip, column.colour, number, sentence_pick(reading), self._room)
