"""Checkpoints: weights and optimiser state as safetensors, the rest as JSON.

A checkpoint of step n is `step-<n>.safetensors` (weights), `step-<n>.optimiser.safetensors` (absent from packaged
models, whose weights may be packed: `step-<n>.h5`) and `step-<n>.json`, written last: a checkpoint without its JSON
does not exist for a reader.
"""

from __future__ import annotations

import errno
import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import LoomError
from engine.runs.packed import is_packed, packed, read_tensors, stored, write_tensors
from engine.storage.digests import sealed, unsealed
from engine.storage.files import publish, read_json, write_json
from engine.storage.locks import held, is_held

if TYPE_CHECKING:
    from torch import Tensor

_NAME = re.compile(r"step-(\d{9})\.json")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A complete checkpoint.

    Attributes:
        folder: where its files lie.
        step: optimiser steps that led to it.
        fingerprint: of the weights, see `fingerprint`.
        optimiser_fingerprint: of the optimiser's state; None where it was not written, or by an earlier version.
    """

    folder: Path
    step: int
    fingerprint: str
    optimiser_fingerprint: str | None = None

    @property
    def weights_path(self) -> Path:
        """The file of the weights."""
        return stored(self.folder / f"{_stem(self.step)}.safetensors")

    @property
    def optimiser_path(self) -> Path:
        """The file of the optimiser's state, which packaged models lack."""
        return self.folder / f"{_stem(self.step)}.optimiser.safetensors"

    def weights(self) -> dict[str, Tensor]:
        """The weights by name, as stored.

        Raises:
            LoomError: the file is missing, cut off, or not the one this checkpoint was written with.
        """
        tensors = _read(self.weights_path)
        if fingerprint(tensors) != self.fingerprint:
            raise LoomError(
                f"{self.weights_path} is not the file that its checkpoint was written with.",
                "Copy the whole folder again, or go back to an earlier checkpoint by deleting this step's files.",
            )
        return tensors

    def optimiser(self) -> dict[str, Tensor]:
        """The optimiser's state by name.

        Raises:
            LoomError: the file is missing, cut off, or not the one this checkpoint was written with.
        """
        tensors = _read(self.optimiser_path)
        if self.optimiser_fingerprint not in (None, fingerprint(tensors)):
            earlier = [step for step in CheckpointFolder(self.folder).resumable_steps() if step < self.step]
            raise LoomError(
                f"{self.optimiser_path} is not the file that its checkpoint was written with.",
                "Copy it again, or delete it: `train` with --resume then goes on from the newest step before that "
                f"every variant has (this one has step {earlier[-1]:,})."
                if earlier
                else "Copy it again, or train a new run with --run NAME; there is no earlier checkpoint to go on from.",
            )
        return tensors


