"""`corpus`: from text to a prepared corpus."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Annotated, Any

import typer

from engine.cli.command.options import SeedOption, command
from engine.cli.command.reporting import Output, follow
from engine.corpus.prepare import CorpusRequest, prepare_corpus
from engine.device import cores
from engine.errors import UsageError

DEMO_CORPUS = CorpusRequest(source="demo", name="demo", min_words=5, max_words=16, vocabulary=8000, test_fraction=0.059)
"""The text of the packaged models: short sentences, so that they learn quickly and fit a column."""

_KINDS = {"category": "categories", "number": "numbers"}


@command
def corpus(
    output: Output,
    source: Annotated[str, typer.Argument(help="A text file or folder, `demo`, or `hf:DATASET`.")],
    name: Annotated[
        str, typer.Option("--name", help="Name of the prepared corpus.", show_default="demo for `demo`; else needed")
    ] = "",
    min_words: Annotated[
        int | None,
        typer.Option(help="Shortest sentence kept, marks counted.", show_default="5"),
    ] = None,
    max_words: Annotated[int | None, typer.Option(help="Longest kept, likewise.", show_default="30; demo 16")] = None,
    vocabulary: Annotated[int | None, typer.Option(help="Most common words.", show_default="20000; demo 8000")] = None,
    test_fraction: Annotated[
        float | None, typer.Option(help="Share of the sentences held out.", show_default="0.1; demo 0.059")
    ] = None,
    seed: SeedOption = 0,
    limit: Annotated[int | None, typer.Option(help="Keep at most this many sentences.")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="Column or key of the text, as review.body; several if given more than once.",
            show_default="text, sentence, or the only one",
        ),
    ] = None,
    separator: Annotated[
        str | None,
        typer.Option(help="Of the cells of a table: comma, semicolon, tab or bar.", show_default="found out"),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(
            help="How files of text are written, as windows-1252.", show_default="UTF-8, or UTF-16 with its mark"
        ),
    ] = None,
    tokenised: Annotated[
        bool | None,
        typer.Option(
            "--tokenised/--no-tokenised",
            help="Words are what stands between spaces, as in PTB; or cut them.",
            show_default="found out",
        ),
    ] = None,
    lower: Annotated[bool, typer.Option("--lower", help="Read text that is cut already in small letters.")] = False,
    valid: Annotated[
        str | None,
        typer.Option("--valid", help="A validation part that is given: it decides, see docs/training.md."),
    ] = None,
    test: Annotated[
        str | None, typer.Option("--test", help="A test part that is given; SOURCE is then all for training.")
    ] = None,
    vocabulary_file: Annotated[
        str | None,
        typer.Option("--vocabulary-file", help="Words that are known, one a line.", show_default="counted"),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            "--keep",
            help="Column that stays beside its sentences, as a label; several if given more than once.",
            show_default="categories and numbers",
        ),
    ] = None,
    no_keep: Annotated[bool, typer.Option("--no-keep", help="Keep nothing but the text.")] = False,
    replace_earlier: Annotated[
        bool, typer.Option("--replace", help="Replace an earlier corpus of this name by another one.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that share the work.", show_default="one a core")
    ] = None,
) -> None:
    """Prepare text: filter sentences, build the vocabulary, split into train and test.

    Reads .txt .gz .zst .jsonl .json .csv .tsv .parquet .xlsx .docx, or a folder of them, in which .json is left out.
    How a table separates and quotes its cells is found out and told; where several columns hold text, it is asked
    which. So is whether words are cut already, with marks and clitics apart and <unk> for the unknown word, as in PTB.
    An earlier corpus of the same name is kept unless the text and the settings are the same, or --replace is given.

    Example: python main.py corpus my_novel.txt --name novel
    """
    name = name or _usual_name(source)
    defaults = DEMO_CORPUS if source == "demo" else CorpusRequest(source=source, name=name)
    given: dict[str, Any] = {
        "min_words": min_words,
        "max_words": max_words,
        "vocabulary": vocabulary,
        "test_fraction": test_fraction,
    }
    chosen = {key: value for key, value in given.items() if value is not None}
    request = replace(
        defaults,
        source=source,
        name=name,
        seed=seed,
        limit=limit,
        column=tuple(column or ()) or None,
        separator=separator,
        encoding=encoding,
        tokenised=tokenised,
        lower=lower,
        valid_source=valid,
        test_source=test,
        vocabulary_file=vocabulary_file,
        keep=() if no_keep else tuple(keep or ()) or None,
        **chosen,
    )
    if keep and no_keep:
        raise UsageError("Columns are to be kept, and none is.", "Leave out --keep or --no-keep.")
    if vocabulary is not None and vocabulary_file is not None:
        raise UsageError("Two vocabularies are asked for.", "Leave out --vocabulary or --vocabulary-file.")
    if test is not None and test_fraction is not None:
        raise UsageError("A test part is given, so that no share is held out.", "Leave out --test-fraction or --test.")
    target = output.workspace.corpus(name)
    result = follow(
        lambda stop: prepare_corpus(
            request,
            target,
            replace=replace_earlier,
            users=lambda fingerprint: _trained_on(fingerprint, output),
            workers=workers or cores(),
        ),
        output,
    )
    output.result(result)
    valid = f"{result['valid']:,} valid, " if result.get("valid") else ""
    output.say(
        f"{result['sentences']:,} sentences ({result['train']:,} train, {valid}{result['test']:,} test), "
        f"{result['vocabulary']:,} words of vocabulary, {result['unknown_rate']:.2%} of the words unknown."
    )
    for reason, count in result["dropped"].items():
        output.say(f"  left out, {reason.replace('_', ' ')}: {count:,}")
    for kept in result.get("columns", ()):
        missing = f", missing for {kept['missing']:,}" if kept["missing"] else ""
        output.say(f"  kept beside the sentences: {kept['name']}, {_KINDS[kept['kind']]}{missing}")
    for part, rate in result.get("unknown_rates", {}).items():
        left_out = sum(result["dropped_of_parts"].get(part, {}).values())
        more = f", {left_out:,} left out" if left_out else ""
        output.say(f"  {part}: {result[part]:,} sentences, {rate:.2%} of the words unknown{more}")
    for parts, count in result.get("in_two_parts", {}).items():
        output.say(f"  in {parts} alike: {count:,} different sentences")
    if result["train"] and result["test"]:
        output.say(f"Next: python main.py train {name}")
    else:
        output.say(
            "Models are trained on it once both parts have sentences: prepare it anew with --replace and a larger "
            "--test-fraction, another --seed, or a --test part of its own."
        )


def _usual_name(source: str) -> str:
    if source == DEMO_CORPUS.source:
        return DEMO_CORPUS.name
    command = shlex.join(["python", "main.py", "corpus", source])
    raise UsageError("How is the prepared corpus to be called?", f"Give it a name: {command} --name NAME")


def _trained_on(fingerprint: str, output: Output) -> list[str]:
    from engine.runs.run import trained_on

    return trained_on(fingerprint, output.workspace)
