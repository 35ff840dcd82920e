"""The comparison tables of a run, in the manner of the paper's tables 1, 3 and 5 and of its figure 2.

Sentences are taken as the paper takes them, "not cherry picked": the first eligible ones of the test set, or seeded
draws. Eligible are 4 to 20 tokens without an unknown one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from engine.decoding.options import DecodeOptions
from engine.errors import LoomError, UsageError
from engine.evaluation.measures.tables import distinct
from engine.evaluation.tables import Table
from engine.latents.requests import interpolate
from engine.models.objective import summary
from engine.sentences.filters import FEWEST_WORDS, MOST_WORDS, passes
from engine.storage.latent_cache import ACTIVE_UNIT_THRESHOLD, CARRYING_KL, LatentCache

if TYPE_CHECKING:
    from engine.session import Session


def objective_table(cache: LatentCache, variants: Sequence[str] | None = None) -> Table:
    """The terms of the bounds over the test set (the end points of the paper's figure 2).

    Args:
        cache: of the run.
        variants: of those in the cache; None for all.
    """
    rows: list[tuple[object, ...]] = []
    for name in cache.variants:
        if variants is not None and name not in variants:
            continue
        info = cache.info(name)
        reconstruction = -float(cache.nll(name).mean(dtype=np.float64))
        terms = summary(reconstruction, cache.mean_kl(name), info.m, beta=info.beta)
        rows.append(
            (
                info.label,
                info.m,
                round(terms["elbo"], 3),
                round(terms["reconstruction"], 3),
                round(terms["kl"], 3),
                round(terms["objective"], 3),
                round(100 * terms["kl_share"], 2),
                cache.active_units(name),
                cache.carrying_units(name),
            )
        )
    units = ("Active units", "Carrying units")
    columns = ("Model", "m", "ELBO", "E_q[log p(x|z)]", "KL", "Objective", "KL share %", *units)
    return Table(
        name="objective",
        columns=columns,
        rows=tuple(rows),
        caption=f"The terms of the bounds over the test set, {cache.n:,} sentences, in nats per sentence.",
        notes=(
            "One z ~ q(z|x) per sentence, EOS counted, no word drop.",
            "Objective = (1+m) E_q[log p(x|z)] - w KL, w the last weight of its KL: 1 but for a beta-VAE. For m other "
            "than 0 or w below 1 it is not a bound on log p(x).",
            "KL share = w KL / -objective. "
            f"Active units: dimensions of {cache.latent} whose mean varies by more than {ACTIVE_UNIT_THRESHOLD:g}. "
            f"Carrying units: those with a mean KL above {CARRYING_KL:g} nats.",
        ),
    )


def reconstruction_table(session: Session, cache: LatentCache, count: int = 4, seed: int = 0) -> Table:
    """Test sentences and what each variant makes of them (the paper's table 1).

    Raises:
        LoomError: fewer than `count` test sentences are eligible.
    """
    options = DecodeOptions()
    texts = _first(_eligible(session, cache), count)
    rows = []
    for text in texts:
        made = {each.variant: each.decoded.text for each in session.reconstruct(text, None, options, True, seed)}
        rows.append((text, *(made[name] for name in session.variants)))
    return Table(
        name="reconstruction",
        columns=("Input sentence", *_labels(session)),
        rows=tuple(rows),
        caption=f"The first {count} eligible test sentences, reconstructed.",
        notes=(f"z ~ q(z|x), seed {seed}, {options.describe()}; eligible: 4 to 20 tokens, none unknown.",),
    )


def generation_table(session: Session, count: int = 5, seed: int = 0) -> Table:
    """Sentences decoded from the prior (the paper's table 3): each variant's first eligible ones of 4 x count draws.

    A cell is empty where too few of them are eligible.
    """
    options = DecodeOptions(seed=seed)
    drawn = session.sample(None, 4 * count, options, seed)
    columns = []
    for name in session.variants:
        fitting = [each.text for each in drawn[name] if passes(each.words)]
        columns.append((fitting + [""] * count)[:count])
    return Table(
        name="generation",
        columns=_labels(session),
        rows=tuple(zip(*columns, strict=True)),
        caption="Sentences decoded from z ~ N(0, I).",
        notes=(
            f"Seed {seed}, the same draws for every model, {options.describe()}; the first {count} of 4 to 20 tokens.",
        ),
    )


def interpolation_table(session: Session, cache: LatentCache, steps: int = 10, seed: int = 0) -> Table:
    """The way between two random test sentences (the paper's table 5).

    Raises:
        LoomError: fewer than two test sentences are eligible.
    """
    options = DecodeOptions()
    order = np.random.default_rng(seed).permutation(cache.n)
    first, last = _first(_eligible(session, cache, order), 2)
    ways = interpolate(session, [first, last], steps, options=options, sample=True, seed=seed)
    rows = [(step, *(ways[name].decoded[step].text for name in session.variants)) for step in range(steps + 1)]
    return Table(
        name="interpolation",
        columns=("Step", *_labels(session)),
        rows=tuple(rows),
        caption=f"From “{first}” to “{last}” in {steps} even steps along the line.",
        notes=(f"Test sentences drawn with seed {seed}; z ~ q(z|x), {options.describe()}.",),
    )


TABLES: dict[str, Callable[[Session, LatentCache, int], Table]] = {
    "objective": lambda session, cache, seed: objective_table(cache, session.variants),
    "reconstruction": lambda session, cache, seed: reconstruction_table(session, cache, seed=seed),
    "generation": lambda session, cache, seed: generation_table(session, seed=seed),
    "interpolation": lambda session, cache, seed: interpolation_table(session, cache, seed=seed),
}
"""Every comparison table by name."""


def checked_table_name(name: str, others: Sequence[str] = ()) -> str:
    """Return the name if there is such a table; `others` are named too where there is none.

    Raises:
        UsageError: there is none.
    """
    if name not in TABLES:
        raise UsageError(f"There is no table {name!r}.", f"Tables are {', '.join((*TABLES, *others))}.")
    return name


def _labels(session: Session) -> tuple[str, ...]:
    return tuple(distinct([session.run.variant(name).label for name in session.variants]))


def _eligible(session: Session, cache: LatentCache, order: np.ndarray | None = None) -> Iterator[str]:
    lengths = cache.words()
    for index in range(cache.n) if order is None else order.tolist():
        if FEWEST_WORDS <= lengths[index] <= MOST_WORDS:
            text = cache.sentence(index)
            if not any(session.typed(text).unknown):
                yield text


def _first(texts: Iterator[str], count: int) -> list[str]:
    found = [text for text, _ in zip(texts, range(count), strict=False)]
    if len(found) < count:
        raise LoomError(
            f"Only {len(found)} test sentences have 4 to 20 tokens and no unknown one; {count} are needed.",
            "Prepare the corpus from more text, or with a larger vocabulary.",
        )
    return found
