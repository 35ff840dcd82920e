"""The plots of a training: what each shows and explains, and how its values are written."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

ShareOf = Literal["objective", "elbo"]
"""What the share of the KL is a share of."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One of the plots: `key` is the logged term, `short` names it in a table, `about` explains it."""

    name: str
    key: str
    title: str
    short: str
    unit: str
    about: str


PANELS = (
    Panel(
        "elbo",
        "elbo",
        "ELBO",
        "ELBO",
        "nats",
        "E_q[log p(x|z)] - KL in nats per sentence, the end mark counted: a lower bound of log p(x),\n"
        "whatever a variant was trained with, so the lines can be compared (figure 2 of the paper, right).",
    ),
    Panel(
        "reconstruction",
        "reconstruction",
        "Reconstruction",
        "rec.",
        "nats",
        "E_q[log p(x|z)] in nats per sentence: how well a sentence is written again from its z.\n"
        "Nearer to 0 is better.",
    ),
    Panel(
        "kl",
        "kl",
        "KL",
        "KL",
        "nats",
        "KL(q(z|x) || p(z)) in nats per sentence: how much z tells about a sentence. 0 is collapse.",
    ),
    Panel(
        "share",
        "kl_share",
        "KL share",
        "share",
        "",
        "The share of the KL in the objective, KL / -objective with objective = (1+m) E_q[log p(x|z)] - KL\n"
        "(figure 2 of the paper, left; a β-VAE has β KL in both); or in the true ELBO, KL / -ELBO.",
    ),
    Panel(
        "implied_m",
        "implied_m",
        "m of the KL weight",
        "m",
        "∞ to 0",
        "A weight w on the KL is the AutoGen bound with m′ = (1+m)/w − 1. KL annealing takes m′ from infinity, where\n"
        "the KL counts for nothing, down to the variant's m: the paper's view of annealing.\n"
        "The axis is even in 1/(1+m′).",
    ),
)


SPREAD = (
    "sd μ",
    "How much the means μ of q(z|x) differ: their standard deviation over sentences, mean over the dimensions,\n"
    "at the measurement of test text nearest to this step; the first one is before the first step.\n"
    "Where it is next to nothing beside σ, z is noise, and the decoder learns to do without it.",
)
"""Name and explanation of a number that stands in the table alone."""


def panel_keys(share_of: ShareOf) -> dict[str, str]:
    """The logged term that each plot shows."""
    share = "kl_share" if share_of == "objective" else "elbo_kl_share"
    return {panel.name: share if panel.name == "share" else panel.key for panel in PANELS}


def value(number: float | None) -> str:
    """A term in as few figures as tell its neighbours apart."""
    if number is None or math.isnan(number):
        return "–"
    if math.isinf(number):
        return "∞"
    if number == 0:
        return "0"
    digits = 0 if abs(number) >= 1000 else 1 if abs(number) >= 100 else 2 if abs(number) >= 1 else 3
    return f"{number:,.{digits}f}".replace("-", "\N{MINUS SIGN}")
