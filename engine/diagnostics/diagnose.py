"""`diagnose`: every estimate and the report, for the variants of a run on the same sentences with the same noise."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import torch

from engine.config import Variant
from engine.corpus.store import SentenceStore
from engine.device import choose_device
from engine.diagnostics.facts import Facts, Other, worth
from engine.diagnostics.glance import first_spread, gained, narrow, paid
from engine.diagnostics.importance import bound, log_mean_exp, nested_sizes
from engine.diagnostics.intervals import Bootstrap, Estimate, Floats
from engine.diagnostics.measuring import Measured, measure
from engine.diagnostics.published import published
from engine.diagnostics.report import judge, report
from engine.diagnostics.request import Plan, Request, note_of, steps_of
from engine.errors import LoomError
from engine.events import Done, Event, Note
from engine.models.builders import build
from engine.models.sentence_vae import SentenceVAE
from engine.models.trained import load_weights
from engine.runs.best import Step
from engine.runs.corpus_of_run import find_corpus
from engine.runs.run import Run
from engine.storage.latent_cache import CARRYING_KL
from engine.workspace import Workspace


def diagnose(
    run: Run,
    workspace: Workspace,
    request: Request,
    device: str = "auto",
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[Event]:
    """Diagnose a finished run, or one in training at its newest checkpoint.

    Yields:
        Progress, a Note where not every variant's newest step is taken, and Done with run, step ("best" where each
        variant is of its own), steps by variant, sentences, tokens, samples, corpus and models (fingerprints of what
        was measured), and
        variants{name: {metric: {value, low, high, n, how}, kl_per_dimension, nll_by_samples, published, report}}.

    Raises:
        LoomError: the corpus or a checkpoint is missing or damaged, or a model gives no finite numbers.
        Stopped: `should_stop` said so.
        UsageError: the request makes no sense.
    """
    request.check()
    chosen = run.select(request.variants)
    target = choose_device(device)
    corpus = yield from find_corpus(run, workspace)
    plan = request.plan(len(corpus.test))
    step, steps, models, fingerprints = load_models(run, chosen, request.step, target)
    if note := note_of(run, chosen, request.step, step):
        yield Note(note)
    measured: dict[str, Measured] = {}
    for variant in chosen:
        model = models.pop(variant.name).to(target)
        measured[variant.name] = yield from measure(model, corpus.test, plan, variant.label, should_stop)
        if not (np.isfinite(_elbo(measured[variant.name])).all() and measured[variant.name].weights.isfinite().all()):
            raise LoomError(
                f"At step {steps[variant.name]:,} {variant.label} gives values that are not finite: its training has "
                "exploded.",
                "Give an earlier --step, or leave it out with --variants; then train it with a lower learning rate.",
            )
    yield Done(
        {
            "run": run.name,
            "step": step,
            "steps": steps,
            "sentences": plan.sentences,
            "tokens": _tokens(corpus.test, plan.sentences),
            "weighted_sentences": plan.weighted,
            "weighted_tokens": _tokens(corpus.test, plan.weighted),
            "samples": plan.samples,
            "threshold": request.threshold,
            "seed": request.seed,
            "corpus": run.settings.corpus.fingerprint,
            "models": fingerprints,
            "variants": _results(run, chosen, measured, plan, request.threshold, steps, step == "best"),
        }
    )


def load_models(
    run: Run, variants: tuple[Variant, ...], step: Step | None, device: torch.device
) -> tuple[Step, dict[str, int], dict[str, SentenceVAE], dict[str, str]]:
    """The models in evaluation mode: at the step asked for, or the newest that all have, or each at its best.

    Returns:
        the step; then by variant its step, its model and the fingerprint of its weights.

    Raises:
        LoomError: there is no such step, or its files cannot be read.
    """
    while True:
        chosen, steps = steps_of(run, variants, step)
        try:
            models, fingerprints = {}, {}
            for variant in variants:
                checkpoint = run.checkpoints(variant.name).at(steps[variant.name])
                models[variant.name] = build(run.settings.model).eval()
                load_weights(models[variant.name], checkpoint.weights(), str(checkpoint.weights_path))
                fingerprints[variant.name] = checkpoint.fingerprint
            return chosen, steps, models, fingerprints
        except LoomError:
            # A training beside us writes new checkpoints and deletes old ones; if it went on, so do we.
            if isinstance(step, int) or steps_of(run, variants, step)[1] == steps:
                raise


def _tokens(store: SentenceStore, sentences: int) -> int:
    """Words and EOS of the first sentences."""
    return int(store.lengths[:sentences].sum()) + sentences


def _results(
    run: Run,
    variants: tuple[Variant, ...],
    measured: dict[str, Measured],
    plan: Plan,
    threshold: float,
    steps: dict[str, int],
    of_best: bool,
) -> dict[str, object]:
    """The results by variant; where each is `of_best`, its best step, how far its training is says its newest one."""
    everyone, few = Bootstrap(plan.sentences, plan.seed), Bootstrap(plan.weighted, plan.seed)
    metrics = {
        variant.name: estimates(measured[variant.name], variant.m, variant.kl_schedule.end, threshold, everyone, few)
        for variant in variants
    }
    best = max(variants, key=lambda variant: metrics[variant.name]["elbo"].value)
    results: dict[str, object] = {}
    for variant in variants:
        values, found = measured[variant.name], metrics[variant.name]
        sizes = nested_sizes(plan.samples)
        ladder = {size: -float(bound(values.weights, size).mean()) for size in sizes}
        behind = None
        if variant is not best:
            difference = _elbo(measured[best.name]) - _elbo(values)
            behind = everyone.mean(difference, f"ELBO of {best.name} minus this one's, paired by sentence")
        per_dimension = tuple(values.kl.mean(axis=0).tolist())
        facts = Facts(
            label=variant.label,
            metrics=found,
            kl_per_dimension=per_dimension,
            threshold=threshold,
            m=variant.m,
            beta=variant.kl_schedule.end,
            annealed=variant.kl_schedule.kind != "none",
            word_drop=run.settings.train.word_drop,
            step=max(run.checkpoints(variant.name).steps()) if of_best else steps[variant.name],
            steps=run.settings.train.steps,
            narrow=narrow(run),
            spread=first_spread(run, variant.name),
            gained=gained(run, variant.name, steps[variant.name]),
            paid=paid(run, variant.name, steps[variant.name]),
            unsettled=ladder[sizes[-2]] - ladder[sizes[-1]] if len(sizes) > 1 else 0.0,
            ladder=sizes,
            behind=behind,
            best=best.label,
            free_bits=variant.free_bits,
            lower_rate=run.settings.train.lower_rate,
            token=float(values.nll.sum() / (values.words + 1).sum()),
            vocabulary=run.settings.model.vocabulary,
            others=tuple(
                Other(
                    each.label,
                    worth(each.m, each.kl_schedule.end),
                    each.kl_schedule.kind != "none",
                    metrics[each.name]["kl"].value,
                    judge(metrics[each.name]),
                )
                for each in variants
                if each is not variant
            ),
        )
        results[variant.name] = {
            "label": variant.label,
            **{name: estimate.as_json() for name, estimate in found.items()},
            "kl_per_dimension": list(per_dimension),
            "nll_by_samples": {str(size): value for size, value in ladder.items()},
            "published": published(values),
            "report": report(facts).as_json(),
        }
    return results


_SIGMA = 6
"""The column of the mean sigma among those of `estimates`."""


def estimates(
    measured: Measured, m: float, beta: float, threshold: float, everyone: Bootstrap, few: Bootstrap
) -> dict[str, Estimate]:
    """Every number of a variant with its interval.

    Args:
        measured: the variant's values per sentence.
        m: AutoGen's, for the objective.
        beta: the last weight of the KL, for the objective.
        threshold: of an active unit.
        everyone: resamples of all sentences.
        few: resamples of those with importance weights.
    """
    latent = measured.mu.shape[1]
    kl = measured.kl.sum(axis=1)
    losses = [each - measured.nll for each in (measured.swapped, measured.zeroed, measured.prior)]
    centred = measured.mu - measured.mu.mean(axis=0)
    columns = np.column_stack(
        [-measured.nll, kl, measured.information, *losses, measured.sigma, measured.kl, centred, measured.mu**2]
    )
    columns[:, -latent:] = columns[:, -2 * latent : -latent] ** 2
    means, draws = columns.mean(axis=0), everyone.means(columns)

    def of(how: str, compute: Callable[[Floats], Floats]) -> Estimate:
        """A function of the columns' means, (..., columns) -> (...)."""
        return everyone.estimate(float(compute(means)), compute(draws), how)

    one_z = "one z ~ q(z|x) a sentence, EOS counted, no word drop; nats a sentence; bootstrap over sentences"
    n, weighed = len(kl), "KL" if beta == 1.0 else f"{beta:g} KL"
    found = {
        "elbo": of(f"E_q[log p(x|z)] - KL, the true ELBO; {one_z}", lambda c: c[..., 0] - c[..., 1]),
        "reconstruction": of(f"E_q[log p(x|z)]; {one_z}", lambda c: c[..., 0]),
        "kl": of("KL(q(z|x) || p(z)), closed form; nats a sentence; bootstrap over sentences", lambda c: c[..., 1]),
        "objective": of(
            f"(1+m) E_q[log p(x|z)] - {weighed} with m={m:g}, no bound on log p(x) unless m=0 and all of the KL "
            f"counts; {one_z}",
            lambda c: (1 + m) * c[..., 0] - beta * c[..., 1],
        ),
        "kl_share": of(
            f"{weighed} / -objective with m={m:g} (figure 2, left); {one_z}",
            lambda c: beta * c[..., 1] / (beta * c[..., 1] - (1 + m) * c[..., 0]),
        ),
        "elbo_kl_share": of(f"KL / -ELBO; {one_z}", lambda c: c[..., 1] / (c[..., 1] - c[..., 0])),
        "active_units": of(
            f"dimensions of {latent} with Var_x(mu_d) > {threshold:g}; bootstrap over sentences",
            lambda c: (c[..., -latent:] - c[..., -2 * latent : -latent] ** 2 > threshold).sum(axis=-1),
        ),
        "carrying_units": of(
            f"dimensions of {latent} with a mean KL above {CARRYING_KL:g} nats; bootstrap over sentences",
            lambda c: (c[..., -3 * latent : -2 * latent] > CARRYING_KL).sum(axis=-1),
        ),
        "mu_spread": of(
            f"standard deviation of mu_d over sentences, mean over {latent} dimensions; bootstrap over sentences",
            lambda c: np.sqrt(np.maximum(c[..., -latent:] - c[..., -2 * latent : -latent] ** 2, 0.0)).mean(axis=-1),
        ),
        "mean_sigma": of(
            f"standard deviation of q(z_d|x), mean over sentences and {latent} dimensions; bootstrap over sentences",
            lambda c: c[..., _SIGMA],
        ),
        "mutual_information": of(
            f"E[log q(z|x)] - E[log q(z)], q(z) the mixture of all {n:,} posteriors, at most ln {n:,} = "
            f"{math.log(n):.2f}; one z a sentence; nats; bootstrap over sentences, the mixture kept",
            lambda c: c[..., 2],
        ),
    }
    other_z = {"swap_loss": "another sentence's z (one random cycle)", "zero_loss": "0", "prior_loss": "z ~ N(0, I)"}
    for column, (name, other) in enumerate(other_z.items(), start=3):
        how = f"-log p(x|z') + log p(x|z), z' = {other}, z ~ q(z|x); nats a sentence; bootstrap over sentences"
        found[name] = everyone.estimate(float(means[column]), draws[:, column], how)
    return found | _weighted(measured, few)


