"""The file of a run's recurrent language model: its weights, and which text they were made from. No torch.

One safetensors file in the run's folder, whose header says the rest; see engine/storage/FORMAT.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import LoomError
from engine.evaluation.measures.judge.recipe import Recipe, Sizes
from engine.evaluation.measures.parts import seal_of
from engine.runs.run import JUDGE, Run
from engine.storage.digests import seal_holds, sealed
from engine.storage.files import publish

KIND = "latent-loom-judge"
VERSION = 1
_KEY = "judge"
"""Of the description in the header of the file."""


@dataclass(frozen=True)
class Stored:
    """A trained network as it is kept.

    Attributes:
        corpus: fingerprint of the text.
        sizes, recipe: how it was built and trained.
        tokens: that were learned from, ends counted, each as often as it came.
        sentences: of the training text among them.
        held_out: the perplexity of those that were kept apart; None where there were none.
        weights: by name, half precision.
    """

    corpus: str
    sizes: Sizes
    recipe: Recipe
    tokens: int
    sentences: int
    held_out: float | None
    weights: Mapping[str, NDArray[np.float16]]

    @property
    def fingerprint(self) -> str:
        """The digest of the weights."""
        return seal_of(self.weights)

    @property
    def how(self) -> str:
        """What it is, for people."""
        return (
            f"an LSTM of {self.sizes.hidden} units, word vectors of {self.sizes.embedding}, trained on "
            f"{self.sentences:,} training sentences ({self.tokens:,} tokens in all), seed {self.recipe.seed}"
        )

    def description(self) -> dict[str, Any]:
        """What stands in the header."""
        fields = {name: getattr(self, name) for name in ("corpus", "tokens", "sentences", "held_out")}
        made = {"sizes": asdict(self.sizes), "recipe": asdict(self.recipe), "weights": self.fingerprint}
        return sealed({"kind": KIND, "version": VERSION, **fields, **made})


def path_of(folder: Path) -> Path:
    """Where it lies in a run's folder."""
    return folder / JUDGE


def read(run: Run) -> Stored | None:
    """What is kept of a run; None where nothing is.

    Raises:
        LoomError: the file is cut off, damaged, of another kind or a newer version, or of another text than the run's.
    """
    path = path_of(run.path)
    if not path.exists():
        return None
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as file:
            header = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
        document = json.loads(header.get(_KEY, "null"))
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        raise LoomError(f"{path} is cut off or damaged ({error}).", _again(run)) from error
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise LoomError(f"{path} holds no recurrent language model.", _again(run))
    if isinstance(document.get("version"), int) and document["version"] > VERSION:
        raise LoomError(
            f"{path} has version {document['version']} of its format; this program reads up to {VERSION}.",
            f"Update the program. {_again(run)}",
        )
    try:
        found = Stored(
            document["corpus"],
            Sizes(**document["sizes"]),
            Recipe(**document["recipe"]),
            document["tokens"],
            document["sentences"],
            document["held_out"],
            weights,
        )
    except (KeyError, TypeError) as error:
        raise LoomError(f"{path} lacks parts of its description.", _again(run)) from error
    if not seal_holds(document) or found.fingerprint != document.get("weights"):
        raise LoomError(f"{path} was changed since it was written.", _again(run))
    if found.corpus != run.settings.corpus.fingerprint or found.sizes.vocabulary != len(run.vocabulary):
        raise LoomError(f"{path} was trained on another text than the run's.", _again(run))
    return found


def write(run: Run, found: Stored) -> None:
    """Publish it in the run's folder.

    Raises:
        LoomError: it cannot be written, or the folder is gone.
    """
    from safetensors.numpy import save

    content = save(dict(found.weights), {_KEY: json.dumps(found.description())})
    with publish(path_of(run.path), make_folder=False) as scratch:
        scratch.write_bytes(content)


def _again(run: Run) -> str:
    return f"Train it anew: python main.py evaluate {run.name} --judge"
