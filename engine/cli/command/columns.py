"""Tables with a column a variant on a terminal: as many beside each other as it is wide, the others beneath."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

T = TypeVar("T")


def print_in_columns(console: Console, given: Sequence[T], table: Callable[[Sequence[T]], Table], most: int) -> None:
    """Print tables of some columns each; where not even one fits, it is cut off.

    Args:
        console: on which.
        given: what becomes a column each.
        table: of some of them.
        most: columns of a table.
    """
    wide = console.options.update(width=1000)  # else a table's width is never more than the terminal's
    while given:
        tables = [table(given[:count]) for count in range(1, min(most, len(given)) + 1)]
        fitting = [each for each in tables if console.measure(each, options=wide).maximum <= console.width] or tables[
            :1
        ]
        console.print()
        console.print(fitting[-1])
        given = given[len(fitting) :]
    console.print()
