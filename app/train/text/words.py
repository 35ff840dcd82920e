"""What is said of a text that is to be prepared, derived by pure functions. No Qt."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from app.core.values import Stage
from app.train.text.state import Draft, TextState
from app.widgets.reading.marks import directed
from engine.corpus.preview.values import Example, PartSeen, Preview
from engine.errors import LoomError
from engine.workspace import checked_name

LONGEST = 40
"""Characters of a name that is suggested, at most."""
RESERVED = frozenset({"demo"})
"""The packaged text is prepared under this name."""

_ENDINGS = re.compile(r"\.(txt|jsonl|ndjson|json|csv|tsv|parquet|gz|zst)$", re.IGNORECASE)
_PART_NAMES = {"valid": "Validation", "test": "Test"}
_TRAINING = re.compile(r"[._ -]+(train|training|trn)$|^(train|training|trn)([._ -]+|$)", re.IGNORECASE)
_REASONS = {
    "too_short": "shorter than {min} tokens",
    "too_long": "longer than {max}",
    "empty": "empty",
    "heading": "headings",
    "huge_line": "lines of more than a million bytes",
    "not_text": "without text",
    "wide_row": "rows with more cells than the first",
    "short_row": "rows with fewer cells than the first",
}
_PARTS = {"source": "to learn from", "valid": "to validate", "test": "to test", "vocabulary_file": "the words known"}
_NAMES_OF_PARTS = {
    "source": {"train", "training", "trn"},
    "valid": {"valid", "validation", "val", "dev", "devel"},
    "test": {"test", "testing", "tst"},
    "vocabulary_file": {"vocab", "vocabulary"},
}
"""Words in the names of files that say which part of a text they are."""
_FIELDS = {
    "Give another one with --valid and --test.": "Choose another file.",
    "--vocabulary-file": "Vocabulary file",
    "--no-tokenised cuts them anew, --lower reads them in small letters.": "Choose otherwise with Words.",
    "--tokenised or --no-tokenised says which way.": "Say which way with Words.",
    "with --encoding windows-1252": "with Encoding: Windows-1252",
    "Leave out --encoding.": "Choose UTF-8 with Encoding.",
    "Leave out --encoding, or name another one": "Choose another one with Encoding",
    "--column NAME, just as it is written; given more than once, all are read.": "Column.",
    "--column NAME": "Column",
    "; --no-keep leaves that out.": ".",
    "--keep NAME, once for each, keeps those that you name and no others.": "Choose with Kept beside.",
    "Name one of them with --keep NAME, just as it is written, or leave out --keep.": "Choose others with Kept beside.",
    "Leave it out of --keep.": "Choose others with Kept beside.",
    "--separator NAME": "Separator",
    "--separator": "Separator",
    "--column": "the column",
    "--min-words": "Shortest",
    "--max-words": "Longest",
    "--vocabulary": "Vocabulary",
    "--test-fraction": "Test share",
    "--name NAME": "Name",
    "--workers 1": "fewer processes",
    "--seed or a smaller ": "",
    "--replace": "",
}
"""Options of the command, as the fields of the window are called."""


def suggested_name(source: str, taken: frozenset[str], parts: bool = False) -> str:
    """A name for the corpus of a file or folder that no other one has; `parts` says that it is a part of the text."""
    stem = Path(source).name
    while _ENDINGS.search(stem):
        stem = _ENDINGS.sub("", stem)
    if parts:  # of train.txt that of its folder, of ptb.train.txt the first word
        stem = _TRAINING.sub("", stem) or Path(source).parent.name
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).lstrip("._-").rstrip(".-")[:LONGEST] or "text"
    names = (stem, *(f"{stem}-{number}" for number in range(2, 10_000)))
    return next(name for name in names if not is_taken(name, taken))


def is_taken(name: str, taken: frozenset[str]) -> bool:
    """Whether there is a corpus of a name; some systems do not tell capitals apart."""
    return name.casefold() in {each.casefold() for each in taken | RESERVED}


def name_of(draft: Draft, taken: frozenset[str]) -> str:
    """The name the corpus is to have."""
    if draft.typed_name is not None:
        return draft.typed_name
    return suggested_name(draft.source, taken, bool(draft.valid or draft.test)) if draft.source else ""


def name_problem(name: str, taken: frozenset[str]) -> str:
    """Why a corpus cannot have this name, or ""."""
    try:
        checked_name(name, "corpus")
    except LoomError:
        return "letters, digits, '.', '_' and '-', starting with a letter or digit"
    return "there is a prepared text of this name; take another one" if is_taken(name, taken) else ""


def parts_of(paths: Sequence[Path]) -> dict[str, str]:
    """The parts of a text whose files say in their names which they are, as `ptb.train.txt`; by the fields of a draft.

    Nothing where one of them says none or two say the same, or none is to learn from.
    """
    parts: dict[str, str] = {}
    for path in paths:
        said = set(re.split(r"[^a-z]+", path.name.lower()))
        roles = [role for role, names in _NAMES_OF_PARTS.items() if said & names]
        if len(roles) != 1 or roles[0] in parts:
            return {}
        parts[roles[0]] = str(path)
    return parts if "source" in parts else {}


def taken_as_parts(parts: Mapping[str, str]) -> str:
    """What several files that were dropped are taken for."""
    told = (f"{Path(parts[role]).name} {what}" for role, what in _PARTS.items() if role in parts)
    return f"Taken as the parts of one text: {', '.join(told)}."


def doubled(draft: Draft) -> dict[str, str]:
    """Which of the given parts are the source or another part, in words."""
    seen, problems = {draft.source: "the text above"}, {}
    for key, name in (("valid", "the validation part"), ("test", "the test part")):
        file = draft.files[key]
        if file and file in seen:
            problems[key] = f"This is the same file as {seen[file]}: choose another one."
        elif file:
            seen[file] = name
    return problems


def file_problems(seen: Preview | None, draft: Draft) -> dict[str, str]:
    """What is wrong with the files that are given beside the source, and what to do, by their fields."""
    found = seen.problems if seen is not None else {}
    told = {
        key: f"{message} {hint_in_window(hint)}".strip() for key, (message, hint) in found.items() if draft.files[key]
    }
    return told | doubled(draft)


def can_prepare(state: TextState) -> bool:
    """Whether what is chosen can be prepared now."""
    seen = state.seen
    return (
        state.stage.kind == "ready"
        and seen is not None
        and seen.sentences > 0
        and not file_problems(seen, state.draft)
        and state.preparing.kind != "computing"
        and not name_problem(name_of(state.draft, state.taken), state.taken)
    )


def facts(seen: Preview, draft: Draft) -> list[tuple[str, str]]:
    """What was seen of a text: a name and its words each, from top to bottom."""
    return [
        ("Read", _extent(seen)),
        ("Sentences", _sentences(seen)),
        *((name, _part(seen.parts[key])) for key, name in _PART_NAMES.items() if key in seen.parts),
        *([("In two parts", _in_two(seen))] if seen.parts else []),
        ("Left out", _dropped(seen, draft)),
        ("Copies", f"{seen.copies:,} are there twice; they are kept" if seen.copies else "none"),
        ("Vocabulary", _vocabulary(seen, draft)),
        ("Unknown words", _unknown(seen)),
        ("Size", _size(seen)),
    ]


def example_html(example: Example, colour: str) -> str:
    """A sentence as its tokens, with those that are unknown in a colour over a dotted line."""
    style = f"color:{colour}; text-decoration:underline; text-underline-style:dotted;"
    marked = (escape(word) if known else f'<span style="{style}">{escape(word)}</span>' for word, known in example)
    return directed(" ".join(marked), " ".join(word for word, _ in example))


def hint_in_window(text: str) -> str:
    """The next step of an error with the fields of the window in place of the command's options."""
    for option, name in _FIELDS.items():
        text = text.replace(option, name)
    return text


