"""The window."""

from app.core.feature_check import skip_feature_check

skip_feature_check()
