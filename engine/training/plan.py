"""A training's plan: preset, model, training and variants, from a TOML file, flags or a form, to validated values.

The document (a nested mapping, as TOML gives it) has these keys, all of them optional:

    preset = "demo"                     # where everything else starts from
    [model]                             # fields of ModelConfig, but for the vocabulary, which is the corpus's
    [train]                             # fields of TrainConfig
    [[variants]]                        # fields of Variant; a known name (vae, autogen-m3, ...) brings its settings

`variants` may also be a list of known names. Unknown keys are refused; every problem is told at once, each with the
key it belongs to.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import ValidationError

from engine.config import (
    MAX_VARIANTS,
    MOST_BETA,
    MOST_NAME,
    NAME_PATTERN,
    PAPER_VARIANTS,
    SPARE_COLOURS,
    ModelConfig,
    Settings,
    TrainConfig,
    Variant,
    known_variant,
    own_label,
)
from engine.errors import LoomError, UsageError
from engine.models.presets import PRESETS, Preset, preset

Document = dict[str, Any]
S = TypeVar("S", bound=Settings)

_KEYS = ("preset", "model", "train", "variants")
_RISE = frozenset({"warmup", "start", "end"})
READ: Mapping[str, Mapping[str, frozenset[str]]] = {
    "m_schedule": {
        "none": frozenset(),
        "linear": frozenset({"start", "steps"}),
        "cosine": frozenset({"start", "steps"}),
    },
    "kl_schedule": {
        "none": frozenset({"end"}),  # of a KL weight that does not rise it is the value
        "linear": _RISE,
        "logistic": _RISE | {"steepness"},
        "cyclical": _RISE | {"cycles", "rise"},
    },
    "free_bits": {"none": frozenset(), "dimension": frozenset({"nats"}), "total": frozenset({"nats"})},
}
"""The settings of a variant that are tables with a `kind`, and which of their fields each kind reads."""
_NEEDED: tuple[tuple[str, str, str, Callable[[Plan], bool]], ...] = (
    ("model", "activation", "recognition", lambda plan: bool(plan.model.recognition)),
    ("model", "state_from_z", "z_at", lambda plan: plan.model.z_at in ("state", "both")),
    ("train", "word_drop_to", "word_drop", lambda plan: plan.train.word_drop > 0),
    ("train", "word_drop_exactly", "word_drop", lambda plan: plan.train.word_drop > 0),
)
"""Of a table, a setting, the other one without which nothing reads it, and whether something does."""
_LIST = f"is a list of 1 to {MAX_VARIANTS} names or tables"


class PlanError(UsageError):
    """A plan that cannot be trained. `problems` maps a dotted key, such as "train.steps", to what is wrong with it."""

    def __init__(self, problems: Mapping[str, str], source: str = "") -> None:
        lines = "; ".join(f"{key}: {text}" for key, text in problems.items())
        super().__init__(
            f"{source}: {lines}." if source else f"{lines}.",
            "`train --show-config` prints a complete plan to start from.",
        )
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True)
class Plan:
    """Validated settings of a training. `preset` is the name it started from."""

    preset: str
    model: ModelConfig
    train: TrainConfig
    variants: tuple[Variant, ...]


def read_document(path: Path) -> Document:
    """The document of a TOML file.

    Raises:
        LoomError: it is missing, or no TOML; the message gives the line.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise LoomError(f"{path} cannot be read: {error.strerror or error}.", "Give an existing TOML file.") from error
    except ValueError as error:  # no TOML, no UTF-8, or a number of more digits than are read
        raise LoomError(f"{path} is no TOML file: {error}.", "Correct that line.") from error


