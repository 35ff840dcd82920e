"""Which language without spaces a text is written in, and its words, cut by a library that is made for it.

A text is Japanese if it has kana, Thai if it has Thai letters, else Chinese if it has Han characters; and only if these
are a good share of the letters of one line in ten, so that a name within English text changes nothing. It is decided
once for a text and kept with it: what a sentence is cut into depends on that and on nothing else.

The libraries are optional: rjieba (MIT), janome (Apache 2.0), pythainlp (Apache 2.0, its method `newmm`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from itertools import chain

from engine.errors import LoomError
from engine.unspaced_letters import HAN, KANA, THAI

_RUN = re.compile(f"[{HAN}{KANA}]+|[{THAI}]+")
_LETTERS = {"zh": re.compile(f"[{HAN}]"), "ja": re.compile(f"[{KANA}]"), "th": re.compile(f"[{THAI}]")}
_MARK = re.compile("[\u3001-\u303f\uff01-\uff65]")
"""Their punctuation, of full width."""
_SHARE, _LINES, _KANA_SHARE = 0.3, 0.1, 0.05
"""Of the letters of a line that are of such scripts; of such lines; and of their letters, kana in a Japanese text."""

NAMES = {"zh": "Chinese", "ja": "Japanese", "th": "Thai"}
"""The languages, by their codes in ISO 639-1."""
LIBRARIES = {"zh": "rjieba", "ja": "janome", "th": "pythainlp"}
"""What cuts them, by the names under which pip installs it."""


def language_of(sample: Sequence[str]) -> str:
    """The code of the language without spaces that a text is written in, "" for any other.

    Args:
        sample: lines of the text.
    """
    lines = [line for line in sample if _RUN.search(line) is not None and _unspaced_share(line) > _SHARE]
    if len(lines) <= _LINES * len(sample):
        return ""
    text = "".join(lines)
    han, kana, thai = (len(_LETTERS[code].findall(text)) for code in ("zh", "ja", "th"))
    if thai > han + kana:
        return "th"
    return "ja" if kana > _KANA_SHARE * (han + kana) else "zh"


def _unspaced_share(line: str) -> float:
    return sum(map(len, _RUN.findall(line))) / max(1, sum(map(str.isalpha, line)))


def segmented(tokens: Iterable[str], language: str) -> list[str]:
    """Tokens with their runs of letters without spaces cut into words.

    Args:
        tokens: of one sentence.
        language: one of `NAMES`.

    Raises:
        LoomError: the library of the language is not installed.
    """
    return list(chain.from_iterable(_words(token, language) for token in tokens))


def check_library(language: str) -> None:
    """Raise a LoomError unless the library of a language is installed."""
    _cutter(language)


@lru_cache(maxsize=200_000)
def _words(token: str, language: str) -> tuple[str, ...]:
    if token.isascii() or _RUN.search(token) is None:
        return (token,)
    cut, words, at = _cutter(language), list[str](), 0
    for run in _RUN.finditer(token):
        words += [token[at : run.start()]] if run.start() > at else []
        words += cut(run.group())
        at = run.end()
    words += [token[at:]] if at < len(token) else []
    return tuple(words)


@cache
def _cutter(language: str) -> Callable[[str], Sequence[str]]:
    try:
        if language == "zh":
            import rjieba

            return rjieba.cut
        if language == "ja":
            from janome.tokenizer import Tokenizer

            tokenizer = Tokenizer(wakati=True)
            return lambda text: list(map(str, tokenizer.tokenize(text, wakati=True)))
        from pythainlp.tokenize import word_tokenize

        return lambda text: word_tokenize(text, engine="newmm", keep_whitespace=False)
    except ImportError as error:
        library = LIBRARIES[language]
        raise LoomError(
            f"The text is {NAMES[language]}, which has no spaces between its words; {library}, which cuts it, is not "
            "installed.",
            f"Install it with: python -m pip install {library}; or give text whose words are cut, with --tokenised.",
        ) from error


def stands_close(before: str, word: str) -> bool:
    """Whether two neighbours are written without a space between them: both end in letters or marks of such scripts."""
    return bool(before and word) and _is_close(before[-1]) and _is_close(word[0])


def _is_close(sign: str) -> bool:
    return sign > "\u0dff" and (_RUN.match(sign) is not None or _MARK.match(sign) is not None)
