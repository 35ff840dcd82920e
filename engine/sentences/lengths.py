"""What is said of a sentence that is longer, or shorter, than any that the models were trained on.

They read it and answer all the same, but have never seen the like: an answer to it tells nothing about other answers.
"""

from __future__ import annotations

from collections.abc import Mapping

Limits = tuple[int, int]
"""The shortest and the longest sentence of a run's corpus, in tokens: words and punctuation marks."""


def length_warning(tokens: Mapping[str, int], limits: Limits) -> str:
    """What to tell about sentences beyond the limits, "" where none is.

    Args:
        tokens: how many each sentence has, by its name; one named "" is "this sentence". One without any is left out.
        limits: of the run.
    """
    shortest, longest = limits
    beyond = {name: count for name, count in tokens.items() if count and not shortest <= count <= longest}
    if not beyond:
        return ""
    said = [f"{name or 'this sentence'} has {count:,} token{'s' * (count != 1)}" for name, count in beyond.items()]
    known = f"{shortest} to {longest}" if shortest < longest else f"{longest}"
    told = " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)
    return (
        f"{told[0].upper() if '' in beyond else told[0]}{told[1:]} (words and punctuation marks). The models were "
        f"trained on sentences of {known}, and do not know the like."
    )
