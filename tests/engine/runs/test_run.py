"""Runs and checkpoints: round trips, and every kind of damage told in words."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from pydantic import ValidationError
from safetensors.torch import save_file

from engine.corpus.store import Corpus
from engine.errors import LoomError, UsageError
from engine.models.trained import load_model
from engine.runs.checkpoint import CheckpointFolder
from engine.runs.run import CorpusReference, Run
from engine.session import Session
from engine.storage import files
from tests.conftest import begin_run, change_json

CPU = torch.device("cpu")


@pytest.fixture
def copied(tiny_run: Run, tmp_path: Path) -> Path:
    shutil.copytree(tiny_run.path, tmp_path / "copy")
    return tmp_path / "copy"


def test_a_run_reads_back_as_it_was_written(tiny_run: Run, copied: Path) -> None:
    assert Run.open(copied).settings == tiny_run.settings
    assert Run.open(copied).vocabulary.words == tiny_run.vocabulary.words


@pytest.mark.parametrize("asked", [True, False, None])
def test_a_run_knows_that_its_text_was_said_to_be_cut_already(tiny_run: Run, asked: bool | None) -> None:
    document = tiny_run.settings.corpus.model_dump() | {"tokenised": asked}
    assert CorpusReference.model_validate(document).tokenised is asked
    with pytest.raises(ValidationError, match="not true or false"):
        CorpusReference.model_validate(document | {"limit": True})


def test_a_checkpoint_reads_back_as_it_was_written(tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path)
    weights = {"a": torch.randn(3, 4), "b": torch.randn(2).half()}
    written = folder.write(7, weights, {"0.step": torch.tensor(7.0)})
    read = folder.newest()
    assert read == written
    assert all(torch.equal(read.weights()[name], weights[name]) for name in weights)
    assert read.optimiser()["0.step"] == 7
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".tmp"] == []


@pytest.mark.parametrize("size", [0, 5, 200, 20_000])
def test_a_truncated_checkpoint_names_the_file_and_the_next_step(copied: Path, size: int) -> None:
    path = next((copied / "variants" / "vae").glob("*40.safetensors"))
    path.write_bytes(path.read_bytes()[: min(size, path.stat().st_size - 1)])
    with pytest.raises(LoomError, match="cut off or damaged") as caught:
        load_model(Run.open(copied), "vae", CPU)
    assert str(path) in caught.value.message
    assert "earlier checkpoint" in caught.value.hint


def test_any_flipped_bit_of_the_optimisers_state_is_noticed(tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path)
    state = {"0.exp_avg": torch.randn(40, 3), "0.step": torch.tensor(7.0), "log.counts": torch.tensor([1, 2, 3])}
    for step in (5, 7):
        folder.write(step, {"a": torch.zeros(2)}, state)
    checkpoint = folder.newest()
    whole = checkpoint.optimiser_path.read_bytes()
    choose, unnoticed = random.Random(0), 0
    for _ in range(200):
        broken = bytearray(whole)
        broken[choose.randrange(len(whole))] ^= 1 << choose.randrange(8)
        checkpoint.optimiser_path.write_bytes(broken)
        with suppress(LoomError):
            read = checkpoint.optimiser()
            unnoticed += 1  # a blank between the header and the numbers
            assert all(torch.equal(read[name], state[name]) for name in state)
    assert unnoticed < 10


def test_a_changed_state_of_the_optimiser_names_the_step_before(tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path)
    for step, hint in ((5, "no earlier checkpoint"), (1200, "has step 5")):
        folder.write(step, {"a": torch.zeros(2)}, {"0.step": torch.tensor(7.0)})
        shutil.copy(folder.at(step).optimiser_path, tmp_path / "kept")
        save_file({"0.step": torch.tensor(8.0)}, folder.at(step).optimiser_path)
        with pytest.raises(LoomError, match="not the file that its checkpoint was written with") as caught:
            folder.at(step).optimiser()
        assert hint in caught.value.hint
        os.replace(tmp_path / "kept", folder.at(step).optimiser_path)


def test_a_checkpoint_from_before_the_optimisers_state_had_a_fingerprint_opens(tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path)
    folder.write(7, {"a": torch.zeros(2)}, {"0.step": torch.tensor(7.0)})
    file = tmp_path / "step-000000007.json"
    document = json.loads(file.read_text())
    del document["optimiser_sha256"], document["digest"]
    file.write_text(json.dumps(document))
    assert folder.newest().optimiser()["0.step"] == 7
    file.write_text(json.dumps({**document, "optimiser_sha256": 7}))
    with pytest.raises(LoomError, match="which state of the optimiser"):
        folder.newest()


def test_a_missing_checkpoint_file_is_told(copied: Path) -> None:
    next((copied / "variants" / "vae").glob("*40.safetensors")).unlink()
    with pytest.raises(LoomError, match="missing"):
        load_model(Run.open(copied), "vae", CPU)
    for path in (copied / "variants" / "vae").glob("step-*"):
        path.unlink()
    with pytest.raises(LoomError, match="There is no checkpoint in"):
        load_model(Run.open(copied), "vae", CPU)


def test_one_damaged_variant_leaves_the_others_usable(copied: Path) -> None:
    next((copied / "variants" / "vae").glob("*40.safetensors")).write_bytes(b"broken")
    session = Session.load(Run.open(copied), "cpu")
    assert session.variants == ("autogen-m1",)
    assert "cut off or damaged" in session.failed["vae"]
    assert session.reconstruct("The cat sees the river today.")[0].variant == "autogen-m1"
    with pytest.raises(LoomError, match="cut off"):
        session.model("vae")


def test_weights_of_another_training_are_noticed(copied: Path) -> None:
    vae, autogen = (next((copied / "variants" / name).glob("*40.safetensors")) for name in ("vae", "autogen-m1"))
    shutil.copy(autogen, vae)
    with pytest.raises(LoomError, match="not the file that its checkpoint was written with"):
        load_model(Run.open(copied), "vae", CPU)


def test_weights_of_another_size_are_named_by_their_shapes(copied: Path) -> None:
    model = Run.open(copied).settings.model.model_dump(mode="json")
    change_json(copied / "run.json", model={**model, "hidden": 24})
    with pytest.raises(LoomError, match=r"decoder\.lstm\.bias_hh_l0 has \(64,\) where .* \(96,\)"):
        load_model(Run.open(copied), "vae", CPU)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text[:100], "not valid JSON"),
        (lambda text: text.replace("latent-loom-run", "something-else"), "does not describe a run"),
        (lambda text: text.replace('"version": 1', '"version": 99'), "version 99"),
        (lambda text: text.replace('"embedding": 12', '"embedding": "wide"'), "model.embedding"),
        (lambda text: text.replace('"embedding": 12', '"embeddings": 12'), "model.embedding"),
        (lambda text: "[]", "does not describe a run"),
    ],
)
def test_damaged_settings_say_which_and_where(copied: Path, change: object, message: str) -> None:
    path = copied / "run.json"
    change_json(path)
    path.write_text(change(json.dumps(json.loads(path.read_text()), indent=2)))  # type: ignore[operator]
    with pytest.raises(LoomError, match=message):
        Run.open(copied)


def test_settings_that_were_changed_are_told_with_the_way_to_keep_the_change(copied: Path) -> None:
    path = copied / "run.json"
    path.write_text(path.read_text().replace('"label": "', '"label": "My '))
    with pytest.raises(LoomError, match=r"run\.json was changed since it was written") as refused:
        Run.open(copied)
    assert "set 'digest' to null in the file" in refused.value.hint
    change_json(path)
    assert Run.open(copied).variants[0].label.startswith("My ")


def test_a_vocabulary_of_another_run_is_refused(copied: Path) -> None:
    words = (copied / "vocabulary.txt").read_text().splitlines()
    (copied / "vocabulary.txt").write_text("\n".join(words[:-1]) + "\n")
    with pytest.raises(LoomError, match=r"vocabulary\.txt"):
        Run.open(copied)


def test_swapped_words_of_a_run_are_noticed(copied: Path) -> None:
    words = (copied / "vocabulary.txt").read_text().splitlines()
    words[4], words[5] = words[5], words[4]
    (copied / "vocabulary.txt").write_text("\n".join(words) + "\n")
    with pytest.raises(LoomError, match="changed places") as caught:
        Run.open(copied)
    assert str(copied / "vocabulary.txt") in caught.value.message
    assert "copy" in caught.value.hint


def test_a_run_from_before_vocabularies_had_fingerprints_opens(tiny_run: Run, copied: Path) -> None:
    document = json.loads((copied / "run.json").read_text())
    assert document["vocabulary_fingerprint"] == tiny_run.vocabulary.fingerprint
    change_json(copied / "run.json", vocabulary_fingerprint=None)
    assert Run.open(copied).settings.vocabulary_fingerprint is None


def test_unknown_variants_are_answered_with_the_known(tiny_run: Run) -> None:
    with pytest.raises(UsageError) as caught:
        tiny_run.select(("vae", "vea"))
    assert "'vea'" in caught.value.message
    assert "vae, autogen-m1" in caught.value.hint


def test_a_full_disk_leaves_the_earlier_file_and_no_scraps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.json"
    files.write_json(path, {"earlier": 1})

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(LoomError, match="disk is full"):
        files.write_json(path, {"later": 2})
    with pytest.raises(LoomError, match="disk is full"), files.publish_folder(tmp_path / "folder") as scratch:
        (scratch / "file").write_text("x")
    assert json.loads(path.read_text()) == {"earlier": 1}
    assert [each.name for each in tmp_path.iterdir()] == ["settings.json"]


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    here = files._place()
    dead, alive, elsewhere = (
        tmp_path / f".run.{name}.tmp"
        for name in (f"{here}-99999999-abcdef", f"{here}-{os.getppid()}-abcdef", "0123abcd-99999999-abcdef")
    )
    for scratch in (dead, alive, elsewhere):
        scratch.write_text("half")
    files.write_text(tmp_path / "run", "whole")
    assert not dead.exists()
    assert alive.exists()
    assert elsewhere.exists()  # its number means another process on another machine


def test_two_places_with_equal_process_numbers_have_scratch_files_of_their_own(tmp_path: Path) -> None:
    with files.publish(tmp_path / "file") as one, files.publish(tmp_path / "file") as other:
        assert one != other
        one.write_text("one")
        other.write_text("other")
    assert (tmp_path / "file").read_text() == "one"  # the one that ended last


def test_who_holds_the_lock_clears_what_any_machine_left(tmp_path: Path) -> None:
    for name in ("0123abcd-99999999-abcdef", "4242"):
        folder = tmp_path / f".run.{name}.tmp"
        folder.mkdir()
        (folder / "file").write_text("half")
    with files.publish_folder(tmp_path / "run") as scratch:
        (scratch / "file").write_text("whole")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_folder_that_a_killed_process_took_away_is_put_back_for_a_reader(tmp_path: Path) -> None:
    aside = tmp_path / ".run.0123abcd-99999999-abcdef.old"
    aside.mkdir()
    (aside / "file").write_text("earlier")
    assert (files.settled(tmp_path / "run") / "file").read_text() == "earlier"
    assert not aside.exists()
    assert not files.settled(tmp_path / "none").exists()


def test_what_is_no_regular_file_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(LoomError, match="no regular file"):
        files.write_text(tmp_path / "folder", "text")
    assert (tmp_path / "folder").is_dir()


def test_deeply_nested_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text("[" * 100_000)
    with pytest.raises(LoomError, match="nested too deeply"):
        files.read_json(tmp_path / "deep.json", "settings")


def test_an_earlier_folder_that_a_killed_process_had_set_aside_comes_back(tmp_path: Path) -> None:
    aside = tmp_path / ".run.99999999.old"
    aside.mkdir()
    (aside / "file").write_text("earlier")
    with pytest.raises(LoomError), files.publish_folder(tmp_path / "run"):
        raise OSError(errno.EIO, "Input/output error")
    assert (tmp_path / "run" / "file").read_text() == "earlier"


def test_a_failed_replacement_of_a_folder_puts_the_earlier_one_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with files.publish_folder(tmp_path / "run") as scratch:
        (scratch / "file").write_text("earlier")
    replace = files.os.replace

    def fail_once(source: Path, target: Path) -> None:
        if target == tmp_path / "run" and source.name.endswith(".tmp"):
            raise OSError(errno.EIO, "Input/output error")
        replace(source, target)

    monkeypatch.setattr(files.os, "replace", fail_once)
    with pytest.raises(LoomError, match="Input/output error"), files.publish_folder(tmp_path / "run") as scratch:
        (scratch / "file").write_text("later")
    assert (tmp_path / "run" / "file").read_text() == "earlier"


def test_what_an_earlier_version_left_of_a_deleted_run_does_not_keep_its_name(
    tiny_corpus: Corpus, tmp_path: Path
) -> None:
    (tmp_path / "novel").mkdir()
    (tmp_path / "novel" / "process.json").write_text('{"state": "stopped"}')
    begin_run(tiny_corpus, tmp_path / "novel")
    assert not (tmp_path / "novel" / "process.json").exists()
    (tmp_path / "notes").mkdir()
    for name in ("process.json", "diary.txt"):
        (tmp_path / "notes" / name).write_text("mine")
    with pytest.raises(UsageError, match="holds no run"):
        begin_run(tiny_corpus, tmp_path / "notes")
    assert (tmp_path / "notes" / "diary.txt").exists()
