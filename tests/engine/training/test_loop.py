"""Training: it learns, it stops and resumes to the same numbers, and it refuses what does not belong together."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
import torch

from engine.corpus.prepare import CorpusRequest, prepare_corpus
from engine.corpus.store import Corpus
from engine.errors import LoomError, Stopped, UsageError
from engine.events import Done, Event, TrainStep
from engine.runs.metrics import read_lines
from engine.runs.run import Run
from engine.training.loop import train
from tests.conftest import begin_run, write_sentences

CPU = torch.device("cpu")


def numbers(run: Run, variant: str) -> list[dict[str, float]]:
    """The logged lines without what depends on the clock and the machine."""
    others = ("tokens_per_second", "seconds", "memory")
    lines = read_lines(run.metrics_path(variant))
    return [{key: value for key, value in line.items() if key not in others} for line in lines]


def stop_after(steps: int) -> Callable[[], bool]:
    """True when asked before the step that follows this many."""
    asked = count()
    return lambda: next(asked) == steps


def finish(corpus: Corpus, run: Run, should_stop: Callable[[], bool] = lambda: False) -> list[Event]:
    return list(train(corpus, run, CPU, should_stop))


def test_training_improves_every_variants_objective(tiny_run: Run) -> None:
    for variant in tiny_run.variants:
        lines = [line for line in read_lines(tiny_run.metrics_path(variant.name)) if line["split"] == "train"]
        assert lines[-1]["objective"] < 0
        assert lines[-1]["objective"] > lines[0]["objective"]


def test_a_run_that_was_stopped_twice_ends_bit_for_bit_like_an_undisturbed_one(
    tiny_corpus: Corpus, tmp_path: Path
) -> None:
    whole = begin_run(tiny_corpus, tmp_path / "whole", steps=30, checkpoint_every=10, log_every=5)
    finish(tiny_corpus, whole)

    broken = begin_run(tiny_corpus, tmp_path / "broken", steps=30, checkpoint_every=10, log_every=5)
    for steps_until_stop in (7, 12):
        with pytest.raises(Stopped, match="--resume"):
            finish(tiny_corpus, Run.open(broken.path), stop_after(steps_until_stop))
    assert broken.checkpoints("vae").newest().step == 19
    # Lines that a killed process logged after its last checkpoint come again, and must not stand twice.
    with open(broken.metrics_path("vae"), "a") as handle:
        handle.write(json.dumps({"step": 20, "split": "train", "kl": 99.0}) + '\n{"step": 25, "spl')
    finish(tiny_corpus, Run.open(broken.path))

    for variant in ("vae", "autogen-m1"):
        first, second = whole.checkpoints(variant).newest(), broken.checkpoints(variant).newest()
        assert first.step == second.step == 30
        assert first.fingerprint == second.fingerprint
        optimisers = first.optimiser(), second.optimiser()
        assert all(torch.equal(optimisers[0][name], optimisers[1][name]) for name in optimisers[0])
        # Every line, also the one whose steps lie on both sides of a stop; none twice, none torn.
        assert numbers(broken, variant) == numbers(whole, variant)
        assert read_lines(broken.probe_path(variant)) == read_lines(whole.probe_path(variant))


def test_the_number_of_cores_does_not_change_the_numbers(
    tiny_corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prints = []
    for number in (1, 4):
        monkeypatch.setattr("engine.training.lock_step.cores", lambda number=number: number)
        run = begin_run(tiny_corpus, tmp_path / f"cores{number}", steps=8)
        finish(tiny_corpus, run)
        prints.append([run.model_fingerprint(variant.name) for variant in run.variants])
    assert prints[0] == prints[1]


def test_variants_differ_only_through_their_objective(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "same", ("vae", "autogen-m0"), steps=6)
    finish(tiny_corpus, run)
    assert run.model_fingerprint("vae") == run.model_fingerprint("autogen-m0")


def test_events_tell_every_log_step_and_the_test_sets_terms(tiny_corpus: Corpus, tmp_path: Path) -> None:
    events = finish(tiny_corpus, begin_run(tiny_corpus, tmp_path / "told", steps=20, log_every=10))
    steps = [event for event in events if isinstance(event, TrainStep)]
    assert [event.step for event in steps] == [10, 20]
    assert set(steps[0].variants) == {"vae", "autogen-m1"}
    done = events[-1]
    assert isinstance(done, Done)
    assert set(done.result["variants"]["vae"]) == {
        *("step", "elbo", "reconstruction", "kl", "kl_share", "objective", "active_units", "mutual_information")
    }
    terms = done.result["variants"]["autogen-m1"]
    assert terms["objective"] == pytest.approx(2 * terms["reconstruction"] - terms["kl"])


def test_only_the_two_newest_checkpoints_are_kept(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "kept", steps=25, checkpoint_every=5)
    finish(tiny_corpus, run)
    assert run.checkpoints("vae").steps() == [20, 25]


def test_resuming_goes_back_to_the_newest_step_that_all_variants_have(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "uneven", steps=20, checkpoint_every=10)
    finish(tiny_corpus, run)
    expected = [run.model_fingerprint(variant.name) for variant in run.variants]
    (run.path / "variants" / "vae" / "step-000000020.json").unlink()  # Killed between two variants' checkpoints.
    finish(tiny_corpus, Run.open(run.path))
    assert [run.model_fingerprint(variant.name) for variant in run.variants] == expected


def test_a_flipped_bit_of_the_optimisers_state_is_told_and_deleting_the_file_goes_on_from_the_step_before(
    tiny_corpus: Corpus, tmp_path: Path
) -> None:
    whole = begin_run(tiny_corpus, tmp_path / "whole", steps=30, checkpoint_every=10)
    finish(tiny_corpus, whole)
    broken = begin_run(tiny_corpus, tmp_path / "broken", steps=30, checkpoint_every=10)
    with pytest.raises(Stopped):
        finish(tiny_corpus, broken, stop_after(20))
    path = broken.checkpoints("vae").newest().optimiser_path
    data = bytearray(path.read_bytes())
    data[-1000] ^= 4
    path.write_bytes(data)
    with pytest.raises(LoomError, match="not the file") as caught:
        finish(tiny_corpus, Run.open(broken.path))
    assert str(path) in caught.value.message
    assert "step 10" in caught.value.hint
    path.unlink()
    finish(tiny_corpus, Run.open(broken.path))
    assert broken.model_fingerprint("vae") == whole.model_fingerprint("vae")


def test_another_corpus_is_refused_with_the_reason(tiny_run: Run, tmp_path: Path) -> None:
    source = write_sentences(tmp_path / "other.txt", seed=9)
    list(prepare_corpus(CorpusRequest(source=str(source), name="other", vocabulary=200), tmp_path / "other"))
    with pytest.raises(LoomError, match="not the one that run 'tiny' was begun with"):
        finish(Corpus.open(tmp_path / "other"), tiny_run)


def test_a_run_is_not_begun_over_another(tiny_corpus: Corpus, tiny_run: Run) -> None:
    before = tiny_run.model_fingerprint("vae")
    with pytest.raises(UsageError, match="--resume"):
        begin_run(tiny_corpus, tiny_run.path)
    assert tiny_run.model_fingerprint("vae") == before


def _train_too(corpus: Path, run: Path, told: Connection) -> None:
    try:
        finish(Corpus.open(corpus), Run.open(run))
        told.send("trained")
    except LoomError as error:
        told.send(error.message)


def test_a_second_training_of_the_same_run_is_refused(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "twice", steps=10)
    first = train(tiny_corpus, run, CPU)
    next(first)
    here, there = multiprocessing.Pipe()
    second = multiprocessing.get_context("spawn").Process(target=_train_too, args=(tiny_corpus.path, run.path, there))
    second.start()
    assert "in use by another process (training, process" in here.recv()
    second.join()
    first.close()
    finish(tiny_corpus, Run.open(run.path))


def test_lost_checkpoints_are_told_and_not_trained_over(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "lost", steps=20, checkpoint_every=10)
    finish(tiny_corpus, run)
    kept = run.model_fingerprint("autogen-m1")
    for path in (run.path / "variants" / "vae").glob("step-*"):
        path.unlink()
    with pytest.raises(LoomError, match="no checkpoint in common"):
        finish(tiny_corpus, Run.open(run.path))
    assert run.model_fingerprint("autogen-m1") == kept


def test_a_run_that_never_reached_a_checkpoint_is_begun_anew(tiny_corpus: Corpus, tmp_path: Path) -> None:
    begin_run(tiny_corpus, tmp_path / "husk", steps=10)
    again = begin_run(tiny_corpus, tmp_path / "husk", steps=20)
    assert Run.open(again.path).settings.train.steps == 20


def test_a_folder_with_something_else_in_it_is_never_replaced(tiny_corpus: Corpus, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="holds no run"):
        begin_run(tiny_corpus, tmp_path / "notes")
    with pytest.raises(UsageError, match="holds no corpus"):
        list(prepare_corpus(CorpusRequest(source="demo", name="notes"), tmp_path / "notes"))
    assert (tmp_path / "notes" / "thesis.txt").read_text() == "years of work"
