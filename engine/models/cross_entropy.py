"""Softmax cross-entropy over a large vocabulary, without ever holding all logits.

The usual way materialises a (tokens, vocabulary) matrix of logits, its softmax and its gradient: for 768 tokens and
8,000 words that is three times 25 MB a step, and memory traffic takes four times as long as the arithmetic. Here
the tokens pass in chunks that stay in a core's cache, and the gradient of each chunk is formed while its
probabilities are at hand: d nll / d logits = softmax - onehot.

On a GPU the traffic is nearly all that counts. There the logits are written once, in the type of the features, and
turned into their gradient in place (`softmax_kernel`), which the next two products read.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from engine.models.softmax_kernel import values_alone, with_gradient

CHUNK = {"cpu": 128}
"""Tokens at a time, by device type: 128 x 8,000 floats is 4 MB."""
DEFAULT_CHUNK = 2048
IN_PLACE = {"cuda"}
"""The types of devices on which logits become their gradient in place."""
MOST_LOGITS = 256 * 2**20
"""Bytes of logits that are held together there: those of 6,700 tokens over 20,000 words in bf16."""
ALIGNED = 16
"""Words are filled up to multiples of this there: products of other widths leave the tensor cores, and the kernel reads
rows that begin at such a multiple several logits at once."""


class _TiedCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, counted: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        # Products are taken in the type of the features (bf16 under autocast), sums over words and tokens in float32.
        with torch.autocast(features.device.type, enabled=False):
            way = _in_place if features.device.type in IN_PLACE else _forward
            return way(ctx, features, weight, bias, targets, counted)

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor | None, ...]:
        features, weight, bias = ctx.saved_tensors
        scale = upstream[0]
        return features * scale, weight * scale, bias * scale, None, None


def _forward(
    ctx: Any, features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, counted: Tensor | None
) -> tuple[Tensor, Tensor]:
    wants_gradient = any(ctx.needs_input_grad)
    nll = torch.empty(len(targets), dtype=torch.float32, device=features.device)
    gradients = [torch.zeros_like(value) for value in (features, weight, bias)] if wants_gradient else []
    size = CHUNK.get(features.device.type, DEFAULT_CHUNK)
    words = weight.to(features.dtype)
    # Transposed once: the product of a small chunk with a transposed view is a third slower on CPUs.
    words_t = words.t().contiguous()
    offset = bias.to(features.dtype)
    for start in range(0, len(targets), size):
        part = slice(start, start + size)
        target = targets[part].unsqueeze(1)
        logits = torch.addmm(offset, features[part], words_t).float()
        highest = logits.amax(dim=1, keepdim=True)
        chosen = logits.gather(1, target)
        probabilities = logits.sub_(highest).exp_()
        total = probabilities.sum(dim=1, keepdim=True)
        nll[part] = (total.log() + highest - chosen).squeeze(1)
        if counted is not None:
            nll[part] *= counted[part]
        if wants_gradient:
            delta = probabilities.div_(total)
            delta.scatter_add_(1, target, torch.full_like(chosen, -1.0))
            if counted is not None:
                delta *= counted[part].unsqueeze(1)
            gradients[2] += delta.sum(dim=0)
            delta = delta.to(features.dtype)
            gradients[0][part] = delta @ words
            if features.dtype == weight.dtype:
                gradients[1].addmm_(delta.t(), features[part])
            else:
                gradients[1] += delta.t() @ features[part]
    ctx.save_for_backward(*gradients)
    ctx.mark_non_differentiable(nll)
    return nll.sum(), nll


def _in_place(
    ctx: Any, features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, counted: Tensor | None
) -> tuple[Tensor, Tensor]:
    wants_gradient, learns_bias = any(ctx.needs_input_grad), ctx.needs_input_grad[2]
    tokens, vocabulary = len(targets), len(weight)
    words = weight.detach().to(features.dtype)
    if vocabulary % ALIGNED:
        words = torch.nn.functional.pad(words, (0, 0, 0, -vocabulary % ALIGNED))
    of_features, of_weight, of_bias = torch.empty_like(features), None, torch.zeros_like(bias)
    nll = features.new_empty(tokens, dtype=torch.promote_types(features.dtype, torch.float32))
    size = max(1, MOST_LOGITS // (len(words) * features.element_size()))
    offset = bias.detach()
    for start in range(0, tokens, size):
        part = slice(start, start + size)
        share = None if counted is None else counted[part]
        logits = features[part] @ words.t()
        if not wants_gradient:
            nll[part] = values_alone(logits, vocabulary, offset, targets[part], share)
            continue
        nll[part] = with_gradient(logits, vocabulary, offset, targets[part], share)
        torch.mm(logits, words, out=of_features[part])
        of_words = (logits.t() @ features[part])[:vocabulary]
        of_weight = of_words.to(weight.dtype) if of_weight is None else of_weight.add_(of_words)
        if learns_bias:
            of_bias += logits.sum(dim=0, dtype=of_bias.dtype)[:vocabulary]
    if wants_gradient:
        ctx.save_for_backward(of_features, torch.zeros_like(weight) if of_weight is None else of_weight, of_bias)
    ctx.mark_non_differentiable(nll)
    return nll.sum(), nll


def tied_cross_entropy(
    features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, counted: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """-log softmax(features @ weight.T + bias)[target], summed and per token.

    Only the sum carries a gradient (its gradients are formed in the forward pass); the values per token are for
    reading.

    Args:
        features: (tokens, embedding).
        weight: (vocabulary, embedding), the word vectors.
        bias: (vocabulary,).
        targets: (tokens,) word ids.
        counted: (tokens,) factors, 0 for tokens that only fill up; None where all count.

    Returns:
        the total in nats, and (tokens,) float32 nats.
    """
    if not torch.is_grad_enabled():  # parameters ask for their gradient all the same
        features, weight, bias = features.detach(), weight.detach(), bias.detach()
    total, nll = _TiedCrossEntropy.apply(features, weight, bias, targets, counted)
    return total, nll
