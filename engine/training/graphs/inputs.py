"""What a step reads, in tensors that stay where they are: filled anew for every batch, and read by graphs."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.config import ModelConfig, TrainConfig
from engine.corpus.store import SentenceStore
from engine.corpus.vocabulary import EOS
from engine.device import sent
from engine.models.sentence_vae import Targets
from engine.training.graphs.device_text import text_on
from engine.training.graphs.shapes import Shape
from engine.training.loading import Batch, drawn, dropped_words, step_seed


class Inputs:
    """The tensors of one shape.

    Args:
        shape: of the batches.
        model: sizes of the model that reads them, with layers as wide as they are made.
        latent: dimensions of z that have noise; the others have none.
        device: where they are.
        single: the precision of the noise, float32 but in tests.
    """

    def __init__(
        self, shape: Shape, model: ModelConfig, latent: int, device: torch.device, single: torch.dtype = torch.float32
    ) -> None:
        self.shape = shape
        self._latent = latent
        rows, spoken = shape.rows, shape.spoken

        def numbers(*sizes: int) -> Tensor:
            return torch.zeros(sizes, dtype=torch.int64, device=device)

        kept = None
        if model.dropout:
            features = model.embedding if model.tied else model.hidden
            sizes = ((rows, shape.width + 1, model.embedding), (spoken, features))
            kept = tuple(torch.ones(size, dtype=torch.bool, device=device) for size in sizes)
        targets = Targets(numbers(spoken), numbers(spoken), numbers(spoken), torch.zeros(spoken, device=device))
        self.batch = Batch(
            words=numbers(rows, shape.width),
            lengths=numbers(rows),
            targets=targets,
            dropped=torch.zeros((rows, shape.width), dtype=torch.bool, device=device),
            noise=torch.zeros((rows, model.latent), dtype=single, device=device),
            tokens=0,
            sentences=rows,
            kept=kept,  # type: ignore[arg-type]
        )

    def fill(self, words: Tensor, lengths: Tensor, dropped: Tensor, noise: Tensor) -> None:
        """Take a batch; asks the device for nothing.

        Args:
            words: (rows, width) ids, padded at the right.
            lengths: (rows,) words of each sentence.
            dropped: (rows, width) True where the decoder must not see a word.
            noise: (rows, latent) for the dimensions that have some.
        """
        own, targets = self.batch, self.batch.targets
        own.words.copy_(words)
        own.lengths.copy_(lengths)
        own.dropped.copy_(dropped)
        own.noise[:, : self._latent] = noise
        # Word or end number j of the batch belongs to the sentence before whose last one it stands.
        numbers = torch.arange(self.shape.spoken, device=words.device)
        ends = torch.cumsum(lengths + 1, dim=0)
        sentences = torch.searchsorted(ends, numbers, right=True)
        counted = sentences < len(lengths)
        sentences = sentences.clamp_(max=len(lengths) - 1)
        within = numbers - (ends - lengths - 1)[sentences]
        within = torch.where(counted, within, torch.zeros_like(within))
        said = words[sentences, within.clamp(max=self.shape.width - 1)]
        targets.positions.copy_(sentences * (self.shape.width + 1) + within)
        targets.words.copy_(torch.where(within == lengths[sentences], EOS, said))
        targets.sentences.copy_(sentences)
        assert targets.counted is not None
        targets.counted.copy_(counted)

    def draw_dropout(self, seed: int, share: float) -> None:
        """Draw which entries dropout keeps, if there is any."""
        if self.batch.kept is None:
            return
        random = torch.Generator(self.batch.words.device).manual_seed(seed)
        for kept in self.batch.kept:
            draws = torch.rand(kept.shape, generator=random, device=kept.device)
            kept.copy_(draws >= share)


class Feed:
    """Brings sentences and draws into inputs.

    Args:
        store: the sentences that are trained on, and others.
        config: of the training.
        model: of the variants, as they are written to disk.
        longest: words of the longest sentence that is trained on.
        device: where the inputs are.
    """

    def __init__(
        self, store: SentenceStore, config: TrainConfig, model: ModelConfig, longest: int, device: torch.device
    ) -> None:
        self._store, self._config, self._model = store, config, model
        self._longest, self._device = longest, device
        self._text = text_on(store, device)

    @property
    def on_device(self) -> bool:
        """Whether the sentences lie in the device's memory."""
        return self._text is not None

    def fill(self, inputs: Inputs, rows: NDArray[np.int64], lengths: NDArray[np.int64], step: int) -> None:
        """Fill inputs with sentences (by their number in the store) of so many words, and draw what a step draws."""
        shape, config = inputs.shape, self._config
        counts = self._sent(lengths)
        if self._text is not None:
            words = self._text.words(self._sent(rows), counts, shape.width)
        else:
            ids, _ = self._store.batch(rows)
            words = self._sent(np.pad(ids, ((0, 0), (0, shape.width - ids.shape[1]))))
        seed = step_seed(config.seed, step)
        draws, noise = drawn(seed, shape.rows, max(self._longest, shape.width), self._model.latent, self._device)
        dropped = dropped_words(draws[:, : shape.width], counts, config.word_drop, config.word_drop_exactly)
        inputs.fill(words, counts, dropped, noise)
        inputs.draw_dropout(step_seed(config.seed + 1, step), self._model.dropout)

    def _sent(self, numbers: NDArray[np.int64]) -> Tensor:
        return sent(torch.from_numpy(np.ascontiguousarray(numbers)), self._device)
