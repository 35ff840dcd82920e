#!/usr/bin/env bash
# python-docx 1.2.0: the text of a paragraph lacks inserted words that were tracked, and those in smart tags; paragraphs
# within content controls are not among those of the document.
#
# Behaviour: a Word document keeps what was inserted with "track changes" on in <w:ins>, what was recognised as a name
# or a date in <w:smartTag>, and a form's fields in <w:sdt>; all of it is in view and in print. `Paragraph.text` joins
# the runs and hyperlinks that are children of the paragraph, so that the sentence lacks a word and stays one, and
# `Document.paragraphs` gives the children of the body. Nothing tells of it.
# Seen with "The old dog slept." (tracked: old; tagged: dog) and a paragraph in a content control:
#   ['The  slept.']
#
# Needs Python 3.11 or newer and pip. Ends with 0 if it is still so, with 1 if it has changed.
set -euo pipefail

python=${PYTHON:-python3}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check python-docx==1.2.0

cat > "$place/words.py" <<'PYTHON'
import sys

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

W = nsdecls("w")
document = Document()
paragraph = document.add_paragraph("The ")
inserted = '<w:r><w:t xml:space="preserve">old </w:t></w:r>'
paragraph._p.append(parse_xml(f'<w:ins {W} w:id="1" w:author="A">{inserted}</w:ins>'))
paragraph._p.append(parse_xml(f'<w:smartTag {W} w:element="animal"><w:r><w:t>dog</w:t></w:r></w:smartTag>'))
paragraph.add_run(" slept.")
control = "<w:sdtContent><w:p><w:r><w:t>It was late.</w:t></w:r></w:p></w:sdtContent>"
document.element.body.insert(1, parse_xml(f"<w:sdt {W}>{control}</w:sdt>"))
document.save(sys.argv[1])

read = [paragraph.text for paragraph in Document(sys.argv[1]).paragraphs]
print(read)
sys.exit(0 if read == ["The  slept."] else 1)
PYTHON

"$place/venv/bin/python" "$place/words.py" "$place/a.docx"
