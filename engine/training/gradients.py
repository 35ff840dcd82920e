"""The gradients of a variant from one batch, or of all at once: how the terms of a bound become a loss.

Nothing here asks the device for a number, so that the same lines can be run as they stand or be captured as a graph.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from itertools import islice
from typing import Any, cast

import torch
from torch import Tensor, nn

from engine.config import Precision, TrainConfig, Variant
from engine.models.lstms_together import run_together
from engine.models.objective import gaussian_kl, loss, paid_kl, reparameterise
from engine.models.sentence_vae import SentenceVAE
from engine.training.loading import Batch


def gradients(
    model: SentenceVAE,
    batch: Batch,
    variant: Variant,
    config: TrainConfig,
    weight: float | Tensor,
    m: float | Tensor,
    *,
    generator: torch.Generator | None = None,
    add_up: Callable[[list[Tensor]], None] | None = None,
    latent: int | None = None,
) -> Tensor | None:
    """Have the gradients of a batch, or of this process's share of it.

    Args:
        model: of the variant.
        batch: the same for every variant.
        variant: its free bits hold; its m and weight are given, as they change over the steps.
        config: of the training.
        weight: of the KL at the step.
        m: at the step.
        generator: draws the dropout.
        add_up: replaces tensors by their sums over all processes; None where the batch is whole.
        latent: dimensions of z that are trained, where the model has more for the machine's sake.

    Returns:
        (2,) the sums of log p(x|z) and of the KL, nats, or None of an empty share.
    """
    free_bits, device = variant.free_bits, batch.words.device
    if not len(batch.words):
        if add_up is not None and free_bits.kind != "none":
            add_up([torch.zeros(model.latent, device=device)])
        return None
    with autocast(device, config.precision):
        kl, z = _kl_and_z(*model.encode(batch.words, batch.lengths), batch)
        likelihood = model.likelihood(
            batch.words,
            batch.lengths,
            z,
            dropped=batch.dropped,
            drop_to=config.word_drop_to,
            targets=batch.targets,
            generator=generator,
            kept=batch.kept,
        )
    if latent is not None:
        kl = kl[:, :latent]
    mean_kl = None
    if add_up is not None and free_bits.kind != "none":
        mean_kl = kl.detach().sum(dim=0)
        add_up([mean_kl])
        mean_kl /= batch.sentences
    paid = paid_kl(kl, free_bits, mean_kl)
    _descend([loss(likelihood.total, paid, m, weight, batch.sentences)], [model], batch, config)
    return torch.stack([-likelihood.nll.sum(), kl.detach().sum()])


def gradients_together(
    models: Sequence[SentenceVAE],
    batch: Batch,
    variants: Sequence[Variant],
    config: TrainConfig,
    weights: Sequence[Tensor],
    ms: Sequence[Tensor],
    latent: int,
) -> list[Tensor]:
    """As `gradients` for each variant, with the recurrent layers of all in one product a word (`run_together`).

    Args:
        models: of the variants, with LSTMs of one size.
        batch: whole, its dropout drawn already.
        variants: whose free bits hold.
        config: of the training.
        weights: of the KL at the step, for each variant.
        ms: for each variant.
        latent: dimensions of z that are trained.
    """
    of_vectors, of_features = batch.kept or (None, None)
    with autocast(batch.words.device, config.precision):
        read = [model.encoder_input(batch.words, batch.lengths) for model in models]
        readings = [model.encoder.readings(*each) for model, each in zip(models, read, strict=True)]
        flat = [each for own in readings for each in own]
        said = iter(run_together([cast("nn.LSTM", network) for network, _ in flat], [words for _, words in flat]))
        kls, zs = [], []
        for model, (_, lengths), own in zip(models, read, readings, strict=True):
            kl, z = _kl_and_z(*model.encoder.posterior(list(islice(said, len(own))), lengths), batch)
            kls.append(kl)
            zs.append(z)
        vectors = [
            model.decoder_input(batch.words, z, dropped=batch.dropped, drop_to=config.word_drop_to, kept=of_vectors)
            for model, z in zip(models, zs, strict=True)
        ]
        outputs = run_together(
            [cast("nn.LSTM", model.decoder.lstm) for model in models],
            [model.decoder.reading(*each) for model, *each in zip(models, vectors, zs, strict=True)],
            [model.decoder.initial_state(z) for model, z in zip(models, zs, strict=True)],
        )
        likelihoods = [
            model.said(model.decoder.to_features(each), batch.targets, len(batch.words), kept=of_features)
            for model, each in zip(models, outputs, strict=True)
        ]
    losses = [
        loss(likelihood.total, paid_kl(kl[:, :latent], variant.free_bits), m, weight, batch.sentences)
        for likelihood, kl, variant, m, weight in zip(likelihoods, kls, variants, ms, weights, strict=True)
    ]
    _descend(losses, models, batch, config)
    return [
        torch.stack([-likelihood.nll.sum(), kl.detach()[:, :latent].sum()])
        for likelihood, kl in zip(likelihoods, kls, strict=True)
    ]


def _kl_and_z(mu: Tensor, logvar: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
    """The KL of each dimension, and z; both (batch, latent)."""
    mu, logvar = at_least_single(mu), at_least_single(logvar)
    return gaussian_kl(mu, logvar), reparameterise(mu, logvar, batch.noise)


def _descend(losses: Sequence[Tensor], models: Sequence[SentenceVAE], batch: Batch, config: TrainConfig) -> None:
    """Have the gradients of the losses, each of a model of its own."""
    scale = scale_of(batch.words.device, config.precision, batch.sentences)
    if scale == 1.0:
        torch.autograd.backward(list(losses))
        return
    torch.autograd.backward([scale * each for each in losses])
    found = [each.grad for model in models for each in model.parameters() if each.grad is not None]
    torch._foreach_mul_(found, 1.0 / scale)


def clipped(parameters: Iterable[torch.nn.Parameter], limit: float) -> Tensor:
    """Scale gradients down to a norm of at most `limit`, 0 for none; gives their norm before it, on their device."""
    if limit:
        return torch.nn.utils.clip_grad_norm_(parameters, limit)
    return torch.nn.utils.get_total_norm([each.grad for each in parameters if each.grad is not None])


def autocast(device: torch.device, precision: Precision = "auto") -> AbstractContextManager[object]:
    """Products in bf16 where that is wanted; on its own wish on CUDA, where it is faster.

    On CPUs it is faster where the processor has such products, as AVX-512 BF16 or AMX; slower than float32 elsewhere,
    and left alone where the recurrent layers would fail, see `recurrent_in_bf16`.
    """
    if _takes_bf16(device, precision):
        # Without the cache of cast weights, which a captured step must not share with the one before it.
        return torch.autocast(device.type, dtype=torch.bfloat16, cache_enabled=False)
    return nullcontext()


def _takes_bf16(device: torch.device, precision: Precision) -> bool:
    if device.type == "cpu":
        return precision == "bf16" and recurrent_in_bf16()
    return precision == "bf16" or (precision == "auto" and device.type == "cuda")


@cache
def recurrent_in_bf16() -> bool:
    """Whether this processor's LSTMs can be had in bf16: oneDNN, whose they are, has none without AVX-512."""
    # Made without drawing weights, of which a training's own would become others.
    lstm = torch.nn.LSTM(1, 1, device="meta").to_empty(device="cpu")
    try:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            lstm(torch.zeros(1, 1, 1))[0].sum().backward()
    except RuntimeError:
        return False
    return True


def scale_of(device: torch.device, precision: Precision, sentences: int) -> float:
    """By what a loss, a mean over so many sentences, is multiplied before its gradients are taken; 1.0 for not at all.

    Under autocast torch takes cuDNN's recurrent layers in half precision, whatever type is asked for. Numbers below
    6e-5 lose digits there, as do the gradients of one sentence's share in a mean. A power of two is exact; at most
    1,024, as larger gradients than 65,504 over it would be infinite.
    """
    if device.type != "cuda" or not _takes_bf16(device, precision):
        return 1.0
    return 2.0 ** min(10, math.floor(math.log2(sentences)))


def told_of_bf16(device: torch.device, precision: Precision) -> str:
    """What is to be told where bf16 is wanted of a processor that has no such products, as far as torch says."""
    if device.type != "cpu" or precision != "bf16":
        return ""
    if not recurrent_in_bf16():
        return "This processor has no recurrent layers in bf16, so all products are in single precision."
    capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    if capabilities and not any(has for name, has in capabilities.items() if "bf16" in name):
        return "This processor has no bf16 products: with precision = single it would be faster."
    return ""


def at_least_single(values: Tensor) -> Tensor:
    """In float32, if not in float64."""
    return values if values.dtype == torch.float64 else values.float()
