#!/usr/bin/env bash
# krippendorff 0.9.0: raters who all give the same answer make it raise, or return nan, depending on the stated domain.
#
# Behaviour: where every rating has one value, alpha is 0/0. Without `value_domain` the function raises a ValueError about
# the domain ("more than one value"), as if the caller had named a wrong one; with a domain of two values it divides 0 by 0,
# warns and returns nan. With a single other answer alpha is 0 or below, although nearly all agree. A survey of few people
# meets all three, so whoever reports alpha has to look at the answers before, and say why there is none.
# Seen with Python 3.11.7, krippendorff 0.9.0 and numpy 2.4.6:
#   all alike: ValueError: There has to be more than one value in the domain.
#   all alike, value_domain=[0, 1]: nan (RuntimeWarning: invalid value encountered in scalar divide)
#   one of ten otherwise: 0.0
#
# Needs Python 3.11 or newer and pip. Ends with 0 if it is still so, with 1 if it has changed.
set -euo pipefail

python=${PYTHON:-python3}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check krippendorff==0.9.0 numpy==2.4.6

cat > "$place/alpha.py" <<'PYTHON'
import platform
import sys
import warnings
from importlib.metadata import version

import krippendorff
import numpy as np

ALIKE = [[1, 1, 1, 1, 1], [1, 1, 1, 1, 1]]
NEARLY = [[1, 1, 1, 1, 1], [1, 1, 1, 1, 0]]


def outcome(ratings, **options):
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            value = krippendorff.alpha(reliability_data=ratings, level_of_measurement="nominal", **options)
        except ValueError as error:
            return f"ValueError: {error}"
    said = f" ({warned[0].category.__name__}: {warned[0].message})" if warned else ""
    return f"{value:.3f}{said}"


print(f"Python {platform.python_version()}, krippendorff {version('krippendorff')}, numpy {np.__version__}")
plain, with_domain, nearly = outcome(ALIKE), outcome(ALIKE, value_domain=[0, 1]), outcome(NEARLY)
print(f"all alike: {plain}")
print(f"all alike, value_domain=[0, 1]: {with_domain}")
print(f"one of ten otherwise: {nearly}")
sys.exit(not (plain.startswith("ValueError") and with_domain.startswith("nan") and nearly == "0.000"))
PYTHON
"$place/venv/bin/python" "$place/alpha.py"
