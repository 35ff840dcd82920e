"""`corpus` and `train`: from text to models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.options import (
    DeviceOption,
    SeedOption,
    command,
    split_names,
)
from engine.cli.reporting import Output, follow
from engine.config import PAPER_VARIANTS, TrainConfig, variants_from_names
from engine.corpus.prepare import CorpusRequest, prepare_corpus
from engine.errors import LoomError, UsageError
from engine.events import Event

DEMO_CORPUS = CorpusRequest(source="demo", name="demo", min_words=5, max_words=16, vocabulary=8000)
"""The text of the packaged models: short sentences, so that they learn quickly and fit a column."""


@command
def corpus(
    output: Output,
    source: Annotated[str, typer.Argument(help="A text file or folder, `demo`, or `hf:DATASET`.")],
    name: Annotated[str, typer.Option("--name", help="Name of the prepared corpus.")],
    min_words: Annotated[int | None, typer.Option(help="Shortest sentence kept.", show_default="5")] = None,
    max_words: Annotated[int | None, typer.Option(help="Longest kept.", show_default="30; demo 16")] = None,
    vocabulary: Annotated[int | None, typer.Option(help="Most common words.", show_default="20000; demo 8000")] = None,
    test_fraction: Annotated[float, typer.Option(help="Share of the sentences held out.")] = 0.1,
    seed: SeedOption = 0,
    limit: Annotated[int | None, typer.Option(help="Keep at most this many sentences.")] = None,
) -> None:
    """Prepare text: filter sentences, build the vocabulary, split into train and test.

    Reads .txt .gz .zst .jsonl .csv .tsv .parquet, or a folder of them.

    Example: python main.py corpus my_novel.txt --name novel
    """
    defaults = DEMO_CORPUS if source == "demo" else CorpusRequest(source=source, name=name)
    given = {"min_words": min_words, "max_words": max_words, "vocabulary": vocabulary}
    chosen = {key: value for key, value in given.items() if value is not None}
    request = replace(defaults, source=source, name=name, test_fraction=test_fraction, seed=seed, limit=limit, **chosen)
    result = follow(lambda stop: prepare_corpus(request, output.workspace.corpus(name)), output)
    output.result(result)
    output.say(
        f"{result['sentences']:,} sentences ({result['train']:,} train, {result['test']:,} test), "
        f"{result['vocabulary']:,} words of vocabulary, {result['unknown_rate']:.2%} of the words unknown."
    )
    for reason, count in result["dropped"].items():
        output.say(f"  left out, {reason.replace('_', ' ')}: {count:,}")
    output.say(f"Next: python main.py train {name}")


@command
def train(
    output: Output,
    corpus: Annotated[str, typer.Argument(help="Name of a prepared corpus; `demo` is prepared if need be.")],
    run: Annotated[str, typer.Option("--run", help="Name of the run.", show_default="the corpus's name")] = "",
    preset: Annotated[str | None, typer.Option(help="Sizes and settings: demo or paper.", show_default="demo")] = None,
    variants: Annotated[
        str, typer.Option("--variants", help="Names with commas between.", show_default=",".join(PAPER_VARIANTS))
    ] = "",
    steps: Annotated[int | None, typer.Option(help="Optimiser steps.", show_default="the preset's")] = None,
    batch: Annotated[int | None, typer.Option(help="Sentences in a batch.", show_default="the preset's")] = None,
    annealing: Annotated[
        int | None,
        typer.Option(
            help="KL warm-up of vae-annealed, in steps.", min=1, show_default="the preset's share of the steps"
        ),
    ] = None,
    checkpoint_every: Annotated[int | None, typer.Option(help="Steps between checkpoints.", min=1)] = None,
    log_every: Annotated[int | None, typer.Option(help="Steps between logged terms.", min=1)] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Of weights, batches and noise.", show_default="0")] = None,
    device: DeviceOption = "auto",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
) -> None:
    """Train the variants of a run in lock-step on the same batches.

    Ctrl-C writes a checkpoint and stops; the same command with --resume goes on.

    Example: python main.py train demo --preset demo --steps 20000
    """
    given = {
        "steps": steps,
        "batch": batch,
        "checkpoint_every": checkpoint_every,
        "log_every": log_every,
        "seed": seed,
    }
    chosen = {key: value for key, value in given.items() if value is not None}
    name = run or corpus
    names = split_names(variants)
    if resume:
        task = _resumed(output, corpus, name, device, chosen, _Shape(preset, names, annealing))
    else:
        task = _begun(
            output, corpus, name, device, chosen, _Shape(preset or "demo", names or PAPER_VARIANTS, annealing)
        )
    result = follow(task, output)
    output.result(result)
    for variant, terms in result["variants"].items():
        output.say(
            f"{variant:14s} ELBO {terms['elbo']:8.2f}  reconstruction {terms['reconstruction']:8.2f}  "
            f"KL {terms['kl']:6.2f} nats a sentence"
        )
    output.say(f"Next: python main.py encode {name}, then python main.py project {name}")


Task = Callable[[Callable[[], bool]], Iterator[Event]]


@dataclass(frozen=True, slots=True)
class _Shape:
    """What was asked of the models themselves; None or empty where nothing was."""

    preset: str | None
    variants: tuple[str, ...]
    annealing: int | None


def _begun(output: Output, corpus_name: str, name: str, device: str, settings: dict[str, int], shape: _Shape) -> Task:
    from pydantic import ValidationError

    from engine.models.builders import preset
    from engine.storage.run import CorpusReference, Run, RunSettings, now

    chosen = preset(shape.preset or "demo")
    try:
        config = TrainConfig.model_validate({**chosen.train.model_dump(), **settings})
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"--{str(first['loc'][0]).replace('_', '-')}: {first['msg']}.") from error
    # A shorter run warms up in proportion: an annealed VAE that never sees the full KL weight is no VAE.
    share = chosen.annealing / chosen.train.steps
    variants = variants_from_names(shape.variants, shape.annealing or max(1, round(share * config.steps)))

    def task(stop: Callable[[], bool]) -> Iterator[Event]:
        from engine.corpus.store import Corpus
        from engine.device import choose_device
        from engine.training import check_corpus
        from engine.training import train as train_run

        target = choose_device(device)
        if corpus_name == "demo" and not (output.workspace.corpus("demo") / "corpus.json").exists():
            yield from (
                event for event in prepare_corpus(DEMO_CORPUS, output.workspace.corpus("demo")) if not _is_done(event)
            )
        text = Corpus.open(_existing_corpus(output.workspace.corpus(corpus_name), corpus_name))
        made = text.settings
        reference = CorpusReference(
            name=text.name,
            fingerprint=text.fingerprint,
            source=str(made["source"]),
            min_words=text.min_words,
            max_words=text.max_words,
            test_fraction=float(made["test_fraction"]),
            seed=int(made["seed"]),
            limit=made["filters"].get("limit"),
        )
        run_settings = RunSettings(
            name=name,
            created=now(),
            corpus=reference,
            model=chosen.model(len(text.vocabulary)),
            train=config,
            variants=variants,
        )
        check_corpus(text, run_settings)
        fresh = Run.create(output.workspace.new_run(name), run_settings, text.vocabulary)
        yield from train_run(text, fresh, target, stop)

    return task


def _resumed(output: Output, corpus_name: str, name: str, device: str, given: dict[str, int], shape: _Shape) -> Task:
    def task(stop: Callable[[], bool]) -> Iterator[Event]:
        from engine.corpus.store import Corpus
        from engine.device import choose_device
        from engine.models.builders import preset
        from engine.storage.run import Run
        from engine.training import train as train_run

        path = output.workspace.new_run(name)
        if not (path / "run.json").exists():
            raise LoomError(
                f"There is no run {name!r} to resume in {path.parent}.",
                "Leave out --resume to begin it, or restore its run.json if it was one.",
            )
        earlier = Run.open(path)
        settings = earlier.settings
        begun: dict[str, object] = {key: getattr(settings.train, key) for key in given}
        asked: dict[str, object] = dict(given)
        if shape.variants:
            begun["variants"] = ",".join(variant.name for variant in settings.variants)
            asked["variants"] = ",".join(shape.variants)
        if shape.preset and preset(shape.preset).model(settings.model.vocabulary) != settings.model:
            begun["preset"], asked["preset"] = "another", shape.preset
        if shape.annealing:
            begun["annealing"] = next(
                (each.kl_schedule.warmup for each in settings.variants if each.kl_schedule.warmup), 0
            )
            asked["annealing"] = shape.annealing
        for key, value in asked.items():
            if begun[key] != value:
                raise UsageError(
                    f"Run {name!r} was begun with {key.replace('_', ' ')} {begun[key]}, not {value}.",
                    "Leave the option out to go on as begun, or begin another run with --run NAME.",
                )
        text = Corpus.open(_existing_corpus(output.workspace.corpus(corpus_name), corpus_name))
        yield from train_run(text, earlier, choose_device(device), stop)

    return task


def _existing_corpus(path: Path, name: str) -> Path:
    if not (path / "corpus.json").exists():
        known = sorted(each.parent.name for each in path.parent.glob("*/corpus.json"))
        there = f"Prepared are: {', '.join(known)}. " if known else ""
        raise LoomError(
            f"There is no prepared corpus {name!r} in {path.parent}.",
            f"{there}Prepare it first: python main.py corpus FILE --name {name}",
        )
    return path


def _is_done(event: Event) -> bool:
    from engine.events import Done

    return isinstance(event, Done)
