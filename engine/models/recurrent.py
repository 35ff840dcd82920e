"""LSTM or GRU behind one interface: a state is a tuple of tensors, each (layers, batch, hidden)."""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn

Cell = Literal["lstm", "gru"]
State = tuple[Tensor, ...]
"""(h, c) of an LSTM, (h,) of a GRU; each (layers, batch, hidden)."""

STATE_PARTS: dict[Cell, int] = {"lstm": 2, "gru": 1}


def recurrent(cell: Cell, inputs: int, hidden: int, layers: int) -> nn.LSTM | nn.GRU:
    """A stack of recurrent layers that reads (batch, time, inputs)."""
    return (nn.LSTM if cell == "lstm" else nn.GRU)(inputs, hidden, num_layers=layers, batch_first=True)


def run(network: nn.LSTM | nn.GRU, vectors: Tensor, state: State | None = None) -> tuple[Tensor, State]:
    """Outputs (batch, time, hidden) and the state after the last input; from zeros if no state is given."""
    if isinstance(network, nn.LSTM):
        outputs, after = network(vectors, state)
        return outputs, after
    outputs, last = network(vectors, None if state is None else state[0])
    return outputs, (last,)
