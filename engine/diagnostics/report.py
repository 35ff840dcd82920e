"""What the numbers of a variant mean, in plain words: a verdict, the evidence, and what to try next and why.

Pure functions over numbers; nothing is measured here. The thresholds are named below with their reasons, and
docs/diagnosis.md repeats them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from engine.diagnostics.facts import Facts, Suggestion, Verdict
from engine.diagnostics.intervals import Estimate
from engine.storage.latent_cache import CARRYING_KL

COLLAPSED_KL = 1.0
"""Nats. Below, z can at best tell e = 2.7 kinds of sentence apart."""
COLLAPSED_LOSS = 0.01
"""Share of the reconstruction. A swap of z that costs less is not noticed: every sentence has the same posterior."""
WEAK_KL = math.log(1000)
"""Nats. Below, z can point to one of a thousand sentences at best: it says what kind of sentence, not which one."""
HARDLY_PAID = 0.5
"""Share of its last weight below which nothing is promised of a KL that is still being annealed."""
CLOSE_TO_CEILING = 1.0
"""Nats. A mutual information this close to ln N is held down by N and says nothing about the model."""
ELBO_BEHIND = 1.0
"""Nats. An ELBO this far below the best of the run is a price worth a word."""
STILL_RISING = 0.005
"""Share of the ELBO gained in about the last fifth of the training that says it was stopped early."""
UNLEARNED = 0.8
"""Share of ln V, what a token costs by guessing evenly among V words. Above, the decoder does not know the text yet."""
UNCERTAIN_NLL = 0.5
"""Nats that the importance-weighted bound still gains with ten times the samples: it has not settled."""
USUAL_WORD_DROP = 0.3
"""The paper's. With less the decoder sees nearly all words before the one it predicts."""
USED_FLOOR = 0.5
"""Share of the nats that cost nothing. With less of them in use it is not their number that holds z down."""


@dataclass(frozen=True, slots=True)
class Report:
    """A variant's report. `summary` is one sentence, `findings` some more; `carrying` lists dimensions, best first."""

    verdict: Verdict
    summary: str
    findings: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]
    carrying: tuple[int, ...]
    loss_percent: Mapping[str, float]

    def as_json(self) -> dict[str, Any]:
        """The fields as the command prints them."""
        return asdict(self)


def report(facts: Facts) -> Report:
    """Put a variant's numbers into words."""
    verdict = judge(facts.metrics)
    return Report(
        verdict=verdict,
        summary=_summary(facts, verdict),
        findings=(_losses(facts), _dimensions(facts), _information(facts), _likelihood(facts)),
        suggestions=_suggestions(facts, verdict),
        carrying=carrying(facts.kl_per_dimension),
        loss_percent={name: _percent(facts, name) for name in ("swap_loss", "zero_loss", "prior_loss")},
    )


def judge(metrics: Mapping[str, Estimate]) -> Verdict:
    """Collapsed: z carries next to nothing or the decoder does not listen. Weak: it says the kind of sentence only."""
    unheard = metrics["swap_loss"].high < -COLLAPSED_LOSS * metrics["reconstruction"].value
    return "collapsed" if unheard else judge_by_kl(metrics["kl"].value)


def judge_by_kl(kl: float) -> Verdict:
    """What the KL alone says, in nats. "Collapsed" is final; else the decoder may still not listen, see `judge`."""
    if kl < COLLAPSED_KL:
        return "collapsed"
    return "weak" if kl < WEAK_KL else "healthy"


def first_advice(facts: Facts) -> Suggestion | None:
    """What `report` advises first, where that is known from the KL alone; None where that is healthy.

    Args:
        facts: of `metrics`, "kl" is enough.
    """
    verdict = judge_by_kl(facts.value("kl"))
    return None if verdict == "healthy" else _suggestions(facts, verdict)[0]


def carrying(kl_per_dimension: tuple[float, ...]) -> tuple[int, ...]:
    """The dimensions that carry more than `CARRYING_KL`, the strongest first."""
    order = sorted(range(len(kl_per_dimension)), key=lambda each: -kl_per_dimension[each])
    return tuple(each for each in order if kl_per_dimension[each] > CARRYING_KL)


def _percent(facts: Facts, loss: str) -> float:
    """A loss in % of the reconstruction with the sentence's own z."""
    reconstruction = -facts.value("reconstruction")
    return 100.0 * facts.value(loss) / reconstruction if reconstruction > 0 else 0.0


