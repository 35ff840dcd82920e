"""Damage to files: what disks, transfers, editors and careless hands do to them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

PAGE = 4096
NESTED = 100_000
_OTHER_VALUES: tuple[Any, ...] = (None, True, -1, 1e400, 0, 3.5, "", "other", [], [1, "a"], {}, {"a": 1})


def damage(path: Path, choose: random.Random) -> str:
    """Damage a file in one way, drawn by chance; returns it in words.

    The file is one of a copied workspace: nothing else has a name for it.
    """
    ways: list[Callable[[Path, random.Random], str]] = [
        _bit,
        _bit,
        _bit,
        _byte,
        _cut,
        _zeroed,
        _swapped,
        _removed,
        _empty,
    ]
    if path.suffix == ".json":
        ways += [_key_removed, _other_value, _other_value, _nested]
    if path.suffix == ".jsonl":
        ways += [_line_other_value, _line_nested]
    if path.suffix == ".h5":
        ways += [_not_finite, _not_finite, _other_shape, _not_finite_map, _dataset_removed]
    return choose.choice(ways)(path, choose)


def _bit(path: Path, choose: random.Random) -> str:
    data = bytearray(path.read_bytes())
    if not data:
        return _removed(path, choose)
    place, bit = choose.randrange(len(data)), choose.randrange(8)
    data[place] ^= 1 << bit
    path.write_bytes(data)
    return f"bit {bit} of byte {place} flipped"


def _byte(path: Path, choose: random.Random) -> str:
    data = bytearray(path.read_bytes())
    if not data:
        return _removed(path, choose)
    place = choose.randrange(len(data))
    data[place] = (data[place] + choose.randrange(1, 256)) % 256
    path.write_bytes(data)
    return f"byte {place} changed"


def _cut(path: Path, choose: random.Random) -> str:
    data = path.read_bytes()
    left = choose.randrange(len(data)) if data else 0
    path.write_bytes(data[:left])
    return f"cut off after {left} of {len(data)} bytes"


def _zeroed(path: Path, choose: random.Random) -> str:
    data = bytearray(path.read_bytes())
    start = choose.randrange(0, max(len(data), 1), PAGE) if len(data) > PAGE else 0
    size = len(data[start : start + PAGE])
    data[start : start + PAGE] = bytes(size)
    path.write_bytes(data)
    return f"{size} bytes from {start} zeroed"


def _swapped(path: Path, choose: random.Random) -> str:
    data = bytearray(path.read_bytes())
    if len(data) < 2:
        return _removed(path, choose)
    size = choose.choice([1, 2, 8, 64]) if len(data) > 200 else 1
    first, second = sorted(choose.sample(range(0, len(data) - size + 1, size), 2))
    one, other = data[first : first + size], data[second : second + size]
    data[first : first + size], data[second : second + size] = other, one
    path.write_bytes(data)
    return f"{size} bytes from {first} and from {second} swapped"


def _removed(path: Path, choose: random.Random) -> str:
    path.unlink()
    return "removed"


def _empty(path: Path, choose: random.Random) -> str:
    path.write_bytes(b"")
    return "emptied"


def _key_removed(path: Path, choose: random.Random) -> str:
    document = json.loads(path.read_text())
    place, key = choose.choice(_places(document))
    del place[key]
    path.write_text(json.dumps(document))
    return f"key {key!r} removed"


def _other_value(path: Path, choose: random.Random) -> str:
    document = json.loads(path.read_text())
    said = _put_other_value(document, choose)
    path.write_text(json.dumps(document))
    return said


def _nested(path: Path, choose: random.Random) -> str:
    document = json.loads(path.read_text())
    place, key = choose.choice(_places(document))
    place[key] = "HERE"
    text = json.dumps(document).replace('"HERE"', "[" * NESTED + "]" * NESTED)
    path.write_text(text)
    return f"{key!r} nested {NESTED} deep"


def _line_other_value(path: Path, choose: random.Random) -> str:
    lines = path.read_text().splitlines()
    number = choose.randrange(len(lines))
    document = json.loads(lines[number])
    said = _put_other_value(document, choose)
    lines[number] = json.dumps(document)
    path.write_text("\n".join(lines) + "\n")
    return f"line {number + 1}: {said}"


def _line_nested(path: Path, choose: random.Random) -> str:
    lines = path.read_text().splitlines()
    number = choose.randrange(len(lines))
    lines[number] = "[" * NESTED + "]" * NESTED
    path.write_text("\n".join(lines) + "\n")
    return f"line {number + 1} nested {NESTED} deep"


def _put_other_value(document: Any, choose: random.Random) -> str:
    place, key = choose.choice(_places(document))
    value = choose.choice([each for each in _OTHER_VALUES if each != place[key] or type(each) is not type(place[key])])
    place[key] = value
    return f"{key!r} set to {value!r}"


def _places(document: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    found: list[tuple[Any, Any]] = []
    pairs = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in pairs:
        found.append((document, key))
        if isinstance(value, dict | list):
            found += _places(value)
    return found


def _not_finite(path: Path, choose: random.Random) -> str:
    return _change_array(path, choose, "/projections/", False, _one_not_finite)


def _not_finite_map(path: Path, choose: random.Random) -> str:
    return _change_array(path, choose, "/projections/", True, _one_not_finite)


def _other_shape(path: Path, choose: random.Random) -> str:
    return _change_array(path, choose, "", True, lambda values, choose: (values[:-1], "one row less"))


def _dataset_removed(path: Path, choose: random.Random) -> str:
    return _change_array(path, choose, "", True, lambda values, choose: (None, "removed"))


def _one_not_finite(values: Any, choose: random.Random) -> tuple[Any, str]:
    place = tuple(choose.randrange(size) for size in values.shape)
    value = choose.choice([float("nan"), float("inf"), float("-inf")])
    values[place] = value
    return values, f"{value} at {place}"


def _change_array(path: Path, choose: random.Random, part: str, within: bool, change: Callable[..., Any]) -> str:
    """Write another array in the place of one, with valid checksums, as another program would."""
    import h5py

    with h5py.File(path, "r+") as file:
        names: list[str] = []
        file.visititems(
            lambda name, place: (
                names.append(name)
                if isinstance(place, h5py.Dataset) and place.dtype.kind in "fi" and (part in name) == within
                else None
            )
        )
        floats = [name for name in names if file[name].dtype.kind == "f"]
        if not names:  # of a file of maps, say, which has nothing else
            return _change_array(path, choose, "", True, change)
        name = choose.choice(floats if change is _one_not_finite else names)
        earlier = file[name]
        attributes = dict(earlier.attrs)
        values, said = change(earlier[()], choose)
        if values is not None and values.shape == earlier.shape:
            earlier[...] = values
            return f"{name}: {said}"
        del file[name]
        if values is not None:
            made = file.create_dataset(name, data=values)
            for key, value in attributes.items():
                made.attrs[key] = value
        return f"{name}: {said}"
