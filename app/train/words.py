"""What the Train page says, derived from its state by pure functions. No Qt, nothing remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from app.core.values import Column
from app.train.files import Watched
from app.train.plots.curves import Curve, Curves, Split, nearest
from app.train.plots.panels import value
from app.train.state import Own
from engine.runs.metrics import NEGLIGIBLE_SPREAD
from engine.runs.warm_start import told
from engine.training.pace import duration

Role = Literal["good", "warning", "danger", "muted", "title"]

_BEGINNINGS = {
    "starting PyTorch": "Starting PyTorch",
    "reading the corpus": "Reading the corpus",
    "building the models": "Building the models",
}
_LEFT = "At the speed of the last steps, measurements and checkpoints included"

NOT_OURS = Own()
"""For a run that this window does not train."""

SILENCE = 600.0
"""Seconds without a word after which a training on another machine is no longer called running."""


def columns_of(watched: Watched) -> tuple[Column, ...]:
    """The variants of a training as the columns of the window."""
    if watched.settings is None:
        return ()
    return tuple(Column(v.name, v.label or v.name, v.colour, v.m) for v in watched.settings.variants)


def size(count: float) -> str:
    """An amount of memory in words."""
    return f"{count / 2**30:.1f} GB" if count >= 2**30 else f"{count / 2**20:.0f} MB"


def training_now(watched: Watched, own: Own) -> bool:
    """Whether something trains this run, here or elsewhere, as far as is known."""
    if own.alive:
        return True
    if own.kind == "failed":
        return False
    if none_left(watched) and watched.life != "running":
        return False
    if watched.finished and watched.life != "running":
        return False
    if watched.life == "unknown":
        return bool(watched.step) and watched.silent < 120
    return watched.life == "running" or (watched.life == "elsewhere" and watched.silent < SILENCE)


def none_left(watched: Watched) -> bool:
    """Whether every variant was stopped, so that no training can go on with the run."""
    names = {column.name for column in columns_of(watched)}
    return bool(names) and names <= set(watched.stopped or {})


def headline(watched: Watched, own: Own) -> tuple[Role, str, str]:
    """The state of a training: role of the colour, a word or two, and the whole sentence."""
    process = watched.process or {}
    host, pid = process.get("host", "another machine"), process.get("pid", "?")
    if none_left(watched) and watched.life != "running" and not own.alive and own.kind != "failed":
        return "danger", "Every variant was stopped", "No variant is left to train: the run cannot be resumed."
    match own.kind:
        case "starting":
            return "muted", "Starting", own.text or "Starting the training."
        case "pausing":
            return "warning", "Pausing", "A checkpoint is written at the next step; then the process ends."
        case "stopping":
            return "warning", "Stopping", "The process ends where it is; its last checkpoint stays."
        case "running":
            return "good", "Training", "Started by this app; it may go on when the window is closed."
        case "paused":
            return (
                "warning",
                "Paused",
                "A checkpoint holds everything so far; Resume goes on with the very same numbers.",
            )
        case "stopped":
            at = watched.checkpoints[-1] if watched.checkpoints else 0
            then = f"Resume goes on from checkpoint {at:,}." if at else "There was no checkpoint: Resume begins anew."
            return "warning", "Stopped", then
        case "failed":
            return "danger", "Failed", f"{own.text} {own.hint}".strip()
        case _:
            pass
    if watched.life == "done" or (watched.finished and watched.life != "running"):
        return "good", "Finished", "Every step is done."
    if watched.life == "running":
        return (
            "good",
            "Training, started elsewhere",
            f"Process {pid} on this machine trains it; this window only looks on.",
        )
    if watched.life == "elsewhere" and watched.silent < SILENCE:
        return "good", f"Training on {host}", "Another machine trains it; this window only looks on."
    if watched.life == "elsewhere":
        return "warning", "No news", f"{host} has logged nothing for {duration(watched.silent)}."
    if watched.life == "lost":
        return (
            "warning",
            "Interrupted",
            f"Process {pid} is gone without having ended; Resume goes on from its last checkpoint.",
        )
    if watched.life == "stopped":
        return "warning", "Stopped", "Resume goes on from the last checkpoint."
    if training_now(watched, own):
        return "good", "Training, started elsewhere", "Its files grow; this window only looks on."
    return "muted", "Not finished" if watched.step else "Nothing logged yet", "Nobody seems to train it now."


def starting(event: Mapping[str, Any]) -> str:
    """What a training does before anything of it is logged, from an event of its progress."""
    stage, done, total = str(event.get("stage", "")), float(event.get("done") or 0), event.get("total")
    if stage == "first steps":
        return f"First steps: {done:,.0f}"
    if stage in _BEGINNINGS:
        return _BEGINNINGS[stage]
    return f"Preparing the text: {stage}{f' ({done / float(total):.0%})' if total else ''}"


def start_words(own: Own, waited: int) -> str:
    """How far a start is, with the seconds since it began, as nothing else shows that it goes on."""
    return f"{own.text or 'Starting'} · {duration(waited)}"


def ways_to_end(watched: Watched | None, own: Own) -> str:
    """How Pause and Stop differ, for a training of this window; "" where there is none."""
    if own.kind not in ("starting", "running"):
        return ""
    return f"Pause writes a checkpoint first. {loss(watched)}"


ANY_LOSS = "Stop does not wait for a checkpoint: what was trained since the last one may be lost."
"""The same where it stands while steps go on, and numbers would soon be wrong."""


def loss(watched: Watched | None) -> str:
    """What ending a training without waiting for a checkpoint can lose."""
    if watched is None or not watched.checkpoints:
        return "Stop does not wait for a checkpoint: there is none yet, so all of it may be lost."
    at = watched.checkpoints[-1]
    after = max(0, watched.step - at)
    what = f"the {after:,} step{'s' * (after != 1)} after it" if after else "what came after it"
    return f"Stop does not wait for a checkpoint: that of step {at:,} stays, {what} may be lost."


def facts(watched: Watched, own: Own, waited: int = 0) -> list[tuple[str, str]]:
    """What stands beside the progress: text and its explanation, most wanted first."""
    last = _last(watched)
    known: list[tuple[str, str]] = []
    if own.kind == "starting":
        known.append((start_words(own, waited), "The first values are told once some steps are done"))
    step = max((watched.step, *watched.checkpoints)) if watched.step else 0
    if step:
        text = f"step {step:,} of {watched.total:,}"
        known.append((text, "The newest step that is logged or has a checkpoint, of all that the run is to have"))
    elif own.kind != "starting":
        known.append((f"no step yet, of {watched.total:,}", "Nothing is logged before the first steps are done"))
    left = watched.total - step
    running = training_now(watched, own)
    if running and left > 0 and watched.seconds_per_step:
        known.append((f"about {duration(left * watched.seconds_per_step)} left", _LEFT))
    if last is not None:
        rate, memory = (last.train.at(key, watched.step) for key in ("tokens_per_second", "memory"))
        if rate:
            known.append(
                (f"{rate:,.0f} tokens/s", "Words and end marks read in a second, by all variants on the same batch")
            )
        if memory:
            known.append((size(memory), "Memory in use by the training's process, or by the GPU"))
    process = watched.process or {}
    if process.get("device"):
        several = f" × {process['processes']}" if process.get("processes", 1) > 1 else ""
        known.append(
            (f"{process['device']}{several}", f"Process {process.get('pid', '?')} on {process.get('host', '?')}")
        )
    if watched.settings is not None and (origins := watched.settings.first_weights):
        known.append((f"from {told(origins)}", "The run, and its step, whose weights this training began with"))
    if watched.checkpoints:
        known.append((f"checkpoint {watched.checkpoints[-1]:,}", "The newest step of all variants on the disk"))
    return known


def stopped_lines(watched: Watched) -> list[str]:
    """A line for each variant that was stopped, with the reason."""
    labels = {column.name: column.label for column in columns_of(watched)}
    return [
        f"{labels.get(name, name)} was stopped at step {step:,}: {reason}."
        for name, (step, reason) in (watched.stopped or {}).items()
    ]


def stopped_summary(watched: Watched) -> str:
    """One line about all variants that were stopped, what matters most first as it may be cut off; "" without any."""
    lines, columns = stopped_lines(watched), columns_of(watched)
    if not lines:
        return ""
    if none_left(watched):
        start = f"{'The only' if len(columns) == 1 else 'Every'} variant was stopped, the run cannot be resumed: "
    elif len(lines) == 1:
        return f"{lines[0]} {_rest(len(columns) - 1)}"
    else:
        start = f"{len(lines)} of {len(columns)} variants were stopped. {_rest(len(columns) - len(lines))} "
    if len(lines) == 1:
        return f"{start}{lines[0]}"
    labels = {column.name: column.label for column in columns}
    stopped = (watched.stopped or {}).items()
    return start + ", ".join(f"{labels.get(name, name)} at step {step:,}" for name, (step, _) in stopped)


def _rest(count: int) -> str:
    return "The others go on." if count > 1 else "The other one goes on."


def evaluations(watched: Watched) -> tuple[int, ...]:
    """The evaluations at which probe sentences were decoded, ascending."""
    return tuple(sorted({probe.step for probes in (watched.probes or {}).values() for probe in probes}))


def probe_words(watched: Watched, variant: str, step: int) -> tuple[tuple[str, ...], ...]:
    """What a variant made of the probe sentences at an evaluation; empty if it has none there."""
    for probe in reversed((watched.probes or {}).get(variant, ())):
        if probe.step == step:
            return probe.words
    return ()


def step_read(watched: Watched, step: float | None, split: Split) -> int | None:
    """The step nearest to `step` (None: the newest) that any variant has values of; None where there are none."""
    at = step if step is not None else watched.step
    logged = [getattr(curves, split).steps for curves in (watched.curves or {}).values()]
    found = [int(steps[nearest(steps, at)]) for steps in logged if len(steps)]
    return min(found, key=lambda each: abs(each - at), default=None)


def readout(watched: Watched, variant: str, keys: Sequence[str], step: int | None, split: Split) -> list[str]:
    """The terms of a variant at the step that `read_caption` names, as text; m is that of the training in either case.

    A dash where the variant has no values of that step, as one that was stopped before it.
    """
    curves, at = (watched.curves or {}).get(variant), step_read(watched, step, split)
    if curves is None or at is None:
        return ["–" for _ in keys]
    of_m = step_read(watched, at, "train")
    return [
        value(_exactly(curves.train, key, of_m) if key == "implied_m" else _exactly(getattr(curves, split), key, at))
        for key in keys
    ]


def readout_at(watched: Watched, variant: str, keys: Sequence[str], at: int | None, split: Split) -> list[str]:
    """The terms of a variant of another run at its logged step nearest to `at`; dashes beyond its last one."""
    if at is None or at > watched.step:
        return ["–" for _ in keys]
    return readout(watched, variant, keys, at, split)


def spread(watched: Watched, variant: str, step: float) -> str:
    """How much mu differs between sentences at the measurement nearest to a step; a dash beyond the last one."""
    curves = (watched.curves or {}).get(variant)
    found = curves.spread(step) if curves is not None and step <= watched.step else None
    return f"{found[1]:.2g}" if found is not None else "–"


def spread_note(watched: Watched, columns: Sequence[Column], step: float) -> str:
    """A warning where an encoder says nearly the same of every sentence at the measurement nearest to a step, or ""."""
    found = {
        column.label: curves.spread(step) for column in columns if (curves := (watched.curves or {}).get(column.name))
    }
    low = {label: each for label, each in found.items() if each is not None and each[1] < NEGLIGIBLE_SPREAD * each[2]}
    if not low:
        return ""
    who = "every variant" if len(low) == len(columns) else ", ".join(low)
    at, spread_of_mu, sigma = min(low.values(), key=lambda each: each[1])
    advice = " Wide first weights help." if at == 0 else ""
    return (
        f"Step {at:,}, {who}: μ differs by {spread_of_mu:.2g} between sentences beside a σ of {sigma:.2g}. z is noise, "
        f"which the decoder may learn to do without.{advice}"
    )


def _exactly(curve: Curve, key: str, step: int | None) -> float | None:
    """The term as logged at this very step; None where there is none."""
    if step is None or not len(curve.steps) or int(curve.steps[nearest(curve.steps, step)]) != step:
        return None
    return curve.at(key, step)


def read_caption(watched: Watched, step: int | None, split: Split) -> str:
    """The step whose values are read: the logged or measured one nearest to `step`."""
    at = step_read(watched, step, split)
    if at is not None:
        return f"Step {at:,}"
    return "Not measured yet" if split == "test" else "No step yet"


def _last(watched: Watched) -> Curves | None:
    curves = [each for each in (watched.curves or {}).values() if len(each.train.steps)]
    return max(curves, key=lambda each: int(each.train.steps[-1]), default=None)