def _summary(facts: Facts, verdict: Verdict) -> str:
    kl, cost, share = facts.value("kl"), -facts.value("elbo"), 100 * facts.value("elbo_kl_share")
    stored = f"of the {cost:.1f} nats that a sentence costs (-ELBO), {kl:.2f} are in z ({share:.0f}%)"
    if verdict == "collapsed" and _unlearned(facts):
        return f"Collapsed: {stored}. But the decoder has not learned the text yet, with z or without it."
    if verdict == "collapsed" and kl >= COLLAPSED_KL:
        return (
            f"Collapsed: {stored}, yet the decoder does not notice when z is swapped. The posterior differs from the "
            "prior in the same way for every sentence, which says nothing about any."
        )
    if verdict == "collapsed":
        return f"Collapsed: {stored}. The decoder writes nearly as a language model would, which has no z."
    if verdict == "weak":
        return (
            f"Weak: {stored}. That tells at most {math.exp(kl):,.0f} kinds of sentence apart (e to the KL): its "
            "length or how it begins, but not which one it is."
        )
    if _open(facts):
        return (
            f"Healthy by its KL: {stored}. That can tell {kinds(kl)} apart; whether the decoder uses it, these "
            "sentences do not tell."
        )
    if facts.paid is not None and facts.paid < HARDLY_PAID:
        return (
            f"Healthy by its KL: {stored}. But at this step the KL counted only {facts.paid:.1%} of what it is to "
            "count, so z was nearly free; what is kept in it once the KL is paid for shows after the warm-up."
        )
    return f"Healthy: {stored}. That can tell {kinds(kl)} apart (e to the KL), and the decoder uses it."


def kinds(kl: float) -> str:
    """Among how many kinds of sentence so many nats can tell at the most, to two figures."""
    most = math.exp(min(kl, 20.0))
    return "millions of kinds of sentence" if most > 1e6 else f"at most {float(f'{most:.2g}'):,.0f} kinds of sentence"


def _open(facts: Facts) -> bool:
    """Whether these sentences leave it open if a swap of z costs anything."""
    return facts.metrics["swap_loss"].low <= 0


def _losses(facts: Facts) -> str:
    reconstruction = -facts.value("reconstruction")
    swap, zero = facts.metrics["swap_loss"], facts.metrics["zero_loss"]
    swapped, zeroed, drawn = (
        f"{_signed(facts.metrics[name])}; {_percent(facts, name):+z.0f}%)"
        for name in ("swap_loss", "zero_loss", "prior_loss")
    )
    text = (
        f"From its own z the decoder writes a sentence for {reconstruction:.1f} nats. With another sentence's z the "
        f"cost changes by {swapped}, with z = 0 by {zeroed}, with a z drawn from the prior by {drawn}."
    )
    if swap.high < COLLAPSED_LOSS * reconstruction:
        if zero.low > COLLAPSED_LOSS * reconstruction:
            return f"{text} So the decoder needs some z, but it makes no difference whose."
        return f"{text} So it makes no difference which z the decoder gets."
    if _open(facts):
        return f"{text} Whether the decoder listens to z these sentences do not tell: more of them would."
    if judge(facts.metrics) == "collapsed":
        return f"{text} So the decoder hears the little that z says."
    if swap.low > zero.high:
        return f"{text} So a wrong z costs more than none: the decoder believes what z says."
    return f"{text} So the decoder listens to z."


def _dimensions(facts: Facts) -> str:
    chosen = carrying(facts.kl_per_dimension)
    total, latent = sum(facts.kl_per_dimension), len(facts.kl_per_dimension)
    units = f"{facts.value('active_units'):.0f} of {latent} count as active units (mean varies by more than "
    units += f"{facts.threshold:g})"
    if not chosen:
        return f"No dimension carries more than {CARRYING_KL:g} nats; {units}."
    shown = ", ".join(f"{each} ({facts.kl_per_dimension[each]:.2f})" for each in chosen[:5])
    more = " and others" if len(chosen) > 5 else ""
    held = 100 * sum(facts.kl_per_dimension[each] for each in chosen) / total
    noun = "dimension carries" if len(chosen) == 1 else "dimensions carry"
    return (
        f"{len(chosen)} {noun} more than {CARRYING_KL:g} nats each and {held:.0f}% of the KL together; the strongest, "
        f"with nats: {shown}{more}. {units}."
    )


def _information(facts: Facts) -> str:
    found = facts.metrics["mutual_information"]
    ceiling = math.log(found.n)
    text = f"Mutual information of sentence and z: {found.value:z.2f} nats over {found.n:,} sentences"
    if found.value > ceiling - CLOSE_TO_CEILING:
        return (
            f"{text}, close to the most that so many can show (ln {found.n:,} = {ceiling:.2f}). Take it as a lower "
            f"bound: the true value lies between that and the KL, {facts.value('kl'):.2f}."
        )
    if round(found.value, 2) < 0:
        text += " (below 0 by chance: an estimate of something near 0)"
    apart = facts.value("kl") - found.value
    if apart < 0:
        text += " (above the KL by chance: z is drawn once a sentence)"
    if facts.value("kl") < COLLAPSED_KL:
        return f"{text}: there is next to no KL that could tell sentences apart."
    if apart < CARRYING_KL:
        return f"{text}: nearly all of the KL tells sentences apart."
    return (
        f"{text}. The rest of the KL, at most {apart:.2f} nats, is the distance of all posteriors together from the "
        "prior; it tells no sentence from another, and makes samples from the prior less like the text."
    )


