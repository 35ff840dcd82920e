"""What an LSTM does at one word beside its products, forwards and backwards: Triton kernels, and torch's way.

Between two products of a recurrent layer, torch's operations go over the gates a dozen times, each in a kernel of its
own; the kernels here go over them once. As that of the softmax, they are held against torch's way on a small input
before they are trusted (`why_not`).

Everything is for several models, one below the other: gates are (models, batch, 4 x hidden), in torch's order of input,
forget, candidate and output; the rest is (models, batch, hidden). Rows are contiguous, models need not be.
"""

from __future__ import annotations

import importlib.util
import itertools
from functools import cache

import torch
from torch import Tensor

from engine.models.softmax_kernel import REFUSALS, in_a_line

_HAS_TRITON = importlib.util.find_spec("triton") is not None
BLOCK = 512
"""Units that a program of a kernel looks at together."""
WARPS = 4

if _HAS_TRITON:
    import triton
    import triton.language as tl

    @triton.jit
    def _sigmoid(values):  # type: ignore[no-untyped-def]
        return 1.0 / (1.0 + tl.exp(-values))

    @triton.jit
    def _tanh(values):  # type: ignore[no-untyped-def]
        # By the exponential of what is at most 0, which cannot overflow.
        small = tl.exp(-2.0 * tl.abs(values))
        size = (1.0 - small) / (1.0 + small)
        return tl.where(values < 0.0, -size, size)

    @triton.jit
    def _forwards(  # type: ignore[no-untyped-def]
        gates, gates_model, before, before_model, cells, cells_model, outputs, outputs_model,
        batch, hidden: tl.constexpr, block: tl.constexpr,
    ):  # fmt: skip
        model, row = (tl.program_id(0) // batch).to(tl.int64), (tl.program_id(0) % batch).to(tl.int64)
        units = tl.program_id(1) * block + tl.arange(0, block)
        inside = units < hidden
        at = gates + model * gates_model + row * 4 * hidden + units
        let_in = _sigmoid(tl.load(at, mask=inside, other=0.0).to(tl.float32))
        kept = _sigmoid(tl.load(at + hidden, mask=inside, other=0.0).to(tl.float32))
        candidate = _tanh(tl.load(at + 2 * hidden, mask=inside, other=0.0).to(tl.float32))
        shown = _sigmoid(tl.load(at + 3 * hidden, mask=inside, other=0.0).to(tl.float32))
        place = row * hidden + units
        cell = kept * tl.load(before + model * before_model + place, mask=inside, other=0.0) + let_in * candidate
        kind = gates.dtype.element_ty
        tl.store(at, let_in.to(kind), mask=inside)
        tl.store(at + hidden, kept.to(kind), mask=inside)
        tl.store(at + 2 * hidden, candidate.to(kind), mask=inside)
        tl.store(at + 3 * hidden, shown.to(kind), mask=inside)
        tl.store(cells + model * cells_model + place, cell, mask=inside)
        tl.store(outputs + model * outputs_model + place, (shown * _tanh(cell)).to(kind), mask=inside)

    @triton.jit
    def _backwards(  # type: ignore[no-untyped-def]
        gates, gates_model, before, before_model, cells, cells_model, of_outputs, of_outputs_model,
        of_next, of_next_model, of_cells, of_cells_model,
        batch, hidden: tl.constexpr, block: tl.constexpr,
    ):  # fmt: skip
        model, row = (tl.program_id(0) // batch).to(tl.int64), (tl.program_id(0) % batch).to(tl.int64)
        units = tl.program_id(1) * block + tl.arange(0, block)
        inside = units < hidden
        at = gates + model * gates_model + row * 4 * hidden + units
        let_in = tl.load(at, mask=inside, other=0.0).to(tl.float32)
        kept = tl.load(at + hidden, mask=inside, other=0.0).to(tl.float32)
        candidate = tl.load(at + 2 * hidden, mask=inside, other=0.0).to(tl.float32)
        shown = tl.load(at + 3 * hidden, mask=inside, other=0.0).to(tl.float32)
        place = row * hidden + units
        earlier = tl.load(before + model * before_model + place, mask=inside, other=0.0)
        bent = _tanh(tl.load(cells + model * cells_model + place, mask=inside, other=0.0))
        of_output = tl.load(of_outputs + model * of_outputs_model + place, mask=inside, other=0.0).to(tl.float32)
        of_output += tl.load(of_next + model * of_next_model + place, mask=inside, other=0.0).to(tl.float32)
        through = of_cells + model * of_cells_model + place
        of_cell = tl.load(through, mask=inside, other=0.0) + of_output * shown * (1.0 - bent * bent)
        kind = gates.dtype.element_ty
        tl.store(at, (of_cell * candidate * let_in * (1.0 - let_in)).to(kind), mask=inside)
        tl.store(at + hidden, (of_cell * earlier * kept * (1.0 - kept)).to(kind), mask=inside)
        tl.store(at + 2 * hidden, (of_cell * let_in * (1.0 - candidate * candidate)).to(kind), mask=inside)
        tl.store(at + 3 * hidden, (of_output * bent * shown * (1.0 - shown)).to(kind), mask=inside)
        tl.store(through, of_cell * kept, mask=inside)


def forwards_by_torch(gates: Tensor, before: Tensor, cells: Tensor, outputs: Tensor) -> None:
    """Take a word in.

    Args:
        gates: as the products give them; become what the nonlinearities make of them.
        before: the cells before the word.
        cells: which the cells after it are written to, in float32 at least, as those before.
        outputs: which the hidden state after it is written to, in the type of the gates.

    Source: torch.nn.LSTM's documentation (Hochreiter and Schmidhuber 1997, with forget gates).
    """
    wide = cells.dtype
    let_in, kept, candidate, shown = gates.to(wide).chunk(4, dim=2)
    let_in, kept, candidate, shown = let_in.sigmoid(), kept.sigmoid(), candidate.tanh(), shown.sigmoid()
    cells.copy_(kept * before + let_in * candidate)
    outputs.copy_(shown * cells.tanh())
    gates.copy_(torch.cat([let_in, kept, candidate, shown], dim=2))


def backwards_by_torch(
    gates: Tensor, before: Tensor, cells: Tensor, of_outputs: Tensor, of_next: Tensor, of_cells: Tensor
) -> None:
    """The gradients of `forwards_by_torch`.

    Args:
        gates: as it leaves them; become the gradients of what it got.
        before, cells: the same.
        of_outputs: the gradients of the hidden state from what reads it as the layer's output.
        of_next: those from the next word's gates.
        of_cells: those of the cells from the next word; become those of the cells before.
    """
    wide = cells.dtype
    let_in, kept, candidate, shown = gates.to(wide).chunk(4, dim=2)
    bent = cells.tanh()
    of_output = of_outputs.to(wide) + of_next.to(wide)
    of_cell = of_cells + of_output * shown * (1.0 - bent.square())
    parts = [
        of_cell * candidate * let_in * (1.0 - let_in),
        of_cell * before * kept * (1.0 - kept),
        of_cell * let_in * (1.0 - candidate.square()),
        of_output * bent * shown * (1.0 - shown),
    ]
    of_cells.copy_(of_cell * kept)
    gates.copy_(torch.cat(parts, dim=2))


def forwards_by_kernel(gates: Tensor, before: Tensor, cells: Tensor, outputs: Tensor) -> None:
    """As `forwards_by_torch`; on a CPU only where Triton interprets its kernels (TRITON_INTERPRET=1)."""
    _launch(_forwards, gates, before, cells, outputs)


def backwards_by_kernel(
    gates: Tensor, before: Tensor, cells: Tensor, of_outputs: Tensor, of_next: Tensor, of_cells: Tensor
) -> None:
    """As `backwards_by_torch`; on a CPU only where Triton interprets its kernels (TRITON_INTERPRET=1)."""
    _launch(_backwards, gates, before, cells, of_outputs, of_next, of_cells)


def forwards(gates: Tensor, before: Tensor, cells: Tensor, outputs: Tensor) -> None:
    """As `forwards_by_torch`, by the kernel where it works."""
    way = forwards_by_kernel if _takes_kernel(gates) else forwards_by_torch
    way(gates, before, cells, outputs)


def backwards(
    gates: Tensor, before: Tensor, cells: Tensor, of_outputs: Tensor, of_next: Tensor, of_cells: Tensor
) -> None:
    """As `backwards_by_torch`, by the kernel where it works."""
    way = backwards_by_kernel if _takes_kernel(gates) else backwards_by_torch
    way(gates, before, cells, of_outputs, of_next, of_cells)


@cache
def why_not(device: torch.device) -> str:
    """Why the kernels are not used on a device, in words; empty where they are. Waits for the device."""
    if not _HAS_TRITON:
        return "Triton is not installed"
    from triton.errors import TritonError

    random = torch.Generator().manual_seed(0)
    models, batch = 2, 3
    kinds = ((torch.float16, 2e-3), (torch.bfloat16, 2e-2), (torch.float32, 1e-4))
    for (kind, tolerance), hidden in itertools.product(kinds, (BLOCK, BLOCK + 5)):

        def drawn(size: int, kind: torch.dtype = torch.float32) -> Tensor:
            return 2.0 * torch.randn((models, batch, size), generator=random).to(device, kind)

        forth = [drawn(4 * hidden, kind), drawn(hidden), drawn(hidden), drawn(hidden, kind)]
        mine = [_in_a_sentence(each) for each in forth]
        try:
            forwards_by_kernel(*mine)
            forwards_by_torch(*forth)
            back = [*(each.clone() for each in forth[:3]), drawn(hidden, kind), drawn(hidden, kind), drawn(hidden)]
            mine_back = [_in_a_sentence(each) for each in back]
            backwards_by_kernel(*mine_back)
            backwards_by_torch(*back)
        except (*REFUSALS, TritonError) as error:
            return f"they did not run: {in_a_line(error)}"
        for ours, plain in zip([*mine, *mine_back], [*forth, *back], strict=True):
            if not torch.allclose(ours.float(), plain.float(), rtol=tolerance, atol=tolerance):
                return "they give other numbers than torch"
    return ""


def _in_a_sentence(values: Tensor) -> Tensor:
    """The same values where they lie in a training: at one word of several."""
    whole = values.new_zeros((len(values), 2, *values.shape[1:]))
    whole[:, 1] = values
    return whole[:, 1]


def _takes_kernel(gates: Tensor) -> bool:
    return gates.is_cuda and gates.dtype != torch.float64 and why_not(gates.device) == ""


def _launch(kernel, gates: Tensor, *others: Tensor) -> None:  # type: ignore[no-untyped-def]
    models, batch, hidden = others[0].shape
    for each in (gates, *others):
        assert each.stride(2) == 1, "rows must be contiguous"
        assert batch == 1 or each.stride(1) == each.shape[2], "rows must follow each other"
    given = [part for each in (gates, *others) for part in (each, each.stride(0))]
    with torch.cuda.device_of(gates):  # Triton starts a kernel on the current one
        kernel[(models * batch, -(-hidden // BLOCK))](*given, batch, hidden, block=BLOCK, num_warps=WARPS)
