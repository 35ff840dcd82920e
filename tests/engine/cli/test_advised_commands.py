"""Every command that a message, a hint or a help text names can be given as it stands: the real parser takes it."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.exceptions import TyperException

from app.core.jobs.words import words_of_lines
from engine.cli.app import app
from engine.corpus.earlier import corpus_command
from engine.workspace import CHECKOUT, Workspace, naming, repeated

PLACE = Workspace(Path("/a place"))
MARK = " --workspace '/a place'"
FIELDS = {"_at(at)": " --step 20", "at": " --step 20", "option": " --step 20", "kind": "generation", "name": "umap"}
"""What stands for a field of a message, by its expression."""
NAMES = {"naming(path)", "naming(cache)", "naming(cache.path)", "naming(cache_path)", "naming(self._path)"}


def parse(command: str) -> None:
    """Take a command line apart as main.py does, without running it."""
    program, script, *arguments = shlex.split(command)
    assert (program, script) == ("python", "main.py")
    top: Any = typer.main.get_command(app)
    context = top.make_context("main.py", list(arguments))
    while rest := [*context._protected_args, *context.args]:
        name, command_of, rest = context.command.resolve_command(context, rest)
        context = command_of.make_context(name, list(rest), parent=context)
    assert not hasattr(context.command, "resolve_command"), "a group, and no command of it"
    if context.command.name == "corpus":
        assert context.params["source"] == "demo" or context.params["name"], "this text has no usual name"


def advised(text: str) -> list[str]:
    """The commands in a text, as a person in a workspace of their own is told them."""
    pieces = repeated(text, PLACE).split(MARK)
    return [f"python main.py{piece.rpartition('python main.py')[2]}{MARK}" for piece in pieces[:-1]]


def filled(node: ast.expr) -> str:
    """A text with something in its fields."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(map(filled, node.values))
    assert isinstance(node, ast.FormattedValue)
    if isinstance(node.value, ast.IfExp):
        return filled(node.value.orelse)
    field = ast.unparse(node.value)
    return "demo --step 20" if field in NAMES else FIELDS.get(field, "1")


def texts(path: Path) -> Iterator[tuple[str, str]]:
    """Where in a source file commands are named, and the texts."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        if any(isinstance(part, ast.Constant) and "python main.py " in str(part.value) for part in parts):
            assert isinstance(node, ast.JoinedStr | ast.Constant)
            yield f"{path.relative_to(CHECKOUT)}:{node.lineno}", filled(node)


def all_texts() -> Iterator[tuple[str, str]]:
    """Those of all source files; of a text with fields, not its parts once more."""
    for folder in ("engine", "app"):
        for path in sorted((CHECKOUT / folder).rglob("*.py")):
            found: dict[str, str] = {}
            for where, text in texts(path):
                found[where] = max(found.get(where, ""), text, key=len)
            yield from found.items()


ADVICE = dict(all_texts())


@pytest.mark.parametrize("where", ADVICE)
def test_a_command_that_is_named_is_one(where: str) -> None:
    text = ADVICE[where]
    commands = advised(text)
    named = text.count("python main.py ") - text.count("python main.py --")
    assert len(commands) == named, f"{text!r} is understood as {commands}"
    for command in commands:
        parse(command)


def test_there_are_many_and_the_parser_refuses_what_is_none() -> None:
    assert len(ADVICE) > 60
    for wrong in ("train --resume", "corpus FILE --keep COLUMN", "encode demo@20 --stepp 1", "survey", "nothing demo"):
        with pytest.raises((TyperException, AssertionError)):
            parse(f"python main.py {wrong}")


@pytest.mark.parametrize(
    "command",
    [
        corpus_command("a b's.csv", "a", 1, 9, 100, 0.1, 0, 50, ["x y", "z"], "comma", "utf-8", True, True, keep=["k"]),
        corpus_command("hf:a", "a", 1, 9, 100, 0.1, 0, None, None, None, None, False, keep=(), valid_source="a b"),
        words_of_lines((), ["encode", "demo", "--workspace", "/a place"], 1)[1].partition("run: ")[2],
        words_of_lines((), ["corpus", "/a place/my text (1).txt", "--name", "a"], 1)[1].partition("run: ")[2],
    ],
)
def test_a_command_that_is_put_together_is_one(command: str) -> None:
    parse(command)


def test_the_command_that_prepares_a_corpus_asks_for_nothing_twice() -> None:
    """What is given, a vocabulary or a test part, is not to be chosen as well, which the command refuses."""
    command = corpus_command("a", "a", 1, 9, 100, 0.1, 0, None, None, test_source="t", vocabulary_file="v")
    parse(command)
    assert "--vocabulary " not in command
    assert "--test-fraction" not in command
    assert "--vocabulary-file v" in command


def test_the_cache_of_an_earlier_step_is_named_by_run_and_step() -> None:
    assert naming(PLACE.cache("demo")) == "demo"
    assert naming(PLACE.cache("demo", 500)) == "demo --step 500"
