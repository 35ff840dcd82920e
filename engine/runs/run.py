"""A run on disk: its settings, vocabulary and variants. The format is specified in FORMAT.md.

run.json                       kind, version, name, corpus, model, train, variants
vocabulary.txt, capitals.txt   so that a run can be opened without its corpus
judge.safetensors              a language model of the text, where one was trained (`engine/evaluation/measures/judge`)
variants/<name>/metrics.jsonl  one line per log step
variants/<name>/step-<n>.*     checkpoints, see `checkpoint`
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, ValidationError

from engine.config import ModelConfig, Settings, TrainConfig, Variant
from engine.corpus.vocabulary import Vocabulary
from engine.errors import LoomError, UsageError
from engine.runs.checkpoint import CheckpointFolder
from engine.runs.packed import stored
from engine.storage.digests import sealed, unsealed
from engine.storage.files import publish_folder, read_json, settled, write_json, writing_failed
from engine.workspace import Workspace

if TYPE_CHECKING:
    from torch import Tensor

KIND = "latent-loom-run"
VERSION = 1
PROBE = "probe.json"
"""The sentences that are written again at every evaluation."""
JUDGE = "judge.safetensors"
"""The recurrent language model of its text that judges what its models write, where one was trained."""
_ABOUT_A_TRAINING = {"process.json", PROBE}
"""What a training notes of itself; without a run.json it means nothing."""


class CorpusReference(Settings):
    """Which text a run was trained on, and how to prepare it again.

    `tokenised` is what was asked for, None where it was found out; `given` whether the text is cut
    already. `language` is that of text without spaces between words, "" for any other.
    """

    name: str
    fingerprint: str
    source: str
    min_words: int
    max_words: int
    test_fraction: float
    seed: int
    limit: int | None = None
    column: str | tuple[str, ...] | None = None
    separator: str | None = None
    encoding: str | None = None
    tokenised: bool | None = None
    lower: bool = False
    given: bool = False
    language: str = ""
    valid_source: str | None = None
    test_source: str | None = None
    vocabulary_file: str | None = None
    keep: tuple[str, ...] | None = None


class FirstWeights(Settings):
    """Where the first weights of a variant are from: variant `of` of a run at a step, and what tells those weights."""

    variant: str
    run: str
    of: str
    step: int
    weights_sha256: str


class RunSettings(Settings):
    """What run.json holds. `first_weights` is empty where they were drawn."""

    kind: Literal["latent-loom-run"] = "latent-loom-run"
    version: int = VERSION
    name: str
    created: str
    corpus: CorpusReference
    vocabulary_fingerprint: str | None = None  # earlier runs have none
    model: ModelConfig
    train: TrainConfig
    variants: tuple[Variant, ...] = Field(min_length=1)
    first_weights: tuple[FirstWeights, ...] = ()


@dataclass(frozen=True)
class Run:
    """An opened run: validated settings and the places of its files."""

    path: Path
    settings: RunSettings
    vocabulary: Vocabulary

    @property
    def name(self) -> str:
        """The name of its folder, which may have been copied or renamed since the training."""
        return self.path.name

    @property
    def variants(self) -> tuple[Variant, ...]:
        """What the run trains, in the order of its columns."""
        return self.settings.variants

    def variant(self, name: str) -> Variant:
        """A variant by name.

        Raises:
            UsageError: the run has none of that name.
        """
        for variant in self.variants:
            if variant.name == name:
                return variant
        known = ", ".join(variant.name for variant in self.variants)
        raise UsageError(f"Run {self.name!r} has no variant {name!r}.", f"It has {known}.")

    def select(self, names: tuple[str, ...] | None) -> tuple[Variant, ...]:
        """The named variants, or all of them, in the run's order.

        Raises:
            UsageError: the run has none of one of the names.
        """
        if not names:
            return self.variants
        wanted = {self.variant(name).name for name in names}
        return tuple(variant for variant in self.variants if variant.name in wanted)

    def checkpoints(self, variant: str) -> CheckpointFolder:
        """The checkpoints of a variant."""
        return CheckpointFolder(self.path / "variants" / variant)

    def metrics_path(self, variant: str) -> Path:
        """The file of a variant's logged terms."""
        return stored(self.path / "variants" / variant / "metrics.jsonl")

    def probe_path(self, variant: str) -> Path:
        """The file of what a variant made of the probe sentences."""
        return stored(self.path / "variants" / variant / "probe.jsonl")

    def check_still_there(self) -> None:
        """Raise a LoomError if the run was deleted since it was opened."""
        if not (self.path / "run.json").exists():
            raise LoomError(
                f"Run {self.name!r} is not there any more: {self.path} was deleted or moved meanwhile.",
                "Put it back and give the same command again.",
            )

    def make_variant_folders(self) -> None:
        """Make the folders of the variants where they are missing, as in a copy that left out what was empty.

        Raises:
            LoomError: they cannot be made, or the run's own folder is gone.
        """
        for variant in self.variants:
            folder = self.checkpoints(variant.name).folder
            for each in (folder.parent, folder):
                try:
                    each.mkdir(exist_ok=True)
                except OSError as error:
                    raise writing_failed(error, each) from error

    def model_fingerprint(self, variant: str, step: int | None = None) -> str:
        """SHA-256 of the weights of the variant's newest checkpoint, or of the one of a step.

        Raises:
            LoomError: there is no such checkpoint.
        """
        return self.checkpoints(variant).chosen(step).fingerprint

    @classmethod
    def open(cls, path: Path) -> Run:
        """Open a run.

        Raises:
            LoomError: a file is missing, of another kind or version, or does not hold what it should.
        """
        file = settled(path) / "run.json"
        document = read_json(file, f"the settings of run {path.name!r}")
        _check_kind(document, file)
        document = unsealed(document, file, "Restore it from a copy.")
        try:
            settings = RunSettings.model_validate(document)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise LoomError(f"{file}: {where}: {first['msg']}.", "Restore the file from a copy.") from error
        text = settings.corpus
        again = (
            f"Restore it from a copy: the corpus {text.name} has the same file, if it is the one that was trained on."
        )
        vocabulary = Vocabulary.load(path / "vocabulary.txt", text.given, text.language, again)
        if len(vocabulary) != settings.model.vocabulary:
            raise LoomError(
                f"{path / 'vocabulary.txt'} has {len(vocabulary)} words, run.json says {settings.model.vocabulary}.",
                "Both files must come from the same training.",
            )
        # Words that changed places would decode to fluent nonsense, and nothing else would show it.
        if settings.vocabulary_fingerprint not in (None, vocabulary.fingerprint):
            raise LoomError(
                f"{path / 'vocabulary.txt'} is not the vocabulary that run {path.name!r} was trained with: words were "
                "changed or have changed places.",
                "Restore it from a copy; both files must come from the same training.",
            )
        return cls(path, settings, vocabulary)

    @classmethod
    def create(
        cls,
        path: Path,
        settings: RunSettings,
        vocabulary: Vocabulary,
        weights: Mapping[str, Mapping[str, Tensor]] | None = None,
    ) -> Run:
        """Begin a run in a new folder.

        A run that never came to a checkpoint (its disk was full, say) is begun anew.

        Args:
            path: the folder.
            settings: of the run.
            vocabulary: of its text.
            weights: by variant, those that it starts from, which become its checkpoint of step 0; None to draw them.

        Raises:
            UsageError: there is a run already, or a folder with something else in it.
            LoomError: the folder could not be written.
        """
        trained = any(path.glob("variants/*/step-*"))
        if (path / "run.json").exists() and trained:
            raise UsageError(
                f"There is a run in {path} already.",
                "Add --resume to go on with it, or give another name with --run NAME.",
            )
        if holds_something_else(path):
            raise UsageError(
                f"{path} exists and holds no run (it has no run.json); nothing in it was touched.",
                "Give another name with --run NAME, or restore its run.json.",
            )
        settings = settings.model_copy(update={"vocabulary_fingerprint": vocabulary.fingerprint})
        with publish_folder(path) as scratch:
            vocabulary.save(scratch / "vocabulary.txt")
            write_json(scratch / "run.json", sealed(settings.model_dump(mode="json")))
            for variant in settings.variants:
                folder = scratch / "variants" / variant.name
                folder.mkdir(parents=True)
                if weights is not None:
                    CheckpointFolder(folder).write(0, weights[variant.name], None)
        return cls(path, settings, vocabulary)


