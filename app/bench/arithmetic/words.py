"""What the Arithmetic tab says: formulas, how a result was made, rows for the table, and examples. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.bench.arithmetic.state import ArithmeticState, Evidence, Group, GroupName, Outcome
from app.bench.rows import GatheredRow
from app.core.choice import Choice
from app.core.picks import Pick
from app.core.readings import numbers_of
from app.core.values import Fact


@dataclass(frozen=True, slots=True)
class Sum:
    """An example of a - b + c."""

    a: str
    b: str
    c: str


@dataclass(frozen=True, slots=True)
class Contrast:
    """An example of a concept: what to search for each group, and a sentence to move."""

    with_: str
    without: str
    subject: str


SUMS = (
    Sum("I bought a car.", "I have a car.", "I have a dog."),
    Sum("I don't like coffee.", "I don't like wine.", "I never drink wine."),
    Sum("I can't speak French.", "I can't speak German.", "I speak a little German."),
    Sum("I play the guitar.", "I play the piano.", "I can play the piano."),
)
CONTRASTS = (
    Contrast("was | were", "is | are", "The train is ten minutes late."),
    Contrast("she | her", "he | his", "He was wearing glasses."),
    Contrast("we | our", "I | my", "I work too much."),
)

WELL = 0.8
"""Share of unseen pairs in the right order from which on groups are called clearly apart."""


def formula(share: float) -> str:
    """a - b + c, or the same with another share of c - b."""
    return "a − b + c" if share == 1 else f"a {times(share)} (c − b)"


def times(value: float) -> str:
    """A factor with its sign, as in "+ 0.50 ×"."""
    return f"{'−' if value < 0 else '+'} {abs(value):.2f} ×"


def analogy_formula(state: ArithmeticState, choice: Choice) -> str:
    """In short how the point is made."""
    return _with_z(formula(state.share), (state.a, state.b, state.c), choice.source)


def analogy_source(state: ArithmeticState, choice: Choice) -> str:
    """How the point is made, in one line from which it can be made again."""
    operands = [f"{name}: {quoted(getattr(state, name))}" for name in ("a", "b", "c")]
    made = "; ".join([formula(state.share), *operands])
    seeds = f"seeds {choice.seed}, {choice.seed + 1}, {choice.seed + 2} of a, b, c"
    z = f"z ~ q(z|x), {seeds}" if choice.sample else choice.source
    return _with_z(made, (state.a, state.b, state.c), z, "; ")


def concept_formula(state: ArithmeticState, choice: Choice) -> str:
    """In short how the point is made."""
    return _with_z(f"x {times(state.strength)} (with − without)", (state.subject,), choice.source)


def concept_source(state: ArithmeticState, choice: Choice) -> str:
    """How the point is made, in one line from which it can be made again."""
    groups = [f"{name}: {state.groups[name].how}" for name in ("with", "without")]
    what = f"x {times(state.strength)} (with − without), the means of their μ"
    made = "; ".join([what, f"x: {quoted(state.subject)}", *groups])
    return _with_z(made, (state.subject,), choice.source, "; ")


def _with_z(made: str, picks: Sequence[Pick], z: str, between: str = ", ") -> str:
    """With which z the sentences have; points have their own."""
    return made if all(pick.is_point for pick in picks) else f"{made}{between}{z}"


def quoted(pick: Pick) -> str:
    """A sentence between quotes, or how a point was made."""
    return f"the point {pick.how or pick.text}" if pick.is_point else f"“{pick.text}”"


def name(state: ArithmeticState) -> str:
    """What the open face makes, as a row of the table and a sent point are called."""
    if state.face == "concept":
        return f"{state.subject.text} {times(state.strength)} concept"
    if state.share == 1:
        return f"{state.a.text} − {state.b.text} + {state.c.text}"
    return f"{state.a.text} {times(state.share)} ({state.c.text} − {state.b.text})"


def marks(state: ArithmeticState) -> tuple[tuple[str, str], ...]:
    """How the points of the open face are called on the maps, and the role of their colour: the moved one, where it
    went, the others."""
    if state.face == "concept":
        return ("x", "accent"), ("moved", "good")
    return ("a", "accent"), ("a − b + c" if state.share == 1 else "moved", "good"), ("b", "accent"), ("c", "accent")


def row(state: ArithmeticState) -> GatheredRow | None:
    """What the open face shows as a row of the table; None while there is nothing."""
    outcome, source = state.analogy if state.face == "analogy" else state.concept, name(state)
    pick = sent(outcome, source)
    if pick is None:
        return None
    return GatheredRow(source, pick.sentences, outcome.how, numbers=pick.numbers, pick=pick)


def sent(outcome: Outcome, text: str) -> Pick | None:
    """The result as it is sent on, a point for each variant; `text` says what it is. None while another is awaited."""
    if outcome.busy:
        return None
    z = {variant: reading.z for variant, reading in outcome.after.items() if reading.z}
    sentences = {variant: reading.text for variant, reading in outcome.after.items()}
    numbers = numbers_of(outcome.after)
    return Pick(text, z, outcome.source, sentences=sentences, search=outcome.search, numbers=numbers) if z else None


def warning(outcome: Outcome) -> str:
    """What went wrong for all columns, or which words no model knows."""
    unknown = ", ".join(outcome.unknown)
    return outcome.problem or (f"Not in the vocabulary: {unknown}" if unknown and outcome.after else "")


def group_note(group: Group) -> str:
    """How much a group holds."""
    count = len(group.members)
    return f"{count:,} sentence{'s' * (count != 1)}"


def groups_problem(groups: Mapping[GroupName, Group]) -> str:
    """What is still missing before there is a direction."""
    empty = [f"“{name}”" for name in ("with", "without") if not groups[name].members]
    if empty:
        return f"Fill the group{'s' * (len(empty) > 1)} {' and '.join(empty)}."
    keys = [{member.key for member in groups[name].members} for name in ("with", "without")]
    if keys[0] <= keys[1] or keys[1] <= keys[0]:
        return "A sentence in both groups counts in neither, and nothing is left of one of them: put others in."
    return ""


def missing(state: ArithmeticState) -> str:
    """What is still to be given before the open face can be calculated; "" for nothing."""
    if state.face == "analogy":
        empty = [name for name in ("a", "b", "c") if not _given(getattr(state, name))]
        if len(empty) == 3:
            return "Type a, b and c, send sentences here, or press Example."
        return f"Type {' and '.join(empty)}, or send a sentence there." if empty else ""
    problem, moves = groups_problem(state.groups), _given(state.subject)
    if moves:
        return problem
    if not problem:
        return "Give a sentence x to move: type it, or send one there."
    if any(group.members for group in state.groups.values()):
        return f"{problem} And give a sentence x to move."
    return "Fill both groups and give a sentence x to move, or press Example."


def _given(pick: Pick) -> bool:
    return pick.is_point or bool(pick.text.strip())


def separation_fact(evidence: Evidence) -> Fact:
    """How well the direction tells the groups apart."""
    at = evidence.separation
    return Fact(
        "told apart",
        f"{at.value:.0%}",
        at.value,
        f"of pairs, one sentence of each group, that the direction made without the two puts in the right order: "
        f"AUC {at.value:.3f} ({at.low:.3f} to {at.high:.3f}). 50% is chance.",
    )


def length_fact(evidence: Evidence, longest: float) -> Fact:
    """How long the direction is beside those of random groups."""
    length, chance = evidence.length, evidence.chance
    ratio = f"{length.value / chance.value:.1f} × chance" if chance.value > 0 else f"{length.value:.2f}"
    return Fact(
        "length",
        ratio,
        length.value / longest if longest > 0 else 0.0,
        f"{length.value:.2f} prior standard deviations ({length.low:.2f} to {length.high:.2f}). Between random groups "
        f"of the same sizes: {chance.value:.2f} in the middle, and 95% under {chance.high:.2f}.",
    )


def verdict(evidence: Evidence) -> tuple[str, str]:
    """Whether the direction means anything, in few plain words, and the role of their colour."""
    if evidence.verdict == "stands out":
        if evidence.separation.value >= WELL:
            return "The direction means something: it tells the groups clearly apart.", "good"
        return "The direction means something, but it tells the groups only somewhat apart.", "good"
    if evidence.verdict == "unclear":
        return "Unclear: chance could do this too. Take more sentences, or other ones.", "warning"
    return "No more than chance: do not read a meaning into it.", "muted"


def longest(evidence: Sequence[Evidence]) -> float:
    """The end of the scale of lengths in all columns."""
    return max((max(each.length.high, each.chance.high) for each in evidence), default=0.0)
