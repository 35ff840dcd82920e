"""LSTMs of several models over the same words in one product a word, instead of one model after the other.

Four small networks do not fill a GPU, and beside each other they wait for each other's kernels. Here their weights are
put on top of each other for a step, and every word is one batched product and one pass over the gates (`lstm_cell`),
forwards and backwards. What a model gets is what torch's own layer gives it, as are its gradients: no number of one
model meets one of another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from engine.models.lstm_cell import backwards, forwards
from engine.models.recurrent import State


def run_together(networks: Sequence[nn.LSTM], vectors: Sequence[Tensor], states: Sequence[State] = ()) -> list[Tensor]:
    """The outputs (batch, time, hidden) of each network, with gradient.

    Under autocast products are taken in half precision on CUDA, as torch takes cuDNN's layers, and cells are float32.

    Args:
        networks: of one size.
        vectors: for each (batch, time, inputs).
        states: for each (h, c), each (layers, batch, hidden); zeros where there are none.
    """
    device = vectors[0].device.type
    kind = next(networks[0].parameters()).dtype
    if torch.is_autocast_enabled(device):
        kind = torch.float16 if device == "cuda" else torch.get_autocast_dtype(device)
    with torch.autocast(device, enabled=False):
        read = torch.stack([each.to(kind).transpose(0, 1) for each in vectors])  # (models, time, batch, inputs)
        for layer in range(networks[0].num_layers):
            into, within, b, b_h = (
                torch.stack([getattr(network, f"{name}_l{layer}") for network in networks])
                for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            # Times one: of a bare sum both would get one tensor as their gradient, which clipping would meet twice.
            gates = torch.baddbmm(
                (b + 1.0 * b_h).to(kind).unsqueeze(1), read.flatten(1, 2), into.to(kind).transpose(1, 2)
            )
            first = None
            if states:
                first = tuple(torch.stack([state[part][layer] for state in states]) for part in range(2))
            hidden, cells = first or (gates.new_zeros((len(networks), read.shape[2], within.shape[2])),) * 2
            read = _Recurrence.apply(
                gates.unflatten(1, read.shape[1:3]),
                within.to(kind),
                hidden.to(kind),
                cells.to(torch.promote_types(kind, torch.float32)),
            )
    return list(read.transpose(1, 2).unbind())


class _Recurrence(torch.autograd.Function):
    """From gates as the inputs leave them (models, time, batch, 4 x hidden), which are written over, to outputs."""

    @staticmethod
    def forward(ctx: Any, gates: Tensor, weight: Tensor, hidden: Tensor, cells: Tensor) -> Tensor:
        models, time, batch, width = gates.shape
        outputs = gates.new_empty((models, time, batch, width // 4))
        after = cells.new_empty(outputs.shape)
        turned, shown, kept = weight.transpose(1, 2), hidden, cells
        for step in range(time):
            now = gates[:, step]
            now.baddbmm_(shown, turned)
            forwards(now, kept, after[:, step], outputs[:, step])
            shown, kept = outputs[:, step], after[:, step]
        ctx.save_for_backward(weight, hidden, cells, outputs)
        ctx.activations = gates.detach(), after
        return outputs

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor, ...]:
        weight, hidden, cells, outputs = ctx.saved_tensors
        if ctx.activations is None:
            raise RuntimeError("Gradients cannot be had a second time: the gates have become theirs.")
        (gates, after), ctx.activations = ctx.activations, None
        of_outputs = upstream[0].contiguous()
        of_hidden, of_cells = torch.zeros_like(hidden), torch.zeros_like(cells)
        for step in reversed(range(gates.shape[1])):
            kept = after[:, step - 1] if step else cells
            backwards(gates[:, step], kept, after[:, step], of_outputs[:, step], of_hidden, of_cells)
            of_hidden = torch.bmm(gates[:, step], weight)
        before = torch.cat([hidden.unsqueeze(1), outputs[:, :-1]], dim=1)
        of_weight = torch.bmm(gates.flatten(1, 2).transpose(1, 2), before.flatten(1, 2))
        return gates, of_weight, of_hidden, of_cells
