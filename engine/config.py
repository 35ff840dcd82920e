"""Settings as validated values.

A variant is a value: a factor m and a KL schedule, with a name, a label and a colour. Nothing in the project asks
which variant it deals with; adding one is adding a value here (or giving it on the command line).
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

MOST_BETA = 1000.0
"""The largest weight on the KL: with more of it nothing but the prior is learned."""

MOST_NAME = 40
"""Characters of a variant's name, and of its label."""
NAME_PATTERN = rf"^[a-z0-9][a-z0-9.-]{{0,{MOST_NAME - 1}}}$"
"""Of a variant's name."""

USUAL_LOW_RATE = 0.0005
"""A learning rate with which Adam hardly ever explodes."""


class Settings(BaseModel):
    """Frozen, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _no_switch_for_a_number(cls, value: object, info: ValidationInfo) -> object:
        """true is no 1: a switch in a number's place is a slip."""
        wanted = cls.model_fields[info.field_name or ""].annotation
        if isinstance(value, bool) and wanted is not bool and bool not in get_args(wanted):
            raise ValueError("a number or a word is wanted, not true or false")
        return value


class KlSchedule(Settings):
    """The weight w(step) of the KL term; the formulas are in `schedules.kl_weight`.

    `none` is `end` throughout: 1, or the beta of a beta-VAE (Higgins et al. 2017). `linear` rises from `start` to `end`
    in `warmup` steps. `logistic` follows a sigmoid whose middle lies at half the warm-up (Bowman et al. 2016).
    `cyclical` starts `cycles` times anew, each time rising for the share `rise` of a cycle of `warmup` steps and
    staying at `end` for its rest, and stays there afterwards (Fu et al. 2019).
    """

    kind: Literal["none", "linear", "logistic", "cyclical"] = "none"
    warmup: int = Field(default=0, ge=0, description="steps")
    start: float = Field(default=0.0, ge=0, description="weight at the beginning of a rise")
    end: float = Field(default=1.0, gt=0, le=MOST_BETA, description="weight after the rise, or throughout without one")
    steepness: float = Field(default=12.0, gt=0, le=100, description="of the logistic rise, over the whole warm-up")
    cycles: int = Field(default=4, ge=1)
    rise: float = Field(default=0.5, gt=0, le=1)

    @model_validator(mode="after")
    def _warmup_given(self) -> KlSchedule:
        if self.kind != "none" and self.warmup == 0:
            raise ValueError(f"a {self.kind} KL schedule needs warmup > 0 steps")
        if self.kind != "none" and not self.start < self.end:
            raise ValueError(f"start ({self.start:g}) has to be below end ({self.end:g}): the weight rises")
        return self


class MSchedule(Settings):
    """How m moves: not at all, or from `start` to the variant's m within `steps` steps, straight or on a cosine."""

    kind: Literal["none", "linear", "cosine"] = "none"
    start: float = Field(default=0.0, gt=-1.0, allow_inf_nan=False)
    steps: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _steps_given(self) -> MSchedule:
        if self.kind != "none" and self.steps == 0:
            raise ValueError(f"a {self.kind} schedule of m needs steps > 0")
        return self


