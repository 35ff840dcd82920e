"""What every decoder returns, and the limits that every decoder keeps to."""

from __future__ import annotations

from dataclasses import dataclass

from engine.decoding.options import DecodeOptions
from engine.errors import UsageError


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A decoded sentence.

    Attributes:
        ids: words without EOS.
        token_log_probabilities: log p(word | words before, z) in nats: one a word, then that of EOS.
        ended: False where the sentence met the limit of words before the decoder would have ended it; its scores
            then include the EOS that was put there.
        rank: 0 is the best of its n-best list.
    """

    ids: tuple[int, ...]
    token_log_probabilities: tuple[float, ...]
    ended: bool
    rank: int = 0

    @property
    def log_probability(self) -> float:
        """log p(xhat|z) in nats of this sentence xhat, EOS included: the sum over the tokens."""
        return sum(self.token_log_probabilities)


@dataclass(frozen=True, slots=True)
class Limits:
    """A sentence has at least `shortest` and at most `longest` words."""

    shortest: int
    longest: int

    @classmethod
    def of(cls, options: DecodeOptions, max_words: int, min_words: int = 1) -> Limits:
        """What the options say, and where they do not, `max_words` and `min_words`.

        Raises:
            UsageError: the options' minimum is above the `max_words` that is in force.
        """
        longest = max_words if options.max_words is None else options.max_words
        if options.min_words is None:
            return cls(min(min_words, longest), longest)
        if options.min_words > longest:
            raise UsageError(
                f"No sentence has at least {options.min_words} and at most {longest} tokens.",
                "Choose a smaller minimum or a larger maximum.",
            )
        return cls(options.min_words, longest)
