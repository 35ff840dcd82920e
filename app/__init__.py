"""The window."""

from app.core.pyside.feature_check import skip_feature_check
from app.core.pyside.overrides import NEEDED, complete_errors

skip_feature_check()
if NEEDED:
    complete_errors()