def _weighted(measured: Measured, few: Bootstrap) -> dict[str, Estimate]:
    """Importance-weighted NLL, perplexity, and how much the ELBO falls short."""
    samples = measured.weights.shape[1]
    nll = -log_mean_exp(measured.weights).numpy()
    tokens = (measured.words[: len(nll)] + 1).astype(np.float64)
    elbo_cost = -measured.weights.mean(dim=1).numpy()
    columns = np.column_stack([nll, tokens, elbo_cost])
    means, draws = columns.mean(axis=0), few.means(columns)
    how = f"importance-weighted, K={samples}, {len(nll):,} sentences, {int(tokens.sum()):,} tokens with EOS"
    return {
        "nll": few.estimate(means[0], draws[:, 0], f"{how}; an upper bound, nats a sentence; bootstrap over sentences"),
        "perplexity": few.estimate(
            math.exp(means[0] / means[1]), np.exp(draws[:, 0] / draws[:, 1]), f"exp(NLL / tokens); {how}; bootstrap"
        ),
        "bound_gap": few.estimate(
            means[2] - means[0],
            draws[:, 2] - draws[:, 0],
            f"NLL at K=1 (-ELBO, the same {samples} samples one by one) minus NLL at K={samples}; {how}; bootstrap",
        ),
    }


def _elbo(measured: Measured) -> Floats:
    return -measured.nll - measured.kl.sum(axis=1)
