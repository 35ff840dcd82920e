"""What a training leaves behind: terms, probe sentences, checkpoints, and who is writing them.

Of several processes one writes; in the others every method here does nothing but return what it should. Whatever
writes raises a LoomError where it cannot (a full disk, say), and makes no folder: a run that is deleted under its
training stays deleted.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any

import numpy as np
import torch

from engine.device import device_name, memory_used
from engine.errors import LoomError
from engine.events import Probe
from engine.models.sentence_vae import SentenceVAE
from engine.runs.best import best_step, bound
from engine.runs.failures import failures
from engine.runs.metrics import StepLog, log_damage, read_lines
from engine.runs.run import PROBE, Run, now
from engine.runs.tensorboard import EventFiles
from engine.storage.files import write_json
from engine.training.distributed import Processes
from engine.training.learner import Learner
from engine.training.probe import ProbeSet

KEPT = 2
"""Newest checkpoints that are kept; a reader may still be at the older one."""


class Records:
    """The files of a running training.

    Args:
        run: where they lie.
        learners: the variants that learn; their logs are cut back to `start`.
        start: the step that is taken up.
        device: named in `process.json`.
        processes: those that share the work.
        probe: sentences to decode at every evaluation.
    """

    def __init__(
        self,
        run: Run,
        learners: Sequence[Learner],
        start: int,
        device: torch.device,
        processes: Processes,
        probe: ProbeSet,
    ) -> None:
        self.writes = processes.writes
        self._processes = processes
        self._run = run
        self._config = run.settings.train
        self._device = device
        self._probe = probe
        self._process = {
            "state": "running",
            "device": device_name(device),
            "host": platform.node(),
            "pid": os.getpid(),
            "processes": processes.world,
            "began": now(),
        }
        self._events: EventFiles | None = None
        self._terms: dict[str, StepLog] = {}
        self._sentences: dict[str, StepLog] = {}
        self._damage: list[str] = []
        self._best: dict[str, tuple[float, int]] = {}  # bound on the validation part, and the step of it
        if not self.writes:
            return
        run.make_variant_folders()
        self._note_process(self._process)
        write_json(run.path / PROBE, {"sentences": list(probe.texts)}, make_folder=False)
        if self._config.tensorboard:
            self._events = EventFiles(run.path / "tensorboard", start)
        for learner in learners:
            name = learner.variant.name
            if damage := log_damage(run, name, start):
                self._damage.append(damage)
            self._terms[name] = StepLog(run.metrics_path(name), start or -1)  # of a new training nothing is there yet
            self._sentences[name] = StepLog(run.probe_path(name), start or -1)
        for variant in run.variants:
            for line in read_lines(run.metrics_path(variant.name)):
                if line.get("split") == "validation" and line.get("best") is True:
                    self._best[variant.name] = (float(line["bound"]), line["step"])

    def damage(self) -> list[str]:
        """What was lost of the logs that are taken up, in words."""
        return self._damage

    def __enter__(self) -> Records:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._events is not None:
            self._events.close()
        if self.writes and error is not None:
            # On a full disk, or without the folder, this fails too; what made it stop is the error to tell.
            with suppress(LoomError):
                self._note_process({**self._process, "state": "stopped"})

    def train_terms(
        self, step: int, terms: Mapping[str, Mapping[str, float | None]], rate: float, seconds: float
    ) -> None:
        """Write what was measured on the training batches since the last call, of every variant."""
        if not self.writes:
            return
        memory = memory_used(self._device)
        for name, values in terms.items():
            line = {**values, "tokens_per_second": rate, "seconds": seconds, "memory": memory}
            self._add(name, "train", step, line)

    def first_spread(self, measured: Mapping[str, Mapping[str, object]]) -> None:
        """Write what was measured of every variant before the first step."""
        if self.writes:
            for name, values in measured.items():
                self._add(name, "start", 0, values)

    def validation(self, step: int, measured: Mapping[str, Mapping[str, Any]], chooses: bool) -> None:
        """Write what was measured of every variant on the validation sentences, by which something is decided.

        Args:
            step: that was reached.
            measured: of each of them, from `Learner.evaluate`.
            chooses: whether a checkpoint of this step follows, and the sentences are of a part that was given: then
                the line says whether it is the best so far.
        """
        keys = ("reconstruction", "kl", "elbo", "objective", "mutual_information", "sentences")
        if not self.writes:
            return
        for name, values in measured.items():
            line = {key: values[key] for key in keys}
            line["bound"] = bound(self._run.variant(name), values["reconstruction"], values["kl"])
            if chooses:
                line["best"] = name not in self._best or line["bound"] > self._best[name][0]
                if line["best"]:
                    self._best[name] = (line["bound"], step)
            self._add(name, "validation", step, line)

    def evaluation(
        self, step: int, models: Mapping[str, SentenceVAE], measured: Sequence[Mapping[str, object]]
    ) -> Probe:
        """Write what was measured on the test set, and the probe sentences decoded by every model."""
        decoded = {name: self._probe.reconstruct(model) for name, model in models.items()}
        for (name, sentences), values in zip(decoded.items(), measured, strict=True):
            if self.writes:
                self._add(name, "test", step, values)
                self._sentences[name].add({"step": step, "reconstructions": sentences})
        return Probe(step, list(self._probe.texts), decoded)

    def save(self, learners: Sequence[Learner], step: int) -> None:
        """Write a checkpoint of every variant, then delete those that are no longer needed."""
        self._processes.add_up([learner.sums for learner in learners])
        if not self.writes:
            for learner in learners:
                learner.sums.zero_()
            return
        for learner in learners:
            learner.save(step)
        # Only once every variant has the new one: the newest step that all have must never be deleted.
        # The best step of one variant stays of all, so that they can be compared there.
        best = {step for _, step in self._best.values()}
        for learner in learners:
            learner.checkpoints.keep(KEPT, self._config.keep_every, best)

    def has_test_terms(self) -> bool:
        """Whether every variant was measured on the test set."""
        return all(self._last_test(name) is not None for name in self._terms)

    def ended(self) -> None:
        """Note that the training has come to its end."""
        if self.writes:
            self._note_process({**self._process, "state": "done"})

    def result(self, corpus: str, steps: int, seconds: float) -> dict[str, object]:
        """What the command prints: of every variant the newest terms on the test set, and its best step; the speed."""
        keys = ("elbo", "reconstruction", "kl", "kl_share", "objective", "active_units", "mutual_information")
        variants, rates = {}, []
        for variant in self._run.variants:
            test = self._last_test(variant.name)
            if test is not None:
                variants[variant.name] = {"step": test["step"], **{key: test[key] for key in keys if key in test}}
                if (best := best_step(self._run, variant.name)) is not None:
                    variants[variant.name]["best_step"] = best
            lines = read_lines(self._run.metrics_path(variant.name))
            rates += [line["tokens_per_second"] for line in lines if "tokens_per_second" in line]
        return {
            "run": self._run.name,
            "corpus": corpus,
            "steps": steps,
            "variants": variants,
            "stopped": {name: str(each["reason"]) for name, each in failures(self._run).items()},
            "tokens_per_second": float(np.median(rates)) if rates else 0.0,
            "seconds": seconds,
            "path": str(self._run.path),
        }

    def _note_process(self, document: Mapping[str, object]) -> None:
        write_json(self._run.path / "process.json", document, make_folder=False)

    def _add(self, variant: str, split: str, step: int, values: Mapping[str, object]) -> None:
        self._terms[variant].add({"step": step, "split": split, **values})
        if self._events is not None:
            self._events.add(variant, split, step, values)

    def _last_test(self, variant: str) -> dict[str, Any] | None:
        lines = read_lines(self._run.metrics_path(variant), ("test",))
        return lines[-1] if lines else None
