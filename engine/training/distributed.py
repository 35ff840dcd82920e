"""Several processes that train or encode together: torchrun starts them, lightning-fabric brings them together.

A training of N processes is the training of one, split by rows: each process takes every N-th sentence of the same
batches, gradients are added up in one exchange a step, and process 0 alone writes. All processes must see the same
workspace (on several machines: a shared folder). Without torchrun there is one process, and nothing here does
anything.

Where there are GPUs, gradients travel by NCCL. Questions between the processes (has somebody been asked to stop?)
always go by gloo from CPU to CPU: they wait for no GPU, and fail at once where another process has died.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from engine.errors import LoomError, Stopped, UsageError

if TYPE_CHECKING:
    import torch
    from torch import Tensor
    from torch.distributed import Store

T = TypeVar("T")

PATIENCE = "LATENT_LOOM_PATIENCE"
"""Set in the environment: how many seconds a process waits for the others before it gives up."""
_PATIENCE = 600.0
"""Enough for process 0 to measure, and to write large checkpoints to a slow folder, while the others wait."""


class LostProcessError(LoomError):
    """Another process has ended or does not answer; `hint` is for the task to say, which knows what is kept."""


class ToldElsewhereError(LoomError):
    """Another process has failed and tells why; this one ends with the same exit code and says nothing."""

    def __init__(self, exit_code: int) -> None:
        super().__init__("Another process of this command has failed.", "Its own message says why.")
        self.exit_code = exit_code


def launched_processes() -> int:
    """How many processes torchrun has started; 1 without it. Needs no torch."""
    return int(os.environ.get("WORLD_SIZE", "1")) if "TORCHELASTIC_RUN_ID" in os.environ else 1


def launched_rank() -> int:
    """Which of them this one is, from 0. Needs no torch."""
    return int(os.environ.get("RANK", "0")) if launched_processes() > 1 else 0


def first_of_machine() -> bool:
    """Whether this is the first process on its machine, or the only one. Needs no torch."""
    return launched_processes() == 1 or os.environ.get("LOCAL_RANK", "0") == "0"


class Processes:
    """This process among those that work together; one alone if not told otherwise.

    Attributes:
        rank: from 0; process 0 writes and speaks for all.
        world: how many there are.
        device: the one that this process was given; None for one process alone, which chooses itself.
    """

    def __init__(self, rank: int = 0, world: int = 1, device: torch.device | None = None) -> None:
        self.rank = rank
        self.world = world
        self.device = device
        self._store: Store | None = None

    @property
    def writes(self) -> bool:
        """Whether this is the process that writes files."""
        return self.rank == 0

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor, in place, by its sum over all processes, in one exchange.

        All tensors are floating-point numbers on one device. On a GPU it does not wait for the result.

        Raises:
            LostProcessError: another process has ended.
        """
        if self.world == 1 or not tensors:
            return
        import torch

        flat = torch.cat([tensor.reshape(-1).float() for tensor in tensors])
        self._exchange(lambda: torch.distributed.all_reduce(flat))
        parts = flat.split([tensor.numel() for tensor in tensors])
        for tensor, part in zip(tensors, parts, strict=True):
            tensor.copy_(part.view_as(tensor))

    def wait(self) -> None:
        """Go on only when all processes have come here.

        Raises:
            LostProcessError: another process has ended.
        """
        self.any(False)

    def any(self, flag: bool) -> bool:
        """Whether the flag is set in at least one process.

        Raises:
            LostProcessError: another process has ended.
        """
        return self._largest([int(flag)])[0] > 0

    def of_first(self, number: int) -> int:
        """The number (not below 0) that process 0 has.

        Raises:
            LostProcessError: another process has ended.
        """
        return self._largest([number if self.rank == 0 else 0])[0]

    def check_same(self, what: str) -> None:
        """Make sure that all processes have read the same.

        Args:
            what: everything that they must agree on, as text.

        Raises:
            LoomError: they have not.
            LostProcessError: another process has ended.
        """
        digest = int.from_bytes(hashlib.sha256(what.encode()).digest()[:7])
        largest, least = self._largest([digest, -digest])
        if largest != -least:
            raise LoomError(
                "The processes of this command do not see the same files.",
                "The workspace must be one folder that all machines share; see docs/several-machines.md.",
            )

    def _largest(self, numbers: list[int]) -> list[int]:
        """Of every number the largest that a process has."""
        if self.world == 1:
            return numbers
        import torch

        values = torch.tensor(numbers, dtype=torch.int64)
        self._exchange(lambda: torch.distributed.all_reduce(values, torch.distributed.ReduceOp.MAX))
        return [int(value) for value in values]

    def _exchange(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except RuntimeError as error:
            late = "timed out" in str(error).lower()
            what = f"has not answered for {patience():,.0f} seconds" if late else "has ended before its time"
            raise LostProcessError(
                f"Another process of this command {what} ({_in_short(error)}).",
                "Start all processes again with the same torchrun command.",
            ) from error

    def _as_told(self, error: LoomError) -> LoomError:
        """The error, or `ToldElsewhereError` if another process tells it, or tells of the reason for it."""
        if self._store is None:
            return error
        try:
            if isinstance(error, LostProcessError):
                first = self._store.add("failed", 1) == 1
                code = int(self._store.get("code")) if self._store.check(["code"]) else error.exit_code
                return error if first else ToldElsewhereError(code)
            self._store.set("code", str(error.exit_code))
            self._store.add("failed", 1)
            first = self._store.add(hashlib.sha256(str(error).encode()).hexdigest(), 1) == 1
            return error if first else ToldElsewhereError(error.exit_code)
        except RuntimeError:  # the store has gone with the process that held it: better twice than not at all
            return error


@contextmanager
def together(device: str) -> Iterator[Processes]:
    """Meet the other processes that torchrun has started, and take leave of them at the end.

    What goes wrong within the block in several processes is told by one of them.

    Args:
        device: as for `--device`.

    Raises:
        UsageError: the device is none that several processes can use.
        LoomError: the processes do not find each other.
    """
    if launched_processes() == 1:
        yield Processes()
        return
    processes = _join(device)
    import torch.distributed

    try:
        yield processes
    except Stopped:
        torch.distributed.destroy_process_group()
        raise
    except LoomError as error:
        # After an error nobody takes leave: on GPUs that would wait for those that are gone.
        raise processes._as_told(error) from error
    else:
        torch.distributed.destroy_process_group()


def sum_gradients(processes: Processes, parameters: Iterable[torch.nn.Parameter]) -> None:
    """Add up the gradients of all processes in one exchange; a missing gradient counts as zero."""
    gradients: list[Tensor] = []
    for parameter in parameters:
        if parameter.grad is None:
            parameter.grad = parameter.new_zeros(parameter.shape)
        gradients.append(parameter.grad)
    processes.add_up(gradients)


def patience() -> float:
    """Seconds that a process waits for the others.

    Raises:
        UsageError: the environment asks for something that is no time.
    """
    text = os.environ.get(PATIENCE, str(_PATIENCE))
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 1e6:
        raise UsageError(f"{PATIENCE}={text} is no number of seconds.", f"Leave it out for {_PATIENCE:,.0f}.")
    return seconds


def _join(device: str) -> Processes:
    kind = _kind_of_device(device)
    world, local = launched_processes(), int(os.environ["LOCAL_WORLD_SIZE"])
    if world % local:
        raise UsageError(
            "The machines have different numbers of processes.", "Give each the same torchrun --nproc-per-node."
        )
    limit = timedelta(seconds=patience())
    from lightning_fabric import Fabric
    from lightning_fabric.plugins.environments import TorchElasticEnvironment
    from lightning_fabric.strategies.ddp import DDPStrategy

    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # importing it has set it to tell more
    try:
        backend = "cpu:gloo,cuda:nccl" if kind == "cuda" else "gloo"
        fabric = Fabric(
            accelerator=kind,
            devices=local,
            num_nodes=world // local,
            strategy=DDPStrategy(process_group_backend=backend, timeout=limit),
            plugins=[TorchElasticEnvironment()],
        )
        fabric.launch()
    except RuntimeError as error:
        raise LoomError(
            f"The {world} processes of this command do not find each other ({_in_short(error)}).",
            "Start all of them with the same torchrun command, and see that nothing blocks its port.",
        ) from error
    processes = Processes(fabric.global_rank, fabric.world_size, fabric.device)
    processes._store = _shared_store()
    return processes


def _kind_of_device(name: str) -> str:
    """ "cpu" or "cuda", of which every process takes the one of its own number."""
    from engine.device import choose_device

    device = choose_device(name)
    if device.type == "mps" and name == "auto":
        return "cpu"
    if device.type == "mps" or device.index is not None:
        raise UsageError(
            f"Several processes cannot share the device {name!r}.", "Use --device auto, or cpu, or cuda under torchrun."
        )
    if device.type == "cuda":
        import torch

        have, local = torch.cuda.device_count(), int(os.environ["LOCAL_WORLD_SIZE"])
        if have < local:
            raise UsageError(
                f"There are {local} processes for {have} GPUs on this machine.",
                f"Use torchrun --nproc-per-node {have}, or --device cpu.",
            )
    return device.type


def _shared_store() -> Store | None:
    """Where processes leave word for each other; torchrun holds it, so that it outlives each of them."""
    from torch.distributed import PrefixStore, TCPStore

    try:
        store = TCPStore(
            os.environ["MASTER_ADDR"],
            int(os.environ["MASTER_PORT"]),
            is_master=False,
            timeout=timedelta(seconds=10),
        )
    except RuntimeError:
        return None  # then every process tells its own errors
    return PrefixStore(f"latent-loom/{os.environ.get('TORCHELASTIC_RESTART_COUNT', '0')}", store)


def _in_short(error: BaseException) -> str:
    """The first sentence of an error, without the place in torch's sources where it arose."""
    text = re.sub(r"^\[[^]]*\]\s*", "", str(error).strip())
    return re.split(r"\.\s|\n", text)[0].rstrip(".")[:160] or type(error).__name__
