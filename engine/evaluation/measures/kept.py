"""The results of evaluations, kept beside the cache of a run, and whether they still hold. No torch.

One sealed JSON document a run, the newest results first, each with the fingerprints of all that it was made from; see
engine/storage/FORMAT.md. One that any of them does not fit is as if it were not there. Unfinished results stand in it
too, marked as such, so that the window shows what there is while an evaluation goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.config import Variant
from engine.diagnostics.request import steps_of
from engine.errors import LoomError
from engine.evaluation.measures.parts import METHOD, Drawer
from engine.evaluation.measures.request import Request
from engine.evaluation.measures.result import Evaluation
from engine.runs.compared import comparable
from engine.runs.run import Run
from engine.storage.digests import sealed, unsealed
from engine.storage.files import read_json, write_json
from engine.storage.locks import wait_until_free
from engine.version import app_version
from engine.workspace import Workspace

KIND = "latent-loom-evaluation"
VERSION = 1
MOST = 8
"""Results kept of a run: the newest, and the most thorough one of the same weights, which tables and reports take."""
WORDS = 5
"""Raised when the words or the definitions of the numbers change: results are then put together anew."""
_WHAT = "what was evaluated of a run"


def made_from(
    run: Run, models: Mapping[str, str], step: int, request: Request, sentences: int, judge: str
) -> dict[str, Any]:
    """All that a result depends on.

    Args:
        run: its corpus.
        models: fingerprints of the weights, by variant.
        step: that they are of.
        request: how much of everything.
        sentences: of the test set.
        judge: fingerprint of the recurrent language model; "" for none.
    """
    return {
        "method": METHOD,
        "words": WORDS,
        "corpus": run.settings.corpus.fingerprint,
        "models": dict(models),
        "step": step,
        "sentences": sentences,
        "samples": request.samples,
        "draws": request.draws,
        "pairs": request.pairs,
        "beam": request.beam,
        "seed": request.seed,
        "judge": judge,
        "selection": request.selection.as_json(),
    }


def drawer(run: Run, workspace: Workspace, variant: str, fingerprint: str, seed: int) -> Drawer:
    """Where the parts of a variant lie that were made with these weights and this seed."""
    made = {"corpus": run.settings.corpus.fingerprint, "model": fingerprint, "seed": seed}
    return Drawer(workspace.evaluation(run.name).with_suffix(""), variant, made)


def seeds(path: Path) -> tuple[int, ...]:
    """Of the results that are kept, and the usual one; parts were measured with them. Raises as `find`."""
    return tuple(dict.fromkeys((Request().seed, *(int(entry["made_from"]["seed"]) for entry in _entries(path)))))


def find(path: Path, wanted: Mapping[str, Any]) -> Evaluation | None:
    """The complete result that was made from just that, if there is one.

    Raises:
        LoomError: the document is damaged, of another kind or a newer version.
    """
    for entry in _entries(path):
        if entry["made_from"] == wanted and entry["result"]["complete"]:
            return Evaluation.from_json(entry["result"])
    return None


def is_complete(path: Path, wanted: Mapping[str, Any]) -> bool:
    """Whether a complete result that was made from just that is there and can be read."""
    try:
        return find(path, wanted) is not None
    except LoomError:
        return False


def read(path: Path) -> Evaluation | None:
    """The newest result, whatever it was made from; None where there is none. Raises as `find`."""
    entries = _entries(path)
    return Evaluation.from_json(entries[0]["result"]) if entries else None


def most_thorough(
    run: Run, workspace: Workspace, step: int | None = None, variants: tuple[Variant, ...] | None = None
) -> Evaluation | None:
    """Of the results that still fit models and corpus, the one with the most sentences; the newest of several.

    Those of a selection are left out: their numbers have another meaning.

    Args:
        run: whose.
        workspace: where it was kept.
        step: of the checkpoints; None for those that commands compare.
        variants: of the run, those that can be evaluated; None for all that have a checkpoint. Results of others do not
            count.

    Raises:
        LoomError: as `find`, or no variant has a checkpoint, or not all of these one of that step.
    """
    entries = _entries(workspace.evaluation(run.name))
    if not entries:
        return None
    variants = variants or comparable(run, step).variants
    at = max(steps_of(run, variants, step)[1].values())
    now = {variant.name: run.model_fingerprint(variant.name, at) for variant in variants}
    fitting = [
        entry
        for entry in entries
        if (made := entry["made_from"])["corpus"] == run.settings.corpus.fingerprint
        and not made["selection"]
        and (made["method"], made["words"], made["step"]) == (METHOD, WORDS, at)
        and all(now.get(name) == fingerprint for name, fingerprint in made["models"].items())
    ]
    chosen = max(fitting, key=_effort, default=None)
    return None if chosen is None else Evaluation.from_json(chosen["result"])


def _effort(entry: Mapping[str, Any]) -> tuple[int, bool, int, int, int, int]:
    made = entry["made_from"]
    much = made["sentences"], made["samples"], made["draws"], made["pairs"]
    return len(made["models"]), entry["result"]["complete"], *much


def _worth_keeping(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of results, the newest first, those that are kept, in the same order."""
    if len(entries) <= MOST:
        return list(entries)
    newest = entries[0]["made_from"]
    alike = [
        each
        for each in entries
        if not each["made_from"]["selection"]
        and all(each["made_from"][key] == newest[key] for key in ("method", "words", "corpus", "step"))
        and each["made_from"]["models"].items() >= newest["models"].items()
    ]
    best = max(alike, key=_effort, default=None)
    kept = list(entries[:MOST])
    return kept if best is None or best in kept else [*kept[:-1], best]


def keep(path: Path, run: Run, wanted: Mapping[str, Any], found: Evaluation) -> None:
    """Put a result, finished or not, into the document; a damaged one is replaced.

    Raises:
        LoomError: it cannot be written, or the document is of a newer version.
    """
    entry = {"app_version": app_version(), "made_from": dict(wanted), "result": found.as_json()}
    with wait_until_free(path):
        try:
            others = [each for each in _entries(path) if each["made_from"] != wanted]
        except _NewerError:
            raise
        except LoomError:
            others = []
        write_json(
            path,
            sealed({"kind": KIND, "version": VERSION, "run": run.name, "results": _worth_keeping([entry, *others])}),
        )


class _NewerError(LoomError):
    """The document is of a newer version."""


def _entries(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    # What was measured for it lies in files of its own: without --anew it is put together from those.
    again = f"Make it anew: python main.py evaluate {path.name.removesuffix('.evaluation.json')}"
    document = unsealed(read_json(path, _WHAT, again), path, f"{again}.")
    if not isinstance(document, dict) or document.get("kind") != KIND or not isinstance(document.get("version"), int):
        raise LoomError(f"{path} does not hold {_WHAT}.", again)
    if document["version"] > VERSION:
        raise _NewerError(
            f"{path} has version {document['version']} of its format; this program reads up to {VERSION}.",
            "Update the program, or move the file away.",
        )
    entries = document.get("results")
    if not isinstance(entries, list) or not all(map(_is_entry, entries)):
        raise LoomError(f"{path} lacks parts of {_WHAT}.", again)
    return entries


def _is_entry(entry: Any) -> bool:
    try:
        made, result = entry["made_from"], Evaluation.from_json(entry["result"])
        numbers = [made[name] for name in ("method", "sentences", "seed")]
        return isinstance(result, Evaluation) and all(isinstance(number, int) for number in numbers)
    except (KeyError, TypeError, AttributeError):
        return False
