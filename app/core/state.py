"""What the person is looking at: one observable state.

Controllers write it, views follow it. Every field has a signal of its own (`state.events.hover.connect(...)`), and
all of them are written on the GUI thread only. The values are plain and frozen, so that a view can never change the
state behind a controller's back. Arrays of numbers do not belong here: they lie in `atlas.Atlas`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Literal

from psygnal import SignalGroupDescriptor

from app.core.picks import NOTHING, Pick

if TYPE_CHECKING:
    from engine.latents.smoothness import Smoothness

ColourBy = Literal["KL", "nll", "length"]
Method = Literal["beam", "greedy"]
StageKind = Literal["none", "loading", "computing", "failed", "stale", "ready"]

Page = Literal["Explore", "Train"]
Tab = Literal["Reconstruct", "Interpolate", "Prior samples", "Traverse", "Arithmetic", "Neighbours", "Table"]


@dataclass(frozen=True, slots=True)
class Column:
    """One variant, which is one column everywhere in the window."""

    name: str
    label: str
    colour: str
    m: float = 0.0


@dataclass(frozen=True, slots=True)
class Stage:
    """How far something that is being prepared has come. `fraction` is 0 to 1, or None while it is not known."""

    kind: StageKind = "none"
    text: str = ""
    hint: str = ""
    fraction: float | None = None

    def note(self, usual: str) -> str:
        """What stands where there is nothing yet: that it is being prepared or why it never comes, else `usual`."""
        if self.kind == "failed":
            return f"{self.text} {self.hint}".strip()
        return f"{self.text} …" if self.kind == "loading" else usual


@dataclass(frozen=True, slots=True)
class Choice:
    """How sentences are made: z is the mean mu or a sample of q(z|x), words come from beam search or greedily.

    `length_normalisation` is the power of the length by which a beam divides its scores, `allow_unknown` whether the
    unknown word may be written; `n_best` is how many sentences a list of a beam's best holds.
    """

    sample: bool = False
    method: Method = "beam"
    beam: int = 10
    seed: int = 0
    length_normalisation: float = 0.0
    allow_unknown: bool = False
    n_best: int = 10

    @property
    def search(self) -> str:
        """The search in words, as in "beam 10"."""
        beam = f"beam {self.beam}"
        if self.length_normalisation:
            beam += f", length normalisation {self.length_normalisation:g}"
        unknown = ", unknown word allowed" if self.allow_unknown else ""
        return (beam if self.method == "beam" else "greedy") + unknown

    @property
    def source(self) -> str:
        """Where z comes from, as in "z = μ"."""
        return f"z ~ q(z|x), seed {self.seed}" if self.sample else "z = μ"

    @property
    def how(self) -> str:
        """How a sentence of this choice is made, as in "z = μ, beam 10"."""
        return f"{self.source}, {self.search}"

    def greedy(self) -> Choice:
        """The same choice with the quick search."""
        return replace(self, method="greedy")

    @property
    def searches(self) -> tuple[Choice, ...]:
        """The searches one after the other: the quick one for a draft, if this is a beam, and this one."""
        return (self.greedy(), self) if self.method == "beam" else (self,)


@dataclass(frozen=True, slots=True)
class Reading:
    """One decoded sentence: its words, log p(x|z) and the KL of its z (nats; None where there is no q), how made.

    `z` is the point (latent,) that was decoded, so that it can be sent elsewhere; empty where it is not kept. `source`
    is how this point was made, the part of `how` before the search.
    `draft` marks the quick greedy answer that a beam search is about to replace, `ended` a sentence that ends of itself
    and not because it has grown too long.
    """

    words: tuple[str, ...]
    text: str
    log_probability: float
    kl: float | None = None
    how: str = ""
    draft: bool = False
    ended: bool = True
    z: tuple[float, ...] = ()
    source: str = ""

    @property
    def certainty(self) -> float:
        """Mean (geometric) probability of a word of the sentence under the decoder, the end mark counted: 0 to 1."""
        return math.exp(min(0.0, self.log_probability) / max(1, len(self.words) + self.ended))


@dataclass(frozen=True, slots=True)
class Fact:
    """A named value, with `share` (0 to 1) of its bar filled, and what it means in plain words."""

    name: str
    value: str
    share: float
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the models make of one sentence: `readings` by variant, `failed` reasons by variant.

    `words` are the sentence's own words as the models read them, `unknown` marks those outside the vocabulary,
    `spots` are its places on the maps, where they were asked for.
    """

    text: str = ""
    words: tuple[str, ...] = ()
    unknown: tuple[bool, ...] = ()
    readings: Mapping[str, Reading] = field(default_factory=dict)
    spots: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """Several sentences a variant: the steps of an interpolation or samples of the prior.

    `stops` are the sentences (or names of points) that an interpolation goes through, from A to B, with `steps` steps
    from each to the next; `paths` are the places of all its steps on the maps, ((x, y), ...) by variant, and
    `smoothness` the numbers of the way.
    """

    stops: tuple[str, ...] = ()
    steps: int = 10
    how: str = ""
    readings: Mapping[str, tuple[Reading, ...]] = field(default_factory=dict)
    paths: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    smoothness: Mapping[str, Smoothness] = field(default_factory=dict)
    thrown: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Of prior samples: how many draws the filter threw away, of how many."""

    failed: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    busy: bool = False

    @property
    def last(self) -> int:
        """The last step of an interpolation."""
        return max(0, len(self.stops) - 1) * self.steps


@dataclass(frozen=True, slots=True)
class Draw:
    """What is drawn from the prior, and how its words are found.

    With `filtered` only sentences of 4 to 20 words, none of them unknown, are kept, as in the paper. With `sampled` the
    words are drawn too, with `temperature` and from the best words whose probabilities sum to `top_p`; otherwise
    `Choice` says how they are found.
    """

    count: int = 8
    seed: int = 0
    filtered: bool = False
    sampled: bool = False
    temperature: float = 1.0
    top_p: float = 1.0

    def how(self, choice: Choice) -> str:
        """How sentences are made of z, as in "beam 10; 4 to 20 words, none unknown"."""
        top_p = f", top-p {self.top_p:g}" if self.top_p < 1 else ""
        sampled = f"words sampled with temperature {self.temperature:g}{top_p}"
        kept = "; 4 to 20 words, none unknown" if self.filtered else ""
        return (sampled if self.sampled else choice.search) + kept


@dataclass(frozen=True, slots=True)
class Near:
    """The nearest training sentence: `edits` words differ, `distance` is their share of the longer sentence, 0 to 1."""

    text: str
    edits: int
    distance: float


@dataclass(frozen=True, slots=True)
class Memory:
    """What training text the prior samples resemble, if that is `wanted`: the nearest sentence of each, by its words.

    `searched` of `sentences` training sentences were looked at so far.
    """

    wanted: bool = False
    near: Mapping[tuple[str, ...], Near] = field(default_factory=dict)
    searched: int = 0
    sentences: int = 0
    how: str = ""
    problem: str = ""
    busy: bool = False


@dataclass(frozen=True, slots=True)
class GatheredRow:
    """One line of the comparison table: the input, a sentence a variant, and how they were made.

    A row of an interpolation names its stops in `path`, with `steps` from each to the next, and its place on the way in
    `step`; `source` is then empty, as `resolve.inputs` writes it from them, without saying the sentences again in every
    row. `pick` is what the row can be sent on as.
    """

    source: str
    sentences: Mapping[str, str]
    how: str
    path: tuple[str, ...] | None = None
    step: int = 0
    steps: int = 10
    pick: Pick | None = field(default=None, compare=False)


@dataclass
class ExplorerState:
    """Everything the window shows, beside the arrays of the maps."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    page: Page = "Explore"
    run: str = ""
    step: int | None = None
    """The checkpoint that the maps and models are of, or None for the newest."""

    runs: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    maps: Stage = Stage()
    models: Stage = Stage()
    broken: Mapping[str, str] = field(default_factory=dict)
    """Variants whose model could not be loaded, with the reason in words."""

    shown: tuple[str, ...] = ()
    colour_by: ColourBy = "KL"
    density: bool = False
    linked: bool = True
    search: str = ""
    matches: int | None = None
    hover: int = -1
    hover_text: str = ""
    selection: int = -1
    selection_text: str = ""
    choice: Choice = Choice()

    selected: Decoded = Decoded()
    tab: Tab = "Reconstruct"
    typed: str = ""
    point: Pick = NOTHING
    """What was sent to be decoded in the place of a typed sentence: points."""

    reconstructed: Decoded = Decoded()
    a: Pick = NOTHING
    b: Pick = NOTHING
    through: tuple[Pick, ...] = ()
    """Stops between A and B; `NOTHING` where one is still to be filled."""

    steps: int = 10
    """Steps from one stop of the interpolation to the next: 11 sentences from A to B, as in the paper."""

    position: int = 5
    slerp: bool = False
    fold: bool = False
    """Whether repeats of the interpolation stand on one row."""

    path: Series = Series()
    draw: Draw = Draw()
    samples: Series = Series()
    memory: Memory = Memory()
    gathered: tuple[GatheredRow, ...] = ()

    @property
    def subject(self) -> str:
        """What the maps and models are of, as in "novel" or "novel, step 2,000"."""
        return f"{self.run}, step {self.step:,}" if self.step is not None else self.run

    def stops(self) -> tuple[Pick, ...]:
        """A, the stops between, B; `NOTHING` where one is empty."""
        return (self.a, *self.through, self.b)

    def visible(self) -> tuple[Column, ...]:
        """The columns that are shown, in their order."""
        return tuple(column for column in self.columns if column.name in self.shown)

    def usable(self) -> tuple[str, ...]:
        """Names of the variants whose model can answer; hidden ones too, so that showing one again needs no waiting."""
        return tuple(column.name for column in self.columns if column.name not in self.broken)
