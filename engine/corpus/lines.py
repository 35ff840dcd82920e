"""Lines of text files, plain or compressed, without ever holding more than a block of the file.

Text must be UTF-8, or UTF-16 with its mark, unless another encoding is asked for. A file that is not, or that is no
text at all, is refused with the place where this shows. A line of more than a million bytes is no sentence: it may be
a whole book, whose sentences are then handed on instead. Where it has no end of a sentence either, it is skipped and
counted.
"""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections.abc import Generator, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import zstandard

from engine.corpus.reading import HUGE, Blocks, Reading
from engine.corpus.sentences import looks_divisible, split_sentences
from engine.errors import LoomError, from_os_error

_BLOCK = 1 << 18
_ZST_STEP = 4096  # compressed bytes at a time: they can grow a lot
BROKEN = (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError)
"""What reading a damaged compressed file raises."""

_END = re.compile(rb"(?:[.!?]|\xe2\x80\xa6)(?:[\"')\]]|\xe2\x80[\x99\x9d])*\s")  # of a sentence, in UTF-8

_MAGIC = {
    b"%PDF-": "is a PDF document",
    b"PK\x03\x04": "is a zip archive or an office document",
    b"\x1f\x8b": "is compressed with gzip, but its name does not end in .gz",
    b"\x28\xb5\x2f\xfd": "is compressed with zstd, but its name does not end in .zst",
    b"PAR1": "is a Parquet file, but its name does not end in .parquet",
}
_CONTROLS = re.compile("[\x80-\x84\x86-\x9f]")
_UTF_16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def line_blocks(path: Path, reading: Reading, *, numbered: bool = False) -> Blocks:
    """Yield the lines of a .txt-like, .gz or .zst file, without their ends, many at a time.

    `reading.done` grows by the bytes of the file on the disk; a huge line is counted in `reading.dropped`.

    Args:
        path: the file.
        reading: is kept up to date.
        numbered: whether to put an empty line for each huge one, for those who count lines.

    Raises:
        LoomError: the file cannot be read, is no UTF-8 text (line and byte are named) or is damaged.
    """
    line, received, rest = 1, 0, b""
    huge = ""  # while inside a huge line: "cut" or "skipped", what is done to it
    blocks = byte_blocks(path, reading)
    while True:
        try:
            block = next(blocks, b"")
        except BROKEN as error:
            if isinstance(error, gzip.BadGzipFile | zstandard.ZstdError) and received == 0:
                how = "gzip" if path.suffix.lower() == ".gz" else "zstd"
                raise LoomError(
                    f"{path} is not compressed with {how}, though its name ends in {path.suffix}, or it is damaged.",
                    "Rename it if it is plain text, or copy or download it again.",
                ) from error
            reason, where = str(error) or type(error).__name__, f"after line {line - 1}" if line > 1 else "in line 1"
            raise LoomError(
                f"{path} is damaged or cut off {where}: {reason}.",
                "Copy or download it again.",
            ) from error
        except OSError as error:
            raise from_os_error(error, f"reading {path}") from error
        if not block:
            break
        _refuse_binary(path, block, line + rest.count(b"\n"), received)
        received += len(block)
        if huge:
            end = block.find(b"\n") + 1
            if huge == "cut":
                rest += block[: end or None]
            if end:
                block = block[end:]
                yield split_sentences(_text(path, rest, line, received - len(block) - len(rest)))
                line, rest, huge = line + 1, b"", ""
            elif huge == "skipped":
                yield []
        if not huge:
            head, newline, tail = block.rpartition(b"\n")
            if newline:
                start = received - len(block) - len(rest)
                # The last line feed is gone; so is the carriage return that belongs to it.
                yield _lines(_text(path, (rest + head).removesuffix(b"\r"), line, start), reading, numbered)
                line += head.count(b"\n") + 1
                rest = tail
            else:
                rest += block
        if len(rest) > HUGE:
            start = received - len(rest)
            # Old Macintosh files have no other line ends than these.
            head, newline, tail = rest[:-1].rpartition(b"\r")
            if newline and not huge:
                yield _lines(_text(path, head, line, start), reading, numbered)
                rest = tail + rest[-1:]
            elif not numbered and (ends := [each.end() for each in _END.finditer(rest)]):
                yield split_sentences(_text(path, rest[: ends[-1]], line, start))
                rest, huge = rest[ends[-1] :], "cut"
            else:
                reading.dropped["huge_line"] += 1
                yield [""] if numbered else []
                rest, huge = b"", "skipped"
    if rest:
        text = _text(path, rest, line, received - len(rest))
        yield split_sentences(text) if huge else _lines(text, reading, numbered)


