"""The sentence VAE: q(z|x) and p(x|z) over shared word vectors (Bowman et al. 2016, as the AutoGen paper uses it)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from engine.corpus.vocabulary import BOS, EOS, UNK
from engine.models.cross_entropy import tied_cross_entropy
from engine.models.decoder import Decoder, State
from engine.models.encoder import Encoder


@dataclass(frozen=True, slots=True)
class Likelihood:
    """-log p(x|z) of a batch in nats, EOS counted: `total` with gradient, `nll` (batch,) for reading."""

    total: Tensor
    nll: Tensor


class SentenceVAE(nn.Module):
    """Encoder and decoder around one embedding matrix, which is also the output layer.

    Args:
        embedding: (vocabulary, width) word vectors.
        encoder, decoder: built for the same widths.
    """

    def __init__(self, embedding: nn.Embedding, encoder: Encoder, decoder: Decoder) -> None:
        super().__init__()
        self.embedding = embedding
        self.encoder = encoder
        self.decoder = decoder
        self.output_bias = nn.Parameter(torch.zeros(embedding.num_embeddings))

    @property
    def latent(self) -> int:
        """Dimensions of z."""
        return self.encoder.to_mu.out_features

    def encode(self, words: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """q(z|x) = N(mu, diag exp(logvar)).

        Args:
            words: (batch, time) ids without BOS and EOS, padded at the right.
            lengths: (batch,) words of each sentence.

        Returns:
            mu, logvar: (batch, latent).
        """
        return self.encoder(self.embedding(words), lengths)

    def likelihood(
        self,
        words: Tensor,
        lengths: Tensor,
        z: Tensor,
        *,
        dropped: Tensor | None = None,
        drop_to: Literal["unknown", "zero"] = "unknown",
    ) -> Likelihood:
        """-log p(x|z), teacher-forced, EOS counted.

        Args:
            words: (batch, time) ids, padded at the right.
            lengths: (batch,) words of each sentence.
            z: (batch, latent).
            dropped: (batch, time) True where the decoder must not see the word it has just produced (word drop,
                in training only). The sentence's start is never dropped.
            drop_to: what it sees instead: the unknown word, or a zero vector.
        """
        batch, time = words.shape
        inputs = torch.cat([words.new_full((batch, 1), BOS), words], dim=1)
        if dropped is not None and drop_to == "unknown":
            inputs[:, 1:] = inputs[:, 1:].masked_fill(dropped, UNK)
        vectors = self.embedding(inputs)
        if dropped is not None and drop_to == "zero":
            vectors = torch.cat([vectors[:, :1], vectors[:, 1:].masked_fill(dropped.unsqueeze(-1), 0.0)], dim=1)
        features, _ = self.decoder(vectors, z, self.decoder.initial_state(z))

        positions = torch.arange(time + 1, device=words.device)
        real = positions <= lengths.unsqueeze(1)  # (batch, time + 1): the words, then EOS
        targets = torch.cat([words, words.new_zeros((batch, 1))], dim=1)
        targets = targets.masked_fill(positions == lengths.unsqueeze(1), EOS)
        total, token_nll = tied_cross_entropy(features[real], self.embedding.weight, self.output_bias, targets[real])
        sentence = torch.arange(batch, device=words.device).unsqueeze(1).expand_as(real)[real]
        nll = token_nll.new_zeros(batch).index_add_(0, sentence, token_nll)
        return Likelihood(total, nll)

    def step(self, previous: Tensor, z: Tensor, state: State) -> tuple[Tensor, State]:
        """One decoding step.

        Args:
            previous: (batch,) the word before, BOS at first.
            z: (batch, latent).
            state: from `decoder.initial_state(z)` or from the step before.

        Returns:
            (batch, vocabulary) logits of the next word, and the new state.
        """
        features, state = self.decoder(self.embedding(previous).unsqueeze(1), z, state)
        return torch.addmm(self.output_bias, features.squeeze(1), self.embedding.weight.t()), state
