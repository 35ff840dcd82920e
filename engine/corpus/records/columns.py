"""Which column or key of records holds the text.

It is the one that was asked for, or those that were. Where none was, it is `text`; failing that `sentence`; failing
that, or where several have that name, the only one whose values are sentences in most of the first records. Where
several are, nobody guesses: it is asked which.

A value within a value has a name with dots, as in `review.text`, also where a list of objects lies between, as in
`messages.content`; of a list of texts each is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from engine.corpus.beside.values import Each, value_beside
from engine.corpus.reading import HUGE, Reading, Valued, Values
from engine.errors import LoomError, UsageError

SAMPLE = 100
"""Records that are looked at."""
_PREFERRED = ("text", "sentence")
_COUNTED = re.compile(r"(.+) \(\d+\)")
"""The name of a column that has the name of another one before it."""
_DEEPEST = 3
"""Dots in the name of a value."""
_WORDS = 0.95
"""Share of the texts of lists that are one word, where each list is a sentence."""
_SHOWN = 40
"""Letters of an example in a message."""


def text_keys(
    records: Sequence[Mapping[str, Any]], where: str, reading: Reading, names: Sequence[str] | None = None
) -> tuple[str, ...]:
    """The keys that hold the text, by the rule at the top of this module; a note tells which.

    Args:
        records: the first ones.
        where: they come from, for messages.
        reading: is told what there is to choose from, and what was taken.
        names: of the columns; the keys of all records if None.

    Raises:
        LoomError: no key of the records holds words, or none is the one that was asked for.
        UsageError: several could be meant.
    """
    if names is None:
        names = list(dict.fromkeys(str(key) for record in records for key in record))
    reading.offer(names)
    again = _called_alike(names)
    if again:
        reading.note(f"Several columns of {where} have one name; all but the first are counted: {', '.join(again)}.")
    reading.word_lists = frozenset(
        name for name in names if not _says_who(name, names) and _holds_word_lists(records, name)
    )
    if reading.asked:
        return announced(tuple(required(column, names, where) for column in reading.asked), reading)
    chosen = preferred(names)
    if chosen is not None and f"{chosen} (2)" not in again:
        return announced((chosen,), reading)
    # Words in most of the first records; better several of them than one, so that "id" loses against "title".
    for words in (2, 1):
        fitting = [name for name in names if not _says_who(name, names) and _holds_words(records, name, words)]
        if len(fitting) == 1:
            return announced((fitting[0],), reading)
        if fitting:
            told = "; ".join(f"{name} (“{_example(records, name)}”)" for name in fitting)
            raise UsageError(
                f"Several columns of {where} hold text, and it is not clear which is meant: {told}.",
                "Name one of them with --column NAME, just as it is written; given more than once, all are read.",
            )
    raise LoomError(
        f"No column of {where} holds text; the columns are {', '.join(names) or 'none'}.",
        "Name the column of the text with --column NAME.",
    )


def _called_alike(names: Sequence[str]) -> list[str]:
    """Those names that are another one's with a number behind it, as `text (2)`."""
    return [name for name in names if (found := _COUNTED.fullmatch(name)) and found[1] in names]


def required(column: str, names: Sequence[str], where: str) -> str:
    """The column that was asked for.

    Raises:
        LoomError: there is no such column.
    """
    if column not in names:
        raise LoomError(
            f"There is no column {column!r} in {where}; the columns are {', '.join(names) or 'none'}.",
            "Name one of them with --column NAME, just as it is written.",
        )
    return column


def preferred(names: Sequence[str]) -> str | None:
    """The name among these that means the text by itself."""
    for wanted in _PREFERRED:
        for name in names:
            if name.casefold() == wanted:
                return name
    return None


def announced(names: tuple[str, ...], reading: Reading) -> tuple[str, ...]:
    """Tell which columns are read."""
    told = ", ".join(map(repr, names))
    reading.note(f"The text is taken from the column{'s' if len(names) > 1 else ''} {told}.")
    reading.taken = reading.taken or ", ".join(names)
    lists = [name for name in names if name in reading.word_lists]
    if lists:
        reading.note(f"The lists of {', '.join(map(repr, lists))} hold one word each: a list is read as a sentence.")
        if reading.given is None:
            reading.given = reading.tokenised is not False
    return names


def values_of(record: Mapping[str, Any], keys: Sequence[str], reading: Reading) -> Any:
    """What a record holds under one key; under several, all of it in a list. Lists of words are joined."""
    found = [_joined(record.get(key)) if key in reading.word_lists else record.get(key) for key in keys]
    if len(keys) == 1:
        return found[0]
    return list(chain.from_iterable(value if isinstance(value, list) else (value,) for value in found))


