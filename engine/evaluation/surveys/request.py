"""What is asked of a new survey, as a validated value. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, get_args

from engine.decoding.seeds import checked_seed
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.runs.run import Run

Kind = Literal["reconstruction", "generation"]
"""Which reconstruction is better (the paper's table 2), or whether a sentence makes sense (its table 4)."""

MOST_QUESTIONS = 20
"""Questions that a person is asked at most, catch trials among them; the paper's limit."""
MOST_RESPONDENTS = 10_000
PAPERS_PAIRS = (("vae-annealed", "vae"), ("autogen-m1", "vae-annealed"), ("autogen-m2", "autogen-m1"))
"""The three comparisons of the paper's table 2; the first of each is its "model 1"."""

Group = tuple[str, ...]
"""What questions are spread evenly over: a pair of variants, or one variant alone."""


@dataclass(frozen=True, slots=True)
class SurveyRequest:
    """What a survey is to be.

    Args:
        kind: of its questions.
        groups: pairs of variants for `reconstruction`, single ones for `generation`.
        questions: for each respondent, catch trials among them.
        catch: of these, the catch trials.
        respondents: people who are expected; more may answer.
        repeats: people who are to answer the same question, without whom no agreement can be computed.
        beam: width of the search that writes the sentences.
        seed: of the choice of sentences, of z, of the order and of the sides.

    Raises:
        UsageError: a value is out of range, or the questions cannot be spread evenly over the groups.
    """

    kind: Kind
    groups: tuple[Group, ...]
    questions: int = MOST_QUESTIONS
    catch: int = 2
    respondents: int = 6
    repeats: int = 2
    beam: int = 10
    seed: int = 0

    def __post_init__(self) -> None:
        checked_kind(self.kind)
        checked_seed(self.seed)
        for name, value, least, most in (
            ("questions", self.questions, 1, MOST_QUESTIONS),
            ("respondents", self.respondents, 1, MOST_RESPONDENTS),
            ("repeats", self.repeats, 1, self.respondents),
            ("catch trials", self.catch, 0, self.questions - 1),
        ):
            if not least <= value <= most:
                raise UsageError(f"{value} {name} cannot be had.", f"Choose {least} to {most}.")
        self._check_groups()
        if self.each < 1:
            raise UsageError(
                f"{self.questions - self.catch} questions cannot be spread over {len(self.groups)} "
                f"{'pairs' if self.kind == 'reconstruction' else 'models'}.",
                f"Ask {len(self.groups) + self.catch} questions or more, or about fewer of them.",
            )

    def _check_groups(self) -> None:
        width = 2 if self.kind == "reconstruction" else 1
        if not self.groups:
            raise UsageError("There is nothing to compare.", "Name one pair or model at least.")
        seen: set[frozenset[str]] = set()
        for group in self.groups:
            if len(group) != width or len(set(group)) != width:
                raise UsageError(
                    f"{':'.join(group) or 'nothing'} is no {'pair of two models' if width == 2 else 'single model'}.",
                    "Write it like --pairs autogen-m1:vae" if width == 2 else "Write it like --variants vae,autogen-m1",
                )
            if frozenset(group) in seen:
                raise UsageError(f"{':'.join(group)} is named twice.", "Name every one once.")
            seen.add(frozenset(group))

    @property
    def each(self) -> int:
        """Questions of every group that one respondent answers."""
        return (self.questions - self.catch) // len(self.groups)

    @property
    def asked(self) -> int:
        """Questions that one respondent answers, catch trials among them: as many as can be spread evenly."""
        return self.each * len(self.groups) + self.catch

    @property
    def variants(self) -> tuple[str, ...]:
        """Every variant that is asked about, once."""
        return tuple(dict.fromkeys(name for group in self.groups for name in group))


def checked_kind(kind: str) -> Kind:
    """Return the kind if there are such surveys.

    Raises:
        UsageError: there are none.
    """
    for known in get_args(Kind):
        if kind == known:
            return known
    raise UsageError(f"There is no survey of the kind {kind!r}.", f"Kinds are {', '.join(get_args(Kind))}.")


def read_pairs(text: str) -> tuple[Group, ...]:
    """The pairs of an option like "autogen-m1:vae,autogen-m2:autogen-m1".

    Raises:
        UsageError: it is written otherwise.
    """
    pairs = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        names = tuple(name.strip() for name in part.split(":"))
        if len(names) != 2 or not all(names):
            raise UsageError(f"{part!r} is no pair of models.", "Write it like --pairs autogen-m1:vae")
        pairs.append(names)
    return tuple(pairs)


def groups_of(run: Run, kind: Kind, pairs: Sequence[Group] = (), variants: Sequence[str] = ()) -> tuple[Group, ...]:
    """The groups that are asked for; where none are named, the paper's, or what the run has instead.

    For `reconstruction` these are the paper's three pairs, and where the run lacks one of their models, each of its
    variants against the one before it. For `generation` they are all variants.

    Raises:
        UsageError: the run has no such variant, or only one where two are compared.
    """
    if kind == "generation":
        if pairs:
            raise UsageError("A survey of generated sentences asks about single models.", "Name them with --variants.")
        return tuple((variant.name,) for variant in run.select(tuple(variants)))
    for pair in pairs:
        for name in pair:
            run.variant(name)
    if pairs:
        if variants:
            raise UsageError("Pairs and variants are both named.", "Leave out --variants.")
        return tuple(pairs)
    names = [variant.name for variant in run.select(tuple(variants))]
    if len(names) < 2:
        raise UsageError(f"Only {names[0]} is there, and two models are compared.", "Name two or more.")
    if all(name in names for pair in PAPERS_PAIRS for name in pair) and not variants:
        return PAPERS_PAIRS
    return tuple((later, earlier) for earlier, later in pairwise(names))
