"""A model's decoder as plain matrices, for one step at a time.

torch's recurrent modules are made for whole sentences; for a single step their own overhead exceeds the arithmetic of
a small model. Here a layer's inputs and the state before stand side by side and meet one matrix, and the product with
z is taken once; where many rows read the same word, so is that with the word.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.corpus.vocabulary import BOS
from engine.models.sentence_vae import SentenceVAE


class UnrolledDecoder:
    """A decoder's weights, laid out for single steps. Some are copies: after a change of the model it is made anew.

    Matrices are stored the other way round, inputs by outputs: a few rows are multiplied up to three times as fast.

    Attributes:
        vocabulary: number of words.
        hidden: units of each recurrent layer.
        layers: recurrent layers.
        products: multiplications for a row's step, about.
    """

    def __init__(self, model: SentenceVAE) -> None:
        network = model.decoder.lstm
        self._is_lstm = isinstance(network, nn.LSTM)
        self._embedding = model.embedding.weight.detach().float()
        self._layers = [self._layer(network, index) for index in range(network.num_layers)]
        self._z_weight: Tensor | None = None
        if network.input_size > model.embedding.embedding_dim:
            weight, bias = self._layers[0]
            words = model.embedding.embedding_dim
            self._z_weight = weight[words : network.input_size].contiguous()
            self._layers[0] = torch.cat([weight[:words], weight[network.input_size :]]), bias
        self._to_input: nn.Linear | None = model.decoder.to_input
        linear = model.decoder.to_features
        self._features = _turned(linear.weight, linear.bias) if isinstance(linear, nn.Linear) else None
        self._output = torch.cat(_turned(model.output_weight, model.output_bias[None]))
        self._first = model.decoder.initial_state
        self.vocabulary, self.hidden, self.layers = len(self._embedding), network.hidden_size, network.num_layers
        self.products = self._output.numel() + sum(weight.numel() for weight, _ in self._layers)

    def initial_state(self, z: Tensor) -> list[tuple[Tensor, ...]]:
        """(h, c) or (h,) of every layer, each (rows, hidden)."""
        parts = self._first(z)
        return [tuple(part[layer].float() for part in parts) for layer in range(self.layers)]

    def fixed_gates(self, z: Tensor) -> Tensor:
        """What z (rows, latent) adds to the first layer's gates at every word, and their bias: (rows, 4 x hidden).

        Where z stands in the place of the sentence's start, the gates after the start follow: (rows, 8 x hidden).
        """
        weight, bias = self._layers[0]
        if self._to_input is not None:
            vectors = self._to_input(z).float()
            first = torch.addmm(bias, vectors, weight[: vectors.shape[1]])
            return torch.cat([bias.expand(len(z), -1), first], dim=1)
        return bias.expand(len(z), -1) if self._z_weight is None else torch.addmm(bias, z, self._z_weight)

    def step(
        self, previous: Tensor, fixed: Tensor, states: list[tuple[Tensor, ...]], logits: Tensor
    ) -> list[tuple[Tensor, ...]]:
        """Read a word.

        Args:
            previous: (rows,) the word before, BOS at first.
            fixed: of these rows, from `fixed_gates`.
            states: of every layer, as from `initial_state` or from the step before.
            logits: (rows, vocabulary), to which those of the next word are written.

        Returns:
            the new states.
        """
        inputs = self._embedding[previous]
        if self._to_input is not None:
            starts = (previous == BOS).unsqueeze(1)
            later, first = fixed.chunk(2, dim=1)
            fixed, inputs = torch.where(starts, first, later), inputs.masked_fill(starts, 0.0)
        joined = torch.cat([inputs, states[0][0]], dim=1)
        after = self._upwards(torch.addmm(fixed, joined, self._layers[0][0]), states)
        self.speak(after[-1][0], logits)
        return after

    def read_alike(
        self, previous: Tensor, fixed: Tensor, states: list[tuple[Tensor, ...]], room: Tensor
    ) -> list[tuple[Tensor, ...]]:
        """Read a word, the same in several rows: what it adds to the gates is computed once for all of them.

        Args:
            previous: (words,) the word before, BOS at first.
            fixed: (words x rows of each, ...) as for `step`, those of a word one below the other.
            states: of the same rows.
            room: (words x rows of each, 4 x hidden), which is written over.

        Returns:
            the new states.
        """
        weight, _ = self._layers[0]
        vectors = self._embedding[previous]
        if self._to_input is not None:
            starts = (previous == BOS).unsqueeze(1)
            later, first = fixed.unflatten(0, (len(previous), -1)).chunk(2, dim=2)
            fixed, vectors = (
                torch.where(starts.unsqueeze(2), first, later).flatten(0, 1),
                vectors.masked_fill(starts, 0.0),
            )
        of_words = vectors @ weight[: vectors.shape[1]]  # (words, 4 x hidden)
        shape = (len(previous), -1, of_words.shape[1])
        torch.add(fixed.view(shape), of_words.unsqueeze(1), out=room.view(shape))
        return self._upwards(room.addmm_(states[0][0], weight[vectors.shape[1] :]), states)

    def speak(self, outputs: Tensor, logits: Tensor) -> None:
        """Write the logits (rows, vocabulary) of the next word, from the last layer's outputs (rows, hidden)."""
        features = outputs if self._features is None else torch.addmm(self._features[1], outputs, self._features[0])
        # The bias is a row of the matrix, which spares a pass over the logits.
        torch.mm(torch.cat([features, features.new_ones((len(features), 1))], dim=1), self._output, out=logits)

    def _upwards(self, gates: Tensor, states: list[tuple[Tensor, ...]]) -> list[tuple[Tensor, ...]]:
        """The states of all layers after a step, from the gates of the first (rows, 4 x hidden), which are changed."""
        after = [self._cell(gates, states[0])]
        for (weight, bias), state in zip(self._layers[1:], states[1:], strict=True):
            joined = torch.cat([after[-1][0], state[0]], dim=1)
            after.append(self._cell(torch.addmm(bias, joined, weight), state))
        return after

    def _cell(self, gates: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """The state after a step, from gates (rows, 4 x hidden) before their nonlinearities and the state before.

        The gates of an LSTM are input, forget, output and the candidate; those of a GRU reset, update and the two
        parts of the candidate, from the inputs and from the state.
        """
        hidden = self.hidden
        if self._is_lstm:
            i, f, o = gates[:, : 3 * hidden].sigmoid_().chunk(3, dim=1)
            cell = (f * state[1]).addcmul_(i, gates[:, 3 * hidden :].tanh_())
            return o * torch.tanh(cell), cell
        reset, update = gates[:, : 2 * hidden].sigmoid_().chunk(2, dim=1)
        from_inputs, from_state = gates[:, 2 * hidden :].chunk(2, dim=1)
        return (torch.lerp(torch.addcmul(from_inputs, reset, from_state).tanh_(), state[0], update),)

    def _layer(self, network: nn.LSTM | nn.GRU, index: int) -> tuple[Tensor, Tensor]:
        """A layer's matrix (inputs + hidden, 4 x hidden) and bias."""
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        own = [getattr(network, f"{name}_l{index}") for name in names]
        if self._is_lstm:
            (i, f, g, o), (i_h, f_h, g_h, o_h), b, b_h = (each.chunk(4) for each in own)
            pairs = [(i, i_h), (f, f_h), (o, o_h), (g, g_h)]
            biases = [b[part] + b_h[part] for part in (0, 1, 3, 2)]
        else:
            (r, u, n), (r_h, u_h, n_h), b, b_h = (each.chunk(3) for each in own)
            pairs = [(r, r_h), (u, u_h), (n, torch.zeros_like(n_h)), (torch.zeros_like(n), n_h)]
            biases = [b[0] + b_h[0], b[1] + b_h[1], b[2], b_h[2]]
        return _turned(torch.cat([torch.cat(pair, dim=1) for pair in pairs]), torch.cat(biases))


def _turned(weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """Float32 copies: weight (outputs, inputs) as (inputs, outputs), and the bias."""
    return weight.detach().float().t().contiguous(), bias.detach().float().clone()
