"""The whole diagnosis of a real small run, and what it refuses."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.diagnostics.diagnose import diagnose, estimates, load_models
from engine.diagnostics.intervals import Bootstrap
from engine.diagnostics.measuring import Measured
from engine.diagnostics.request import Request
from engine.errors import LoomError, Stopped, UsageError
from engine.events import Done
from engine.models.objective import summary
from engine.runs.run import Run
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace

SMALL = Request(weighted=10, samples=10)


def done(run: Run, workspace: Workspace, request: Request) -> dict[str, Any]:
    events = list(diagnose(run, workspace, request, "cpu"))
    assert isinstance(events[-1], Done)
    return json.loads(json.dumps(events[-1].result))


@pytest.fixture(scope="module")
def result(tiny_run: Run, tiny_workspace: Workspace) -> dict[str, Any]:
    return done(tiny_run, tiny_workspace, SMALL)


def test_it_agrees_with_the_encoded_cache(result: dict[str, Any], tiny_workspace: Workspace) -> None:
    with LatentCache.open(tiny_workspace.cache("tiny")) as cache:
        assert result["sentences"] == cache.n
        assert result["tokens"] == int(cache.words().sum()) + cache.n
        for name in ("vae", "autogen-m1"):
            found = result["variants"][name]
            assert found["kl"]["value"] == pytest.approx(cache.mean_kl(name), rel=1e-5)
            assert found["active_units"]["value"] == cache.active_units(name)
            assert found["carrying_units"]["value"] == sum(kl > 0.1 for kl in found["kl_per_dimension"])
            assert found["carrying_units"]["value"] == cache.carrying_units(name)
            mu, logvar = (np.asarray(each(name), np.float64) for each in (cache.mu, cache.logvar))
            assert found["mu_spread"]["value"] == pytest.approx(np.std(mu, axis=0).mean(), rel=1e-4)
            assert found["mean_sigma"]["value"] == pytest.approx(np.exp(logvar / 2).mean(), rel=1e-4)
            assert sum(found["kl_per_dimension"]) == pytest.approx(found["kl"]["value"])
            # Other draws of z there, so within the sampling error only.
            assert -found["reconstruction"]["value"] == pytest.approx(float(cache.nll(name).mean()), rel=0.02)


def test_every_number_has_interval_n_and_how(result: dict[str, Any]) -> None:
    for values in result["variants"].values():
        metrics = {name: each for name, each in values.items() if isinstance(each, dict) and "value" in each}
        assert {"elbo", "kl", "kl_share", "mutual_information", "nll", "perplexity", "swap_loss"} <= metrics.keys()
        for name, each in metrics.items():
            assert each.keys() == {"value", "low", "high", "n", "how"}
            assert each["low"] <= each["value"] + 1e-9, name
            assert each["value"] <= each["high"] + 1e-9, name
            assert each["n"] == (10 if name in ("nll", "perplexity", "bound_gap") else result["sentences"])
        assert "K=10" in metrics["nll"]["how"]
        assert f"{result['weighted_tokens']:,} tokens" in metrics["perplexity"]["how"]
        assert values["report"]["verdict"] in ("collapsed", "weak", "healthy")


def test_the_numbers_hang_together(result: dict[str, Any]) -> None:
    for name, m in (("vae", 0.0), ("autogen-m1", 1.0)):
        values = result["variants"][name]
        of = {key: each["value"] for key, each in values.items() if isinstance(each, dict) and "value" in each}
        expected = summary(of["reconstruction"], of["kl"], m)
        for key in ("elbo", "objective", "kl_share", "elbo_kl_share"):
            assert of[key] == pytest.approx(expected[key])
        ladder = list(values["nll_by_samples"].values())
        assert ladder == sorted(ladder, reverse=True)
        assert of["nll"] == pytest.approx(ladder[-1])
        assert of["bound_gap"] == pytest.approx(ladder[0] - ladder[-1])
        tokens = result["weighted_tokens"] / result["weighted_sentences"]
        assert of["perplexity"] == pytest.approx(math.exp(of["nll"] / tokens))
        assert of["mutual_information"] <= math.log(result["sentences"])


def test_the_same_seed_gives_the_same_document(
    result: dict[str, Any], tiny_run: Run, tiny_workspace: Workspace
) -> None:
    assert done(tiny_run, tiny_workspace, SMALL) == result
    alone = done(tiny_run, tiny_workspace, Request(("autogen-m1",), weighted=10, samples=10))
    assert list(alone["variants"]) == ["autogen-m1"]
    assert alone["variants"]["autogen-m1"]["elbo"] == result["variants"]["autogen-m1"]["elbo"]


def test_the_threshold_moves_the_active_units(tiny_run: Run, tiny_workspace: Workspace) -> None:
    counts = [
        done(tiny_run, tiny_workspace, Request(("vae",), 20, 2, 1, threshold))["variants"]["vae"]["active_units"]
        for threshold in (0.0, 1e9)
    ]
    assert [each["value"] for each in counts] == [4, 0]


def test_an_earlier_step_can_be_diagnosed(tiny_run: Run, tiny_workspace: Workspace) -> None:
    early = done(tiny_run, tiny_workspace, Request((), 20, 2, 1, step=20))
    assert early["step"] == 20
    assert early["variants"]["vae"]["report"]["suggestions"][0]["what"].startswith("Wait")
    with pytest.raises(LoomError, match="no checkpoint of step 21") as caught:
        done(tiny_run, tiny_workspace, Request(step=21))
    assert "vae: 20, 40" in caught.value.hint


def test_a_run_in_training_is_read_at_the_newest_step_that_all_have(tiny_run: Run, tmp_path: Path) -> None:
    path = tmp_path / "half"
    shutil.copytree(tiny_run.path, path)
    for file in (path / "variants" / "vae").glob("step-000000040*"):
        file.unlink()
    run = Run.open(path)
    assert load_models(run, run.variants, None, torch.device("cpu"))[0] == 20
    for file in (path / "variants" / "vae").glob("step-*"):
        file.unlink()
    with pytest.raises(LoomError, match="no checkpoint that all these variants have") as none:
        load_models(run, run.variants, None, torch.device("cpu"))
    assert "vae: none" in none.value.hint
    assert none.value.hint.endswith("leave it out with --variants.")


def test_a_damaged_checkpoint_is_reported(tiny_run: Run, tmp_path: Path) -> None:
    path = tmp_path / "damaged"
    shutil.copytree(tiny_run.path, path)
    (path / "variants" / "vae" / "step-000000040.safetensors").write_bytes(b"nothing")
    run = Run.open(path)
    with pytest.raises(LoomError, match=r"step-000000040.safetensors"):
        load_models(run, run.variants, None, torch.device("cpu"))


def test_a_model_that_exploded_is_named(tiny_run: Run, tiny_workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "exploded"
    shutil.copytree(tiny_run.path, path)
    folder = Run.open(path).checkpoints("vae")
    folder.write(40, {name: each * float("nan") for name, each in folder.newest().weights().items()}, None)
    with pytest.raises(LoomError, match="At step 40 VAE gives values that are not finite"):
        done(Run.open(path), tiny_workspace, SMALL)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (Request(sentences=1), "--sentences 1"),
        (Request(weighted=1), "--weighted 1"),
        (Request(samples=0), "--samples 0"),
        (Request(threshold=float("nan")), "--threshold nan"),
        (Request(threshold=-1.0), "--threshold -1"),
        (Request(("vea",)), "no variant 'vea'"),
    ],
)
def test_senseless_requests_are_refused(
    request_: Request, message: str, tiny_run: Run, tiny_workspace: Workspace
) -> None:
    with pytest.raises(UsageError, match=message):
        done(tiny_run, tiny_workspace, request_)


def test_it_stops_when_asked(tiny_run: Run, tiny_workspace: Workspace) -> None:
    with pytest.raises(Stopped):
        list(diagnose(tiny_run, tiny_workspace, SMALL, "cpu", lambda: True))


def test_intervals_of_shares_and_units_equal_a_loop_over_resamples() -> None:
    random = np.random.default_rng(0)
    n = 12  # few, so that the mean of mu moves between resamples and must be taken off
    measured = Measured(
        words=random.integers(3, 9, n),
        mu=random.normal(size=(n, 8)) * np.linspace(0.07, 0.17, 8),
        logvar=random.normal(size=(n, 8)),
        z=random.normal(size=(n, 8)),
        sigma=random.uniform(0.2, 1.0, n),
        kl=random.exponential(size=(n, 8)),
        nll=random.normal(30.0, 5.0, n),
        swapped=random.normal(35.0, 5.0, n),
        zeroed=random.normal(33.0, 5.0, n),
        prior=random.normal(36.0, 5.0, n),
        information=random.normal(2.0, 1.0, n),
        weights=torch.from_numpy(random.normal(-30.0, 3.0, (6, 4))),
    )
    found = estimates(measured, 1.0, 0.5, 0.01, Bootstrap(n, 5), Bootstrap(6, 5))
    shares, units, losses, carrying, spreads, sigmas = [], [], [], [], [], []
    for counts in np.concatenate(list(Bootstrap(n, 5)._counts())).astype(int):
        rows = np.repeat(np.arange(n), counts)
        kl, nll = measured.kl[rows].sum(axis=1).mean(), measured.nll[rows].mean()
        shares.append(0.5 * kl / (0.5 * kl + 2 * nll))
        units.append((measured.mu[rows].var(axis=0) > 0.01).sum())
        spreads.append(measured.mu[rows].std(axis=0).mean())
        sigmas.append(measured.sigma[rows].mean())
        carrying.append((measured.kl[rows].mean(axis=0) > 0.1).sum())
        losses.append((measured.swapped[rows] - measured.nll[rows]).mean())
    assert len(set(units)) > 3
    both = (("active_units", units), ("carrying_units", carrying), ("mu_spread", spreads), ("mean_sigma", sigmas))
    for name, values in (("kl_share", shares), *both, ("swap_loss", losses)):
        low, high = np.percentile(values, [2.5, 97.5])
        assert (found[name].low, found[name].high) == pytest.approx((low, high)), name
