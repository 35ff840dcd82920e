"""The posterior cloud: what a variant makes of a sentence when z is drawn from q(z|x) again and again.

Equal sentences are grouped and counted. A narrow cloud is one sentence said every time; a wide one is many, which all
lie within the uncertainty of the encoder. Draw i is the z ~ q(z|x) of seed `seed + i`, so that each draw can be had
alone by that seed, and the noise is the same for every variant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from engine.decoding.options import DecodeOptions, checked_draws
from engine.decoding.seeds import checked_seed
from engine.errors import LoomError
from engine.models.objective import reparameterise
from engine.sentences.seeded_draws import decoded_draws, options_of_draw
from engine.sentences.variant_answers import Refused, asked

if TYPE_CHECKING:
    from engine.runs.typed import Typed
    from engine.session import Decoded, Latent, Session

FIRST_DRAWS, MORE_DRAWS = 8, 32
"""Draws until the first answer, which is to come soon, and between later ones."""


@dataclass(frozen=True, slots=True)
class CloudGroup:
    """Equal sentences of a cloud.

    Attributes:
        decoded: the one of the first of these draws.
        seeds: of the draws that gave it, ascending.
        how: a line from which the sentence can be had again.
    """

    decoded: Decoded
    seeds: tuple[int, ...]
    how: str

    @property
    def count(self) -> int:
        """Draws that gave the sentence."""
        return len(self.seeds)


@dataclass(frozen=True, slots=True)
class Cloud:
    """What a variant made of the draws so far.

    Attributes:
        latent: q(z|x), with z = mu.
        groups: the most frequent first; of equally frequent ones the one drawn first.
        drawn: draws so far, of `n`.
        same: draws that gave the sentence itself back, word for word.
        how: a line from which the cloud can be had again.
    """

    variant: str
    typed: Typed
    latent: Latent
    groups: tuple[CloudGroup, ...]
    drawn: int
    n: int
    same: int
    how: str


def posterior_cloud(
    session: Session,
    text: str,
    n: int = 32,
    options: DecodeOptions | None = None,
    seed: int = 0,
    variants: Sequence[str] | None = None,
) -> Iterator[Cloud | Refused]:
    """Decode n draws of q(z|x) with each variant, all variants growing together.

    Args:
        session: the models.
        text: as typed.
        n: draws.
        options: of the decoder. Where it draws words, draw i does so with seed `seed + i` too.
        seed: of the first draw.
        variants: which; all if None.

    Yields:
        clouds that grow, a variant at a time in turn; the last one of a variant has drawn == n. Refused in its place.

    Raises:
        LoomError: there is no word in the text, or too many.
        UsageError: n or the seed is out of range.
    """
    checked_draws(n)
    checked_seed(seed)
    typed = session.typed(text)
    options = options or DecodeOptions()
    decoder = session.fitted(options, typed)
    found: dict[str, list[Decoded]] = {name: [] for name in asked(session, variants)}
    latents: dict[str, Latent] = {}
    drawn = 0
    while drawn < n and found:
        end = min(n, drawn + (MORE_DRAWS if drawn else FIRST_DRAWS))
        seeds = range(seed + drawn, seed + end)
        for name in tuple(found):
            try:
                if name not in latents:
                    latents[name] = session.encode(text, [name])[name]
                z = posterior_draws(latents[name], seeds)
                found[name] += decoded_draws(session, name, z, decoder, seeds)
            except LoomError as error:
                del found[name]
                yield Refused.of(name, error)
                continue
            yield _cloud(typed, latents[name], found[name], n, options, seed)
        drawn = end


def posterior_draws(latent: Latent, seeds: Sequence[int]) -> NDArray[np.float32]:
    """z ~ q(z|x) of each seed, (seeds, latent): what `Session.encode` draws with that seed."""
    size = len(latent.mu)
    noise = [torch.randn((1, size), generator=torch.Generator().manual_seed(seed)) for seed in seeds]
    mu, logvar = torch.from_numpy(latent.mu), torch.from_numpy(latent.logvar)
    return reparameterise(mu, logvar, torch.cat(noise)).numpy()


def _cloud(
    typed: Typed, latent: Latent, decoded: Sequence[Decoded], n: int, options: DecodeOptions, seed: int
) -> Cloud:
    seeds: dict[tuple[str, ...], list[int]] = {}
    first: dict[tuple[str, ...], Decoded] = {}
    for number, each in enumerate(decoded, start=seed):
        seeds.setdefault(each.words, []).append(number)
        first.setdefault(each.words, each)

    def how(draws: str, number: int) -> str:
        return f"{draws}, {options_of_draw(options, number).describe()}"

    groups = tuple(
        CloudGroup(first[words], tuple(own), how(f"z ~ q(z|x), seed {own[0]}", own[0]))
        for words, own in sorted(seeds.items(), key=lambda group: (-len(group[1]), group[1][0]))
    )
    all_draws = how(f"{len(decoded)} z ~ q(z|x), seeds {seed} to {seed + len(decoded) - 1}", seed)
    if options.method == "sample":
        all_draws += " and so on"
    return Cloud(latent.variant, typed, latent, groups, len(decoded), n, len(seeds.get(typed.words, ())), all_draws)
