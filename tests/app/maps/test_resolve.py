"""What stands beneath the maps, derived from the atlas."""

from __future__ import annotations

from app.maps import resolve
from tests.app.fakes import fake_atlas


def test_active_units_say_beside_them_how_many_carry_anything():
    name, value, about = resolve.map_numbers(fake_atlas().numbers["vae"], 2)[1]
    assert (name, value) == ("AU", "2/2")
    assert "1 of 2 carry more than 0.1 nats of KL each" in about
    assert resolve.map_numbers(None, 2) == []
