"""What the closer looks at a sentence show: plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from app.core.values import Reading

Look = Literal["sentence", "cloud", "credit", "tree", "fill"]
NodeState = Literal["kept", "pruned", "ended", "best"]

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
    """The tokens of the sentence in their order, the end last, under one variant.

    `written` tells the sentence x̂ that a model wrote from a point from the sentence x that was typed; `note` says why
    the sum is far above the KL, where it is, and `kl` is that of the sentence, nats, where there is one.
    """

    tokens: tuple[Token, ...]
    how: str
    written: bool = False
    note: str = ""
    kl: float | None = None

    @property
    def given(self) -> float:
        """log p(sentence|z), nats."""
        return sum(token.given for token in self.tokens)

    @property
    def without(self) -> float:
        """log p(sentence|z=0), nats."""
        return sum(token.without for token in self.tokens)

    @property
    def credit(self) -> float:
        """log p(sentence|z) - log p(sentence|z=0), nats."""
        return self.given - self.without


@dataclass(frozen=True, slots=True)
class Node:
    """A beginning that a beam search weighed, or a finished sentence.

    Attributes:
        text: its last word; "" at the start, and at the end of a finished sentence.
        parent: the place of the beginning that it continues; -1 at the start.
        depth: words since the start; the end counts.
        own: log p of its last word, in nats.
        total: log p of all of it, in nats.
        state: `kept` if the search went on from it, `pruned` if not, `ended` if it is a finished sentence; `best` on
            the way to the sentence that won.
        end: whether it is a finished sentence.
        rank: its place among the n best, from 0; -1 if it has none.
    """

    text: str
    parent: int
    depth: int
    own: float
    total: float
    state: NodeState
    end: bool = False
    rank: int = -1


@dataclass(frozen=True, slots=True)
class Beams:
    """The n best sentences of one variant, and the nodes of the search that found them, each after its parent.

    `words` are those of the typed sentence; none of a point.
    """

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
