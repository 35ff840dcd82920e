"""An evaluation as `evaluate` would keep it, with what stands behind its numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from engine.evaluation.measures.definitions import DEFINITIONS, RECURRENT
from engine.evaluation.measures.result import Difference, Evaluation, Item, Number, VariantResult

VARIANTS = (("vae", "VAE", "#56B4E9", 0.0), ("autogen-m1", "AutoGen m=1", "#1BB58A", 1.0))
MODELS = {"vae": "one", "autogen-m1": "two"}
_USUAL = {"nats": -35.2, "tokens": 7.5, "share": 0.62, "points": 48.3, "dimensions": 32.0, "": 61.4}


def number(key: str, value: float | None = None, spread: float = 0.03, n: int = 1000) -> Number:
    """A number with an interval around it."""
    definition = DEFINITIONS[key]
    usual = _USUAL[definition.unit] if value is None else value
    reach = abs(usual) * spread
    return Number(usual, usual - reach, usual + reach, n, definition.unit, "Mean over sentences, z ~ q(z|x)", 0)


def evaluation(
    variants: Sequence[tuple[str, str, str, float]] = VARIANTS,
    keys: Iterable[str] = DEFINITIONS,
    sentences: int = 1000,
    complete: bool = True,
    of: int = 4000,
    done: int | None = None,
) -> Evaluation:
    """An evaluation in which each variant is a little better or worse than the one before; `done` items so far."""
    keys = tuple(keys)
    results = tuple(
        VariantResult(
            name,
            label,
            colour,
            m,
            {
                key: number(key, _USUAL[DEFINITIONS[key].unit] * (1 + 0.1 * i), n=sentences if done is None else done)
                for key in keys
            },
            (1.0, 0.5),
        )
        for i, (name, label, colour, m) in enumerate(variants)
    )
    return Evaluation(
        "demo", 40, "2026-11-29T12:00:00+00:00", results, sentences, sentences * 8, of, 100, 1000, 500, 10, 0,
        complete, "text", {name: MODELS.get(name, name) for name, *_ in variants},
        {
            "how": "a counted model of the training text", "perplexity": 58.2, "sentences": 8000, "reverse_floor": 71.5,
            "recurrent": {"how": "an LSTM of 160 units", "perplexity": 49.7, "tests": 980, "fingerprint": "f"},
        },
    )  # fmt: skip


def without_second_judge(of: Evaluation) -> Evaluation:
    """The same of a run for which no recurrent language model was trained."""
    variants = tuple(
        replace(each, numbers={key: number for key, number in each.numbers.items() if not key.startswith(RECURRENT)})
        for each in of.variants
    )
    known = {key: value for key, value in of.language_model.items() if key != "recurrent"}
    return replace(of, variants=variants, language_model=known)


def with_number(of: Evaluation, variant: str, key: str, number: Number) -> Evaluation:
    """The same with another number."""
    changed = tuple(
        replace(each, numbers={**each.numbers, key: number}) if each.name == variant else each for each in of.variants
    )
    return replace(of, variants=changed)


def differences(of: Evaluation, baseline: str) -> dict[str, dict[str, Difference]]:
    """Each variant less the baseline; significant where a number has a better way."""
    base = of.variant(baseline).numbers
    found: dict[str, dict[str, Difference]] = {}
    for each in of.variants:
        found[each.name] = {}
        for key, mine in each.numbers.items():
            if key not in base:
                continue
            value, better = mine.value - base[key].value, DEFINITIONS[key].better
            reach = abs(value) / 2
            sign = int(np.sign(np.nan_to_num(value))) * {"higher": 1, "lower": -1, "": 0}[better]
            found[each.name][key] = Difference(value, value - reach, value + reach, mine.n, sign)
    return found


def distribution(key: str, seed: int = 0, n: int = 1000) -> np.ndarray:
    """Values of single items around the usual one."""
    usual = _USUAL[DEFINITIONS[key].unit]
    if key.startswith("exact"):
        return (np.random.default_rng(seed).random(n) < usual).astype(float)
    return usual + np.random.default_rng(seed).normal(0, abs(usual) / 5, n)


def items(key: str) -> tuple[Item, ...]:
    """Some sentences, a few of them of another direction or with signs that mean something elsewhere."""
    texts = [
        ("I love you.", "I like you."),
        ("אני אוהב את הים בלילה.", "אני אוהב את הים."),
        ('=SUM(A1:A3) is what he wrote, "really".', "=SUM is what he said."),
        ("We went home late, and nobody had seen the old dog since the morning of that day.", "We went home."),
        ("Where is the cat?", ""),
        ("It is late.", "It is late."),
    ]
    group = DEFINITIONS[key].group
    if group == "generation":
        return tuple(Item(i, 10.0 + i, "", (made or source,)) for i, (source, made) in enumerate(texts))
    if group == "interpolation":
        way = ("I love you.", "I love it.", "We love it.", "We went home.")
        return tuple(Item(i, 0.1 * i, "I love you. … We went home.", way) for i in range(6))
    made = group == "reconstruction"
    return tuple(Item(3 * i, 0.1 * i, source, (back,) if made else ()) for i, (source, back) in enumerate(texts))
