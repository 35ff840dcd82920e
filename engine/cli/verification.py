"""`verify`: whether the files of a workspace still hold what was written."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.cli.command.options import command
from engine.cli.command.reporting import Output, follow
from engine.errors import LoomError


@command
def verify(
    output: Output,
    name: Annotated[str, typer.Argument(help="A corpus, a run, or both of one name; all if left out.")] = "",
) -> None:
    """Read every corpus, run and cache, tell which files are damaged, and what makes them anew.

    Example: python main.py verify demo
    """
    from engine.verification import verify as read_all

    result = follow(lambda stop: read_all(output.workspace, name, stop), output)
    output.result(result)
    marks = {"whole": "ok      ", "not covered": "unsure  ", "missing": "missing ", "damaged": "DAMAGED "}
    for each in result["files"]:
        output.say(f"{marks[each['state']]} {each['file']}{': ' if each['detail'] else ''}{each['detail']}")
        if each["mend"]:
            output.say(f"         {each['mend']}")
    if result["damaged"]:
        raise LoomError(
            f"{result['damaged']} of {len(result['files'])} files are damaged.",
            "The line below each one that is marked DAMAGED says what makes it anew.",
        )
