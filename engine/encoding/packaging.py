"""Make the packaged demo from a trained run: half-precision weights, curves, language model, latents and maps.

    python -m engine.encoding.packaging runs/demo assets/demo

Half precision halves the download, curves keep four digits, and all of it is packed (`engine/runs/packed.py`); the
latents are encoded with the halved weights, so that what the app shows and what it decodes live agree. Run it from the
project's root. The run is one of the demo's text as it is now; of another, nothing is replaced.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.config import ProjectionConfig
from engine.encoding.encode import encode
from engine.encoding.packaged import package_latents, packaged_files
from engine.errors import LoomError
from engine.events import Event, Note
from engine.maps.projection import project
from engine.runs.checkpoint import CheckpointFolder
from engine.runs.compared import compared
from engine.runs.corpus_of_run import find_corpus
from engine.runs.metrics import read_lines
from engine.runs.packed import packed, write_log
from engine.runs.run import JUDGE, PROBE, Run
from engine.storage.digests import SEAL, sealed
from engine.storage.files import publish, read_json, write_json
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace


def package(source: Path, target: Path) -> Iterator[Event]:
    """Write the packaged form of a run.

    Args:
        source: the folder of a run that has checkpoints.
        target: the folder to fill; a card (README.md) that lies there stays.

    Raises:
        LoomError: the run cannot be read or is of another text than the demo's now, or the target holds something else.
    """
    run = Run.open(source)
    if target.exists() and not (target / "run.json").exists() and any(target.iterdir()):
        raise LoomError(f"{target} is not empty and holds no packaged run.", "Name an empty or an earlier folder.")
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Workspace(Path(scratch))
        try:
            yield from find_corpus(run, workspace)  # before anything of an earlier package is replaced
        except LoomError as error:
            raise LoomError(
                f"Run {run.name!r} was not trained on the demo's text as it is now, so it cannot be packaged.",
                "Train one: python main.py corpus demo --replace, then python main.py train demo --run demo-new",
            ) from error
        yield from _with_weights(run, target)
        yield from _with_judge(run, target)
        run.vocabulary.save(target / "vocabulary.txt")
        settings = run.settings.model_copy(update={"vocabulary_fingerprint": run.vocabulary.fingerprint})
        write_json(target / "run.json", sealed(settings.model_dump(mode="json")))
        for old in packaged_files(target):
            old.unlink()
        packaged = Run.open(target)
        yield from encode(packaged, workspace)
        path = workspace.cache(packaged.name)
        yield from project(path, None, ProjectionConfig())
        with LatentCache.open(path) as cache:
            package_latents(cache, target)


def _with_weights(run: Run, target: Path) -> Iterator[Event]:
    """Copy what every variant has learned, in half precision, and what was logged of it."""
    at = compared(run)
    if at.note:
        yield Note(at.note, "warning")
    for variant in run.variants:
        checkpoint = run.checkpoints(variant.name).chosen(at.steps.get(variant.name))
        folder = target / "variants" / variant.name
        folder.mkdir(parents=True, exist_ok=True)
        for old in (*folder.glob("step-*"), *folder.glob("*.jsonl*")):
            old.unlink()
        halved = {name: tensor.half() for name, tensor in checkpoint.weights().items()}
        CheckpointFolder(folder).write(checkpoint.step, halved, None, pack=True)
        for name, path in (("metrics", run.metrics_path(variant.name)), ("probe", run.probe_path(variant.name))):
            write_log(packed(folder / f"{name}.jsonl"), "".join(map(_compact, read_lines(path))))
        yield Note(f"{variant.name}: step {checkpoint.step:,}")
    if (run.path / PROBE).exists():
        write_json(target / PROBE, read_json(run.path / PROBE, "the probe sentences"))


def _with_judge(run: Run, target: Path) -> Iterator[Event]:
    """Copy the recurrent language model of its text, which has half precision and says itself which text it is of."""
    source = run.path / JUDGE
    (target / JUDGE).unlink(missing_ok=True)
    if not source.exists():
        yield Note(f"There is no {JUDGE}. To train one: python main.py evaluate {run.name} --judge", "warning")
        return
    with publish(target / JUDGE) as scratch:
        shutil.copyfile(source, scratch)


def _compact(line: dict[str, Any]) -> str:
    """A line of a log in few characters."""
    return json.dumps(sealed(_rounded(line)), separators=(",", ":")) + "\n"


def _rounded(value: Any, digits: int = 4) -> Any:
    """A value with four digits of each number, three in lists: they are drawn, and nothing goes on from them."""
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items() if key != SEAL}
    if isinstance(value, list):
        return [_rounded(each, 3) for each in value]
    return float(f"{value:.{digits}g}") if isinstance(value, float) else value


def main() -> None:
    """Package from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m engine.encoding.packaging", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("source", type=Path, help="folder of the trained run")
    parser.add_argument("target", type=Path, help="folder of the packaged run, such as assets/demo")
    options = parser.parse_args()
    try:
        for event in package(options.source, options.target):
            if isinstance(event, Note):
                print(event.text)
    except LoomError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
