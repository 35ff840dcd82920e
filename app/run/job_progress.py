"""How far the whole job of making the maps has come: one figure over the stages of all its commands.

The weights are shares of the time, measured on the demo; they need not be exact, only such that the figure never
stands still for most of the time or runs back.
"""

from __future__ import annotations

from collections.abc import Sequence

_TEXT, _LATENTS, _ENCODING, _START, _MAP = 3.0, 0.2, 5.0, 1.0, 6.0


class JobProgress:
    """Takes the stages that `encode` and `project` report, in their order.

    Args:
        labels: of the variants.
        packaged: whether latents and maps are shipped with the models, so that little has to be computed.
        encodes: whether the job begins with `encode`; else it only draws maps.
    """

    def __init__(self, labels: Sequence[str], packaged: bool = False, encodes: bool = True) -> None:
        self._labels = tuple(labels)
        self._plan = _packaged_plan(labels) if packaged else _full_plan(labels, encodes)
        self._began = False
        self._done: dict[str, float] = {}
        self.fraction = 0.0
        self.words = ""

    def take(self, stage: str, done: float, total: float | None) -> None:
        """A stage has come so far (`total` None while it is not known)."""
        if stage not in self._plan and stage in (full := _full_plan(self._labels, encodes=True)):
            self._plan = full  # what is packaged does not fit, so it is computed after all
        self.words = _words(stage)
        if stage not in self._plan:
            return
        if not self._began:  # what lies before is done already, and took no time now
            self._began = True
            stages = list(self._plan)
            self._plan = {name: self._plan[name] for name in stages[stages.index(stage) :]}
        stages = list(self._plan)
        for earlier in stages[: stages.index(stage)]:
            # Maps are made several at a time, and some stages are left out; but those of one map follow each other.
            if _map_of(earlier) in ("", _map_of(stage)):
                self._done[earlier] = 1.0
        self._done[stage] = max(self._done.get(stage, 0.0), min(1.0, done / total) if total else 0.0)
        come = sum(weight * self._done.get(name, 0.0) for name, weight in self._plan.items())
        self.fraction = max(self.fraction, come / sum(self._plan.values()))


def _packaged_plan(labels: Sequence[str]) -> dict[str, float]:
    return {"reading": _TEXT, "writing": _TEXT / 6, **{f"reading {label}": _LATENTS for label in labels}}


def _full_plan(labels: Sequence[str], encodes: bool) -> dict[str, float]:
    plan = {"reading": _TEXT, "writing": _TEXT / 6} if encodes else {}
    plan |= {f"encoding with {label}": _ENCODING for label in labels} if encodes else {}
    plan["shared start of the maps"] = _START
    for label in labels:
        plan[f"{label}: neighbours"] = _MAP / 3
        plan[f"{label}: layout"] = _MAP / 2
        plan[f"{label}: other sentences"] = _MAP / 6
        plan[f"{label}: quality"] = _MAP / 6
    return plan


def _map_of(stage: str) -> str:
    """Whose map a stage is of; "" for what comes before the maps."""
    label, colon, _ = stage.rpartition(": ")
    return label if colon else ""


def _words(stage: str) -> str:
    """A stage in words for people."""
    if stage in ("reading", "writing"):
        return f"{stage.capitalize()} the text"
    if stage.startswith("reading "):
        return f"Reading the latents of {stage.removeprefix('reading ')}"
    if stage.startswith("encoding with "):
        return f"Encoding the test sentences with {stage.removeprefix('encoding with ')}"
    label, colon, part = stage.partition(": ")
    parts = {"neighbours": "Finding neighbours for", "layout": "Laying out", "other sentences": "Placing the rest on"}
    parts["quality"] = "Measuring how far to trust"
    return f"{parts.get(part, part.capitalize() + ' for')} the map of {label}" if colon else stage.capitalize()
