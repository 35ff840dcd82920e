"""The letters of scripts that put no spaces between words, as ranges within a class of a regular expression."""

from __future__ import annotations

HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
KANA = "\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
THAI = "\u0e00-\u0e7f"
UNSPACED = f"{HAN}{KANA}{THAI}"
