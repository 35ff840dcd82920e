"""Times as people read them."""

from __future__ import annotations

import re
from datetime import datetime

from app.core.times import local


def test_a_time_is_read_to_the_minute_where_the_reader_is():
    read = local("2026-02-03T04:05:06+00:00")
    assert re.fullmatch(r"2026-02-0[234] \d\d:\d\d", read)
    assert (datetime.fromisoformat(read).astimezone() - datetime.fromisoformat("2026-02-03T04:05+00:00")).seconds == 0
    assert local("no time") == "no time"
