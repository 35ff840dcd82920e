"""Running text to sentences, with the library sentencex (its rules run in Rust).

Whether a file holds one sentence a line or running text is decided on its first 1,000 lines that are not empty:

- if at most one line in ten holds several sentences, every line is one sentence and stays as it is;
- otherwise the text is running text and is split. If fewer than half of the lines end as a sentence ends, most go on in
  small letters and most are nearly as long as the longest, they are taken for lines of a fixed width and joined up to
  the next empty line before splitting.

On the sentence files this was tried on, one line in a hundred holds several sentences; in novels it is one in
three and more. Records (of .jsonl, .csv, .parquet) are judged in the same way, but never joined with each other. The
lines within one are, up to the next empty line, where fewer than half of them end as a sentence ends and most go on in
small letters; else they are sentences of their own. A line end that is written out, as the two characters `\\n`, counts
as one.

Text that is cut into words already (`engine/corpus/tokenised/`) is left as it is, a sentence a line. Where only its
clitics stand apart (`it 's`, `do n't`: at least one text in twenty), these are put together again, so that our own
rules find them.
"""

from __future__ import annotations

import html
import re
from functools import partial
from itertools import chain, pairwise

import sentencex

from engine.corpus.beside.texts import Gathered, changed, divided_up, values_beside
from engine.corpus.reading import BATCH, HUGE, Blocks, Reading
from engine.corpus.tokenised.signs import cut_already
from engine.corpus.unspaced.languages import LIBRARIES, NAMES, check_library, language_of

