"""Doing what an error advises: its next step must help, or lead on, and not in a circle."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

from tests.stress.children import Ended
from tests.stress.verdicts import BAD, CLEAR, UNFORESEEN, Verdict, ending, message

STEPS = 6
_COMMAND = re.compile(r"python main\.py ([a-z]+(?: [^,;()`]+?)?)(?=[.,;:)`]?(?:\s*$|, | then | and | or |[;)`]|\. ))")
_FOR_A_PERSON = re.compile(r"\.\.\.|\b(?!FILE\b)[A-Z]{2,}\b")


def follow(
    arguments: list[str], ended: Ended, root: Path, sources: Path, run: Callable[[list[str]], Ended]
) -> tuple[Verdict, list[str], Ended | None]:
    """Take the next step that an error names, then give the command again, and so on.

    Args:
        arguments: of the command that failed.
        ended: how.
        root: the workspace.
        sources: the folder of the text that the corpus was prepared from; for FILE in an advice.
        run: runs a command.

    Returns:
        clear, unless the way is a circle or leads to something bad; the way in words; and how the command ended
        at last, if the advice has helped.
    """
    way: list[str] = []
    met: set[tuple[str, str]] = set()
    words = arguments
    for _ in range(STEPS):
        key = (" ".join(words), message(ended))
        if key in met:
            return Verdict(UNFORESEEN, f"advice in a circle: {message(ended)}"), way, None
        met.add(key)
        advised = advice(ended.err, root, sources)
        if advised is None:
            return Verdict(CLEAR), way, None
        words = advised
        ended = run(words)
        way.append(f"{' '.join(words)} -> {ended.code} {ended.err.strip()}")
        if ended.code == 0:
            words = arguments
            ended = run(words)
            way.append(f"{' '.join(words)} -> {ended.code} {ended.err.strip()}")
            if ended.code == 0:
                return Verdict(CLEAR, "helped"), way, ended
        verdict = ending(ended)
        if verdict.word in BAD:
            return Verdict(verdict.word, f"after the advice: {verdict.why}"), way, None
    return Verdict(UNFORESEEN, f"advice without an end: {message(ended)}"), way, None


def advice(said: str, root: Path, sources: Path) -> list[str] | None:
    """The words of the first command of ours that an error names, or None where it names none that can be run."""
    found = _COMMAND.search(said)
    if not found or _FOR_A_PERSON.search(found[1]):
        return None
    text = found[1].strip().rstrip(".").replace("FILE", str(sources / "tiny.txt"))
    try:
        words = shlex.split(text)
    except ValueError:
        return None
    if words[0] == "train" and "--resume" not in words:
        return None  # hours of a person's time, and nothing that this workspace could prove
    if "--name" in words and "--vocabulary" not in words:
        words += ["--vocabulary", "200"]
    return [*words, "--workspace", str(root)]
