"""The settings of a training as fields of a form: names in plain words, text to values and back. No Qt.

What the fields are and may hold comes from `engine.config`; what is wrong with them from
`engine.training.plan.make_plan`.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

from engine.config import (
    FreeBits,
    KlSchedule,
    ModelConfig,
    MSchedule,
    Settings,
    TrainConfig,
    Variant,
    known_variant,
)
from engine.models.presets import PRESETS
from engine.training.plan import READ, Plan

_ANNEALING = PRESETS["demo"].annealing  # shown while other faults keep the plan from saying a variant's own
PRESET_NAMES = tuple(PRESETS)
Kind = Literal["number", "choice", "flag", "list", "text"]


@dataclass(frozen=True, slots=True)
class Field:
    """One setting: its dotted `key`, its name for people, its choices if it has some, what it means."""

    key: str
    name: str
    kind: Kind
    choices: tuple[str, ...]
    about: str
    more: bool
    empty: str = ""
    """What an empty field means, where it means something."""


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that belong together."""

    name: str
    fields: tuple[Field, ...]


_MEANINGS = {
    "model.embedding": "numbers of a word's vector",
    "model.latent": "numbers of z",
    "model.cell": "kind of the recurrent layers",
    "train.batch": "sentences in a step",
    "train.optimiser": "Adam, or plain stochastic gradient descent",
    "train.learning_rate": "at its highest; 0.001 to 0.004 for Adam, 1 for SGD",
    "train.halve_after": "measurements of held-out sentences without gain after which the rate is halved; 0 for never",
    "train.word_drop": "share of the decoder's input words that are hidden from it in training, so that it needs z",
    "train.word_drop_to": "what stands for a hidden word: the unknown word, or a vector of zeros",
    "train.clip": "largest norm of the gradient; 0 for no limit",
    "model.z_at": "where the decoder sees z: in its first state, with every word, both, or as its first word alone",
    "model.initialisation": "how the first weights are drawn: as torch does, wide enough for z to differ at once, or "
    "small and uniform (He et al. 2019)",
    "train.seed": "of weights, batches and noise",
    "train.log_every": "steps between two points of the thin curves",
    "train.checkpoint_every": "steps between two checkpoints",
    "variant.m": "the factor (1+m) on the reconstruction; 0 is the VAE, above -1",
    "variant.label": "how it is called in the window and in tables",
    "variant.kl_schedule.kind": "how the weight of the KL rises",
    "variant.kl_schedule.end": "weight of the KL after the rise, or throughout: the beta of a beta-VAE",
    "variant.kl_schedule.cycles": "of a cyclical schedule",
    "variant.kl_schedule.rise": "share of a cycle in which the weight rises",
    "variant.m_schedule.kind": "how m moves to its value",
    "variant.m_schedule.start": "m at the first step",
    "variant.m_schedule.steps": "until m has its value",
    "variant.free_bits.kind": "KL that costs nothing: in each dimension of z, or in all together",
    "variant.free_bits.nats": "how much KL costs nothing",
}


_EMPTY = {"train.evaluate_every": "as checkpoints", "train.keep_every": "the newest two"}
_NESTED: dict[str, type[Settings]] = {"kl_schedule": KlSchedule, "m_schedule": MSchedule, "free_bits": FreeBits}


def _field(table: str, kind: type[Settings], path: str, name: str, more: bool = False) -> Field:
    inner, *rest = path.split(".")
    info = kind.model_fields[inner]
    if rest:
        info = _NESTED[inner].model_fields[rest[0]]
    key = f"{table}.{path}"
    choices = typing.get_args(info.annotation) if typing.get_origin(info.annotation) is Literal else ()
    about = _MEANINGS.get(key) or info.description or ""
    about = f"{about[:1].upper()}{about[1:]}" if about else name
    shown = f"{key} in the TOML file" if table != "variant" else f"variants.NAME.{path} on the command line"
    kind_of = _kind(info.annotation)
    return Field(key, name, kind_of, tuple(map(str, choices)), f"{about}\n{shown}", more, _EMPTY.get(key, ""))


