"""What the cache holds is what the models say."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch

from engine.config import ProjectionConfig
from engine.corpus.prepare import CorpusRequest, prepare_corpus
from engine.corpus.store import Corpus
from engine.encoding.encode import check_fresh, encode
from engine.encoding.packaged import package_latents, packaged_latents
from engine.errors import LoomError, Stopped, UsageError
from engine.events import Done, Event, Note, Progress
from engine.maps.projection import project
from engine.models.objective import reparameterise
from engine.models.trained import load_model
from engine.runs.corpus_of_run import find_corpus
from engine.runs.run import Run
from engine.storage import files
from engine.storage.latent_cache import LatentCache
from engine.storage.maps.map_list import folder_of, list_of
from engine.workspace import Workspace
from tests.conftest import change_json
from tests.engine.corpus.preparing import write_lines

CPU = torch.device("cpu")


@pytest.fixture
def workspace(tiny_workspace: Workspace, tmp_path: Path) -> Workspace:
    shutil.copytree(tiny_workspace.root, tmp_path / "workspace")
    return Workspace(tmp_path / "workspace")


@torch.no_grad()
def test_encode_then_read_equals_encoding_each_sentence_alone(
    tiny_workspace: Workspace, tiny_run: Run, tiny_corpus: Corpus
) -> None:
    with LatentCache.open(tiny_workspace.cache("tiny")) as cache:
        assert cache.n == len(tiny_corpus.test)
        assert cache.sentences() == list(tiny_corpus.test_texts())
        noise = np.random.default_rng([0, 0]).standard_normal((cache.n, cache.latent), dtype=np.float32)
        for name in cache.variants:
            model = load_model(tiny_run, name, CPU)
            for row in range(cache.n):
                ids, lengths = (torch.from_numpy(each) for each in tiny_corpus.test.batch(np.array([row])))
                mu, logvar = model.encode(ids, lengths)
                np.testing.assert_allclose(cache.mu(name)[row], mu[0], atol=1e-5)
                np.testing.assert_allclose(cache.logvar(name)[row], logvar[0], atol=1e-5)
                kl = 0.5 * (mu.double() ** 2 + logvar.double().exp() - 1 - logvar.double()).sum()
                np.testing.assert_allclose(cache.kl(name)[row], float(kl), rtol=1e-4, atol=1e-5)
                z = reparameterise(mu, logvar, torch.from_numpy(noise[row : row + 1]))
                nll = model.likelihood(ids, lengths, z).nll
                np.testing.assert_allclose(cache.nll(name)[row], float(nll), rtol=1e-4)


def test_encoding_one_variant_keeps_what_the_cache_holds_of_the_others(workspace: Workspace, tiny_run: Run) -> None:
    before = LatentCache.open(workspace.cache("tiny"))
    kept = before.mu("autogen-m1")
    before.close()
    events = list(encode(Run.open(workspace.run("tiny")), workspace, ("vae",), "cpu"))
    assert isinstance(events[-1], Done)
    assert events[-1].result["variants"] == ["vae"]
    with LatentCache.open(workspace.cache("tiny")) as cache:
        assert cache.variants == ("vae", "autogen-m1")
        assert np.array_equal(cache.mu("autogen-m1"), kept)


def test_stopping_leaves_the_earlier_cache_as_it_was(workspace: Workspace) -> None:
    folder, before = workspace.cache("tiny").parent, workspace.cache("tiny").read_bytes()
    there = {each.name for each in folder.iterdir() if each.suffix != ".lock"}  # a diagnosis of the run, perhaps
    with pytest.raises(Stopped):
        list(encode(Run.open(workspace.run("tiny")), workspace, (), "cpu", 0, lambda: True))
    assert workspace.cache("tiny").read_bytes() == before
    assert {each.name for each in folder.iterdir() if each.suffix != ".lock"} == there


def test_a_missing_or_changed_corpus_is_told_with_the_command_that_mends_it(workspace: Workspace) -> None:
    run = Run.open(workspace.run("tiny"))
    shutil.rmtree(workspace.corpus("tiny"))
    with pytest.raises(LoomError, match="missing") as caught:
        list(encode(run, workspace, (), "cpu"))
    assert "--name tiny --min-words 5 --max-words 30" in caught.value.hint
    other = run.settings.model_copy(
        update={"corpus": run.settings.corpus.model_copy(update={"source": "demo", "name": "demo", "limit": 50})}
    )
    with pytest.raises(LoomError, match="gives another corpus now"):
        drain(find_corpus(Run(run.path, other, run.vocabulary), workspace))


def test_packaged_latents_are_used_only_for_their_own_text_and_weights(workspace: Workspace) -> None:
    path = workspace.cache("tiny")
    list(project(path, None, ProjectionConfig(method="pca")))
    run = Run.open(workspace.run("tiny"))
    with LatentCache.open(path) as cache:
        package_latents(cache, run.path, "pca")
        expected = {name: (cache.mu(name), cache.projection(name, "pca")) for name in cache.variants}
    path.unlink()

    packaged = packaged_latents(run)
    assert packaged is not None
    assert packaged.fits(run, run.settings.corpus.fingerprint)
    assert not packaged.fits(run, "another text")
    with pytest.raises(UsageError, match="Unknown device 'quantum'"):
        list(encode(run, workspace, (), "quantum"))  # though they need none
    assert not path.exists()
    list(encode(run, workspace))
    with LatentCache.open(path) as cache:
        for name, (mu, coordinates) in expected.items():
            np.testing.assert_allclose(cache.mu(name), mu, rtol=1e-3, atol=1e-4)  # kept in half precision
            assert np.array_equal(cache.projection(name, "pca"), coordinates)

    list(encode(run, workspace, (), "cpu", seed=1))  # theirs are of another draw of z
    with LatentCache.open(path) as cache:
        assert not np.allclose(cache.nll("vae"), packaged.arrays("vae")["nll"], rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(cache.mu("vae"), expected["vae"][0], atol=1e-5)

    made_with = {**packaged_latents(run).description["models"], "vae": "0" * 64}  # type: ignore[union-attr]
    change_json(run.path / "latents.json", models=made_with)
    notes = [event for event in encode(run, workspace, (), "cpu") if getattr(event, "level", "") == "warning"]
    assert len(notes) == 1
    with LatentCache.open(path) as cache:
        np.testing.assert_allclose(cache.mu("vae"), expected["vae"][0], atol=1e-5)

    (run.path / "latents.h5").write_bytes(b"cut")
    with pytest.raises(LoomError, match=r"latents\.h5 is not the file that latents\.json was written with"):
        packaged_latents(run)
    change_json(run.path / "latents.json", digests=None)
    with pytest.raises(LoomError, match=r"latents\.h5 is cut off"):
        packaged_latents(run)
    (run.path / "latents.h5").rename(run.path / "kept")
    with pytest.raises(LoomError, match=r"latents\.h5 is missing, though latents\.json is there"):
        packaged_latents(run)
    (run.path / "kept").rename(run.path / "latents.h5")
    change_json(run.path / "latents.json", models=None)
    with pytest.raises(LoomError, match=r"latents\.json: models: "):
        packaged_latents(run)


def test_encoding_again_keeps_the_maps_of_unchanged_models(workspace: Workspace) -> None:
    path = workspace.cache("tiny")
    list(project(path, None, ProjectionConfig(method="pca")))
    with LatentCache.open(path) as cache:
        before = cache.projection("vae", "pca")
    list(encode(Run.open(workspace.run("tiny")), workspace, (), "cpu"))
    assert not folder_of(path).exists()  # all of it is in the cache now
    with LatentCache.open(path) as cache:
        assert np.array_equal(cache.projection("vae", "pca"), before)


def test_a_cache_is_published_once_and_with_its_maps(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    path, published = workspace.cache("tiny"), []
    list(project(path, None, ProjectionConfig(method="pca")))

    def replace(source: Path, target: Path) -> None:
        os.rename(source, target)
        if target == path:
            with LatentCache.open(path) as cache:
                published.append([cache.projections(variant) for variant in cache.variants])

    monkeypatch.setattr(files.os, "replace", replace)
    list(encode(Run.open(workspace.run("tiny")), workspace, (), "cpu"))
    assert published == [[("pca",), ("pca",)]]


def test_a_map_that_is_added_while_a_run_is_encoded_is_kept(workspace: Workspace) -> None:
    path = workspace.cache("tiny")
    encoding = encode(Run.open(workspace.run("tiny")), workspace, (), "cpu")
    next(event for event in encoding if isinstance(event, Progress))
    list(project(path, None, ProjectionConfig(method="pca")))
    list(encoding)
    with LatentCache.open(path) as cache:
        assert [cache.projections(variant) for variant in cache.variants] == [("pca",), ("pca",)]


@pytest.mark.parametrize("place", ["header", "latents of the other variant"])
def test_over_a_damaged_cache_a_single_variant_is_refused_and_the_advice_works(
    workspace: Workspace, place: str
) -> None:
    path = workspace.cache("tiny")
    list(project(path, None, ProjectionConfig(method="pca")))
    content = bytearray(path.read_bytes())
    with h5py.File(path, "r") as file:
        at = file["variants/autogen-m1/mu"].id.get_chunk_info(0).byte_offset if place != "header" else 0
    content[at + 3] ^= 1
    path.write_bytes(content)
    run = Run.open(workspace.run("tiny"))
    with pytest.raises(LoomError, match="could not be kept; nothing was changed") as refused:
        list(encode(run, workspace, ("vae",), "cpu"))
    assert path.read_bytes() == content
    assert refused.value.hint == "Encode all of them: python main.py encode tiny"
    notes = [event.text for event in encode(run, workspace, (), "cpu") if isinstance(event, Note)]
    assert len(notes) == (place == "header")  # the maps are whole where only latents are damaged
    assert all("python main.py project tiny" in note for note in notes)
    assert not any("python main.py encode" in note for note in notes)  # that is what was just done
    with LatentCache.open(path) as cache:
        assert cache.variants == ("vae", "autogen-m1")


def test_a_variant_that_cannot_be_kept_is_told(workspace: Workspace) -> None:
    run = Run.open(workspace.run("tiny"))
    for file in (run.path / "variants" / "autogen-m1").glob("step-000000040*"):
        file.unlink()
    notes = [event.text for event in encode(run, workspace, ("vae",), "cpu") if isinstance(event, Note)]
    assert any("all of autogen-m1, which is of other weights now" in note for note in notes)
    assert any("python main.py encode tiny" in note for note in notes)


@pytest.mark.parametrize("where", ["within", "beside"])
@pytest.mark.parametrize("damage", ["not finite", "flipped bit"])
def test_a_damaged_map_is_made_again_by_either_advice(workspace: Workspace, damage: str, where: str) -> None:
    path = workspace.cache("tiny")
    list(project(path, None, ProjectionConfig(method="pca")))
    if where == "within":
        list(encode(Run.open(workspace.run("tiny")), workspace, (), "cpu"))
    with LatentCache.open(path) as cache:
        place = cache.maps.file_of("vae", "pca")
    with h5py.File(place, "r+") as file:
        dataset = file["variants/vae/projections/pca" if where == "within" else "variants/vae"]
        at = dataset.id.get_chunk_info(0).byte_offset
        if damage == "not finite":
            dataset[3] = np.nan
    if damage == "flipped bit":
        content = bytearray(place.read_bytes())
        content[at + 3] ^= 1
        place.write_bytes(content)
    shutil.copytree(path.parent, path.parent.with_name("damaged"))
    list(project(path, None, ProjectionConfig(method="pca")))
    with LatentCache.open(path) as cache:
        assert np.isfinite(cache.projection("vae", "pca")).all()
    shutil.rmtree(path.parent)
    shutil.copytree(path.parent.with_name("damaged"), path.parent)
    notes = [
        event.text for event in encode(Run.open(workspace.run("tiny")), workspace, (), "cpu") if isinstance(event, Note)
    ]
    assert len(notes) == 1
    assert "pca of vae" in notes[0]
    with LatentCache.open(path) as cache:
        assert (cache.projections("vae"), cache.projections("autogen-m1")) == ((), ("pca",))


def test_a_damaged_list_of_maps_is_told_when_the_cache_is_made_anew(workspace: Workspace) -> None:
    path = workspace.cache("tiny")
    list(project(path, None, ProjectionConfig(method="pca")))
    list_of(path).write_text(list_of(path).read_text().replace("pca", "abc"))
    with pytest.raises(LoomError, match=r"maps\.json was changed since it was written.*none was changed"):
        list(project(path, None, ProjectionConfig(method="pca", name="x")))
    list_of(path).write_text(list_of(path).read_text()[:40])
    encoding = encode(Run.open(workspace.run("tiny")), workspace, (), "cpu")
    notes = [event.text for event in encoding if isinstance(event, Note)]
    assert len(notes) == 1
    assert "the maps beside it, which lie in tiny.maps.damaged now" in notes[0]
    assert not folder_of(path).exists()
    assert len(list(path.with_name("tiny.maps.damaged").glob("*.h5"))) == 1


def test_a_map_begun_before_newer_weights_were_encoded_is_refused(workspace: Workspace) -> None:
    path = workspace.cache("tiny")
    projecting = project(path, None, ProjectionConfig(method="pca"))
    next(projecting)
    newer = path.with_name("newer.h5")
    shutil.copy(path, newer)
    with h5py.File(newer, "r+") as file:  # as if a newer checkpoint had been encoded
        file["variants/vae"].attrs["model_fingerprint"] = "newer"
    os.replace(newer, path)
    with pytest.raises(LoomError, match="vae was encoded anew with other weights"):
        list(projecting)
    with LatentCache.open(path) as cache:
        assert (cache.projections("vae"), cache.projections("autogen-m1")) == ((), ("pca",))


def test_a_cache_of_other_models_is_out_of_date(workspace: Workspace) -> None:
    run = Run.open(workspace.run("tiny"))
    with LatentCache.open(workspace.cache("tiny")) as cache:
        check_fresh(run, cache)
        for path in (run.path / "variants" / "vae").glob("step-000000040*"):
            path.unlink()  # as if the run had been trained to another step since
        with pytest.raises(LoomError, match=r"out of date: vae .* another model"):
            check_fresh(run, cache)


def test_a_renamed_run_keeps_its_cache_under_its_new_name(workspace: Workspace) -> None:
    shutil.move(workspace.run("tiny"), workspace.new_run("renamed"))
    list(encode(Run.open(workspace.run("renamed")), workspace, (), "cpu"))
    assert workspace.cache("renamed").exists()


def drain(events: object) -> list[Event]:
    return list(events)  # type: ignore[call-overload]


def encode_without(folder: Path, run: Run, workspace: Workspace) -> None:
    """Encode, and delete a folder as soon as that has begun."""
    for event in encode(run, workspace, device="cpu"):
        if isinstance(event, Progress):
            shutil.rmtree(folder, ignore_errors=True)


def test_a_run_that_is_deleted_while_it_is_encoded_leaves_no_cache(workspace: Workspace) -> None:
    workspace.cache("tiny").unlink()
    run = Run.open(workspace.run("tiny"))
    with pytest.raises(LoomError, match="'tiny' is not there any more"):
        encode_without(run.path, run, workspace)
    assert not workspace.cache("tiny").exists()


def test_a_folder_of_caches_that_is_deleted_while_a_run_is_encoded_is_named(workspace: Workspace) -> None:
    run, folder = Run.open(workspace.run("tiny")), workspace.cache("tiny").parent
    with pytest.raises(LoomError, match=r"tiny\.h5 was deleted while it was written"):
        encode_without(folder, run, workspace)


def test_columns_that_are_added_to_the_corpus_of_a_trained_run_reach_its_cache(
    workspace: Workspace, tiny_run: Run, tiny_corpus: Corpus
) -> None:
    texts = (workspace.root / "tiny.txt").read_text().splitlines()
    rows = [{"text": text, "label": "ab"[len(text) % 2], "stars": len(text) / 2} for text in texts]
    source = write_lines(workspace.root / "tiny.jsonl", map(json.dumps, rows))
    request = CorpusRequest(source=str(source), name="tiny", vocabulary=200)
    list(prepare_corpus(request, workspace.corpus("tiny"), replace=True))
    assert Corpus.open(workspace.corpus("tiny")).fingerprint == tiny_corpus.fingerprint
    list(encode(Run.open(workspace.run("tiny")), workspace, device="cpu"))
    with LatentCache.open(workspace.cache("tiny")) as cache:
        assert cache.columns is not None
        assert [each.name for each in cache.columns.all] == ["label", "stars"]
        assert cache.columns.texts("label") == ["ab"[len(text) % 2] for text in cache.sentences()]
        assert cache.columns.numbers("stars").tolist() == [len(text) / 2 for text in cache.sentences()]
    with h5py.File(workspace.cache("tiny")) as file:
        assert file.attrs["version"] == 3
        assert file["columns/0"].attrs["name"].decode() == "label"
