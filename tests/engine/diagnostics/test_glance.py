"""What is said before anything is measured agrees with what `diagnose` says later."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine.diagnostics.diagnose import diagnose
from engine.diagnostics.glance import first_spread, gained, glances, narrow
from engine.diagnostics.request import MOST_SENTENCES, Request
from engine.events import Done
from engine.runs.metrics import read_lines
from engine.runs.run import Run
from engine.storage.latent_cache import LatentCache, VariantInfo
from engine.workspace import Workspace


class FakeCache:
    """A cache of variants with these values of KL."""

    def __init__(self, kl: dict[str, np.ndarray], m: dict[str, float]) -> None:
        self.variants = tuple(kl)
        self.n = len(next(iter(kl.values())))
        self._kl, self._m = kl, m
        self.token = 1.0

    def info(self, name: str) -> VariantInfo:
        return VariantInfo(name, name.upper(), "#888888", self._m[name], "", 0, {"kind": "none"})

    def kl(self, name: str, rows: slice) -> np.ndarray:
        return self._kl[name][rows]

    def nll(self, name: str, rows: slice) -> np.ndarray:
        return np.full(self.n, 10 * self.token, np.float32)[rows]

    def words(self) -> np.ndarray:
        return np.full(self.n, 9, np.int16)


def fake(**kl: float) -> Any:
    return FakeCache({name: np.full(5, value, np.float32) for name, value in kl.items()}, dict.fromkeys(kl, 0.0))


def test_verdict_and_first_advice_are_those_of_the_whole_diagnosis(tiny_run: Run, tiny_workspace: Workspace) -> None:
    """The tiny models listen to z as far as they store anything, so the KL decides."""
    result = list(diagnose(tiny_run, tiny_workspace, Request(weighted=2, samples=1), "cpu"))[-1]
    assert isinstance(result, Done)
    with LatentCache.open(tiny_workspace.cache("tiny")) as cache:
        found = glances(cache, tiny_run, 40)
    for name, values in result.result["variants"].items():
        assert found[name].kl == pytest.approx(values["kl"]["value"], rel=1e-5)
        advice, first = found[name].advice, values["report"]["suggestions"][0]
        assert found[name].verdict == values["report"]["verdict"]
        assert advice is not None
        assert (advice.what, advice.because) == (first["what"], first["because"])


@pytest.mark.parametrize(
    ("kl", "verdict"), [(0.001, "collapsed"), (0.99, "collapsed"), (1.01, "weak"), (6.9, "weak"), (6.91, "healthy")]
)
def test_the_thresholds_are_those_of_the_report(kl: float, verdict: str) -> None:
    (found,) = glances(fake(vae=kl), None, None).values()
    assert found.verdict == verdict
    assert (found.advice is None) == (verdict == "healthy")


def test_a_healthy_variant_of_the_run_shows_the_way() -> None:
    cache = fake(vae=0.5, autogen=20.0)
    cache._m["autogen"] = 3.0
    advice = glances(cache, None, None)["vae"].advice
    assert advice is not None
    assert advice.what == "A larger m (--variants autogen-m3)"
    assert "AUTOGEN of this run stores 20.0" in advice.because


def test_an_unfinished_training_is_told_first(tiny_run: Run) -> None:
    advice = glances(fake(vae=0.5), tiny_run, 20)["vae"].advice
    assert advice is not None
    assert advice.what.startswith("Wait")


def test_a_decoder_that_has_not_learned_the_text_is_told_to_train_longer(tiny_run: Run) -> None:
    cache, words = fake(vae=0.5), tiny_run.settings.model.vocabulary
    for share, longer in ((0.85, True), (0.75, False)):
        cache.token = share * math.log(words)
        advice = glances(cache, tiny_run, 40)["vae"].advice
        assert advice is not None
        assert (f"all {words:,} words costs {math.log(words):.1f}" in advice.because) == longer
        assert advice.what.startswith("Train longer") or not longer
    cache.token = 99.0
    assert "Train" not in str(glances(cache, None, None)["vae"].advice)  # without the run no vocabulary is known


def test_only_the_sentences_count_that_a_diagnosis_takes() -> None:
    kl = np.concatenate([np.full(MOST_SENTENCES, 0.5), np.full(MOST_SENTENCES, 9.0)]).astype(np.float32)
    (found,) = glances(FakeCache({"vae": kl}, {"vae": 0.0}), None, None).values()  # type: ignore[arg-type]
    assert (found.verdict, found.kl) == ("collapsed", pytest.approx(0.5))


def test_what_was_gained_is_the_share_of_the_last_fifth(tmp_path: Any) -> None:
    log = tmp_path / "metrics.jsonl"
    lines = [(60, -55.0), (80, -50.0), (90, -44.0), (100, -40.0), (120, -10.0)]
    log.write_text("".join(f'{{"step": {step}, "split": "test", "elbo": {elbo}}}\n' for step, elbo in lines))
    run: Any = SimpleNamespace(metrics_path=lambda variant: log)
    assert gained(run, "vae", 100) == (pytest.approx(10 / 40), 80)
    assert gained(run, "vae", 60) is None
    assert gained(run, "vae", 120) == (pytest.approx(34 / 10), 90)
    assert gained(run, "vae", 90) is None  # 60 is the last third


def test_the_spread_before_the_first_step_is_read_from_the_log(tiny_run: Run) -> None:
    (start,) = (line for line in read_lines(tiny_run.metrics_path("vae")) if line["split"] == "start")
    assert first_spread(tiny_run, "vae") == start["mu_spread"]
    assert narrow(tiny_run)
    missing: Any = SimpleNamespace(metrics_path=lambda variant: tiny_run.path / "nothing.jsonl")
    assert first_spread(missing, "vae") is None