def flat(record: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """A record with its values within values, under their names with dots; a name that has a dot itself comes first."""
    values: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, Mapping) and prefix.count(".") < _DEEPEST:
            values |= {each: inner for each, inner in flat(value, f"{prefix}{name}.").items() if each not in values}
        elif isinstance(value, list) and prefix.count(".") < _DEEPEST and any(isinstance(e, Mapping) for e in value):
            for each in value:
                inner_values = flat(each, f"{prefix}{name}.") if isinstance(each, Mapping) else {}
                for key, inner in inner_values.items():
                    together = values.setdefault(key, [])
                    if isinstance(together, list):
                        together += inner if isinstance(inner, list) else [inner]
        else:
            values[f"{prefix}{name}"] = value
    return values


def cleaned(texts: Iterable[Any], reading: Reading, beside: Sequence[Values] = ()) -> list[str]:
    """The values that are texts, and those in lists; others, and huge ones, are counted as dropped.

    Args:
        texts: of the records.
        reading: counts.
        beside: what is kept of each record; empty where nothing is.
    """
    if not beside:
        single = chain.from_iterable(value if isinstance(value, list) else (value,) for value in texts)
        return [clean for text in single if (clean := _cleaned(text, reading)) is not None]
    kept: list[str] = []
    values: list[Values] = []
    for value, own in zip(texts, beside, strict=True):
        if type(value) is str and len(value) <= HUGE and value.isascii() and "\0" not in value:
            kept.append(value)
            values.append(_of_one(own, 0, 1))
            continue
        texts_of_it = value if isinstance(value, list) else (value,)
        for place, text in enumerate(texts_of_it):
            if (clean := _cleaned(text, reading)) is not None:
                kept.append(clean)
                values.append(_of_one(own, place, len(texts_of_it)))
    return Valued(kept, values)


def _of_one(values: Values, place: int, texts: int) -> Values:
    """The values beside one of so many texts of a record; None where a column has another number of values."""
    if not any(type(value) is Each for value in values):
        return values
    return tuple(
        [(value[place] if len(value) == texts else None) if type(value) is Each else value for value in values]
    )


def _cleaned(text: Any, reading: Reading) -> str | None:
    """A text that can be stored; None for what is none, or huge, which is counted."""
    if not isinstance(text, str):
        reading.dropped["not_text"] += 1
        return None
    if len(text) > HUGE:
        reading.dropped["huge_line"] += 1
        return None
    # JSON can spell half a character pair (a lone surrogate), which no file can hold.
    safe = text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
    return safe.replace("\0", " ")


def beside_of(record: Mapping[str, Any], names: Sequence[str | None], keys: Sequence[str]) -> Values:
    """What is kept of a record: the values of the columns of these names, None where it has none.

    Args:
        record: `flat`.
        names: of the columns.
        keys: of the texts. Of a column that stands beside them in a list of objects, as who speaks beside what is said,
            there are as many values, `Each`.
    """
    return tuple([None if name is None else value_beside(record.get(name), name, keys) for name in names])


def has_words(value: str, words: int) -> bool:
    """Whether a text begins with so many words, which have a letter each."""
    return sum(any(letter.isalpha() for letter in part) for part in value[:200].split()) >= words


def _says_who(name: str, names: Sequence[str]) -> bool:
    """Whether a key says who speaks in a chat whose words are beside it, as `messages.role` beside `content`."""
    place, _, last = name.rpartition(".")
    beside = {"role": "content", "from": "value"}.get(last)
    return beside is not None and f"{place}.{beside}".lstrip(".") in names


def _holds_words(records: Sequence[Mapping[str, Any]], name: str, words: int) -> bool:
    values = [_first_text(record.get(name)) for record in records]
    return 2 * sum(has_words(value, words) for value in values) > len(values)


def _holds_word_lists(records: Sequence[Mapping[str, Any]], name: str) -> bool:
    """Whether the values are lists of words, as of a corpus for tagging."""
    lists = [value for record in records if isinstance(value := record.get(name), list) and value]
    items = [item for value in lists for item in value]
    words = sum(isinstance(item, str) and len(item.split()) == 1 for item in items)
    return len(items) > 2 * len(lists) > 0 and words >= _WORDS * len(items)


def _joined(value: Any) -> Any:
    return " ".join(item for item in value if isinstance(item, str)) if isinstance(value, list) else value


def _first_text(value: Any) -> str:
    """A text, or the first of a list of texts, put together; else nothing."""
    if isinstance(value, list):
        value = " ".join(item for item in value[:8] if isinstance(item, str))
    return value if isinstance(value, str) else ""


def _example(records: Sequence[Mapping[str, Any]], name: str) -> str:
    text = next((text for record in records if (text := " ".join(_first_text(record.get(name)).split()))), "")
    return text if len(text) <= _SHOWN else text[:_SHOWN].rstrip() + " …"
