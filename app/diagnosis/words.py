"""What is said of collapse: on the maps in a sentence, and what each number means with its trap. Pure functions."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from app.core.times import local
from app.core.values import Column, Finding, Verdict
from app.diagnosis.state import Estimate, Known
from engine.diagnostics.report import kinds

TITLES: Mapping[Verdict, str] = {"collapsed": "Collapsed", "weak": "Weak", "healthy": "Healthy"}
RULE = (
    "Collapsed: KL under 1 nat, or the decoder does not notice when z is swapped. Weak: KL under 6.9 nats (ln 1,000), "
    "so z can point to one of a thousand sentences at best. Healthy: more than that, and the decoder listens."
)
COLLAPSE = (
    "A VAE writes a sentence down as z and reads it back from there. A decoder that guesses the next word well can do "
    "without z, and as z costs KL, training may find it cheaper to leave it empty. That is posterior collapse: every "
    "sentence gets the same z, and whatever z is decoded, the same ordinary sentences come out."
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a diagnosis: its key, its name, decimals, whether it is a share, and what it means with its trap.

    `meaning` may name `{k}` samples, `{weighted}` sentences, `{n}` sentences, `{ceiling}` = ln n and `{threshold}`.
    """

    key: str
    name: str
    digits: int
    meaning: str
    percent: bool = False


NUMBERS = (
    Number("elbo", "ELBO", 2, "Reconstruction − KL, a lower bound on log p(x). AutoGen with m above 0 trains another."),
    Number(
        "reconstruction",
        "Reconstruction",
        2,
        "log p(x|z) with z from the sentence's own cloud. Long sentences cost more: compare on the same text only.",
    ),
    Number(
        "kl",
        "KL",
        2,
        "How far the clouds of z are from the prior; near 0 is collapse. If all clouds are off in the same way, KL "
        "says nothing: read it with Swapped z.",
    ),
    Number("elbo_kl_share", "KL / −ELBO", 1, "Which part of what a sentence costs lies in z, whatever m is.", True),
    Number(
        "objective",
        "Objective",
        2,
        "(1+m) log p(x|z) − KL, what is trained; a β-VAE has β KL. No bound on log p(x) unless m = 0: never compare it "
        "between variants.",
    ),
    Number(
        "kl_share",
        "KL / −objective",
        1,
        "As in the paper's figure 2; a β-VAE has β KL. It falls with m at the same KL.",
        True,
    ),
    Number(
        "active_units",
        "Active units",
        0,
        "Dimensions whose mean μ varies by more than {threshold}. It counts, not weighs: one may hold 0.01 nats.",
    ),
    Number(
        "carrying_units",
        "Carrying units",
        0,
        "Dimensions with more than 0.1 nats of KL. It weighs nats, which may still say nothing: see Swapped z.",
    ),
    Number(
        "mu_spread",
        "Spread of μ",
        3,
        "How far the clouds' centres differ from sentence to sentence, in a dimension on average. Read it beside Mean "
        "σ: a small part of that is lost in noise.",
    ),
    Number("mean_sigma", "Mean σ", 3, "How wide the clouds are. 1 is the prior's width: nothing is said."),
    Number(
        "mutual_information",
        "Mutual information",
        2,
        "How much z tells about which sentence it is. {n} sentences can show {ceiling} (ln N) at most; near that, it "
        "is at least so much.",
    ),
    Number(
        "nll",
        "NLL (IW)",
        2,
        "−log p(x) over the first {weighted} sentences, z weighted by importance with K = {k} draws. Still too high, "
        "less so with a larger K.",
    ),
    Number(
        "bound_gap",
        "Gap of the ELBO",
        2,
        "−ELBO minus NLL (IW) on those sentences: the ELBO is too low by at least this.",
    ),
    Number(
        "perplexity",
        "Perplexity",
        1,
        "exp(NLL (IW) / tokens): among how many tokens the model wavers. Comparable only where tokens are cut alike.",
    ),
    Number(
        "swap_loss",
        "Swapped z",
        2,
        "Nats lost when a sentence is read from another one's z. Near 0 the decoder does not listen: collapse, "
        "whatever the KL.",
    ),
    Number("zero_loss", "z = 0", 2, "Nats lost with the prior's mean. Large beside a small Swapped z: any z will do."),
    Number("prior_loss", "z from the prior", 2, "Nats lost with a z drawn at random, as prior samples are made."),
)
"""In the order of `diagnose`."""

