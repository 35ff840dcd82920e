"""Logits to their cross-entropy and its gradient, in place: one Triton kernel for NVIDIA's GPUs, and torch's way.

The kernel reads every logit twice and writes it once; torch's operations go over them about ten times, in float32.
Libraries that have such kernels do not serve here: liger-kernel asks the device for a count in every call, which a
captured graph must not, and cut-cross-entropy knows no bias. The kernel is held against torch's way on a small input
before it is trusted with anything (`kernel_works`), since what a compiler makes of it depends on the machine.
"""

from __future__ import annotations

import importlib.util
import subprocess
from functools import cache

import torch
from torch import Tensor

_HAS_TRITON = importlib.util.find_spec("triton") is not None
BLOCK = 4096
"""Logits that a program of the kernel looks at together."""
WARPS = 8
"""Groups of 32 threads that look: 16 logits a thread."""

REFUSALS = (RuntimeError, OSError, ValueError, TypeError, AssertionError, ImportError, subprocess.SubprocessError)
"""What a compiler or a driver says where a kernel cannot run, beside Triton's own errors."""


def in_a_line(error: BaseException) -> str:
    """What a compiler or a driver says first; its kind where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


if _HAS_TRITON:
    import triton
    import triton.language as tl

    @triton.jit
    def _kernel(  # type: ignore[no-untyped-def]
        logits,
        stride,
        bias,
        targets,
        counted,
        nll,
        vocabulary: tl.constexpr,
        width: tl.constexpr,
        has_bias: tl.constexpr,
        has_counted: tl.constexpr,
        wants_gradient: tl.constexpr,
        block: tl.constexpr,
    ):
        row = tl.program_id(0).to(tl.int64)
        begin = logits + row * stride
        target = tl.load(targets + row)
        # Before the sums, at which all threads wait for each other: later it may be overwritten already.
        chosen = tl.load(begin + target).to(tl.float32)
        share = 1.0
        if has_bias:
            chosen += tl.load(bias + target).to(tl.float32)
        if has_counted:
            share = tl.load(counted + row)
        highest = -float("inf")
        total = 0.0
        for at in range(0, vocabulary, block):
            places = at + tl.arange(0, block)
            inside = places < vocabulary
            values = tl.load(begin + places, mask=inside, other=-float("inf")).to(tl.float32)
            if has_bias:
                values += tl.load(bias + places, mask=inside, other=0.0).to(tl.float32)
            higher = tl.maximum(highest, tl.max(values, axis=0))
            total = total * tl.exp(highest - higher) + tl.sum(tl.exp(values - higher), axis=0)
            highest = higher
        log_sum = highest + tl.log(total)
        tl.store(nll + row, (log_sum - chosen) * share)
        if wants_gradient:
            for at in range(0, width, block):
                places = at + tl.arange(0, block)
                inside = places < vocabulary
                values = tl.load(begin + places, mask=inside, other=-float("inf")).to(tl.float32)
                if has_bias:
                    values += tl.load(bias + places, mask=inside, other=0.0).to(tl.float32)
                delta = tl.exp(values - log_sum)
                delta = tl.where(places == target, delta - 1.0, delta) * share
                tl.store(begin + places, delta.to(logits.dtype.element_ty), mask=places < width)


def by_kernel(logits: Tensor, vocabulary: int, bias: Tensor | None, targets: Tensor, counted: Tensor | None) -> Tensor:
    """As `by_torch`, by the kernel; on a CPU only where Triton interprets its kernels (TRITON_INTERPRET=1)."""
    return _launch(logits, vocabulary, bias, targets, counted, True)


def by_torch(logits: Tensor, vocabulary: int, bias: Tensor | None, targets: Tensor, counted: Tensor | None) -> Tensor:
    """The cross-entropy of every token, and in the place of its logits their gradient, softmax - onehot.

    Args:
        logits: (tokens, width) without the bias, in any precision; columns from `vocabulary` on are 0 and stay so.
        vocabulary: how many of the columns are words.
        bias: (vocabulary,) or None.
        targets: (tokens,) word ids.
        counted: (tokens,) factors on the cross-entropy of a token and on its gradient; None for 1.

    Returns:
        (tokens,) nats, float32 (float64 of float64); sums over words are in that precision too.
    """
    values = _scores(logits, vocabulary, bias)
    log_probabilities = torch.log_softmax(values, dim=1)
    places = targets.unsqueeze(1)
    nll = -log_probabilities.gather(1, places).squeeze(1)
    delta = log_probabilities.exp_()
    delta.scatter_add_(1, places, delta.new_full(places.shape, -1.0))
    if counted is not None:
        nll, delta = nll * counted, delta.mul_(counted.unsqueeze(1))
    logits[:, :vocabulary] = delta
    return nll


def values_alone(
    logits: Tensor, vocabulary: int, bias: Tensor | None, targets: Tensor, counted: Tensor | None
) -> Tensor:
    """(tokens,) what `by_torch` gives, without the gradient; the logits stay."""
    if logits.is_cuda and kernel_works(logits.device):
        return _launch(logits, vocabulary, bias, targets, counted, False)
    values = _scores(logits, vocabulary, bias)
    nll = values.logsumexp(dim=1) - values.gather(1, targets.unsqueeze(1)).squeeze(1)
    return nll if counted is None else nll * counted


def with_gradient(
    logits: Tensor, vocabulary: int, bias: Tensor | None, targets: Tensor, counted: Tensor | None
) -> Tensor:
    """As `by_torch`, by the kernel where it works."""
    way = by_kernel if logits.is_cuda and kernel_works(logits.device) else by_torch
    return way(logits, vocabulary, bias, targets, counted)


@cache
def kernel_works(device: torch.device) -> bool:
    """Whether the kernel runs on a device and says what torch says, of a small input; waits for the device."""
    return why_not(device) == ""


@cache
def why_not(device: torch.device) -> str:
    """Why the kernel is not used on a device, in words; empty where it is."""
    if not _HAS_TRITON:
        return "Triton is not installed"
    from triton.errors import TritonError

    random = torch.Generator().manual_seed(0)
    rows, vocabulary, width = 37, 2 * BLOCK + 5, 2 * BLOCK + 16
    for dtype, tolerance in ((torch.bfloat16, 2e-2), (torch.float16, 2e-3), (torch.float32, 1e-3)):
        logits = torch.zeros((rows, width))
        logits[:, :vocabulary] = 3.0 * torch.randn((rows, vocabulary), generator=random)
        bias = torch.randn(vocabulary, generator=random).to(device)
        targets = torch.randint(vocabulary, (rows,), generator=random).to(device)
        counted = (torch.rand(rows, generator=random) < 0.8).float().to(device)
        ours = logits.to(device, dtype)
        plain = ours.clone()
        try:
            found = by_kernel(ours, vocabulary, bias, targets, counted)
            expected = by_torch(plain, vocabulary, bias, targets, counted)
            values_agree = torch.allclose(found, expected, rtol=1e-4, atol=1e-4)
            agree = values_agree and torch.allclose(ours.float(), plain.float(), rtol=tolerance, atol=1e-5)
        except (*REFUSALS, TritonError) as error:
            return f"it did not run: {in_a_line(error)}"
        if not agree:
            return "it gives other numbers than torch"
    return ""


def _launch(
    logits: Tensor, vocabulary: int, bias: Tensor | None, targets: Tensor, counted: Tensor | None, gradient: bool
) -> Tensor:
    nll = torch.empty(len(logits), dtype=torch.float32, device=logits.device)
    if not len(logits):
        return nll
    with torch.cuda.device_of(logits):  # Triton starts a kernel on the current one
        _kernel[(len(logits),)](
            logits,
            logits.stride(0),
            logits if bias is None else bias,
            targets,
            nll if counted is None else counted,
            nll,
            vocabulary,
            logits.shape[1],
            has_bias=bias is not None,
            has_counted=counted is not None,
            wants_gradient=gradient,
            block=BLOCK,
            num_warps=WARPS,
        )
    return nll


def _scores(logits: Tensor, vocabulary: int, bias: Tensor | None) -> Tensor:
    """(tokens, vocabulary) logits with their bias, in float32 at least."""
    values = logits[:, :vocabulary].to(torch.promote_types(logits.dtype, torch.float32))
    return values if bias is None else values + bias
