"""The first paragraph of a report: which model keeps what, in plain words, made from the numbers by rules.

A model is called better than another only where their 95 % intervals are apart, or where the paired difference of the
two says so. Intervals that meet do not prove that two models are alike, only that these numbers do not tell them apart,
and that is how it is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.diagnostics.report import COLLAPSED_KL
from engine.evaluation.measured import interval
from engine.evaluation.measures.definitions import DEFINITIONS, HEADLINE_WAY, RECURRENT, Definition
from engine.evaluation.measures.estimating import FEWEST
from engine.evaluation.measures.result import Evaluation, Number, VariantResult
from engine.evaluation.measures.tables import Differences
from engine.right_to_left import reads_right_to_left

Paired = Callable[[str], Differences]
"""Takes the name of a baseline and returns the paired differences of the others to it, by variant and key."""

_NEVER = 0.01
"""Share of sentences that come back word for word, below which it is said that none does."""
_WORDS = 10.0
"""BLEU below which nobody is said to give words back: runs of four are then as good as never kept."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How variants stand by one number.

    Attributes:
        order: those that have it, the best first.
        first: the best, and those that are not to be told from it.
        apart: whether each of `first` is told from each of the others. That the best is says nothing of the second.
    """

    order: tuple[VariantResult, ...]
    first: tuple[VariantResult, ...]
    apart: bool

    @property
    def clear(self) -> bool:
        """Whether one stands before all others."""
        return len(self.first) == 1 and len(self.order) > 1


def standing(evaluation: Evaluation, key: str, paired: Paired | None = None, better: str = "") -> Standing:
    """How the variants stand by a number.

    Args:
        evaluation: what was measured.
        key: of the number.
        paired: differences to a baseline; without them intervals are compared.
        better: "higher" or "lower" where the number itself has no better way.
    """
    way = DEFINITIONS[key].better or better
    having = [each for each in evaluation.variants if _value(each, key) is not None]
    order = sorted(having, key=lambda each: each.numbers[key].value, reverse=way == "higher")
    if not order:
        return Standing((), (), True)

    def told_from(one: VariantResult, others: Sequence[VariantResult]) -> list[VariantResult]:
        differences = paired(one.name) if paired is not None and others else {}
        return [each for each in others if _apart(one, each, key, differences)]

    behind = told_from(order[0], order[1:])
    first = [each for each in order if each not in behind]
    apart = all(len(told_from(each, behind)) == len(behind) for each in first[1:])
    return Standing(tuple(order), tuple(first), apart)


def in_short(evaluation: Evaluation, paired: Paired | None = None) -> tuple[str, ...]:
    """The sentences of the first paragraph."""
    if not evaluation.variants:
        return ("No model was measured.",)
    said = [_measured(evaluation)]
    if evaluation.sentences < FEWEST:
        said.append(
            f"With fewer than {FEWEST} sentences there are no intervals: what follows are examples, not findings."
        )
    said += filter(None, (_kept(evaluation, paired), _collapsed(evaluation), _bound(evaluation, paired)))
    said += filter(None, (*_spoken(evaluation), _ways(evaluation, paired)))
    if len(evaluation.variants) > 1 and paired is not None:
        said.append(
            "Models are told apart by their differences on the same sentences, which can be clear where the intervals "
            "of the two overlap."
        )
    if len(evaluation.variants) > 1:
        said.append(
            "Each model was trained once: the intervals are over sentences, and say nothing of what another seed of "
            "the training would give."
        )
    return tuple(said)


def _measured(evaluation: Evaluation) -> str:
    count = len(evaluation.variants)
    models = f"{count} models of run {evaluation.run}" if count > 1 else f"{_names(evaluation.variants)}"
    part = "" if evaluation.sentences >= evaluation.of else f" of {evaluation.of:,}"
    so_far = "" if evaluation.complete else " so far, as the evaluation was not finished"
    verb = "were" if count > 1 else "was"
    return f"The {models} {verb} measured on {evaluation.sentences:,}{part} test sentences{so_far}."


def _kept(evaluation: Evaluation, paired: Paired | None) -> str:
    key = f"exact_{HEADLINE_WAY}"
    found = standing(evaluation, key, paired)
    if not found.order:
        return ""
    highest = found.order[0].numbers[key]
    if (highest.high if highest.high is not None else highest.value) >= _NEVER:
        return _sentence(
            found,
            key,
            "{best} keeps more of a sentence than the others: {value} of the test sentences come back word for word",
            "{best} keep more sentences word for word than the others",
            "{best} gives {value} of the test sentences back word for word",
        )
    hardly = "Hardly a sentence comes back word for word from any model."
    key = f"bleu_{HEADLINE_WAY}"
    found = standing(evaluation, key, paired)
    if found.order and found.order[0].numbers[key].value < _WORDS:
        best = found.order[0]
        return f"{hardly} Few words do: the highest BLEU is {_told(DEFINITIONS[key], best.numbers[key])} of 100."
    said = _sentence(
        found,
        key,
        "{best} gives back more of the words than the others: BLEU {value} of 100",
        "{best} give back more of the words than the others, by BLEU",
        "{best} has a BLEU of {value} of 100",
    )
    return f"{hardly} {said}".strip()


def _collapsed(evaluation: Evaluation) -> str:
    fallen = [each for each in evaluation.variants if (kl := _value(each, "kl")) is not None and kl < COLLAPSED_KL]
    if not fallen:
        return ""
    has = "has" if len(fallen) == 1 else "have"
    return (
        f"{_names(fallen)} {has} collapsed: with a KL below {COLLAPSED_KL:g} nat, z says next to nothing about a "
        "sentence."
    )


def _bound(evaluation: Evaluation, paired: Paired | None) -> str:
    """Who explains the text best: by the importance-weighted likelihood where all have it, else by the ELBO.

    The ELBO is the farther below the likelihood the more z is used, so that it favours models that do not use it.
    """
    weighted = all(_value(each, "nll") is not None for each in evaluation.variants)
    key = "nll" if weighted else "elbo"
    what = "importance-weighted negative log likelihood" if weighted else "bound on the likelihood (ELBO)"
    found = standing(evaluation, key, paired)
    said = _sentence(
        found,
        key,
        f"{{best}} explains the text best: its {what} is {{value}} nats a sentence",
        f"{{best}} explain the text best, by their {what}",
        f"{{best}} has {'an' if weighted else 'a'} {what} of {{value}} nats a sentence",
    )
    if len(found.order) > 2 and found.order[-1] not in found.first:
        price = abs(found.order[0].numbers[key].value - found.order[-1].numbers[key].value)
        far = f"{price:.1f}" if price >= 0.05 else "less than 0.1"
        said += f" {_names(found.order[-1:])} is {far} nats behind the best."
    return said


def _spoken(evaluation: Evaluation) -> tuple[str, str]:
    """How usual the samples are to each judge, beside real text: no model is better for being duller than the text."""
    known = evaluation.language_model
    second = known.get("recurrent") or {}
    return (
        _judged(evaluation, "forward_perplexity", "a language model of the text", known.get("perplexity")),
        _judged(evaluation, RECURRENT, "a recurrent network trained on the same text", second.get("perplexity")),
    )


def _judged(evaluation: Evaluation, key: str, judge: str, own: float | None) -> str:
    """What one judge says of the samples, which finds a perplexity of `own` in real text."""
    having = [each for each in evaluation.variants if _value(each, key) is not None]
    if not having or not own:
        return ""
    values = _listed([f"{_names([each])} {_told(DEFINITIONS[key], each.numbers[key])}" for each in having])
    said = (
        f"To {judge}, real sentences have a perplexity of {own:,.1f}, and what the models write of their own accord "
        f"has: {values}."
    )
    below = [each for each in having if (number := each.numbers[key]).high is not None and number.high < own]
    if not below:
        return said
    return (
        f"{said} What {_names(below)} write{'s' * (len(below) == 1)} is more usual than the text itself: fluent, or "
        "the same few sentences again and again."
    )


def _ways(evaluation: Evaluation, paired: Paired | None) -> str:
    key = "distinct_neighbours"
    return _sentence(
        standing(evaluation, key, paired),
        key,
        "On the way from one sentence to another {best} changes most often: {value} of the steps are not the sentence "
        "before",
        "On the way from one sentence to another {best} change most often",
        "On the way from one sentence to another {best} changes at {value} of the steps",
    )


def _sentence(found: Standing, key: str, one: str, several: str, alone: str) -> str:
    """A sentence about who stands first by a number, with the number; "" where nobody has it.

    Args:
        found: how they stand.
        key: of the number.
        one, several: what is said of one that stands first, and of several that are each told from all others.
        alone: what is said of the only one that has the number.
    """
    if not found.order:
        return ""
    definition = DEFINITIONS[key]
    best = found.order[0]
    if len(found.order) == 1:
        return alone.replace("{value}", _told(definition, best.numbers[key])).replace("{best}", _names([best])) + "."
    if found.clear:
        said = one.replace("{value}", _told(definition, best.numbers[key])).replace("{best}", _names([best]))
        second = found.order[1]
        return f"{said}, ahead of {_names([second])} with {_told(definition, second.numbers[key])}."
    values = _listed([f"{_names([each])} {_told(definition, each.numbers[key])}" for each in found.first])
    if len(found.first) == len(found.order):
        return f"By {definition.title} no model is told from the others: {values}."
    if found.apart:
        return f"{several.replace('{best}', _names(found.first))}; these numbers do not tell them apart: {values}."
    behind = [each for each in found.order if each not in found.first]
    ahead, open_, told = (
        _listed([f"{_names([each])} with {_told(definition, each.numbers[key])}" for each in some])
        for some in (found.order[:1], found.first[1:], behind)
    )
    return f"By {definition.title} {ahead} comes first and is told from {told}, but not from {open_}."


def _told(definition: Definition, number: Number) -> str:
    value = definition.shown(number.value)
    return f"{value} ({interval(definition, number, ' to ')})" if number.low is not None else value


def _apart(best: VariantResult, other: VariantResult, key: str, differences: Differences) -> bool:
    difference = differences.get(other.name, {}).get(key)
    if difference is not None:
        return difference.low is not None and difference.high is not None and not difference.low <= 0 <= difference.high
    a, b = best.numbers[key], other.numbers[key]
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return False
    return a.low > b.high or b.low > a.high


def _value(variant: VariantResult, key: str) -> float | None:
    number = variant.numbers.get(key)
    return None if number is None or not math.isfinite(number.value) else number.value


def _names(variants: Sequence[VariantResult]) -> str:
    return _listed([_isolated(each.label) for each in variants])


def _isolated(label: str) -> str:
    """A label that is written from right to left, kept from turning round what stands beside it."""
    return f"\u2068{label}\u2069" if reads_right_to_left(label) else label


def _listed(texts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1]))) if texts else ""
