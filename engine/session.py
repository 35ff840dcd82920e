"""Loaded models answering single requests.

A session holds every variant of a run in evaluation mode and turns sentences into latents and latents into sentences.
It keeps nothing between requests. Random draws depend on the seed alone, and are the same for every variant, so that
columns can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.corpus.tokens import detokenize, tokenize
from engine.corpus.vocabulary import UNK
from engine.decoding import decode
from engine.decoding_options import DecodeOptions
from engine.device import choose_device
from engine.errors import LoomError, UsageError
from engine.latent_space import interpolation
from engine.learner import load_weights
from engine.models.builders import build
from engine.models.sentence_vae import SentenceVAE
from engine.objective import gaussian_kl
from engine.storage.run import Run, none_readable

LONGEST = 200
"""Words of the longest sentence that is encoded; longer ones are refused rather than waited for."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed, as the models read it; `unknown` marks words outside the vocabulary."""

    text: str
    words: tuple[str, ...]
    unknown: tuple[bool, ...]
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Latent:
    """q(z|x) of a sentence under one variant, and the z that was taken from it; arrays are (latent,) float32."""

    variant: str
    mu: NDArray[np.float32]
    logvar: NDArray[np.float32]
    z: NDArray[np.float32]
    kl: float


@dataclass(frozen=True, slots=True)
class Decoded:
    """A sentence decoded from z (latent,): words, the text for people, and log p(x|z) in nats, EOS included."""

    words: tuple[str, ...]
    text: str
    log_probability: float
    ended: bool
    z: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """A sentence, where one variant put it, and what came back."""

    variant: str
    typed: Typed
    latent: Latent
    decoded: Decoded


