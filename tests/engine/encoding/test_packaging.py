"""A packaged run is the run: weights of half precision, logs with fewer digits, in files that are read alike."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from app.train.files import GrowingLog
from engine.encoding.packaging import package
from engine.errors import LoomError
from engine.events import Done, Event, Note
from engine.runs.corpus_of_run import find_corpus
from engine.runs.metrics import damaged_lines, log_damage, read_lines
from engine.runs.packed import open_log
from engine.runs.run import JUDGE, Run
from engine.storage.digests import sealed
from engine.storage.files import write_json
from engine.verification import verify
from engine.workspace import Workspace


@pytest.fixture(autouse=True)
def _of_any_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only runs of the demo's text are packaged, which nothing small is trained on."""
    monkeypatch.setattr("engine.encoding.packaging.find_corpus", lambda run, workspace: iter(()))


@pytest.fixture
def packaged(tiny_run: Run, tmp_path: Path) -> Run:
    """Packaged without its latents, over an earlier one whose files were not packed."""
    target = tmp_path / "runs" / "packaged"
    shutil.copytree(tiny_run.path, target)
    events = package(tiny_run.path, target)
    for _ in tiny_run.variants:
        assert isinstance(next(events), Note)
    return Run.open(target)


def test_weights_are_the_halved_ones_and_logs_the_shortened_ones(packaged: Run, tiny_run: Run) -> None:
    files = {path.name for path in (packaged.path / "variants" / "vae").iterdir() if not path.name.startswith(".")}
    assert files == {"metrics.jsonl.zst", "probe.jsonl.zst", "step-000000040.h5", "step-000000040.json"}
    for variant in tiny_run.variants:
        before, after = tiny_run.checkpoints(variant.name).newest(), packaged.checkpoints(variant.name).newest()
        assert after.step == before.step
        weights = after.weights()
        assert weights.keys() == before.weights().keys()
        for name, tensor in before.weights().items():
            assert torch.equal(weights[name], tensor.half())
        assert packaged.checkpoints(variant.name).resumable_steps() == []
        lines, short = read_lines(tiny_run.metrics_path(variant.name)), read_lines(packaged.metrics_path(variant.name))
        assert [(line["step"], line["split"]) for line in short] == [(line["step"], line["split"]) for line in lines]
        expected = [line["kl"] for line in lines if "kl" in line]
        assert [line["kl"] for line in short if "kl" in line] == pytest.approx(expected, rel=1e-3)
        assert read_lines(packaged.probe_path(variant.name)) == read_lines(tiny_run.probe_path(variant.name))
        assert not log_damage(packaged, variant.name)


def test_the_train_page_reads_a_packed_log_once(packaged: Run) -> None:
    log = GrowingLog(packaged.metrics_path("vae"))
    assert list(log.read().lines) == read_lines(packaged.metrics_path("vae"))
    assert log.read().lines == ()


def test_files_that_are_not_packed_are_read_alike(packaged: Run) -> None:
    checkpoint = packaged.checkpoints("vae").newest()
    weights, lines = checkpoint.weights(), read_lines(packaged.metrics_path("vae"))
    save_file(weights, checkpoint.folder / f"step-{checkpoint.step:09d}.safetensors")
    with open_log(packaged.metrics_path("vae")) as handle:
        (checkpoint.folder / "metrics.jsonl").write_bytes(handle.read())
    for path in (*checkpoint.folder.glob("*.h5"), *checkpoint.folder.glob("metrics.*.zst")):
        path.unlink()
    assert packaged.checkpoints("vae").undescribed_steps() == []
    assert packaged.metrics_path("vae").name == "metrics.jsonl"
    assert read_lines(packaged.metrics_path("vae")) == lines
    again = packaged.checkpoints("vae").newest().weights()
    assert all(torch.equal(again[name], tensor) for name, tensor in weights.items())


def test_damage_to_a_packed_file_is_told_of_it(packaged: Run) -> None:
    workspace = Workspace(packaged.path.parent.parent)
    for path in (packaged.checkpoints("vae").newest().weights_path, packaged.metrics_path("vae")):
        whole = path.read_bytes()
        path.write_bytes(whole[:-20])
        done = list(verify(workspace, "packaged"))[-1]
        assert isinstance(done, Done)
        found = {each["file"]: each for each in done.result["files"]}
        assert [file for file, each in found.items() if each["state"] == "damaged"] == [str(path)]
        assert found[str(path)]["mend"]
        if path.suffix == ".h5":
            with pytest.raises(LoomError, match=r"step-000000040\.h5 is cut off or damaged"):
                packaged.checkpoints("vae").newest().weights()
        else:
            assert damaged_lines(path) == [1]
            assert GrowingLog(path).read().lines == ()
        path.write_bytes(whole)


@pytest.fixture
def own(tiny_run: Run, tmp_path: Path) -> Run:
    """A copy of the run, to which files can be added."""
    shutil.copytree(tiny_run.path, tmp_path / "runs" / "tiny")
    return Run.open(tmp_path / "runs" / "tiny")


def test_of_another_text_than_the_demos_nothing_is_replaced(own: Run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("engine.encoding.packaging.find_corpus", find_corpus)
    target = tmp_path / "packaged"
    shutil.copytree(own.path, target)
    before = {path: path.read_bytes() for path in target.rglob("*") if path.is_file()}
    with pytest.raises(LoomError, match="not trained on the demo's text as it is now"):
        list(package(own.path, target))
    of_demo = own.settings.corpus.model_copy(update={"source": "demo", "name": "demo"})
    changed = own.settings.model_copy(update={"corpus": of_demo})
    write_json(own.path / "run.json", sealed(changed.model_dump(mode="json")))
    with pytest.raises(LoomError, match="not trained on the demo's text as it is now"):
        list(package(own.path, target))
    assert {path: path.read_bytes() for path in target.rglob("*") if path.is_file()} == before


def told_before_latents(run: Run, target: Path) -> list[Event]:
    """What is told before the latents are computed, for which only the demo's text is at hand."""
    events: list[Event] = []
    with pytest.raises(LoomError, match="corpus of run 'packaged' is missing"):
        events.extend(package(run.path, target))  # takes them one by one, so those before the end are there
    return events


def test_the_language_model_goes_along_byte_for_byte(own: Run, tmp_path: Path) -> None:
    (own.path / JUDGE).write_bytes(b"as it was trained")
    told = told_before_latents(own, tmp_path / "packaged")
    assert (tmp_path / "packaged" / JUDGE).read_bytes() == b"as it was trained"
    assert not [event for event in told if isinstance(event, Note) and event.level == "warning"]


def test_without_one_it_is_told_and_that_of_another_run_does_not_stay(own: Run, tmp_path: Path) -> None:
    target = tmp_path / "packaged"
    shutil.copytree(own.path, target)
    (target / JUDGE).write_bytes(b"of another run")
    told = told_before_latents(own, target)
    assert not (target / JUDGE).exists()
    assert any("evaluate tiny --judge" in event.text for event in told if isinstance(event, Note))
