"""`verify`: whether the files of a workspace still hold what was written."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from engine.cli.command.options import command
from engine.cli.command.reporting import Output, follow
from engine.errors import LoomError
from engine.workspace import repeated


@command
def verify(
    output: Output,
    name: Annotated[str, typer.Argument(help="A corpus, a run, or both of one name; all if left out.")] = "",
    remove_left_over: Annotated[
        bool, typer.Option("--remove-left-over", help="Delete the caches of steps whose checkpoints are gone.")
    ] = False,
) -> None:
    """Read every corpus, run and cache, tell which files are damaged, and what makes them anew.

    "unsure" is a file without a digest, of an earlier version, in which nothing was seen; "missing" a checkpoint that
    was not finished; "left" the cache of a step whose checkpoints are gone. Ends with 1 if a file is damaged.

    Example: python main.py verify demo
    """
    from engine.verification import verify as read_all

    result = follow(lambda stop: read_all(output.workspace, name, stop), output)
    for each in result["files"]:
        each["mend"] = repeated(each["mend"], output.workspace)
    if remove_left_over:
        _remove(output, name, result["files"])
    output.result(result)
    marks = {
        "whole": "ok      ",
        "not covered": "unsure  ",
        "missing": "missing ",
        "left over": "left    ",
        "damaged": "DAMAGED ",
    }
    for each in result["files"]:
        output.say(f"{marks[each['state']]} {each['file']}{': ' if each['detail'] else ''}{each['detail']}")
        if each["mend"]:
            output.say(f"         {each['mend']}")
    if damaged := [each for each in result["files"] if each["state"] == "damaged"]:
        first = f"{damaged[0]['file']}{' and others' if len(damaged) > 1 else ''}"
        raise LoomError(
            f"{len(damaged)} of {len(result['files'])} files {'is' if len(damaged) == 1 else 'are'} damaged: {first}.",
            damaged[0]["mend"] if len(damaged) == 1 else f"{damaged[0]['mend']}; without --quiet that is told of each.",
        )
    states = [each["state"] for each in result["files"]]
    unsure = f"; {states.count('not covered')} have no digest to see damage by" if "not covered" in states else ""
    left = states.count("left over")
    left_over = f"; {left} cache{'s' * (left != 1)} of steps whose checkpoints are gone" if left else ""
    output.say(f"{len(states)} files, none of them damaged{unsure}{left_over}.")


def _remove(output: Output, name: str, files: list[dict[str, Any]]) -> None:
    """Delete what is left over and take it out of the files that are told of."""
    from engine.runs.left_over import left_over, remove

    for each in left_over(output.workspace, name):
        if remove(each, output.workspace):
            output.note(f"Deleted {each.path}: {each.detail}.")
            files[:] = [file for file in files if file["file"] != str(each.path)]
