"""Giving test sentences back and nothing else: what colours the maps, and what an evaluation goes on from."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.evaluation.measures import kept
from engine.evaluation.measures.asked import look_up
from engine.evaluation.measures.definitions import WAYS
from engine.evaluation.measures.request import Request
from engine.evaluation.measures.sentence_scores import PART, WAY, given_back
from engine.events import Done, Event, Note, Progress
from engine.runs.corpus_of_run import find_corpus
from engine.runs.run import Run
from engine.workspace import Workspace

FIRST, GROWTH = 1024, 4
"""Sentences of the first round, and how many times as many each next one ends with: all variants take part in each, so
that soon something is seen of all of them, and reading what is kept again costs little beside measuring it."""


def give_back(
    run: Run,
    workspace: Workspace,
    request: Request,
    device: str = "auto",
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[Event]:
    """Give test sentences back greedily from mu, and keep that as an evaluation does.

    What is there is not measured again, whether it came from an evaluation or from here.

    Args:
        run, workspace: whose, and where it lies.
        request: which variants, how many sentences, and of which step.
        device: as `--device` has it.
        should_stop: asked between batches.

    Yields:
        Progress of each variant, first how much of it is there; Notes; and Done with `run`, `step`, `of` (sentences of
        the test set) and `variants`: by name the `sentences` that are measured.

    Raises:
        LoomError: the corpus or a checkpoint is missing or damaged.
        Stopped: `should_stop` said so; the same again goes on from there.
        UsageError: the request makes no sense.
    """
    request.check()
    corpus = yield from find_corpus(run, workspace)
    asked = look_up(run, request, len(corpus.test))
    if asked.note:
        yield Note(asked.note)
    parts = {name: given_back(run, workspace, name, asked.step) for name in asked.models}
    labels = {name: run.variant(name).label for name in parts}
    for name, part in parts.items():
        stage, there = f"{labels[name]}: giving back, {WAYS[WAY]}", min(part.n, asked.sentences)
        yield Progress(stage, there, asked.sentences, "sentence")
    if any(part.n < asked.sentences for part in parts.values()):
        from engine.evaluation.measures.measuring import Subject, extend, kinds, load_all  # brings torch

        session, kind = load_all(run, asked.models, asked.step, device), kinds(request)[PART]
        for until in _rounds(asked.sentences):
            for name, fingerprint in asked.models.items():
                drawer = kept.drawer(run, workspace, name, fingerprint, request.seed)
                subject = Subject(name, labels[name], session, corpus.test, drawer, request, should_stop)
                parts[name] = yield from extend(subject, kind, until, parts[name])
    measured = {name: {"sentences": part.n} for name, part in parts.items()}
    yield Done({"run": run.name, "step": asked.step, "of": len(corpus.test), "variants": measured})


def _rounds(sentences: int) -> Iterator[int]:
    until = FIRST
    while until < sentences:
        yield until
        until *= GROWTH
    yield sentences
