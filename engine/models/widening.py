"""A model with wider layers that computes the same: what is added is zero, and training leaves it zero.

Tensor cores take products whose widths are multiples of 8 or 16; with 500 units, 300-dimensional word vectors and 50
latent dimensions they take the slow way. So a model is trained in a wider one. Why nothing changes but rounding: a unit
whose weights and biases are all zero says 0 whatever it reads (of an LSTM tanh of a cell that stays 0, of a GRU half of
its state, which stays 0), so what reads it gets no gradient for that weight; and as those weights are zero, it gets no
gradient either. A latent dimension so added has mu = 0 and log-variance 0, whose KL and its gradient are 0; its noise
has to be 0.
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.config import ModelConfig
from engine.models.builders import build
from engine.models.recurrent import STATE_PARTS
from engine.models.sentence_vae import SentenceVAE

MULTIPLE = 16
"""Layers are widened to multiples of this: 500 units to 512, vectors of 300 to 304, 50 dimensions of z to 64."""
Axis = list[tuple[int, int]]
"""One side of a matrix: runs of so many entries, and how many they become."""


def widened(config: ModelConfig, multiple: int = MULTIPLE) -> ModelConfig:
    """The sizes of the wider model; the vocabulary stays."""
    return config.model_copy(
        update={
            "embedding": _up(config.embedding, multiple),
            "hidden": _up(config.hidden, multiple),
            "latent": _up(config.latent, multiple),
            "recognition": tuple(_up(units, multiple) for units in config.recognition),
        }
    )


class Widening:
    """The way between the weights of a model and those of a wider one.

    Args:
        config: of the model.
        device: where the weights are.
        multiple: of the widths.
    """

    def __init__(self, config: ModelConfig, device: torch.device, multiple: int = MULTIPLE) -> None:
        self.config = widened(config, multiple)
        self._sides = {name: [_places(axis, device) for axis in axes] for name, axes in _axes(config, multiple).items()}

    def build(self, device: torch.device) -> SentenceVAE:
        """The wider model, of zeros."""
        model = build(self.config).to(device)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.zero_()
        return model

    @torch.no_grad()
    def widen(self, name: str, values: Tensor, into: Tensor) -> None:
        """Put the values of a parameter, or what an optimiser keeps of it, into a tensor of the wider shape."""
        into[self._index(name)] = values.to(into.dtype)

    @torch.no_grad()
    def narrow(self, name: str, wide: Tensor) -> Tensor:
        """The values of a parameter out of a tensor of the wider shape."""
        return wide[self._index(name)]

    def _index(self, name: str) -> tuple[Tensor, ...]:
        """Picks the entries of a wider tensor that are the model's."""
        sides = self._sides[name]
        return (sides[0],) if len(sides) == 1 else (sides[0].unsqueeze(1), sides[1])


def _axes(config: ModelConfig, multiple: int) -> dict[str, list[Axis]]:
    """The sides of every parameter, by its name in `SentenceVAE`."""

    def side(width: int, times: int = 1) -> Axis:
        return [(width, _up(width, multiple))] * times

    words: Axis = [(config.vocabulary, config.vocabulary)]
    embedding, hidden, latent = side(config.embedding), side(config.hidden), side(config.latent)
    gates = side(config.hidden, 4 if config.cell == "lstm" else 3)
    found = {"embedding.weight": [words, embedding]}
    if not config.shared_words:
        found["encoder_words.weight"] = [words, embedding]
    if not config.tied:
        found["output.weight"] = [words, hidden]
    if config.output_bias:
        found["output_bias"] = [words]

    def recurrent(name: str, inputs: Axis) -> None:
        for layer in range(config.layers):
            found[f"{name}.weight_ih_l{layer}"] = [gates, hidden if layer else inputs]
            found[f"{name}.weight_hh_l{layer}"] = [gates, hidden]
            found[f"{name}.bias_ih_l{layer}"] = found[f"{name}.bias_hh_l{layer}"] = [gates]

    def linear(name: str, outputs: Axis, inputs: Axis) -> None:
        found[f"{name}.weight"], found[f"{name}.bias"] = [outputs, inputs], [outputs]

    recurrent("encoder.lstm", embedding)
    last = hidden
    if config.bidirectional:
        recurrent("encoder.backward_lstm", embedding)
        last = hidden * 2
    for number, units in enumerate(config.recognition):
        linear(f"encoder.recognition.{2 * number}", side(units), last)
        last = side(units)
    linear("encoder.to_mu", latent, last)
    linear("encoder.to_logvar", latent, last)
    if config.z_at in ("state", "both"):
        maps = 1 if config.state_from_z == "cell" else STATE_PARTS[config.cell]
        linear("decoder.to_state", hidden * (maps * config.layers), latent)
    if config.z_at == "first":
        linear("decoder.to_input", embedding, latent)
    recurrent("decoder.lstm", embedding + (latent if config.z_at in ("inputs", "both") else []))
    if config.tied:
        linear("decoder.to_features", embedding, hidden)
    return found


def _places(axis: Axis, device: torch.device) -> Tensor:
    """Where the entries of a side lie in the wider one."""
    runs, begin = [], 0
    for width, wide in axis:
        runs.append(torch.arange(begin, begin + width))
        begin += wide
    return torch.cat(runs).to(device)


def _up(width: int, multiple: int) -> int:
    return -(-width // multiple) * multiple
