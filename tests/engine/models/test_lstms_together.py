"""LSTMs of several models in one product a word, against torch's own layers, one after the other, in float64."""

from __future__ import annotations

import importlib.util

import pytest
import torch
from torch import Tensor, nn

from engine.models import lstm_cell
from engine.models.lstms_together import run_together
from engine.models.recurrent import State, run
from tests.engine.models.test_softmax_kernel import told

BATCH, TIME, INPUTS, HIDDEN = 5, 7, 6, 9


def drawn(layers: int, models: int = 3) -> tuple[list[nn.LSTM], list[Tensor], list[State]]:
    """Networks of several models, what they read, and states to begin with; all with gradient."""
    torch.manual_seed(0)
    networks = [nn.LSTM(INPUTS, HIDDEN, layers, batch_first=True).double() for _ in range(models)]
    vectors = [torch.randn(BATCH, TIME, INPUTS, dtype=torch.float64, requires_grad=True) for _ in networks]
    states = [
        tuple(torch.randn(layers, BATCH, HIDDEN, dtype=torch.float64, requires_grad=True) for _ in range(2))
        for _ in networks
    ]
    return networks, vectors, states


def gradients(outputs: list[Tensor], networks: list[nn.LSTM], others: list[Tensor]) -> list[Tensor]:
    """Of a sum in which every output counts for something else."""
    random = torch.Generator().manual_seed(1)
    sum((torch.randn(each.shape, generator=random, dtype=each.dtype) * each).sum() for each in outputs).backward()  # type: ignore[union-attr]
    found = [*(parameter for network in networks for parameter in network.parameters()), *others]
    given = [each.grad for each in found]
    for each in found:
        each.grad = None
    assert all(each is not None for each in given)
    return given  # type: ignore[return-value]


@pytest.mark.parametrize("with_states", [True, False])
@pytest.mark.parametrize("layers", [1, 2])
def test_outputs_and_gradients_are_those_of_torchs_layers(layers: int, with_states: bool) -> None:
    networks, vectors, states = drawn(layers)
    begun = states if with_states else []
    others = [*vectors, *(part for state in begun for part in state)]
    alone = [
        run(network, read, begun[number] if begun else None)[0]
        for number, (network, read) in enumerate(zip(networks, vectors, strict=True))
    ]
    expected = gradients(alone, networks, others)
    together = run_together(networks, vectors, begun)
    for mine, theirs in zip(together, alone, strict=True):
        torch.testing.assert_close(mine, theirs)
    for mine, theirs in zip(gradients(together, networks, others), expected, strict=True):
        torch.testing.assert_close(mine, theirs)


def test_no_two_gradients_lie_at_the_same_place() -> None:
    networks, vectors, _ = drawn(2)
    found = gradients(run_together(networks, vectors), networks, vectors)
    for each in found:
        each.fill_(0.0)
        others = [other for other in found if other is not each]
        assert all(other.any() for other in others)
        each.fill_(1.0)


def test_a_model_that_fails_leaves_the_others_their_numbers() -> None:
    networks, vectors, states = drawn(1)
    sound = run_together(networks, vectors, states)
    expected = gradients(sound, networks, vectors)
    with torch.no_grad():
        networks[1].weight_hh_l0.fill_(float("nan"))
    found = run_together(networks, vectors, states)
    given = gradients(found, networks, vectors)
    assert found[1].isnan().any()
    for number in (0, 2):
        assert torch.equal(found[number], sound[number])
        assert torch.equal(given[4 * number], expected[4 * number])
        assert torch.equal(given[12 + number], expected[12 + number])


def test_under_autocast_products_are_in_half_precision_and_cells_are_not() -> None:
    networks, vectors, states = drawn(1)
    expected = run_together(networks, vectors, states)
    single = [network.float() for network in networks]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = run_together(
            single, [each.float() for each in vectors], [tuple(part.float() for part in state) for state in states]
        )
    for mine, theirs in zip(found, expected, strict=True):
        assert mine.dtype == torch.bfloat16
        torch.testing.assert_close(mine.double(), theirs, rtol=0.05, atol=0.03)


