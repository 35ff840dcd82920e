"""Event files for TensorBoard, for those who watch all their trainings there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any


class EventFiles:
    """One folder of event files a variant, in `<run>/tensorboard/`.

    Args:
        folder: made if missing.
        start: the step that is taken up; TensorBoard is told to forget what was written after it.
    """

    def __init__(self, folder: Path, start: int) -> None:
        self._folder = folder
        self._start = start
        self._writers: dict[str, Any] = {}

    def add(self, variant: str, split: str, step: int, values: Mapping[str, object]) -> None:
        """Write the numbers among the values under `split/name`; lists become histograms."""
        writer = self._writer(variant)
        for name, value in values.items():
            if isinstance(value, bool) or name == "step":
                continue
            if isinstance(value, int | float):
                writer.add_scalar(f"{split}/{name}", value, step)
            elif isinstance(value, list) and value:
                import numpy as np

                writer.add_histogram(f"{split}/{name}", np.asarray(value), step)

    def close(self) -> None:
        """Flush and close all files."""
        for writer in self._writers.values():
            writer.close()

    def __enter__(self) -> EventFiles:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _writer(self, variant: str) -> Any:
        if variant not in self._writers:
            from tensorboardX import SummaryWriter

            self._writers[variant] = SummaryWriter(
                str(self._folder / variant), purge_step=self._start + 1 if self._start else None
            )
        return self._writers[variant]
