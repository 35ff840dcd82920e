"""What is known of a run's collapse before anything is measured: from its cache and its log.

It follows the rules of `report`, as far as they need no more than the KL and what a token costs. No torch.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.config import FreeBits
from engine.diagnostics.facts import Facts, Other, Suggestion, Verdict, worth
from engine.diagnostics.intervals import Estimate
from engine.diagnostics.report import USUAL_WORD_DROP, first_advice, judge_by_kl
from engine.diagnostics.request import MOST_SENTENCES
from engine.runs.metrics import read_lines
from engine.runs.run import Run
from engine.storage.latent_cache import ACTIVE_UNIT_THRESHOLD, LatentCache, VariantInfo


@dataclass(frozen=True, slots=True)
class Glance:
    """What the KL of a variant says: a verdict, its nats, and what to try first; None where it is healthy."""

    verdict: Verdict
    kl: float
    advice: Suggestion | None


def glances(cache: LatentCache, run: Run | None, step: int | None) -> dict[str, Glance]:
    """The variants of a cache at a glance, over the sentences that `diagnose` takes unless told otherwise.

    Args:
        cache: of the run, or of one that is not here.
        run: whose settings and log the advice depends on; without it, less is known.
        step: of the models; None where they are not of one, which is not known to be unfinished then.

    Raises:
        LoomError: the cache is damaged.
    """
    rows = slice(0, min(cache.n, MOST_SENTENCES))
    infos = {name: cache.info(name) for name in cache.variants}
    kl = {name: float(cache.kl(name, rows).mean(dtype="float64")) if cache.n else 0.0 for name in infos}
    others = {
        name: Other(info.label, worth(info.m, info.beta), _annealed(info), kl[name], judge_by_kl(kl[name]))
        for name, info in infos.items()
    }
    found = {}
    for name, info in infos.items():
        facts = Facts(
            label=info.label,
            metrics={"kl": Estimate(kl[name], kl[name], kl[name], rows.stop, "of the cache")},
            kl_per_dimension=(),
            threshold=ACTIVE_UNIT_THRESHOLD,
            m=info.m,
            beta=info.beta,
            annealed=_annealed(info),
            word_drop=run.settings.train.word_drop if run is not None else USUAL_WORD_DROP,
            step=step or 0,
            steps=run.settings.train.steps if run is not None and step is not None else 0,
            narrow=run is not None and narrow(run),
            spread=first_spread(run, name) if run is not None else None,
            gained=gained(run, name, step) if run is not None and step is not None else None,
            free_bits=_free_bits(run, name),
            token=_token(cache, name, rows) if cache.n else None,
            vocabulary=run.settings.model.vocabulary if run is not None else 0,
            others=tuple(each for other, each in others.items() if other != name),
        )
        found[name] = Glance(judge_by_kl(kl[name]), kl[name], first_advice(facts))
    return found


def narrow(run: Run) -> bool:
    """Whether the first weights of a run were torch's, which say nearly the same of every sentence."""
    return run.settings.model.initialisation == "torch"


def first_spread(run: Run, variant: str) -> float | None:
    """The spread of mu before the first step, from the log; None where it does not say."""
    found = next(iter(read_lines(run.metrics_path(variant), ("start",))), {}).get("mu_spread")
    return float(found) if isinstance(found, int | float) else None


def gained(run: Run, variant: str, step: int) -> tuple[float, int] | None:
    """Share of the test ELBO gained in about the last fifth of the training up to a step, and since when, by the log.

    None without a log, and where it was not measured about there: between 0.7 and 0.8 of the training.
    """
    lines = [line for line in read_lines(run.metrics_path(variant), ("test",)) if line["step"] <= step]
    earlier = [line for line in lines if 0.7 * step <= line["step"] <= 0.8 * step]
    if not earlier or not lines[-1].get("elbo"):
        return None
    return float((lines[-1]["elbo"] - earlier[-1]["elbo"]) / -lines[-1]["elbo"]), earlier[-1]["step"]


def paid(run: Run, variant: str, step: int) -> float | None:
    """Share of its last weight that the KL had reached in the training at a step, from the log; None without one."""
    lines = [line for line in read_lines(run.metrics_path(variant), ("test",)) if line["step"] <= step]
    end = run.variant(variant).kl_schedule.end
    return lines[-1]["kl_weight"] / end if lines and end > 0 and lines[-1].get("kl_weight") is not None else None


def _free_bits(run: Run | None, variant: str) -> FreeBits:
    """What a variant was trained with, as far as is known."""
    variants = run.settings.variants if run is not None else ()
    return next((each.free_bits for each in variants if each.name == variant), FreeBits())


def _token(cache: LatentCache, variant: str, rows: slice) -> float:
    """Nats that a token costs with the sentence's own z; the end mark counts as one."""
    return float(cache.nll(variant, rows).sum(dtype="float64") / (cache.words()[rows].sum(dtype="int64") + rows.stop))


def _annealed(info: VariantInfo) -> bool:
    return info.kl_schedule.get("kind", "none") != "none"
