"""A remembered session as text: a line that says what it is, a line a feature, a line a row of the table.

Nothing here knows where it lies. What is read is checked whole: the digest finds what was damaged, and pydantic whether
every value is one that the feature could have wanted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, get_args

from app.bench.rows import GatheredRow
from app.bench.table.state import TableWish
from app.bench.tabs import KINDS
from app.core.values import Page
from app.core.wish import Wish
from app.evaluate.state import EvaluateWish
from app.maps.selection.state import SelectionWish
from app.maps.state import MapsWish
from app.shell.choosing import ChoiceWish
from app.train.state import TrainWish

KIND, VERSION = "latent-loom session", 1
TABLE = "Table"

Wishes = Mapping[str, Wish]
"""What is wanted of each feature, by name."""


@dataclass(frozen=True, slots=True)
class Head:
    """What was open.

    Attributes:
        workspace: the folder of the run.
        run, step: as they were asked for; no step for the newest.
        shown_step: the step that was open.
        corpus, models: fingerprints of the sentences of the maps and of the weights; "" where they were not known.
        page, tab: that were in view.
    """

    workspace: str = ""
    run: str = ""
    step: int | None = None
    shown_step: int | None = None
    corpus: str = ""
    models: str = ""
    page: Page = "Explore"
    tab: str = KINDS[0].name


@dataclass(frozen=True, slots=True)
class Remembered:
    """A session that was read."""

    head: Head
    wishes: Wishes = field(default_factory=dict)


def wish_types() -> dict[str, type[Wish]]:
    """The type of what is wanted of each feature, by name."""
    return {
        "Choice": ChoiceWish,
        "Maps": MapsWish,
        "Selection": SelectionWish,
        "Train": TrainWish,
        "Evaluate": EvaluateWish,
        **{kind.name: kind.wish_type() for kind in KINDS},
    }


class Lines:
    """Wishes as lines of text. What was a line before and is the same value still is not written anew."""

    def __init__(self) -> None:
        self._rows: dict[int, tuple[GatheredRow, str]] = {}

    def rows(self, wishes: Wishes) -> list[str]:
        """A line for each row of the table."""
        wish = wishes.get(TABLE)
        gathered = wish.rows if isinstance(wish, TableWish) else ()
        known, self._rows = self._rows, {}
        for row in gathered:
            self._rows[id(row)] = known.get(id(row)) or (row, _line({"row": asdict(row)}))
        return [self._rows[id(row)][1] for row in gathered]

    @staticmethod
    def features(wishes: Wishes) -> list[str]:
        """A line for each feature but the table."""
        there = {name: wish for name, wish in wishes.items() if name != TABLE}
        return [_line({"of": name, "wish": asdict(wish)}) for name, wish in there.items()]


def text_of(head: Head, features: Sequence[str], rows: Sequence[str]) -> str:
    """The whole document."""
    body = "".join(f"{line}\n" for line in (*features, *rows))
    first = {"kind": KIND, "version": VERSION, **asdict(head)}
    return f"{json.dumps({**first, 'digest': _digest(first, body)})}\n{body}"


def read(text: str) -> Remembered:
    """What `text_of` wrote.

    Raises:
        ValueError: it is another document, of another version, or damaged; in words.
    """
    from pydantic import TypeAdapter, ValidationError

    first, _, body = text.partition("\n")
    head = _object(first)
    digest = head.pop("digest", None)
    whole = digest == _digest(head, body)
    if head.pop("kind", None) != KIND:
        raise ValueError("it is no session of this app")
    version = head.pop("version", None)
    if version != VERSION:
        raise ValueError(f"its version is {version}, and this app reads {VERSION}")
    if not whole:
        raise ValueError("it was damaged or changed since it was written")
    types, wishes, rows = wish_types(), dict[str, Wish](), list[GatheredRow]()
    try:
        opened = TypeAdapter(Head).validate_python(head)
        row_of, adapters = TypeAdapter(GatheredRow), {name: TypeAdapter(each) for name, each in types.items()}
        for line in body.splitlines():
            entry = _object(line)
            if "row" in entry:
                rows.append(row_of.validate_python(entry["row"]))
            elif entry.get("of") in types:
                wishes[entry["of"]] = adapters[entry["of"]].validate_python(entry.get("wish"))
    except ValidationError as error:
        raise ValueError(f"a value in it is none that can be: {error.errors()[0]['msg']}") from error
    if opened.page not in get_args(Page) or opened.tab not in {kind.name for kind in KINDS}:
        raise ValueError("there is no such page or tab")
    return Remembered(opened, {**wishes, TABLE: TableWish(tuple(rows))})


def rows_in(text: str) -> list[str]:
    """The lines of the rows in a document. Raises as `read`."""
    read(text)
    return [line for line in text.splitlines()[1:] if "row" in _object(line)]


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, default=float)  # a number of numpy's is a number


def _object(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(found, dict):
        raise ValueError("a line of it is no object")
    return found


def _digest(first: Mapping[str, Any], body: str) -> str:
    """Of all but itself."""
    from xxhash import xxh3_128

    return xxh3_128(f"{json.dumps(first)}\n{body}".encode("utf-8", errors="surrogatepass")).hexdigest()
