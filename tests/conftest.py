"""A small real corpus and a small real run, made once, for every test that needs them."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import torch
from hypothesis import settings

from engine.config import ModelConfig, TrainConfig, Variant, known_variant
from engine.corpus.prepare import CorpusRequest, prepare_corpus
from engine.corpus.store import Corpus
from engine.encoding.encode import encode
from engine.events import Done
from engine.runs.corpus_of_run import reference_of
from engine.runs.run import Run, RunSettings, now
from engine.training.loop import train
from engine.workspace import Workspace

torch.set_num_threads(1)  # Tiny models: more threads cost more than they save.

settings.register_profile("any clock", deadline=None)  # a busy machine makes no property untrue
settings.load_profile("any clock")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the corpora beside the checkout are skipped where those are missing."""
    if not SHARED_DATA.is_dir():
        for item in items:
            if item.get_closest_marker("shared_data"):
                item.add_marker(pytest.mark.skip(reason="the shared corpora are not beside this checkout"))


@pytest.fixture(autouse=True)
def _same_random_numbers() -> None:
    """A test draws the same numbers alone and among others."""
    torch.manual_seed(0)


def write_sentences(path: Path, count: int = 600, seed: int = 0) -> Path:
    """A text file of distinct simple sentences, one a line."""
    choose = random.Random(seed)
    who = ["the cat", "my old dog", "a teacher", "your sister", "our captain", "the green bird", "a tired farmer"]
    does = ["sees", "loves", "paints", "follows", "remembers", "forgets", "carries", "hides"]
    what = ["the house", "a red boat", "the long road", "some bread", "the winter", "a small key", "the river"]
    when = ["today", "at night", "every morning", "in the rain", "after lunch", "now and then", "again"]
    lines: set[str] = set()
    while len(lines) < count:
        words = f"{choose.choice(who)} {choose.choice(does)} {choose.choice(what)} {choose.choice(when)}."
        lines.add(words[:1].upper() + words[1:])
    path.write_text("\n".join(sorted(lines, key=lambda line: (hash_of(line), line))) + "\n", encoding="utf-8")
    return path


def change_json(path: Path, **changed: object) -> None:
    """Change a description of ours as a person would who wants the change: without its seal."""
    document = {**json.loads(path.read_text(encoding="utf-8")), **changed}
    path.write_text(json.dumps({key: value for key, value in document.items() if key != "digest"}), encoding="utf-8")


def hash_of(text: str) -> int:
    """A shuffle that is the same in every process."""
    return sum((index + 1) * ord(letter) * 2654435761 for index, letter in enumerate(text)) % 1_000_003


def begin_run(
    corpus: Corpus,
    path: Path,
    variants: Sequence[str | Variant] = ("vae", "autogen-m1"),
    model: Mapping[str, object] | None = None,
    **train: object,
) -> Run:
    """A run of tiny models on a corpus, not trained yet."""
    sizes = {"vocabulary": len(corpus.vocabulary), "embedding": 12, "hidden": 16, "latent": 4}
    settings: dict[str, object] = {
        "steps": 40,
        "batch": 32,
        "learning_rate": 5e-3,
        "warmup": 4,
        "log_every": 10,
        "checkpoint_every": 20,
        **train,
    }
    return Run.create(
        path,
        RunSettings(
            name=path.name,
            created=now(),
            corpus=reference_of(corpus),
            model=ModelConfig.model_validate({**sizes, **(model or {})}),
            train=TrainConfig.model_validate(settings),
            variants=tuple(each for name in variants for each in _as_variants(name)),
        ),
        corpus.vocabulary,
    )


def _as_variants(given: str | Variant) -> tuple[Variant, ...]:
    return (given,) if isinstance(given, Variant) else variants_by_name([given])


def variants_by_name(names: Sequence[str]) -> tuple[Variant, ...]:
    """Known variants, with a short warm-up."""
    found = [known_variant(name, annealing=10) for name in names]
    assert None not in found
    return tuple(variant for variant in found if variant is not None)


@pytest.fixture(scope="session")
def tiny_workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with the corpus `tiny`, the trained run `tiny` (vae, autogen-m1) and its encoded cache."""
    workspace = Workspace(tmp_path_factory.mktemp("workspace"))
    source = write_sentences(workspace.root / "tiny.txt")
    list(prepare_corpus(CorpusRequest(source=str(source), name="tiny", vocabulary=200), workspace.corpus("tiny")))
    corpus = Corpus.open(workspace.corpus("tiny"))
    run = begin_run(corpus, workspace.new_run("tiny"))
    events = list(train(corpus, run, torch.device("cpu")))
    assert isinstance(events[-1], Done)
    list(encode(run, workspace, device="cpu"))
    return workspace


@pytest.fixture(scope="session")
def tiny_corpus(tiny_workspace: Workspace) -> Corpus:
    return Corpus.open(tiny_workspace.corpus("tiny"))


@pytest.fixture(scope="session")
def tiny_run(tiny_workspace: Workspace) -> Run:
    return Run.open(tiny_workspace.run("tiny"))
