"""Sentences from the prior, with the paper's filter on or off, and how many draws it threw away.

Draw i of a seed is always the same z ~ N(0, I), for every variant, number of samples and filter: with the filter on, a
variant shows the first draws that pass it. A share of draws thrown away is a fact about the variant, so it is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from engine.decoding.options import DecodeOptions, checked_samples
from engine.decoding.seeds import checked_seed
from engine.errors import LoomError
from engine.sentences.filters import FEWEST_WORDS, MOST_WORDS, check_passable, passes
from engine.sentences.seeded_draws import decoded_draws, options_of_draw
from engine.sentences.variant_answers import Refused, asked

if TYPE_CHECKING:
    from engine.session import Decoded, Session

_ROUND = 16
"""Draws at a time. A multiple of 16, by which torch makes its normal numbers: so the number of draws changes none."""
PATIENCE = 50
"""Draws for each sample that is asked for, at most, where the filter is on."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A sentence from the prior, the number of its draw from 0, and a line from which it can be had again."""

    decoded: Decoded
    draw: int
    how: str


@dataclass(frozen=True, slots=True)
class PriorSamples:
    """What a variant said so far.

    Attributes:
        samples: in the order of their draws.
        drawn: draws that were decoded, up to the last sample's.
        rejected: of these, the draws that the filter threw away.
        complete: whether no more follow. It is also True where patience ended before enough sentences had passed.
        how: a line from which they can be had again.
    """

    variant: str
    samples: tuple[Sample, ...]
    drawn: int
    rejected: int
    complete: bool
    how: str


def prior_samples(
    session: Session,
    n: int = 8,
    options: DecodeOptions | None = None,
    seed: int = 0,
    variants: Sequence[str] | None = None,
    filtered: bool = False,
) -> Iterator[PriorSamples | Refused]:
    """Decode draws of the prior until each variant has n samples, all variants growing together.

    Args:
        session: the models.
        n: samples of each variant.
        options: of the decoder. Where it draws words, draw i does so with seed `seed + i`.
        seed: of the draws.
        variants: which; all if None.
        filtered: keep only sentences of 4 to 20 tokens, none of them unknown (the paper's filter).

    Yields:
        samples that grow, a variant at a time in turn; the last of a variant is complete. Refused in its place.

    Raises:
        UsageError: n or the seed is out of range, or no sentence of the decoder's lengths passes the filter.
    """
    checked_samples(n)
    checked_seed(seed)
    options = options or DecodeOptions()
    if filtered:
        check_passable(options)
    most = PATIENCE * n if filtered else n
    found = {name: PriorSamples(name, (), 0, 0, False, "") for name in asked(session, variants)}
    random = torch.Generator().manual_seed(seed)
    for start in range(0, most, _ROUND):
        z = torch.randn((_ROUND, session.run.settings.model.latent), generator=random).numpy()
        for name in tuple(found):
            before = found[name]
            # Without a filter no more are decoded than are asked for.
            rows = z[: most - start] if filtered else z[: n - start]
            try:
                seeds = range(seed + start, seed + start + len(rows))
                decoded = decoded_draws(session, name, rows, options, seeds)
            except LoomError as error:
                del found[name]
                yield Refused.of(name, error)
                continue
            found[name] = _more(before, decoded, n, most, options, seed, filtered)
            yield found[name]
            if found[name].complete:
                del found[name]
        if not found:
            return


def _more(
    before: PriorSamples,
    decoded: Sequence[Decoded],
    n: int,
    most: int,
    options: DecodeOptions,
    seed: int,
    filtered: bool,
) -> PriorSamples:
    samples, drawn = list(before.samples), before.drawn
    for each in decoded:
        if len(samples) == n:
            break
        if not filtered or passes(each.words):
            words = options_of_draw(options, seed + drawn).describe()
            samples.append(Sample(each, drawn, f"z ~ N(0, I), seed {seed}, draw {drawn}, {words}"))
        drawn += 1
    rejected = drawn - len(samples)
    how = f"z ~ N(0, I), seed {seed}, draws 0 to {drawn - 1}, {options.describe()}"
    if filtered:
        how += f"; {FEWEST_WORDS} to {MOST_WORDS} tokens, none unknown: {rejected} thrown away"
    return PriorSamples(before.variant, tuple(samples), drawn, rejected, len(samples) == n or drawn >= most, how)
