"""The corpus that stands where a new one is to be published: when it may be replaced, and how it can be made anew.

Runs refer to their corpus by name and fingerprint, so another text under the same name would cut them off from theirs.
Without being asked to replace it, an earlier corpus therefore only gives way to the very same material: the source and
the settings must be the same before anything is read, and the fingerprint must be the same in the end.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import LoomError, UsageError
from engine.storage.digests import unsealed
from engine.storage.files import read_json

Users = Callable[[str], Sequence[str]]
"""The names of the runs that were trained on the corpus of a fingerprint."""

_NEXT = "Add --replace to put the new one in its place, or give another name with --name NAME."


@dataclass(frozen=True)
class Earlier:
    """The corpus in a folder, as far as its description can be read.

    Args:
        path: the folder.
        description: what its corpus.json holds; empty if that cannot be read.
        users: finds the runs that need it; None where they cannot be known.
    """

    path: Path
    description: Mapping[str, Any]
    users: Users | None

    @classmethod
    def find(cls, path: Path, users: Users | None) -> Earlier | None:
        """The corpus in `path`, or None if the place is free.

        Raises:
            UsageError: something else lies there.
        """
        if not path.exists():
            return None
        if not (path / "corpus.json").exists():
            if path.is_dir() and not any(path.iterdir()):
                return None
            raise UsageError(
                f"{path} exists and holds no corpus (it has no corpus.json); nothing in it was touched.",
                "Give another name with --name NAME.",
            )
        try:
            description = read_json(path / "corpus.json", "the earlier corpus")
        except LoomError:
            description = None
        return cls(path, description if isinstance(description, dict) else {}, users)

    def refuse_other_settings(self, asked: Mapping[str, Any]) -> None:
        """Raise a UsageError unless the corpus was prepared from the same source with the same settings.

        Args:
            asked: the keys of corpus.json that say how a corpus is prepared, with the values asked for now.
        """
        if not self.description:
            raise UsageError(f"There is a corpus in {self.path} already, and its corpus.json cannot be read.", _NEXT)
        before, now = _flat(self.description, asked), _flat(asked, asked)
        differences = [
            f"{key.removesuffix('_asked')} was {_told(before[key])}, now {_told(now[key])}"
            for key in now
            if before[key] != now[key] and not self._is_size_of(key, now[key])
        ]
        if differences:
            self._refuse(f"prepared in another way ({'; '.join(differences)})")

    def _is_size_of(self, key: str, asked: Any) -> bool:
        """Whether the vocabulary is as large as is asked for now, though more words were asked for: it is the same."""
        return key == "vocabulary_asked" and asked == self.description.get("vocabulary")

    def refuse_other_material(self, fingerprint: str) -> None:
        """Raise a UsageError unless this is the fingerprint of the earlier corpus."""
        earlier = self.description.get("fingerprint")
        if earlier != fingerprint:
            self._refuse(
                f"of another text (fingerprint {str(earlier)[:12]}, now {fingerprint[:12]}): its source has changed"
            )

    def left_behind(self, fingerprint: str) -> str:
        """What is told once a corpus of this fingerprint has taken its place; "" where no run needs the earlier one."""
        before = str(self.description.get("fingerprint"))
        runs = self.users(before) if self.users is not None and before != fingerprint else ()
        if not runs:
            return ""
        one = len(runs) == 1
        which = f"the run {runs[0]} was" if one else f"the runs {', '.join(runs)} were"
        return (
            f"On the corpus that was here before, {which} trained. With this one {'it' if one else 'they'} can be "
            "neither trained further nor encoded nor evaluated; for that, prepare the earlier text again (--replace)."
        )

    def _refuse(self, difference: str) -> None:
        trained = ""
        if self.users is not None:
            runs = self.users(str(self.description.get("fingerprint")))
            trained = f" Trained on it: {', '.join(runs)}." if runs else " No run here was trained on it."
        raise UsageError(
            f"There is a corpus {self.path.name!r} already, {difference}; it was left as it is.{trained}", _NEXT
        )


def corpus_command(
    source: str,
    name: str,
    min_words: int,
    max_words: int,
    vocabulary: int,
    test_fraction: float,
    seed: int,
    limit: int | None,
    column: str | Sequence[str] | None,
    separator: str | None = None,
    encoding: str | None = None,
    tokenised: bool | None = None,
    lower: bool = False,
    valid_source: str | None = None,
    test_source: str | None = None,
    vocabulary_file: str | None = None,
    keep: Sequence[str] | None = None,
) -> str:
    """The command that prepares a corpus, to be shown to a person; arguments as of `request.CorpusRequest`."""
    words = ["python", "main.py", "corpus", source, "--name", name, "--min-words", str(min_words)]
    words += ["--max-words", str(max_words)]
    words += ["--vocabulary", str(vocabulary)] if vocabulary_file is None else []  # the file has as many as it has
    words += ["--test-fraction", f"{test_fraction:g}"] if test_source is None else []  # no share is held out then
    words += ["--seed", str(seed)]
    words += ["--limit", str(limit)] if limit else []
    columns = [column] if isinstance(column, str) else column or ()
    words += [word for each in columns for word in ("--column", each)]
    words += ["--separator", separator] if separator is not None else []
    words += ["--encoding", encoding] if encoding is not None else []
    words += ["--tokenised" if tokenised else "--no-tokenised"] if tokenised is not None else []
    words += ["--lower"] if lower else []
    words += [word for each in keep or () for word in ("--keep", each)]
    words += ["--no-keep"] if keep is not None and not keep else []
    given = {"--valid": valid_source, "--test": test_source, "--vocabulary-file": vocabulary_file}
    words += [word for option, place in given.items() if place is not None for word in (option, place)]
    return shlex.join(words)


def how_to_prepare_anew(path: Path) -> str:
    """What to do about the damaged corpus in a folder: the whole command, where its own description says how."""
    command = command_of(path)
    if command:
        return f"Prepare it again: {command} --replace"
    return f"Prepare it again from its text: python main.py corpus SOURCE --name {path.name} --replace"


def command_of(path: Path) -> str:
    """The command that prepared the corpus in a folder, by its description; "" if that cannot be relied on."""
    file = path / "corpus.json"
    with suppress(LoomError, KeyError, TypeError, ValueError, AttributeError):  # an early one does not say everything
        made = unsealed(read_json(file, "the description of a corpus"), file, "")
        asked = {key: made[key] for key in ("source", "test_fraction", "seed")}
        filters = {key: made["filters"].get(key) for key in ("min_words", "max_words", "limit")}
        more = {key: made.get(key) for key in ("column", "separator", "encoding", "tokenised", "keep", *_PLACES[1:])}
        more |= {"vocabulary": made["vocabulary_asked"], "lower": made.get("lower") is True}
        return corpus_command(name=path.name, **asked, **filters, **more)
    return ""


def _told(value: Any) -> str:
    return "not given" if value is None else str(value)


_PLACES = ("source", "valid_source", "test_source", "vocabulary_file")


def _flat(description: Mapping[str, Any], like: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the keys of `like`, those of its inner objects too; files are told by their full path."""
    flat: dict[str, Any] = {}
    for key, value in like.items():
        found = description.get(key)
        if isinstance(value, Mapping):
            flat |= _flat(found if isinstance(found, Mapping) else {}, value)
        elif key in _PLACES and isinstance(found, str) and Path(found).expanduser().exists():
            flat[key] = str(Path(found).expanduser().resolve())
        else:
            flat[key] = found
    return flat
