"""A model's decoder as plain matrices, for one step at a time.

torch's recurrent modules are made for whole sentences; for a single step their own overhead exceeds the arithmetic of
a small model. Here a layer's inputs, z and the state before stand side by side and meet one matrix.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.models.sentence_vae import SentenceVAE


class UnrolledDecoder:
    """Copies of a decoder's weights, laid out for single steps; later changes of the model do not reach them.

    Attributes:
        embedding: (vocabulary, width) word vectors.
        layers: of each recurrent layer the matrix (4 x hidden, inputs + hidden) and the bias. The rows of an LSTM are
            its input, forget and output gates and its candidate; those of a GRU its reset and update gates and the
            two parts of its candidate, from the inputs and from the state.
        features: matrix and bias before the output layer, None where there is none.
        output: (vocabulary, features) matrix of the output layer, and its bias.
        z_in_inputs: whether z stands beside the first layer's input.
    """

    def __init__(self, model: SentenceVAE) -> None:
        network = model.decoder.lstm
        self.is_lstm = isinstance(network, nn.LSTM)
        self.hidden = network.hidden_size
        self.embedding = model.embedding.weight.detach().float()
        self.z_in_inputs = network.input_size > model.embedding.embedding_dim
        self.layers = [self._layer(network, index) for index in range(network.num_layers)]
        linear = model.decoder.to_features
        self.features = (
            (linear.weight.detach().float(), linear.bias.detach().float()) if isinstance(linear, nn.Linear) else None
        )
        self.output = model.output_weight.detach().float(), model.output_bias.detach().float()
        self._first = model.decoder.initial_state

    def initial_state(self, z: Tensor) -> list[tuple[Tensor, ...]]:
        """(h, c) or (h,) of every layer, each (rows, hidden)."""
        parts = self._first(z)
        return [tuple(part[layer].float() for part in parts) for layer in range(len(self.layers))]

    def _layer(self, network: nn.LSTM | nn.GRU, index: int) -> tuple[Tensor, Tensor]:
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        own = [getattr(network, f"{name}_l{index}").detach().float() for name in names]
        if self.is_lstm:
            (i, f, g, o), (i_h, f_h, g_h, o_h), b, b_h = (each.chunk(4) for each in own)
            weight = torch.cat([torch.cat(pair, dim=1) for pair in ((i, i_h), (f, f_h), (o, o_h), (g, g_h))])
            bias = torch.cat([b[part] + b_h[part] for part in (0, 1, 3, 2)])
            return weight, bias
        (r, u, n), (r_h, u_h, n_h), b, b_h = (each.chunk(3) for each in own)
        weight = torch.cat(
            [
                torch.cat(pair, dim=1)
                for pair in ((r, r_h), (u, u_h), (n, torch.zeros_like(n_h)), (torch.zeros_like(n), n_h))
            ]
        )
        return weight, torch.cat([b[0] + b_h[0], b[1] + b_h[1], b[2], b_h[2]])

    def after(self, gates: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """The state after a step, from gates (rows, 4 x hidden) before their nonlinearities and the state before."""
        if self.is_lstm:
            i, f, o = torch.sigmoid(gates[:, : 3 * self.hidden]).chunk(3, dim=1)
            cell = (f * state[1]).addcmul_(i, torch.tanh(gates[:, 3 * self.hidden :]))
            return o * torch.tanh(cell), cell
        reset, update = torch.sigmoid(gates[:, : 2 * self.hidden]).chunk(2, dim=1)
        from_inputs, from_state = gates[:, 2 * self.hidden :].chunk(2, dim=1)
        return (torch.lerp(torch.tanh(torch.addcmul(from_inputs, reset, from_state)), state[0], update),)
