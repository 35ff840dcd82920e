"""Loaded models answering single requests.

A session holds every variant of a run in evaluation mode and turns sentences into latents and latents into sentences.
It keeps nothing between requests. Random draws depend on the seed alone, and are the same for every variant, so that
columns can be compared.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.config import ModelConfig
from engine.decoding.beam_tree import BeamTree, beam_tree
from engine.decoding.decode import Hypothesis, UnrolledDecoder, n_best
from engine.decoding.options import DecodeOptions
from engine.decoding.seeds import MOST_COUNTED, checked_seed
from engine.decoding.teacher_forcing import token_log_probabilities
from engine.device import choose_device
from engine.errors import LoomError, UsageError
from engine.models.objective import gaussian_kl
from engine.models.sentence_vae import SentenceVAE
from engine.models.trained import load_model
from engine.runs.compared import compared
from engine.runs.run import Run, none_readable
from engine.runs.typed import Typed, read_typed


@dataclass(frozen=True, slots=True)
class Latent:
    """q(z|x) of a sentence under one variant, and the z that was taken from it; arrays are (latent,) float32.

    `kl` is KL(q(z|x) || p(z)) in nats.
    """

    variant: str
    mu: NDArray[np.float32]
    logvar: NDArray[np.float32]
    z: NDArray[np.float32]
    kl: float


@dataclass(frozen=True, slots=True)
class Decoded:
    """A sentence decoded from z.

    Attributes:
        words: without EOS.
        text: for people.
        log_probability: log p(xhat|z) in nats of this sentence, which is called xhat, EOS included. It says nothing of
            the sentence x that was typed, whose log p(x|z) is `Session.score`.
        ended: False where the sentence met the limit of words before the decoder would have ended it.
        z: (latent,).
        token_log_probabilities: in nats, one a word, then that of EOS; they sum to `log_probability`.
        rank: 0 is the best of its n-best list.
    """

    words: tuple[str, ...]
    text: str
    log_probability: float
    ended: bool
    z: NDArray[np.float32]
    token_log_probabilities: tuple[float, ...] = ()
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """A sentence, where one variant put it, and what came back: the best, and the n-best list that it heads."""

    variant: str
    typed: Typed
    latent: Latent
    decoded: Decoded
    n_best: tuple[Decoded, ...] = ()


class Session:
    """The models of a run, ready to answer.

    Attributes:
        variants: names of those that could be loaded, in the run's order.
        failed: why the others could not, in words.
        step: of their checkpoints, if it is not the newest of each.
        note: what to tell of the steps that are compared, see `engine.runs.compared`; often "".
        steps: of the checkpoint of each variant.
    """

    def __init__(
        self,
        run: Run,
        models: dict[str, SentenceVAE],
        failed: dict[str, str],
        device: torch.device,
        step: int | None = None,
        note: str = "",
        steps: Mapping[str, int] | None = None,
    ) -> None:
        self.run = run
        self.variants = tuple(models)
        self.failed = failed
        self.device = device
        self.step = step
        self.note = note
        self.steps = dict(steps or {})
        self._models = models
        self._decoders: dict[str, UnrolledDecoder] = {}

    @classmethod
    def load(
        cls, run: Run, device: str = "auto", variants: Sequence[str] | None = None, step: int | None = None
    ) -> Session:
        """Load the newest checkpoint that every variant has, or the one of a step.

        Raises:
            LoomError: none of them could be loaded.
            UsageError: the device or a variant's name is unknown.
        """
        target = choose_device(device)
        at = compared(run, step)
        models: dict[str, SentenceVAE] = {}
        failed: dict[str, str] = {}
        errors: list[LoomError] = []
        for variant in run.select(tuple(variants or ())):
            try:
                models[variant.name] = load_model(run, variant.name, target, at.steps.get(variant.name))
            except LoomError as error:
                failed[variant.name] = str(error)
                errors.append(error)
        if not models:
            raise none_readable(run.name, errors)
        return cls(run, models, failed, target, at.step, at.note, at.steps)

    @classmethod
    def load_live(cls, run: Run, step: int | None = None) -> Session:
        """As `load`, for single requests: on the accelerator or on the CPU, whichever answers those sooner.

        A few rows at a time leave an accelerator waiting for each of its kernels to be started, so that a CPU may be
        as fast. Both are timed once for models of one size (`live_milliseconds`).
        """
        session = cls.load(run, step=step)
        if session.device.type == "cpu":
            return session
        sizes = run.settings.model
        if sizes in _SOONER:
            return session if _SOONER[sizes] == session.device.type else cls.load(run, "cpu", step=step)
        on_cpu = cls.load(run, "cpu", step=step)
        try:
            found = min((session, on_cpu), key=live_milliseconds)
        except LoomError:  # weights that write nothing; whoever asks them for something is told
            return session
        except RuntimeError:  # the accelerator has no memory left, or lacks an operation
            return on_cpu
        _SOONER[sizes] = found.device.type
        return found

    @property
    def limits(self) -> tuple[int, int]:
        """The shortest and the longest sentence that the models were trained on, in tokens."""
        corpus = self.run.settings.corpus
        return corpus.min_words, corpus.max_words

    def model(self, variant: str) -> SentenceVAE:
        """The model of a variant.

        Raises:
            LoomError: it was not loaded; the message says why.
            UsageError: the run has no such variant.
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
            UsageError: there is no word in it, or there are more than 200 tokens.
        """
        return read_typed(self.run, text)

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

        Raises:
            LoomError: as `model`.
            UsageError: as `typed`; a variant is unknown, or the seed is out of range.
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
        """The best sentence of every row of z (rows, latent).

        Raises:
            LoomError: z has another width, is not finite, or lies so far out that the decoder's numbers overflow.
            UsageError: the variant is unknown, or the options do not fit the vocabulary or the lengths of the corpus.
        """
        return self.decode_all({variant: z}, options)[variant]

    def decode_all(self, z: Mapping[str, NDArray[np.float32]], options: DecodeOptions) -> dict[str, list[Decoded]]:
        """Like `decode`, for the rows (rows, latent) of several variants in one go."""
        return {name: [best[0] for best in rows] for name, rows in self._n_best(z, options).items()}

    def n_best(self, variant: str, z: NDArray[np.float32], options: DecodeOptions) -> list[list[Decoded]]:
        """Like `decode`, the `options.n_best` best sentences of every row; fewer where there are no more."""
        return self._n_best({variant: z}, options)[variant]

    def _n_best(self, z: Mapping[str, NDArray[np.float32]], options: DecodeOptions) -> dict[str, list[list[Decoded]]]:
        tensors = [self._rows(name, rows) for name, rows in z.items()]
        corpus = self.run.settings.corpus
        decoders = [self.decoder(name) for name in z]
        found = n_best(decoders, tensors, options, corpus.max_words, corpus.min_words) if z else []
        return {
            name: [[self._decoded(each, row) for each in best] for best, row in zip(lists, rows, strict=True)]
            for (name, rows), lists in zip(z.items(), found, strict=True)
        }

    def beam_tree(self, variant: str, z: NDArray[np.float32], options: DecodeOptions) -> BeamTree:
        """What a beam search weighs while it decodes one z (latent,); raises as `decode` does."""
        corpus, words = self.run.settings.corpus, self.run.vocabulary.words
        row = self._rows(variant, z[None])
        return beam_tree(self.decoder(variant), row, options, corpus.max_words, corpus.min_words, words)

    def text(self, ids: Sequence[int]) -> str:
        """Words of the vocabulary as a sentence for people."""
        return self.run.vocabulary.text(self.run.vocabulary.decode(ids))

    def decoder(self, variant: str) -> UnrolledDecoder:
        """The variant's decoder, laid out when it is first needed; raises as `model` does."""
        if variant not in self._decoders:
            self._decoders[variant] = UnrolledDecoder(self.model(variant))
        return self._decoders[variant]

    def _rows(self, variant: str, z: NDArray[np.float32]) -> Tensor:
        """z on the device, checked."""
        latent = self.model(variant).latent
        if z.ndim != 2 or z.shape[1] != latent:
            raise LoomError(f"z has shape {z.shape}; {variant} decodes (rows, {latent}).")
        single = np.ascontiguousarray(z, dtype=np.float32)
        if not np.isfinite(single).all():
            raise LoomError(
                "This latent is not a finite vector, so there is nothing to decode.", "Choose another point."
            )
        return torch.from_numpy(single).to(self.device)

    def _decoded(self, found: Hypothesis, z: NDArray[np.float32]) -> Decoded:
        words = tuple(self.run.vocabulary.decode(found.ids))
        return Decoded(
            words,
            self.run.vocabulary.text(words),
            found.log_probability,
            found.ended,
            z,
            found.token_log_probabilities,
            found.rank,
        )

    def reconstruct(
        self,
        text: str,
        variants: Sequence[str] | None = None,
        options: DecodeOptions | None = None,
        sample: bool = False,
        seed: int = 0,
    ) -> list[Reconstruction]:
        """Encode a sentence and decode it again, with each variant.

        Args:
            text: as typed.
            variants: which; all if None.
            options: of the decoder, see `fitted`.
            sample: take z ~ q(z|x) instead of z = mu.
            seed: of that draw.

        Raises:
            LoomError, UsageError: as `encode` and `decode`.
        """
        typed = self.typed(text)
        options = self.fitted(options or DecodeOptions(), typed)
        latents = self.encode(text, variants, sample, seed)
        found = self._n_best({name: latent.z[None] for name, latent in latents.items()}, options)
        return [
            Reconstruction(name, typed, latent, found[name][0][0], tuple(found[name][0]))
            for name, latent in latents.items()
        ]

    @torch.no_grad()
    def score(self, variant: str, typed: Typed, z: NDArray[np.float32]) -> float:
        """log p(x|z) in nats of a typed sentence x, EOS included: with z of its posterior, the reconstruction term.

        The decoder is given the words of x one by one and writes none. Words outside the vocabulary are scored as the
        unknown word.

        Args:
            variant: whose decoder.
            typed: x.
            z: (latent,).

        Raises:
            LoomError: as `decode`.
            UsageError: the variant is unknown.
        """
        words = torch.tensor([typed.ids], dtype=torch.long, device=self.device)
        score = float(token_log_probabilities(self.model(variant), words, self._rows(variant, z[None])).sum())
        if not math.isfinite(score):
            raise LoomError(
                f"The decoder's numbers of {variant} overflow at this latent.", "Choose a point nearer to the others."
            )
        return score

    def fitted(self, options: DecodeOptions, typed: Typed) -> DecodeOptions:
        """The options for decoding a sentence again: it can only come back if the decoder may end that early."""
        if options.min_words is not None:
            return options
        corpus = self.run.settings.corpus
        shortest = min(len(typed.words), corpus.min_words, options.max_words or corpus.max_words)
        return replace(options, min_words=shortest)

    def sample(
        self, variants: Sequence[str] | None = None, n: int = 8, options: DecodeOptions | None = None, seed: int = 0
    ) -> dict[str, list[Decoded]]:
        """Decode n draws z ~ N(0, I), the same for every variant.

        Raises:
            LoomError: as `decode`.
            UsageError: as `decode`; or n or the seed is out of range.
        """
        if n < 1:
            raise UsageError(f"{n} samples cannot be drawn.", "Choose 1 or more.")
        z = _array(self._noise(n, seed))
        return self.decode_all(dict.fromkeys(variants or self.variants, z), options or DecodeOptions())

    def _noise(self, rows: int, seed: int) -> Tensor:
        latent = self.run.settings.model.latent
        random = torch.Generator().manual_seed(checked_seed(seed, MOST_COUNTED))
        return torch.randn((rows, latent), generator=random).to(self.device)


_SOONER: dict[ModelConfig, str] = {}
"""The type of the device that answers single requests sooner, for models of a size; as long as the process lasts."""
_TIMED = 3


def live_milliseconds(session: Session) -> float:
    """How long a session takes for what a window asks while somebody drags, and then rests: ms, a median of three.

    That is one z in every variant, greedily and by beam 10; asked once more before it counts.

    Raises:
        LoomError: a variant's numbers overflow.
    """
    beam = DecodeOptions(beam=min(DecodeOptions().beam, session.run.settings.model.vocabulary))

    def answer() -> float:
        began = time.perf_counter()
        for options in (DecodeOptions("greedy"), beam):
            session.sample(n=1, options=options)
        return 1e3 * (time.perf_counter() - began)

    answer()
    return statistics.median(answer() for _ in range(_TIMED))


def _array(tensor: Tensor) -> NDArray[np.float32]:
    return tensor.cpu().numpy()
