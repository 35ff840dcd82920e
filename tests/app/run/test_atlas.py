"""Opening a real run and its cache: what is there, what is missing, what does not fit."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from app.run import atlas as atlas_module
from app.run.atlas import newest_step, open_atlas, some_of
from engine.config import ProjectionConfig
from engine.errors import LoomError
from engine.maps.projection import project
from engine.runs.run import Run
from engine.storage.files import write_json
from engine.storage.latent_cache import LatentCache
from engine.storage.locks import held
from engine.workspace import Workspace


def silent(_words: str) -> None:
    """Nobody listens."""


@pytest.fixture
def workspace(tiny_workspace, tmp_path):
    """A copy of the tiny run with its cache, not mapped yet."""
    for name in ("runs", "cached_latents"):
        shutil.copytree(tiny_workspace.root / name, tmp_path / name)
    return Workspace(tmp_path)


@pytest.fixture
def mapped(workspace):
    """The same with quick maps."""
    list(project(workspace.cache("tiny"), None, ProjectionConfig(method="pca")))
    return workspace


def break_checkpoints(workspace: Workspace, variant: str) -> None:
    for path in (workspace.run("tiny") / "variants" / variant).glob("step-*"):
        path.unlink()


def test_a_mapped_cache_is_ready_with_the_numbers_of_the_file(mapped):
    opened = open_atlas(mapped, "tiny", silent)
    atlas = opened.atlas
    assert opened.fit == "ready"
    assert opened.limits == (5, 30)
    assert atlas is not None
    assert [column.name for column in opened.columns] == ["vae", "autogen-m1"]
    with LatentCache.open(mapped.cache("tiny")) as cache:
        assert atlas.sentence(3) == cache.sentence(3)
        assert np.array_equal(atlas.numbers["vae"].kl, cache.kl("vae"))
        assert np.array_equal(atlas.numbers["vae"].coords, cache.projection("vae", "pca"))
        assert atlas.numbers["autogen-m1"].mean_kl == pytest.approx(cache.kl("autogen-m1").mean(dtype=float))
        own = cache.mu("vae", slice(0, 3))
    placed = atlas.place("vae", own)
    assert placed.shape == (3, 2)
    assert np.allclose(placed, atlas.numbers["vae"].coords[:3], atol=1e-3)
    atlas.close()


def test_what_is_missing_is_told_apart(workspace):
    assert open_atlas(workspace, "tiny", silent).fit == "unmapped"
    workspace.cache("tiny").unlink()
    opened = open_atlas(workspace, "tiny", silent)
    assert opened.fit == "missing"
    assert [column.label for column in opened.columns] == ["VAE", "AutoGen m=1"]


def test_a_cache_of_other_weights_or_a_damaged_one_is_stale_and_says_why(mapped):
    for path in (mapped.run("tiny") / "variants" / "vae").glob("step-*"):
        other = mapped.run("tiny") / "variants" / "autogen-m1" / path.name
        shutil.copy(other, path)
    opened = open_atlas(mapped, "tiny", silent)
    assert (opened.fit, opened.atlas) == ("stale", None)
    assert "vae" in opened.reason
    mapped.cache("tiny").write_bytes(b"not a cache")
    assert "not an HDF5 file" in open_atlas(mapped, "tiny", silent).reason


def test_maps_are_of_the_newest_step_that_all_models_have_and_that_is_told(mapped):
    opened = open_atlas(mapped, "tiny", silent)
    assert (opened.fit, opened.note) == ("ready", "")
    opened.atlas.close()
    for path in (mapped.run("tiny") / "variants" / "autogen-m1").glob("step-000000040*"):
        path.unlink()  # as if the training had been killed between the two variants' checkpoints
    opened = open_atlas(mapped, "tiny", silent)
    note = "vae is trained to step 40, but every variant has step 20; that is compared."
    assert (opened.fit, opened.note) == ("stale", note)
    for path in (mapped.run("tiny") / "variants" / "vae").glob("step-000000040*"):
        path.unlink()
    assert open_atlas(mapped, "tiny", silent).note == ""


def test_a_broken_model_keeps_its_map(mapped):
    break_checkpoints(mapped, "vae")
    opened = open_atlas(mapped, "tiny", silent)
    assert opened.fit == "ready"
    assert set(opened.broken) == {"vae"}
    assert opened.atlas is not None
    assert opened.atlas.numbers["vae"].coords is not None
    opened.atlas.close()


def test_a_cache_without_its_run_can_be_explored(mapped):
    shutil.rmtree(mapped.run("tiny"))
    opened = open_atlas(mapped, "tiny", silent)
    assert opened.fit == "ready"
    assert opened.no_models is not None
    assert "only their maps" in opened.no_models.message
    assert [column.label for column in opened.columns] == ["VAE", "AutoGen m=1"]
    assert opened.atlas is not None
    opened.atlas.close()


def test_a_cache_whose_run_cannot_be_read_says_why_and_not_that_the_run_is_missing(mapped):
    vocabulary = mapped.run("tiny") / "vocabulary.txt"
    vocabulary.write_text("only\nthree\nwords\n", encoding="utf-8")
    opened = open_atlas(mapped, "tiny", silent)
    assert opened.atlas is not None
    opened.atlas.close()
    assert opened.no_models is not None
    assert "vocabulary.txt" in opened.no_models.message
    assert opened.no_models.hint
    (mapped.run("tiny") / "run.json").write_text("{ not json", encoding="utf-8")
    opened = open_atlas(mapped, "tiny", silent)
    assert opened.atlas is not None
    opened.atlas.close()
    assert "run.json" in opened.no_models.message
    (mapped.run("tiny") / "run.json").unlink()
    opened = open_atlas(mapped, "tiny", silent)
    assert opened.atlas is not None
    opened.atlas.close()
    assert "has no run.json" in opened.no_models.message


def test_if_no_model_can_be_read_one_message_is_about_all(mapped):
    for name in ("vae", "autogen-m1"):
        break_checkpoints(mapped, name)
    opened = open_atlas(mapped, "tiny", silent)
    assert opened.atlas is not None
    opened.atlas.close()
    assert opened.no_models is not None
    assert "None of the 2 models of run 'tiny'" in opened.no_models.message
    assert opened.no_models.hint
    assert "\n" in opened.broken["vae"]
    mapped.cache("tiny").unlink()
    with pytest.raises(LoomError, match="None of the 2 models"):
        open_atlas(mapped, "tiny", silent)


def test_neither_run_nor_cache_or_a_damaged_run_is_an_error_in_words(mapped, tmp_path):
    with pytest.raises(LoomError, match="no run named"):
        open_atlas(Workspace(tmp_path / "empty"), "tiny", silent)
    settings = mapped.run("tiny") / "run.json"
    settings.write_text(json.dumps({"kind": "something else"}))
    mapped.cache("tiny").unlink()
    with pytest.raises(LoomError):
        open_atlas(mapped, "tiny", silent)


def test_a_map_says_how_it_was_made(mapped):
    opened = open_atlas(mapped, "tiny", silent)
    assert opened.atlas is not None
    assert {numbers.places.settings["method"] for numbers in opened.atlas.numbers.values()} == {"pca"}
    opened.atlas.close()


def test_a_run_that_is_being_trained_keeps_the_checkpoints_that_are_shown(mapped):
    run = Run.open(mapped.run("tiny"))
    opened = open_atlas(mapped, "tiny", silent)
    assert (opened.step, opened.training) == (40, False)
    opened.atlas.close()
    with held(run.path, "training"):
        opened = open_atlas(mapped, "tiny", silent)
        assert (opened.step, opened.training) == (40, True)
        opened.atlas.close()
        for variant in run.variants:
            folder = run.checkpoints(variant.name)
            folder.write(60, folder.newest().weights(), None)
            folder.keep(1)
            assert folder.steps() == [40, 60]
        assert newest_step(mapped, "tiny") == 60
        opened.hold.close()
        for variant in run.variants:
            run.checkpoints(variant.name).keep(1)
            assert run.checkpoints(variant.name).steps() == [60]
    assert newest_step(mapped, "nothing") is None


def test_of_many_sentences_only_what_is_looked_at_is_read(mapped, monkeypatch):
    few = open_atlas(mapped, "tiny", silent).atlas
    monkeypatch.setattr(atlas_module, "MANY", 10)
    read = []
    for reader in (LatentCache._numbers, LatentCache.projection):
        counted = lambda *given, reader=reader: read.append(given[1:3]) or reader(*given)  # noqa: E731
        monkeypatch.setattr(LatentCache, reader.__name__, counted)
    atlas = open_atlas(mapped, "tiny", silent).atlas
    assert sorted(read) == sorted((name, each) for name in atlas.numbers for each in ("kl", "pca"))
    for name, numbers in atlas.numbers.items():
        whole = few.numbers[name]
        assert numbers.nll is None
        assert np.array_equal(atlas.nll(name), whole.nll)
        assert (numbers.mean_kl, numbers.mean_nll) == pytest.approx((whole.kl.mean(), whole.nll.mean()), rel=1e-5)
        assert (numbers.active_units, numbers.carrying_units) == (whole.active_units, whole.carrying_units)
    assert atlas.ranges == {by: ends for by, ends in few.ranges.items() if by != "nll"}


def test_the_ends_of_a_scale_are_found_by_some_of_very_many_numbers(monkeypatch):
    values = np.arange(1000, dtype=np.float32)
    np.testing.assert_array_equal(some_of(values), values)
    monkeypatch.setattr(atlas_module, "LOOKED_AT", 100)
    np.testing.assert_array_equal(some_of(values), values[::10])


def test_typed_text_without_spaces_is_not_counted_with_every_key(mapped):
    file = mapped.run("tiny") / "run.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    document["corpus"]["language"] = "zh"
    write_json(file, document)
    assert open_atlas(mapped, "tiny", silent).limits is None
