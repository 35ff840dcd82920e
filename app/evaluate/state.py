"""What the Evaluate page shows: what was measured of the open run, what of it is shown, and the command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from psygnal import SignalGroupDescriptor

from app.core.values import Stage
from app.core.wish import Wish
from engine.evaluation.measures.definitions import HEADLINE_WAY
from engine.selections.chosen import NONE, Chosen

if TYPE_CHECKING:
    from app.evaluate.distribution import Histogram
    from engine.evaluation.measures.result import Difference, Evaluation, Item

QUICK = 1000
"""Sentences that are measured first: about three minutes on two cores."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What of all that was measured is shown.

    Attributes:
        baseline: the variant that the others are held against; "" for the first.
        hidden: variants that are not shown.
        every_row: all numbers, and not only the headlines.
        way: of `WAYS`, how the sentences of the numbers of reconstruction were given back; "" for all ways.
        by_length: also the numbers of short and of long sentences alone.
        over: which of the measured sentences the numbers are taken over, as it was typed; "" for all.
        picked: what `maps:selected` in it stands for.
    """

    baseline: str = ""
    hidden: tuple[str, ...] = ()
    every_row: bool = False
    way: str = HEADLINE_WAY
    by_length: bool = False
    over: str = ""
    picked: Chosen = NONE


@dataclass(frozen=True, slots=True)
class EvaluateWish(Wish):
    """What is shown of the numbers, and which of them is open ("" for the first), if any may be (`beside`)."""

    choice: Choice = Choice()
    variant: str = ""
    key: str = ""
    beside: bool = True
    worst: bool = True


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the models that are shown, without measuring.

    Attributes:
        run, step: whose models; no run while nothing is known, no step where the variants are not of one.
        variants: that can be measured.
        without: why others cannot, a sentence; "" where all can.
        why_not: why nothing can be measured, in words.
        sentences: of the test set; 0 while that is not known.
        problem: why what was kept cannot be read.
        reports: whether a report can be written of the shown step, which the newest one is.
    """

    run: str = ""
    step: int | None = None
    variants: tuple[str, ...] = ()
    without: str = ""
    why_not: str = ""
    sentences: int = 0
    problem: str = ""
    reports: bool = False


@dataclass(frozen=True, eq=False)
class Behind:
    """What stands behind the open number.

    Attributes:
        variant, key: of the number; "" for none.
        worst: whether the items are the worst ones.
        histogram: how the number spreads over single items, by variant; None before that is read.
        items: of the variant; None before they are read.
        problem: why it cannot be read.
    """

    variant: str = ""
    key: str = ""
    worst: bool = True
    histogram: Histogram | None = None
    items: tuple[Item, ...] | None = None
    problem: str = ""


@dataclass(frozen=True, eq=False)
class Over:
    """The numbers over some of the sentences.

    Attributes:
        text: which, as it was typed; "" for all.
        picked: what `maps:selected` in it stands for.
        evaluation: the numbers; None while they are taken, and where there are none.
        problem: why there are none.
    """

    text: str = ""
    picked: Chosen = NONE
    evaluation: Evaluation | None = None
    problem: str = ""


@dataclass
class EvaluateState:
    """What was measured, what of it is shown, and the command that measures."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    reading: Stage = Stage()
    """Whether what was kept is being read: loading, failed or ready; none while no run is open."""

    known: Known = Known()
    evaluation: Evaluation | None = None
    """What was measured, over all of its sentences."""

    over: Over = field(default_factory=Over)
    """Its numbers over some of them."""

    differences: Mapping[str, Mapping[str, Difference]] = field(default_factory=dict)
    """Against the baseline, by variant and key; empty while they are being made."""

    choice: Choice = Choice()
    beside: bool = True
    """Whether a number is open beside the table."""

    variant: str = ""
    key: str = ""
    """The number that is open; "" for the first."""

    worst: bool = True
    behind: Behind = field(default_factory=Behind)
    job: Stage = Stage()
    asked: int = 0
    """Sentences that the command measures; 0 while none runs."""

    @property
    def shown(self) -> Evaluation | None:
        """The evaluation whose numbers are shown: over some of the sentences where that is wanted."""
        return self.over.evaluation if self.over.text else self.evaluation
