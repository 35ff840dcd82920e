"""What the form of a new training holds, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from psygnal import SignalGroupDescriptor

from app.core.values import Stage
from engine.training.pace import Pace
from engine.training.plan import Plan


@dataclass(frozen=True, slots=True)
class CorpusChoice:
    """A corpus that a training can take, or could but for its `problem`.

    `vocabulary` is 5, the least there can be, while it is not prepared.
    """

    name: str
    words: str
    vocabulary: int = 5
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """The settings of a training that is to be started.

    Attributes:
        document: what was chosen, as `engine.training.plan` reads it; whatever it does not say is the preset's.
        plan: the newest document without faults, with every value filled in.
        weights_from: RUN or RUN:VARIANT that gives the first weights; "" where they are drawn.
        problems: dotted key to message; also "run", "corpus" and "from".
    """

    corpora: tuple[CorpusChoice, ...] = ()
    corpus: str = "demo"
    run: str = ""
    device: str = "auto"
    weights_from: str = ""
    document: Mapping[str, Any] = field(default_factory=dict)
    plan: Plan | None = None
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def vocabulary(self) -> int:
        """Words of the chosen corpus."""
        return next((each.vocabulary for each in self.corpora if each.name == self.corpus), 5)


@dataclass(frozen=True, slots=True)
class Measured:
    """The pace of a training, and what it was measured `of` (see `timing.circumstances`)."""

    of: tuple[Any, ...]
    pace: Pace


@dataclass
class FormState:
    """The form, as one frozen value, and how long its training takes."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    form: Form = Form()
    timing: Stage = Stage()
    """Of the command that measures: none, computing or failed."""

    timed: tuple[Any, ...] = ()
    """What that command was given (see `timing.circumstances`)."""

    measured: Measured | None = None