def _kind(annotation: Any) -> Kind:
    if annotation is bool:
        return "flag"
    if typing.get_origin(annotation) is Literal:
        return "choice"
    if typing.get_origin(annotation) is tuple:
        return "list"
    several = typing.get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)
    return "number" if int in several or float in several else "text"


GROUPS = (
    Group(
        "Model",
        (
            _field("model", ModelConfig, "hidden", "Units"),
            _field("model", ModelConfig, "embedding", "Word vector"),
            _field("model", ModelConfig, "latent", "Dimensions of z"),
            _field("model", ModelConfig, "z_at", "z enters at", more=True),
            _field("model", ModelConfig, "cell", "Cell", more=True),
            _field("model", ModelConfig, "layers", "Layers", more=True),
            _field("model", ModelConfig, "recognition", "Recognition layers", more=True),
            _field("model", ModelConfig, "dropout", "Dropout", more=True),
            _field("model", ModelConfig, "bidirectional", "Both ways", more=True),
            _field("model", ModelConfig, "state_from_z", "First state", more=True),
            _field("model", ModelConfig, "shared_words", "Shared words", more=True),
            _field("model", ModelConfig, "tied", "Tied output", more=True),
            _field("model", ModelConfig, "output_bias", "Output bias", more=True),
            _field("model", ModelConfig, "initialisation", "First weights", more=True),
            _field("model", ModelConfig, "activation", "Activation", more=True),
            _field("model", ModelConfig, "variance", "Variance from", more=True),
            _field("model", ModelConfig, "reads_end", "Reads the end", more=True),
        ),
    ),
    Group(
        "Training",
        (
            _field("train", TrainConfig, "steps", "Steps"),
            _field("train", TrainConfig, "batch", "Batch"),
            _field("train", TrainConfig, "word_drop", "Word drop"),
            _field("train", TrainConfig, "optimiser", "Optimiser", more=True),
            _field("train", TrainConfig, "learning_rate", "Learning rate", more=True),
            _field("train", TrainConfig, "warmup", "Rate warm-up", more=True),
            _field("train", TrainConfig, "final_learning_rate", "Rate at the end", more=True),
            _field("train", TrainConfig, "halve_after", "Rate halved after", more=True),
            _field("train", TrainConfig, "validation_sentences", "Validated on", more=True),
            _field("train", TrainConfig, "word_drop_to", "Dropped to", more=True),
            _field("train", TrainConfig, "word_drop_exactly", "Exact share", more=True),
            _field("train", TrainConfig, "length_spread", "Lengths in a batch", more=True),
            _field("train", TrainConfig, "clip", "Gradient limit", more=True),
            _field("train", TrainConfig, "precision", "Precision", more=True),
            _field("train", TrainConfig, "seed", "Seed", more=True),
        ),
    ),
    Group(
        "What is written",
        (
            _field("train", TrainConfig, "evaluate_every", "Evaluate every"),
            _field("train", TrainConfig, "checkpoint_every", "Checkpoint every"),
            _field("train", TrainConfig, "keep_every", "Keep every"),
            _field("train", TrainConfig, "log_every", "Log every", more=True),
            _field("train", TrainConfig, "tensorboard", "TensorBoard files", more=True),
        ),
    ),
)

VARIANT_FIELDS = (
    _field("variant", Variant, "name", "Name"),
    _field("variant", Variant, "m", "m"),
    _field("variant", Variant, "kl_schedule.kind", "KL schedule"),
    _field("variant", Variant, "kl_schedule.warmup", "Warm-up"),
    _field("variant", Variant, "free_bits.kind", "Free bits"),
    _field("variant", Variant, "free_bits.nats", "Nats"),
    _field("variant", Variant, "label", "Label", more=True),
    _field("variant", Variant, "kl_schedule.start", "Weight at first", more=True),
    _field("variant", Variant, "kl_schedule.end", "Weight at the end", more=True),
    _field("variant", Variant, "kl_schedule.steepness", "Steepness", more=True),
    _field("variant", Variant, "kl_schedule.cycles", "Cycles", more=True),
    _field("variant", Variant, "kl_schedule.rise", "Rise", more=True),
    _field("variant", Variant, "encoder_steps", "Encoder steps", more=True),
    _field("variant", Variant, "m_schedule.kind", "m moves", more=True),
    _field("variant", Variant, "m_schedule.start", "m at first", more=True),
    _field("variant", Variant, "m_schedule.steps", "Steps of m", more=True),
)

