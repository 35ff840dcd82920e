"""`diagnose`: what the latent variable of each variant carries, in numbers and words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from engine.cli.command.columns import print_in_columns
from engine.cli.command.options import DeviceOption, RunArgument, SeedOption, VariantsOption, command, split_names
from engine.cli.command.reporting import Output, follow

ROWS = (
    ("ELBO", "elbo", 2),
    ("Reconstruction", "reconstruction", 2),
    ("KL", "kl", 2),
    ("KL/-ELBO %", "elbo_kl_share", 1),
    ("KL/-objective %", "kl_share", 1),
    ("Active units", "active_units", 0),
    ("Carrying units", "carrying_units", 0),
    ("Spread of mu", "mu_spread", 3),
    ("Mean sigma", "mean_sigma", 3),
    ("Mutual inform.", "mutual_information", 2),
    ("NLL (IW)", "nll", 2),
    ("Perplexity", "perplexity", 2),
    ("Swapped z", "swap_loss", 2),
    ("z = 0", "zero_loss", 2),
    ("z from prior", "prior_loss", 2),
)
PUBLISHED = (
    ("He et al. NLL", "vae-lagging-encoder", "nll", 2),
    ("- perplexity", "vae-lagging-encoder", "perplexity", 2),
    ("- MI, batches", "vae-lagging-encoder", "mutual_information", 2),
    ("- AU", "vae-lagging-encoder", "active_units", 0),
    ("texar NLL", "texar", "nll", 2),
    ("- perplexity", "texar", "perplexity", 2),
    ("Sent.-VAE NLL", "Sentence-VAE", "nll", 2),
)
"""Rows of the numbers as other programs compute them: a label, the program, its number, digits."""
SIDE_BY_SIDE = 4
"""Variants in one table at most; fewer where a terminal is too narrow for their numbers."""


@command
def diagnose(
    output: Output,
    run: RunArgument = "demo",
    variants: VariantsOption = "",
    sentences: Annotated[
        int | None, typer.Option(help="Test sentences, the first so many.", show_default="all, at most 10,000")
    ] = None,
    weighted: Annotated[int, typer.Option(help="How many of them the importance-weighted NLL is taken over.")] = 200,
    samples: Annotated[int, typer.Option(help="Importance samples a sentence, K.")] = 100,
    threshold: Annotated[float, typer.Option(help="Variance of mu above which a dimension is active.")] = 0.01,
    step: Annotated[
        str | None,
        typer.Option(
            help="Checkpoint of this step, or `best`: of each variant, by the validation part.",
            show_default="the newest that all variants have",
        ),
    ] = None,
    seed: SeedOption = 0,
    anew: Annotated[bool, typer.Option("--anew", help="Compute it also if the result was kept before.")] = False,
    device: DeviceOption = "auto",
) -> None:
    """Say what each variant's latent variable carries, whether it has collapsed, and what to try next.

    Works on a finished run and, at the newest checkpoint, on one that is still training. The result is kept beside the
    cache, and read again as long as models, text, settings and seed are the same.

    Example: python main.py diagnose demo --sentences 1000
    """
    from engine.decoding.seeds import checked_seed
    from engine.diagnostics.recall import recall_or_diagnose
    from engine.diagnostics.request import Request
    from engine.runs.best import asked_step
    from engine.runs.compared import asked_for
    from engine.runs.run import Run

    checked_seed(seed)
    opened = Run.open(output.workspace.run(run))
    asked = asked_for(opened, split_names(variants), step is not None)
    if asked.without:
        output.note(asked.without)
    names = tuple(variant.name for variant in asked.variants)
    request = Request(names, sentences, weighted, samples, threshold, seed, asked_step(step))
    result = follow(lambda stop: recall_or_diagnose(opened, output.workspace, request, device, stop, anew), output)
    output.result(result)
    if not (output.json or output.quiet):
        _print(result)


def _print(result: dict[str, Any]) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    print_in_columns(console, list(result["variants"].values()), _table, SIDE_BY_SIDE)
    _paragraph(
        console,
        f"Nats a sentence; below each number its 95% interval over sentences. Run {result['run']}, "
        f"{_steps(result)}, {result['sentences']:,} sentences with {result['tokens']:,} tokens. NLL (IW) and "
        f"perplexity: importance-weighted, K={result['samples']}, the first {result['weighted_sentences']:,} sentences "
        f"with {result['weighted_tokens']:,} tokens. Swapped z, z = 0, z from prior: nats "
        f"that the reconstruction suffers.",
    )
    _paragraph(
        console,
        "The last rows are as published tables compute them: of He et al. 2019, our NLL (IW) and perplexity (there "
        "with K=500 and all sentences), and an MI within batches of 32, at most 3.47; NLL is -ELBO in texar, and the "
        "reconstruction without the KL in Sentence-VAE. See docs/diagnosis.md.",
    )
    console.print()
    for values in result["variants"].values():
        report = values["report"]
        console.print(values["label"], style="bold", markup=False)
        for text in (report["summary"], *report["findings"]):
            _paragraph(console, text, "  - ")
        for suggestion in report["suggestions"]:
            _paragraph(console, f"{suggestion['what']}. {suggestion['because']}", "  > ")
        console.print()


def _steps(result: dict[str, Any]) -> str:
    """Which checkpoints were measured, in words."""
    from engine.runs.best import steps_in_words

    if result["step"] == "best":
        return f"the best step of each variant by the validation part ({steps_in_words(result['steps'])})"
    return f"step {result['step']:,}"


def _table(variants: Sequence[dict[str, Any]]) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 0, 0, 1), show_edge=False)
    table.add_column("", no_wrap=True)
    for values in variants:
        table.add_column(values["label"], justify="right")
    for label, metric, digits in ROWS:
        cells = (_cell(values[metric], digits, label.endswith("%")) for values in variants)
        table.add_row(label, *cells)
    for label, program, metric, digits in PUBLISHED:
        numbers = (values["published"][program][metric]["value"] for values in variants)
        table.add_row(label, *(f"{number:z.{digits}f}" for number in numbers))
    table.add_row("Verdict", *(values["report"]["verdict"] for values in variants))
    return table


def _cell(estimate: dict[str, Any], digits: int, percent: bool) -> str:
    value, low, high = (estimate[key] * (100 if percent else 1) for key in ("value", "low", "high"))
    # As many digits for both, so that no number lies outside its interval; and no -0.0 (PEP 682).
    return f"{value:z.{digits}f}\n[dim]{low:z.{digits}f}..{high:z.{digits}f}[/dim]"


def _paragraph(console: Any, text: str, lead: str = "") -> None:
    """A paragraph with a hanging indent."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid()
    grid.add_column(width=len(lead), no_wrap=True)
    grid.add_column()
    grid.add_row(Text(lead), Text(text))
    console.print(grid)
