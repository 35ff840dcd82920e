"""What the window remembers: read back as it was written, and whatever happens to the file, a usable value is there."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from app.core.settings import MOST_MAPS, NO_TRAINING, AppSettings

TRAINING = (Path("/data/runs/mine"), 4711, 1764355530.52)
EXPORT = (Path("/data/tables"), "xlsx", True)
PICTURE = (Path("/data/figures"), "pdf", 4, True)
GEOMETRY = QByteArray(bytes(range(60)))


@pytest.fixture
def file(qapp, tmp_path):
    """A file of settings in which everything is remembered."""
    remembered = AppSettings(tmp_path / "window.ini")
    remembered.theme, remembered.last_run = "light", "mine"
    remembered.set_layout("geometry", GEOMETRY)
    remembered.set_layout("splitter", QByteArray(b"split"))
    remembered.training = TRAINING
    remembered.export = EXPORT
    remembered.picture = PICTURE
    remembered.choose_map(Path("/data"), "mine", "t-SNE, 30")
    return tmp_path / "window.ini"


def everything(settings: AppSettings) -> tuple[object, ...]:
    return settings.theme, settings.last_run, settings.training, settings.layout("geometry")


def test_what_is_remembered_reads_back(file):
    settings = AppSettings(file)
    assert everything(settings) == ("light", "mine", TRAINING, GEOMETRY)
    assert settings.export == EXPORT
    assert settings.picture == PICTURE
    assert settings.chosen_map(Path("/data"), "mine") == "t-SNE, 30"
    assert settings.take_damage() == ""


def test_a_file_that_is_not_there_yet_gives_the_usual_and_nothing_to_tell(qapp, tmp_path):
    settings = AppSettings(tmp_path / "window.ini")
    assert everything(settings) == ("dark", "", NO_TRAINING, None)
    assert settings.export == (Path(), "csv", False)
    assert settings.picture == (Path(), "png", 2, False)
    assert settings.take_damage() == ""


@pytest.mark.parametrize(
    ("line", "damage", "values", "named"),
    [
        ("theme=light", "theme=pink", ("dark", "mine", TRAINING, GEOMETRY), "theme"),
        ("run=mine", "run=a, b", ("light", "", TRAINING, GEOMETRY), "last run"),
        ("pid=4711", "pid=47x1", ("light", "mine", NO_TRAINING, GEOMETRY), "running training"),
        ("pid=4711", "pid=-4711", ("light", "mine", NO_TRAINING, GEOMETRY), "running training"),
        ("pid=4711", f"pid=1{'0' * 5000}", ("light", "mine", NO_TRAINING, GEOMETRY), "running training"),
        ("pid=4711", "pid=1, 2", ("light", "mine", NO_TRAINING, GEOMETRY), "running training"),
        ("created=1764355530.52", "created=nan", ("light", "mine", NO_TRAINING, GEOMETRY), "running training"),
        ("created=1764355530.52", "created=", ("light", "mine", NO_TRAINING, GEOMETRY), "running training"),
        ("created=1764355530.52", "", ("light", "mine", NO_TRAINING, GEOMETRY), "running training"),
        ("path=/data/runs/mine", r"path=/data/ru\x0ns", ("light", "mine", NO_TRAINING, GEOMETRY), "running training"),
        ("path=/data/runs/mine", "path=mine", ("light", "mine", NO_TRAINING, GEOMETRY), "running training"),
        ("geometry=", "geometry=nothing\nother=", ("light", "mine", TRAINING, None), "sizes"),
        ("ratio=4", "ratio=3", ("light", "mine", TRAINING, GEOMETRY), "pictures"),
        ("print=yes", "print=perhaps", ("light", "mine", TRAINING, GEOMETRY), "pictures"),
        (r"\"t-SNE, 30\"", "7", ("light", "mine", TRAINING, GEOMETRY), "chosen maps"),
        ('maps="[[', 'maps="[', ("light", "mine", TRAINING, GEOMETRY), "chosen maps"),
        ('maps="[[', 'maps="' + "[" * 9000, ("light", "mine", TRAINING, GEOMETRY), "chosen maps"),
        ("[layout]", "no settings\n[layout]", ("light", "mine", TRAINING, GEOMETRY), "damaged in"),
    ],
)
def test_a_value_that_cannot_be_used_gives_the_usual_one_and_is_told_once(file, line, damage, values, named):
    text = file.read_text()
    assert line in text
    file.write_text(text.replace(line, damage))
    settings = AppSettings(file)
    assert everything(settings) == values
    assert settings.export == EXPORT
    assert settings.chosen_map(Path("/data"), "mine") == ("" if named == "chosen maps" else "t-SNE, 30")
    assert settings.picture == (PICTURE[0], "pdf", 2 if "ratio" in damage else 4, "print" not in damage)
    told = settings.take_damage()
    assert named in told
    assert str(file) in told
    assert ("on the Train page" in told) == (named == "running training")
    assert everything(settings) == values
    assert settings.take_damage() == ""
    settings.last_run = "another"
    settings.training = settings.training  # writes the file
    assert AppSettings(file).take_damage() == ""  # nor when the window is opened again
    assert everything(AppSettings(file)) == (values[0], "another", *values[2:])


def damaged(whole: bytes, choose: random.Random) -> bytes:
    """The file cut off, with bytes changed, with a piece missing, or with one too many."""
    data, at = bytearray(whole), choose.randrange(len(whole))
    kind = choose.randrange(5)
    if kind == 0:
        del data[at:]
    elif kind == 1:
        for _ in range(choose.randrange(1, 9)):
            data[choose.randrange(len(data))] = choose.randrange(256)
    elif kind == 2:
        del data[at : at + choose.randrange(1, 30)]
    elif kind == 3:
        data[at:at] = choose.randbytes(choose.randrange(1, 20))
    else:
        lines = data.split(b"\n")
        number = choose.choice([place for place, each in enumerate(lines) if b"=" in each])
        values = (
            b"@Variant(\\0\\0\\0\\x7f\\xff)",
            b"@Invalid()",
            b"@Rect(1 2",
            b"@Size(x y)",
            b"@ByteArray(",
            b"%",
            b"\xff",
        )
        lines[number] = lines[number].partition(b"=")[0] + b"=" + choose.choice(values)
        data = bytearray(b"\n".join(lines))
    return bytes(data)


def test_no_damage_of_the_file_raises(file):
    whole = file.read_bytes()
    told = 0
    for seed in range(400):
        file.write_bytes(damaged(whole, random.Random(seed)))
        settings = AppSettings(file)
        theme, run, (path, pid, created), geometry = everything(settings)
        assert theme in ("dark", "light")
        assert isinstance(run, str)
        assert (pid == 0 and path == Path()) or (path.is_absolute() and pid > 0 and 0 < created < float("inf"))
        assert geometry is None or isinstance(geometry, QByteArray)
        told += bool(settings.take_damage())
        del settings
    assert told > 100


def test_maps_are_chosen_of_a_run_in_a_workspace_and_forgotten_again(qapp, tmp_path):
    settings, here, there = AppSettings(tmp_path / "window.ini"), Path("/here"), Path("/there")
    settings.choose_map(here, "demo", "mine")
    settings.choose_map(there, "demo", "pca")
    settings.choose_map(here, "novel", "“漢”, a=b; c")
    settings.choose_map(here, "demo", "other")
    again = AppSettings(tmp_path / "window.ini")
    assert again.chosen_map(here, "demo") == "other"
    assert again.chosen_map(there, "demo") == "pca"
    assert again.chosen_map(here, "novel") == "“漢”, a=b; c"
    assert again.chosen_map(there, "novel") == ""
    again.choose_map(here, "demo", "")
    again.choose_map(here, "never", "")
    assert again.chosen_map(here, "demo") == ""
    assert again.chosen_map(here, "novel") == "“漢”, a=b; c"


def test_of_many_runs_the_maps_of_the_last_ones_are_remembered(qapp, tmp_path):
    settings = AppSettings(tmp_path / "window.ini")
    for number in range(MOST_MAPS):
        settings.choose_map(Path("/here"), f"run{number}", "mine")
    settings.choose_map(Path("/here"), "run0", "other")  # which is the last one by that
    settings.choose_map(Path("/here"), "one more", "mine")
    assert settings.chosen_map(Path("/here"), "run0") == "other"
    assert settings.chosen_map(Path("/here"), "run1") == ""
    assert settings.chosen_map(Path("/here"), "run2") == "mine"
