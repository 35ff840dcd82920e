"""Variants that a training had to stop, each noted in `variants/<name>/stopped.json`."""

from __future__ import annotations

from typing import Any

from engine.errors import LoomError
from engine.runs.run import Run
from engine.storage.files import read_json, write_json

_FILE = "stopped.json"


def failures(run: Run) -> dict[str, dict[str, Any]]:
    """The stopped variants by name, with the `step` and the `reason`, in the run's order.

    Raises:
        LoomError: a note cannot be read.
    """
    found = {}
    for variant in run.variants:
        path = run.checkpoints(variant.name).folder / _FILE
        if path.exists():
            document = read_json(path, f"why {variant.name} was stopped")
            if not isinstance(document, dict) or "reason" not in document or "step" not in document:
                raise LoomError(f"{path} does not say why {variant.name} was stopped.", "Restore it, or delete it.")
            found[variant.name] = document
    return found


def has_failed(run: Run, variant: str) -> bool:
    """Whether a variant was stopped, even if the note of it cannot be read."""
    return (run.checkpoints(variant).folder / _FILE).exists()


def check_begun(run: Run, variant: str) -> None:
    """Raise a LoomError where a variant was stopped before its first checkpoint, so that there is nothing of it."""
    if has_failed(run, variant) and not run.checkpoints(variant).steps():
        why = failures(run)[variant]
        others = ",".join(each.name for each in run.variants if run.checkpoints(each.name).steps())
        raise LoomError(
            f"{variant} of run {run.name!r} was stopped at step {why['step']:,} ({why['reason']}) before its first "
            "checkpoint.",
            f"Take the others: --variants {others}" if others else "Train a new run with a lower learning rate.",
        )


def note_failure(run: Run, variant: str, step: int, reason: str) -> None:
    """Note that a variant was stopped at a step, and why; no training takes it up again.

    Raises:
        LoomError: the note could not be written.
    """
    write_json(run.checkpoints(variant).folder / _FILE, {"step": step, "reason": reason}, make_folder=False)
