"""The table of numbers as a figure, and as a table for clipboard and files."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING

from app.core.theme import Theme
from app.evaluate.words import SIGNS, NumberCell, NumberTable
from app.widgets.pictures.document import Document
from app.widgets.pictures.figure import MARGIN, Figure, wide

if TYPE_CHECKING:
    from engine.evaluation.tables import Table

_FIRST = 26  # per cent of the width: the names


def table_figure(table: NumberTable, width: float) -> Figure:
    """What stands in the table, as a figure."""
    least = 190.0 + 120.0 * len(table.columns)
    return Figure(
        "evaluation", "Evaluation", (Document(partial(_html, table)),), width=wide(max(width, least) + 2 * MARGIN)
    )


def shown_table(table: NumberTable, notes: tuple[str, ...]) -> Table:
    """What stands in the table, for the clipboard and for people: value [low, high], and the mark."""
    from engine.evaluation.tables import Table as Made

    labels = _distinct([column.label for column in table.columns])
    rows = [
        (f"{row.title}{f', {row.unit}' if row.unit else ''}", row.arrow, *(_text(cell) for cell in row.cells))
        for row in table.rows
        if row.key
    ]
    return Made("evaluation", ("Number", "Better", *labels), tuple(rows), "Evaluation", notes)


def _text(cell: NumberCell) -> str:
    between = f" [{cell.beneath.replace(' to ', ', ')}]" if cell.beneath and not cell.missing else ""
    mark = f" ({SIGNS[cell.mark]})" if cell.mark else ""
    return f"{cell.value}{between}{mark}"


def _distinct(labels: list[str]) -> list[str]:
    taken = ["Number", "Better"]
    made = []
    for label in labels:
        name, number = label, 2
        while name in taken:
            name, number = f"{label} ({number})", number + 1
        taken.append(name)
        made.append(name)
    return made


def _html(table: NumberTable, theme: Theme) -> str:
    rest = (100 - _FIRST) / max(1, len(table.columns))
    heads = "".join(
        f'<td width="{rest:.2f}%" align="right"><span style="color:{theme.readable(column.colour or theme.muted)}">●'
        f"</span> <b>{escape(column.label)}</b>{_small('baseline' * (column.name == table.baseline), theme)}</td>"
        for column in table.columns
    )
    lines = [f'<tr><td width="{_FIRST}%"></td>{heads}</tr>']
    edge = f'style="border-top:1px solid {theme.border}"'
    for row in table.rows:
        if not row.key:
            title = f'<span style="color:{theme.muted}"><b>{escape(row.title)}</b></span>'
            lines.append(f'<tr><td {edge} colspan="{len(table.columns) + 1}">{title}</td></tr>')
            continue
        cells = "".join(f'<td {edge} align="right">{_cell(cell, theme)}</td>' for cell in row.cells)
        name = f"{escape(row.title)} {row.arrow}{_small(row.unit, theme)}"
        lines.append(f"<tr><td {edge}>{name}</td>{cells}</tr>")
    body = "".join(lines)
    return f'<table width="100%" cellpadding="4" cellspacing="0" style="border-collapse:collapse">{body}</table>'


def _cell(cell: NumberCell, theme: Theme) -> str:
    mark = ""
    if cell.mark:
        colour = theme.good if cell.mark > 0 else theme.danger
        mark = f'<span style="color:{colour}"><b>({SIGNS[cell.mark]})</b></span> '
    return f"{mark}<b>{escape(cell.value)}</b>{_small(cell.beneath, theme)}"


def _small(text: str, theme: Theme) -> str:
    return f'<br><span style="font-size:11px; color:{theme.muted}">{escape(text)}</span>' if text else ""
