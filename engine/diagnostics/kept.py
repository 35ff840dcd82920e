"""What was diagnosed of a run, kept beside its cache, and whether it still holds.

One sealed JSON document a run, described in engine/storage/FORMAT.md: the newest diagnoses, each with the fingerprints
of all that it was made from. One that any of them does not fit is as if it were not there. No torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.diagnostics.request import Plan
from engine.errors import LoomError
from engine.runs.best import Step
from engine.runs.run import Run
from engine.storage.digests import digest_of_document, sealed, unsealed
from engine.storage.files import read_json, write_json
from engine.storage.latent_cache import ACTIVE_UNIT_THRESHOLD
from engine.storage.locks import wait_until_free
from engine.version import app_version

KIND = "latent-loom-diagnosis"
VERSION = 1
METHOD = 6
"""Raised when an estimator, a threshold or the words of the report change: what was made before is then made anew."""
MOST = 8
"""Diagnoses kept of a run: the newest, and of those like the newest the most thorough."""
_WHAT = "what was diagnosed of a run"


@dataclass(frozen=True, slots=True)
class Kept:
    """A diagnosis: the result of `diagnose`, what it was made from, and when (ISO 8601, UTC)."""

    created: str
    made_from: Mapping[str, Any]
    result: Mapping[str, Any]


def sources(run: Run, models: Mapping[str, str], step: Step) -> dict[str, Any]:
    """What a diagnosis of these models depends on besides what was asked.

    Args:
        run: its settings are among it, as the report advises on them.
        models: fingerprints of the weights, by variant.
        step: that they are of; "best" where each is of its own.
    """
    return {
        "method": METHOD,
        "corpus": run.settings.corpus.fingerprint,
        "settings": digest_of_document(run.settings.model_dump(mode="json")),
        "models": dict(models),
        "step": step,
    }


def asked(plan: Plan, threshold: float) -> dict[str, Any]:
    """What was asked of a diagnosis."""
    return {
        "sentences": plan.sentences,
        "weighted": plan.weighted,
        "samples": plan.samples,
        "threshold": threshold,
        "seed": plan.seed,
    }


def read(path: Path) -> tuple[Kept, ...]:
    """The diagnoses of a document, the newest first; none where there is no document.

    Raises:
        LoomError: it is damaged, of another kind or a newer version.
    """
    if not path.exists():
        return ()
    document = _whole(path)
    _check_version(document, path)
    return tuple(Kept(each["created"], each["made_from"], each["result"]) for each in document["diagnoses"])


def find(path: Path, made_from: Mapping[str, Any]) -> Kept | None:
    """The diagnosis that was made from just that, if there is one. Raises as `read`."""
    return next((each for each in read(path) if each.made_from == made_from), None)


def most_thorough(path: Path, made_from: Mapping[str, Any]) -> Kept | None:
    """Of the diagnoses made from these `sources`, the one with the most sentences; the newest of several.

    Those with a threshold of one's own for active units are left out: their numbers have another meaning.

    Raises:
        LoomError: as `read`.
    """
    fitting = [
        each
        for each in read(path)
        if each.made_from["threshold"] == ACTIVE_UNIT_THRESHOLD
        and all(each.made_from.get(name) == value for name, value in made_from.items())
    ]
    return max(fitting, key=lambda each: _effort(each.made_from), default=None)


def keep(path: Path, run: Run, result: Mapping[str, Any]) -> None:
    """Put what `diagnose` has found into the document; a damaged one is replaced.

    Raises:
        LoomError: it cannot be written, or the document is of a newer version.
    """
    plan = Plan(result["sentences"], result["weighted_sentences"], result["samples"], result["seed"])
    made_from = sources(run, result["models"], result["step"]) | asked(plan, result["threshold"])
    made = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "app_version": app_version(),
        "made_from": made_from,
        "result": dict(result),
    }
    with wait_until_free(path):
        others = [each for each in _others(path) if each["made_from"] != made_from]
        diagnoses = _worth_keeping([made, *others])
        write_json(path, sealed({"kind": KIND, "version": VERSION, "run": run.name, "diagnoses": diagnoses}))


def _effort(made_from: Mapping[str, Any]) -> tuple[int, int]:
    """How much was measured: sentences, and importance samples in all. Of two, the larger says more."""
    return made_from["sentences"], made_from["weighted"] * made_from["samples"]


def _worth_keeping(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of diagnoses, the newest first, those that are kept, in the same order."""
    same = ("method", "corpus", "settings", "models", "step", "threshold")
    newest = entries[0]["made_from"]
    alike = [each for each in entries if all(each["made_from"].get(key) == newest.get(key) for key in same)]
    best = max(alike, key=lambda each: _effort(each["made_from"]))
    kept = list(entries[:MOST])
    return kept if best in kept else [*kept[:-1], best]


def _others(path: Path) -> list[dict[str, Any]]:
    try:
        document = _whole(path)
    except LoomError:
        return []
    _check_version(document, path)
    return list(document["diagnoses"])


def _whole(path: Path) -> dict[str, Any]:
    """The document without its seal, if it is what was written."""
    again = f"Make it anew: python main.py diagnose {path.name.removesuffix('.diagnosis.json')} --anew"
    document = unsealed(read_json(path, _WHAT, again), path, f"{again}.")
    if not isinstance(document, dict) or document.get("kind") != KIND or not isinstance(document.get("version"), int):
        raise LoomError(f"{path} does not hold {_WHAT}.", again)
    entries = document.get("diagnoses")
    if document["version"] <= VERSION and not (isinstance(entries, list) and all(map(_is_entry, entries))):
        raise LoomError(f"{path} lacks parts of {_WHAT}.", again)
    return document


def _is_entry(entry: Any) -> bool:
    parts = {"created": str, "made_from": dict, "result": dict}
    if not isinstance(entry, dict) or not all(isinstance(entry.get(name), kind) for name, kind in parts.items()):
        return False
    numbers = ("sentences", "weighted", "samples", "threshold")
    return all(isinstance(entry["made_from"].get(name), int | float) for name in numbers)


def _check_version(document: Mapping[str, Any], path: Path) -> None:
    if document["version"] > VERSION:
        raise LoomError(
            f"{path} has version {document['version']} of its format; this program reads up to {VERSION}.",
            "Update the program, or move the file away.",
        )
