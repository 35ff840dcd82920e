"""q(z|x): a recurrent network reads the words, its last state gives the mean and the log-variance."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from engine.models.recurrent import Cell, recurrent, run


class Encoder(nn.Module):
    """Recurrent encoder with an optional recognition MLP.

    Args:
        embedding: width of a word vector.
        hidden: units of each recurrent layer.
        latent: dimensions of z.
        recognition: widths of the hidden layers between the last state and mu, logvar.
        cell: LSTM or GRU.
        layers: recurrent layers.
        bidirectional: whether a second network reads the sentence from its end; both last states are used.
        activation: of the recognition layers.
        variance: how the variance comes from the output v: exp(v), or elu(v) + 1.
    """

    def __init__(
        self,
        *,
        embedding: int,
        hidden: int,
        latent: int,
        recognition: tuple[int, ...] = (),
        cell: Cell = "lstm",
        layers: int = 1,
        bidirectional: bool = False,
        activation: Literal["relu", "tanh"] = "relu",
        variance: Literal["exp", "elu"] = "exp",
    ) -> None:
        super().__init__()
        self._variance = variance
        self.lstm = recurrent(cell, embedding, hidden, layers)
        self.backward_lstm = recurrent(cell, embedding, hidden, layers) if bidirectional else None
        mlp: list[nn.Module] = []
        width = hidden * (2 if bidirectional else 1)
        for units in recognition:
            mlp += [nn.Linear(width, units), nn.ReLU() if activation == "relu" else nn.Tanh()]
            width = units
        self.recognition = nn.Sequential(*mlp)
        self.to_mu = nn.Linear(width, latent)
        self.to_logvar = nn.Linear(width, latent)

    def forward(self, vectors: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Encode padded sentences.

        The network runs left to right, so that its state at a sentence's last word does not depend on the padding
        after it: taking that state needs no packed sequences. For the other direction each sentence is turned round
        within its own length, which keeps the padding behind it.

        Args:
            vectors: (batch, time, embedding) word vectors, padded at the right.
            lengths: (batch,) words of each sentence, at least 1.

        Returns:
            mu and logvar, both (batch, latent).
        """
        return self.posterior([run(*reading)[0] for reading in self.readings(vectors, lengths)], lengths)

    def readings(self, vectors: Tensor, lengths: Tensor) -> list[tuple[nn.LSTM | nn.GRU, Tensor]]:
        """Each network with what it reads, (batch, time, embedding); arguments as of `forward`."""
        found = [(self.lstm, vectors)]
        if self.backward_lstm is not None:
            rows = torch.arange(len(lengths), device=vectors.device)
            positions = torch.arange(vectors.shape[1], device=vectors.device)
            turned = (lengths.unsqueeze(1) - 1 - positions).clamp(min=0)  # (batch, time)
            found.append((self.backward_lstm, vectors[rows.unsqueeze(1), turned]))
        return found

    def posterior(self, states: list[Tensor], lengths: Tensor) -> tuple[Tensor, Tensor]:
        """mu and logvar from what each network says (batch, time, hidden)."""
        rows = torch.arange(len(lengths), device=lengths.device)
        last = torch.cat([each[rows, lengths - 1] for each in states], dim=1)
        features = self.recognition(last)
        output = self.to_logvar(features)
        return self.to_mu(features), output if self._variance == "exp" else log_elu_plus_one(output)


def log_elu_plus_one(values: Tensor) -> Tensor:
    """log(elu(v) + 1): v below 0, where elu(v) + 1 = exp(v), and log(1 + v) above; exact at both ends."""
    return values.clamp(max=0.0) + torch.log1p(values.clamp(min=0.0))
