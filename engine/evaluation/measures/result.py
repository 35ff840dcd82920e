"""The result of an evaluation: every number of every variant, and what stands behind each.

A number is a function of means over items (sentences, samples or pairs of sentences), so one mechanism gives its value,
its interval and the paired difference of two variants: the columns whose means it is made of are resampled, the same
items for every variant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.diagnostics.intervals import Floats


@dataclass(frozen=True, slots=True)
class Statistic:
    """A number of n items as a function of means.

    Attributes:
        columns: (n, columns) float64, what each item adds.
        of_means: takes means (..., columns) and returns the number (...,).
        items: (n,) which sentences of the test set, draws of the prior, or pairs these are.
        each: (n,) the number of each item alone, as its distribution is shown; NaN where an item has none.
        how: the estimator, for people: what is averaged, how z is taken and decoded.
        size: how many of the items it is over; None for all.
        summed: whether the number depends on sums, means times all n items, and not on the means alone; over some of
            the items it is then taken of their sums.
    """

    columns: Floats
    of_means: Callable[[Floats], Floats]
    items: NDArray[np.int64]
    each: Floats
    how: str
    size: int | None = None
    summed: bool = False

    @property
    def n(self) -> int:
        """Items that it is over."""
        return len(self.columns) if self.size is None else self.size

    @property
    def value(self) -> float:
        """The number itself."""
        return float(self.of_means(self.columns.mean(axis=0)))


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it stands in tables.

    Attributes:
        value: NaN where it cannot be had, with `why`.
        low, high: the central 95 % of the bootstrap; None where n is too small for an interval.
        n: items.
        unit: as of its definition.
        how: the estimator.
        seed: of all that is random in it.
        why: why there is no value, or no interval; "" where there is.
    """

    value: float
    low: float | None
    high: float | None
    n: int
    unit: str
    how: str
    seed: int
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        """The fields as the command prints them; no value is null."""
        fields = asdict(self)
        fields["value"] = None if np.isnan(self.value) else self.value
        return fields

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Number:
        """A number as `as_json` wrote it."""
        value = fields["value"]
        return cls(**(dict(fields) | {"value": float("nan") if value is None else value}))


@dataclass(frozen=True, slots=True)
class VariantResult:
    """The numbers of one variant by key, in the order of `DEFINITIONS`; `kl_per_dimension` is (latent,) in nats."""

    name: str
    label: str
    colour: str
    m: float
    numbers: Mapping[str, Number]
    kl_per_dimension: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What `evaluate` found.

    Attributes:
        run, step: whose models.
        created: when, ISO 8601, UTC.
        variants: in the order of the run.
        sentences, tokens: of the test set that were measured (EOS counted among the tokens).
        of: sentences that the test set has.
        samples, draws, pairs, beam, seed: importance samples a sentence, sentences drawn from the prior, interpolated
            pairs, width of the beam, seed.
        complete: whether all that was asked for is measured; a partial one is shown while it goes on.
        corpus, models: fingerprints.
        language_model: what scores the samples: `how`, `perplexity` on the same test sentences, `sentences` it is made
            of, and `reverse_floor`, the reverse perplexity that as many real sentences have.
        selection: which of the measured sentences the numbers are taken over, as `Selection.as_json`; {} for all.
        selected: how many of them that are.
    """

    run: str
    step: int
    created: str
    variants: tuple[VariantResult, ...]
    sentences: int
    tokens: int
    of: int
    samples: int
    draws: int
    pairs: int
    beam: int
    seed: int
    complete: bool
    corpus: str
    models: Mapping[str, str]
    language_model: Mapping[str, Any] = field(default_factory=dict)
    selection: Mapping[str, Any] = field(default_factory=dict)
    selected: int = 0

    def variant(self, name: str) -> VariantResult:
        """The numbers of a variant.

        Raises:
            KeyError: it was not evaluated.
        """
        return next(each for each in self.variants if each.name == name)

    def command(self, variants: Sequence[str]) -> str:
        """What to give to measure the same at the newest step; `variants` are the names of all that the run has."""
        limit = 0 if self.sentences >= self.of else self.sentences
        names = [each.name for each in self.variants]
        judge = " --judge" if "recurrent" in self.language_model else ""
        some = f" --variants {','.join(names)}" if names != list(variants) else ""
        return (
            f"python main.py evaluate {self.run} --limit {limit} --samples {self.samples} --pairs {self.pairs} "
            f"--draws {self.draws} --beam {self.beam} --seed {self.seed}{judge}{some}"
        )

    def as_json(self) -> dict[str, Any]:
        """What `evaluate --json` prints: `variants.NAME.KEY` is a number, beside its label, colour and m."""
        document = {name: getattr(self, name) for name in self.__slots__ if name != "variants"}
        document["variants"] = {
            each.name: {
                "label": each.label,
                "colour": each.colour,
                "m": each.m,
                "kl_per_dimension": list(each.kl_per_dimension),
                **{key: number.as_json() for key, number in each.numbers.items()},
            }
            for each in self.variants
        }
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Evaluation:
        """An evaluation as `as_json` wrote it.

        Raises:
            KeyError, TypeError: it lacks parts.
        """
        fields = {name: document[name] for name in cls.__slots__ if name != "variants"}
        apart = ("label", "colour", "m", "kl_per_dimension")
        variants = tuple(
            VariantResult(
                name,
                each["label"],
                each["colour"],
                each["m"],
                {key: Number.from_json(number) for key, number in each.items() if key not in apart},
                tuple(each["kl_per_dimension"]),
            )
            for name, each in document["variants"].items()
        )
        return cls(variants=variants, **fields)


@dataclass(frozen=True, slots=True)
class Difference:
    """A variant's number less the baseline's, over the same items.

    Attributes:
        value: the difference.
        low, high: its paired 95 % interval; None where n is too small.
        n: items that both have; of samples by length, where each has its own among the same draws, the fewer ones.
        better: 1 where the variant is better with its whole interval, -1 where it is worse, 0 where that is open or the
            number has no better way.
    """

    value: float
    low: float | None
    high: float | None
    n: int
    better: int


@dataclass(frozen=True, slots=True)
class Item:
    """One sentence, sample or way behind a number: its value, and what was there and came out of it.

    Attributes:
        index: of the test sentence, of the draw or of the pair.
        value: the number of this item alone.
        source: the test sentence, or the two that a way leads between; "" for a sample of the prior.
        made: the sentence given back, the sample, or the sentences of the way.
    """

    index: int
    value: float
    source: str
    made: tuple[str, ...]
