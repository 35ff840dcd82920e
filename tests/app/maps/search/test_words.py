"""What the search says where it has found nothing."""

from __future__ import annotations

from app.maps.search.words import nothing, nothing_to_keep


def test_what_was_looked_for_as_words_though_it_may_not_be_meant_so_is_told():
    assert nothing(" xylophone ") == "No test sentence holds “xylophone”."
    open_slash = "A regular expression ends with a slash, too."
    assert nothing("/^who").startswith("No test sentence holds “/^who”. “/^who” was looked for as it stands;")
    assert nothing("/^who").lower().endswith(open_slash.lower())
    assert nothing('"was').endswith("A quote in it is not closed.")
    assert nothing_to_keep("/^who", searching=False).endswith("too. There is nothing to keep.")
