"""Whole models from their settings."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

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
            activation=config.activation,
            variance=config.variance,
        )
        decoder = Decoder(
            embedding=config.embedding,
            hidden=config.hidden,
            latent=config.latent,
            features=config.embedding if config.tied else None,
            cell=config.cell,
            layers=config.layers,
            z_at=config.z_at,
            state_from_z=config.state_from_z,
        )
        output = None
        if not config.tied:
            output = nn.Embedding(config.vocabulary, config.hidden)
            nn.init.uniform_(output.weight, -0.1, 0.1)
        encoder_words = None
        if not config.shared_words:
            encoder_words = nn.Embedding(config.vocabulary, config.embedding)
            nn.init.uniform_(encoder_words.weight, -0.1, 0.1)
        model = SentenceVAE(
            embedding,
            encoder,
            decoder,
            output,
            config.dropout,
            bias=config.output_bias,
            reads_end=config.reads_end,
            encoder_words=encoder_words,
        )
        if config.initialisation == "wide":
            draw_widely(model)
        elif config.initialisation == "uniform":
            draw_uniformly(model)
        return model


_DRAWING = (nn.init.normal_, nn.init.uniform_, nn.init.kaiming_uniform_, Tensor.normal_, Tensor.uniform_)


class _NothingDrawn(TorchFunctionMode):
    """Leaves weights as they are where random ones would be drawn."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in _DRAWING:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **(kwargs or {}))


def build_undrawn(config: ModelConfig) -> SentenceVAE:
    """A model that is to be given all of its weights, which mean nothing before.

    Drawing weights that nobody sees takes several times as long as reading those of a checkpoint. torch's own way, its
    meta device, imports a second's worth of modules.
    """
    with _NothingDrawn():
        return build(config)


def draw_uniformly(model: SentenceVAE) -> None:
    """Draw first weights as He et al. 2019 do: word vectors U(-0.1, 0.1), all else U(-0.01, 0.01), biases too.

    Source: jxhe/vae-lagging-encoder, `text.py` (`model_init`, `emb_init`) and `reset_parameters` of its modules.
    """
    for parameter in model.parameters():
        nn.init.uniform_(parameter, -0.01, 0.01)
    for words in (model.embedding, model.encoder_words):
        if words is not None:
            nn.init.uniform_(words.weight, -0.1, 0.1)


def draw_widely(model: SentenceVAE) -> None:
    """Draw first weights with which the encoder tells sentences apart before anything is learned.

    Matrices of the recurrent layers are N(0, s^2) with s = 0.1 sqrt(500 / units), word vectors N(0, 0.1^2), those
    from the decoder's output to the features of a tied output layer U(-0.01, 0.01), and all others Glorot's uniform;
    every bias is 0. At 500 units these are the first weights of the AutoGen paper's own program. torch draws recurrent
    matrices within 1 / sqrt(units), a standard deviation of 0.026 there: the last states of all sentences, and so their
    mu, are then nearly the same.
    """
    for module in model.modules():
        if isinstance(module, nn.LSTM | nn.GRU):
            for name, weight in module.named_parameters():
                if name.startswith("weight"):
                    nn.init.normal_(weight, std=0.1 * math.sqrt(500 / module.hidden_size))
                else:
                    nn.init.zeros_(weight)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.1)
        elif isinstance(module, nn.Linear):
            if module is model.decoder.to_features:
                nn.init.uniform_(module.weight, -0.01, 0.01)
            else:
                nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