class Session:
    """The models of a run, ready to answer.

    Attributes:
        variants: names of those that could be loaded, in the run's order.
        failed: why the others could not, in words.
    """

    def __init__(self, run: Run, models: dict[str, SentenceVAE], failed: dict[str, str], device: torch.device) -> None:
        self.run = run
        self.variants = tuple(models)
        self.failed = failed
        self.device = device
        self._models = models

    @classmethod
    def load(
        cls, run: Run, device: str = "auto", variants: Sequence[str] | None = None, step: int | None = None
    ) -> Session:
        """Load the newest checkpoint of every variant, or the one of a step.

        Raises:
            LoomError: none of them could be loaded.
            UsageError: the device or a variant's name is unknown.
        """
        target = choose_device(device)
        models: dict[str, SentenceVAE] = {}
        failed: dict[str, str] = {}
        errors: list[LoomError] = []
        for variant in run.select(tuple(variants or ())):
            try:
                models[variant.name] = load_model(run, variant.name, target, step)
            except LoomError as error:
                failed[variant.name] = str(error)
                errors.append(error)
        if not models:
            raise none_readable(run.name, errors)
        return cls(run, models, failed, target)

    def model(self, variant: str) -> SentenceVAE:
        """The model of a variant.

        Raises:
            LoomError: it was not loaded; the message says why.
        """
        if variant in self._models:
            return self._models[variant]
        if variant in self.failed:
            raise LoomError(self.failed[variant])
        known = ", ".join(self.variants)
        raise UsageError(f"Run {self.run.name!r} has no variant {variant!r}.", f"It has {known}.")

    def typed(self, text: str) -> Typed:
        """Cut a typed sentence into words.

        Raises:
            LoomError: there is no word in it, or there are more than 200.
        """
        text = text.encode("utf-8", "replace").decode("utf-8")  # a terminal may hand over bytes that are no text
        words = tuple(tokenize(text))
        if not words:
            raise LoomError("There is no word in this sentence.", "Type at least one word.")
        if len(words) > LONGEST:
            raise LoomError(
                f"This sentence has {len(words):,} words; at most {LONGEST} are read.",
                f"The models were trained on sentences of up to {self.run.settings.corpus.max_words} words.",
            )
        ids = tuple(self.run.vocabulary.encode(words))
        return Typed(text, words, tuple(number == UNK for number in ids), ids)

    @torch.no_grad()
    def encode(
        self, text: str, variants: Sequence[str] | None = None, sample: bool = False, seed: int = 0
    ) -> dict[str, Latent]:
        """q(z|x) of a sentence under each variant.

        Args:
            text: as typed.
            variants: which; all if None.
            sample: take z ~ q(z|x) instead of z = mu.
            seed: of that draw; the same noise for every variant.
        """
        ids = torch.tensor([self.typed(text).ids], device=self.device)
        lengths = torch.tensor([ids.shape[1]], device=self.device)
        noise = self._noise(1, seed) if sample else None
        latents = {}
        for name in variants or self.variants:
            mu, logvar = (each.float() for each in self.model(name).encode(ids, lengths))
            z = mu if noise is None else mu + torch.exp(0.5 * logvar) * noise
            kl = float(gaussian_kl(mu, logvar).sum())
            latents[name] = Latent(name, _array(mu[0]), _array(logvar[0]), _array(z[0]), kl)
        return latents

    def decode(self, variant: str, z: NDArray[np.float32], options: DecodeOptions) -> list[Decoded]:
        """Decode rows of z (rows, latent).

        Raises:
            LoomError: z has another width, or is not finite.
        """
        model = self.model(variant)
        if z.ndim != 2 or z.shape[1] != model.latent:
            raise LoomError(f"z has shape {z.shape}; {variant} decodes (rows, {model.latent}).")
        if not np.isfinite(z).all():
            raise LoomError(
                "This latent is not a finite vector, so there is nothing to decode.", "Choose another point."
            )
        rows = torch.from_numpy(np.ascontiguousarray(z, dtype=np.float32)).to(self.device)
        corpus = self.run.settings.corpus
        found = decode(model, rows, options, corpus.max_words, corpus.min_words)
        results = []
        for hypothesis, vector in zip(found, z, strict=True):
            words = tuple(self.run.vocabulary.decode(hypothesis.ids))
            results.append(Decoded(words, detokenize(words), hypothesis.log_probability, hypothesis.ended, vector))
        return results

    def reconstruct(
        self,
        text: str,
        variants: Sequence[str] | None = None,
        options: DecodeOptions | None = None,
        sample: bool = False,
        seed: int = 0,
    ) -> list[Reconstruction]:
        """Encode a sentence and decode it again, with each variant."""
        typed = self.typed(text)
        options = options or DecodeOptions()
        if options.min_words is None:
            # A sentence that is shorter than any in the corpus can only come back if the decoder may end that early.
            shortest = min(len(typed.words), self.run.settings.corpus.min_words)
            options = replace(options, min_words=shortest)
        return [
            Reconstruction(name, typed, latent, self.decode(name, latent.z[None], options)[0])
            for name, latent in self.encode(text, variants, sample, seed).items()
        ]

    def sample(
        self, variants: Sequence[str] | None = None, n: int = 8, options: DecodeOptions | None = None, seed: int = 0
    ) -> dict[str, list[Decoded]]:
        """Decode n draws z ~ N(0, I), the same for every variant."""
        if n < 1:
            raise UsageError(f"{n} samples cannot be drawn.", "Choose 1 or more.")
        z = _array(self._noise(n, seed))
        return {name: self.decode(name, z, options or DecodeOptions()) for name in variants or self.variants}

    def interpolate(
        self,
        text_a: str,
        text_b: str,
        variants: Sequence[str] | None = None,
        steps: int = 10,
        slerp: bool = False,
        options: DecodeOptions | None = None,
        sample: bool = False,
        seed: int = 0,
    ) -> dict[str, list[Decoded]]:
        """The steps + 1 sentences on the way from A to B, both ends included, with each variant."""
        first = self.encode(text_a, variants, sample, seed)
        second = self.encode(text_b, variants, sample, seed + 1)
        return {
            name: self.decode(
                name, interpolation(first[name].z, second[name].z, steps, slerp), options or DecodeOptions()
            )
            for name in first
        }

    def _noise(self, rows: int, seed: int) -> Tensor:
        latent = self.run.settings.model.latent
        return torch.randn((rows, latent), generator=torch.Generator().manual_seed(seed)).to(self.device)


def load_model(run: Run, variant: str, device: torch.device, step: int | None = None) -> SentenceVAE:
    """A variant's newest checkpoint, or that of a step, in evaluation mode.

    Raises:
        LoomError: there is no checkpoint, or it is damaged or of another model.
    """
    checkpoint = run.checkpoints(variant).chosen(step)
    model = build(run.settings.model)
    load_weights(model, checkpoint.weights(), str(checkpoint.weights_path))
    return model.to(device).eval()


def _array(tensor: Tensor) -> NDArray[np.float32]:
    return tensor.cpu().numpy()
