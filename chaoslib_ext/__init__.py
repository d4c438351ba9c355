"""The engine behind `probes` and `actions`: faults that are undone, verdicts, records and lessons."""

from typing import Any

__all__ = ["__version__", "discover"]
__version__ = "0.1.0"


def discover(discover_system: bool = True) -> Any:
    """List every probe and action we ship, for `chaos discover --no-install chaostoolkit-ext`."""
    from ._discovery import discovered

    return discovered()
