"""A concept between two groups of sentences under each variant, and sentences moved along it by the loaded models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.decoding.options import DecodeOptions
from engine.errors import UsageError
from engine.latents.concept_groups import Group, Members, gathered, members, pool
from engine.latents.concepts import RESAMPLES, Concept, concept
from engine.latents.paths import along
from engine.latents.starts import MOST_ROWS, Source, checked_values, listed, model_name, starts
from engine.storage.latent_cache import LatentCache

if TYPE_CHECKING:
    from engine.session import Decoded, Session

Floats = NDArray[np.float32]

STRENGTHS = (-1.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class FoundConcept:
    """A concept of one variant, and the sentences it was made from."""

    variant: str
    concept: Concept
    members_with: Members
    members_without: Members
    how: str


@dataclass(frozen=True, slots=True)
class Applied:
    """A concept applied to one source: a sentence for each strength; 1 moves by the whole direction."""

    variant: str
    source: Source
    strengths: tuple[float, ...]
    decoded: tuple[Decoded, ...]
    how: str


def concept_of(
    session: Session,
    cache: LatentCache,
    group_with: Group,
    group_without: Group,
    variants: Sequence[str] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
    sides: tuple[Members, Members] | None = None,
) -> dict[str, FoundConcept]:
    """The direction between two groups of sentences under each variant, taken at their means mu.

    Args:
        session: the models, which encode what was typed.
        cache: of the same run, for test sentences and for random groups.
        group_with, group_without: which sentences.
        variants: which; all that could be loaded if None.
        resamples: of the bootstrap, and random pairs of groups.
        seed: of everything drawn.
        sides: the members of both groups, if they are known already.

    Raises:
        LoomError: a variant that the cache lacks or that could not be loaded.
        UsageError: as `concept_groups.members` and `concepts.concept`; a text without words.
    """
    sides = sides or members(cache, group_with, group_without, seed)
    drawn = pool(cache, seed)
    names = tuple(variants or session.variants)
    typed: list[dict[str, list[Floats]]] = [{name: [] for name in names} for _ in sides]
    for latents, side in zip(typed, sides, strict=True):
        for text in side.texts:
            for name, latent in session.encode(text, names).items():
                latents[name].append(latent.mu)
    result = {}
    for name in names:
        mus = [
            np.concatenate(
                [
                    np.asarray(latents[name], dtype=np.float32).reshape(-1, cache.latent),
                    gathered(cache, name, np.asarray(side.indices, dtype=np.int64)),
                ]
            )
            for latents, side in zip(typed, sides, strict=True)
        ]
        made = concept(mus[0], mus[1], gathered(cache, name, drawn), resamples, seed)
        result[name] = FoundConcept(
            name,
            made,
            *sides,
            how=f"{model_name(session, name)}: with: {sides[0].how}; without: {sides[1].how}; {made.how}",
        )
    return result


def concept_apply(
    session: Session,
    found: Mapping[str, FoundConcept],
    sources: Sequence[Source],
    strengths: Sequence[float] = STRENGTHS,
    options: DecodeOptions | None = None,
    sample: bool = False,
    seed: int = 0,
) -> dict[str, tuple[Applied, ...]]:
    """Decode z + strength * direction for every source and strength, with each variant of `found`.

    Strength 1 is the way from the mean of one group to that of the other. With `sample`, source i is drawn with seed
    seed + i.

    Raises:
        LoomError, UsageError: as `starts`; a strength is not finite, or there are too many.
    """
    given = checked_strengths(sources, strengths)
    begun = [starts(session, source, tuple(found), sample, seed + i) for i, source in enumerate(sources)]
    decoder = options or DecodeOptions()
    rows = {
        name: np.stack([along(start[name].z, each.concept.direction, value) for start in begun for value in given])
        for name, each in found.items()
    }
    result = {}
    for name, decoded in session.decode_all(rows, decoder).items():
        pieces = [tuple(decoded[i * len(given) : (i + 1) * len(given)]) for i in range(len(sources))]
        result[name] = tuple(
            Applied(
                name,
                source,
                given,
                piece,
                f"{found[name].how}; {start[name].how} moved by {listed(given)} times the direction; "
                f"{decoder.describe()}",
            )
            for source, start, piece in zip(sources, begun, pieces, strict=True)
        )
    return result


def checked_strengths(sources: Sequence[Source], strengths: Sequence[float]) -> tuple[float, ...]:
    """The strengths of a request to move sources along a concept.

    Raises:
        UsageError: there is no source; a strength is not finite, or there are too many.
    """
    given = checked_values(strengths, "strength")
    if not sources:
        raise UsageError("There is no sentence to apply the concept to.", "Give one or more.")
    if len(sources) * len(given) > MOST_ROWS:
        raise UsageError(
            f"{len(sources)} sentences with {len(given)} strengths each are too many.",
            f"Choose {MOST_ROWS} sentences in all at most.",
        )
    return given
