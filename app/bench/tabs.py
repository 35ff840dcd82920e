"""The tabs of the bench that work on points of the latent space, each with a state of its own.

A module here is one tab: its state, its requests to the models and its controller. What it looks like is a view in
`app/views`. `KINDS` names them in the order of the bench; they are made when they are wanted first, so that the window
is on the screen without them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from app.bench.bench_tab import Operation
from app.core.picks import Place
from app.core.state import Tab
from app.run.context import Context


@dataclass(frozen=True, slots=True)
class Kind:
    """A tab before it is made: its name and tooltip, its module and class, and the slots where a `Pick` can go."""

    name: Tab
    tooltip: str
    module: str
    class_name: str
    slots: tuple[str, ...] = ("",)

    def make(self, context: Context) -> Operation:
        """The tab."""
        factory = getattr(import_module(f"app.bench.{self.module}.{self.module}"), self.class_name)
        return cast(Callable[[Context], Operation], factory)(context)

    @property
    def places(self) -> tuple[Place, ...]:
        """Where a `Pick` can go."""
        return tuple(Place(self.name, slot) for slot in self.slots)


KINDS: tuple[Kind, ...] = (
    Kind("Traverse", "Move a sentence along the directions that tell most", "traverse", "Traverse"),
    Kind(
        "Arithmetic",
        "Calculate with sentences: a − b + c, or add what one group has and another has not",
        "arithmetic",
        "Arithmetic",
        ("a", "b", "c", "subject", "with", "without"),
    ),
    Kind("Neighbours", "The test sentences nearest to a sentence in every latent space", "neighbours", "Neighbours"),
)
