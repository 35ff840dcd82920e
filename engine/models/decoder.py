"""p(x|z): an LSTM that sees z in its first state and at every input.

The decoder returns features in the space of the word embeddings; the product with the embedding matrix (tied
output) belongs to `SentenceVAE`, because training wants it fused with the cross-entropy and decoding wants logits.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

State = tuple[Tensor, Tensor]
"""The LSTM's (h, c), each (1, batch, hidden)."""


class Decoder(nn.Module):
    """LSTM decoder conditioned on z.

    Args:
        embedding: width of a word vector, and of the returned features.
        hidden: units of the LSTM.
        latent: dimensions of z.
    """

    def __init__(self, *, embedding: int, hidden: int, latent: int) -> None:
        super().__init__()
        self.to_state = nn.Linear(latent, 2 * hidden)
        self.lstm = nn.LSTM(embedding + latent, hidden, batch_first=True)
        self.to_features = nn.Linear(hidden, embedding)

    def initial_state(self, z: Tensor) -> State:
        """The state before the first word, from z (batch, latent)."""
        h, c = torch.tanh(self.to_state(z)).chunk(2, dim=-1)
        return h.unsqueeze(0).contiguous(), c.unsqueeze(0).contiguous()

    def forward(self, vectors: Tensor, z: Tensor, state: State) -> tuple[Tensor, State]:
        """Run over the inputs so far.

        Args:
            vectors: (batch, time, embedding) input word vectors, the sentence's start first.
            z: (batch, latent).
            state: from `initial_state` or from the call before.

        Returns:
            (batch, time, embedding) features, and the state after the last input.
        """
        repeated = z.unsqueeze(1).expand(-1, vectors.shape[1], -1)
        outputs, state = self.lstm(torch.cat([vectors, repeated], dim=-1), state)
        return self.to_features(outputs), state
