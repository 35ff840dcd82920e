#!/usr/bin/env bash
# umap-learn 0.5.12 (pynndescent 0.7.0, numba 0.68.1): what neighbours that are handed over do not spare.
#
# Behaviour: importing umap compiles pynndescent's search at once, whether it will be used or not, 20 s and more where
# nothing is kept on the disk yet. And `smooth_knn_dist`, `compute_membership_strengths` and the layout's epoch are not
# kept at all: every process compiles them anew, which takes longer than a layout of some thousand points.
# Seen: import 21 s at the first time and 1.5 s later; first fit of 5,000 points 8.3 s, the second one 2.4 s.
#
# Needs Python 3.11 or newer and pip. Ends with 0 if it is still so, with 1 if it has changed.
set -euo pipefail

python=${PYTHON:-python3}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    umap-learn==0.5.12 pynndescent==0.7.0 numba==0.68.1 numpy==2.4.6 scikit-learn==1.9.1

cat > "$place/fit.py" <<'PYTHON'
import sys
import time
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
began = time.perf_counter()
import numpy as np
import umap
from sklearn.neighbors import NearestNeighbors

print(f"import: {time.perf_counter() - began:.1f} s")
kept = {path.name.split("-")[0] for path in Path(sys.argv[1]).rglob("*.nbi")}
points = np.random.default_rng(0).normal(size=(5000, 32)).astype(np.float32)
distances, indices = NearestNeighbors(n_neighbors=15).fit(points).kneighbors(points)
for turn in ("first", "second"):
    began = time.perf_counter()
    umap.UMAP(n_epochs=200, init=points[:, :2], random_state=0, precomputed_knn=(indices, distances, None)).fit(points)
    print(f"{turn} fit: {time.perf_counter() - began:.1f} s")
after = {path.name.split("-")[0] for path in Path(sys.argv[1]).rglob("*.nbi")}
search = sum(name.startswith("rp_trees.") for name in kept)
print(f"compiled and kept by the import: {len(kept)} functions, {search} of them pynndescent's trees")
slow = {"umap_.smooth_knn_dist", "umap_.compute_membership_strengths", "layouts._optimize_layout_euclidean_single_epoch"}
print(f"of the three that a fit compiles, kept: {len(after & slow)}")
sys.exit(not (search > 10 and not after & slow))
PYTHON
export NUMBA_CACHE_DIR="$place/kept"
"$place/venv/bin/python" "$place/fit.py" "$NUMBA_CACHE_DIR"
