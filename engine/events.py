"""What a long task tells while it runs.

Every long task in `engine/` is a generator of these frozen values. The command line draws them as a bar or prints
them as JSON lines (`--events`); the app reads those lines from the process it started. The last event of a task
that succeeds is `Done`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage has come. `total` is None while it is not known."""

    stage: str
    done: int
    total: int | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """One line worth telling, such as a value that was adjusted. `level` is "info" or "warning"."""

    text: str
    level: str = "info"


@dataclass(frozen=True, slots=True)
class TrainStep:
    """The terms of every variant, averaged since the last log step, in nats per sentence.

    `variants` maps a variant's name to reconstruction, kl, elbo, objective, kl_share, kl_weight, m, gradient_norm and
    the other numbers that FORMAT.md lists. `tokens_per_second` is the mean since the last log step, evaluation or
    checkpoint, `seconds` the time since this training began or was resumed.
    """

    step: int
    total: int
    variants: Mapping[str, Mapping[str, float | None]]
    tokens_per_second: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Probe:
    """What every variant makes of the probe sentences at a step, in the order of `sentences`."""

    step: int
    sentences: Sequence[str]
    variants: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Done:
    """The task succeeded; `result` holds the fields that its command prints with `--json`."""

    result: Mapping[str, Any] = field(default_factory=dict)


Event = Progress | Note | TrainStep | Probe | Done


def to_json(event: Event) -> dict[str, Any]:
    """The event as one JSON object, with its kind under "event"."""
    return {"event": type(event).__name__.lower(), **asdict(event)}
