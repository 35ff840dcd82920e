#!/usr/bin/env bash
# HDF5 (h5py 3.16.0, HDF5 2.0.0): filters and texts of variable length.
#
# Behaviour: a dataset of variable-length texts takes gzip without a word, and gzip squeezes the pointers to the texts
# only, never the texts, which lie in a heap of the file; with a Fletcher-32 checksum the same dataset is refused. So
# texts stored this way are neither compressed nor covered by any checksum. The same bytes as one row of uint8 take both.
# Seen with 2,000 texts of 840 equal characters each:
#   plain: 1772200 bytes; gzip: 1744445 bytes; the same bytes as uint8, gzip and Fletcher-32: 10768 bytes
#   fletcher32: ValueError: Unable to synchronously create dataset (not suitable for filters)
#
# Needs Python 3.11 or newer and pip. Ends with 0 if it is still so, with 1 if it has changed.
set -euo pipefail

python=${PYTHON:-python3}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check h5py==3.16.0 numpy==2.4.6

cat > "$place/texts.py" <<'PYTHON'
import os
import sys

import h5py
import numpy as np

path = sys.argv[1]
texts = [("The cat sees a red boat today and again. " * 21)[:840].encode()] * 2000
variable = {"data": texts, "dtype": h5py.string_dtype("utf-8"), "chunks": (500,)}
row = {"data": np.frombuffer(b"".join(texts), np.uint8), "chunks": (1 << 17,)}


def size(**options):
    with h5py.File(path, "w") as file:
        file.create_dataset("texts", **options)
    return os.path.getsize(path)


plain, gzip = size(**variable), size(**variable, compression="gzip", compression_opts=9)
squeezed = size(**row, compression="gzip", compression_opts=9, fletcher32=True)
try:
    refused = f"accepted, {size(**variable, fletcher32=True)} bytes"
except ValueError as error:
    refused = f"ValueError: {error}"
print(f"h5py {h5py.__version__}, HDF5 {h5py.version.hdf5_version}")
print(f"plain: {plain} bytes; gzip: {gzip} bytes; the same bytes as uint8, gzip and Fletcher-32: {squeezed} bytes")
print(f"fletcher32: {refused}")
sys.exit(not (gzip > 0.95 * plain and squeezed < 0.1 * plain and "not suitable for filters" in refused))
PYTHON
"$place/venv/bin/python" "$place/texts.py" "$place/texts.h5"
