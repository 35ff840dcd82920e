"""Texts in Word documents (.docx): their paragraphs."""

from __future__ import annotations

from pathlib import Path
from zipfile import BadZipFile

from engine.corpus.reading import BATCH, Blocks, Reading
from engine.errors import LoomError, from_os_error


def document_texts(path: Path, reading: Reading) -> Blocks:
    """Yield the paragraphs of a document in their order, lists too; tables, notes and headers are left out.

    Raises:
        LoomError: the file is damaged, or no Word document.
    """
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError
    from lxml.etree import LxmlError

    try:
        document = Document(str(path))
    except (PackageNotFoundError, BadZipFile, LxmlError, KeyError, ValueError, AttributeError, EOFError) as error:
        raise LoomError(
            f"{path} cannot be read as a Word document: {error}.", "Copy it again, or save it as plain text in UTF-8."
        ) from error
    except OSError as error:
        raise from_os_error(error, f"reading {path}") from error
    if document.tables:
        reading.note(f"The tables of {path.name} are left out ({len(document.tables)}): its paragraphs are read.")
    paragraphs = [paragraph.text for paragraph in document.paragraphs]
    for start in range(0, len(paragraphs), BATCH):
        yield paragraphs[start : start + BATCH]
    reading.done += path.stat().st_size
