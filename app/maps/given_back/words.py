"""What is said of how many sentences were measured."""

from __future__ import annotations

WAY = "Each sentence is written again from its μ, greedily, by every model in view."
"""What measuring is."""


def measured(measured: int, of: int) -> str:
    """As it stands beside the scale; "" where all are."""
    return f"{measured:,} of {of:,} sentences measured" if measured < of else ""


def measured_briefly(measured: int, of: int, tight: bool) -> str:
    """The same in little room, or in next to none: "<1%" where it is less than a half, and never all of it."""
    if measured >= of:
        return ""
    percent = 100 * measured / of
    share = "<1%" if 0 < percent < 0.5 else f"{min(round(percent), 99)}%"
    return share if tight else f"{measured:,} of {of:,} measured"


def button(measured: int) -> str:
    """What offers to measure."""
    return "Measure the rest" if measured else "Measure what comes back"


def offered(measured: int, of: int) -> str:
    """What would be done then."""
    return (
        f"Measure what comes back of {'the other ' if measured else 'all '}{of - measured:,} sentences.\n{WAY}\n"
        "It takes a while, shows its colours as it goes, and can be stopped; what is measured is kept."
    )
