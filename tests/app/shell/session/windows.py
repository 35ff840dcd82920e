"""What a test does in a window, and what it compares of two."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.bench.tabs import KINDS
from app.core.jobs.ending import wait_for_ends
from app.core.picks import Pick, Place
from app.shell.explorer import Explorer
from tests.app.looking import shown


def close(explorer: Explorer) -> None:
    explorer.window.close()
    assert wait_for_ends()


def fill(explorer: Explorer) -> None:
    """Do something in every part of the window."""
    bench, maps = explorer.bench, explorer.maps.controller
    maps.select(3)
    maps.search("the")
    maps.colour_by("nll")
    maps.link(False)
    explorer.maps.selecting.controller.pick(2, "add")
    explorer.maps.selecting.controller.pick(7, "add")
    maps.show_variant("vae", False)
    explorer._choose(replace(explorer.state.choice, beam=3, seed=7))
    bench.tab("Reconstruct").take(Pick("My old dog sees the river."))
    bench.tab("Reconstruct").ask()
    bench.tab("Reconstruct").inspection.controller.set_draws(12)
    bench.tab("Reconstruct").inspection.open("credit")
    explorer.exchange.take_point("A", 5)
    ways = bench.tab("Interpolate")
    z = bench.tab("Reconstruct").state.reconstructed.readings["autogen-m1"].z
    ways.take(Pick("a point", {"vae": z, "autogen-m1": z}, "by hand").of(explorer.state.origin), "B")
    ways.add_stop(Pick("The cat hides."))
    ways.add_stop()
    ways.set_steps(4)
    ways.move_to(3)
    samples = bench.tab("Prior samples")
    samples.set_draw(replace(samples.state.draw, count=2, seed=5))
    samples.add_to_table()
    ways.add_to_table()
    explorer.exchange.gather_clicked()
    moves = bench.tab("Traverse")
    bench.open("Traverse")
    moves.set_count(3)
    moves.move("vae", 1, 2.0)
    bench.tab("Neighbours").take(Pick("We see a dog."))
    bench.tab("Neighbours").set_count(7)
    sums = bench.tab("Arithmetic")
    bench.send(Pick("a boat"), Place("Arithmetic", "a"))
    explorer.exchange.take_group(np.array([1, 2, 4]), "with")
    sums.groups.type("without", "the cat")
    sums.take(Pick("a typed one"), "without")
    sums.set_strength(0.5)
    bench.open("Interpolate")
    shown(explorer)


def rows(explorer: Explorer):
    return explorer.table.state.gathered


def answers(explorer: Explorer) -> dict[str, object]:
    """What the models made of what is wanted."""
    tabs = {kind.name: explorer.bench.tab(kind.name) for kind in KINDS}
    texts = {
        "steps": {name: [r.text for r in each] for name, each in tabs["Interpolate"].state.path.readings.items()},
        "typed": {name: r.text for name, r in tabs["Reconstruct"].state.reconstructed.readings.items()},
        "clicked": {name: r.text for name, r in explorer.maps.state.selected.readings.items()},
        "found": explorer.maps.state.matches,
    }
    return texts
