"""What every feature of the window shares: one observable state.

Controllers write a state, views follow it. Every field has a signal of its own (`state.events.choice.connect(...)`),
and all of them are written on the GUI thread only. What concerns one feature alone is in the state of that feature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from app.core.choice import Choice
from app.core.picks import Origin
from app.core.values import Column, Finding, OnMaps, Page, Stage
from engine.selections.chosen import NONE, Chosen


@dataclass
class ExplorerState:
    """What is open, how sentences are made, what is clicked, and which tab is in view."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    page: Page = "Explore"
    run: str = ""
    step: int | None = None
    """The checkpoint that was asked for, or None for the newest."""

    shown_step: int | None = None
    """The step that the maps and models are of; None while it is not known, and where the variants are not of one."""

    newest_step: int | None = None
    """The newest step that there is of the run, where that is another one by now."""

    columns: tuple[Column, ...] = ()
    maps: Stage = Stage()
    models: Stage = Stage()
    broken: Mapping[str, str] = field(default_factory=dict)
    """Variants whose model could not be loaded, with the reason in words."""

    findings: Mapping[str, Finding] = field(default_factory=dict)
    """How much z carries, by variant, as far as it is known."""

    limits: tuple[int, int] | None = None
    """The shortest and the longest sentence that the models were trained on, in tokens; None while not known."""

    shown: tuple[str, ...] = ()
    selection: int = -1
    """The clicked test sentence, or -1."""

    selection_text: str = ""
    chosen: Chosen = NONE
    """Which test sentences are selected on the maps."""

    choice: Choice = Choice()
    tab: str = "Reconstruct"
    """The name of the open tab of the bench."""

    faces: Mapping[str, str] = field(default_factory=dict)
    """What is open within a tab, by its name, where that is not what it shows at first."""

    on_maps: OnMaps = OnMaps()
    way_step: int = 0
    """The step of the ways in `on_maps` that is in view."""

    @property
    def subject(self) -> str:
        """What the maps and models are of, as in "novel, step 2,000"; "novel" while the step is not known."""
        return f"{self.run}, step {self.shown_step:,}" if self.shown_step is not None else self.run

    @property
    def origin(self) -> Origin:
        """Which models answer: what sentences and points are of that are made now."""
        return Origin(self.run, self.step if self.shown_step is None else self.shown_step)

    @property
    def in_view(self) -> str:
        """The open tab and what is open within it, as in "Reconstruct" or "Reconstruct, cloud"."""
        return ", ".join(part for part in (self.tab, self.faces.get(self.tab, "")) if part)

    def visible(self) -> tuple[Column, ...]:
        """The columns that are shown, in their order."""
        return tuple(column for column in self.columns if column.name in self.shown)

    def structured(self) -> tuple[str, ...]:
        """Names of the shown variants whose maps may show structure: those that are not said to have collapsed."""
        collapsed = {name for name, finding in self.findings.items() if finding.verdict == "collapsed"}
        return tuple(column.name for column in self.visible() if column.name not in collapsed)

    def usable(self) -> tuple[str, ...]:
        """Names of the variants whose model can answer; hidden ones too, so that showing one again needs no waiting."""
        return tuple(column.name for column in self.columns if column.name not in self.broken)
