"""Selections that were saved under a name, one document a run: `selections/RUN.json`, described in FORMAT.md.

Each says of which sentences it is, by the fingerprint of the corpus. One of other sentences than those of the run now,
as after a training on another text, is kept and counts for nothing. Two windows may write: only what each has changed
is changed in the document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.errors import LoomError
from engine.selections.chosen import Chosen
from engine.storage.digests import sealed, unsealed
from engine.storage.files import read_json, write_json
from engine.storage.locks import wait_until_free

KIND = "latent-loom-selections"
VERSION = 1
LONGEST = 60
"""Signs of a name."""
_WHAT = "the saved selections of a run"
_WAY_OUT = "Move the file away; what is saved from then on goes into a new one."


@dataclass(frozen=True, slots=True)
class Saved:
    """A selection under a name, and when it was saved (ISO 8601, UTC)."""

    name: str
    chosen: Chosen
    created: str = ""

    @classmethod
    def now(cls, name: str, chosen: Chosen) -> Saved:
        """One that is saved now."""
        return cls(name, chosen, datetime.now(UTC).isoformat(timespec="seconds"))


def checked_name(text: str) -> str:
    """A name as it is kept: on one line, without white space around it.

    Raises:
        LoomError: there is nothing of it, or it is too long.
    """
    name = re.sub(r"\s+", " ", text).strip()
    if not name:
        raise LoomError("A saved selection needs a name.", "Type one.")
    if len(name) > LONGEST:
        raise LoomError(f"A name has at most {LONGEST} signs, and this one {len(name)}.", "Choose a shorter one.")
    return name


def read(path: Path) -> tuple[Saved, ...]:
    """The selections of a document, in the order in which they were saved; none where there is no document.

    Raises:
        LoomError: it is damaged, of another kind, or of a newer version.
    """
    if not path.exists():
        return ()
    document = unsealed(read_json(path, _WHAT, _WAY_OUT), path, _WAY_OUT)
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise LoomError(f"{path} holds no saved selections.", _WAY_OUT)
    if document.get("version") != VERSION:
        raise LoomError(
            f"{path} is of version {document.get('version')}, and this program reads {VERSION}.",
            "Use the program that wrote it, or a newer one.",
        )
    try:
        return tuple(_saved(each) for each in document["selections"])
    except (KeyError, TypeError, ValueError) as error:
        raise LoomError(f"{path} is damaged: {error}.", _WAY_OUT) from error


def _saved(entry: Mapping[str, Any]) -> Saved:
    chosen = Chosen(str(entry["corpus"]), int(entry["n"]), int(entry["count"]), str(entry["bits"]))
    return Saved(str(entry["name"]), chosen, str(entry.get("created", "")))


def of_corpus(saved: Sequence[Saved], corpus: str, n: int) -> tuple[Saved, ...]:
    """Those that are of these sentences."""
    return tuple(each for each in saved if (each.chosen.corpus, each.chosen.n) == (corpus, n))


def change(path: Path, run: str, corpus: str, changes: Mapping[str, Saved | None]) -> None:
    """Save, replace and remove selections of one corpus by their names; all others stay as they are.

    Args:
        path: the document, there or not yet.
        run: its name.
        corpus: fingerprint of that corpus.
        changes: what is saved under a name now; None for nothing.

    Raises:
        LoomError: as `read`, and the document is left as it is; or it cannot be written.
    """
    with wait_until_free(path):
        there = read(path)
        mine = {each.name: each for each in there if each.chosen.corpus == corpus}
        for name, saved in changes.items():
            mine.pop(name, None) if saved is None else mine.update({name: saved})
        kept = [each for each in there if each.chosen.corpus != corpus] + list(mine.values())
        entries = [
            {
                "name": each.name,
                "created": each.created,
                "corpus": each.chosen.corpus,
                "n": each.chosen.n,
                "count": each.chosen.count,
                "bits": each.chosen.bits,
            }
            for each in kept
        ]
        write_json(path, sealed({"kind": KIND, "version": VERSION, "run": run, "selections": entries}))
