"""What the paper printed of its surveys (tables 2 and 4), to stand beside one's own as reference.

Its models were trained on BookCorpus (58.8 million sentences) and judged by its respondents, so agreement with one's
own numbers is not to be expected; only the order of the models may be compared.
"""

from __future__ import annotations

from collections.abc import Mapping

REFERENCE = "The column of the paper is what it printed of its own models on BookCorpus: a reference, no result."

PREFERRED: Mapping[tuple[str, str], tuple[int, int, int]] = {
    ("vae-annealed", "vae"): (66, 6, 120),
    ("autogen-m1", "vae-annealed"): (88, 13, 260),
    ("autogen-m2", "autogen-m1"): (88, 23, 575),
}
"""Table 2: percent of responses with model 1 as winner; respondents and sentences by section 3.2."""

MEANINGFUL: Mapping[str, tuple[int, int | None]] = {
    "vae": (75, None),
    "vae-annealed": (76, 32),
    "autogen-m1": (50, 32),
    "autogen-m2": (29, 5),
}
"""Table 4: percent meaningful up to 10 tokens, and over 10; 23 people, 392 sentences. The VAE wrote none so long."""

MADE_SENSE = "23 respondents, 392 sentences"


def preferred(first: str, second: str) -> float | None:
    """The paper's percentage of the first model against the second; turned round where it printed the other way."""
    if (first, second) in PREFERRED:
        return float(PREFERRED[first, second][0])
    if (second, first) in PREFERRED:
        return 100.0 - PREFERRED[second, first][0]
    return None


def meaningful(variant: str, short: bool) -> float | None:
    """The paper's percentage of sentences that made sense, up to 10 tokens or over 10; None where it has none."""
    value = MEANINGFUL.get(variant, (None, None))[0 if short else 1]
    return float(value) if value is not None else None
