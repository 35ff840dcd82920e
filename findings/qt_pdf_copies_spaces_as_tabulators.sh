#!/usr/bin/env bash
# Qt 6.11 (PySide6-Essentials 6.11.0 and 6.12.0): PDF files whose spaces come out as tabulators, and some figures as
# private signs.
#
# Behaviour: QPdfWriter writes for every font a table that says which sign a glyph stands for, which is what readers copy
# and search. Where a font has one glyph for space and tabulator, the table says tabulator (0009), so that "two words" is
# not found. Glyphs that a font feature has put in the place of others, as "tnum" does with figures, stand there as
# private signs (E000 to F8FF) or not at all.
# Seen with Python 3.11.7, PySide6-Essentials 6.11.0 and Inter-Regular.otf of assets/fonts on Linux, for "a 1":
#   no features: 0061 0009 0031
#   tnum: 0061 0009 E072
#
# Needs Python 3.11 or newer and pip, and a font to read: FONT=file.otf, else the one of this repository.
# Ends with 0 if it is still so, with 1 if it has changed.
set -euo pipefail

python=${PYTHON:-python3}
font=${FONT:-$(dirname "$0")/../assets/fonts/Inter-Regular.otf}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$python" -m venv "$place/venv"
version=$("$python" -c 'import sys; print("6.12.0" if sys.version_info >= (3, 12) else "6.11.0")')
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check "PySide6-Essentials==$version"

cat > "$place/signs.py" <<'PYTHON'
import os
import platform
import re
import sys

import PySide6
from PySide6.QtCore import QBuffer, QIODevice, QPointF
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication, QPainter, QPdfWriter

application = QGuiApplication(sys.argv[:1])
family = QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(sys.argv[1]))[0]


def signs(features):
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    painter = QPainter(writer)
    font = QFont(family)
    for feature in features:
        font.setFeature(QFont.Tag(feature), 1)
    painter.setFont(font)
    painter.drawText(QPointF(100, 100), "a 1")
    painter.end()
    tables = re.findall(rb"beginbfrange(.*?)endbfrange", buffer.data().data(), re.DOTALL)
    return [sign.decode() for table in tables for row in re.findall(rb"\[([^\]]*)\]", table)
            for sign in re.findall(rb"<(\w+)>", row)]


plain, tabular = signs([]), signs(["tnum"])
print(f"Python {platform.python_version()}, PySide6 {PySide6.__version__}, {family}")
print(f"no features: {' '.join(plain)}")
print(f"tnum: {' '.join(tabular)}")
sys.stdout.flush()
same = plain == ["0061", "0009", "0031"] and tabular[:2] == ["0061", "0009"]
same = same and not any(sign == "0031" for sign in tabular)
os._exit(not same)
PYTHON
QT_QPA_PLATFORM=offscreen "$place/venv/bin/python" "$place/signs.py" "$font"
