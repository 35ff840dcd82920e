"""One line that says which sentences are meant, as the search of the window, the Evaluate page and commands take it.

    dog tokens:5-8 label:positive stars:>3 /^(who|what)/ | cat

- Words must stand in the sentence, next to each other and in this order, letter case aside: whole words (`matcher` in
  `engine/storage/sentence_search.py`). Only the search of the window, which looks while somebody types, takes parts of
  words too.
- `label:positive`, `genre:"science fiction"`, `stars:4`, `stars:>3`, `stars:2..4`, `stars:2..`, `stars:..4`,
  `label:missing` say what a column has beside the sentence. A category is meant by its name, or all are that begin so;
  without quotes it ends where the longest that there is ends.
- `tokens:5-8`, `tokens:5-`, `tokens:-8`, `tokens:7`, `tokens:>=5`, `length:5..8` (either word) say how many tokens it
  has, unless a column is called so.
- A regular expression stands between slashes.
- All of them hold together, words before a condition and behind it each for themselves. Bars part alternatives.

A colon is a sign like others where it does not stand between a name and a value at once: `note: hello`, `10:30`. A name
that no column has is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.errors import UsageError
from engine.storage.column_conditions import MISSING, number_and_rest, whole_numbers_that
from engine.storage.kept_values import is_open_quote, quoted_and_rest

if TYPE_CHECKING:
    from engine.storage.kept_values import KeptValues

TOKENS = "tokens"
LENGTH = "length"
"""What a line calls the tokens of a sentence."""
_EXPRESSION = r"/(?=\S)((?:\\.|[^\\])+?)/"
_PARTS = re.compile(rf'"(?:[^"]|"")*"|(?<![^\s|]){_EXPRESSION}(?=\s|\||$)|(\|)', re.DOTALL)
"""What a bar may stand in, or a bar."""
_HYPHENS = re.compile(r"(\d*)-(\d*)")
_BEGUN = rf"(?:\"|[<>]=?|[-+=.\N{{MINUS SIGN}}]|{'(?:'.join(MISSING[:-1])}{')?' * (len(MISSING) - 2)})?"
"""What a value begins with that means nothing by itself."""
_LONE_SLASH = re.compile(r"(?<!\S)/\S+")
_NAMED = re.compile(r"(?<!\S)([^\W\d_][\w.\-]*):(?=\S)")
"""What looks like a condition on a column."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a sentence meets, all of it together.

    Attributes:
        holding: texts that stand in it.
        matching: regular expressions that are found in it.
        least, most: tokens that it has at least and at most; 0 for no limit.
        where: what is kept beside it, a column and what is wanted of it each.
    """

    holding: tuple[str, ...] = ()
    matching: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    where: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.as_json())

    def __and__(self, other: Conditions) -> Conditions:
        """Both together. Raises a UsageError where both say how many tokens."""
        if (self.least or self.most) and (other.least or other.most):
            spans = " and ".join(_span(each.least, each.most) for each in (self, other))
            raise UsageError(f"Two lengths are given: {spans}.", "Give one, as in tokens:5-10.")
        return Conditions(
            self.holding + other.holding,
            self.matching + other.matching,
            self.least or other.least,
            self.most or other.most,
            self.where + other.where,
        )

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Conditions:
        """As `as_json` wrote it, or an evaluation before there were lines."""
        return cls(
            tuple(document.get("holding", document.get("containing", ()))),
            tuple(document.get("matching", ())),
            document.get("least", 0),
            document.get("most", 0),
            tuple((column, wanted) for column, wanted in document.get("where", ())),
        )

    def as_json(self) -> dict[str, Any]:
        """What it says; {} for nothing."""
        found = {
            "holding": list(self.holding),
            "matching": list(self.matching),
            "least": self.least,
            "most": self.most,
            "where": [list(pair) for pair in self.where],
        }
        return {name: value for name, value in found.items() if value}

    def describe(self) -> str:
        """In words; "" for nothing."""
        parts = []
        if self.holding:
            parts.append("with " + " and ".join(f"“{text}”" for text in self.holding))
        if self.matching:
            parts.append("matching " + " and ".join(f"/{expression}/" for expression in self.matching))
        if self.least or self.most:
            parts.append(f"of {_span(self.least, self.most)}")
        if self.where:
            parts.append("where " + " and ".join(f"{column} is {wanted}" for column, wanted in self.where))
        return " ".join(parts)


def alternatives(text: str) -> list[str]:
    """The parts of a line between its bars, each a line of its own."""
    parts, begun = [], 0
    for found in _PARTS.finditer(text):
        if found[2]:
            parts.append(text[begun : found.start()])
            begun = found.end()
    return [part.strip() for part in (*parts, text[begun:])]


def read_line(text: str, beside: Mapping[str, KeptValues], typing: bool = False) -> tuple[Conditions, ...]:
    """The alternatives that a line says, those that are empty left out.

    Args:
        text: what somebody typed.
        beside: the columns that are kept beside the sentences.
        typing: whether the quote that closes the last value may be still to come.

    Raises:
        UsageError: a name before a colon is no column, a length is no range, there are two, the ends of a range are
            turned round, or a value's quote is open.
    """
    return tuple(found for part in alternatives(text) if (found := _read(part, beside, typing)))


def read_as_words(texts: Iterable[str]) -> str:
    """What in some texts begins as if it were no words and was looked for as such, in a sentence; "" for nothing.

    It may be meant, so it is told only where nothing is found.
    """
    for text in texts:
        rest = _PARTS.sub(" ", text)
        if slash := _LONE_SLASH.search(rest):
            return f"“{slash[0]}” was looked for as it stands; a regular expression ends with a slash, too."
        if '"' in rest:
            return "A quote in it is not closed."
    return ""


def is_unfinished(text: str, beside: Mapping[str, KeptValues]) -> bool:
    """Whether a line ends within a condition that somebody is typing: behind a name there is no value yet.

    Args:
        text: what was typed so far.
        beside: the columns that are kept beside the sentences.
    """
    known = "|".join(map(re.escape, (TOKENS, LENGTH, *beside)))
    return re.search(rf"(?:^|[\s|])(?:{known}):\s*{_BEGUN}$", text, re.IGNORECASE) is not None


def read_options(
    containing: str, matching: str, tokens: str, where: Sequence[str], beside: Mapping[str, KeptValues]
) -> tuple[Conditions, ...]:
    """What the options of a command say, all of them together; () for all sentences.

    Args:
        containing: a line; "" for none.
        matching: a regular expression; "" for none.
        tokens: "5-10", "5..10", "5-", "-10", ">=5" or "7"; "" for any length.
        where: "label=positive", "stars=>3", "stars=2..4"; also "tokens=5-10", unless a column is called so.
        beside: the columns that are kept beside the sentences.

    Raises:
        UsageError: one of them says nothing, or as `read_line`.
    """
    lengths = [("--tokens ", tokens)] if tokens.strip() else []
    pairs, columns = [], {name.casefold(): name for name in beside}
    for each in where:
        column, wanted = (part.strip() for part in each.partition("=")[::2])
        if not column or not wanted:
            raise UsageError(f"--where {each!r} is no condition.", "Write it like label=positive or stars=2..4.")
        if column.casefold() in {TOKENS, LENGTH} - columns.keys():
            lengths.append((f"--where {column}=", wanted))
        else:
            if (known := columns.get(column.casefold())) is not None:
                beside[known].check(wanted, f"--where {column}=")
            pairs.append((column, wanted))
    spans = [_lengths(wanted, said) for said, wanted in lengths]
    line = read_line(containing, beside)
    if containing and not line:
        raise UsageError(f"--containing {containing!r} says nothing.", 'Write words, as in "was | were".')
    told = [f"{said}{wanted.strip()}" for said, wanted in lengths]
    if any(each.least or each.most for each in line):
        told.append(f"one within --containing {containing!r}")
    if len(told) > 1:
        raise UsageError(f"Two lengths are given: {' and '.join(told)}.", "Keep one of them.")
    least, most = spans[0] if spans else (0, 0)
    also = Conditions((), (matching,) if matching else (), least, most, tuple(pairs))
    return tuple(each & also for each in line) if line else (also,) if also else ()


def search_for(column: str, value: str) -> str:
    """The line that finds the sentences of a category."""
    plain = re.fullmatch(r"[^\s\"|]+", value) is not None
    return f"{column}:{value}" if plain else f'{column}:"{value.replace(chr(34), 2 * chr(34))}"'


def no_column(name: str, columns: Iterable[str]) -> UsageError:
    """That there is no column of a name, and which there are."""
    known = ", ".join(columns)
    if known:
        return UsageError(f"No column {name!r} is kept beside the sentences.", f"There are {known}.")
    return UsageError(
        f"There is no column {name!r}: nothing is kept beside the sentences.",
        "Columns come from a table: python main.py corpus FILE --name NAME --keep COLUMN",
    )


def _read(part: str, beside: Mapping[str, KeptValues], typing: bool) -> Conditions:
    found, rest = Conditions(), part
    names = {name.casefold(): name for name in (TOKENS, LENGTH)} | {name.casefold(): name for name in beside}
    while (next_one := _next(rest, names)) is not None:
        before, what, behind = next_one
        name = names.get(what.casefold(), "") if not what.startswith("/") else ""
        if name and not typing and is_open_quote(behind):
            raise UsageError(f"The quote in {name}:{behind.strip()} is not closed.", f'Write {name}:{behind.strip()}".')
        if what.startswith("/"):
            one, rest = Conditions(matching=(what[1:-1],)), behind.strip()
        elif name in beside:
            wanted, rest = beside[name].wanted_and_rest(behind)
            beside[name].check(wanted)
            one = Conditions(where=((name, wanted),))
        else:
            wanted, rest = quoted_and_rest(behind) or number_and_rest(behind)
            least, most = _lengths(wanted, f"{name}:")
            one = Conditions(least=least, most=most)
        found = found & _texts(before, beside) & one
    return found & _texts(rest, beside)


def _texts(text: str, beside: Mapping[str, KeptValues]) -> Conditions:
    """Plain words; refused where they look like a condition on a column that there is not."""
    if named := _NAMED.search(text):
        error = no_column(named[1], beside)
        raise UsageError(error.message, f"{error.hint}. For those very words: /{named[1]}:/".replace("..", "."))
    return Conditions(holding=(text.strip(),)) if text.strip() else Conditions()


def _next(text: str, names: Mapping[str, str]) -> tuple[str, str, str] | None:
    """The first condition of a text: what stands before it, its name or expression, and what stands behind that.

    Behind other words the value must follow the colon at once, so that a sentence like "the note: hello" can be found.
    """
    known = "|".join(map(re.escape, sorted(names.values(), key=len, reverse=True)))
    for found in re.finditer(rf"(?<!\S)(?:({_EXPRESSION})(?=\s|$)|({known}):)", text, re.IGNORECASE | re.DOTALL):
        before, behind = text[: found.start()].strip(), text[found.end() :]
        if found[1] or not before or (behind and not behind[0].isspace()):
            return before, found[1] or found[3], behind
    return None


def _lengths(wanted: str, said: str) -> tuple[int, int]:
    """The least and the most tokens that are wanted; 0 for no limit."""
    typed, usual = wanted.strip(), f"Write it like {said}5-10, 12- or -8."
    hyphens = _HYPHENS.fullmatch(typed)
    span = whole_numbers_that("..".join(hyphens.groups()) if hyphens else typed)
    if span is None:
        raise UsageError(f"{said}{wanted!r} is no range.", usual)
    least, most = max(span[0] or 0, 0), span[1]
    if most is not None and most < 1:
        raise UsageError("No sentence has 0 tokens.", usual)
    if most is not None and least > most:
        sign = "-" if hyphens else ".." if ".." in typed else ""
        several = _span(least, most) if sign else f"{typed} tokens"
        raise UsageError(f"No sentence has {several}.", f"Write {said}{most}{sign}{least}." if sign else usual)
    return least, most or 0


def _span(least: int, most: int) -> str:
    """How many tokens, in words."""
    if most and max(least, 1) == most:
        return f"{most} token" if most == 1 else f"{most} tokens"
    return f"{least or 1} to {most} tokens" if most else f"{least} or more tokens"
