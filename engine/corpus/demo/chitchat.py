"""The packaged text: messages of the chitchat dataset, cut into clean sentences.

The package `chitchat_dataset` (MIT) is used for its `dataset.json` alone; its code is not run. People typed these
messages into a chat, so only what looks like a sentence is kept: a capital at the start, a full stop, exclamation or
question mark at the end, no addresses, telephone numbers or links, and nothing twice.
"""

from __future__ import annotations

import hashlib
import json
import re
from importlib import resources
from typing import Any

from engine.corpus.reading import BATCH, Blocks, Reading
from engine.corpus.sentences import looks_divisible, split_sentences
from engine.errors import LoomError

PACKAGE = "chitchat_dataset"
_CONTACT = re.compile(
    r"""\S@\S                              # an address
      | https?: | www\. | \w\.(?:com|org|net|edu|gov|io|co|ly|me|tv)\b   # a link
      | (?<!\d)\(?\d{3}\)?[\s.-]*\d{3}[\s.-]*\d{4}(?!\d)                 # a telephone number of ten digits
      | (?<!\d)\d{3}-\d{4}(?!\d)           # and one of seven
    """,
    re.VERBOSE | re.IGNORECASE,
)


def demo_sentences(reading: Reading) -> Blocks:
    """Yield the demo's sentences in the order of the package, in batches.

    Raises:
        LoomError: the package is missing or its data cannot be read.
    """
    reading.unit = "messages"
    messages = _messages(_load())
    reading.total = len(messages)
    seen: set[bytes] = set()
    batch: list[str] = []
    for message in messages:
        reading.done += 1
        for line in message.splitlines():
            for sentence in split_sentences(line) if looks_divisible(line) else (line,):
                sentence = " ".join(sentence.split())
                reason = _reason_to_drop(sentence)
                if reason is None:
                    # A digest is smaller than the text; 16 bytes make a chance collision out of the question.
                    key = hashlib.blake2b(sentence.casefold().encode(), digest_size=16).digest()
                    if key not in seen:
                        seen.add(key)
                        batch.append(sentence)
                        continue
                    reason = "duplicate"
                reading.dropped[reason] += 1
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _reason_to_drop(sentence: str) -> str | None:
    if not sentence:
        return "empty"
    if not sentence[0].isupper() or sentence[-1] not in ".!?":
        return "not_a_sentence"
    if _CONTACT.search(sentence):
        return "contact_details"
    return None


def _load() -> dict[str, Any]:
    again = f"Install it again with: python -m pip install --force-reinstall {PACKAGE}==0.9.0"
    try:
        raw = resources.files(PACKAGE).joinpath("dataset.json").read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise LoomError(f"The demo's text is missing: the package {PACKAGE} is not installed.", again) from error
    except OSError as error:
        raise LoomError(f"The demo's text cannot be read: {error}.", again) from error
    try:
        document: dict[str, Any] = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise LoomError(f"dataset.json of the package {PACKAGE} is damaged ({error}).", again) from error
    return document


def _messages(document: dict[str, Any]) -> list[str]:
    """The texts of all messages; a conversation holds turns, a turn holds messages."""
    try:
        return [
            message["text"]
            for conversation in document.values()
            for turn in conversation["messages"]
            for message in turn
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise LoomError(
            f"dataset.json of the package {PACKAGE} has another structure than version 0.9.0.",
            f"Install that version with: python -m pip install {PACKAGE}==0.9.0",
        ) from error