def assign(document: Document, assignment: str) -> None:
    """Set one value of a document, from `KEY=VALUE` as on the command line.

    KEY is dotted: `train.steps`, `model.cell`, `variants.NAME.m`, `variants.NAME.kl_schedule.kind`. VALUE is a TOML
    value; bare words are taken as text. A variant of that name is added if the document has none.

    Raises:
        UsageError: it has no "=", the key leads nowhere, or the document's variants are no list.
    """
    key, sign, text = assignment.partition("=")
    path = key.strip().split(".")
    if not sign or not all(path):
        raise UsageError(f"{assignment!r} is no KEY=VALUE.", "Write it as train.steps=2000 or variants.vae.m=0.5.")
    value = _value(text.strip())
    place: Any = document
    if path[0] == "variants":
        name, fields = split_variant(key.strip()[len("variants.") :], document)
        place, path = _variant_table(document, name), fields
    for step in path[:-1]:
        place = place.setdefault(step, {})
        if not isinstance(place, dict):
            raise UsageError(f"{key.strip()}: {step} has no settings within it.", "Leave out what follows it.")
    if not path:
        raise UsageError(f"{key.strip()} names no setting.", "Write it as variants.NAME.m=2.")
    place[path[-1]] = value


def listed(document: Mapping[str, Any], source: str = "") -> Sequence[Any]:
    """The variants of a document as they are written, be they sound or not; the paper's where it has none.

    Args:
        document: as `read_document` gives it.
        source: the file's name, for messages.

    Raises:
        PlanError: they are no list.
    """
    variants = document.get("variants", PAPER_VARIANTS)
    if not isinstance(variants, Sequence) or isinstance(variants, str):
        raise PlanError({"variants": _LIST}, source)
    return variants


def make_plan(document: Mapping[str, Any], vocabulary: int, source: str = "") -> Plan:
    """Validate a document.

    Args:
        document: as `read_document` gives it; left as it is.
        vocabulary: words of the corpus.
        source: the file's name, for messages.

    Raises:
        PlanError: with every problem found.
    """
    problems: dict[str, str] = {key: _unknown(key, _KEYS) for key in document if key not in _KEYS}
    name = document.get("preset", "demo")
    try:
        base = preset(str(name))
    except UsageError:
        problems["preset"] = f"{name!r} is none of {', '.join(PRESETS)}"
        base = preset("demo")
    model = _validated(ModelConfig, base.model(vocabulary), document.get("model", {}), "model", problems)
    train = _validated(TrainConfig, base.train, document.get("train", {}), "train", problems)
    if isinstance(document.get("model"), Mapping) and "vocabulary" in document["model"]:
        problems["model.vocabulary"] = "is that of the corpus, set when it is prepared"
    variants = _variants(document.get("variants", list(PAPER_VARIANTS)), base, train or base.train, problems)
    if model is not None and train is not None:
        plan = Plan(str(name), model, train, variants)
        _tell_unread(plan, base, document, problems)
    if problems or model is None or train is None:
        raise PlanError(problems, source)
    return plan


def document_of(plan: Plan) -> Document:
    """The complete document of a plan: what `make_plan` makes the same plan of."""
    model = plan.model.model_dump(mode="json", exclude={"vocabulary"})
    variants = [variant.model_dump(mode="json") for variant in plan.variants]
    for variant in variants:
        known = known_variant(variant["name"], annealing=1) or Variant(name=variant["name"])
        for part in READ:
            if variant[part]["kind"] == "none":
                end, usual = variant.pop(part).get("end", 1.0), getattr(known, part)
                kept = {} if usual.kind == "none" else {"kind": "none"}  # the name would bring another
                if end != 1.0 or getattr(usual, "end", 1.0) != 1.0:  # a KL weight that is constant, but not 1
                    kept["end"] = end
                if kept:
                    variant[part] = kept
                continue
            read = READ[part][variant[part]["kind"]]
            variant[part] = {name: value for name, value in variant[part].items() if name == "kind" or name in read}
    train = {key: value for key, value in plan.train.model_dump(mode="json").items() if value is not None}
    return {"preset": plan.preset, "model": model, "train": train, "variants": variants}


def to_toml(document: Mapping[str, Any]) -> str:
    """A document as TOML text."""
    import tomli_w

    return tomli_w.dumps(document)


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except ValueError:  # no TOML, or a number of more digits than are read
        return text