def prepared_words(result: Mapping[str, Any]) -> str:
    """What the command came to, in a sentence."""
    train, valid, test = (result.get(part, 0) for part in ("train", "valid", "test"))
    validated = f", {valid:,} to validate" if valid else ""
    return f"{result.get('name')} is prepared: {train:,} sentences to learn from{validated}, {test:,} to test."


def progress(event: Mapping[str, Any]) -> Stage | None:
    """How far the command is; None where an event does not say."""
    if event.get("event") != "progress":
        return None
    done, total = float(event.get("done") or 0), event.get("total")
    fraction = min(1.0, done / float(total)) if total else None
    if str(event.get("stage")).startswith("reading the "):  # a part, most often small beside the text
        return Stage("computing", "Reading the given parts", "", None)
    words = {"reading": "Reading the text", "writing": "Writing the corpus"}.get(str(event.get("stage")), "Preparing")
    # what is written takes about a tenth of the time
    whole = None if fraction is None else 0.9 * fraction if event.get("stage") == "reading" else 0.9 + 0.1 * fraction
    return Stage("computing", words if whole is None else f"{words}: {whole:.0%}", "", whole)


def _extent(seen: Preview) -> str:
    if seen.whole:
        return "the whole text"
    share = f", about {_percent(seen.share)} of the text" if seen.share else ""
    read = seen.sentences + sum(seen.dropped.values())
    return f"a part: the first {read:,} sentences{share}. Everything below is told of this part."


