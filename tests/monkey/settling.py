"""Letting the window come to rest, and telling what is busy for ever.

It rests once nothing is under way for longer than any of its pauses for typing. A window that waits while nobody works
waits for ever; one that works is given minutes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import psutil

from app.shell.explorer import Explorer

QUIET = 0.7
"""Seconds without anything under way; the longest pause for typing is 0.4."""
LIMIT = 300.0
"""Seconds that may be worked for an answer; a job that makes maps has these anew with each of its words."""
IDLE = 25.0
"""Seconds in which the window waits and no thread or process works for it."""
_BUSY_SHARE = 0.25  # of a core
_DEEP = 3

_WAITING = ("loading", "computing", "stale")


def settle(explorer: Explorer, live: Callable[[float], None]) -> list[str]:
    """Let the window live until it rests; what is busy for ever, in words, or nothing.

    Args:
        explorer: of the window.
        live: lets the event loop run for some seconds.
    """
    clock = time.monotonic
    began = worked = clock()
    quiet = 0.0
    last, cpu = clock(), time.process_time()
    words: list[str] = []
    while True:
        live(0.02)
        now, told = clock(), busy(explorer)
        quiet = 0.0 if told else quiet or now
        if quiet and now - quiet >= QUIET:
            return []
        if told != words and any(each.startswith("maps") for each in told):
            began = now
        words = told
        if now - last >= 1.0:
            used = time.process_time() - cpu
            if used > _BUSY_SHARE * (now - last) or _children_work(explorer):
                worked = now
            last, cpu = now, time.process_time()
        if told and (now - began > LIMIT or now - worked > IDLE):
            return told


def busy(explorer: Explorer) -> list[str]:
    """What is under way, in words."""
    state = explorer.state
    told = [f"{name}: {stage.text}" for name in ("maps", "models") if (stage := getattr(state, name)).kind in _WAITING]
    if state.maps.kind == "ready" and state.models.kind == "none":
        told.append("models: nobody loads them")
    if state.models.kind != "failed":
        tab = explorer.bench.tabs.get(state.tab)  # another may wait until it is in view again
        told += [f"{state.tab}: {what}" for what in _busy_parts(tab)] if tab is not None else []
        told += [f"maps: {what}" for what in _busy_fields(explorer.maps.state, "")]
    if state.models.kind == "ready":
        told += [f"asked of the models: {name}" for name in getattr(explorer.context.models, "_asks", ())]
    if state.maps.kind == "ready":
        told += [f"asked of the cache: {name}" for name in getattr(explorer.context.archive, "_asks", ())]
    if state.page == "Explore" and state.maps.kind == "ready":
        told += [] if explorer.window.maps.drawn else ["drawing: the maps"]
        told += ["the points of the maps, on their way"] if explorer.maps.colours.drifting.running else []
    train = getattr(explorer, "_train", None)
    if train is not None and train.state.stage.kind in _WAITING and not train.state.own.alive:
        told.append(f"Train: {train.state.stage.text}")
    return told


def _busy_parts(tab: Any) -> Iterator[str]:
    """Of a tab's state, and of what is put together within it."""
    yield from _busy_fields(tab.state, "")
    inner = getattr(tab, "inspection", None)
    if inner is not None:
        yield from _busy_fields(inner.state, "")


def _busy_fields(value: Any, name: str, depth: int = 0) -> Iterator[str]:
    if getattr(value, "busy", False) is True or getattr(value, "measuring", False) is True:
        yield name
    if depth < _DEEP and is_dataclass(value):
        for field in fields(value):
            yield from _busy_fields(getattr(value, field.name), f"{name}.{field.name}".lstrip("."), depth + 1)


def _children_work(explorer: Explorer) -> bool:
    """Whether a job of the window is a process that lives; a training does not count, as nothing waits for it."""
    if explorer.state.maps.kind not in _WAITING:
        return False
    return any(child.status() != psutil.STATUS_ZOMBIE for child in psutil.Process().children())
