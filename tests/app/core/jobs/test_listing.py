"""Names from a disk are read beside the window's thread, the newest request last."""

from __future__ import annotations

import threading

from app.core.jobs.listing import Listing


def test_names_come_later_and_the_last_look_counts(qtbot) -> None:
    window, go = threading.get_ident(), threading.Event()
    threads: list[int] = []
    there = [["demo"], ["demo", "novel"]]

    def read() -> list[str]:
        threads.append(threading.get_ident())
        found = there[len(threads) - 1]
        if len(threads) == 1:
            go.wait(10)
        return found

    listing = Listing(read)
    with qtbot.waitSignal(listing.changed):
        listing.look()
        listing.look()  # while the first is under way: what it finds may be out of date
        assert listing.names == ()
        go.set()
    qtbot.waitUntil(lambda: listing.names == ("demo", "novel"))
    assert window not in threads
    assert len(threads) == 2


def test_nothing_is_told_of_the_same_names_or_after_the_end(qtbot) -> None:
    listing, told = Listing(lambda: ["demo"]), []
    listing.changed.connect(lambda: told.append(listing.names))
    listing.look()
    qtbot.waitUntil(lambda: bool(told))
    listing.look()
    qtbot.waitUntil(lambda: not listing._under_way)
    listing.stop()
    listing.look()
    assert not listing._under_way
    assert told == [("demo",)]
