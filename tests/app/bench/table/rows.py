"""Rows of a table."""

from __future__ import annotations

from app.bench.rows import GatheredRow
from app.core.picks import Numbers, Pick

NUMBERED = GatheredRow(
    "Is it late?",
    {"vae": "Yes."},
    "z = μ, greedy",
    numbers={"vae": Numbers(-3.25, 1.5, input_log_probability=-8.5)},
    index=17,
    pick=Pick("x", {}),
)


ROWS = tuple(GatheredRow(f"sentence {i}", {"vae": "a"}, "greedy") for i in range(3))
