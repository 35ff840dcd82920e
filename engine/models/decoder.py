"""p(x|z): a recurrent network that sees z in its first state, at every input, both, or as its first input alone.

The decoder returns features for the output layer; the product with the word vectors (tied output) or with a matrix of
its own belongs to `SentenceVAE`, because training wants it fused with the cross-entropy and decoding wants logits.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from engine.corpus.vocabulary import BOS
from engine.models.recurrent import STATE_PARTS, Cell, State, recurrent, run


class Decoder(nn.Module):
    """Recurrent decoder conditioned on z.

    Args:
        embedding: width of a word vector.
        hidden: units of each recurrent layer.
        latent: dimensions of z.
        features: width of what the output layer gets: `embedding` for a tied output, None for the bare outputs.
        cell: LSTM or GRU.
        layers: recurrent layers.
        z_at: whether z gives the first state, is part of every input, or both; or stands, as a word vector made of it,
            in the place of the sentence's start and nowhere else.
        state_from_z: the first state is tanh of a linear map of z, the map itself, or the map as the cell and its tanh
            as the hidden state (one map for both).
    """

    def __init__(
        self,
        *,
        embedding: int,
        hidden: int,
        latent: int,
        features: int | None = None,
        cell: Cell = "lstm",
        layers: int = 1,
        z_at: Literal["state", "inputs", "both", "first"] = "both",
        state_from_z: Literal["tanh", "linear", "cell"] = "tanh",
    ) -> None:
        super().__init__()
        self._parts = STATE_PARTS[cell]
        self._state_from_z = state_from_z
        self._shape = (layers, hidden)
        self._z_in_inputs = z_at in ("inputs", "both")
        maps = 1 if state_from_z == "cell" else self._parts
        self.to_state = nn.Linear(latent, maps * layers * hidden) if z_at in ("state", "both") else None
        self.to_input = nn.Linear(latent, embedding) if z_at == "first" else None
        self.lstm = recurrent(cell, embedding + (latent if self._z_in_inputs else 0), hidden, layers)
        self.to_features = nn.Linear(hidden, features) if features is not None else nn.Identity()

    def initial_state(self, z: Tensor) -> State:
        """The state before the first word, from z (batch, latent); zeros where z comes by the inputs only."""
        layers, hidden = self._shape
        if self.to_state is None:
            return tuple(z.new_zeros((layers, len(z), hidden)) for _ in range(self._parts))
        flat = self.to_state(z)
        if self._state_from_z == "cell":
            cell = flat.view(len(z), layers, hidden).transpose(0, 1).contiguous()
            return (torch.tanh(cell), cell)[: self._parts]
        if self._state_from_z == "tanh":
            flat = torch.tanh(flat)
        flat = flat.view(len(z), self._parts, layers, hidden)
        return tuple(flat[:, part].transpose(0, 1).contiguous() for part in range(self._parts))

    def begun(self, vectors: Tensor, inputs: Tensor, z: Tensor) -> Tensor:
        """The vectors (batch, time, embedding) of input words, z in the place of the start where it enters there.

        Args:
            vectors: of the words.
            inputs: (batch, time) ids.
            z: (batch, latent).
        """
        if self.to_input is None:
            return vectors
        return torch.where((inputs == BOS).unsqueeze(-1), self.to_input(z).unsqueeze(1), vectors)

    def forward(self, vectors: Tensor, z: Tensor, state: State) -> tuple[Tensor, State]:
        """Run over the inputs so far.

        Args:
            vectors: (batch, time, embedding) input word vectors, the sentence's start first; as `begun` gives them.
            z: (batch, latent).
            state: from `initial_state` or from the call before.

        Returns:
            (batch, time, features), and the state after the last input.
        """
        outputs, state = run(self.lstm, self.reading(vectors, z), state)
        return self.to_features(outputs), state

    def reading(self, vectors: Tensor, z: Tensor) -> Tensor:
        """What the recurrent network reads, (batch, time, inputs): z beside every vector where it enters there."""
        if not self._z_in_inputs:
            return vectors
        return torch.cat([vectors, z.unsqueeze(1).expand(-1, vectors.shape[1], -1)], dim=-1)