_OPTIONS = re.compile(r"\s*\((?:--[^()]*|[^()]*--[^()]*)\)")


def findings(known: Known, result: Mapping[str, Any] | None) -> dict[str, Finding]:
    """What the maps say of each variant: by the diagnosis, in its numbers, if there is one, else by the KL."""
    found = {name: finding_of_estimate(each) for name, each in known.estimates.items()}
    for name, values in (result or {}).get("variants", {}).items():
        found[name] = finding_of_result(values)
    return found


def finding_of_estimate(estimate: Estimate) -> Finding:
    """What the KL alone says of a variant."""
    why = _why(estimate.verdict, estimate.kl)
    more = "The KL alone says so." if estimate.verdict == "collapsed" else "That is what the KL alone says."
    details = (
        f"{TITLES[estimate.verdict]}: {_by_kl(estimate.verdict, estimate.kl)}",
        f"{plain(estimate.what)}: {estimate.because}" if estimate.what else "",
        f"{more} The diagnosis also measures whether the decoder listens to z.",
        "Press to open it.",
    )
    return Finding(
        estimate.verdict,
        f"{TITLES[estimate.verdict]} (estimate)",
        " ".join(part for part in (why, advice(estimate.what)) if part),
        "\n".join(part for part in details if part),
    )


def finding_of_result(values: Mapping[str, Any]) -> Finding:
    """What a diagnosis says of a variant, of the sentences it measured: the map's numbers are those of all."""
    report, kl = values["report"], float(values["kl"]["value"])
    verdict = verdict_of(report)
    first = report["suggestions"][0]
    heard = verdict != "collapsed" or kl < 1.0
    why = _why(verdict, kl) if heard else f"the decoder does not notice whose z it gets (KL {kl:.1f})."
    measured = f"Measured over {values['kl']['n']:,} test sentences. Press for all of the diagnosis."
    details = (report["summary"], f"{plain(first['what'])}: {first['because']}", measured)
    return Finding(
        verdict,
        TITLES[verdict],
        " ".join(part for part in (why, advice(first["what"]) if verdict != "healthy" else "") if part),
        "\n".join(details),
    )


def verdict_of(report: Mapping[str, Any]) -> Verdict:
    """The verdict of a report; what is unknown here counts as the worst."""
    verdict: Verdict = next((each for each in get_args(Verdict) if each == report["verdict"]), "collapsed")
    return verdict


def meaning_of(number: Number, result: Mapping[str, Any]) -> str:
    """What a number means, with the figures of the diagnosis that it depends on."""
    n = result["sentences"]
    return number.meaning.format(
        k=result["samples"],
        weighted=f"{result['weighted_sentences']:,}",
        n=f"{n:,}",
        ceiling=f"{math.log(n):.2f}",
        threshold=f"{result['threshold']:g}",
    )


def shown(number: Number, estimate: Mapping[str, Any]) -> tuple[str, str]:
    """A value and its interval as they are read."""
    factor, unit = (100.0, "%") if number.percent else (1.0, "")
    value, low, high = (factor * estimate[key] for key in ("value", "low", "high"))
    digits = number.digits
    texts = f"{value:z.{digits}f}{unit}", f"{low:z.{digits}f} to {high:z.{digits}f}"  # z: no -0.00 (PEP 682)
    return texts[0].replace("-", "−"), texts[1].replace("-", "−")


def about(result: Mapping[str, Any], created: str) -> str:
    """What a result is of, in a line."""
    parts = [f"{result['sentences']:,} test sentences", f"measured {local(created)}" if created else ""]
    parts = [*filter(None, parts), f"{result['tokens']:,} tokens", f"seed {result['seed']}"]
    return " · ".join(parts)


