"""Evaluations that tests make by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.evaluation.measures.definitions import DEFINITIONS
from engine.evaluation.measures.result import Evaluation, Number, VariantResult
from engine.runs.compared import compared
from engine.runs.run import Run

LABELS = ("VAE", "$x_1$ & _under #", "日本語 = שלום", "AutoGen m=2")
COLOURS = ("#56B4E9", "#E69F00", "#1BB58A", "#D081B4")


def evaluation(labels: tuple[str, ...] = LABELS, complete: bool = True) -> Evaluation:
    """An evaluation with every number: variant i has value i + 1 (or a share of it), its interval 0.4 to each side."""
    variants = []
    for position, label in enumerate(labels):
        numbers = {}
        for key, definition in DEFINITIONS.items():
            scale = {"share": 0.1, "points": 10.0}.get(definition.unit, 1.0)
            value = scale * (position + 1)
            numbers[key] = Number(value, value - 0.4 * scale, value + 0.4 * scale, 100, definition.unit, "a mean", 7)
        kl = tuple(np.linspace(0.0, 1.0 + position, 6).tolist())
        variants.append(VariantResult(f"v{position}", label, COLOURS[position % 4], float(position), numbers, kl))
    return Evaluation(
        run="tiny", step=20, created="2026-01-02T03:04:05+00:00", variants=tuple(variants), sentences=100, tokens=900,
        of=250, samples=50, draws=120, pairs=60, beam=10, seed=7, complete=complete, corpus="c" * 64,
        models={each.name: "f" * 64 for each in variants},
        language_model={
            "how": "a counted model", "perplexity": 41.5, "sentences": 1000, "tests": 100, "reverse_floor": 66.0,
            "recurrent": {"how": "an LSTM", "perplexity": 37.25, "tests": 100, "fingerprint": "a" * 32},
        },
    )  # fmt: skip


def evaluation_of(run: Run) -> Evaluation:
    """An evaluation as `evaluation` makes it, of the variants and models of a run."""
    made = evaluation(tuple(variant.label for variant in run.variants))
    variants = tuple(
        replace(each, name=variant.name, colour=variant.colour, m=variant.m)
        for each, variant in zip(made.variants, run.variants, strict=True)
    )
    steps = compared(run).steps
    models = {name: run.model_fingerprint(name, step) for name, step in steps.items()}
    corpus = run.settings.corpus.fingerprint
    return replace(
        made, sentences=40, run=run.name, step=max(steps.values()), variants=variants, models=models, corpus=corpus
    )
