"""Presets: sizes and training settings by name."""

from __future__ import annotations

from dataclasses import dataclass

from engine.config import ModelConfig, TrainConfig
from engine.errors import UsageError


@dataclass(frozen=True, slots=True)
class Preset:
    """Sizes and training that belong together. `annealing` is the warm-up of `vae-annealed`, in steps."""

    embedding: int
    hidden: int
    latent: int
    recognition: tuple[int, ...]
    train: TrainConfig
    annealing: int

    def model(self, vocabulary: int) -> ModelConfig:
        """The model's sizes for a vocabulary of that many words."""
        return ModelConfig(
            vocabulary=vocabulary,
            embedding=self.embedding,
            hidden=self.hidden,
            latent=self.latent,
            recognition=self.recognition,
        )


PRESETS = {
    "demo": Preset(128, 256, 32, (), TrainConfig(), annealing=6000),
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
    ),
    # Figure 2 of the paper: 1 x 500 LSTM, embedding 300, latent 50, recognition 2 x 500, Adam 1e-4, batch 200.
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
            checkpoint_every=10_000,
        ),
        annealing=20_000,
    ),
}


def preset(name: str) -> Preset:
    """A preset by name.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in PRESETS:
        raise UsageError(f"Unknown preset {name!r}.", f"Presets are {', '.join(PRESETS)}.")
    return PRESETS[name]
