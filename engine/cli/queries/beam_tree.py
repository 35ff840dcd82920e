"""`tree`: what a beam search weighed, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.command.options import DeviceOption, RunArgument, command
from engine.cli.command.reporting import Output, rounded
from engine.cli.queries.asking_models import (
    DEFAULT,
    SampleOption,
    VariantNames,
    check_request,
    finish,
    open_session,
    repeatable,
    say_unknown,
    warn_of_lengths,
)
from engine.cli.queries.decode_options import decodes_n_best
from engine.decoding.options import DecodeOptions
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.decoding.beam_tree import BeamTree
    from engine.session import Session

MARKS = {"kept": " ", "pruned": "x", "ended": "|", "best": "*"}


@command
@decodes_n_best
def tree(
    output: Output,
    run: RunArgument = "demo",
    text: Annotated[str | None, typer.Option("--text", help="A sentence.")] = None,
    variant: VariantNames = None,
    sample: SampleOption = False,
    pruned: Annotated[bool, typer.Option("--pruned/--kept", help="Print what was cut off too, or not.")] = True,
    device: DeviceOption = "auto",
    decoding: DecodeOptions = DEFAULT,
) -> None:
    """Encode a sentence and show what the beam search weighs while it decodes it.

    Of every word its log p, of every beginning the sum. Marks: * the way to the best sentence, | a finished sentence,
    x cut off.

    Example: python main.py tree demo --text "I lost my keys." --variant autogen-m2 --beam 4
    """
    if text is None:
        raise UsageError("No sentence was given.", 'Add one: --text "I have no idea what you mean."')
    if decoding.method != "beam":
        raise UsageError(f"Only a beam search has a tree, not {decoding.describe()}.", "Choose a beam.")
    session = open_session(output, run, device, variant, lambda opened: check_request(opened, [text], decoding))
    warn_of_lengths(output, session, [text])
    say_unknown(output, session, [text])
    options = session.fitted(decoding, session.typed(text))
    results = []
    for name, latent in session.encode(text, None, sample, decoding.seed).items():
        made = session.beam_tree(name, latent.z, options)
        how = f"z {'~ q(z|x) with seed ' + str(decoding.seed) if sample else '= mu'}, {options.describe()}"
        output.say(f"{name}   ({how})")
        for line in lines(made, pruned):
            output.say(f"  {line}")
        results.append(
            {"variant": name, "input": text, "how": repeatable(session, name, how, text), **_document(session, made)}
        )
    finish(output, session, results)


def lines(made: BeamTree, pruned: bool) -> Iterator[str]:
    """The tree, one node a line, indented by its depth; those of a beginning best first."""
    children = made.children()
    waiting = [0]
    while waiting:
        index = waiting.pop()
        node = made.nodes[index]
        if index:
            group = f"  group {node.group + 1}" if any(each.group for each in made.nodes) else ""
            word = "  " * (node.depth - 1) + node.text
            yield f"{MARKS[node.state]} {word:40s} {node.log_probability:8.3f} {node.total:9.3f}{group}"
        waiting += [each for each in reversed(children[index]) if pruned or made.nodes[each].state != "pruned"]


def _document(session: Session, made: BeamTree) -> dict[str, Any]:
    nodes = [
        rounded(
            {
                "parent": node.parent,
                "depth": node.depth,
                "word": node.text,
                "log_probability": node.log_probability,
                "total": node.total,
                "state": node.state,
                "group": node.group,
            }
        )
        for node in made.nodes
    ]
    sentences = [
        rounded(
            {
                "rank": each.rank,
                "output": session.text(each.ids),
                "log_probability": each.log_probability,
                "ended": each.ended,
            }
        )
        for each in made.sentences
    ]
    return {"sentences": sentences, "nodes": nodes}
