#!/usr/bin/env bash
# torch 2.13.0 on a CPU: under autocast to bf16 an LSTM raises on processors without AVX-512; a GRU does not.
#
# Behaviour: torch.autocast("cpu", dtype=torch.bfloat16) is documented for CPUs in general, and has its list of operations
# that go in bf16. An LSTM is given to oneDNN then, which has no such primitive for a processor without AVX-512, and its
# RuntimeError comes through to the caller. Products (nn.Linear) and a plain RNN go in bf16 there and a GRU in float32, so
# that it meets models with LSTMs alone. Nothing tells it beforehand but trying.
# Seen with Python 3.11.7 and torch 2.13.0 (its CPU build for Linux on x86-64) on an AMD EPYC with AVX2 alone. The script
# sets ONEDNN_MAX_CPU_ISA=AVX2, a documented setting of oneDNN, so that newer processors are taken for such a one:
#   LSTM: could not create a primitive descriptor for the LSTM forward propagation primitive
#   GRU: torch.float32, RNN: torch.bfloat16, Linear: torch.bfloat16
#
# Needs Linux on x86-64, Python 3.11 or newer and pip. Ends with 0 if it is still so, with 1 if it has changed.
set -euo pipefail

python=${PYTHON:-python3}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6

cat > "$place/layers.py" <<'PYTHON'
import platform
import sys

import torch


def said(name: str) -> str:
    """The type of what a layer gives, or what it raises."""
    sizes = (8, 16)
    layer = torch.nn.Linear(*sizes) if name == "Linear" else getattr(torch.nn, name)(*sizes, batch_first=True)
    try:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            given = layer(torch.zeros(4, 5, 8))
    except RuntimeError as error:
        return str(error).split(".")[0]
    return str((given if name == "Linear" else given[0]).dtype)


found = {name: said(name) for name in ("LSTM", "GRU", "RNN", "Linear")}
for name, what in found.items():
    print(f"{name}: {what}")
print(f"Python {platform.python_version()}, torch {torch.__version__}")
expected = {"GRU": "torch.float32", "RNN": "torch.bfloat16", "Linear": "torch.bfloat16"}
sys.exit(not ("primitive descriptor for the LSTM" in found.pop("LSTM") and found == expected))
PYTHON
ONEDNN_MAX_CPU_ISA=AVX2 "$place/venv/bin/python" "$place/layers.py"
