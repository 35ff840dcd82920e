"""Which way a text reads."""

from __future__ import annotations

import pytest

from engine.right_to_left import reads_right_to_left


@pytest.mark.parametrize(
    ("text", "from_right"),
    [
        ("", False),
        ("12:30!", False),
        ('The dog saw צה"ל.', False),
        ("Où est-il ? Ωραία.", False),
        ("הילד קרא את Windows 11 בבית.", True),
        ("Windows 11 נפל אתמול בבית של אבא!", True),  # Unicode's own rule goes by the W
        ("ذهب الولد إلى المدرسة في 2024.", True),
        ("١٢٣ 456", False),
        ("__ שלום", True),
        ("Test sentence 6: “הילד קרא את הספר בבית של אבא.”", False),
        ("הוא אמר “hello my dear old friend” בבית", True),
        ("“הילד קרא”", True),
    ],
)
def test_most_letters_decide(text, from_right):
    assert reads_right_to_left(text) == from_right