class FreeBits(Settings):
    """Nats of KL that cost nothing: `nats` in every dimension of z, or in all together (Kingma et al. 2016)."""

    kind: Literal["none", "dimension", "total"] = "none"
    nats: float = Field(default=0.0, ge=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _nats_given(self) -> FreeBits:
        if self.kind != "none" and self.nats == 0:
            raise ValueError("free bits need nats > 0")
        return self


class Variant(Settings):
    """One way to train the same model: the AutoGen bound (1+m) E_q[log p(x|z)] - w(step) KL (paper, eq. 11)."""

    name: str = Field(
        pattern=NAME_PATTERN,
        description="1 to 40 of a-z, 0-9, points and hyphens, with a letter or digit first",
    )
    m: float = Field(default=0.0, gt=-1.0, allow_inf_nan=False)
    m_schedule: MSchedule = MSchedule()
    kl_schedule: KlSchedule = KlSchedule()
    free_bits: FreeBits = FreeBits()
    encoder_steps: int = Field(
        default=0,
        ge=0,
        le=100,
        description="steps of the encoder alone before each of the decoder, while the mutual information still rises",
    )
    label: str = Field(default="", max_length=MOST_NAME, pattern=r"^[^\x00-\x1f\x7f]*$", description="one line of text")
    colour: str = Field(
        default="#888888", pattern=r"^#[0-9A-Fa-f]{6}$", description="# and six hexadecimal digits, as #1f77b4"
    )


class ModelConfig(Settings):
    """Sizes and shape of the sentence VAE."""

    vocabulary: int = Field(ge=5, description="words, the four special ones included")
    embedding: int = Field(default=128, ge=1, le=8192)
    hidden: int = Field(default=256, ge=1, le=16384, description="units of the recurrent layers on both sides")
    latent: int = Field(default=32, ge=1, le=4096)
    recognition: tuple[Annotated[int, Field(ge=1, le=16384)], ...] = Field(
        default=(), description="hidden layers between the encoder and mu, logvar"
    )
    cell: Literal["lstm", "gru"] = "lstm"
    layers: int = Field(default=1, ge=1, le=8, description="recurrent layers on both sides")
    bidirectional: bool = Field(default=False, description="whether the encoder reads from both ends")
    dropout: float = Field(default=0.0, ge=0, lt=1, description="of the decoder's word vectors and outputs")
    z_at: Literal["state", "inputs", "both", "first"] = Field(default="both", description="where the decoder sees z")
    state_from_z: Literal["tanh", "linear", "cell"] = Field(
        default="tanh",
        description="the first state from z: tanh of a linear map, the map itself, or the map as cell and its tanh",
    )
    shared_words: bool = Field(default=True, description="whether encoder and decoder have the same word vectors")
    tied: bool = Field(default=True, description="whether the output layer is the embedding matrix")
    output_bias: bool = Field(default=True, description="whether a word has a bias of its own in the output layer")
    initialisation: Literal["torch", "wide", "uniform"] = Field(
        default="torch", description="how the first weights are drawn"
    )
    activation: Literal["relu", "tanh"] = Field(default="relu", description="of the recognition layers")
    variance: Literal["exp", "elu"] = Field(
        default="exp", description="the variance of q(z|x) from the encoder's output v: exp(v), or elu(v) + 1"
    )
    reads_end: bool = Field(default=False, description="whether the encoder reads the end of the sentence too")


Precision = Literal["auto", "single", "bf16"]
"""Of products while a model is trained."""


class TrainConfig(Settings):
    """Everything that a training does, beside the model's sizes and the corpus."""

    steps: int = Field(default=17_400, ge=1, le=10**12, description="batches that are learned from")
    batch: int = Field(default=64, ge=1, le=10**7)
    optimiser: Literal["adam", "sgd"] = "adam"
    learning_rate: float = Field(default=2e-3, gt=0, allow_inf_nan=False)
    warmup: int = Field(default=200, ge=0, description="steps until the full learning rate")
    final_learning_rate: float = Field(
        default=0.05, gt=0, le=1, description="share of the rate left at the end (cosine)"
    )
    halve_after: int = Field(
        default=0,
        ge=0,
        description="measurements without a better bound after which a variant's learning rate is halved; 0: never",
    )
    validation_sentences: int = Field(
        default=1024, ge=1, description="of a validation part that was given, the first so many are measured"
    )
    word_drop: float = Field(default=0.4, ge=0, le=1)
    word_drop_to: Literal["unknown", "zero"] = "unknown"
    word_drop_exactly: bool = Field(
        default=False, description="whether each sentence loses that share of its words, not each word by that chance"
    )
    length_spread: float = Field(
        default=1.0,
        ge=1,
        allow_inf_nan=False,
        description="the longest sentence of a batch has at most about so many times the words of the shortest",
    )
    clip: float = Field(default=5.0, ge=0, allow_inf_nan=False, description="largest norm of the gradient; 0: no limit")
    precision: Precision = Field(
        default="auto", description="of products; auto: bf16 on CUDA, single elsewhere. Weights and sums stay single"
    )
    seed: int = Field(default=0, ge=0, le=2**64 - 1)
    log_every: int = Field(default=50, ge=1)
    checkpoint_every: int = Field(default=1000, ge=1)
    evaluate_every: int | None = Field(default=None, ge=1, description="steps; as often as checkpoints if not given")
    keep_every: int | None = Field(
        default=None, ge=1, description="checkpoints at multiples of this step stay for good; else the two newest"
    )
    tensorboard: bool = Field(default=False, description="write event files for TensorBoard too")

    @property
    def lower_rate(self) -> float:
        """A learning rate to try where a training with this one went wrong: far lower, and usual for its optimiser."""
        if self.optimiser == "adam" and self.learning_rate > USUAL_LOW_RATE:
            return USUAL_LOW_RATE
        return self.learning_rate / 10


MAP_NAME_PATTERN = r"^([A-Za-z0-9][A-Za-z0-9._ -]{0,39})?$"
"""Of a map's name; "" where its settings name it."""
MapMethod = Literal["umap", "tsne", "pca"]
MapMetric = Literal["euclidean", "cosine"]
MapOf = Literal["mu", "samples"]


class ProjectionConfig(Settings):
    """A map of the latent space in two dimensions.

    `neighbours` are those of a point in UMAP, and the perplexity of t-SNE. `epochs` are None for as many as the method
    usually takes. `of` says what is mapped: the means of q(z|x), or one seeded draw z ~ q(z|x) for each sentence. Maps
    that are `aligned` share one start over all variants and are turned onto it.
    """

    method: MapMethod = "umap"
    name: str = Field(
        default="", pattern=MAP_NAME_PATTERN, description="up to 40 letters, digits, spaces, points and hyphens"
    )
    neighbours: int = Field(default=15, ge=2, le=200)
    min_dist: float = Field(default=0.1, ge=0, le=1)
    metric: MapMetric = "euclidean"
    epochs: int | None = Field(default=None, ge=10, le=5000)
    of: MapOf = "mu"
    aligned: bool = True
    seed: int = Field(default=0, ge=0, le=2**32 - 1)
    landmarks: int = Field(default=20_000, ge=100)


_COLOURS = {"vae": "#56B4E9", "vae-annealed": "#E69F00", "autogen-m1": "#1BB58A", "autogen-m2": "#D081B4"}
SPARE_COLOURS = ("#B0A8F0", "#E0655A", "#C8C85A", "#8FB3C4", "#F28CB8", "#7FD65A", "#C49A6C", "#6F8BF5")
"""For variants that bring no colour of their own, in the order of a run."""
PAPER_VARIANTS = ("vae", "vae-annealed", "autogen-m1", "autogen-m2")
MAX_VARIANTS = 8
AGGRESSIVE_STEPS = 10
"""Steps of the encoder alone before each of the decoder that `vae-aggressive` takes while it lags."""


def known_variant(name: str, annealing: int, start: float = 0.0) -> Variant | None:
    """The settings that a name stands for.

    The names are `vae`, `vae-annealed`, `vae-aggressive`, `vae-beta<value>` and `autogen-m<value>` with m > -1.

    Args:
        name: as on the command line.
        annealing: steps of the linear warm-up of `vae-annealed`.
        start: weight of the KL at its beginning.

    Returns:
        None if the name stands for nothing. The colour is the default grey where the name has none of its own.
    """
    if not re.fullmatch(NAME_PATTERN, name):
        return None
    colour = _COLOURS.get(name, Variant.model_fields["colour"].default)
    if name == "vae":
        return Variant(name=name, label="VAE", colour=colour)
    if name == "vae-annealed":
        schedule = KlSchedule(kind="linear", warmup=max(1, annealing), start=start)
        return Variant(name=name, label="VAE + annealing", colour=colour, kl_schedule=schedule)
    if name == "vae-aggressive":
        return Variant(name=name, label="VAE, encoder first", colour=colour, encoder_steps=AGGRESSIVE_STEPS)
    match = re.fullmatch(r"vae-beta(\d+(?:\.\d+)?)", name)
    if match and 0 < float(match[1]) <= MOST_BETA:
        schedule = KlSchedule(end=float(match[1]))
        return Variant(name=name, label=f"VAE β={match[1]}", colour=colour, kl_schedule=schedule)
    match = re.fullmatch(r"autogen-m(-?\d+(?:\.\d+)?)", name)
    if match and -1 < float(match[1]) < float("inf"):
        m = float(match[1])
        label = next(text for text in (f"AutoGen m={match[1]}", f"AutoGen m={m:g}") if len(text) <= MOST_NAME)
        return Variant(name=name, m=m, label=label, colour=colour)
    return None


def own_label(variant: Variant, known: Variant) -> str:
    """The label of a variant that has other settings than those `known` that its name stands for."""
    m, beta = variant.m, variant.kl_schedule.end
    label = known.label
    if known.m and m != known.m:
        label = f"AutoGen m={m:g}"
    elif known.kl_schedule.end != 1.0 and beta != known.kl_schedule.end:
        label = f"VAE β={beta:g}"
    if not known.m and m != known.m:
        label += f", m={m:g}"
    if known.kl_schedule.end == 1.0 and beta != 1.0:
        label += f", β={beta:g}"
    if bool(variant.encoder_steps) != bool(known.encoder_steps):
        label = f"{label}, encoder first" if variant.encoder_steps else label.replace(", encoder first", "")
    return label if len(label) <= MOST_NAME else known.label
