"""What the closer looks at the typed sentence show: one observable state of plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Generic, Literal, TypeVar

from psygnal import SignalGroupDescriptor

from app.state import Reading

Look = Literal["sentence", "cloud", "credit", "tree", "fill"]
NodeState = Literal["kept", "pruned", "ended", "best"]

BLANK = "___"
"""What stands for a missing word in a typed sentence."""

MOST_DRAWS = 200

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Answers(Generic[Found]):
    """What the variants have answered so far: `found` by variant, or why not: `failed` by variant, `problem` for all.

    What was found for the text before stays until the new answer replaces it.
    """

    text: str = ""
    found: Mapping[str, Found] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    busy: bool = False


@dataclass(frozen=True, slots=True)
class CloudGroup:
    """Equal sentences among the draws, how often they came, and whether they are the typed sentence itself."""

    reading: Reading
    count: int
    same: bool


@dataclass(frozen=True, slots=True)
class Cloud:
    """What one variant made of `drawn` of `n` draws z ~ q(z|x); the most frequent sentence first.

    `words` are those of the typed sentence, `same` counts the draws that gave it back word for word.
    """

    words: tuple[str, ...]
    groups: tuple[CloudGroup, ...]
    drawn: int
    n: int
    same: int
    how: str


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the sentence, or its end: log p given z and given z = 0, in nats."""

    word: str
    given: float
    without: float
    unknown: bool = False
    end: bool = False

    @property
    def credit(self) -> float:
        """What the latent variable adds, in nats."""
        return self.given - self.without


@dataclass(frozen=True, slots=True)
class Credit:
    """The tokens of the sentence in their order, the end last, under one variant."""

    tokens: tuple[Token, ...]
    how: str

    @property
    def given(self) -> float:
        """log p(x|z), nats."""
        return sum(token.given for token in self.tokens)

    @property
    def without(self) -> float:
        """log p(x|z=0), nats."""
        return sum(token.without for token in self.tokens)

    @property
    def credit(self) -> float:
        """log p(x|z) - log p(x|z=0), nats."""
        return self.given - self.without


@dataclass(frozen=True, slots=True)
class Node:
    """One word of one hypothesis of a beam search.

    Attributes:
        text: the word; "" for the root, before any word.
        parent: its place among the nodes; -1 for the root.
        depth: words since the root.
        total: log p of the beginning up to here, in nats.
        own: log p of this word alone, in nats.
        state: what became of the beginning that ends here. "best" is the way to the sentence that was chosen.
        rank: of a sentence that ended here, among the n best, from 0; -1 for all other nodes.
    """

    text: str
    parent: int
    depth: int
    total: float
    own: float
    state: NodeState
    rank: int = -1


@dataclass(frozen=True, slots=True)
class Beams:
    """The n best sentences of one variant and the tree of the search that found them; a parent before its children."""

    words: tuple[str, ...]
    best: tuple[Reading, ...]
    nodes: tuple[Node, ...]
    how: str


@dataclass(frozen=True, slots=True)
class Filling:
    """One way to fill the blanks: a word for each, the whole sentence for people, its log p (nats).

    `share` is its part, 0 to 1, of the probability of all the ways that were compared.
    """

    filled: tuple[str, ...]
    text: str
    log_probability: float
    share: float


@dataclass(frozen=True, slots=True)
class Fillings:
    """The best ways to fill the blanks that one variant knows, the best first.

    `words` are those of the typed sentence with `BLANK` in its blanks, `compared` counts the ways that were scored,
    `draft` marks quick scores that better ones are about to replace.
    """

    words: tuple[str, ...]
    best: tuple[Filling, ...]
    compared: int
    draft: bool
    how: str


@dataclass
class CloserState:
    """Which look is open, and what each shows."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    look: Look = "sentence"
    draws: int = 32
    cloud_seed: int = 0
    cloud: Answers[Cloud] = Answers()
    credit: Answers[Credit] = Answers()
    tree: Answers[Beams] = Answers()
    tree_variant: str = ""
    """The column whose tree is drawn; "" shows the n best sentences of all columns."""

    pruned: bool = True
    """Whether beginnings that the search gave up are drawn."""

    fill: Answers[Fillings] = Answers()
    fill_count: int = 8
