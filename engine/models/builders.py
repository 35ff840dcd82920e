"""Whole models from their settings."""

from __future__ import annotations

import torch
from torch import nn

from engine.config import ModelConfig
from engine.models.decoder import Decoder
from engine.models.encoder import Encoder
from engine.models.sentence_vae import SentenceVAE


def build(config: ModelConfig, seed: int = 0) -> SentenceVAE:
    """A model with fresh weights, the same for the same seed whatever was drawn before.

    Every variant of a run starts from these same weights, so that a difference between two variants comes from the
    objective alone.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        embedding = nn.Embedding(config.vocabulary, config.embedding)
        nn.init.uniform_(embedding.weight, -0.1, 0.1)
        encoder = Encoder(
            embedding=config.embedding,
            hidden=config.hidden,
            latent=config.latent,
            recognition=config.recognition,
            cell=config.cell,
            layers=config.layers,
            bidirectional=config.bidirectional,
        )
        decoder = Decoder(
            embedding=config.embedding,
            hidden=config.hidden,
            latent=config.latent,
            features=config.embedding if config.tied else None,
            cell=config.cell,
            layers=config.layers,
            z_at=config.z_at,
        )
        output = None
        if not config.tied:
            output = nn.Embedding(config.vocabulary, config.hidden)
            nn.init.uniform_(output.weight, -0.1, 0.1)
        return SentenceVAE(embedding, encoder, decoder, output, config.dropout)
