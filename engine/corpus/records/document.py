"""Texts in Word documents (.docx): their paragraphs.

The words are taken from the elements of the file, because `Paragraph.text` of python-docx lacks some that are in view
(findings/python_docx_leaves_out_words_of_a_paragraph.sh): insertions that were tracked, smart tags, content controls.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from engine.corpus.reading import BATCH, Blocks, Reading
from engine.errors import LoomError, from_os_error

_OUTSIDE = "not(ancestor::w:tbl or ancestor::w:txbxContent)"
_PARAGRAPHS = f".//w:p[{_OUTSIDE}]"
_PIECES = (
    ".//*[self::w:t or self::w:tab or self::w:br or self::w:cr or self::w:noBreakHyphen]"
    "[not(ancestor::w:del or ancestor::w:moveFrom or ancestor::w:pPr or ancestor::w:txbxContent)]"
)
_DAMAGED = (BadZipFile, KeyError, ValueError, AttributeError, EOFError, NotImplementedError, zlib.error)
_SIGNS = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def document_texts(path: Path, reading: Reading) -> Blocks:
    """Yield the paragraphs of a document in their order, lists too, with the changes that were tracked.

    Tables, text boxes, notes and headers are left out.

    Raises:
        LoomError: the file is damaged, or no Word document.
    """
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError
    from lxml.etree import LxmlError

    try:
        document = Document(str(path))
    except (PackageNotFoundError, LxmlError, *_DAMAGED) as error:
        raise LoomError(
            f"{path} cannot be read as a Word document: {error}.", "Copy it again, or save it as plain text in UTF-8."
        ) from error
    except OSError as error:
        raise from_os_error(error, f"reading {path}") from error
    if document.tables:
        reading.note(f"The tables of {path.name} are left out ({len(document.tables)}): its paragraphs are read.")
    paragraphs = [_text(each) for each in document.element.body.xpath(_PARAGRAPHS)]
    for start in range(0, len(paragraphs), BATCH):
        yield paragraphs[start : start + BATCH]
    reading.done += path.stat().st_size


def _text(paragraph: Any) -> str:
    """What a person reads of a paragraph."""
    pieces = ((each.tag.rpartition("}")[2], each.text) for each in paragraph.xpath(_PIECES))
    return "".join(_SIGNS.get(name, text or "") for name, text in pieces)