def split_variant(path: str, document: Document) -> tuple[str, list[str]]:
    """The name of a variant, which may have dots in it (autogen-m0.5), and the fields after it."""
    parts = path.split(".")
    names = [each.get("name") if isinstance(each, Mapping) else each for each in listed(document)]
    fields = set(Variant.model_fields)
    for end in range(len(parts) - 1, 0, -1):
        if ".".join(parts[:end]) in names:
            return ".".join(parts[:end]), parts[end:]
    for end in range(1, len(parts)):
        if parts[end] in fields:
            return ".".join(parts[:end]), parts[end:]
    return parts[0], parts[1:]


def _variant_table(document: Document, name: str) -> Document:
    """The table of a variant in a document, made if need be."""
    variants = document["variants"] = [*listed(document)]
    for i, each in enumerate(variants):
        if each == name:
            variants[i] = {"name": name}
        if isinstance(variants[i], dict) and variants[i].get("name") == name:
            return variants[i]
    variants.append({"name": name})
    return variants[-1]


def _validated(kind: type[S], base: Settings, given: Any, prefix: str, problems: dict[str, str]) -> S | None:
    if not isinstance(given, Mapping):
        problems[prefix] = f"is a table of settings, not {given!r}"
        return None
    try:
        return kind.model_validate(_merged(base.model_dump(), given))
    except ValidationError as error:
        _collect(error, prefix, kind, problems)
        return None


def _merged(base: Mapping[str, Any], given: Mapping[str, Any]) -> Document:
    """`base` with what was given in its place, table by table."""
    merged = dict(base)
    for key, value in given.items():
        inner = merged.get(key)
        merged[key] = _merged(inner, value) if isinstance(inner, Mapping) and isinstance(value, Mapping) else value
    return merged


def _collect(error: ValidationError, prefix: str, kind: type[Settings], problems: dict[str, str]) -> None:
    for each in error.errors():
        path = [str(part) for part in each["loc"]]
        key = ".".join([prefix, *path])
        if each["type"] == "extra_forbidden":
            problems[key] = _unknown(path[-1], tuple(_fields(kind, path[:-1])))
        else:
            text = _form(each["type"], each["input"], kind, path) or each["msg"].removeprefix("Value error, ")
            value = "" if isinstance(each["input"], Mapping | list | tuple) else f" (it is {each['input']!r})"
            problems[key] = f"{text[:1].lower()}{text[1:]}{value}"


def _form(wrong: str, given: Any, kind: type[Settings], path: Sequence[str]) -> str:
    """How a value is to be written, where the words of the validation say so to programmers only; else "".

    Args:
        wrong: the validation's name of the fault.
        given: the value.
        kind: the table.
        path: from there to the value.
    """
    if wrong == "tuple_type":
        example = [given] * 2 if isinstance(given, int) and given > 0 else [200, 200]
        return f"is a list of whole numbers, such as {example}, or []"
    field = kind.model_fields.get(path[-1])
    if wrong == "model_type" and field is not None and isinstance(field.annotation, type):
        kinds = _kinds(field.annotation)
        return f"is a table of settings: set one of them, as {path[-1]}.kind={given if given in kinds else kinds[0]}"
    if wrong == "string_pattern_mismatch" and field is not None:
        return f"is not {field.description}"
    return "is a text: write it in quotes" if wrong == "string_type" else ""


def _fields(kind: type[Settings], path: Sequence[str]) -> Sequence[str]:
    for step in path:
        inner = kind.model_fields[step].annotation if step in kind.model_fields else None
        if not (isinstance(inner, type) and issubclass(inner, Settings)):
            return ()
        kind = inner
    return tuple(kind.model_fields)