_LOOK_AT = 1000
_LOOK_AT_BLOCKS = 100  # a file of nearly nothing but empty lines must not be gathered whole
_SEVERAL = 0.1
_DIVISIBLE = re.compile(r"[.!?…][\"'”’)\]]*\s+\S|[。！？][」』”’）]*\s*[^\s」』”’）。！？]|[।॥۔։።؟]\s*\S")
_CUT_BEFORE = re.compile(r"(?<=\w) (n't|'(?:s|re|ve|ll|d|m))(?= |$)", re.IGNORECASE | re.MULTILINE)
_CUT_SHARE = 0.05
_SENTENCE_MARK = re.compile(r"^\s*(?:<s>|<bos>|<sos>)(?=\s)|(?<=\s)(?:</s>|<eos>)\s*$", re.IGNORECASE)
"""The start and the end of a sentence, as texts for language models write them: our models add their own."""
_HTML = re.compile(r"&(?:apos|quot|amp|lt|gt|nbsp|#\d{2,5});|<br\s*/?>", re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_PARAGRAPH = 40
"""Words of the longest line that is taken for a sentence by itself, where words are cut already."""
_APART_END = re.compile(r"(?<=\s[.!?])\s+(?![\"'”’)]|-r[rsc]b-)|(?<=\s[.!?]\s['\"”])\s+|(?<=\s[.!?]\s'')\s+")
"""Behind a mark that ends a sentence and stands apart, and behind the quote that follows it."""
_HEADING = re.compile(r"\s*((?:= )+)[^=\s].*?((?: =)+)\s*")
"""A title between equals signs, as WikiText writes it."""
_FULL, _MOSTLY = 0.6, 0.6
"""Of the width of lines that are cut at one, most have so much: the last of a paragraph has less."""
_GOES_ON = 0.7
"""Share of the lines behind one that is no end which go on in small letters, where lines are cut at a width."""
_WRITTEN_OUT = re.compile(r"\\r?\\n|\\n")
_WRITTEN_SHARE = 0.01
_ENDED = re.compile(r"[.!?…:;。！？।॥۔։።؟][」』”’）]*\s*$|[.!?…:;][\"'”’)\]*_]*\s*$")


def looks_divisible(text: str) -> bool:
    """Whether a mark that can end a sentence stands before the end; a cheap test that saves most calls."""
    return _DIVISIBLE.search(text) is not None


def split_sentences(text: str) -> list[str]:
    """The sentences of a line or paragraph of English, without the space around them; empty ones are left out."""
    return [stripped for sentence in sentencex.segment("en", text) if (stripped := sentence.strip())]


def divided(texts: Blocks, reading: Reading, *, lines: bool) -> Blocks:
    """Yield the sentences of a file, by the rule at the top of this module.

    Args:
        texts: lines without their ends, or whole records.
        reading: is told what was decided.
        lines: whether a text is a line of a file, so that neighbours may belong together.
    """
    first: list[list[str]] = []
    sample: list[str] = []
    for block in texts:
        first.append(block)
        sample += [text for text in block if text.strip()][: _LOOK_AT - len(sample)]
        if len(sample) >= _LOOK_AT or len(first) >= _LOOK_AT_BLOCKS:
            break
        yield []
    everything = chain(first, texts)
    if sum(_HTML.search(text) is not None for text in sample) > _WRITTEN_SHARE * len(sample):
        reading.note("Signs of HTML (&amp;, <br />) are read as what they stand for.")
        everything = chain(_without_html(everything))
        sample = [_plain(text) for text in sample]
    given = _words_are_given(sample, reading)
    if given:
        if any(_SENTENCE_MARK.search(text) for text in sample):
            reading.note("Marks of the start and the end of a sentence are left out (<s>, </s>): models add their own.")
            everything = chain(_without_ends(everything))
        if any(_HEADING.fullmatch(text) for text in sample):
            reading.note("Headings (= Title =) are left out.")
            everything = chain(_without_headings(everything, reading))
    elif sample and sum(_CUT_BEFORE.search(text) is not None for text in sample) >= _CUT_SHARE * len(sample):
        reading.note("The text was cut into words before (as in “do n't”): they are put together and cut anew.")
        everything = chain(_put_together(everything))
    if _writes_line_ends(sample):
        reading.note("Line ends are written out in the text, as \\n: they are read as such.")
        everything = chain(_with_line_ends(everything))
        sample = [_WRITTEN_OUT.sub("\n", text) for text in sample]
    if not lines and any("\n" in text for text in sample):
        if _wrapped(sample):
            reading.note("The records are wrapped into lines: these are joined up to the next empty line.")
            everything = chain(_unwrapped(everything))
            sample = [_joined(text) for text in sample]
        else:
            reading.note("The lines of a record are read as sentences of their own.")
            everything = chain(_lines_apart(everything))
    if given:
        if _holds_paragraphs(sample):
            reading.note("The lines hold several sentences each: they are split behind the marks that stand apart.")
            everything = chain(_split_at_marks(everything))
        yield from everything
        return
    several = sum(looks_divisible(text) and len(split_sentences(text)) > 1 for text in sample)
    if several <= _SEVERAL * len(sample):
        yield from everything
        return
    if lines and _has_fixed_width(sample):
        reading.note(
            "The text is wrapped into lines: they are joined up to the next empty line and split into sentences."
        )
        everything = chain(_paragraphs(everything))
    else:
        reading.note(f"The {'lines' if lines else 'records'} hold several sentences each: they are split.")
    batch = Gathered()
    for block in everything:
        for text, values in zip(block, values_beside(block), strict=True):
            # Other separators of Unicode than the line feed are white space within a line.
            for line in text.removesuffix("\n").split("\n") if text else ():
                batch.add(split_sentences(line) if looks_divisible(line) else (line,), values)
            if len(batch) >= BATCH:
                yield batch.taken()
        yield []
    yield batch.taken()


def _words_are_given(sample: list[str], reading: Reading) -> bool:
    """Whether words are what stands between spaces; else, in which language without spaces between words the text is.

    Of several files, the first decides for all.
    """
    found = cut_already(sample)
    if reading.given is None:
        reading.given = reading.tokenised if reading.tokenised is not None else found
        reading.language = "" if reading.given else language_of(sample)
        if reading.given and reading.tokenised is None:
            reading.note(
                "The text is cut into words already (as in “it 's here .”): words are what stands between spaces. "
                "--no-tokenised cuts them anew, --lower reads them in small letters."
            )
        if reading.language:
            check_library(reading.language)
            name, library = NAMES[reading.language], LIBRARIES[reading.language]
            reading.note(f"The text is {name}: its words are cut by {library}.")
    elif sample and not reading.word_lists and reading.given != found and reading.tokenised is None:
        reading.note(
            "Some files are cut into words already and others are not: all are read like the first. --tokenised or "
            "--no-tokenised says which way."
        )
    return reading.given


def _without_ends(blocks: chain[list[str]]) -> Blocks:
    for block in blocks:
        yield changed(block, partial(_SENTENCE_MARK.sub, ""))


def _without_html(blocks: chain[list[str]]) -> Blocks:
    for block in blocks:
        yield changed(block, lambda text: _plain(text) if "&" in text or "<" in text else text)


def _plain(text: str) -> str:
    """A text with its line breaks of HTML as spaces, and its entities as what they stand for."""
    return html.unescape(_BREAK.sub(" ", text))


def _holds_paragraphs(sample: list[str]) -> bool:
    """Whether most words of a text that is cut already are in lines of several sentences that are too long for one."""
    long = [text for text in sample if text.count(" ") > _PARAGRAPH and len(_APART_END.findall(text)) > 1]
    return 2 * sum(map(len, long)) > sum(map(len, sample))


def _split_at_marks(blocks: chain[list[str]]) -> Blocks:
    for block in blocks:
        yield divided_up(block, _APART_END.split)


def _is_heading(text: str) -> bool:
    return text.lstrip().startswith("= ") and _HEADING.fullmatch(text) is not None


def _without_headings(blocks: chain[list[str]], reading: Reading) -> Blocks:
    for block in blocks:
        kept = divided_up(block, lambda text: () if _is_heading(text) else (text,))
        if len(kept) < len(block):
            reading.dropped["heading"] += len(block) - len(kept)
        yield kept


def _with_line_ends(blocks: chain[list[str]]) -> Blocks:
    for block in blocks:
        yield changed(block, partial(_WRITTEN_OUT.sub, "\n"))


def _writes_line_ends(sample: list[str]) -> bool:
    """Whether line ends are written out; not so where small letters follow most of them, as in `\\nu` and `\\nabla`."""
    holding = [text for text in sample if "\\n" in text]
    following = [found[1] for text in holding for found in re.finditer(r"\\n(?=(.?))", text)]
    small = sum(sign.islower() for sign in following)
    return len(holding) > _WRITTEN_SHARE * len(sample) and small < len(following) / 2


def _has_fixed_width(sample: list[str]) -> bool:
    """Whether lines are cut at a width: few end as a sentence ends, what follows those goes on in small letters, and
    most are nearly full.
    """
    open_ended = [following for line, following in pairwise(sample) if _ENDED.search(line) is None]
    small = sum(text.lstrip()[:1].islower() for text in open_ended)
    width = sorted(map(len, sample))[int(0.9 * (len(sample) - 1))]
    full = sum(len(text) >= _FULL * width for text in sample)
    return (
        len(open_ended) > (len(sample) - 1) / 2 and small > _GOES_ON * len(open_ended) and full > _MOSTLY * len(sample)
    )


def _lines_apart(blocks: chain[list[str]]) -> Blocks:
    for block in blocks:
        yield divided_up(block, lambda text: filter(str.strip, text.split("\n") if "\n" in text else [text]))


def _wrapped(sample: list[str]) -> bool:
    """Whether the lines of records break within sentences: few end as one ends, and most go on in small letters."""
    pairs = [pair for text in sample for pair in pairwise(text.split("\n")) if pair[0].strip() and pair[1].strip()]
    if not any(letter.isupper() for text in sample for letter in text):
        return False  # where all letters are small they tell nothing
    ended = sum(_ENDED.search(line) is not None for line, _ in pairs)
    small = sum(following.lstrip()[:1].islower() for _, following in pairs)
    return bool(pairs) and ended < len(pairs) / 2 < small


def _unwrapped(blocks: chain[list[str]]) -> Blocks:
    for block in blocks:
        yield changed(block, _joined)


def _joined(text: str) -> str:
    """The lines of a text joined up to the next empty one."""
    paragraphs = re.split(r"\n[^\S\n]*\n", text) if "\n" in text else [text]
    return "\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs)


def _put_together(blocks: chain[list[str]]) -> Blocks:
    for block in blocks:
        yield changed(block, partial(_CUT_BEFORE.sub, r"\1"))


def _paragraphs(blocks: chain[list[str]]) -> Blocks:
    """Join lines up to the next empty one; a paragraph without an end is cut where it gets huge."""
    paragraph: list[str] = []
    size = 0
    for block in blocks:
        whole = []
        for line in block:
            stripped = line.strip()
            if stripped:
                paragraph.append(stripped)
                size += len(stripped)
            if paragraph and (not stripped or size > HUGE // 10):
                whole.append(" ".join(paragraph))
                paragraph, size = [], 0
        yield whole
    if paragraph:
        yield [" ".join(paragraph)]
