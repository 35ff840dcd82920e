"""Token credit: which words of a sentence the latent variable pays for.

The credit of a token is log p(token | words before, z) - log p(token | words before, z = 0), in nats: what knowing z
adds to a decoder that is told the prior's mean instead. Over the tokens and EOS the credits sum to
log p(x|z) - log p(x|z=0). z = 0 is one point of the prior and no average over it, so the sum is not the mutual
information; it shows where in the sentence z makes a difference. A word may have a negative credit.

Nor does the KL bound it. A decoder that has learnt to trust z reads z = 0 as the code of some particular sentence and
is sure of that one; how wrong it is about all others is in their credits too. The sum is then a multiple of the KL.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from engine.corpus.vocabulary import EOS, SPECIALS, UNK
from engine.decoding.seeds import checked_seed
from engine.decoding.teacher_forcing import token_log_probabilities
from engine.errors import LoomError
from engine.sentences.variant_answers import Refused, asked

if TYPE_CHECKING:
    from engine.session import Decoded, Session


FAR_ABOVE = 2.0
"""Times the KL from which on a sum of credits calls for a word of explanation; twice is more than rounding or luck."""


@dataclass(frozen=True, slots=True)
class TokenCredit:
    """One word, or the end (`word` is "</s>"): log p given z, log p given z = 0, and their difference, nats.

    `unknown` marks a word outside the vocabulary, which is scored as the unknown word.
    """

    word: str
    unknown: bool
    log_probability: float
    without: float

    @property
    def credit(self) -> float:
        """log p given z - log p given z = 0, nats."""
        return self.log_probability - self.without


@dataclass(frozen=True, slots=True)
class Credits:
    """The tokens of a sentence in their order, EOS last, under one variant at z (latent,).

    `kl` is that of the sentence's q(z|x), nats; None where z was sent and there is none.
    """

    variant: str
    tokens: tuple[TokenCredit, ...]
    z: NDArray[np.float32]
    how: str
    kl: float | None = None

    @property
    def log_probability(self) -> float:
        """log p of the sentence given z, nats, EOS included: log p(x|z) if it was typed, log p(xhat|z) if decoded."""
        return sum(token.log_probability for token in self.tokens)

    @property
    def without(self) -> float:
        """The same given z = 0."""
        return sum(token.without for token in self.tokens)

    @property
    def credit(self) -> float:
        """The difference of the two, nats."""
        return self.log_probability - self.without

    @property
    def note(self) -> str:
        """Why the sum is far above the KL, where it is; else ""."""
        if self.kl is None or self.credit <= FAR_ABOVE * max(self.kl, 1.0):
            return ""
        return (
            f"Far above the KL of {self.kl:.1f} nats: z = 0 is not “nothing known” but one point, where this decoder "
            "is sure of another sentence; the sum counts how wrong that is too, and does not measure what z tells."
        )


def token_credit(
    session: Session,
    text: str,
    variants: Sequence[str] | None = None,
    sample: bool = False,
    seed: int = 0,
) -> Iterator[Credits | Refused]:
    """The credit of every word of a typed sentence, variant by variant.

    Args:
        session: the models.
        text: as typed.
        variants: which; all if None.
        sample: take z ~ q(z|x) instead of z = mu.
        seed: of that draw.

    Yields:
        one answer a variant, and Refused where it cannot give one.

    Raises:
        LoomError: there is no word in the text, or too many.
        UsageError: the seed is out of range.
    """
    checked_seed(seed)
    typed = session.typed(text)
    source = f"z ~ q(z|x), seed {seed}" if sample else "z = mu"
    for name in asked(session, variants):
        try:
            latent = session.encode(text, [name], sample, seed)[name]
            yield replace(_credits(session, name, typed.words, typed.ids, latent.z, source), kl=latent.kl)
        except LoomError as error:
            yield Refused.of(name, error)


def decoded_credit(session: Session, variant: str, decoded: Decoded) -> Credits:
    """The credit of every word of a decoded sentence, at the z it was decoded from.

    Raises:
        LoomError: the variant was not loaded, z is not a finite vector of its width, or the decoder's numbers overflow
            there.
    """
    ids = session.run.vocabulary.encode(decoded.words)
    return _credits(session, variant, decoded.words, ids, decoded.z, "the z it was decoded from")


def _credits(
    session: Session, variant: str, words: Sequence[str], ids: Sequence[int], z: NDArray[np.float32], source: str
) -> Credits:
    model = session.model(variant)
    if z.shape != (model.latent,) or not np.isfinite(z).all():
        raise LoomError(
            f"Words can be scored at a finite vector of {model.latent} numbers only, and this latent is none.",
            "Choose another point.",
        )
    rows = torch.tensor([ids, ids], dtype=torch.long, device=session.device)
    point = torch.from_numpy(np.stack([z, np.zeros_like(z)])).to(session.device)
    scores = token_log_probabilities(model, rows, point)
    if not bool(torch.isfinite(scores).all()):
        raise LoomError(
            f"The decoder's numbers of {variant} overflow at this latent.", "Choose a point nearer to the others."
        )
    given, without = scores.tolist()
    tokens = tuple(
        TokenCredit(word, number == UNK, with_z, without_z)
        for word, number, with_z, without_z in zip((*words, SPECIALS[EOS]), (*ids, EOS), given, without, strict=True)
    )
    return Credits(variant, tokens, z, f"log p(token|z) - log p(token|z=0), {source}")