def _unknown(key: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    if close:
        return f"there is no such setting; perhaps {close[0]!r} is meant"
    return f"there is no such setting; known are {', '.join(known)}" if known else "there is no such setting"


def _tell_unused(variant: Variant, given: Mapping[str, Any], key: str, problems: dict[str, str]) -> None:
    """Tell of what was given of a schedule or free bits that do not read it; not where `kind` switched them off."""
    for part, read in READ.items():
        settings, table = getattr(variant, part), given.get(part)
        if not isinstance(table, Mapping) or (settings.kind == "none" and "kind" in table):
            continue
        for name in table:
            value, usual = getattr(settings, name), type(settings).model_fields[name].default
            if value == usual or name == "kind" or name in read[settings.kind]:
                continue
            kinds = " or ".join(kind for kind, names in read.items() if name in names)
            without = "without" if settings.kind == "none" else f"with {settings.kind}, without"
            problems[f"{key}.{part}.{name}"] = f"has no effect {without} {part}.kind ({kinds})"


def _tell_unread(plan: Plan, base: Preset, document: Mapping[str, Any], problems: dict[str, str]) -> None:
    """Tell of other settings that nothing reads; not where the document itself has switched off what would."""
    usual = {"model": base.model(plan.model.vocabulary), "train": base.train}
    for table, name, other, read in _NEEDED:
        given = document.get(table, {})
        if name not in given or other in given or read(plan):
            continue
        if getattr(getattr(plan, table), name) != getattr(usual[table], name):
            problems[f"{table}.{name}"] = f"has no effect with {other} as it is ({_told(plan, table, other)})"


def _told(plan: Plan, table: str, name: str) -> str:
    value = getattr(getattr(plan, table), name)
    return "none" if value == () else str(value)


def _kinds(settings: type[Settings]) -> list[str]:
    """What the `kind` of a schedule or of free bits may be, but for none."""
    return [kind for kind in get_args(settings.model_fields["kind"].annotation) if kind != "none"]


def _no_variant(name: str) -> str:
    """Why a name stands for nothing."""
    if len(name) > MOST_NAME:
        return f"has {len(name)} characters; the name of a variant has {MOST_NAME} at most"
    digits = "in digits, with a point if need be"
    if name.startswith("vae-beta"):
        return f"needs a weight above 0 and at most {MOST_BETA:g} after vae-beta, {digits}, such as vae-beta0.5"
    if name.startswith("autogen-m"):
        return f"needs an m above -1 after autogen-m, {digits}, such as autogen-m0.5"
    return (
        f"is no known variant; known are {', '.join(PAPER_VARIANTS)}, vae-aggressive, vae-beta<value> for a "
        f"weight above 0 and at most {MOST_BETA:g}, and autogen-m<value> for any m above -1. "
        "Others need their settings, such as m"
    )


def _variants(given: Any, base: Preset, train: TrainConfig, problems: dict[str, str]) -> tuple[Variant, ...]:
    if not isinstance(given, Sequence) or isinstance(given, str) or not 1 <= len(given) <= MAX_VARIANTS:
        problems["variants"] = _LIST
        return ()
    # A shorter run warms up in proportion: an annealed VAE that never sees the full KL weight is no VAE.
    annealing = max(1, round(base.annealing / base.train.steps * train.steps))
    spare = iter(SPARE_COLOURS * 2)
    found: list[Variant] = []
    for i, each in enumerate(given):
        table = {"name": each} if isinstance(each, str) else each
        name = table.get("name") if isinstance(table, Mapping) else None
        key = f"variants.{name if isinstance(name, str) and name else i + 1}"
        if not isinstance(table, Mapping) or not isinstance(name, str):
            problems[key] = "needs a name"
            continue
        known = known_variant(name, annealing, base.annealing_start)
        if known is None and isinstance(each, str):
            problems[key] = _no_variant(name)
            continue
        start = known or Variant(name="other", label=name if re.fullmatch(NAME_PATTERN, name) else "")
        if known is None or known.colour == Variant.model_fields["colour"].default:
            start = start.model_copy(update={"colour": next(spare)})
        variant = _validated(Variant, start, table, key, problems)
        if variant is not None:
            if known is not None and "label" not in table:
                variant = variant.model_copy(update={"label": own_label(variant, known)})
            found.append(variant)
            _tell_unused(variant, table, key, problems)
    names = [variant.name for variant in found]
    for name in {name for name in names if names.count(name) > 1}:
        problems[f"variants.{name}"] = "is named twice"
    return tuple(found)
