"""q(z|x): an LSTM reads the words, its last state gives the mean and the log-variance."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Encoder(nn.Module):
    """LSTM encoder with an optional recognition MLP.

    Args:
        embedding: width of a word vector.
        hidden: units of the LSTM.
        latent: dimensions of z.
        recognition: widths of the hidden layers between the last state and mu, logvar.
    """

    def __init__(self, *, embedding: int, hidden: int, latent: int, recognition: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.lstm = nn.LSTM(embedding, hidden, batch_first=True)
        layers: list[nn.Module] = []
        width = hidden
        for units in recognition:
            layers += [nn.Linear(width, units), nn.ReLU()]
            width = units
        self.recognition = nn.Sequential(*layers)
        self.to_mu = nn.Linear(width, latent)
        self.to_logvar = nn.Linear(width, latent)

    def forward(self, vectors: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Encode padded sentences.

        The LSTM runs left to right, so that its state at a sentence's last word does not depend on the padding
        after it: taking that state needs no packed sequences.

        Args:
            vectors: (batch, time, embedding) word vectors, padded at the right.
            lengths: (batch,) words of each sentence, at least 1.

        Returns:
            mu and logvar, both (batch, latent).
        """
        states, _ = self.lstm(vectors)
        last = states[torch.arange(len(lengths), device=states.device), lengths - 1]
        features = self.recognition(last)
        return self.to_mu(features), self.to_logvar(features)