def test_gradients_cannot_be_had_twice_as_what_they_are_made_of_is_gone() -> None:
    networks, vectors, _ = drawn(1)
    outputs = run_together(networks, vectors)
    sum(each.sum() for each in outputs).backward(retain_graph=True)  # type: ignore[union-attr]
    with pytest.raises(RuntimeError, match="a second time"):
        sum(each.sum() for each in outputs).backward()  # type: ignore[union-attr]


def test_without_triton_torch_is_used_and_it_is_said_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lstm_cell, "_HAS_TRITON", False)
    lstm_cell.why_not.cache_clear()
    assert lstm_cell.why_not(torch.device("cpu")) == "Triton is not installed"
    lstm_cell.why_not.cache_clear()


INTERPRETED = """
import sys, torch
from unittest import mock
from engine.models import lstm_cell as kernel
from engine.models.lstms_together import run_together
from tests.engine.models.test_lstms_together import drawn, gradients

kernel.BLOCK = 8
assert kernel.why_not(torch.device("cpu")) == ""
networks, vectors, states = drawn(2)
if int(sys.argv[1]) == 1:
    vectors = [each[:1] for each in vectors]
    states = [tuple(part[:, :1].contiguous() for part in state) for state in states]
networks = [network.float() for network in networks]
vectors = [each.detach().float().requires_grad_() for each in vectors]
states = [tuple(part.detach().float().requires_grad_() for part in state) for state in states]
others = [*vectors, *(part for state in states for part in state)]
plain = run_together(networks, vectors, states)
expected = gradients(plain, networks, others)
with mock.patch.object(kernel, "_takes_kernel", return_value=True):
    found = run_together(networks, vectors, states)
    for mine, theirs in zip(found, plain):
        torch.testing.assert_close(mine, theirs, rtol=1e-5, atol=1e-6)
    for mine, theirs in zip(gradients(found, networks, others), expected):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-5)
for name in ("forwards_by_kernel", "backwards_by_kernel"):
    kernel.why_not.cache_clear()
    way = getattr(kernel, name)
    with mock.patch.object(kernel, name, lambda gates, *others: (way(gates, *others), gates.add_(0.1))):
        assert kernel.why_not(torch.device("cpu")) == "they give other numbers than torch", name
print("the same")
"""


COMPILED = """
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource, compile
from engine.models import lstm_cell as kernel

def types(halves, floats):
    found = {}
    for name in halves + floats:
        found |= {name: "*fp16" if name in halves else "*fp32", f"{name}_model": "i64"}
    return found

forwards = types(["gates", "outputs"], ["before", "cells"])
backwards = types(["gates", "of_outputs", "of_next"], ["before", "cells", "of_cells"])
for function, given in ((kernel._forwards, forwards), (kernel._backwards, backwards)):
    fixed = {"hidden": 512, "block": kernel.BLOCK}
    source = ASTSource(function, {**given, "batch": "i32", **dict.fromkeys(fixed, "constexpr")}, fixed)
    made = compile(source, target=GPUTarget("cuda", 90, 32), options={"num_warps": kernel.WARPS})
    assert made.asm["cubin"]
print("compiled")
"""


@pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="Triton is not installed")
@pytest.mark.parametrize("sentences", [1, BATCH])
def test_the_kernels_interpreted_say_what_torch_says(sentences: int) -> None:
    made = told(INTERPRETED, "1", str(sentences))
    assert made.stdout == "the same\n", made.stderr


@pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="Triton is not installed")
def test_the_kernels_compile_for_a_gpu_that_is_not_there() -> None:
    made = told(COMPILED, "0")
    assert made.stdout == "compiled\n", made.stderr
