"""What the Arithmetic tab shows: one observable state of its own, and the frozen values in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

from psygnal import SignalGroupDescriptor

from app.core.picks import NOTHING, Pick, Point
from app.core.values import Reading
from app.core.wish import Wish, plain

Face = Literal["analogy", "concept"]
GroupName = Literal["with", "without"]
Operand = Literal["a", "b", "c", "subject"]

MOST = 500
"""Sentences of a group at the most; of a search that finds more, these many are taken, evenly spread."""

_LISTED = 40
"""Numbers of test sentences that `Group.how` writes out."""


@dataclass(frozen=True, slots=True)
class Member:
    """A sentence or point of a group; `search` is the phrase by which it was found, one of `matches` test sentences."""

    pick: Pick
    search: str = ""
    matches: int = 0

    @property
    def key(self) -> tuple[object, ...]:
        """What makes it the same as another: the test sentence, the words, or the points."""
        pick = self.pick
        if pick.is_point:
            return "point", tuple(sorted(pick.z.items()))
        return ("test", pick.index) if pick.index >= 0 else ("text", " ".join(pick.text.split()))


@dataclass(frozen=True, slots=True)
class Group:
    """The sentences of one side of a concept.

    `text` stands in the group's field; `matches` counts the test sentences that hold it, None while that is not known;
    `dropped` how many sentences were too many to take.
    """

    members: tuple[Member, ...] = ()
    text: str = ""
    matches: int | None = None
    dropped: int = 0

    def joined(self, members: Iterable[Member]) -> Group:
        """With these too, each once, `MOST` in all."""
        own = {member.key for member in self.members}
        fresh = {member.key: member for member in members if member.key not in own}
        together = (*self.members, *fresh.values())
        return replace(self, members=together[:MOST], dropped=max(0, len(together) - MOST))

    def without(self, number: int) -> Group:
        """Without the member at a place."""
        return replace(self, members=(*self.members[:number], *self.members[number + 1 :]))

    @property
    def how(self) -> str:
        """Which sentences they are, in words from which the group can be filled again."""
        searches = Counter((member.search, member.matches) for member in self.members if member.search)
        parts = [_searched(phrase, count, of) for (phrase, of), count in searches.items()]
        single = [member.pick for member in self.members if not member.search]
        numbers = [pick.index + 1 for pick in single if pick.index >= 0 and not pick.is_point]
        if numbers:
            more = f" and {len(numbers) - _LISTED:,} more" if len(numbers) > _LISTED else ""
            listed = ", ".join(str(number) for number in numbers[:_LISTED])
            parts.append(f"test sentence{'s' * (len(numbers) > 1)} {listed}{more}")
        parts += [f"“{pick.text}”" for pick in single if pick.index < 0 and not pick.is_point]
        parts += [f"the point {pick.how or pick.text}" for pick in single if pick.is_point]
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Interval:
    """A number and the ends of its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Whether a direction means something to one variant.

    Attributes:
        separation: AUC, the share of unseen pairs that the direction puts in order: 0.5 is chance, 1 all of them.
        length: of the direction, in prior standard deviations.
        chance: lengths of directions between random groups of the same sizes: the median, and 0 to what 95% of them
            stay under.
        verdict: "stands out", "unclear" or "chance".
        words: that in a sentence, with the numbers it rests on.
        how: how the numbers were computed.
    """

    separation: Interval
    length: Interval
    chance: Interval
    verdict: str
    words: str
    how: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of moving a point, by variant.

    Attributes:
        before: what each model writes from the point that was moved.
        after: what it writes from where that went.
        failed: why a model wrote nothing.
        problem: why none could be asked.
        busy: whether more is to come.
        unknown: words of the sentences that are not in the vocabulary.
        source: how the points were made, in one line from which they can be made again.
        search: how the sentences were found, as in "beam 10".
        others: the points of the operands beside the one that was moved.
    """

    before: Mapping[str, Reading] = field(default_factory=dict)
    after: Mapping[str, Reading] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    busy: bool = False
    unknown: tuple[str, ...] = ()
    source: str = ""
    search: str = ""
    others: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)

    @property
    def how(self) -> str:
        """All of it in one line, from which the sentences can be had again."""
        return f"{self.source}, {self.search}"

    def asked(self, source: str, search: str) -> Outcome:
        """Asked anew: what was shown stays until the new answers replace it."""
        return replace(self, problem="", busy=True, source=source, search=search)

    def answered(
        self,
        before: Mapping[str, Reading],
        after: Mapping[str, Reading],
        failed: Mapping[str, str],
        unknown: tuple[str, ...] = (),
        others: Mapping[str, tuple[Point, ...]] | None = None,
    ) -> Outcome:
        """With the answers of some of the variants."""
        gone = {name: reason for name, reason in self.failed.items() if name not in after}
        kept = {name: reading for name, reading in self.after.items() if name not in failed}
        return replace(
            self,
            before={**self.before, **before},
            after={**kept, **after},
            failed={**gone, **failed},
            unknown=unknown,
            others={**self.others, **(others or {})},
        )

    def ended(self, problem: str) -> Outcome:
        """Nothing more comes; with what went wrong, if anything did."""
        return replace(self, busy=False, problem=problem) if not problem else Outcome(problem=problem)


@dataclass(frozen=True, slots=True)
class ArithmeticWish(Wish):
    """The open face, the sentences, the factors, and the groups with the text of their fields."""

    face: Face = "analogy"
    a: Pick = NOTHING
    b: Pick = NOTHING
    c: Pick = NOTHING
    share: float = 1.0
    subject: Pick = NOTHING
    strength: float = 1.0
    members_with: tuple[Member, ...] = ()
    members_without: tuple[Member, ...] = ()
    text_with: str = ""
    text_without: str = ""

    def elsewhere(self) -> ArithmeticWish:
        """The sentences, and of the groups those that were typed."""
        return replace(
            self,
            a=plain(self.a),
            b=plain(self.b),
            c=plain(self.c),
            subject=plain(self.subject),
            members_with=_typed(self.members_with),
            members_without=_typed(self.members_without),
        )


def _typed(members: Iterable[Member]) -> tuple[Member, ...]:
    return tuple(member for member in members if member.pick.index < 0 and not member.pick.is_point)


@dataclass
class ArithmeticState:
    """Everything the Arithmetic tab shows."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    face: Face = "analogy"
    a: Pick = NOTHING
    b: Pick = NOTHING
    c: Pick = NOTHING
    share: float = 1.0
    """How much of c − b is added to a."""

    analogy: Outcome = Outcome()
    subject: Pick = NOTHING
    groups: Mapping[GroupName, Group] = field(default_factory=lambda: {"with": Group(), "without": Group()})
    searching: frozenset[GroupName] = frozenset()
    """Groups that are to take what a search is finding."""

    strength: float = 1.0
    """How many lengths of the direction the subject is moved."""

    concept: Outcome = Outcome()
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    measuring: bool = False
    """Whether evidence is still to come."""

    unmeasured: Mapping[str, str] = field(default_factory=dict)
    """Why there is none, by variant."""


def _searched(phrase: str, count: int, of: int) -> str:
    share = f"{count:,}" if count == of else f"{count:,} of {of:,}"
    return f"{share} with “{phrase}”" + (", evenly spread" if of > MOST else "")
