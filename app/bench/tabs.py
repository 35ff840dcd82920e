"""The tabs of the bench, in their order, and where in them a sentence or points can be sent.

Each has a package of its own with its state, requests and views; the module of the package's name has the tab. It is
imported and made when it is wanted first, so that the window is on the screen without it. The tabs know nothing of each
other: what one sends to another goes through the window.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from PySide6.QtWidgets import QWidget

from app.core.picks import Place

if TYPE_CHECKING:
    from app.bench.bench_tab import BenchTab
    from app.core.wish import Wish
    from app.run.context import Context


@dataclass(frozen=True, slots=True)
class Kind:
    """A tab before it is made.

    Attributes:
        name: as it stands on the tab.
        tooltip: what a person can do there.
        package: of `app.bench`; its module of the same name holds the tab, its module `view` what is seen of it.
        class_name: of the tab; that of its view ends in "View".
        slots: where a `Pick` can go; none where the tab takes nothing.
        dropped: the slot of what is dropped on the tab's name, if that is not the first; "" leaves it to the tab.
        from_prior: whether its z comes from the prior and not from an encoder.
        with_clicked: whether what the models make of the clicked sentence stands above it, until a person folds that.
    """

    name: str
    tooltip: str
    package: str
    class_name: str
    slots: tuple[str, ...] = ("",)
    dropped: str | None = None
    from_prior: bool = False
    with_clicked: bool = False

    def make(self, context: Context, view: QWidget | None = None) -> BenchTab:
        """The tab, with its view, if that is there already."""
        return cast("Callable[..., BenchTab]", getattr(self.load(), self.class_name))(context, view=view)

    def make_view(self) -> QWidget:
        """What is seen of the tab, without what is behind it: it is there sooner."""
        view = getattr(import_module(f"app.bench.{self.package}.view"), f"{self.class_name}View")
        return cast("Callable[[], QWidget]", view)()

    def wish_type(self) -> type[Wish]:
        """The type of what is wanted of the tab."""
        state = import_module(f"app.bench.{self.package}.state")
        return cast("type[Wish]", getattr(state, f"{self.class_name}Wish"))

    def load(self) -> object:
        """Import the module of the tab."""
        return import_module(f"app.bench.{self.package}.{self.package}")

    @property
    def places(self) -> tuple[Place, ...]:
        """Where a `Pick` can go."""
        return tuple(Place(self.name, slot) for slot in self.slots)


KINDS: tuple[Kind, ...] = (
    Kind(
        "Reconstruct",
        "Type a sentence and see it written again by every model",
        "reconstruct",
        "Reconstruct",
        with_clicked=True,
    ),
    Kind(
        "Interpolate",
        "Walk from one sentence to another",
        "interpolate",
        "Interpolate",
        ("A", "through", "B"),
        dropped="",
    ),
    Kind(
        "Prior samples",
        "Sentences from a z drawn without any sentence",
        "samples",
        "PriorSamples",
        slots=(),
        from_prior=True,
    ),
    Kind("Traverse", "Move a sentence along the directions that tell most", "traverse", "Traverse"),
    Kind(
        "Arithmetic",
        "Calculate with sentences: a − b + c, or add what one group has and another has not",
        "arithmetic",
        "Arithmetic",
        ("a", "b", "c", "subject", "with", "without"),
    ),
    Kind("Neighbours", "The test sentences nearest to a sentence in every latent space", "neighbours", "Neighbours"),
    Kind("Table", "The sentences gathered so far, to copy or export", "table", "Table"),
)


def kind_of(name: str) -> Kind:
    """The kind of a tab, by its name."""
    return next(kind for kind in KINDS if kind.name == name)


def places() -> tuple[Place, ...]:
    """All places of the bench that take sentences and points, in the order of the tabs."""
    return tuple(place for kind in KINDS for place in kind.places)


def first_place(tab: str) -> Place:
    """Where something goes that is dropped on the name of a tab."""
    kind = kind_of(tab)
    return Place(tab, kind.slots[0] if kind.dropped is None else kind.dropped)
