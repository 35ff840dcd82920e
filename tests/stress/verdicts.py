"""What a trial comes to, in five words, and the plain comparisons that decide it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tests.stress.children import Ended
from tests.stress.contents import Contents, plain

RIGHT = "right"
CLEAR = "clear error"
WRONG = "wrong without a word"
UNFORESEEN = "unforeseen"
LOST = "lost"
VERDICTS = (RIGHT, CLEAR, WRONG, UNFORESEEN, LOST)
BAD = (WRONG, UNFORESEEN, LOST)
_ORDER = (RIGHT, CLEAR, WRONG, LOST, UNFORESEEN)
_LOGS = re.compile(r"runs/[^/]+/(process\.json|probe\.json|variants/[^/]+/(metrics|probe|stopped)\.jsonl?)$")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A word of `VERDICTS`, and why."""

    word: str
    why: str = ""

    @property
    def bad(self) -> bool:
        """Whether the trial found a fault."""
        return self.word in BAD


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The gravest of some."""
    return max(verdicts, key=lambda each: _ORDER.index(each.word))


def ending(ended: Ended) -> Verdict:
    """What the way a command ended says by itself: nothing bad, or something unforeseen.

    An error is clear if it is one message, ends with code 1 or 2, and is no traceback.
    """
    everything = ended.out + ended.err
    if ended.hung:
        return Verdict(UNFORESEEN, f"still running after {ended.seconds:.0f} s")
    if ended.code < 0:
        return Verdict(UNFORESEEN, f"ended by signal {-ended.code}")
    if "Traceback (most recent call last)" in everything:
        return Verdict(UNFORESEEN, "traceback")
    if "unforeseen" in ended.err:
        return Verdict(UNFORESEEN, message(ended))
    if "not enough memory" in ended.err:
        return Verdict(UNFORESEEN, "wanted gigabytes for a tiny workspace")
    if ended.code == 0:
        return Verdict(RIGHT)
    if ended.code not in (1, 2):
        return Verdict(UNFORESEEN, f"exit code {ended.code}")
    if not message(ended):
        return Verdict(UNFORESEEN, f"exit code {ended.code} without a message")
    return Verdict(CLEAR, message(ended))


def message(ended: Ended) -> str:
    """The first line of a command's error."""
    found = re.search(r"^(?:error[^:]*|Error): (.+)$", ended.err, re.MULTILINE)
    return found[1] if found else ""


def document(ended: Ended, root: str) -> Any:
    """What a command answered as JSON, without what differs between two equal answers; None if nothing."""
    try:
        return plain(json.loads(ended.out), root)
    except ValueError:
        return None


def told(ended: Ended, undisturbed: Ended) -> str:
    """What a command said on standard error that the undisturbed one did not say."""
    usual = set(_words(undisturbed.err))
    return " ".join(line for line in _words(ended.err) if line not in usual)


def part_of(answer: Any, whole: Any) -> bool:
    """Whether an answer holds nothing but what the whole answer holds as well."""
    if isinstance(answer, dict) and isinstance(whole, dict):
        return all(key in whole and part_of(value, whole[key]) for key, value in answer.items() if key != "failed")
    if isinstance(answer, list) and isinstance(whole, list):
        return all(any(part_of(value, each) for each in whole) for value in answer)
    return bool(answer == whole)


def kept(before: Contents, after: Contents, is_to_write: Callable[[str], bool]) -> Verdict:
    """Whether all that was there before, and was not to be replaced, is there as it was."""
    for name, digest in before.items():
        if not is_to_write(name) and after.get(name) != digest:
            gone = "is gone" if name not in after else "is another one"
            return Verdict(LOST, f"{name} {gone}")
    return Verdict(RIGHT)


def untouched(before: Contents, after: Contents) -> Verdict:
    """Whether a command that failed left what it was to replace; a training may have logged on."""
    return kept(before, after, lambda name: bool(_LOGS.match(name)))


def same(found: Contents, wanted: Contents, what: Callable[[str], bool] = lambda name: True) -> Verdict:
    """Whether two workspaces hold the same, where `what` says so."""
    for name in sorted(found.keys() | wanted.keys()):
        if what(name) and found.get(name) != wanted.get(name):
            if name not in found:
                return Verdict(LOST, f"{name} is missing")
            return Verdict(WRONG, f"{name} {'is another one' if name in wanted else 'should not be there'}")
    return Verdict(RIGHT)


def _words(text: str) -> list[str]:
    """Lines without numbers, so that progress is no news."""
    return [re.sub(r"[\d.,]+", "#", line).strip() for line in text.splitlines() if line.strip()]