class CheckpointFolder:
    """The checkpoints of one variant."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def steps(self) -> list[int]:
        """Steps of the complete checkpoints, ascending."""
        matches = (_NAME.fullmatch(path.name) for path in self.folder.glob("step-*.json"))
        return sorted(int(match[1]) for match in matches if match)

    def undescribed_steps(self) -> list[int]:
        """Steps whose weights are there without the JSON that is written last."""
        found = (re.fullmatch(r"step-(\d{9})\.(safetensors|h5)", path.name) for path in self.folder.glob("step-*"))
        return sorted({int(match[1]) for match in found if match} - set(self.steps()))

    def resumable_steps(self) -> list[int]:
        """Steps of the checkpoints that a training can take up, because the optimiser's state is there too."""
        return [step for step in self.steps() if (self.folder / f"{_stem(step)}.optimiser.safetensors").exists()]

    def chosen(self, step: int | None = None) -> Checkpoint:
        """The checkpoint of a step, or the newest for None.

        Raises:
            LoomError: there is none, or none of that step; the message lists those there are.
        """
        steps = self.steps()
        if step is None or not steps:
            return self.newest()
        if step not in steps:
            listed = ", ".join(map(str, steps[-12:]))
            raise LoomError(
                f"There is no checkpoint of step {step} in {self.folder}.",
                f"There are steps {'..., ' if len(steps) > 12 else ''}{listed}; `train --keep-every N` keeps more.",
            )
        return self.at(step)

    def newest(self) -> Checkpoint:
        """The newest complete checkpoint.

        Raises:
            LoomError: there is none, or its description cannot be read.
        """
        steps = self.steps()
        if not steps:
            raise LoomError(
                f"There is no checkpoint in {self.folder}.",
                "Train until the first one is written; `train` with --resume goes on with an interrupted run.",
            )
        return self.at(steps[-1])

    def _place(self, step: int) -> Path:
        """What stands for all files of a checkpoint."""
        return self.folder / _stem(step)

    def at(self, step: int) -> Checkpoint:
        """The checkpoint of a step.

        Raises:
            LoomError: it is missing or its description cannot be read.
        """
        file = self.folder / f"{_stem(step)}.json"
        way_out = "Copy it again, or go back to an earlier checkpoint by deleting this step's files."
        document = unsealed(read_json(file, f"the checkpoint of step {step}", way_out), file, way_out)
        digest = document.get("weights_sha256") if isinstance(document, dict) else None
        if not isinstance(digest, str):
            raise LoomError(f"{file} does not say which weights it belongs to.", "Restore it from a copy.")
        of_optimiser = document.get("optimiser_sha256")
        if not isinstance(of_optimiser, str | None):
            raise LoomError(
                f"{file} does not say which state of the optimiser it belongs to.", "Restore it from a copy."
            )
        return Checkpoint(self.folder, step, digest, of_optimiser)

    def write(
        self, step: int, weights: Mapping[str, Tensor], optimiser: Mapping[str, Tensor] | None, pack: bool = False
    ) -> Checkpoint:
        """Publish a checkpoint, its JSON last; with `pack` its weights are compressed.

        Raises:
            LoomError: a file could not be written (full disk, no permission), or the folder is gone.
        """
        from safetensors.torch import save_file

        of_optimiser = None if optimiser is None else fingerprint(optimiser)
        checkpoint = Checkpoint(self.folder, step, fingerprint(weights), of_optimiser)
        plain = self.folder / f"{_stem(step)}.safetensors"
        if pack:
            write_tensors(packed(plain), {name: tensor.numpy() for name, tensor in weights.items()}, make_folder=False)
        for path, tensors in ((plain, None if pack else weights), (checkpoint.optimiser_path, optimiser)):
            if tensors is not None:
                with publish(path, make_folder=False) as scratch, _as_os_error():
                    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, scratch)
        document = {"step": step, "weights_sha256": checkpoint.fingerprint}
        if of_optimiser is not None:
            document["optimiser_sha256"] = of_optimiser
        write_json(self.folder / f"{_stem(step)}.json", sealed(document), make_folder=False)
        return checkpoint

    @contextmanager
    def in_use(self, step: int) -> Iterator[None]:
        """Have a training that goes on leave a checkpoint alone, as long as it is shown or worked with.

        Where its folder cannot be written nobody trains there. Where another process has it in use already, that one
        keeps it.
        """
        place = self._place(step)
        with ExitStack() as stack:
            with suppress(LoomError):
                stack.enter_context(held(place, "in use"))
            yield

    def keep(self, count: int, every: int | None = None, best: Collection[int] = ()) -> None:
        """Delete all but the newest `count` checkpoints and those in use.

        The weights at multiples of `every` steps stay as well, and those of the `best` steps.
        """
        for step in self.steps()[:-count]:
            if is_held(self._place(step)):
                continue
            stays = step in best or (every is not None and step % every == 0)
            for suffix in (".optimiser.safetensors",) if stays else (".json", ".safetensors", ".optimiser.safetensors"):
                (self.folder / f"{_stem(step)}{suffix}").unlink(missing_ok=True)
            if not stays:
                with suppress(OSError):  # somebody may have just taken it, and finds nothing
                    (self.folder / f".{_stem(step)}.lock").unlink(missing_ok=True)


def fingerprint(tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 (hexadecimal) over names, types, shapes and bytes, independent of the file's layout."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        array = tensors[name].detach().cpu().contiguous().numpy()
        digest.update(f"{name} {array.dtype} {array.shape};".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _stem(step: int) -> str:
    return f"step-{step:09d}"


def _read(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return _unpacked(path) if is_packed(path) else load_file(path)
    except FileNotFoundError as error:
        raise LoomError(
            f"The checkpoint's file {path} is missing.",
            "Copy the whole run folder again, or go back to an earlier checkpoint by deleting this step's files.",
        ) from error
    except (SafetensorError, OSError, ValueError) as error:
        raise LoomError(
            f"The checkpoint's file {path} is cut off or damaged ({error}).",
            "Copy it again, or go back to an earlier checkpoint by deleting this step's files.",
        ) from error


def _unpacked(path: Path) -> dict[str, Tensor]:
    import torch

    return {name: torch.from_numpy(array) for name, array in read_tensors(path).items()}


@contextmanager
def _as_os_error() -> Iterator[None]:
    """safetensors has errors of its own for a full disk and a missing folder; the publisher has words for them."""
    from safetensors import SafetensorError

    try:
        yield
    except SafetensorError as error:
        told = {"No space left": errno.ENOSPC, "No such file": errno.ENOENT}
        number = next((number for words, number in told.items() if words in str(error)), errno.EIO)
        raise OSError(number, str(error)) from error
