#!/usr/bin/env bash
# choix 0.4.1: two of its estimators return strengths where the comparisons have no maximum-likelihood estimate.
#
# Behaviour: a finite estimate of the Bradley-Terry model exists just where the graph of wins is strongly connected (Ford
# 1957). `ilsr_pairwise` and `lsr_pairwise` raise where it is not. `opt_pairwise` returns numbers: unlike the others it
# penalises large strengths unless told otherwise (`alpha=1e-6`), so for an item that never lost the result is made by the
# penalty, and moves with it; without a penalty it is where the optimiser stopped. Given two groups that were never
# compared with each other, `mm_pairwise`, which has no penalty, and `opt_pairwise` return strengths on one scale, though
# nothing says how the groups compare. Whoever ranks has to look at the graph first.
# Seen with Python 3.11.7, choix 0.4.1, numpy 2.4.6 and scipy 1.17.1:
#   never lost:     ilsr, lsr raise ValueError, mm RuntimeError; opt 8.82, -3.72, -5.1; 4.65, -1.64, -3.01 with alpha=1e-3
#   never compared: ilsr, lsr raise ValueError; mm and opt 0.55, -0.55, 0.55, -0.55
#
# Needs Python 3.11 or newer and pip. Ends with 0 if it is still so, with 1 if it has changed.
set -euo pipefail

python=${PYTHON:-python3}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check choix==0.4.1 numpy==2.4.6 scipy==1.17.1

cat > "$place/ranking.py" <<'PYTHON'
import platform
import sys
from importlib.metadata import version

import choix
import numpy as np

NEVER_LOST = [(0, 1)] * 5 + [(1, 2)] * 4 + [(2, 1)]  # item 0 has won against 1 and lost to nobody
NEVER_COMPARED = [(0, 1)] * 3 + [(1, 0)] + [(2, 3)] * 3 + [(3, 2)]


def outcome(estimator, items, data, **options):
    try:
        return np.round(estimator(items, data, **options), 2).tolist()
    except (ValueError, RuntimeError) as error:
        return type(error).__name__


print(f"Python {platform.python_version()}, choix {version('choix')}, numpy {np.__version__}")
found = {}
for name, items, data in (("never lost", 3, NEVER_LOST), ("never compared", 4, NEVER_COMPARED)):
    for estimator in (choix.ilsr_pairwise, choix.lsr_pairwise, choix.mm_pairwise, choix.opt_pairwise):
        found[name, estimator.__name__] = outcome(estimator, items, data)
        print(f"{name}, {estimator.__name__}: {found[name, estimator.__name__]}")
closer = outcome(choix.opt_pairwise, 3, NEVER_LOST, alpha=1e-3)
print(f"never lost, opt_pairwise with alpha=1e-3: {closer}")
first = found["never lost", "opt_pairwise"]
groups = [found["never compared", f"{name}_pairwise"] for name in ("mm", "opt")]
same = (
    isinstance(first, list)
    and isinstance(closer, list)
    and closer[0] < first[0] - 1
    and all(isinstance(each, list) and np.allclose(each, [0.55, -0.55, 0.55, -0.55]) for each in groups)
    and all(answer == "ValueError" for (_, estimator), answer in found.items() if "lsr" in estimator)
)
sys.exit(not same)
PYTHON
"$place/venv/bin/python" "$place/ranking.py"
