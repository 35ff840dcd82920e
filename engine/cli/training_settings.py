"""What the command line says of a training, and whether a run was begun with it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.config import PAPER_VARIANTS, Variant, known_variant
from engine.errors import UsageError
from engine.models.presets import PRESETS
from engine.runs.run import Run
from engine.runs.warm_start import option
from engine.training.plan import Document, Plan, assign, document_of, listed, make_plan, read_document, split_variant

_ANNEALED = "vae-annealed"
_LOOKS = ("label", "colour")
"""What a variant is shown with. The training does not depend on it, and another version may have others by default."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says of a training: a preset, names, a file and single settings, each going before."""

    preset: str
    variants: tuple[str, ...]
    config: Path | None
    annealing: int | None
    settings: list[str]
    weights_from: str = ""

    @property
    def source(self) -> str:
        return str(self.config) if self.config is not None else ""

    def document(self, begun: Document) -> Document:
        """The document of everything asked for, on top of `begun`."""
        document = {**begun, **(read_document(self.config) if self.config is not None else {})}
        if self.preset:
            document["preset"] = self.preset
        if self.variants:
            tables = [each for each in listed(document, self.source) if isinstance(each, dict)]
            described = {each["name"]: each for each in tables if isinstance(each.get("name"), str)}
            document["variants"] = [described.get(name, name) for name in self.variants]
        if self.annealing is not None:
            self._anneal(document, self.annealing)
        for setting in self.settings:
            self._check_named(document, setting)
            assign(document, setting)
        return document

    def _check_named(self, document: Document, setting: str) -> None:
        """Refuse a setting of a variant that is not trained, as another one is meant, or it is to be named as well."""
        if not setting.startswith("variants."):
            return
        name, _ = split_variant(setting.partition("=")[0].strip()[len("variants.") :], document)
        names = [each.get("name") if isinstance(each, dict) else each for each in listed(document, self.source)]
        sound = [each for each in (*names, *PAPER_VARIANTS) if isinstance(each, str)]
        close = difflib.get_close_matches(name, sound, n=1, cutoff=0.8)
        if name not in names and (self.variants or (close and known_variant(name, 1) is None)):
            perhaps = f"Perhaps {close[0]} is meant; else add" if close else "Add"
            raise UsageError(
                f"{setting}: {name} is not among the variants.",
                f"{perhaps} it: --variants {','.join([*self.variants, name])}",
            )

    def _anneal(self, document: Document, steps: int) -> None:
        names = [each.get("name") if isinstance(each, dict) else each for each in listed(document, self.source)]
        if _ANNEALED not in names and not any(each.startswith(f"variants.{_ANNEALED}.") for each in self.settings):
            raise UsageError(
                f"--annealing is the warm-up of {_ANNEALED}, which is not among the variants.",
                f"Add it to --variants, or warm up another one: --set variants.NAME.kl_schedule.kind=linear --set "
                f"variants.NAME.kl_schedule.warmup={steps}",
            )
        assign(document, f"variants.{_ANNEALED}.kl_schedule.warmup={steps}")


def check_same(earlier: Run, asked: Asked) -> None:
    """Refuse to go on with other settings than a run was begun with."""
    settings = earlier.settings
    begun = document_of_run(earlier)
    if asked.preset and asked.config is None:
        # The run does not remember its preset; its sizes tell.
        begun.pop("model")
    wanted = make_plan(asked.document(begun), settings.model.vocabulary, asked.source)
    for place, now_asked in (("model", wanted.model), ("train", wanted.train)):
        have = getattr(settings, place)
        for key in type(have).model_fields:
            _refuse_change(earlier, f"{place}.{key}", getattr(have, key), getattr(now_asked, key))
    _refuse_change(earlier, "variants", _names(settings.variants), _names(wanted.variants))
    if asked.weights_from:
        run, _, variant = asked.weights_from.partition(":")
        have = {each.variant: f"{each.run}:{each.of}" for each in settings.first_weights}
        if have != {each.name: f"{run}:{variant or each.name}" for each in settings.variants}:
            _refuse_change(earlier, "--from", option(settings.first_weights) or "none", asked.weights_from)
    for table in listed(asked.document({}), asked.source):
        for key in _LOOKS if isinstance(table, dict) else ():
            have = next((getattr(each, key) for each in settings.variants if each.name == table.get("name")), None)
            _refuse_change(earlier, f"variants.{table.get('name')}.{key}", have, table.get(key, have))
    # As documents, which leave out what has no effect.
    for have, other in zip(document_of_run(earlier)["variants"], document_of(wanted)["variants"], strict=True):
        for key in Variant.model_fields:
            if key not in _LOOKS:
                old, new = (each.get(key, "none") for each in (have, other))
                _refuse_change(earlier, f"variants.{have['name']}.{key}", old, new)


def document_of_run(earlier: Run) -> Document:
    """The plan of a run that was begun, of a preset that fills nothing in where it has nothing."""
    settings = earlier.settings
    nothing = [key for key, value in settings.train if value is None]
    fitting = (name for name, each in PRESETS.items() if not any(getattr(each.train, key) for key in nothing))
    return document_of(Plan(next(fitting, "demo"), settings.model, settings.train, settings.variants))


def _refuse_change(earlier: Run, key: str, have: Any, wanted: Any) -> None:
    if have != wanted:
        raise UsageError(
            f"Run {earlier.name!r} was begun with {key} = {have}, not {wanted}.",
            "Leave the option out to go on as begun, or begin another run with --run NAME.",
        )


def _names(variants: tuple[Any, ...]) -> str:
    return ",".join(variant.name for variant in variants)
