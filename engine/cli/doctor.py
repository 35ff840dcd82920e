"""`doctor`: what this machine lacks, and what to do about it."""

from __future__ import annotations

from engine.cli.command.options import command
from engine.cli.command.reporting import Output
from engine.errors import LoomError


@command
def doctor(output: Output) -> None:
    """Check this machine: versions, device, display, memory, and what to do about what is missing.

    Example: python main.py doctor
    """
    from engine.doctor import all_well, checks

    found = checks(output.workspace)
    well = all_well(found)
    output.result({"ok": well, "checks": [{"name": each.name, "ok": each.ok, "detail": each.detail} for each in found]})
    for check in found:
        mark = "ok  " if check.ok else "MEND" if check.needed else "note"
        output.say(f"{mark}  {check.name}: {check.detail}")
        if not check.ok and check.mend:
            output.say(f"      {check.mend}")
    if not well:
        raise LoomError("Something is missing on this machine.", "The lines marked MEND say what to do.")