def long_table(result: Mapping[str, Any]) -> tuple[list[str], list[list[Any]]]:
    """Every number for programs: header and lines, a line a number of a variant."""
    header = ["run", "step", "variant", "model", "number", "value", "low", "high", "n", "how", "verdict"]
    lines = []
    for name, values in result["variants"].items():
        verdict = values["report"]["verdict"]
        start = [result["run"], result["step"], name, values["label"]]
        for key, each in values.items():
            if isinstance(each, Mapping) and "value" in each:
                lines.append([*start, key, *(each[part] for part in ("value", "low", "high", "n", "how")), verdict])
    return header, lines


def as_text(result: Mapping[str, Any], created: str) -> str:
    """The numbers side by side with tabs between, as spreadsheets paste them, and the report."""
    variants = list(result["variants"].values())
    lines = [
        [f"{result['run']}, step {result['step']:,}", *(values["label"] for values in variants)],
        ["Verdict", *(values["report"]["verdict"] for values in variants)],
    ]
    for number in NUMBERS:
        cells = []
        for values in variants:
            value, interval = shown(number, values[number.key])
            cells.append(f"{value} ({interval})")
        lines.append([number.name, *cells])
    lines.append([f"Nats a sentence, with 95% intervals; {about(result, created)}"])
    for values in variants:
        report = values["report"]
        lines += [[], [values["label"]], [report["summary"]], *([text] for text in report["findings"])]
        lines += [[f"{each['what']}. {each['because']}"] for each in report["suggestions"]]
    return "\n".join("\t".join(line) for line in lines) + "\n"


def labels(columns: Sequence[Column], names: Sequence[str]) -> list[Column]:
    """The columns of these variants, in their order."""
    known = {column.name: column for column in columns}
    return [known.get(name, Column(name, name, "")) for name in names]


def fraction(names: Sequence[str], stage: str, done: float, total: float, effort: tuple[float, float]) -> float | None:
    """How far a diagnosis has come, 0 to 1; None while something else is done first.

    Args:
        names: labels of the variants, in the order in which they are measured.
        stage: as `diagnose` reports it, such as "VAE: swapping z".
        done, total: of that stage.
        effort: how long its two stages take, in any unit.
    """
    label, _, part = stage.rpartition(": ")
    if label not in names:
        return None
    first, second = effort
    within = done / total if total else 0.0
    passed = first * within if part.startswith("swapping") else first + second * within
    return (list(names).index(label) + passed / (first + second)) / len(names)


def stage_in_words(stage: str) -> str:
    """What is measured now."""
    label, colon, part = stage.rpartition(": ")
    parts = {"swapping z": "reading every sentence from other z", "importance samples": "weighting draws of z"}
    return f"{label}: {parts.get(part, part)}" if colon else f"{stage[:1].upper()}{stage[1:]} the text"


def _why(verdict: Verdict, kl: float) -> str:
    if verdict == "collapsed":
        return f"z says next to nothing (KL {kl:.2f})."
    if verdict == "weak":
        return f"z tells at most {math.exp(kl):,.0f} kinds of sentence apart."
    return f"z tells {kinds(kl)} apart (KL {kl:.1f})."


def _by_kl(verdict: Verdict, kl: float) -> str:
    if verdict == "collapsed":
        return f"z holds {kl:.2f} nats of a sentence. The decoder writes nearly as if there were no z."
    if verdict == "weak":
        most = f"{math.exp(kl):,.0f} kinds of sentence (e to the KL)"
        return f"z holds {kl:.1f} nats. That tells at most {most} apart: how it begins, but not which one it is."
    return f"z holds {kl:.1f} nats. That can tell {kinds(kl)} apart (e to the KL), if the decoder listens."


def advice(what: str) -> str:
    """What to try, as a sentence without the options of the command line; "" where nothing is."""
    said = plain(what)
    if not said:
        return ""
    if said.startswith("Wait"):
        return "Train to the end first."
    if said.startswith(("Train", "Nothing")):
        return f"{said}."
    return f"Try {said[:1].lower()}{said[1:]}."


def plain(what: str) -> str:
    """A suggestion without the options of the command line."""
    return _OPTIONS.sub("", what)