Document = dict[str, Any]


def parsed(field: Field, text: str) -> Any:
    """The value that a text stands for; text that is none stays as it is, for the validation to refuse.

    None for an empty text: the preset's value.
    """
    text = text.strip()
    if not text:
        return None
    match field.kind:
        case "flag":
            return text == "true"
        case "number":
            return _number(text)
        case "list":
            return [] if text == "none" else [_number(part.strip()) for part in text.split(",")]
        case _:
            return text


def shown(value: Any) -> str:
    """A value as the text of its field."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value)) or "none"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _number(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text.replace(" ", "").replace("_", ""))
        except ValueError:
            continue
    return text


def plain(problem: str) -> str:
    """What is wrong with a field, without what the field shows itself, in the words of people."""
    text = problem.partition(" (it is ")[0].removeprefix("input ")
    if "unable to parse" in text or "fractional part" in text:
        return "should be a whole number" if "integer" in text else "should be a number"
    return text


def get(document: Mapping[str, Any] | None, path: str) -> Any:
    """The value at a dotted path, None if there is none."""
    place: Any = document
    for step in path.split("."):
        place = place.get(step) if isinstance(place, Mapping) else None
    return place


def with_value(document: Mapping[str, Any], path: str, value: Any) -> Document:
    """A copy of a document with one value set, or left out for None."""
    copy = deepcopy(dict(document))
    *way, last = path.split(".")
    place = copy
    for step in way:
        inner = place.get(step)
        place[step] = place = inner if isinstance(inner, dict) else {}
    if value is None:
        place.pop(last, None)
    else:
        place[last] = value
    return copy


def drop_unread(table: Document, part: str) -> None:
    """Take out of a variant's schedule or free bits what their kind does not read; one that is off may keep it all."""
    given = table.get(part)
    if not isinstance(given, dict):
        return
    known = known_variant(str(table.get("name")), annealing=1)
    kind = given.get("kind", getattr(known, part).kind if known is not None else "none")
    if kind != "none":
        for name in given.keys() - READ[part].get(kind, given.keys()) - {"kind"}:
            del given[name]


def standing_for(variant: Variant) -> Document:
    """What a variant is besides its name and looks, as far as it is no plain VAE."""
    own, plain = (each.model_dump(mode="json") for each in (variant, Variant(name="other")))
    found = {key: own[key] for key in ("m", "encoder_steps", *READ) if own[key] != plain[key]}
    for part in READ.keys() & found.keys():
        read = READ[part][found[part]["kind"]]
        found[part] = {key: value for key, value in found[part].items() if key == "kind" or key in read}
    return found


def variant_tables(document: Mapping[str, Any], plan: Plan | None) -> list[Document]:
    """The variants of a document as tables, whichever way they were written; the plan's where it names none."""
    given = document.get("variants")
    if not isinstance(given, list):
        return [{"name": variant.name} for variant in plan.variants] if plan is not None else []
    return [dict(each) if isinstance(each, Mapping) else {"name": str(each)} for each in given]


def variant_value(table: Mapping[str, Any], plan: Plan | None, path: str) -> Any:
    """A setting of a variant: as written, else as the plan has it for that name, else what the name stands for."""
    written = get(table, path)
    if written is not None:
        return written
    return get(usual_variant(str(table.get("name")), plan).model_dump(mode="json"), path)


def usual_variant(name: str, plan: Plan | None) -> Variant:
    """The variant of a name as the plan has it, else as the name stands for it, else a plain one."""
    planned = next((v for v in plan.variants if v.name == name), None) if plan is not None else None
    return planned or known_variant(name, _ANNEALING) or Variant(name="other")


def new_variant_name(taken: set[str]) -> str:
    """A name for one more variant, with the smallest m that is not there yet."""
    names = ("autogen-m3", "autogen-m0.5", "autogen-m5", "autogen-m8", "autogen-m1", "autogen-m2", "vae")
    spare = (f"autogen-m{number}" for number in range(10, 30))
    return next(name for name in (*names, *spare) if name not in taken)
