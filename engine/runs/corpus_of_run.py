"""The corpus that a run was trained on: where it lies, and the command that prepares it again where it is gone."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from engine.corpus.earlier import corpus_command
from engine.corpus.prepare import CorpusRequest, prepare_corpus
from engine.corpus.store import Corpus
from engine.errors import LoomError
from engine.events import Done, Event
from engine.runs.run import CorpusReference, Run
from engine.storage.files import settled
from engine.storage.locks import hold_when_free
from engine.workspace import Workspace


def find_corpus(run: Run, workspace: Workspace) -> Generator[Event, None, Corpus]:
    """The corpus a run was trained on; used as `corpus = yield from find_corpus(...)`. The demo's is made if need be.

    Raises:
        LoomError: it is missing, or its text is not what the run was trained on.
    """
    reference = run.settings.corpus
    path = corpus_path(run, workspace)
    if not (settled(path) / "corpus.json").exists():
        request = CorpusRequest(
            source="demo",
            name=path.name,
            min_words=reference.min_words,
            max_words=reference.max_words,
            vocabulary=len(run.vocabulary),
            test_fraction=reference.test_fraction,
            seed=reference.seed,
            limit=reference.limit,
        )
        with (yield from hold_when_free(path, "preparing a corpus")):
            # Another process may have prepared it meanwhile.
            for event in prepare_corpus(request, path) if not (path / "corpus.json").exists() else ():
                if not isinstance(event, Done):
                    yield event
    corpus = Corpus.open(path)
    if corpus.fingerprint != reference.fingerprint:
        raise LoomError(
            f"The demo's text gives another corpus now ({corpus.fingerprint[:12]}) than the one that run {run.name!r} "
            f"was trained on ({reference.fingerprint[:12]}), and that one is no longer in the workspace.",
            "Put the folder it was in back if you have a copy, or train anew: python main.py train demo --run mine",
        )
    return corpus


def corpus_path(run: Run, workspace: Workspace) -> Path:
    """Where the corpus of a run lies, or, for the demo's text only, is to be made.

    Raises:
        LoomError: it is missing, or another one has its name.
    """
    reference = run.settings.corpus
    path = workspace.corpus(reference.name)
    if (settled(path) / "corpus.json").exists():
        if Corpus.open(path).fingerprint == reference.fingerprint:
            return path
        if reference.source != "demo":
            raise LoomError(
                f"Corpus {reference.name!r} in {path} is not the one that run {run.name!r} was trained on.",
                f"Prepare it again as it was: {how_to_prepare(run)} --replace",
            )
        return workspace.corpus(f"{reference.name}-{reference.fingerprint[:8]}")
    if reference.source != "demo":
        raise LoomError(
            f"The corpus of run {run.name!r} is missing: {path}.", f"Prepare it again: {how_to_prepare(run)}"
        )
    return path


def how_to_prepare(run: Run, name: str = "") -> str:
    """The command that prepares the corpus of a run again, under another name if one is given."""
    return prepared_by(run.settings.corpus, len(run.vocabulary), name)


def prepared_by(reference: CorpusReference, vocabulary: int, name: str = "") -> str:
    """The command that prepares a corpus, of so many words, under another name if one is given."""
    return corpus_command(
        source=reference.source,
        name=name or reference.name,
        min_words=reference.min_words,
        max_words=reference.max_words,
        vocabulary=vocabulary,
        test_fraction=reference.test_fraction,
        seed=reference.seed,
        limit=reference.limit,
        column=reference.column,
        separator=reference.separator,
        encoding=reference.encoding,
        tokenised=reference.tokenised,
        lower=reference.lower,
        valid_source=reference.valid_source,
        test_source=reference.test_source,
        vocabulary_file=reference.vocabulary_file,
        keep=reference.keep,
    )


def reference_of(text: Corpus) -> CorpusReference:
    """What a run keeps of the corpus that it is trained on.

    Raises:
        LoomError: the corpus does not say how it was made.
    """
    made = text.settings
    for key in ("source", "test_fraction", "seed"):
        if made.get(key) is None:
            raise LoomError(
                f"{text.path / 'corpus.json'} does not say how the corpus was made (it has no {key!r}).",
                f"Prepare the corpus again: python main.py corpus SOURCE --name {text.path.name} --replace",
            )
    return CorpusReference(
        name=text.name,
        fingerprint=text.fingerprint,
        source=str(made["source"]),
        min_words=text.min_words,
        max_words=text.max_words,
        test_fraction=float(made["test_fraction"]),
        seed=int(made["seed"]),
        limit=made["filters"].get("limit"),
        column=column if isinstance(column := made.get("column"), str) else tuple(column or ()) or None,
        separator=made.get("separator"),
        encoding=made.get("encoding"),
        tokenised=made.get("tokenised"),
        lower=made.get("lower") is True,
        given=made.get("given") is True,
        language=str(made.get("language") or ""),
        valid_source=made.get("valid_source"),
        test_source=made.get("test_source"),
        vocabulary_file=made.get("vocabulary_file"),
        keep=None if made.get("keep") is None else tuple(made["keep"]),
    )
