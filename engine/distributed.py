"""Several processes that train or encode together: lightning-fabric over torch.distributed, started by torchrun.

A training of N processes is the training of one, split by rows: each process takes every N-th sentence of the same
batches, gradients are added up in one exchange a step, and process 0 alone writes. All processes must see the same
workspace (on several machines: a shared folder). Without torchrun there is one process, and nothing here does
anything.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from engine.errors import LoomError

if TYPE_CHECKING:
    import torch
    from lightning_fabric import Fabric
    from torch import Tensor


def launched_processes() -> int:
    """How many processes torchrun has started; 1 without it. Needs no torch."""
    return int(os.environ.get("WORLD_SIZE", "1")) if "TORCHELASTIC_RUN_ID" in os.environ else 1


def launched_rank() -> int:
    """Which of them this one is, from 0. Needs no torch."""
    return int(os.environ.get("RANK", "0")) if launched_processes() > 1 else 0


class Processes:
    """This process among those that work together.

    Attributes:
        rank: from 0; process 0 writes and speaks for all.
        world: how many there are.
    """

    def __init__(self, fabric: Fabric | None = None) -> None:
        self._fabric = fabric
        self.rank = fabric.global_rank if fabric is not None else 0
        self.world = fabric.world_size if fabric is not None else 1

    @classmethod
    def join(cls, device: torch.device) -> Processes:
        """Meet the other processes that torchrun has started; one alone if it has not.

        Raises:
            LoomError: they do not find each other.
        """
        world = launched_processes()
        if world == 1:
            return cls()
        from lightning_fabric import Fabric

        local = int(os.environ["LOCAL_WORLD_SIZE"])
        try:
            fabric = Fabric(accelerator=device.type, devices=local, num_nodes=world // local, strategy="ddp")
            fabric.launch()
            fabric.barrier()
        except RuntimeError as error:
            raise LoomError(
                f"The {world} processes of this command do not find each other ({_first_line(error)}).",
                "Start all of them with the same torchrun command, and see that nothing blocks its port.",
            ) from error
        return cls(fabric)

    @property
    def device(self) -> torch.device | None:
        """The accelerator that this process was given; None for one process alone, which chooses itself."""
        return None if self._fabric is None else self._fabric.device

    @property
    def writes(self) -> bool:
        """Whether this is the process that writes files."""
        return self.rank == 0

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor, in place, by its sum over all processes, in one exchange.

        Raises:
            LoomError: another process has ended.
        """
        if self._fabric is None or not tensors:
            return
        import torch

        flat = torch.cat([tensor.reshape(-1).float() for tensor in tensors])
        try:
            summed = self._fabric.all_reduce(flat, reduce_op="sum")
        except RuntimeError as error:
            raise _lost(error) from error
        assert isinstance(summed, torch.Tensor)
        parts = summed.split([tensor.numel() for tensor in tensors])
        for tensor, part in zip(tensors, parts, strict=True):
            tensor.copy_(part.view_as(tensor))

    def wait(self) -> None:
        """Go on only when all processes have come here.

        Raises:
            LoomError: another process has ended.
        """
        if self._fabric is None:
            return
        try:
            self._fabric.barrier()
        except RuntimeError as error:
            raise _lost(error) from error

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """Take leave of the other processes at the end, so that nobody waits for one that has gone."""
        try:
            yield
        finally:
            if self._fabric is not None:
                import torch.distributed

                if torch.distributed.is_initialized():
                    torch.distributed.destroy_process_group()

    def any(self, flag: bool) -> bool:
        """Whether the flag is set in at least one process."""
        if self._fabric is None:
            return flag
        import torch

        value = torch.tensor([float(flag)], device=self.device)
        self.add_up([value])
        return bool(value.item() > 0)


def sum_gradients(processes: Processes, parameters: Iterable[torch.nn.Parameter]) -> None:
    """Add up the gradients of all processes in one exchange; a missing gradient counts as zero."""
    gradients: list[Tensor] = []
    for parameter in parameters:
        if parameter.grad is None:
            parameter.grad = parameter.new_zeros(parameter.shape)
        gradients.append(parameter.grad)
    processes.add_up(gradients)


def _lost(error: RuntimeError) -> LoomError:
    return LoomError(
        f"Another process of this command has ended ({_first_line(error)}).",
        "Its own message says why. Everything up to the newest checkpoint is kept: start all processes again with "
        "--resume.",
    )


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__
