"""What the cache holds is what the models say."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.config import ProjectionConfig
from engine.corpus.store import Corpus
from engine.encoding.encode import check_fresh, encode
from engine.encoding.packaged import package_latents, packaged_latents
from engine.errors import LoomError, Stopped
from engine.events import Done, Event
from engine.maps.projection import project
from engine.models.objective import reparameterise
from engine.models.trained import load_model
from engine.runs.corpus_of_run import find_corpus
from engine.runs.run import Run
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace

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
    before = workspace.cache("tiny").read_bytes()
    with pytest.raises(Stopped):
        list(encode(Run.open(workspace.run("tiny")), workspace, (), "cpu", 0, lambda: True))
    assert workspace.cache("tiny").read_bytes() == before
    assert [path.name for path in workspace.cache("tiny").parent.iterdir()] == ["tiny.h5"]


def test_a_missing_or_changed_corpus_is_told_with_the_command_that_mends_it(workspace: Workspace) -> None:
    run = Run.open(workspace.run("tiny"))
    shutil.rmtree(workspace.corpus("tiny"))
    with pytest.raises(LoomError, match="missing") as caught:
        list(encode(run, workspace, (), "cpu"))
    assert "--name tiny --min-words 5 --max-words 30" in caught.value.hint
    other = run.settings.model_copy(
        update={"corpus": run.settings.corpus.model_copy(update={"source": "demo", "name": "demo", "limit": 50})}
    )
    with pytest.raises(LoomError, match="gives another demo corpus"):
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
    list(encode(run, workspace))
    with LatentCache.open(path) as cache:
        for name, (mu, coordinates) in expected.items():
            np.testing.assert_allclose(cache.mu(name), mu, rtol=1e-3, atol=1e-4)  # kept in half precision
            assert np.array_equal(cache.projection(name, "pca"), coordinates)

    description = (run.path / "latents.json").read_text()
    (run.path / "latents.json").write_text(description.replace(run.model_fingerprint("vae"), "0" * 64))
    notes = [event for event in encode(run, workspace, (), "cpu") if getattr(event, "level", "") == "warning"]
    assert len(notes) == 1
    with LatentCache.open(path) as cache:
        np.testing.assert_allclose(cache.mu("vae"), expected["vae"][0], atol=1e-5)

    (run.path / "latents.safetensors").write_bytes(b"cut")
    with pytest.raises(LoomError, match=r"latents\.safetensors is cut off"):
        packaged_latents(run)


def test_encoding_again_keeps_the_maps_of_unchanged_models(workspace: Workspace) -> None:
    path = workspace.cache("tiny")
    list(project(path, None, ProjectionConfig(method="pca")))
    with LatentCache.open(path) as cache:
        before = cache.projection("vae", "pca")
    list(encode(Run.open(workspace.run("tiny")), workspace, (), "cpu"))
    with LatentCache.open(path) as cache:
        assert np.array_equal(cache.projection("vae", "pca"), before)


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
