"""Gives commands of the program on the emulated GPU.

    python -m tests.emulated_gpu LIBRARY < COMMANDS

The library is the one of `device.compiled`. Commands are a JSON list of objects, each with `arguments` and perhaps
`way`, in which variants take recorded steps, and `stop`, the step at which somebody presses Ctrl-C. The last line
written is a JSON list of what became of each: `code`, `out`, `err`, `waits` by line of the program, `graphs`, a list of
their operations and replays, and `alive`, the tensors that there are on the card before each step by recordings.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any
from unittest import mock

from tests.emulated_gpu.device import believe


def answers(commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What becomes of commands."""
    from tests.emulated_gpu import torch_on_it

    torch_on_it.replace()
    from tests.emulated_gpu.graphs import CUDAGraph
    from tests.emulated_gpu.tensors import Card, waits

    found = []
    for command in commands:
        waits.clear()
        CUDAGraph.made.clear()
        alive: list[int] = []
        with ExitStack() as stack:
            stack.enter_context(Card())
            _as_on_a_card(stack, command.get("way"), command.get("stop"), alive)
            code, out, err = _given(command["arguments"])
        graphs = [(len(each.operations), each.replays) for each in CUDAGraph.made]
        answer = {"code": code, "out": out, "err": err, "waits": dict(waits), "graphs": graphs, "alive": alive}
        found.append(answer)
    return found


def _as_on_a_card(stack: ExitStack, way: str | None, stop: int | None, alive: list[int]) -> None:
    """Replace what is compiled for a card by torch's operations, and see to the way and the end of a training."""
    from engine.training.graphs import stepping, trial
    from engine.training.graphs.stepping import GraphSteps
    from tests.emulated_gpu.tensors import OnCard

    stack.enter_context(mock.patch("engine.models.softmax_kernel.kernel_works", return_value=False))
    stack.enter_context(mock.patch("engine.models.lstm_cell._takes_kernel", return_value=False))
    stack.enter_context(mock.patch("engine.training.graphs.together.why_not", return_value=""))
    stack.enter_context(mock.patch.object(stepping, "why_not", return_value=""))
    stack.enter_context(mock.patch.object(trial, "PAIRS", 2))
    if way is not None:
        decide = trial.Trial._decide

        def decided(tried: trial.Trial) -> None:
            decide(tried)
            tried.way = way  # found out as ever, but for what is found

        stack.enter_context(mock.patch.object(trial.Trial, "_decide", decided))
    step = GraphSteps.step

    def watched(steps: Any, *given: Any) -> int:
        gc.collect()
        alive.append(sum(type(each) is OnCard for each in gc.get_objects()))
        if len(alive) == stop:
            os.kill(os.getpid(), signal.SIGINT)
        return step(steps, *given)

    stack.enter_context(mock.patch.object(GraphSteps, "step", watched))


def _given(arguments: list[str]) -> tuple[int, str, str]:
    from engine.cli.app import app

    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            app(args=arguments)
            code = 0
        except SystemExit as error:
            code = int(error.code or 0)
    return code, out.getvalue(), err.getvalue()


if __name__ == "__main__":
    believe(Path(sys.argv[1]))
    print(json.dumps(answers(json.load(sys.stdin))))