def _likelihood(facts: Facts) -> str:
    nll, gap = facts.metrics["nll"], facts.metrics["bound_gap"]
    text = (
        f"The ELBO is a bound: over the first {nll.n:,} sentences it puts the cost at {nll.value + gap.value:.1f} "
        f"nats, importance weighting at {nll.value:.1f} ({nll.low:.1f} to {nll.high:.1f}), perplexity "
        f"{facts.value('perplexity'):.1f}."
    )
    if len(facts.ladder) > 1:
        before, last = facts.ladder[-2:]
        if facts.unsettled > UNCERTAIN_NLL * math.log10(last / before):
            text += (
                f" From {before:,} to {last:,} samples a sentence it still fell by {facts.unsettled:.1f} nats, so the "
                "true cost is lower still; more samples come closer (--samples)."
            )
    return text


def _suggestions(facts: Facts, verdict: Verdict) -> tuple[Suggestion, ...]:
    found = [*_unfinished(facts)]
    found += _store_more(facts, verdict) if verdict != "healthy" else _store_less(facts)
    if not found:
        found.append(Suggestion("Nothing needs mending", f"z is used, and {_beside_the_best(facts)}."))
    return tuple(found)


def _beside_the_best(facts: Facts) -> str:
    behind = facts.behind
    if behind is None:
        return "no bound of the run is better"
    if behind.low <= 0:
        return "no bound of the run is better for certain"
    return (
        f"the bound is {behind.value:.1f} nats ({behind.low:.1f} to {behind.high:.1f}) below that of {facts.best}, "
        "which is little"
    )


def _unfinished(facts: Facts) -> list[Suggestion]:
    if facts.step < facts.steps:
        done = f"This is step {facts.step:,} of {facts.steps:,}."
        return [Suggestion("Wait for the end of the training", f"{done} Early numbers often look collapsed.")]
    if unlearned := _unlearned(facts):
        return [Suggestion("Train longer (--steps)", unlearned)]
    share, since = facts.gained or (0.0, 0)
    if share > STILL_RISING:
        gained = f"The test ELBO rose by {100 * share:.1f}% from step {since:,} to step {facts.step:,}."
        return [Suggestion("Train longer (--steps)", f"{gained} It had not levelled off.")]
    return []


def _unlearned(facts: Facts) -> str:
    """That the decoder has not learned the text yet, with both numbers; "" where it has, or where nothing says."""
    if facts.token is None or not facts.vocabulary:
        return ""
    evenly = math.log(facts.vocabulary)
    if facts.token <= UNLEARNED * evenly:
        return ""
    return (
        f"A token still costs {facts.token:.1f} nats, and guessing evenly among all {facts.vocabulary:,} words costs "
        f"{evenly:.1f}: the decoder has not learned the text yet."
    )


def _store_more(facts: Facts, verdict: Verdict) -> list[Suggestion]:
    kl = f"The KL is {facts.value('kl'):.1f} nats"
    if verdict == "collapsed" and facts.value("kl") >= WEAK_KL:
        because = f"{kl}, and the decoder hears none of it: the training went wrong rather than stored too little."
        option = f"--set train.learning_rate={facts.lower_rate:g}"
        return [Suggestion(f"A lower learning rate or a smaller m ({option})", because)]
    found = [_worth_more(facts)]
    if facts.word_drop < USUAL_WORD_DROP:
        found.append(
            Suggestion(
                f"More word drop, 0.3 to 0.5 instead of {facts.word_drop:g} (--set train.word_drop=0.4)",
                "The decoder sees the true words before the one it predicts and can do without z; hide some of them.",
            )
        )
    tried = [other for other in facts.others if other.annealed and other.worth == facts.worth]
    helped = [other for other in tried if other.verdict != "collapsed" and other.kl > facts.value("kl")]
    helps = max(helped, key=lambda other: other.kl, default=None)
    if not facts.annealed and facts.m == 0 and facts.beta == 1 and (helps or not tried):
        because = "At the start z is still noise, so its KL is all cost and no use; annealing charges it later"
        if helps:
            because += f"; {helps.label} of this run stores {helps.kl:.1f}"
        found.append(Suggestion("Annealing (--variants vae-annealed)", f"{because}."))
    if facts.narrow:
        measured = f": mu differed by {facts.spread:.2g} between sentences" if facts.spread is not None else ""
        because = (
            f"With its first weights the encoder said nearly the same of every sentence{measured}. So z was noise "
            "while the decoder learned, which learned to do without"
        )
        found.append(Suggestion("Wider first weights (--set model.initialisation=wide)", f"{because}."))
    if verdict == "collapsed":
        found += _free_bits(facts)
        if facts.word_drop >= USUAL_WORD_DROP and facts.worth >= 2:
            found.append(
                Suggestion(
                    "A smaller decoder",
                    f"Word drop {facts.word_drop:g} and {_trade(facts)} were not enough; a weaker decoder must ask z.",
                )
            )
    return found


