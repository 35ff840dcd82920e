"""Sentences that are found by what is known of them: their numbers, and which lie near in z. For the cache's thread."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.run.atlas import Atlas, Opened
from app.widgets.categories.colours import title
from engine.errors import LoomError
from engine.selections.chosen import Mask

_AT_ONCE = 256  # sentences that are read between two other requests

Kind = Literal["KL", "nll", "length", "column"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something that every sentence has a number of: a model's, its length, or what stands beside it.

    Attributes:
        kind: which.
        name: of the variant, or of the column; "" for the length.
    """

    kind: Kind
    name: str = ""

    @property
    def of_variant(self) -> bool:
        """Whether each variant has one of its own."""
        return self.kind in ("KL", "nll")


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers from `least` to `most`, both included."""

    least: float = -math.inf
    most: float = math.inf

    @classmethod
    def of(cls, least: str, most: str) -> Span:
        """From what a person typed; "" is no limit.

        Raises:
            LoomError: something is no number, nothing was typed, or no number lies between the two.
        """
        ends = [_number(text) for text in (least, most)]
        if ends == [None, None]:
            raise LoomError("Type from which number, or up to which, or both.")
        low = -math.inf if ends[0] is None else ends[0]
        high = math.inf if ends[1] is None else ends[1]
        if low > high:
            raise LoomError(f"No number is from {least.strip()} to {most.strip()}: the first is the larger one.")
        return cls(low, high)


def _number(text: str) -> float | None:
    text = text.strip().replace("\N{MINUS SIGN}", "-")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise LoomError(f"“{text}” is no number; write it like 3 or 2.5.")
    return value


def numbers_of(atlas: Atlas, quantity: Quantity) -> NDArray[np.floating]:
    """The number (n,) of each sentence; NaN where a column has none.

    Raises:
        LoomError: the maps have no such variant, or no such column of numbers.
    """
    if quantity.kind == "length":
        return atlas.words.astype(np.float32)
    if quantity.kind == "column":
        kept = atlas.kept.get(quantity.name)
        if kept is None or kept.numbers is None:
            raise LoomError(f"No numbers stand beside the sentences as {quantity.name}.")
        return kept.numbers
    if quantity.name not in atlas.numbers:
        raise LoomError(f"The maps hold no numbers of {quantity.name}.")
    return atlas.numbers[quantity.name].kl if quantity.kind == "KL" else atlas.nll(quantity.name)


def by_values(opened: Opened, quantity: Quantity, span: Span) -> Iterator[Mask | None]:
    """The sentences whose number lies in a span; one that is missing never does."""
    if opened.atlas is not None:
        numbers = numbers_of(opened.atlas, quantity)
        # As float64, in which 1e99 is a number.
        yield (numbers >= np.float64(span.least)) & (numbers <= np.float64(span.most))


def by_neighbours(opened: Opened, variant: str, index: int, k: int) -> Iterator[Mask | None]:
    """A test sentence and the k whose μ is nearest to its own in a variant, |μ - μ_i|; None after each block.

    Raises:
        LoomError: the cache has no such variant, or not so many other sentences.
    """
    atlas = opened.atlas
    if atlas is None:
        return
    from engine.latents.neighbours import nearest_by_blocks

    if not 1 <= k < atlas.n:
        raise LoomError(f"{k:,} neighbours cannot be found among {atlas.n:,} test sentences.", "Ask for fewer.")
    mu = atlas.cache.mu(variant, slice(index, index + 1))[0]
    indices = np.zeros(0, np.int64)
    for found in nearest_by_blocks(atlas.cache, variant, mu, k + 1):
        indices = found.indices
        yield None
    others = indices[indices != index][:k]  # among more than k of the same z it need not be itself
    mask = np.zeros(atlas.n, np.bool_)
    mask[others] = True
    mask[index] = True
    yield mask


def quantities(atlas: Atlas) -> list[tuple[str, Quantity]]:
    """What every sentence has a number of, and what it is called; those of a model without a name of one."""
    columns = [name for name, kept in atlas.kept.items() if kept.numbers is not None]
    return [
        ("KL, nats", Quantity("KL")),
        ("−log p(x|z), nats", Quantity("nll")),
        ("length, tokens", Quantity("length")),
        *((title(name), Quantity("column", name)) for name in columns),
    ]


def texts(opened: Opened, places: Sequence[int]) -> Iterator[list[str] | None]:
    """The sentences at some places; None after every moment's work."""
    found: list[str] = []
    for start in range(0, len(places), _AT_ONCE):
        if opened.atlas is not None:
            found += [opened.atlas.sentence(index) for index in places[start : start + _AT_ONCE]]
        yield None
    yield found
