"""From where a training goes on, and that nothing is trained over where files are missing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.corpus.store import Corpus
from engine.errors import LoomError
from engine.events import Note
from engine.runs.failures import note_failure
from engine.runs.metrics import read_lines
from engine.runs.run import Run
from engine.training.resuming import nothing_to_do
from engine.workspace import Workspace
from tests.conftest import begin_run
from tests.engine.training.test_beginning import begun_from
from tests.engine.training.test_loop import finish


def files(run: Run) -> dict[str, bytes]:
    return {str(path.relative_to(run.path)): path.read_bytes() for path in run.path.rglob("*") if path.is_file()}


def forget(run: Run, variant: str, pattern: str) -> None:
    for path in (run.path / "variants" / variant).glob(pattern):
        path.unlink()


@pytest.mark.parametrize("checkpoint_every", [10, 20])
def test_without_the_optimisers_states_nothing_is_trained_over(
    tiny_corpus: Corpus, tmp_path: Path, checkpoint_every: int
) -> None:
    run = begin_run(tiny_corpus, tmp_path / "light", steps=20, checkpoint_every=checkpoint_every)
    finish(tiny_corpus, run)
    for variant in run.variants:
        forget(run, variant.name, "*.optimiser.safetensors")
    before = files(run)
    with pytest.raises(LoomError, match="state of its optimiser") as told:
        finish(tiny_corpus, Run.open(run.path))
    assert told.value.hint is not None
    assert told.value.hint.endswith("train tiny --run NAME --from light")
    assert files(run) == before


def test_one_state_that_is_missing_is_told_as_well(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "light", steps=20, checkpoint_every=20)
    finish(tiny_corpus, run)
    forget(run, "vae", "*.optimiser.safetensors")
    with pytest.raises(LoomError, match="state of its optimiser"):
        finish(tiny_corpus, Run.open(run.path))


def test_a_first_checkpoint_that_was_cut_short_is_told_and_begun_anew(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "cut", steps=10, checkpoint_every=10)
    finish(tiny_corpus, run)
    whole = run.model_fingerprint("vae"), run.model_fingerprint("autogen-m1")
    forget(run, "autogen-m1", "step-*.json")
    notes = [event.text for event in finish(tiny_corpus, Run.open(run.path)) if isinstance(event, Note)]
    assert any(note.startswith("Only vae has the first checkpoint, of step 10: ") for note in notes)
    assert (run.model_fingerprint("vae"), run.model_fingerprint("autogen-m1")) == whole


def test_a_run_with_given_weights_begins_from_them_again_where_its_first_checkpoint_was_cut_short(
    tiny_workspace: Workspace, tiny_corpus: Corpus, tmp_path: Path
) -> None:
    run = begun_from("tiny", tiny_workspace, tiny_corpus, tmp_path / "warm", "vae", "autogen-m1", steps=4)
    finish(tiny_corpus, run)
    whole = run.model_fingerprint("vae"), run.model_fingerprint("autogen-m1")
    assert run.checkpoints("vae").steps() == [0, 4]
    forget(run, "autogen-m1", "step-000000004.*")
    notes = [event.text for event in finish(tiny_corpus, Run.open(run.path)) if isinstance(event, Note)]
    assert any("begins anew" in note for note in notes)
    assert any("Starting from the weights of" in note for note in notes)
    assert (run.model_fingerprint("vae"), run.model_fingerprint("autogen-m1")) == whole


def test_a_copy_of_a_packaged_run_is_not_trained_over(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "made", steps=5, checkpoint_every=5)
    finish(tiny_corpus, run)
    lines = len(read_lines(run.metrics_path("vae")))
    shutil.copytree(run.path, tmp_path / "copy", ignore=shutil.ignore_patterns("*.optimiser.*"))
    with pytest.raises(LoomError, match="cannot go on"):
        finish(tiny_corpus, Run.open(tmp_path / "copy"))
    assert len(read_lines(Run.open(tmp_path / "copy").metrics_path("vae"))) == lines


def test_a_finished_run_tells_which_of_its_variants_were_stopped(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "over", steps=5, checkpoint_every=5)
    finish(tiny_corpus, run)
    assert "were trained before, and" in nothing_to_do(run, "tiny")
    note_failure(run, "autogen-m1", 3, "its loss exploded")
    assert "were trained before but of those that were stopped (autogen-m1 at step 3), and" in nothing_to_do(
        run, "tiny"
    )
