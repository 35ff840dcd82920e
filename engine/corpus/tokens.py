"""Sentences to words and back.

Words are lower-cased and cut in the style of the Penn Treebank, as in the paper's corpora: `do n't`, `i 'll`,
punctuation apart, `mr.` and `u.s.` with their dots, `cannot` whole, `...` for any ellipsis, straight quotes only.
The rules run inside the Rust library `tokenizers`: a normaliser followed by one regular expression that matches a word.

What the rules cut out are tokens, which is what models read and numbers such as an edit distance count: words, and
punctuation marks too. What people count as words is another thing: `words_of`.

No rule looks past white space. So a piece between two spaces always gives the same words, and pieces already seen
are looked up instead of cut again, which makes large corpora more than five times faster.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from types import MappingProxyType

from tokenizers import PreTokenizedString, Regex, normalizers, pre_tokenizers

from engine.corpus.unspaced.languages import stands_close

BLANK = "___"
"""Stands for a missing word in a sentence that a person types."""
WRITTEN_BLANK = re.compile("__+")

_LETTER = r"[\p{L}\p{M}\p{N}]"
_NOT = rf"n't(?!{_LETTER})"
_CLITIC = rf"'(?:s|re|ve|ll|d|m)(?!{_LETTER})"
# Letters up to a "n't": `don't` gives `do`, the next match gives `n't`.
_RUN = rf"(?:(?!{_NOT}){_LETTER})+"
# Hebrew writes abbreviations with a quote before their last letter, which an ending may follow; `ה"מלך"` is a quote.
_GERSHAYIM = rf"(?<=[א-ת])\"(?=[א-ת](?!{_LETTER})|[א-ת](?:י?ים|י?ות|י?ת)(?!{_LETTER}|\"))"
_ABBREVIATION = "mr|mrs|ms|dr|st|prof|rev|hon|gen|col|capt|lt|sgt|gov|sen|rep|jr|sr|vs|etc|inc|ltd|corp|mt|ave|dept"
CLITICS = frozenset(("n't", "'s", "'re", "'ve", "'ll", "'d", "'m"))
_ABBREVIATIONS = frozenset(_ABBREVIATION.split("|"))
_WORD = "|".join(
    [
        r"\.\.\.",
        "--",
        "<unk>",
        _NOT,
        rf"(?<={_LETTER}){_CLITIC}",
        rf"(?<!{_LETTER})(?:(?:{_ABBREVIATION})\.|(?:\p{{L}}\.){{2,}})",
        rf"(?<!{_LETTER})'(?:em|til|tis|twas|cause)(?!{_LETTER})",
        r"\p{N}+(?:[.,:]\p{N}+)+\p{L}*",
        # Inner hyphens and apostrophes stay: `well-known`, `o'clock`, `y'all`.
        rf"{_RUN}(?:(?:-|(?!{_CLITIC})'|{_GERSHAYIM}){_RUN})*",
        r"\S",
    ]
)

_NORMALISE = normalizers.Sequence(
    [
        normalizers.NFC(),
        normalizers.Replace("\u200b", " "),  # a zero-width space parts words, unlike what only has no width
        normalizers.Replace(Regex(r"[\p{Cc}\p{Cf}]"), ""),
        normalizers.Replace(Regex("[\u2010\u2011]"), "-"),
        normalizers.Replace(Regex("[‘’‛ʼ′´`\u05f3]"), "'"),
        normalizers.Replace(Regex("[“”„‟«»″\u05f4]|''"), '"'),
        normalizers.Replace(Regex("[–—―]|-{2,}"), " -- "),
        normalizers.Replace(Regex(r"…|\.{2,}"), " ... "),
        normalizers.Lowercase(),
    ]
)
_CUT = pre_tokenizers.Split(Regex(_WORD), "removed", invert=True)

_SEEN_AT_MOST = 200_000


class _Seen(dict[str, tuple[str, ...]]):
    """The words of every piece looked up so far; a piece that is new is cut on the way."""

    def __missing__(self, piece: str) -> tuple[str, ...]:
        words = self[piece] = words_of_piece(piece)
        return words


_seen = _Seen()


def tokenize(text: str) -> list[str]:
    """Cut one sentence into words; white space of any kind separates, and none is left in a word."""
    return tokenize_batch([text])[0]


def tokenize_batch(texts: Iterable[str]) -> list[list[str]]:
    """Cut many sentences into words; the same as `tokenize` of each, and faster than calling it."""
    if len(_seen) > _SEEN_AT_MOST:
        _seen.clear()
    return [list(chain.from_iterable(map(_seen.__getitem__, text.split()))) for text in texts]


def cut(piece: str) -> tuple[str, ...]:
    """Cut a piece without white space by the rules themselves, without looking at what was seen before."""
    return tuple(word for word, _ in _CUT.pre_tokenize_str(_NORMALISE.normalize_str(piece)))


_APART = ',;:!?"()'


def words_of_piece(piece: str) -> tuple[str, ...]:
    """The same as `cut`, without the rules for what is plain: most new pieces are a word with marks around it.

    The marks of `_APART` are words of their own wherever they stand, and so is a full stop after plain letters that are
    no abbreviation.
    """
    core = piece.strip(_APART)
    if not core:
        return tuple(piece)
    words = _plain_words(core)
    if not words and core[-1] == "." and len(core) > 2 and core[:-1].lower() not in _ABBREVIATIONS:
        words = _plain_words(core[:-1])
        words = (*words, ".") if words else ()
    if not words:
        if '"' in core:  # of a quote within it, what follows decides
            return cut(piece)
        words = cut(core)
    if core == piece:
        return words
    start = piece.index(core)
    return (*piece[:start], *words, *piece[start + len(core) :])


def _plain_words(core: str) -> tuple[str, ...]:
    """The words of plain letters, with hyphens between them or an ending (`'s`, `n't`); () of any other."""
    if not core.isascii():
        return ()
    small = core.lower()
    if core.isalpha():
        return (small,)
    if (ending := small[-2:]) == "'s" and small[:-2].isalpha():
        return (small[:-2], ending)
    if (ending := small[-3:]) in CLITICS and small[:-3].isalpha():
        return (small[:-3], ending)
    return (small,) if all(map(str.isalpha, small.split("-"))) else ()


def plain_core(piece: str) -> str:
    """The word of a piece that is nothing but plain letters with marks around them, full stop too; "" of any other."""
    core = piece.strip(_APART)
    if core[-1:] == "." and len(core) > 2 and core[:-1].lower() not in _ABBREVIATIONS:
        core = core[:-1]
    return core if core.isascii() and core.isalpha() else ""


_SHOWN = {"``": '"', "''": '"'} | {
    form: sign
    for name, sign in {"lrb": "(", "rrb": ")", "lsb": "[", "rsb": "]", "lcb": "{", "rcb": "}"}.items()
    for form in (f"-{name}-", f"-{name.upper()}-")
}
"""How people read what texts that are cut already write for quotes and brackets."""
_JOINERS = {"@-@": "-", "@,@": ",", "@.@": ".", "@/@": "/"}
"""Marks within a word, as WikiText writes them: neither side has a space."""
_CLOSERS = frozenset((".", ",", "!", "?", ";", ":", "...", ")", "]", "}", "%", *"،؛؟۔"))
_OPENERS = frozenset(("(", "[", "{", "$", "£", "€", "#", "¿", "¡", "„", "‚"))
_DOTTED = frozenset(f"{abbreviation}." for abbreviation in _ABBREVIATIONS) | {"u.s.", "u.k.", "a.m.", "p.m."}
_ENDS = frozenset((".", "!", "?"))
_I = frozenset(("i", "i'm", "i'll", "i've", "i'd"))


def detokenize(words: Iterable[str], capitals: Mapping[str, str] = MappingProxyType({})) -> str:
    """Put words together for people: `do n't` as `don't`, a capital at the start, `I`, tidy spaces, quotes in pairs.

    A quote opens where none is open and closes otherwise; special words such as `<unk>` are kept as they are.

    Args:
        words: of one sentence.
        capitals: how words are written that are not written in small letters, as `Vocabulary.capitals`.
    """
    return "".join(text if joined else f" {text}" for text, joined in _pieces(list(words), capitals))


def _pieces(words: Sequence[str], capitals: Mapping[str, str]) -> list[tuple[str, bool]]:
    """For every word of a sentence how it is shown, "" for nothing, and whether no space stands before it."""
    pieces: list[tuple[str, bool]] = []
    glue = True  # whether the next word joins on without a space
    capital = True
    opened: set[str] = set()
    for index, word in enumerate(words):
        if word == "." and index and words[index - 1] in _DOTTED:
            pieces.append(("", True))  # "etc." at the end of a sentence has one dot
            continue
        joiner = _JOINERS.get(word)
        word = joiner or _SHOWN.get(word, word)
        joined = glue or joiner is not None or word in CLITICS or word in _CLOSERS
        glue = joiner is not None or word in _OPENERS
        if word in opened:
            opened.remove(word)
            joined = True
        elif word == '"' or (word == "'" and _opens_quote(words, index)):
            opened.add(word)
            glue = True
        elif word == "'":
            joined = True
        joined = joined or (index > 0 and stands_close(words[index - 1], word))
        shown = capitals.get(word) or ("I" + word[1:] if word in _I else word)
        if capital and any(letter.isalpha() for letter in shown):
            shown = shown if shown.startswith("<") else shown[:1].upper() + shown[1:]
            capital = False
        capital = capital or (word in _ENDS and joiner is None)
        pieces.append((shown, joined))
    return pieces


def cut_typed(text: str) -> tuple[str, ...]:
    """Cut a sentence that a person typed into tokens: as `tokenize`, but two underscores or more are one `BLANK`."""
    text = text.encode("utf-8", "replace").decode("utf-8")  # a terminal may hand over bytes that are no text
    parts = [tokenize(part) for part in WRITTEN_BLANK.split(text)]
    return tuple(chain(parts[0], *([BLANK, *part] for part in parts[1:])))


def is_word(token: str) -> bool:
    """Whether a token is a word and no punctuation: it has a letter or a digit, of any script.

    The unknown word `<unk>` and the blank `___` are words, as each stands for one.
    """
    return token == BLANK or (token not in _SHOWN and any(sign.isalnum() for sign in token))


def words_of(tokens: Iterable[str]) -> tuple[str, ...]:
    """The words of a sentence as people count them: without punctuation, and `do n't` or `i 'll` as one word."""
    return tuple(word for word, _ in whole_words(tokens))


def words_in(text: str) -> list[tuple[str, int, int]]:
    """The words of a text as in `words_of`, and where each stands: (word, start, end), end not included."""
    cuts: list[tuple[str, int, int]] = []
    for piece in re.finditer(r"\S+", text.encode("utf-8", "replace").decode("utf-8")):
        at = piece.start()
        cuts += [(token, at + start, at + end) for token, start, end in token_places(piece.group())]
    whole = whole_words(token for token, _, _ in cuts)
    return [(word, cuts[places[0]][1], cuts[places[-1]][2]) for word, places in whole]


@lru_cache(maxsize=20_000)
def token_places(piece: str) -> tuple[tuple[str, int, int], ...]:
    """The tokens of a piece without spaces, and where each stands in it."""
    cutting = PreTokenizedString(piece)
    cutting.normalize(_NORMALISE.normalize)
    _CUT.pre_tokenize(cutting)
    return tuple((token, start, end) for token, (start, end), _ in cutting.get_splits("original", "char"))


def written_tokens(text: str) -> tuple[str, ...]:
    """The tokens of a text with its own capitals."""
    written = ((token, piece[start:end]) for piece in text.split() for token, start, end in token_places(piece))
    return tuple(form if form.lower() == token else token for token, form in written)


def whole_words(tokens: Iterable[str]) -> list[tuple[str, range]]:
    """Words as people count them, each with the places of its tokens."""
    words: list[tuple[str, range]] = []
    after_word = False
    for place, token in enumerate(tokens):
        if after_word and token in CLITICS:
            word, places = words.pop()
            words.append((word + token, range(places.start, place + 1)))
            continue
        after_word = is_word(token)
        if after_word:
            words.append((token, range(place, place + 1)))
    return words


def join_words(words: Sequence[str], sentence: str = "") -> list[tuple[str, bool]]:
    """Words for people: (text, whether it is written without a space before it) for each, in order.

    The text is cut out of what `detokenize` makes of the whole sentence, so that marked and plain sentences read alike.

    Args:
        words: of one sentence.
        sentence: what `detokenize` made of these words with the capitals of a vocabulary; any other is not heeded.
    """
    pieces = _pieces(words, MappingProxyType({}))
    plain, at = "".join(text if glued else f" {text}" for text, glued in pieces), 0
    sentence = sentence if _same(sentence, plain) else plain
    joined: list[tuple[str, bool]] = []
    for text, glued in pieces:
        at += not glued
        # A capital can be longer than its small letter ("SS" for the German sharp s).
        length = next((n for n in range(len(text), len(text) + 3) if _same(sentence[at : at + n], text)), len(text))
        joined.append((sentence[at : at + length], glued and bool(joined)))
        at += length
    return joined


def _opens_quote(words: Sequence[str], index: int) -> bool:
    """Whether a single quote begins quoted words; else it is the apostrophe of a plural, as in `the dogs ' house`."""
    before = words[index - 1] if index else ""
    possessive = before.endswith("s") and before not in CLITICS
    return not possessive and "'" in words[index + 1 :]


def _same(shown: str, word: str) -> bool:
    return shown.casefold() == word.casefold()
