"""Which version of the program this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def app_version() -> str:
    """The installed version, or "source" for a checkout that is not installed."""
    try:
        return version("latent-loom")
    except PackageNotFoundError:
        return "source"