def _worth_more(facts: Facts) -> Suggestion:
    """A reconstruction that counts more: by a larger m, or by a smaller weight of the KL where that is not 1."""
    above = [other for other in facts.others if other.worth > facts.worth and other.verdict == "healthy"]
    shown = min(above, key=lambda other: other.worth, default=None)
    if facts.beta == 1.0:
        m = shown.worth - 1.0 if shown else 1.0 if facts.m < 1 else 2 * facts.m
        what, there, worth = f"A larger m (--variants autogen-m{m:g})", f"m={m:g}", 1.0 + m
    else:
        beta = (1.0 + facts.m) / shown.worth if shown else 1.0 if facts.beta > 1 else facts.beta / 2
        what, there = f"A smaller weight of the KL ({_weighing(facts, beta)})", f"a KL weight of {beta:g}"
        worth = (1.0 + facts.m) / beta
    times = "as much" if worth == 1.0 else f"{worth:g} times as much"
    because = (
        f"The KL is {facts.value('kl'):.1f} nats with {_trade(facts)}. "
        f"At {there} the reconstruction counts {times} as the KL"
    )
    if shown:
        because += f"; {shown.label} of this run stores {shown.kl:.1f}"
    return Suggestion(what, f"{because}.")


def _trade(facts: Facts) -> str:
    """How the reconstruction and the KL are weighed against each other."""
    m, weight = f"m={facts.m:g}", f"a KL weight of {facts.beta:g}"
    if facts.beta == 1.0:
        return m
    return f"{m} and {weight}" if facts.m else weight


def _weighing(facts: Facts, beta: float) -> str:
    """The option that gives the KL another weight."""
    weight = f"{beta:g}"
    if facts.m or facts.annealed or "e" in weight:
        return f"--set variants.NAME.kl_schedule.end={weight}"
    return "--variants vae" if beta == 1.0 else f"--variants vae-beta{weight}"


def _free_bits(facts: Facts) -> list[Suggestion]:
    """Free bits, or more of them where those there are get used; where they are not, more would change nothing."""
    kl, used = f"The KL is {facts.value('kl'):.1f} nats", facts.free_bits
    if used.kind == "none":
        return [
            Suggestion(
                "Free bits, 0.1 to 0.5 nats a dimension (--set variants.NAME.free_bits.kind=dimension and .nats=0.1)",
                f"{kl}; nats below such a floor cost nothing, so no dimension gains by being switched off.",
            )
        ]
    dimensions = len(facts.kl_per_dimension) if used.kind == "dimension" else 1
    floor = used.nats * dimensions
    if not floor or facts.value("kl") < USED_FLOOR * floor:
        return []
    where = "a dimension" if used.kind == "dimension" else "in all"
    return [
        Suggestion(
            f"More free bits, {2 * used.nats:g} nats {where} (--set variants.NAME.free_bits.nats={2 * used.nats:g})",
            f"{kl}, of which {floor:g} cost nothing. With a higher floor z may say more at no cost.",
        )
    ]


def _store_less(facts: Facts) -> list[Suggestion]:
    found = []
    if facts.behind is not None and facts.behind.low > ELBO_BEHIND and facts.worth > 1:
        what, option = "A smaller m", f"--variants autogen-m{facts.m / 2:g}"
        if facts.beta < 1.0:
            what, option = "A larger weight of the KL", _weighing(facts, min(1.0, 2 * facts.beta))
        found.append(
            Suggestion(
                f"{what} if samples from the prior or log p(x) matter ({option})",
                f"{facts.value('kl'):.1f} nats are stored at the price of the ELBO, {facts.behind.value:.1f} nats "
                f"({facts.behind.low:.1f} to {facts.behind.high:.1f}) below that of {facts.best}.",
            )
        )
    used, there = len(carrying(facts.kl_per_dimension)), len(facts.kl_per_dimension)
    if used > 0.9 * there:
        found.append(
            Suggestion(
                f"More latent dimensions if reconstructions matter (--set model.latent={2 * there})",
                f"{used} of {there} are in use: there is hardly any room left.",
            )
        )
    return found


def _signed(estimate: Estimate) -> str:
    """The value and its interval; the bracket is left open for the share."""
    return f"{estimate.value:+z.1f} nats ({estimate.low:+z.1f} to {estimate.high:+z.1f}"