def _text(path: Path, data: bytes, line: int, start: int) -> str:
    """`data`, which begins with line number `line` at byte `start` of the text; line ends become line feeds."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        at = line + data.count(b"\n", 0, error.start)
        raise LoomError(
            f"{path} is not UTF-8 text: line {at}, byte {start + error.start} of the text, "
            f"holds 0x{data[error.start]:02x}.",
            "Say how it is written, most often with --encoding windows-1252, or convert it to UTF-8.",
        ) from error
    if start == 0:
        text = text.removeprefix("\ufeff")
    # Line ends of Windows and of old Macintosh files; other separators of Unicode are white space inside a line.
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def _lines(text: str, reading: Reading, numbered: bool) -> list[str]:
    """The lines of a text; a huge one gives its sentences, or nothing, or an empty line where they are `numbered`."""
    lines = text.split("\n")
    if len(text) <= HUGE or all(len(line) <= HUGE for line in lines):
        return lines
    kept: list[str] = []
    for line in lines:
        if len(line) <= HUGE:
            kept.append(line)
        elif not numbered and looks_divisible(line):
            kept += split_sentences(line)
        else:
            reading.dropped["huge_line"] += 1
            kept += [""] if numbered else []
    return kept


def _refuse_binary(path: Path, block: bytes, line: int, received: int) -> None:
    if received == 0:
        for magic, what in _MAGIC.items():
            if block.startswith(magic):
                raise LoomError(f"{path} {what}; it cannot be read as text.", "Save it as plain UTF-8 text first.")
    at = block.find(0)
    if at >= 0:
        line += block.count(b"\n", 0, at)
        raise LoomError(
            f"{path} is not a text file: byte {received + at}, on line {line}, is zero.",
            "Choose a text file. If this is text in UTF-16 without its mark, add --encoding utf-16-le (or utf-16-be).",
        )


def is_text_encoding(name: str) -> bool:
    """Whether bytes can be read as text by an encoding of that name, block by block."""
    try:
        decoder = codecs.getincrementaldecoder(name)()
        return isinstance(decoder.decode(b"", True), str) and isinstance("".encode(name), bytes)
    except (LookupError, ValueError, TypeError, UnicodeError):
        return False


def byte_blocks(path: Path, reading: Reading) -> Generator[bytes, None, None]:
    """The bytes of a file, decompressed, in UTF-8 if it is text; keeps `reading.done` up to date."""
    before = reading.done
    with open(path, "rb") as raw:
        for block in _in_utf_8(path, _decompressed(path, raw), reading.encoding):
            reading.done = before + raw.tell()
            if block:
                yield block
        reading.done = before + raw.tell()


def _in_utf_8(path: Path, blocks: Iterator[bytes], encoding: str | None) -> Iterator[bytes]:
    """The blocks of a file in UTF-8, whatever its mark or the encoding that was asked for says."""
    first = next(blocks, b"")
    name = encoding or _UTF_16.get(first[:2])
    if name is None:
        yield first
        yield from blocks
        return
    decoder = codecs.getincrementaldecoder(name)()
    received = 0
    for block in chain([first], blocks, [b""]):
        try:
            text = decoder.decode(block, final=not block)
            _refuse_controls(path, name, text)
        except UnicodeError as error:
            says = f"is not written in {encoding}" if encoding else "begins as UTF-16 and is not"
            where = (
                f"near byte {received + error.start} of the text, {error.reason}"
                if isinstance(error, UnicodeDecodeError)
                else str(error)
            )
            raise LoomError(
                f"{path} {says}: {where}.",
                "Leave out --encoding, or name another one."
                if encoding
                else "Copy or download it again, or save it as UTF-8.",
            ) from error
        received += len(block)
        yield text.encode("utf-8")


def _refuse_controls(path: Path, encoding: str, text: str) -> None:
    """Refuse what Windows-1252 has letters for and Latin-1 only control signs, which would be lost."""
    if codecs.lookup(encoding).name == "iso8859-1" and (found := _CONTROLS.search(text)) is not None:
        raise LoomError(
            f"{path} holds the byte 0x{ord(found.group()):02x}, which is no letter in {encoding}.",
            "It is most likely written in Windows-1252: --encoding windows-1252.",
        )


def _decompressed(path: Path, raw: BinaryIO) -> Generator[bytes, None, None]:
    suffix = path.suffix.lower()
    if suffix == ".zst":
        yield from _zst(raw)
        return
    stream = gzip.open(raw) if suffix == ".gz" else raw  # noqa: SIM115 - holds nothing beside `raw`
    while block := stream.read(_BLOCK):
        yield block


def _zst(raw: BinaryIO) -> Generator[bytes, None, None]:
    """Decompress one or more zstd frames; a frame without its end raises EOFError, which `stream_reader` would not."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=1 << 31)
    frame = decompressor.decompressobj()
    inside, parts, size = False, [], 0
    while chunk := raw.read(_ZST_STEP):
        while chunk:
            inside = True
            data = frame.decompress(chunk)
            parts.append(data)
            size += len(data)
            chunk = b""
            if frame.eof:
                chunk = frame.unused_data
                frame, inside = decompressor.decompressobj(), False
        if size >= _BLOCK:
            yield b"".join(parts)
            parts, size = [], 0
    if parts:
        yield b"".join(parts)
    if inside:
        raise EOFError("the compressed data ends too early")
