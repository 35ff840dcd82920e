"""`train`: from a corpus to models."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from engine.cli.command.options import DeviceOption, shared_command, split_names
from engine.cli.command.reporting import Output, follow
from engine.cli.corpus_preparation import DEMO_CORPUS
from engine.cli.training_settings import Asked, check_same, document_of_run
from engine.config import PAPER_VARIANTS
from engine.corpus.prepare import prepare_corpus
from engine.corpus.store import Corpus
from engine.errors import LoomError, UsageError
from engine.events import Done, Event, Note, Progress
from engine.runs.best import steps_in_words
from engine.runs.corpus_of_run import reference_of
from engine.runs.failures import failures
from engine.runs.run import Run, RunSettings, now
from engine.runs.warm_start import WeightsOf
from engine.storage.files import settled
from engine.storage.locks import held
from engine.training.distributed import launched_processes, launched_rank, together
from engine.training.pace import duration
from engine.training.plan import Document, Plan, document_of, make_plan, to_toml
from engine.workspace import PACKAGED_DEMO


@shared_command
def train(
    output: Output,
    corpus: Annotated[str, typer.Argument(help="Name of a prepared corpus; `demo` is prepared if need be.")],
    run: Annotated[str, typer.Option("--run", help="Name of the run.", show_default="the corpus's name")] = "",
    preset: Annotated[
        str, typer.Option(help="Sizes and settings: demo, small, paper, ptb, yahoo or yelp.", show_default="demo")
    ] = "",
    variants: Annotated[
        str, typer.Option("--variants", help="Names with commas between.", show_default=",".join(PAPER_VARIANTS))
    ] = "",
    config: Annotated[Path | None, typer.Option(help="TOML file with settings; options go before it.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="KEY=VALUE for any setting, such as model.layers=2; may be repeated."),
    ] = None,
    weights_from: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="Start from the weights of RUN, variant by variant, or all from RUN:VARIANT.",
            show_default="drawn at random",
        ),
    ] = None,
    show_config: Annotated[bool, typer.Option("--show-config", help="Print the settings as TOML and end.")] = False,
    steps: Annotated[int | None, typer.Option(help="Optimiser steps.", min=1, show_default="the preset's")] = None,
    batch: Annotated[int | None, typer.Option(help="Sentences in a batch.", min=1, show_default="the preset's")] = None,
    annealing: Annotated[
        int | None,
        typer.Option(
            help="KL warm-up of vae-annealed, in steps.", min=1, show_default="the preset's share of the steps"
        ),
    ] = None,
    checkpoint_every: Annotated[int | None, typer.Option(help="Steps between checkpoints.", min=1)] = None,
    evaluate_every: Annotated[int | None, typer.Option(help="Steps between measurements on test text.", min=1)] = None,
    keep_every: Annotated[int | None, typer.Option(help="Keep the checkpoints at multiples of this.", min=1)] = None,
    log_every: Annotated[int | None, typer.Option(help="Steps between logged terms.", min=1)] = None,
    tensorboard: Annotated[bool, typer.Option("--tensorboard", help="Write event files for TensorBoard too.")] = False,
    seed: Annotated[int | None, typer.Option(min=0, help="Of weights, batches and noise.", show_default="0")] = None,
    device: DeviceOption = "auto",
    estimate: Annotated[bool, typer.Option("--estimate", help="Time a few steps, say how long it would take.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
    graphs: Annotated[
        bool,
        typer.Option("--graphs/--no-graphs", help="On a GPU: replay recorded steps, or start them piece by piece."),
    ] = True,
) -> None:
    """Train the variants of a run in lock-step on the same batches.

    Ctrl-C writes a checkpoint and stops; the same command with --resume goes on. Several GPUs or machines:
    torchrun --nproc-per-node N -- main.py train ... (docs/several-machines.md)

    Example: python main.py train demo --variants vae,autogen-m3 --set variants.autogen-m3.kl_schedule.kind=cyclical
    --set variants.autogen-m3.kl_schedule.warmup=500
    """
    options = {
        "steps": steps,
        "batch": batch,
        "checkpoint_every": checkpoint_every,
        "evaluate_every": evaluate_every,
        "keep_every": keep_every,
        "log_every": log_every,
        "seed": seed,
        "tensorboard": tensorboard or None,
    }
    flags = [f"train.{key}={str(value).lower()}" for key, value in options.items() if value is not None]
    asked = Asked(preset, split_names(variants), config, annealing, [*flags, *(settings or [])], weights_from or "")
    name = run or corpus
    if show_config:
        if launched_rank() == 0:
            document = _shown(output, name, asked, resume)
            if output.json:
                output.result({**document, **({"from": weights_from} if weights_from else {})})
                return
            shown = to_toml(document)
            print(f"# with --from {weights_from}\n{shown}" if weights_from else shown, end="")
        return
    if estimate:
        _tell_estimate(output, corpus, name, device, asked, resume)
        return
    result = follow((_resumed if resume else _begun)(output, corpus, name, device, asked, graphs), output)
    output.result(result)
    for variant, terms in result["variants"].items():
        output.say(
            f"{variant:14s} ELBO {terms['elbo']:8.2f}  reconstruction {terms['reconstruction']:8.2f}  "
            f"KL {terms['kl']:6.2f} nats a sentence{_stopped(variant, result)}"
        )
    best = {variant: terms["best_step"] for variant, terms in result["variants"].items() if "best_step" in terms}
    if best:
        output.say(f"Best by the validation part: step of {steps_in_words(best)}")
        output.say(f"They are kept: python main.py diagnose {name} --step best")
    output.say(f"Next: python main.py encode {name}, then python main.py project {name}")


def _stopped(variant: str, result: Mapping[str, Any]) -> str:
    """That a variant was stopped before the others, which its numbers are not to be compared with; mostly ""."""
    if variant not in result["stopped"]:
        return ""
    return f", at step {result['variants'][variant]['step']:,}: stopped, {result['stopped'][variant]}"


def _tell_estimate(output: Output, corpus: str, name: str, device: str, asked: Asked, resume: bool) -> None:
    if launched_processes() > 1:
        raise UsageError("--estimate times one process.", "Give the command without torchrun.")
    task = partial(_left, output, name, device, asked) if resume else partial(_estimated, output, name, device, asked)
    result = follow(partial(task, corpus), output)
    output.result(result)
    steps, first = result["pace"]["steps"], result.get("first_step", 0)
    whole = f", from step {first:,} on" if first else ""
    output.say(f"About {duration(result['seconds'])} on {result['device']}{whole} ({steps} steps were timed).")


def _left(
    output: Output, name: str, device: str, asked: Asked, corpus: str, stop: Callable[[], bool]
) -> Iterator[Event]:
    """What a run that was begun has still to do."""
    earlier = _earlier(output.workspace.new_run(name), name)
    check_same(earlier, asked)
    path = output.workspace.corpus(corpus)
    _check_corpus(path, corpus, to_prepare=False)
    yield Progress("starting PyTorch", 0)
    from engine.device import choose_device
    from engine.training.estimating import estimate
    from engine.training.resuming import kept_step

    learning = tuple(each for each in earlier.variants if each.name not in failures(earlier))
    settings = earlier.settings.model_copy(update={"variants": learning})
    with TemporaryDirectory() as scratch:
        yield from estimate(
            Corpus.open(path), settings, choose_device(device), Path(scratch), stop, start=kept_step(earlier)
        )


def _estimated(
    output: Output, name: str, device: str, asked: Asked, corpus: str, stop: Callable[[], bool]
) -> Iterator[Event]:
    giving = _giving(output, asked, make_plan(asked.document({}), vocabulary=5, source=asked.source))
    path = output.workspace.corpus(corpus)
    _check_corpus(path, corpus)
    yield Progress("starting PyTorch", 0)
    from engine.device import choose_device
    from engine.training.estimating import estimate

    chosen = choose_device(device)
    text = yield from _prepared(path, corpus)
    if giving is not None:
        giving.check_words(text.vocabulary)
    settings = _settings(text, name, make_plan(asked.document({}), len(text.vocabulary), asked.source))
    with TemporaryDirectory() as scratch:
        yield from estimate(text, settings, chosen, Path(scratch), stop)


Task = Callable[[Callable[[], bool]], Iterator[Event]]
Opened = tuple[Corpus, Run]


def _begun(output: Output, corpus_name: str, name: str, device: str, asked: Asked, graphs: bool) -> Task:
    corpus, path = output.workspace.corpus(corpus_name), output.workspace.new_run(name)

    def begin() -> Generator[Event, None, Opened]:
        yield Progress("starting PyTorch", 0)
        from engine.device import choose_device
        from engine.training.loop import check_corpus

        document = asked.document({})
        giving = _giving(output, asked, make_plan(document, vocabulary=5, source=asked.source))
        _check_corpus(corpus, corpus_name)
        choose_device(device)  # one that is not there leaves nothing behind
        text = yield from _prepared(corpus, corpus_name)
        plan = make_plan(document, len(text.vocabulary), asked.source)
        settings = _settings(text, name, plan)
        check_corpus(text, settings)
        if giving is None:
            return text, Run.create(path, settings, text.vocabulary)
        giving.check_words(text.vocabulary)
        origins = giving.origins(plan.variants)
        settings = settings.model_copy(update={"first_weights": origins})
        return text, Run.create(path, settings, text.vocabulary, giving.weights(origins))

    return partial(_together, device, graphs, path, begin, lambda: (Corpus.open(corpus), Run.open(path)))


def _giving(output: Output, asked: Asked, plan: Plan) -> WeightsOf | None:
    """The run that gives the first weights, if one is to; what is wrong with it is told before any work."""
    if not asked.weights_from:
        return None
    giving = WeightsOf.named(asked.weights_from, output.workspace)
    giving.check(plan.model, plan.variants)
    return giving


def _settings(text: Corpus, name: str, plan: Plan) -> RunSettings:
    return RunSettings(
        name=name,
        created=now(),
        corpus=reference_of(text),
        model=plan.model,
        train=plan.train,
        variants=plan.variants,
    )


def _resumed(output: Output, corpus_name: str, name: str, device: str, asked: Asked, graphs: bool) -> Task:
    path = output.workspace.new_run(name)

    def reopen() -> Opened:
        earlier = _earlier(path, name)
        check_same(earlier, asked)
        corpus = output.workspace.corpus(corpus_name)
        _check_corpus(corpus, corpus_name, to_prepare=False)
        return Corpus.open(corpus), earlier

    def begin() -> Generator[Event, None, Opened]:
        yield Progress("starting PyTorch", 0)
        import engine.training.loop  # noqa: F401 - takes seconds, and what is told next is not to wait for it

        yield Progress("reading the corpus", 0)
        return reopen()

    return partial(_together, device, graphs, path, begin, reopen)


def _earlier(path: Path, name: str) -> Run:
    """The run that is to go on."""
    if not (path / "run.json").exists():
        raise LoomError(
            f"There is no run {name!r} to resume in {path.parent}.",
            "Leave out --resume to begin it, or restore its run.json if it was one.",
        )
    return Run.open(path)


def _together(
    device: str,
    graphs: bool,
    path: Path,
    first: Callable[[], Generator[Event, None, Opened]],
    others: Callable[[], Opened],
    stop: Callable[[], bool],
) -> Iterator[Event]:
    """Train alone, or with the other processes that torchrun has started.

    Args:
        device: as for `--device`.
        graphs: whether a GPU may take its steps from graphs.
        path: the folder of the run. It is locked before anything in it is looked at.
        first: how process 0 opens the corpus and the run, and makes them if need be.
        others: how the other processes open them afterwards.
        stop: whether to stop.
    """
    with together(device) as processes, held(path, "training") if processes.writes else nullcontext():
        if processes.writes:
            text, run = yield from first()
            processes.wait()
        else:
            processes.wait()
            text, run = others()

        from engine.device import choose_device
        from engine.training.loop import train as train_run

        yield from train_run(text, run, processes.device or choose_device(device), stop, processes, graphs)


def _shown(output: Output, name: str, asked: Asked, resume: bool) -> Document:
    """The plan that would be trained, or the one of the run that would be taken up."""
    if not resume:
        plan = make_plan(asked.document({}), vocabulary=5, source=asked.source)
        _giving(output, asked, plan)
        return document_of(plan)
    earlier = Run.open(output.workspace.run(name))
    check_same(earlier, asked)
    return document_of_run(earlier)


def _prepared(path: Path, name: str) -> Generator[Event, None, Corpus]:
    """The corpus in a folder; that of the demo is prepared if it is not there. Used as `yield from`."""
    if name == DEMO_CORPUS.name and not (path / "corpus.json").exists():
        yield from (event for event in prepare_corpus(DEMO_CORPUS, path) if not isinstance(event, Done))
    yield Progress("reading the corpus", 0)
    text = Corpus.open(path)
    if name == DEMO_CORPUS.name and text.fingerprint != Run.open(PACKAGED_DEMO).settings.corpus.fingerprint:
        yield Note(
            "Corpus 'demo' of this workspace is not the text of the packaged demo: it is an earlier demo's, or was "
            "prepared in another way. For the packaged one: python main.py corpus demo --name demo-text, then "
            "python main.py train demo-text",
            "warning",
        )
    return text


def _check_corpus(path: Path, name: str, to_prepare: bool = True) -> None:
    """Raise a LoomError unless there is a corpus in a folder, or it is the demo's, which can be prepared."""
    if not (settled(path) / "corpus.json").exists() and not (to_prepare and name == DEMO_CORPUS.name):
        known = sorted(each.parent.name for each in path.parent.glob("[!.]*/corpus.json"))
        there = f"Prepared are: {', '.join(known)}. " if known else ""
        raise LoomError(
            f"There is no prepared corpus {name!r} in {path.parent}.",
            f"{there}Prepare it first: python main.py corpus {'demo' if name == 'demo' else f'FILE --name {name}'}",
        )
