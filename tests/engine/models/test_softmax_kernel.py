"""Logits that become their gradient in place, against torch in float64; the kernel where Triton can interpret it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from engine.models import softmax_kernel
from engine.models.softmax_kernel import by_torch, values_alone

ROWS, VOCABULARY, WIDTH = 21, 61, 64


def given(dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Logits (the columns that fill up are 0), bias, targets and what counts."""
    random = torch.Generator().manual_seed(0)
    logits = torch.zeros((ROWS, WIDTH), dtype=dtype)
    logits[:, :VOCABULARY] = 4.0 * torch.randn((ROWS, VOCABULARY), generator=random)
    bias = torch.randn(VOCABULARY, generator=random)
    targets = torch.randint(VOCABULARY, (ROWS,), generator=random)
    counted = torch.rand(ROWS, generator=random) < 0.7
    return logits, bias, targets, counted.float()


def plain(logits: Tensor, bias: Tensor | None, targets: Tensor, counted: Tensor | None) -> tuple[Tensor, Tensor]:
    """Values and gradient by autograd in float64."""
    scores = logits[:, :VOCABULARY].double().clone().requires_grad_()
    biased = scores if bias is None else scores + bias.double()
    nll = cross_entropy(biased, targets, reduction="none")
    nll = nll if counted is None else nll * counted
    nll.sum().backward()
    assert scores.grad is not None
    return nll.detach(), scores.grad


@pytest.mark.parametrize("with_bias", [True, False])
@pytest.mark.parametrize("with_counted", [True, False])
def test_values_and_gradient_are_those_of_autograd(with_bias: bool, with_counted: bool) -> None:
    logits, bias, targets, counted = given()
    offset, share = bias if with_bias else None, counted if with_counted else None
    expected, gradient = plain(logits, offset, targets, share)
    torch.testing.assert_close(values_alone(logits, VOCABULARY, offset, targets, share), expected, check_dtype=False)
    found = by_torch(logits, VOCABULARY, offset, targets, share)
    torch.testing.assert_close(found, expected, check_dtype=False)
    torch.testing.assert_close(logits[:, :VOCABULARY], gradient)
    assert not logits[:, VOCABULARY:].any()


def test_sums_over_words_are_float32_where_logits_are_bf16() -> None:
    logits, bias, targets, counted = given(torch.bfloat16)
    expected, gradient = plain(logits, bias, targets, counted)
    found = by_torch(logits, VOCABULARY, bias, targets, counted)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(logits[:, :VOCABULARY].double(), gradient, rtol=1e-2, atol=1e-4)


def test_without_triton_torch_is_used_and_it_is_said_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(softmax_kernel, "_HAS_TRITON", False)
    softmax_kernel.why_not.cache_clear()
    assert softmax_kernel.why_not(torch.device("cpu")) == "Triton is not installed"
    softmax_kernel.why_not.cache_clear()


INTERPRETED = """
import torch
from engine.models import softmax_kernel as kernel
from tests.engine.models.test_softmax_kernel import VOCABULARY, given, plain

kernel.BLOCK = 16
for dtype, tolerance in ((torch.float32, 1e-5), (torch.bfloat16, 1e-2)):
    for with_bias in (True, False):
        for with_counted in (True, False):
            logits, bias, targets, counted = given(dtype)
            offset, share = bias if with_bias else None, counted if with_counted else None
            expected, gradient = plain(logits, offset, targets, share)
            before = logits.clone()
            found = kernel._launch(logits, VOCABULARY, offset, targets, share, False)
            assert torch.equal(logits, before)
            torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-5)
            found = kernel.by_kernel(logits, VOCABULARY, offset, targets, share)
            torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-5)
            torch.testing.assert_close(logits[:, :VOCABULARY].double(), gradient, rtol=tolerance, atol=1e-4)
            assert not logits[:, VOCABULARY:].any()
assert kernel.why_not(torch.device("cpu")) == ""
kernel.why_not.cache_clear()
by_kernel = kernel.by_kernel
kernel.by_kernel = lambda logits, *others: by_kernel(logits, *others) + 0.01
assert kernel.why_not(torch.device("cpu")) == "it gives other numbers than torch"
print("the same")
"""


COMPILED = """
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource, compile
from engine.models import softmax_kernel as kernel

for logits in ("*bf16", "*fp32"):
    for flags in ((True, True, True), (False, True, True), (True, False, False)):
        fixed = dict(zip(("has_bias", "has_counted", "wants_gradient"), flags))
        fixed |= {"vocabulary": 20_000, "width": 20_000, "block": kernel.BLOCK}
        types = {"logits": logits, "stride": "i32", "targets": "*i64"}
        types |= dict.fromkeys(("bias", "counted", "nll"), "*fp32")
        source = ASTSource(kernel._kernel, {**types, **dict.fromkeys(fixed, "constexpr")}, fixed)
        made = compile(source, target=GPUTarget("cuda", 90, 32), options={"num_warps": kernel.WARPS})
        assert made.asm["cubin"]
print("compiled")
"""


def told(code: str, interpret: str, *given: str) -> subprocess.CompletedProcess[str]:
    """What a Python of its own makes of some code: Triton has to know at its start whether it interprets."""
    environment = {**os.environ, "TRITON_INTERPRET": interpret}
    command = [sys.executable, "-c", code, *given]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="Triton is not installed")
def test_the_kernel_interpreted_says_what_torch_says() -> None:
    made = told(INTERPRETED, "1")
    assert made.stdout == "the same\n", made.stderr


@pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="Triton is not installed")
def test_the_kernel_compiles_for_a_gpu_that_is_not_there() -> None:
    made = told(COMPILED, "0")
    assert made.stdout == "compiled\n", made.stderr
