"""Starting weights from another run: which checkpoints they are of, and whether they fit.

`demo` gives every variant those of the variant of its name, `demo:autogen-m1` gives all of them those of one. They fit
models of the same words, in the same order, and of the same sizes.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.config import ModelConfig, Variant
from engine.corpus.vocabulary import Vocabulary
from engine.errors import UsageError
from engine.runs.compared import compared
from engine.runs.run import FirstWeights, Run
from engine.workspace import Workspace

if TYPE_CHECKING:
    from torch import Tensor

_MAY_DIFFER = {"vocabulary", "initialisation", "dropout"}
"""What of a model does not say what its weights mean; the words are compared one by one."""


@dataclass(frozen=True, slots=True)
class WeightsOf:
    """A run that gives its weights. `variant` is the one that all take theirs from, "" for that of the same name."""

    run: Run
    variant: str = ""

    @classmethod
    def named(cls, given: str, workspace: Workspace) -> WeightsOf:
        """The run of RUN, or RUN:VARIANT.

        Raises:
            LoomError: there is no such run.
            UsageError: it has no such variant.
        """
        name, _, variant = given.partition(":")
        run = Run.open(workspace.run(name))
        if variant or given.endswith(":"):
            run.variant(variant)
        return cls(run, variant)

    def check(self, model: ModelConfig, variants: Iterable[Variant]) -> None:
        """Raise a UsageError unless there are weights of these sizes for all of the variants."""
        known = {each.name for each in self.run.variants}
        lacking = [each.name for each in variants if not self.variant and each.name not in known]
        if lacking:
            raise UsageError(
                f"Run {self.run.name!r} has no variant {' and no '.join(lacking)} to take the first weights from.",
                f"It has {', '.join(each.name for each in self.run.variants)}. Choose among them with --variants, or "
                f"take all weights from one: --from {self.run.name}:{self.run.variants[0].name}",
            )
        theirs = self.run.settings.model.model_dump(mode="json")
        ours = model.model_dump(mode="json")
        differing = [key for key in theirs if key not in _MAY_DIFFER and theirs[key] != ours[key]]
        if differing:
            told = "; ".join(f"model.{key} is {ours[key]}, not {theirs[key]}" for key in differing)
            settings = [shlex.quote(f"model.{key}={json.dumps(theirs[key])}") for key in differing]
            raise UsageError(
                f"The weights of run {self.run.name!r} do not fit: {told}.",
                f"Give this training the sizes of that run: {' '.join(f'--set {each}' for each in settings)}",
            )

    def check_words(self, vocabulary: Vocabulary) -> None:
        """Raise a UsageError unless these are the run's words, in its order."""
        theirs, ours = self.run.vocabulary.words, vocabulary.words
        if theirs == ours:
            return
        place = next((i for i, (a, b) in enumerate(zip(theirs, ours, strict=False)) if a != b), None)
        if place is None:
            told = f"it has {len(theirs):,}, this text {len(ours):,}"
        else:
            told = f"the first that differs is number {place + 1:,}, {theirs[place]!r} there and {ours[place]!r} here"
        raise UsageError(
            f"The weights of run {self.run.name!r} do not fit: its words are not those of this text ({told}).",
            "Weights can be taken by a run on a text that was prepared with the same words in the same order.",
        )

    def origins(self, variants: Iterable[Variant]) -> tuple[FirstWeights, ...]:
        """Of which checkpoints the first weights of the variants are: the newest ones that are compared.

        Raises:
            LoomError: a variant has no checkpoint.
        """
        at, found = compared(self.run), []
        for each in variants:
            of = self.variant or each.name
            checkpoint = self.run.checkpoints(of).chosen(at.steps.get(of))
            found.append(
                FirstWeights(
                    variant=each.name,
                    run=self.run.name,
                    of=of,
                    step=checkpoint.step,
                    weights_sha256=checkpoint.fingerprint,
                )
            )
        return tuple(found)

    def weights(self, origins: Iterable[FirstWeights]) -> Mapping[str, dict[str, Tensor]]:
        """The weights by variant, in single precision.

        Raises:
            LoomError: a checkpoint is gone or damaged.
        """
        found = {}
        for each in origins:
            weights = self.run.checkpoints(each.of).chosen(each.step).weights()
            found[each.variant] = {name: tensor.float() for name, tensor in weights.items()}
        return found


def told(origins: Iterable[FirstWeights]) -> str:
    """Where first weights are from, in words: "demo, step 22,000", or with the variant where all are of one."""
    origins = tuple(origins)
    steps = sorted({each.step for each in origins})
    at = " and ".join(f"{step:,}" for step in steps)
    return f"{option(origins)}, step {at}" if origins else ""


def option(origins: Iterable[FirstWeights]) -> str:
    """What --from was given: RUN, or RUN:VARIANT where a variant took the weights of another one; "" for none."""
    for each in origins:
        if each.of != each.variant:
            return f"{each.run}:{each.of}"
    return next((each.run for each in origins), "")
