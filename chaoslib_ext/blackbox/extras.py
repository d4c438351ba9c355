"""Libraries that not everybody needs: a question that needs one says how to get it."""

import importlib.util

from chaoslib_ext.errors import ProbeError

__all__ = ["need"]


def need(library: str, extra: str, purpose: str) -> None:
    """Raise ProbeError with the command to type when a library is not installed."""
    if importlib.util.find_spec(library) is None:
        raise ProbeError(
            f"{purpose} needs the Python package {library}, which is not installed: "
            f"pip install 'chaostoolkit-ext[{extra}]'"
        )
