"""What a trial is, and what it came to."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.stress.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial, known by its kind and number; everything in it is drawn from these and the seed.

    Attributes:
        kind: damage, kill, disk or pair.
        number: counted from 0 within the kind.
        seed: of all trials.
        what: the key of the command, or of the pair.
        name: the row of the table it is counted in.
    """

    kind: str
    number: int
    seed: int
    what: str
    name: str

    @property
    def id(self) -> str:
        """What to name it by in `--repeat`."""
        return f"{self.kind}-{self.number}"

    def choose(self) -> random.Random:
        """The source of everything that is drawn in it."""
        return random.Random(f"{self.seed} {self.id} {self.what}")


@dataclass(slots=True)
class Story:
    """What happened in a trial, line by line, for `--repeat`."""

    lines: list[str] = field(default_factory=list)

    def tell(self, *lines: str) -> None:
        """Add lines."""
        self.lines += lines


@dataclass(frozen=True, slots=True)
class Outcome:
    """A trial that was made, in so many seconds."""

    trial: Trial
    verdict: Verdict
    story: tuple[str, ...]
    seconds: float = 0.0
