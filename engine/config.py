"""Settings as validated values.

A variant is a value: a factor m and a KL schedule, with a name, a label and a colour. Nothing in the project asks
which variant it deals with; adding one is adding a value here (or giving it on the command line).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.errors import UsageError


class Settings(BaseModel):
    """Frozen, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class KlSchedule(Settings):
    """The weight of the KL term: `none` is 1 throughout, `linear` rises from 0 to 1 in `warmup` steps."""

    kind: Literal["none", "linear"] = "none"
    warmup: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _warmup_given(self) -> KlSchedule:
        if self.kind == "linear" and self.warmup == 0:
            raise ValueError("a linear KL schedule needs warmup > 0 steps")
        return self


class Variant(Settings):
    """One way to train the same model: the AutoGen bound (1+m) E_q[log p(x|z)] - w(step) KL (paper, eq. 11)."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,39}$")
    m: float = Field(default=0.0, gt=-1.0, allow_inf_nan=False)
    kl_schedule: KlSchedule = KlSchedule()
    label: str = ""
    colour: str = Field(default="#888888", pattern=r"^#[0-9A-Fa-f]{6}$")


class ModelConfig(Settings):
    """Sizes of the sentence VAE."""

    vocabulary: int = Field(ge=5, description="words, the four special ones included")
    embedding: int = Field(default=128, ge=1)
    hidden: int = Field(default=256, ge=1, description="units of the LSTM on both sides")
    latent: int = Field(default=32, ge=1)
    recognition: tuple[int, ...] = Field(default=(), description="hidden layers between the encoder and mu, logvar")


class TrainConfig(Settings):
    """Everything that a training does, beside the model's sizes and the corpus."""

    steps: int = Field(default=17_400, ge=1, description="15 passes over the demo's text")
    batch: int = Field(default=64, ge=1)
    learning_rate: float = Field(default=2e-3, gt=0)
    warmup: int = Field(default=200, ge=0, description="steps until the full learning rate")
    final_learning_rate: float = Field(
        default=0.05, gt=0, le=1, description="share of the rate left at the end (cosine)"
    )
    word_drop: float = Field(default=0.4, ge=0, le=1)
    word_drop_to: Literal["unknown", "zero"] = "unknown"
    clip: float = Field(default=5.0, gt=0)
    seed: int = Field(default=0, ge=0)
    log_every: int = Field(default=50, ge=1)
    checkpoint_every: int = Field(default=1000, ge=1)


class ProjectionConfig(Settings):
    """A map of the latent space in two dimensions."""

    method: Literal["umap", "pca"] = "umap"
    neighbours: int = Field(default=15, ge=2, le=200)
    min_dist: float = Field(default=0.1, ge=0, le=1)
    seed: int = Field(default=0, ge=0)
    landmarks: int = Field(default=20_000, ge=100)

    @property
    def name(self) -> str:
        """The name under which the cache keeps this map."""
        return self.method


_COLOURS = {"vae": "#56B4E9", "vae-annealed": "#E69F00", "autogen-m1": "#1BB58A", "autogen-m2": "#D081B4"}
_SPARE_COLOURS = ("#B0A8F0", "#E0655A", "#C8C85A", "#8FB3C4")
PAPER_VARIANTS = ("vae", "vae-annealed", "autogen-m1", "autogen-m2")
MAX_VARIANTS = 8


def variants_from_names(names: Sequence[str], annealing: int) -> tuple[Variant, ...]:
    """Variants by name: `vae`, `vae-annealed`, `autogen-m<value>` with any real m > -1.

    Args:
        names: names as on the command line.
        annealing: steps of the linear warm-up of `vae-annealed`.

    Raises:
        UsageError: a name is unknown or given twice, or there are more than eight.
    """
    if not names or len(names) > MAX_VARIANTS:
        raise UsageError(f"A run has 1 to {MAX_VARIANTS} variants, not {len(names)}.")
    if len(set(names)) != len(names):
        raise UsageError(f"A variant is named twice: {', '.join(names)}.")
    spare = iter(_SPARE_COLOURS * 2)
    return tuple(_variant(name, annealing, _COLOURS.get(name) or next(spare)) for name in names)


def _variant(name: str, annealing: int, colour: str) -> Variant:
    if name == "vae":
        return Variant(name=name, label="VAE", colour=colour)
    if name == "vae-annealed":
        schedule = KlSchedule(kind="linear", warmup=max(1, annealing))
        return Variant(name=name, label="VAE + annealing", colour=colour, kl_schedule=schedule)
    match = re.fullmatch(r"autogen-m(-?\d+(?:\.\d+)?)", name)
    if match and float(match[1]) > -1:
        return Variant(name=name, m=float(match[1]), label=f"AutoGen m={match[1]}", colour=colour)
    raise UsageError(
        f"Unknown variant {name!r}.",
        f"Known are {', '.join(PAPER_VARIANTS)}, and autogen-m<value> for any m above -1, such as autogen-m0.5.",
    )
