#!/usr/bin/env bash
# pyqtgraph 0.14.0 with PySide6 6.11.0 or 6.12.0: its SVG exporter fails on every plot.
#
# Behaviour: Qt's QSvgGenerator ends a closed path with a "Z" of its own ("M0,0 L10,0 L10,10 L0,10 L0,0 Z"), and pyqtgraph
# takes every piece of a path for a pair of numbers. An axis alone has such a path, so that a plot without a single curve
# fails as well. Drawing the scene into a QSvgGenerator, without pyqtgraph's exporter, works.
# Seen with Python 3.11.7, PySide6-Essentials 6.11.0 (Qt 6.11.0) and pyqtgraph 0.14.0 on Linux:
#   the exporter, with a curve: ValueError: not enough values to unpack (expected 2, got 1)
#   the exporter, without one: ValueError: not enough values to unpack (expected 2, got 1)
#   the scene, drawn by Qt: 1 line of 3 points
#
# Needs Python 3.11 or newer and pip. Ends with 0 if it is still so, with 1 if it has changed.
set -euo pipefail

python=${PYTHON:-python3}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$python" -m venv "$place/venv"
version=$("$python" -c 'import sys; print("6.12.0" if sys.version_info >= (3, 12) else "6.11.0")')
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    "PySide6-Essentials==$version" pyqtgraph==0.14.0 numpy==2.4.6

cat > "$place/plot.py" <<'PYTHON'
import os
import platform
import re
import sys

import PySide6
import pyqtgraph
from pyqtgraph.exporters import SVGExporter
from PySide6.QtCore import QBuffer, QIODevice, QSize
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgGenerator


def exported(curve):
    widget = pyqtgraph.PlotWidget()
    if curve:
        widget.plot([0, 1, 2], [1, 4, 9])
    try:
        return f"{len(SVGExporter(widget.getPlotItem()).export(toBytes=True))} bytes"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def drawn():
    widget = pyqtgraph.PlotWidget()
    widget.resize(300, 200)
    widget.plot([0, 1, 2], [1, 4, 9], pen="k")
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(QSize(300, 200))
    painter = QPainter(generator)
    widget.scene().render(painter)
    painter.end()
    lines = re.findall('(?:polyline|path)[^>]*(?:points|d)="([^"]*)"', buffer.data().data().decode())
    lengths = [len(line.split()) for line in lines]
    return f"{lengths.count(3)} line of 3 points"


application = pyqtgraph.mkQApp()
print(f"Python {platform.python_version()}, PySide6 {PySide6.__version__}, pyqtgraph {pyqtgraph.__version__}")
with_curve, without, scene = exported(True), exported(False), drawn()
print(f"the exporter, with a curve: {with_curve}")
print(f"the exporter, without one: {without}")
print(f"the scene, drawn by Qt: {scene}")
sys.stdout.flush()
failure = "ValueError: not enough values to unpack (expected 2, got 1)"
os._exit(not (with_curve == without == failure and scene == "1 line of 3 points"))
PYTHON
QT_QPA_PLATFORM=offscreen "$place/venv/bin/python" "$place/plot.py"