def holds_something_else(path: Path) -> bool:
    """Whether something stands at the place of a run that is no run, so that none may be begun there.

    Earlier versions brought a run that was deleted under its training back with its `process.json` alone.
    """
    if not path.exists() or (path / "run.json").exists():
        return False
    return not path.is_dir() or any(each.name not in _ABOUT_A_TRAINING for each in path.iterdir())


def trained_on(fingerprint: str, workspace: Workspace) -> list[str]:
    """The names of the runs of a workspace that were trained on the corpus of that fingerprint.

    A run whose settings cannot be read is left out: it cannot be told what it was trained on.
    """
    found = []
    for name in workspace.run_names():
        with suppress(LoomError):
            document = read_json(workspace.run(name) / "run.json", f"the settings of run {name!r}")
            corpus = document.get("corpus") if isinstance(document, dict) else None
            if isinstance(corpus, dict) and corpus.get("fingerprint") == fingerprint:
                found.append(name)
    return found


def now() -> str:
    """The present time, UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _check_kind(document: Any, file: Path) -> None:
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise LoomError(f"{file} does not describe a run of Latent Loom.", "Name a folder that `train` has written.")
    version = document.get("version")
    if version != VERSION:
        raise LoomError(
            f"{file} has version {version}, this program reads version {VERSION}.",
            "Open it with the version of Latent Loom that wrote it, or train again.",
        )


def none_readable(run_name: str, errors: Sequence[LoomError]) -> LoomError:
    """What to say when no model of a run can be read: one error about all of them."""
    if len(errors) == 1:
        return errors[0]
    return LoomError(
        f"None of the {len(errors)} models of run {run_name!r} can be read. The first: {errors[0].message}",
        errors[0].hint or "Copy the whole run folder again, or train again.",
    )
