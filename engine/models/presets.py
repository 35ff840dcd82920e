"""Presets: sizes and training settings by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.config import ModelConfig, TrainConfig
from engine.errors import UsageError


@dataclass(frozen=True, slots=True)
class Preset:
    """Sizes and training that belong together.

    `annealing` is the warm-up of `vae-annealed`, in steps, and `annealing_start` the weight of the KL at its beginning;
    `shape` are further fields of `ModelConfig`.
    """

    embedding: int
    hidden: int
    latent: int
    recognition: tuple[int, ...]
    train: TrainConfig
    annealing: int
    shape: Mapping[str, Any] = field(default_factory=dict)
    annealing_start: float = 0.0

    def model(self, vocabulary: int) -> ModelConfig:
        """The model's sizes for a vocabulary of that many words."""
        return ModelConfig(
            vocabulary=vocabulary,
            embedding=self.embedding,
            hidden=self.hidden,
            latent=self.latent,
            recognition=self.recognition,
            **self.shape,
        )


# Published settings, as their authors' programs have them; docs/training.md lists every difference. A training counts
# steps, so an epoch is reckoned in steps of the corpus that is named. The first weights are near the published ones.

# PTB, 42,068 training sentences, 1,315 steps an epoch: `config_lstm_ptb.py` and `vae_train.py` of asyml/texar,
# examples/vae_text. Its README has NLL 102.10 and perplexity 105.48 on the test part (`vae-annealed` here).
# timbmg/Sentence-VAE is of another shape (GRU, latent 16); its README has NLL 103.967 and KL 7.269.
_PTB = Preset(
    256,
    256,
    32,
    (),
    TrainConfig(
        steps=131_500,
        batch=32,
        learning_rate=1e-3,
        warmup=0,
        final_learning_rate=1.0,
        halve_after=2,
        validation_sentences=10_000,
        word_drop=0.0,
        length_spread=1.3,
        checkpoint_every=1_315,
    ),
    annealing=13_150,
    annealing_start=0.1,
    shape={
        "z_at": "state",
        "state_from_z": "linear",
        "shared_words": False,
        "tied": False,
        "dropout": 0.5,
        "reads_end": True,
    },
)

# Yahoo and Yelp of Yang et al., 100,000 training documents each, 3,125 steps an epoch: `text.py`,
# `config/config_yahoo.py`, `config/config_yelp.py`, `modules/encoders/enc_lstm.py` and `modules/decoders/dec_lstm.py`
# of jxhe/vae-lagging-encoder (He et al. 2019). The two files of settings differ in nothing but the text.
_LAGGING = Preset(
    512,
    1024,
    32,
    (),
    TrainConfig(
        steps=312_500,
        batch=32,
        optimiser="sgd",
        learning_rate=1.0,
        warmup=0,
        final_learning_rate=1.0,
        halve_after=2,
        validation_sentences=10_000,
        word_drop=0.0,
        checkpoint_every=3_125,
    ),
    annealing=31_250,
    annealing_start=0.1,
    shape={
        "z_at": "both",
        "state_from_z": "cell",
        "shared_words": False,
        "tied": False,
        "output_bias": False,
        "dropout": 0.5,
        "initialisation": "uniform",
        "reads_end": True,
    },
)

PRESETS = {
    # The first weights of these three tell sentences apart before anything is learned: docs/collapse.md measures why.
    "demo": Preset(
        128,
        256,
        32,
        (),
        TrainConfig(
            steps=22_000, batch=128, learning_rate=4e-3, log_every=25, checkpoint_every=1_000, evaluate_every=500
        ),
        annealing=5_500,
        shape={"initialisation": "wide", "bidirectional": True},
    ),
    # The paper's shape at a size for laptops: one pass over a million sentences in an hour or two on two cores.
    "small": Preset(
        100,
        200,
        32,
        (200, 200),
        TrainConfig(
            steps=14_054,
            batch=64,
            learning_rate=1e-3,
            warmup=100,
            final_learning_rate=0.1,
            word_drop=0.3,
            word_drop_to="zero",
            checkpoint_every=500,
        ),
        annealing=3_000,
        shape={"initialisation": "wide", "activation": "tanh"},
    ),
    # Figure 2 of the paper: 1 x 500 LSTM, embedding 300, latent 50, recognition 2 x 500, Adam 1e-4, batch 200; the rest
    # as in its authors' program, but for what docs/training.md lists.
    "paper": Preset(
        300,
        500,
        50,
        (500, 500),
        TrainConfig(
            steps=1_000_000,
            batch=200,
            learning_rate=1e-4,
            warmup=0,
            final_learning_rate=1.0,
            word_drop=0.3,
            word_drop_to="zero",
            word_drop_exactly=True,
            length_spread=1.3,
            clip=0.0,
            checkpoint_every=10_000,
        ),
        annealing=20_000,
        shape={
            "z_at": "first",
            "initialisation": "wide",
            "activation": "tanh",
            "variance": "elu",
            "reads_end": True,
            "output_bias": False,
        },
    ),
    "ptb": _PTB,
    "yahoo": _LAGGING,
    "yelp": _LAGGING,
}


def preset(name: str) -> Preset:
    """A preset by name.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in PRESETS:
        raise UsageError(f"Unknown preset {name!r}.", f"Presets are {', '.join(PRESETS)}.")
    return PRESETS[name]
