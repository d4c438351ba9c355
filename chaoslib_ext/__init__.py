"""The engine behind `probes` and `actions`: faults that are undone, verdicts, records and lessons."""

import os
from typing import Any

__all__ = ["__version__", "discover", "started_in"]
__version__ = "0.1.0"

try:
    started_in: str | None = os.getcwd()
    """The working directory when this process began, whatever an activity makes of it."""
except OSError:  # it was deleted
    started_in = None


def discover(discover_system: bool = True) -> Any:
    """List every probe and action we ship, for `chaos discover --no-install chaostoolkit-ext`."""
    from ._discovery import discovered

    return discovered()
