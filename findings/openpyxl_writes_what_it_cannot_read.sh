#!/usr/bin/env bash
# openpyxl 3.1.5: some characters make a workbook that openpyxl itself cannot read any more.
#
# Behaviour: a text with U+0001 is refused as soon as it is put into a cell. One with U+FFFE or U+FFFF, or with half of a
# surrogate pair, which XML 1.0 cannot hold either, is taken and saved without a word, and the workbook can then not be
# read, all of it lost. Whoever writes text of unknown origin has to replace these first.
# Seen with Python 3.11.7 and openpyxl 3.1.5, without lxml:
#   U+0001: refused (IllegalCharacterError)
#   U+FFFE, U+FFFF: saved, then not read (ParseError: not well-formed (invalid token): line 1, column 400)
#   U+D800: saved, then not read (ParseError: reference to invalid character number: line 1, column 400)
#
# Needs Python 3.11 or newer and pip. Ends with 0 if it is still so, with 1 if it has changed.
set -euo pipefail

python=${PYTHON:-python3}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check openpyxl==3.1.5

cat > "$place/characters.py" <<'PYTHON'
import platform
import sys

import openpyxl
from openpyxl.utils.exceptions import IllegalCharacterError

path = sys.argv[1]


def outcome(text):
    book = openpyxl.Workbook()
    try:
        book.active["A1"] = text
    except IllegalCharacterError as error:
        return f"refused ({type(error).__name__})"
    book.save(path)
    try:
        return f"saved, read: {openpyxl.load_workbook(path).active['A1'].value == text}"
    except Exception as error:
        return f"saved, then not read ({type(error).__name__}: {error})"


print(f"Python {platform.python_version()}, openpyxl {openpyxl.__version__}")
found = {code: outcome(f"a{chr(code)}b") for code in (0x41, 0x01, 0xFFFE, 0xFFFF, 0xD800)}
for code, words in found.items():
    print(f"U+{code:04X}: {words}")
same = (
    found[0x41] == "saved, read: True"
    and found[0x01].startswith("refused")
    and all(found[code].startswith("saved, then not read (ParseError") for code in (0xFFFE, 0xFFFF, 0xD800))
)
sys.exit(not same)
PYTHON
"$place/venv/bin/python" "$place/characters.py" "$place/book.xlsx"
