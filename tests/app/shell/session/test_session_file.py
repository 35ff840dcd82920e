"""The file of a session: damaged, of another version, not to be written, and of two windows at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.picks import Pick
from app.shell.explorer import SESSION
from tests.app.shell.session.windows import close, fill, rows


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe nothing", b'{"kind": "something else"}\n', b"[" * 100_000, None])
def test_a_damaged_or_foreign_session_is_set_aside_and_told(begin, tmp_path, damage):
    close(begin("tiny"))
    place = tmp_path / SESSION
    whole = place.read_bytes()
    place.write_bytes(whole.replace(b'"beam": 10', b'"beam": 11') if damage is None else damage)
    kept = place.read_bytes()
    explorer = begin()
    assert explorer.state.run == "tiny"  # the last one that was opened
    assert "cannot be used" in explorer.window.banner.message
    assert "session-unused-1.jsonl" in explorer.window.banner.message
    assert (tmp_path / "session-unused-1.jsonl").read_bytes() == kept
    close(explorer)
    assert begin().window.banner.message == ""


def test_a_newer_version_is_set_aside_and_told(begin, tmp_path):
    close(begin("tiny"))
    text = (tmp_path / SESSION).read_text()
    (tmp_path / SESSION).write_text(text.replace('"version": 1', '"version": 2'))
    assert "its version is 2" in begin().window.banner.message
    assert (tmp_path / "session-unused-1.jsonl").is_file()


def test_two_windows_at_once_lose_no_row(begin):
    first = begin("tiny")
    samples = first.bench.tab("Prior samples")
    samples.set_draw(replace(samples.state.draw, count=2, seed=1))
    samples.add_to_table()
    close(first)
    shared = [row.sentences for row in rows(first)]
    one, two = begin(), begin()
    for window, seed in ((one, 2), (two, 3)):
        samples = window.bench.tab("Prior samples")
        samples.set_draw(replace(samples.state.draw, count=2, seed=seed))
        samples.add_to_table()
    own_one, own_two = ([row.sentences for row in rows(window)[2:]] for window in (one, two))
    two.table.remove(0)
    two.bench.tab("Reconstruct").take(Pick("closed first"))
    one.bench.tab("Reconstruct").take(Pick("closed last"))
    close(two)
    close(one)
    third = begin()
    assert third.bench.tab("Reconstruct").state.typed == "closed last"
    there = [row.sentences for row in rows(third)]
    assert len(there) == 6
    for each in (*shared, *own_one, *own_two):
        assert each in there


def test_that_another_window_has_rows_is_told(begin, qtbot):
    one, two = begin("tiny"), begin("tiny")
    samples = one.bench.tab("Prior samples")
    samples.draw()
    samples.add_to_table()
    close(one)
    two.bench.tab("Reconstruct").take(Pick("we go home"))
    two.session.save()
    qtbot.waitUntil(lambda: "Another window has 8 rows in its table" in two.window.banner.message)
    assert rows(two) == ()
    close(two)
    assert len(rows(begin())) == 8


def test_a_row_that_is_removed_does_not_come_back(begin):
    first = begin("tiny")
    fill(first)
    close(first)
    second = begin()
    second.table.clear()
    close(second)
    assert rows(begin()) == ()


def test_a_folder_that_cannot_be_written_is_told_once_and_the_window_goes_on(begin, tmp_path, qtbot):
    explorer = begin("tiny")
    (tmp_path / SESSION).mkdir()
    (tmp_path / SESSION / "inside").touch()
    explorer.bench.tab("Reconstruct").take(Pick("we go home"))
    explorer.session.save()
    qtbot.waitUntil(lambda: explorer.window.banner.message != "")
    assert explorer.bench.tab("Reconstruct").state.typed == "we go home"
