"""What is known of the shown models' z, and what is measured of it now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from psygnal import SignalGroupDescriptor

from app.core.values import Stage, Verdict

QUICK = 1000
"""Sentences of a diagnosis that takes about a minute; the intervals are three times as wide as with ten thousand."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the maps alone say of a variant.

    Attributes:
        verdict: by the KL alone.
        kl: nats, mean over the test sentences, as beneath the map.
        what, because: what to try first, and why; "" where nothing is amiss.
        active_units, carrying_units, latent: dimensions in use, with more than 0.1 nats, and all.
        nll: mean of -log p(x|z), nats.
    """

    verdict: Verdict
    kl: float
    what: str = ""
    because: str = ""
    active_units: int = 0
    carrying_units: int = 0
    latent: int = 0
    nll: float = 0.0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the models that are shown, without measuring.

    Attributes:
        estimates: by variant.
        sources: what a diagnosis of just these models is made from (`engine.diagnostics.kept.sources`); None where
            there can be none.
        why_not: why there can be none, in words.
        sentences: of the test set, as many as a diagnosis takes at most.
        result: the most thorough diagnosis that was kept of them; None if there is none.
        created: when that was made.
        problem: why what was kept cannot be read.
    """

    estimates: Mapping[str, Estimate] = field(default_factory=dict)
    sources: Mapping[str, Any] | None = None
    why_not: str = ""
    sentences: int = 0
    result: Mapping[str, Any] | None = None
    created: str = ""
    problem: str = ""


@dataclass
class DiagnosisState:
    """What is known, the result that is shown, and the command that measures."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    known: Known = Known()
    result: Mapping[str, Any] | None = None
    """What `diagnose` has found of the models that are shown; None before it has."""

    created: str = ""
    """When that was made: ISO 8601, UTC."""

    quick: bool = True
    """Whether the first thousand sentences are enough."""

    job: Stage = Stage()
