"""Where the numbers of a report come from: settings, seeds, fingerprints, versions, and the commands to repeat it.

Files are named without their folders, so that a report that is handed on does not tell how somebody's disk is laid out.
"""

from __future__ import annotations

import platform
import re
import shlex
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PureWindowsPath
from typing import Any

from engine.evaluation.measures.result import Evaluation
from engine.runs.corpus_of_run import prepared_by
from engine.runs.run import CorpusReference, Run
from engine.runs.warm_start import option
from engine.training.plan import Plan, document_of, to_toml
from engine.version import app_version
from engine.workspace import CHECKOUT

TRAINING = "training.toml"
"""The file of the report from which the run can be trained again."""
_PINNED = re.compile(r"^([\w.-]+)==", re.MULTILINE)
_PLACES = ("source", "valid_source", "test_source", "vocabulary_file")


def settings(run: Run, evaluation: Evaluation, seed: int) -> dict[str, Any]:
    """What `settings.json` holds.

    Args:
        run: that was evaluated.
        evaluation: of it.
        seed: of the tables of sentences.
    """
    asked = ("sentences", "tokens", "of", "samples", "draws", "pairs", "beam", "seed", "complete", "created")
    return {
        "run": run.name,
        "step": evaluation.step,
        "seeds": {"training": run.settings.train.seed, "evaluation": evaluation.seed, "tables": seed},
        "evaluation": {name: getattr(evaluation, name) for name in asked},
        "language_model": dict(evaluation.language_model),
        "fingerprints": {
            "corpus": evaluation.corpus,
            "vocabulary": run.vocabulary.fingerprint,
            "models": dict(evaluation.models),
        },
        "corpus": _without_folders(run.settings.corpus).model_dump(mode="json"),
        "model": run.settings.model.model_dump(mode="json"),
        "training": run.settings.train.model_dump(mode="json"),
        "variants": [variant.model_dump(mode="json") for variant in run.variants],
        "commands": list(commands(run, evaluation, seed)),
    }


def commands(run: Run, evaluation: Evaluation, seed: int) -> tuple[str, ...]:
    """What to give in turn to get this report again, from the text on."""
    text = _without_folders(run.settings.corpus)
    if text.source == "demo":
        prepare = f"python main.py corpus demo --name {shlex.quote(text.name)}"
    else:
        prepare = prepared_by(text, len(run.vocabulary))
    given = option(run.settings.first_weights)
    start = f" --from {given}" if given else ""
    return (
        prepare,
        f"python main.py train {shlex.quote(text.name)} --run {run.name} --config {TRAINING}{start}",
        f"python main.py encode {run.name}",
        evaluation.command([each.name for each in run.variants]),
        f"python main.py report {run.name}" + (f" --seed {seed}" if seed else ""),
    )


def training_plan(run: Run) -> str:
    """The settings of a training as the TOML that `train --config` takes."""
    train = run.settings.train
    if train.evaluate_every is None:  # as often as checkpoints; where nothing is said, a preset would say something
        train = train.model_copy(update={"evaluate_every": train.checkpoint_every})
    return to_toml(document_of(Plan("demo", run.settings.model, train, run.variants)))


def versions() -> dict[str, Any]:
    """What `versions.json` holds: the program, Python, the system, and every library that the program asks for."""
    listed = CHECKOUT / "requirements.txt"
    names = _PINNED.findall(listed.read_text(encoding="utf-8")) if listed.is_file() else []
    return {
        "latent-loom": app_version(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "libraries": {name: found for name in dict.fromkeys(names) if (found := _installed(name))},
    }


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _without_folders(text: CorpusReference) -> CorpusReference:
    places = {name: _name_of(place) for name in _PLACES if (place := getattr(text, name)) is not None}
    return text.model_copy(update=places)


def _name_of(place: str) -> str:
    return PureWindowsPath(place).name if "\\" in place else Path(place).name or place