def _sentences(seen: Preview) -> str:
    if "test" in seen.parts:
        return f"{seen.train:,} pass, all of them to learn from"
    words = f"{seen.sentences:,} pass: {seen.train:,} to learn from, {seen.test:,} to test"
    if seen.sentences and not seen.train:
        return f"{words}. There is none to learn from: take a smaller test share or more text"
    if seen.sentences and not seen.test:
        return f"{words}. There is none to test with: take more text, or a larger test share"
    return words


def _part(part: PartSeen) -> str:
    """What a part comes to that is given as a file."""
    begun = "" if part.whole else "of its beginning "
    unknown = f"{_percent(part.unknown_rate)} of the words unknown" if part.unknown_rate else "no word unknown"
    left_out = sum(part.dropped.values())
    return f"{begun}{part.sentences:,} pass, {unknown}" + (f", {left_out:,} left out" if left_out else "")


def _in_two(seen: Preview) -> str:
    """Which sentences stand in two parts: what was learned from is no test."""
    told = (f"{count:,} in {parts} alike" for parts, count in seen.in_two_parts.items())
    return ", ".join(told) or "no sentence"


def _dropped(seen: Preview, draft: Draft) -> str:
    found = sorted(((count, reason) for reason, count in seen.dropped.items() if count), reverse=True)
    if not found:
        return "none"
    told = [
        f"{count:,} {_REASONS.get(reason, reason.replace('_', ' ')).format(min=draft.min_words, max=draft.max_words)}"
        for count, reason in found
    ]
    return " · ".join(told)


def _vocabulary(seen: Preview, draft: Draft) -> str:
    if seen.vocabulary < draft.vocabulary:
        return f"{seen.vocabulary:,} words: all of the sentences to learn from"
    return f"the {seen.vocabulary:,} most common of {seen.words:,} different words"


def _unknown(seen: Preview) -> str:
    if not seen.unknown:
        return "none"
    common = ", ".join(f"{word} ({count:,})" if count > 1 else word for word, count in seen.unknown)
    return f"{_percent(seen.unknown_rate)} of the words, most often: {common}"


def _size(seen: Preview) -> str:
    number = seen.all_sentences
    if not seen.sentences or number is None:
        return "not known"
    tokens = seen.tokens * number / seen.sentences
    about = "" if seen.whole else "about "
    shown = number if seen.whole else float(f"{number:.2g}")
    length = seen.tokens / seen.sentences
    return f"{about}{shown:,.0f} sentences of {length:.1f} tokens on average, {about}{_count(tokens)} tokens"


def _count(number: float) -> str:
    return f"{number / 1e6:.1f} million" if number >= 1e6 else f"{number:,.0f}"


def _percent(share: float | None) -> str:
    percent = 100 * (share or 0)
    return f"{percent:.0f}%" if percent >= 10 else f"{percent:.1f}%" if percent >= 1 else f"{percent:.2g}%"
