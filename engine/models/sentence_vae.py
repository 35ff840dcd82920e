"""The sentence VAE: q(z|x) and p(x|z) over shared word vectors (Bowman et al. 2016, as the AutoGen paper uses it)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from engine.corpus.vocabulary import BOS, EOS, UNK
from engine.device import sent
from engine.models.cross_entropy import tied_cross_entropy
from engine.models.decoder import Decoder
from engine.models.dropout import dropped_out
from engine.models.encoder import Encoder
from engine.models.recurrent import State


@dataclass(frozen=True, slots=True)
class Targets:
    """What a batch's decoder has to say, without the padding: n words and ends of sentences.

    It depends on the text alone. Made once where all variants meet the same batch, it spares each of them the work
    and, on an accelerator, the wait for a size that only the device knows.
    """

    positions: Tensor  # (n,) into (batch * (time + 1),)
    words: Tensor  # (n,) ids
    sentences: Tensor  # (n,) rows of the batch
    counted: Tensor | None = None  # (n,) 1.0 for what counts and 0.0 for what only fills up; None where all count

    @classmethod
    def of(cls, words: Tensor, lengths: Tensor) -> Targets:
        """The targets of padded sentences (batch, time) of so many words (batch,)."""
        batch, time = words.shape
        steps = torch.arange(time + 1, device=words.device)
        ends = steps == lengths.unsqueeze(1)  # (batch, time + 1)
        targets = torch.cat([words, words.new_zeros((batch, 1))], dim=1).masked_fill(ends, EOS).flatten()
        positions = (steps <= lengths.unsqueeze(1)).flatten().nonzero().squeeze(1)
        return cls(positions, targets[positions], positions // (time + 1))

    def sent(self, device: torch.device) -> Targets:
        """A copy on a device, of targets on the CPU."""
        counted = None if self.counted is None else sent(self.counted, device)
        return Targets(sent(self.positions, device), sent(self.words, device), sent(self.sentences, device), counted)


@dataclass(frozen=True, slots=True)
class Likelihood:
    """-log p(x|z) of a batch in nats, EOS counted: `total` with gradient, `nll` (batch,) for reading."""

    total: Tensor
    nll: Tensor


class SentenceVAE(nn.Module):
    """Encoder and decoder around one embedding matrix, which may also be the output layer.

    Args:
        embedding: (vocabulary, width) word vectors.
        encoder, decoder: built for the same widths.
        output: (vocabulary, features) output matrix of its own; None for the word vectors (tied output).
        dropout: share of the decoder's word vectors' and features' entries that are zeroed where `likelihood` gets a
            generator.
        bias: whether the output layer has one; without, `output_bias` is zero and not learned.
        reads_end: whether the encoder reads EOS after the words.
        encoder_words: (vocabulary, width) word vectors of the encoder's own; None where it has the decoder's.
    """

    def __init__(
        self,
        embedding: nn.Embedding,
        encoder: Encoder,
        decoder: Decoder,
        output: nn.Embedding | None = None,
        dropout: float = 0.0,
        bias: bool = True,
        reads_end: bool = False,
        encoder_words: nn.Embedding | None = None,
    ) -> None:
        super().__init__()
        self.embedding = embedding
        self.encoder_words = encoder_words
        self.encoder = encoder
        self.decoder = decoder
        self.output = output
        self.output_bias: Tensor
        none = torch.zeros(embedding.num_embeddings)
        if bias:
            self.output_bias = nn.Parameter(none)
        else:
            self.register_buffer("output_bias", none, persistent=False)
        self._dropout = dropout
        self._reads_end = reads_end

    @property
    def latent(self) -> int:
        """Dimensions of z."""
        return self.encoder.to_mu.out_features

    @property
    def output_weight(self) -> Tensor:
        """(vocabulary, features) matrix of the output layer."""
        return self.embedding.weight if self.output is None else self.output.weight

    def encode(self, words: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """q(z|x) = N(mu, diag exp(logvar)).

        Args:
            words: (batch, time) ids without BOS and EOS, padded at the right.
            lengths: (batch,) words of each sentence.

        Returns:
            mu, logvar: (batch, latent).
        """
        return self.encoder(*self.encoder_input(words, lengths))

    def encoder_input(self, words: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """The vectors (batch, time, width) that the encoder reads, and how many of each sentence (batch,)."""
        if self._reads_end:
            words = torch.cat([words, words.new_zeros((len(words), 1))], dim=1)
            words = words.scatter(1, lengths.unsqueeze(1), EOS)
            lengths = lengths + 1
        vectors = self.embedding if self.encoder_words is None else self.encoder_words
        return vectors(words), lengths

    def encoder_parameters(self) -> list[nn.Parameter]:
        """What belongs to q(z|x) alone: the encoder, and its word vectors where they are its own."""
        own = [] if self.encoder_words is None else list(self.encoder_words.parameters())
        return [*self.encoder.parameters(), *own]

    def likelihood(
        self,
        words: Tensor,
        lengths: Tensor,
        z: Tensor,
        *,
        dropped: Tensor | None = None,
        drop_to: Literal["unknown", "zero"] = "unknown",
        targets: Targets | None = None,
        generator: torch.Generator | None = None,
        kept: tuple[Tensor, Tensor] | None = None,
    ) -> Likelihood:
        """-log p(x|z), teacher-forced, EOS counted.

        Args:
            words: (batch, time) ids, padded at the right.
            lengths: (batch,) words of each sentence.
            z: (batch, latent).
            dropped: (batch, time) True where the decoder must not see the word it has just produced (word drop,
                in training only). The sentence's start is never dropped.
            drop_to: what it sees instead: the unknown word, or a zero vector.
            targets: of these sentences, where they are known already.
            generator: draws the dropout of a training step.
            kept: True for the entries that dropout keeps, of the word vectors (batch, time + 1, width) and of the
                features of the targets, where that is drawn already. Without it and `generator` nothing is dropped out.
        """
        of_vectors, of_features = kept or (None, None)
        vectors = self.decoder_input(words, z, dropped=dropped, drop_to=drop_to, generator=generator, kept=of_vectors)
        features, _ = self.decoder(vectors, z, self.decoder.initial_state(z))
        aim = Targets.of(words, lengths) if targets is None else targets
        return self.said(features, aim, len(words), generator=generator, kept=of_features)

    def decoder_input(
        self,
        words: Tensor,
        z: Tensor,
        *,
        dropped: Tensor | None = None,
        drop_to: Literal["unknown", "zero"] = "unknown",
        generator: torch.Generator | None = None,
        kept: Tensor | None = None,
    ) -> Tensor:
        """The vectors (batch, time + 1, width) that the decoder reads; arguments as of `likelihood`."""
        inputs = torch.cat([words.new_full((len(words), 1), BOS), words], dim=1)
        if dropped is not None and drop_to == "unknown":
            inputs[:, 1:] = inputs[:, 1:].masked_fill(dropped, UNK)
        vectors = self.embedding(inputs)
        if dropped is not None and drop_to == "zero":
            vectors = torch.cat([vectors[:, :1], vectors[:, 1:].masked_fill(dropped.unsqueeze(-1), 0.0)], dim=1)
        vectors = dropped_out(vectors, self._dropout, generator, kept)
        return self.decoder.begun(vectors, inputs, z)

    def said(
        self,
        features: Tensor,
        targets: Targets,
        sentences: int,
        *,
        generator: torch.Generator | None = None,
        kept: Tensor | None = None,
    ) -> Likelihood:
        """-log p of the targets, from the decoder's features (batch, time + 1, features)."""
        said = features.flatten(0, 1).index_select(0, targets.positions)
        spoken = dropped_out(said, self._dropout, generator, kept)
        total, token_nll = tied_cross_entropy(
            spoken, self.output_weight, self.output_bias, targets.words, targets.counted
        )
        nll = token_nll.new_zeros(sentences).index_add_(0, targets.sentences, token_nll)
        return Likelihood(total, nll)

    def features(self, inputs: Tensor, z: Tensor) -> Tensor:
        """What the output layer gets after each input.

        Args:
            inputs: (batch, time) ids, BOS first.
            z: (batch, latent).

        Returns:
            (batch, time, features).
        """
        vectors = self.decoder.begun(self.embedding(inputs), inputs, z)
        features, _ = self.decoder(vectors, z, self.decoder.initial_state(z))
        return features

    def step(self, previous: Tensor, z: Tensor, state: State) -> tuple[Tensor, State]:
        """One decoding step.

        Args:
            previous: (batch,) the word before, BOS at first.
            z: (batch, latent).
            state: from `decoder.initial_state(z)` or from the step before.

        Returns:
            (batch, vocabulary) logits of the next word, and the new state.
        """
        inputs = previous.unsqueeze(1)
        features, state = self.decoder(self.decoder.begun(self.embedding(inputs), inputs, z), z, state)
        return torch.addmm(self.output_bias, features.squeeze(1), self.output_weight.t()), state
